import { formatIPv4, formatIPv6 } from '../../base/address.ts';
import type { TracedPacket } from '../../kernel/netfilter/packet-trace.ts';
import { be16 } from '../../wire/endian.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import * as tcp from '../../wire/tcp.ts';

/** The packet of a trace as `xtables-monitor` has it, each word with a space behind (iptables/xtables-monitor.c). */
export function tracedPacketText(
  { input, output, link, network, transport, nfproto, protocol }: TracedPacket,
  inet: boolean,
  mark: number,
): string {
  let text = '';
  if (input) text += `IN=${input.name} `;
  if (output) text += `OUT=${output.name} `;
  if (inet) text += `NFPROTO=${nfproto === 4 ? 2 : 10} `;
  if (link) text += linkText(link);
  else if (input?.type === 'loopback') text += 'LOOPBACK ';
  if (nfproto === 4) text += ipv4Text(network);
  else if (nfproto === 6) text += ipv6Text(network);
  if (transport) text += transportText(protocol, transport);
  return mark === 0 ? text : `${text}MARK=0x${mark.toString(16)} `;
}

function linkText(link: Uint8Array): string {
  const mac = (from: number) => Array.from(link.subarray(from, from + 6), (byte) => byte.toString(16)).join(':');
  return `MACSRC=${mac(6)} MACDST=${mac(0)} MACPROTO=${be16(link, 12).toString(16).padStart(4, '0')} `;
}

function ipv4Text(b: Uint8Array): string {
  if (b.length < ip.IPV4_HEADER) return '';
  let text = `SRC=${formatIPv4(ip.source(b, 0))} DST=${formatIPv4(ip.destination(b, 0))} `;
  text += `LEN=${ip.totalLength(b, 0)} TOS=0x${ip.tos(b, 0).toString(16)} TTL=${ip.ttl(b, 0)} ID=${ip.identification(b, 0)} `;
  const fragment = be16(b, 6);
  if (fragment & 0x8000) text += 'CE ';
  if (fragment & 0x4000) text += 'DF ';
  if (fragment & 0x2000) text += 'MF ';
  if (fragment & 0x1fff) text += `FRAG:${fragment & 0x1fff} `;
  const options = b.subarray(ip.IPV4_HEADER, ip.headerLength(b, 0));
  const hex = Array.from(options, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
  return hex === '' ? text : `${text}OPT (${hex})`;
}

function ipv6Text(b: Uint8Array): string {
  if (b.length < ip6.IPV6_HEADER) return '';
  const addresses = `SRC=${formatIPv6(ip6.source(b, 0))} DST=${formatIPv6(ip6.destination(b, 0))} `;
  // The length of an IPv4 header is added, as the tool does.
  const length = ip6.payloadLength(b, 0) + ip.IPV4_HEADER;
  return `${addresses}LEN=${length} TC=${ip6.trafficClass(b, 0)} HOPLIMIT=${ip6.hopLimit(b, 0)} FLOWLBL=${ip6.flowLabel(b, 0)} `;
}

const FLAGS = ['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG'] as const;
const PORTS: readonly number[] = [ip.PROTOCOL.TCP, ip.PROTOCOL.UDP, ip.PROTOCOL.UDPLite, 33, 132];

function transportText(protocol: number, b: Uint8Array): string {
  const isTcp = protocol === ip.PROTOCOL.TCP;
  if (!PORTS.includes(protocol) || b.length < (isTcp ? tcp.TCP_HEADER : 4)) return '';
  let text = `SPORT=${be16(b, 0)} DPORT=${be16(b, 2)} `;
  if (isTcp) for (const name of FLAGS) if (tcp.flags(b, 0) & tcp.TCP_FLAG[name]) text += `${name} `;
  return text;
}
