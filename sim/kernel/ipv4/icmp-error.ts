import { type IPv4, IPV4_BROADCAST, isMulticastIPv4 } from '../../base/address.ts';
import { emitIcmp, ICMP_HEADER, type Icmp, isError } from '../../wire/icmp.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { attach } from '../netfilter/conntrack/attach.ts';
import { Skb } from '../skb.ts';
import { localOut, pushHeader } from './output.ts';
import { buildOptions, echoOptions, type Ipv4Options } from './options.ts';
import { type Ipv4Destination, routeOutput, selectSource } from './route.ts';
import { SCOPE } from './interface.ts';
import type { Ipv4Stack } from './stack.ts';

/** Errors are at most this long, header included (RFC 1812 §4.3.2.3 and icmp_send). */
const MAX_ERROR = 576;

/** An error to send; the quote is filled in. */
export type IcmpError =
  | { kind: 'unreachable'; code: number; mtu: number }
  | { kind: 'time-exceeded'; code: number }
  | { kind: 'parameter-problem'; code: number; pointer: number }
  | { kind: 'redirect'; code: number; gateway: IPv4 };

/**
 * Tells the sender of a packet what became of it (icmp_send): never about errors, fragments but the first, broadcasts, and not
 * more often than the rate limit allows.
 *
 * @param skb the offending packet, with `network` at its IPv4 header
 */
export function sendError(stack: Ipv4Stack, skb: Skb, error: IcmpError): void {
  const { net } = stack;
  const { bytes, network } = skb;
  if (!mayAnswer(stack, skb)) return;
  const source = ip.source(bytes, network);
  const destination = ip.destination(bytes, network);
  const own = stack.isLocal(destination) ? destination : 0;
  const tos = (ip.tos(bytes, network) & 0x1e) | 0xc0;
  const echoed = skb.options ? echoOptions(stack, skb, skb.options as Ipv4Options) : undefined;
  const to = echoed?.firstHop ?? source;
  const way = routeOutput(stack, { destination: to, source: own, iif: 0, oif: 0, mark: 0, tos: tos & 0xfc });
  if (typeof way === 'string') return;
  if (skb.dev !== net.loopback && limited(stack, error) && !stack.peers.allowGlobal(stack.settings)) {
    net.counters.icmp.OutRateLimitGlobal++;
    return;
  }
  if (!allowed(stack, error, source, way)) {
    net.counters.icmp.OutRateLimitHost++;
    return;
  }
  const quoted = ip.headerLength(bytes, network);
  const from = own || way.source;
  const options = echoed ? buildOptions(stack, echoed, from, source) : undefined;
  const room = Math.min(way.mtu, MAX_ERROR) - ip.IPV4_HEADER - (options?.length ?? 0) - ICMP_HEADER;
  const quote = bytes.slice(network, Math.min(skb.end, network + Math.max(room, quoted + 8)));
  const reply = Skb.allocate(ICMP_HEADER + quote.length, net.kernel.ids.nextPacket());
  emitIcmp(reply.bytes, reply.data, { ...error, quote } as Icmp);
  const header = { protocol: ip.PROTOCOL.ICMP, tos, ttl: stack.settings.ip_default_ttl, df: false };
  pushHeader(net, reply, from, to, options ? { ...header, options } : header);
  if (stack.settings.fwmark_reflect) reply.mark = skb.mark;
  attach(reply, skb);
  localOut(net, reply, way);
}

/** RFC 1122 §3.2.2: what never gets an ICMP error. */
function mayAnswer(stack: Ipv4Stack, skb: Skb): boolean {
  const { bytes, network } = skb;
  if (skb.packetType !== 'host' && skb.packetType !== 'outgoing') return false;
  const source = ip.source(bytes, network);
  const destination = ip.destination(bytes, network);
  if (destination === IPV4_BROADCAST || isMulticastIPv4(destination) || stack.addressType(destination) === 'broadcast') return false;
  if (source === 0 || isMulticastIPv4(source) || source === IPV4_BROADCAST) return false;
  if (ip.fragmentOffset(bytes, network) !== 0) return false;
  if (ip.protocol(bytes, network) !== ip.PROTOCOL.ICMP) return true;
  const at = network + ip.headerLength(bytes, network);
  return at < skb.end && !isError(icmp.type(bytes, at));
}

/** icmp_ratemask says which types are limited. That fragmentation was needed is always told (icmpv4_mask_allow). */
function limited(stack: Ipv4Stack, error: IcmpError): boolean {
  const type = { unreachable: 3, redirect: 5, 'time-exceeded': 11, 'parameter-problem': 12 }[error.kind];
  return ((1 << type) & stack.settings.icmp_ratemask) !== 0 && !(error.kind === 'unreachable' && error.code === 4);
}

/** icmp_ratelimit says how often per peer (icmpv4_xrlim_allow). */
function allowed(stack: Ipv4Stack, error: IcmpError, to: IPv4, way: Ipv4Destination): boolean {
  if (!limited(stack, error)) return true;
  if (way.device === stack.net.loopback) return true;
  return stack.peers.allowIcmp(to, stack.settings.icmp_ratelimit);
}

/** A better first hop exists on the sender's own link (ip_rt_send_redirect). */
export function sendRedirect(stack: Ipv4Stack, device: NetDevice, skb: Skb, way: Ipv4Destination): void {
  const source = ip.source(skb.bytes, skb.network);
  if (!stack.peers.allowRedirect(source)) return;
  const gateway = way.gateway ?? ip.destination(skb.bytes, skb.network);
  if (selectSource(stack, device, source, SCOPE.link) === 0) return;
  sendError(stack, skb, { kind: 'redirect', code: 1, gateway });
}
