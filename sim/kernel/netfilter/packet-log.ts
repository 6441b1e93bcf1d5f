import { formatIPv4 } from '../../base/address.ts';
import { be16 } from '../../wire/endian.ts';
import { ETHERNET_HEADER } from '../../wire/ethernet.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import * as tcp from '../../wire/tcp.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { Skb } from '../skb.ts';
import type { HookState } from './hooks.ts';

/** What a log line says beyond the usual (include/uapi/linux/netfilter/nf_log.h). */
export const LOG_FLAG = { tcpSequence: 1, tcpOptions: 2, ipOptions: 4, uid: 8, macDecode: 32 } as const;

const { TCP, UDP, UDPLite, ICMP, ICMPv6 } = ip.PROTOCOL;

/** A packet as the kernel's log shows it (net/netfilter/nf_log_syslog.c). */
export function describePacket(skb: Skb, state: HookState, flags: number): string {
  const { input, output, family } = state;
  let text = `IN=${input?.name ?? ''} OUT=${output?.name ?? ''} `;
  if (skb.bridged) {
    if (skb.bridged.input !== input) text += `PHYSIN=${skb.bridged.input.name} `;
    if (skb.bridged.output && skb.bridged.output !== output) text += `PHYSOUT=${skb.bridged.output.name} `;
  }
  if (input) text += linkHeader(skb, flags);
  text += family === 4 ? ipv4Text(skb.bytes, skb.network, skb.end, flags, true) : ipv6Text(skb.bytes, skb.network, skb.end, flags, true);
  if (skb.mark !== 0) text += `MARK=0x${skb.mark.toString(16)} `;
  return text;
}

function linkHeader(skb: Skb, flags: number): string {
  const { bytes, mac, network, dev } = skb;
  if (mac === 0 || network - mac < ETHERNET_HEADER || dev?.type === 'loopback') {
    // Loopback has a header of zeros.
    return dev?.type === 'loopback' ? `MAC=${'00:'.repeat(12)}08:00 ` : 'MAC= ';
  }
  const pairs = Array.from(bytes.subarray(mac, mac + ETHERNET_HEADER), (byte) => byte.toString(16).padStart(2, '0'));
  if ((flags & LOG_FLAG.macDecode) === 0) return `MAC=${pairs.join(':')} `;
  return `MACSRC=${pairs.slice(6, 12).join(':')} MACDST=${pairs.slice(0, 6).join(':')} MACPROTO=${pairs.slice(12).join('')} `;
}

function ipv4Text(b: Uint8Array, at: number, end: number, flags: number, outer: boolean): string {
  if (end - at < ip.IPV4_HEADER) return 'TRUNCATED';
  const header = ip.headerLength(b, at);
  let text = `SRC=${formatIPv4(ip.source(b, at))} DST=${formatIPv4(ip.destination(b, at))} `;
  const tos = ip.tos(b, at);
  text += `LEN=${ip.totalLength(b, at)} TOS=0x${byteText(tos & 0x1e)} PREC=0x${byteText(tos & 0xe0)} TTL=${ip.ttl(b, at)} ID=${ip.identification(b, at)} `;
  const fragment = be16(b, at + 6);
  if (fragment & 0x8000) text += 'CE ';
  if (fragment & 0x4000) text += 'DF ';
  if (fragment & 0x2000) text += 'MF ';
  if (fragment & 0x1fff) text += `FRAG:${fragment & 0x1fff} `;
  if (flags & LOG_FLAG.ipOptions && header > ip.IPV4_HEADER) text += `OPT (${hexText(b, at + ip.IPV4_HEADER, at + header)}) `;
  return text + upperText(b, at + header, end, ip.protocol(b, at), flags, (fragment & 0x1fff) !== 0, 4, outer);
}

function ipv6Text(b: Uint8Array, at: number, end: number, flags: number, outer: boolean): string {
  if (end - at < ip6.IPV6_HEADER) return 'TRUNCATED';
  const address = (value: bigint) =>
    value
      .toString(16)
      .padStart(32, '0')
      .replace(/(.{4})(?=.)/g, '$1:');
  let text = `SRC=${address(ip6.source(b, at))} DST=${address(ip6.destination(b, at))} `;
  text += `LEN=${ip6.payloadLength(b, at) + ip6.IPV6_HEADER} TC=${ip6.trafficClass(b, at)} HOPLIMIT=${ip6.hopLimit(b, at)} FLOWLBL=${ip6.flowLabel(b, at)} `;
  const upper = ip6.upperLayer(b, at, end);
  if (isWireError(upper)) return text;
  return text + upperText(b, upper.offset, end, upper.protocol, flags, upper.protocol === ip6.PROTOCOL.Fragment, 6, outer);
}

