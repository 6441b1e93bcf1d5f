import { TraceKind } from '../../base/trace.ts';
import { ETHERTYPE } from '../../wire/ethernet.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { PROTOCOL } from '../../wire/protocol.ts';
import { be16, be32 } from '../../wire/endian.ts';
import { drop } from '../drop.ts';
import type { Ipv4Destination } from '../ipv4/route.ts';
import type { Ipv6Destination } from '../ipv6/route.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { NetDevice } from './device.ts';

/** What tunnels have in common (net/ipv4/ip_tunnel_core.c, include/net/inet_ecn.h, net/core/flow_dissector.c). */

/** How deep tunnels may send through one another before it is taken for a circle (XMIT_RECURSION_LIMIT). */
const RECURSION_LIMIT = 8;

/**
 * Sends an outer packet with `send`, unless tunnels lead into one another for ever: then the packet is dropped as on a dead loop
 * (dev_xmit_recursion).
 */
export function guarded(net: NetNamespace, device: NetDevice, skb: Skb, send: () => void): void {
  const { kernel } = net;
  if (kernel.transmitDepth >= RECURSION_LIMIT) {
    kernel.log.write(2, `Dead loop on virtual device ${device.name}, fix it urgently!`);
    device.stats.txErrors++;
    return drop(net, skb, 'RECURSION_LIMIT');
  }
  kernel.transmitDepth++;
  try {
    send();
  } finally {
    kernel.transmitDepth--;
  }
}

/** Leaves in the trace that a packet went into a tunnel or came out of one. The frame is the packet as it is now. */
export function traceTunnel(device: NetDevice, skb: Skb, text: string): void {
  const { net } = device;
  net.kernel.trace.emit(TraceKind.Rewrite, device.uid, net.uid, skb.packet, 0, text);
}

/** The inner packet's type of service and TTL, where it is IP; zeros otherwise. */
export function innerHeader(skb: Skb, network: number): { tos: number; ttl: number; df: boolean } {
  const { bytes, protocol } = skb;
  if (protocol === ETHERTYPE.IPv4) return { tos: ip.tos(bytes, network), ttl: ip.ttl(bytes, network), df: ip.dontFragment(bytes, network) };
  if (protocol === ETHERTYPE.IPv6) return { tos: ip6.trafficClass(bytes, network), ttl: ip6.hopLimit(bytes, network), df: true };
  return { tos: 0, ttl: 0, df: false };
}

/** The outer header's ECN bits by the inner one's: congestion experienced goes out as ECT(0) (INET_ECN_encapsulate). */
export function ecnEncapsulate(tos: number, inner: number): number {
  const ecn = inner & 3;
  return (tos & ~3) | (ecn === 3 ? 2 : ecn);
}

/**
 * Takes congestion that the underlay met into the inner packet (INET_ECN_decapsulate).
 * @returns false for a packet that can't bear the mark and must be dropped
 */
export function ecnDecapsulate(skb: Skb, outer: number): boolean {
  if ((outer & 3) !== 3) return true;
  const { bytes, network, protocol } = skb;
  if (protocol !== ETHERTYPE.IPv4 && protocol !== ETHERTYPE.IPv6) return true;
  const tos = protocol === ETHERTYPE.IPv4 ? ip.tos(bytes, network) : ip6.trafficClass(bytes, network);
  if ((tos & 3) === 0) return false;
  if (protocol === ETHERTYPE.IPv4) {
    ip.setTos(bytes, network, tos | 3);
    ip.fillChecksum(bytes, network);
  } else bytes[network + 1] = (bytes[network + 1] as number) | 0x30;
  return true;
}

/**
 * The inner packet doesn't fit into the underlay's path: what was learned goes into its route, so that its sender hears of it
 * (skb_tunnel_check_pmtu).
 * @param mtu the largest inner packet, from its network header on
 */
export function learnInnerMtu(skb: Skb, network: number, mtu: number): void {
  const way = skb.route as Ipv4Destination | Ipv6Destination | undefined;
  if (!way || skb.end - network <= mtu) return;
  const stack = way.device.net;
  const expires = stack.kernel.events.now + stack.ipv4.settings.mtu_expires;
  if (skb.protocol === ETHERTYPE.IPv4) {
    const to = ip.destination(skb.bytes, network);
    const least = stack.ipv4.settings.min_pmtu;
    const known = stack.ipv4.exceptionFor(to);
    if (known?.mtu !== undefined && known.mtu <= mtu) return;
    stack.ipv4.exceptions.set(to, { ...known, mtu: Math.max(mtu, least), mtuLocked: mtu < least, expires });
  } else if (skb.protocol === ETHERTYPE.IPv6) {
    stack.ipv6.exceptions.set(ip6.destination(skb.bytes, network), { mtu: Math.max(mtu, 1280), expires });
  }
}

/**
 * A UDP source port that stays the same for a flow, so that routers of the underlay spread flows and not packets
 * (udp_flow_src_port). The arithmetic is ours.
 * @param range the lowest and the highest port, 0 and 0 for the namespace's local port range
 */
export function flowSourcePort(net: NetNamespace, skb: Skb, network: number, range: readonly [number, number]): number {
  let [low, high] = range;
  if (low >= high) [low = 0, high = 0] = net.ipv4.portRange as [number, number];
  const hash = flowHash(skb, network);
  return low + ((hash >>> 0) % (high - low + 1));
}

/** The same for both directions: each pair of ends is taken in order (__flow_hash_consistentify). */
function flowHash(skb: Skb, network: number): number {
  const { bytes, end, protocol } = skb;
  let hash = 0x9e3779b9;
  const mix = (value: number) => {
    hash = Math.imul(hash ^ value, 0x85ebca6b);
    hash ^= hash >>> 13;
  };
  const mixPair = (a: number, b: number) => {
    mix(Math.min(a, b));
    mix(Math.max(a, b));
  };
  const mixPorts = (upper: number, at: number) => {
    mix(upper);
    if ((upper === PROTOCOL.TCP || upper === PROTOCOL.UDP) && at + 4 <= end) mixPair(be16(bytes, at), be16(bytes, at + 2));
  };
  if (protocol === ETHERTYPE.IPv4 && end - network >= ip.IPV4_HEADER) {
    mixPair(ip.source(bytes, network), ip.destination(bytes, network));
    mixPorts(ip.isFragment(bytes, network) ? -1 : ip.protocol(bytes, network), network + ip.headerLength(bytes, network));
  } else if (protocol === ETHERTYPE.IPv6 && end - network >= ip6.IPV6_HEADER) {
    for (let at = 8; at < 24; at += 4) mixPair(be32(bytes, network + at), be32(bytes, network + at + 16));
    mixPorts(ip6.nextHeader(bytes, network), network + ip6.IPV6_HEADER);
  } else if (protocol === ETHERTYPE.ARP && end - network >= 28) {
    mixPair(be32(bytes, network + 14), be32(bytes, network + 24));
  } else mix(protocol);
  return hash;
}
