import { formatIP } from '../../base/address.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
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
  /** `ktimestamp` */
  times: boolean;
  /** Names of labels, where they are to be shown. */
  labels: ReadonlyMap<string, number> | undefined;
}

/** The names of a connection's labels. */
export function labelNames({ labels }: Connection, map: ReadonlyMap<string, number>): string[] {
  const named = [...map].filter(([, bit]) => (labels >> BigInt(bit)) & 1n);
  return named.toSorted(([, a], [, b]) => a - b).map(([name]) => name);
}

function labelsText(connection: Connection, { labels }: EntryFormat): string {
  const names = labels ? labelNames(connection, labels) : [];
  return names.length > 0 ? ` labels=${names.join(',')}` : '';
}

/** How long it has been there, with `ktimestamp` since when; of those that began while times were noted. */
function timesText(connection: Connection, now: number, { times }: EntryFormat): string {
  if (!connection.timed) return '';
  const seconds = Math.floor(now / SECOND) - Math.floor(connection.created / SECOND);
  return ` delta-time=${seconds}${times ? ` [start=${strftime('%a %b %e %H:%M:%S %Y', momentOf(connection.created))}]` : ''}`;
}

function xmlExtras(
  connection: Connection,
  now: number,
  { labels }: EntryFormat,
): { seconds: number | undefined; labels: readonly string[] } {
  const seconds = connection.timed ? Math.floor(now / SECOND) - Math.floor(connection.created / SECOND) : undefined;
  return { seconds, labels: labels ? labelNames(connection, labels) : [] };
}

/** A line of `conntrack -L`, without its newline. */
export function entryText(connection: Connection, now: number, format: EntryFormat, use = 1): string {
  if (format.save) return saveText(connection, now);
  if (format.xml) return flowXml(connection, secondsLeft(connection, now), { use }, xmlExtras(connection, now, format));
  const family = format.extended ? familyText(connection) : '';
  const id = format.id ? ` id=${connection.id}` : '';
  const body = `${family}${entryBody(connection, secondsLeft(connection, now))}mark=${connection.mark}${zoneText(connection)}`;
  const helper = connection.helper === undefined ? '' : ` helper=${connection.helper}`;
  return `${body}${timesText(connection, now, format)}${helper} use=${use}${id}${labelsText(connection, format)}`;
}

/** ` zone=…` where there is one. */
function zoneText(connection: Connection): string {
  const zone = zoneOf(connection);
  return zone ? ` zone=${zone}` : '';
}

/** A jiffy, at 250 a second. */
const TICK = SECOND / 250;

export type EventName = 'NEW' | 'UPDATE' | 'DESTROY';

/**
 * A line of `conntrack -E`, without its newline.
 * @param portid the netlink port of the process that caused it; 0 for a packet
 */
export function eventText(
  event: EventName,
  connection: Connection,
  now: number,
  format: EntryFormat,
  portid: number,
  labelled: boolean,
): string {
  // The kernel counts in ticks, so that within the first the time is still whole.
  const left = Math.floor((Math.ceil(Math.max(0, connection.expires - now) / TICK) * TICK) / SECOND);
  if (format.xml) return flowXml(connection, left, { event });
  const family = format.extended ? familyText(connection) : '';
  const mark = connection.mark === 0 && (portid === 0 || event === 'DESTROY') ? '' : `mark=${connection.mark} `;
  const id = format.id ? `id=${connection.id} ` : '';
  const times = event === 'DESTROY' ? timesText(connection, now, format).slice(1) : '';
  const labels = labelled || portid !== 0 || event === 'DESTROY' ? labelsText(connection, format).slice(1) : '';
  // Only the last message counts what has passed.
  const body = entryBody(connection, event === 'DESTROY' && left === 0 ? undefined : left, formatIP, event === 'DESTROY');
  const user = portid === 0 ? '' : `[USERSPACE] portid=${portid}`;
  const rest = [`${body}${mark}`.trimEnd(), zoneText(connection).slice(1), times, id.trimEnd(), labels, user].filter((part) => part !== '');
  return `${`[${event}]`.padStart(9)} ${family}${rest.join(' ')}`;
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
