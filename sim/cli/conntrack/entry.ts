import { formatIP } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import { type Connection, STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import { entryBody, familyText, isQuery, PROTOCOLS, protocolName, secondsLeft, zoneOf } from '../../kernel/netfilter/conntrack/describe.ts';
import { flowXml } from './xml.ts';
import { hasPorts } from '../../kernel/netfilter/conntrack/tuple.ts';

/** How `-o` wants entries. */
export interface EntryFormat {
  extended: boolean;
  id: boolean;
  /** As arguments for `conntrack -A`. */
  save: boolean;
  xml: boolean;
}

/** A line of `conntrack -L`, without its newline. */
export function entryText(connection: Connection, now: number, format: EntryFormat, use = 1): string {
  if (format.save) return saveText(connection, now);
  if (format.xml) return flowXml(connection, secondsLeft(connection, now), { use });
  const family = format.extended ? familyText(connection) : '';
  const id = format.id ? ` id=${connection.id}` : '';
  return `${family}${entryBody(connection, secondsLeft(connection, now))}mark=${connection.mark}${zoneText(connection)} use=${use}${id}`;
}

/** ` zone=…` where there is one. */
function zoneText(connection: Connection): string {
  const zone = zoneOf(connection);
  return zone ? ` zone=${zone}` : '';
}

export type EventName = 'NEW' | 'UPDATE' | 'DESTROY';

/**
 * A line of `conntrack -E`, without its newline.
 * @param portid the netlink port of the process that caused it; 0 for a packet
 */
export function eventText(event: EventName, connection: Connection, now: number, format: EntryFormat, portid: number): string {
  const left = Math.floor(Math.max(0, connection.expires - now) / SECOND);
  if (format.xml) return flowXml(connection, left, { event });
  const family = format.extended ? familyText(connection) : '';
  const mark = connection.mark === 0 && (portid === 0 || event === 'DESTROY') ? '' : `mark=${connection.mark} `;
  const id = format.id ? `id=${connection.id} ` : '';
  const user = portid === 0 ? '' : `[USERSPACE] portid=${portid}`;
  const shown = event === 'DESTROY' && left === 0 ? undefined : left;
  return `${`[${event}]`.padStart(9)} ${family}${entryBody(connection, shown)}${mark}${zoneText(connection).slice(1)}${zoneOf(connection) ? ' ' : ''}${id}${user}`.trimEnd();
}

/** The call that would make it again. */
function saveText(connection: Connection, now: number): string {
  const { original, replyDirection, protocol } = connection;
  const status = (['SEEN_REPLY', 'ASSURED', 'FIXED_TIMEOUT'] as const).filter((name) => connection.has(STATUS[name])).join(',') || 'UNSET';
  let text = `-A -t ${secondsLeft(connection, now)} -u ${status} `;
  if (zoneOf(connection)) text += `-w ${original.zone} `;
  else {
    if (original.zone !== 0) text += `--orig-zone ${original.zone} `;
    if (replyDirection.zone !== 0) text += `--reply-zone ${replyDirection.zone} `;
  }
  text += `-s ${formatIP(original.source)} -d ${formatIP(original.destination)} `;
  text += `${connection.has(STATUS.DST_NAT) ? '-g' : '-r'} ${formatIP(replyDirection.source)} `;
  text += `${connection.has(STATUS.SRC_NAT) ? '-n' : '-q'} ${formatIP(replyDirection.destination)} -p ${protocolName(protocol)} `;
  if (isQuery(protocol)) {
    text += `--icmp-type ${original.destinationPort >>> 8} --icmp-code ${original.destinationPort & 0xff} --icmp-id ${original.sourcePort} `;
  } else if (protocol === PROTOCOLS.gre) {
    text += `--srckey ${original.sourcePort} --dstkey ${original.destinationPort} `;
    text += `--reply-key-src ${replyDirection.sourcePort} --reply-key-dst ${replyDirection.destinationPort} `;
  } else if (hasPorts(protocol)) {
    text += `--sport ${original.sourcePort} --dport ${original.destinationPort} `;
    text += `--reply-port-src ${replyDirection.sourcePort} --reply-port-dst ${replyDirection.destinationPort} `;
  }
  if (connection.tcpState !== '') text += `--state ${connection.tcpState} `;
  if (connection.vtags) text += `--orig-vtag ${connection.vtags[0]} --reply-vtag ${connection.vtags[1]} `;
  return text.trimEnd();
}
