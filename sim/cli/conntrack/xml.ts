import { formatIP } from '../../base/address.ts';
import { type Connection, type Direction, FAMILY_NUMBER, STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import { protocolName, zoneOf } from '../../kernel/netfilter/conntrack/describe.ts';
import { hasPorts } from '../../kernel/netfilter/conntrack/tuple.ts';

export const XML_START = '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n';
export const XML_END = '</conntrack>\n';

const tag = (name: string, value: number | string): string => `<${name}>${value}</${name}>`;

function directionXml(direction: Direction, counters: { packets: number; bytes: number } | undefined, shared: boolean): string {
  const { connection, source, destination, sourcePort, destinationPort, zone } = direction;
  const { family, protocol } = connection;
  const addresses = tag('src', formatIP(source)) + tag('dst', formatIP(destination));
  const ports = hasPorts(protocol) ? tag('sport', sourcePort) + tag('dport', destinationPort) : '';
  let text = `<meta direction="${direction.reply ? 'reply' : 'original'}">`;
  text += `<layer3 protonum="${FAMILY_NUMBER[family]}" protoname="ipv${family}">${addresses}</layer3>`;
  text += `<layer4 protonum="${protocol}" protoname="${protocolName(protocol)}">${ports}</layer4>`;
  if (!shared && zone !== 0) text += tag('zone', zone);
  if (counters) text += `<counters>${tag('packets', counters.packets)}${tag('bytes', counters.bytes)}</counters>`;
  return `${text}</meta>`;
}

/**
 * An entry as `-o xml` has it (snprintf_xml of libnetfilter_conntrack).
 *
 * @param left seconds to live
 * @param shown how many hold it, in a list, or what has happened to it
 */
export function flowXml(
  connection: Connection,
  left: number,
  shown: { use: number } | { event: 'NEW' | 'UPDATE' | 'DESTROY' },
  more: { seconds: number | undefined; labels: readonly string[] } = { seconds: undefined, labels: [] },
): string {
  const { accounting, original, replyDirection, tcpState, mark } = connection;
  const event = 'event' in shown ? shown.event : undefined;
  const zone = zoneOf(connection);
  const both = zone !== undefined;
  const back = accounting && { packets: accounting.replyPackets, bytes: accounting.replyBytes };
  // Of events only the last tells what has passed.
  const counted = event === undefined || event === 'DESTROY' ? accounting : undefined;
  let text = `<flow${event ? ` type="${event.toLowerCase()}"` : ''}>`;
  text += directionXml(original, counted, both) + directionXml(replyDirection, counted && back, both);
  text += '<meta direction="independent">';
  if (tcpState !== '') text += tag('state', tcpState);
  text += tag('timeout', left);
  if (event !== 'DESTROY' || mark !== 0) text += tag('mark', mark);
  if (zone) text += tag('zone', zone);
  if ('use' in shown) text += tag('use', shown.use);
  text += tag('id', connection.id);
  if (connection.has(STATUS.ASSURED)) text += '<assured/>';
  if (!connection.has(STATUS.SEEN_REPLY)) text += '<unreplied/>';
  if (more.seconds !== undefined) text += tag('deltatime', more.seconds);
  if (more.labels.length > 0) text += tag('labels', more.labels.map((name) => tag('label', name)).join(''));
  return `${text}</meta></flow>`;
}
