import { isMulticastIPv6 } from '../../base/address.ts';
import { pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import { emitIcmpv6, ICMPV6_HEADER, ICMPV6_TYPE, type Icmpv6 } from '../../wire/icmpv6.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { attach } from '../netfilter/conntrack/attach.ts';
import { Skb } from '../skb.ts';
import { localOut6 } from './output.ts';
import { type Ipv6Destination, routeOutput6 } from './route.ts';
import { pushHeader6 } from './send.ts';
import type { Ipv6Stack } from './stack.ts';

/** An error to send; the quote is filled in. */
export type Icmpv6Error =
  | { kind: 'unreachable' | 'time-exceeded'; code: number }
  | { kind: 'packet-too-big'; mtu: number }
  | { kind: 'parameter-problem'; code: number; pointer: number };

/** Tells the sender of a packet what became of it (icmp6_send, RFC 4443 §2.4). `skb.network` stands at its IPv6 header. */
export function sendError6(stack: Ipv6Stack, skb: Skb, error: Icmpv6Error): void {
  const { net } = stack;
  const { bytes, network } = skb;
  const source = ip6.source(bytes, network);
  const destination = ip6.destination(bytes, network);
  if (!mayAnswer(skb, error)) return;
  const own = stack.isLocal(destination) ? destination : 0n;
  const oif = source >> 118n === 0x3fan ? (skb.dev?.ifindex ?? 0) : 0;
  const way = routeOutput6(stack, { destination: source, source: own, iif: 0, oif, mark: 0 });
  if (typeof way === 'string' || !allowed(stack, error, way, source)) return;
  const quote = bytes.slice(network, Math.min(skb.end, network + ip6.IPV6_MIN_MTU - ip6.IPV6_HEADER - ICMPV6_HEADER));
  const reply = Skb.allocate(ICMPV6_HEADER + quote.length, net.kernel.ids.nextPacket());
  emitIcmpv6(reply.bytes, reply.data, { ...error, quote } as Icmpv6);
  icmp6.fillChecksum(reply.bytes, reply.data, reply.end, pseudoHeaderIPv6(way.source, source, ip6.PROTOCOL.ICMPv6, reply.end - reply.data));
  pushHeader6(reply, way.source, source, { nextHeader: ip6.PROTOCOL.ICMPv6, hopLimit: way.device.ipv6.conf.hop_limit });
  attach(reply, skb);
  localOut6(net, reply, way, false);
}

function mayAnswer(skb: Skb, error: Icmpv6Error): boolean {
  const { bytes, network, end } = skb;
  const source = ip6.source(bytes, network);
  if (source === 0n || isMulticastIPv6(source)) return false;
  // Too large, or an option that asks to be told of: these are said of multicast, too.
  const always = error.kind === 'packet-too-big' || (error.kind === 'parameter-problem' && error.code === 2);
  if ((isMulticastIPv6(ip6.destination(bytes, network)) || skb.packetType === 'broadcast') && !always) return false;
  const upper = ip6.upperLayer(bytes, network, end);
  if (isWireError(upper)) return true;
  if (upper.protocol !== ip6.PROTOCOL.ICMPv6 || upper.offset >= end) return true;
  const type = icmp6.type(bytes, upper.offset);
  return !icmp6.isError(type) && type !== ICMPV6_TYPE.Redirect;
}

/**
 * Ten errors a second (icmp/ratelimit) to each destination, six in a burst, and more of both where the route there is a wide one; Packet Too Big and
 * errors to ourselves are free (icmpv6_xrlim_allow).
 */
function allowed(stack: Ipv6Stack, error: Icmpv6Error, way: Ipv6Destination, to: bigint): boolean {
  const type = { unreachable: 1, 'packet-too-big': 2, 'time-exceeded': 3, 'parameter-problem': 4 }[error.kind];
  if (stack.limitedTypes && !stack.limitedTypes.has(type)) return true;
  const length = way.route?.length ?? 128;
  const interval = stack.settings.icmp_ratelimit >> ((128 - length) >> 5);
  if (interval === 0 || error.kind === 'packet-too-big' || way.device === stack.net.loopback) return true;
  const now = stack.net.kernel.events.now;
  const bucket = stack.errorTokens.get(to) ?? { tokens: 6 * interval, last: now };
  bucket.tokens = Math.min(bucket.tokens + now - bucket.last, 6 * interval);
  bucket.last = now;
  stack.errorTokens.set(to, bucket);
  if (bucket.tokens < interval) return false;
  bucket.tokens -= interval;
  return true;
}
