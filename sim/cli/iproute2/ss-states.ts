/** The names of `state NAME` and `exclude NAME` (misc/ss.c `sstate_namel`). */
const STATES: Readonly<Record<string, string>> = {
  established: 'ESTAB',
  'syn-sent': 'SYN-SENT',
  'syn-recv': 'SYN-RECV',
  'fin-wait-1': 'FIN-WAIT-1',
  'fin-wait-2': 'FIN-WAIT-2',
  'time-wait': 'TIME-WAIT',
  unconnected: 'UNCONN',
  closed: 'UNCONN',
  'close-wait': 'CLOSE-WAIT',
  'last-ack': 'LAST-ACK',
  listening: 'LISTEN',
  closing: 'CLOSING',
};

export const ALL_STATES: readonly string[] = [...new Set(Object.values(STATES))];
const CONNECTED: readonly string[] = ALL_STATES.filter((state) => state !== 'LISTEN' && state !== 'UNCONN');

/** What is shown of connections unless listeners, all or some states are asked for. */
export const SHOWN_STATES: readonly string[] = CONNECTED.filter((state) => state !== 'TIME-WAIT' && state !== 'SYN-RECV');

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  all: ALL_STATES,
  connected: CONNECTED,
  synchronized: CONNECTED.filter((state) => state !== 'SYN-SENT'),
  bucket: ['SYN-RECV', 'TIME-WAIT'],
  big: ALL_STATES.filter((state) => state !== 'SYN-RECV' && state !== 'TIME-WAIT'),
};

/** The states of a name, or nothing. */
export function statesOf(name: string): readonly string[] | undefined {
  const lower = name.toLowerCase();
  return GROUPS[lower] ?? (STATES[lower] === undefined ? undefined : [STATES[lower]]);
}