function upperText(
  b: Uint8Array,
  at: number,
  end: number,
  protocol: number,
  flags: number,
  later: boolean,
  family: 4 | 6,
  outer: boolean,
): string {
  const incomplete = (name: string) => `PROTO=${name} INCOMPLETE [${Math.max(0, end - at)} bytes] `;
  switch (protocol) {
    case TCP: {
      if (later) return 'PROTO=TCP ';
      return end - at < tcp.TCP_HEADER ? incomplete('TCP') : tcpText(b, at, end, flags);
    }
    case UDP:
    case UDPLite: {
      const name = protocol === UDP ? 'UDP' : 'UDPLITE';
      if (later) return `PROTO=${name} `;
      return end - at < 8 ? incomplete(name) : `PROTO=${name} SPT=${be16(b, at)} DPT=${be16(b, at + 2)} LEN=${be16(b, at + 4)} `;
    }
    case ICMP:
    case ICMPv6: {
      const name = protocol === ICMP ? 'ICMP' : 'ICMPv6';
      if (later) return `PROTO=${name} `;
      if (end - at < icmp.ICMP_HEADER) return incomplete(name);
      return `PROTO=${name} TYPE=${b[at]} CODE=${b[at + 1]} ${family === 4 ? icmpText(b, at, end, flags, outer) : icmpv6Text(b, at, end, flags, outer)}`;
    }
    default:
      return `PROTO=${protocol} `;
  }
}

function tcpText(b: Uint8Array, at: number, end: number, flags: number): string {
  let text = `PROTO=TCP SPT=${tcp.sourcePort(b, at)} DPT=${tcp.destinationPort(b, at)} `;
  if (flags & LOG_FLAG.tcpSequence) text += `SEQ=${tcp.sequence(b, at)} ACK=${tcp.acknowledgement(b, at)} `;
  text += `WINDOW=${tcp.window(b, at)} RES=0x${byteText(((b[at + 12] as number) & 0x0f) << 2)} `;
  for (const name of ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'] as const)
    if (tcp.flags(b, at) & tcp.TCP_FLAG[name]) text += `${name} `;
  text += `URGP=${tcp.urgentPointer(b, at)} `;
  const header = Math.min(end, at + tcp.headerLength(b, at));
  if (flags & LOG_FLAG.tcpOptions && header > at + tcp.TCP_HEADER) text += `OPT (${hexText(b, at + tcp.TCP_HEADER, header)}) `;
  return text;
}

function icmpText(b: Uint8Array, at: number, end: number, flags: number, outer: boolean): string {
  const type = b[at] as number;
  if (type === icmp.ICMP_TYPE.Echo || type === icmp.ICMP_TYPE.EchoReply) return `ID=${icmp.identifier(b, at)} SEQ=${icmp.sequence(b, at)} `;
  let text = '';
  if (type === icmp.ICMP_TYPE.ParameterProblem) text = `PARAMETER=${icmp.pointer(b, at)} `;
  else if (type === icmp.ICMP_TYPE.Redirect) text = `GATEWAY=${formatIPv4(icmp.gateway(b, at))} `;
  if (outer && icmp.isError(type)) text += `[${ipv4Text(b, at + icmp.ICMP_HEADER, end, flags, false)}] `;
  if (type === icmp.ICMP_TYPE.Unreachable && b[at + 1] === icmp.ICMP_UNREACHABLE.FragmentationNeeded) text += `MTU=${icmp.mtu(b, at)} `;
  return text;
}

function icmpv6Text(b: Uint8Array, at: number, end: number, flags: number, outer: boolean): string {
  const type = b[at] as number;
  if (type === 128 || type === 129) return `ID=${be16(b, at + 4)} SEQ=${be16(b, at + 6)} `;
  let text = '';
  if (type < 128 && outer) text = `[${ipv6Text(b, at + icmp.ICMP_HEADER, end, flags, false)}] `;
  if (type === 2) text += `MTU=${(be16(b, at + 4) << 16) | be16(b, at + 6)} `;
  return text;
}

function byteText(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}

function hexText(b: Uint8Array, from: number, to: number): string {
  return Array.from(b.subarray(from, to), byteText).join('');
}
