import type { TcpFlag } from './tcp-window.ts';

/** States of a tracked TCP connection (enum tcp_conntrack), with what makes a packet INVALID or leaves the state alone. */
export type TcpState =
  | 'NONE'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'SYN_SENT2';
export type TcpNext = TcpState | 'INVALID' | 'IGNORE';

export const TCP_STATES: readonly TcpState[] = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
];

const NAMES: Record<string, TcpNext> = {
  NO: 'NONE',
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  ES: 'ESTABLISHED',
  FW: 'FIN_WAIT',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  S2: 'SYN_SENT2',
  IV: 'INVALID',
  IG: 'IGNORE',
};

const row = (text: string): TcpNext[] => text.split(' ').map((name) => NAMES[name] as TcpNext);

/** What each kind of segment does in each state, as the kernel's table tcp_conntracks has it: first the originator's, then replies. */
const TABLES: readonly [Record<TcpFlag, TcpNext[]>, Record<TcpFlag, TcpNext[]>] = [
  {
    //            NO SS SR ES FW CW LA TW CL S2
    syn: row('SS SS IG IG IG IG IG SS SS S2'),
    synack: row('IV IV SR IV IV IV IV IV IV SR'),
    fin: row('IV IV FW FW LA LA LA TW CL IV'),
    ack: row('ES IV ES ES CW CW TW TW CL IV'),
    rst: row('IV CL CL CL CL CL CL CL CL CL'),
    none: row('IV IV IV IV IV IV IV IV IV IV'),
  },
  {
    syn: row('IV S2 IV IV IV IV IV SS IV S2'),
    synack: row('IV SR IG IG IG IG IG IG IG SR'),
    fin: row('IV IV FW FW LA LA LA TW CL IV'),
    ack: row('IV IG SR ES CW CW TW TW CL IG'),
    rst: row('IV CL CL CL CL CL CL CL CL CL'),
    none: row('IV IV IV IV IV IV IV IV IV IV'),
  },
];

export function nextTcpState(reply: boolean, flag: TcpFlag, state: string): TcpNext {
  return TABLES[reply ? 1 : 0][flag][TCP_STATES.indexOf(state as TcpState)] as TcpNext;
}
