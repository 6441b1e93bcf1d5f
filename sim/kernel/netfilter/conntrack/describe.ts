import { formatIP, type IP } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import { type Connection, type Direction, FAMILY_NUMBER, STATUS } from './connection.ts';
import { hasPorts } from './tuple.ts';

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

export function protocolName(protocol: number): string {
  return Object.entries(PROTOCOLS).find(([, number]) => number === protocol)?.[0] ?? 'unknown';
}

export function isQuery(protocol: number): boolean {
  return protocol === PROTOCOLS.icmp || protocol === PROTOCOLS.icmpv6;
}

type AddressText = (address: IP) => string;

/** As the kernel's %pI6 writes them: nothing is left out. */
function wholeIP(address: IP): string {
  if (typeof address === 'number') return formatIP(address);
  return (address.toString(16).padStart(32, '0').match(/.{4}/g) as string[]).join(':');
}

function tuple({ connection, source, destination, sourcePort, destinationPort }: Direction, write: AddressText): string {
  const text = `src=${write(source)} dst=${write(destination)} `;
  if (isQuery(connection.protocol)) return `${text}type=${destinationPort >>> 8} code=${destinationPort & 0xff} id=${sourcePort} `;
  if (connection.protocol === PROTOCOLS.gre) return `${text}srckey=0x${sourcePort.toString(16)} dstkey=0x${destinationPort.toString(16)} `;
  return hasPorts(connection.protocol) ? `${text}sport=${sourcePort} dport=${destinationPort} ` : text;
}

/** Seconds until it ends. */
export function secondsLeft(connection: Connection, now: number): number {
  return Math.max(0, Math.floor((connection.expires - now) / SECOND));
}

/**
 * An entry without its mark and the like, as lists and events have it (snprintf_default of libnetfilter_conntrack).
 * @param left seconds to live; `undefined` leaves them out
 * @param write how addresses are written
 * @param counters whether what has passed is told, where it is counted
 */
export function entryBody(connection: Connection, left: number | undefined, write: AddressText = formatIP, counters = true): string {
  const { protocol, original, replyDirection, tcpState } = connection;
  const accounting = counters ? connection.accounting : undefined;
  let text = `${protocolName(protocol).padEnd(8)} ${protocol} `;
  if (left !== undefined) text += `${left} `;
  if (tcpState !== '') text += `${tcpState} `;
  text += tuple(original, write);
  const shared = original.zone === replyDirection.zone;
  if (!shared && original.zone !== 0) text += `zone-orig=${original.zone} `;
  if (accounting) text += `packets=${accounting.packets} bytes=${accounting.bytes} `;
  if (!connection.has(STATUS.SEEN_REPLY)) text += '[UNREPLIED] ';
  text += tuple(replyDirection, write);
  if (!shared && replyDirection.zone !== 0) text += `zone-reply=${replyDirection.zone} `;
  if (accounting) text += `packets=${accounting.replyPackets} bytes=${accounting.replyBytes} `;
  return connection.has(STATUS.ASSURED) ? `${text}[ASSURED] ` : text;
}

/** What stands before an entry where both families are shown. */
export function familyText({ family }: Connection): string {
  return `ipv${family}     ${FAMILY_NUMBER[family]} `;
}

/** The zone of both directions; `undefined` where each has its own. */
export function zoneOf({ original, replyDirection }: Connection): number | undefined {
  return original.zone === replyDirection.zone ? original.zone : undefined;
}

/** A line of /proc/net/nf_conntrack, without its newline (ct_seq_show). */
export function procLine(connection: Connection, now: number): string {
  const zone = zoneOf(connection);
  const body = entryBody(connection, secondsLeft(connection, now), wholeIP);
  const timed = connection.timed ? ` delta-time=${Math.floor(now / SECOND) - Math.floor(connection.created / SECOND)}` : '';
  return `${familyText(connection)}${body}mark=${connection.mark}${zone === undefined ? '' : ` zone=${zone}`}${timed} use=2`;
}
