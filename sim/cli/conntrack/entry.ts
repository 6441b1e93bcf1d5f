import { formatIP } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import { type Connection, type Direction, FAMILY_NUMBER, STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import { hasPorts } from '../../kernel/netfilter/conntrack/tuple.ts';

/** Names of tracked protocols. */
export const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
};

/** How `-o` wants entries. */
export interface EntryFormat {
  extended: boolean;
  id: boolean;
  /** As arguments for `conntrack -A`. */
  save: boolean;
}

export function protocolName(protocol: number): string {
  return Object.entries(PROTOCOLS).find(([, number]) => number === protocol)?.[0] ?? 'unknown';
}

function isIcmp(protocol: number): boolean {
  return protocol === PROTOCOLS.icmp || protocol === PROTOCOLS.icmpv6;
}

function tuple({ connection, source, destination, sourcePort, destinationPort }: Direction): string {
  const text = `src=${formatIP(source)} dst=${formatIP(destination)} `;
  if (isIcmp(connection.protocol)) return `${text}type=${destinationPort >>> 8} code=${destinationPort & 0xff} id=${sourcePort} `;
  return hasPorts(connection.protocol) ? `${text}sport=${sourcePort} dport=${destinationPort} ` : text;
}

/** Seconds until it ends. */
export function secondsLeft(connection: Connection, now: number): number {
  return Math.max(0, Math.floor((connection.expires - now) / SECOND));
}

/**
 * An entry without its mark and the like, as lists and events have it (snprintf_default of libnetfilter_conntrack).
 * @param left seconds to live; `undefined` leaves them out
 */
function body(connection: Connection, left: number | undefined): string {
  const { protocol, original, replyDirection, accounting, tcpState } = connection;
  let text = `${protocolName(protocol).padEnd(8)} ${protocol} `;
  if (left !== undefined) text += `${left} `;
  if (tcpState !== '') text += `${tcpState} `;
  text += tuple(original);
  if (accounting) text += `packets=${accounting.packets} bytes=${accounting.bytes} `;
  if (!connection.has(STATUS.SEEN_REPLY)) text += '[UNREPLIED] ';
  text += tuple(replyDirection);
  if (accounting) text += `packets=${accounting.replyPackets} bytes=${accounting.replyBytes} `;
  return connection.has(STATUS.ASSURED) ? `${text}[ASSURED] ` : text;
}

/** A line of `conntrack -L`, without its newline. */
export function entryText(connection: Connection, now: number, format: EntryFormat): string {
  if (format.save) return saveText(connection, now);
  const family = format.extended ? `ipv${connection.family}     ${FAMILY_NUMBER[connection.family]} ` : '';
  const id = format.id ? ` id=${connection.id}` : '';
  return `${family}${body(connection, secondsLeft(connection, now))}mark=${connection.mark} use=1${id}`;
}

export type EventName = 'NEW' | 'UPDATE' | 'DESTROY';

/** A line of `conntrack -E`, without its newline. */
export function eventText(event: EventName, connection: Connection, now: number, format: EntryFormat): string {
  const family = format.extended ? `ipv${connection.family}     ${FAMILY_NUMBER[connection.family]} ` : '';
  const left = Math.round(Math.max(0, connection.expires - now) / SECOND);
  const mark = connection.mark === 0 ? '' : `mark=${connection.mark} `;
  const id = format.id ? `id=${connection.id} ` : '';
  const shown = event === 'DESTROY' && left === 0 ? undefined : left;
  return `${`[${event}]`.padStart(9)} ${family}${body(connection, shown)}${mark}${id}`.trimEnd();
}

/** The call that would make it again. */
function saveText(connection: Connection, now: number): string {
  const { original, replyDirection, protocol } = connection;
  const status = (['SEEN_REPLY', 'ASSURED'] as const).filter((name) => connection.has(STATUS[name])).join(',');
  let text = `-A -t ${secondsLeft(connection, now)} ${status === '' ? '' : `-u ${status} `}`;
  text += `-s ${formatIP(original.source)} -d ${formatIP(original.destination)} `;
  text += `-r ${formatIP(replyDirection.source)} -q ${formatIP(replyDirection.destination)} -p ${protocolName(protocol)} `;
  if (isIcmp(protocol)) {
    text += `--icmp-type ${original.destinationPort >>> 8} --icmp-code ${original.destinationPort & 0xff} --icmp-id ${original.sourcePort} `;
  } else if (hasPorts(protocol)) {
    text += `--sport ${original.sourcePort} --dport ${original.destinationPort} `;
    text += `--reply-port-src ${replyDirection.sourcePort} --reply-port-dst ${replyDirection.destinationPort} `;
  }
  if (connection.tcpState !== '') text += `--state ${connection.tcpState} `;
  return (connection.mark === 0 ? text : `${text}--mark ${connection.mark} `).trimEnd();
}
