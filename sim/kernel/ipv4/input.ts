import { TraceKind } from '../../base/trace.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { forward } from './forward.ts';
import { tellOfMartian } from './martian.ts';
import { icmpReceive } from './icmp.ts';
import { receiveOptions } from './options.ts';
import { type Ipv4Destination, type NoRoute, routeIncoming } from './route.ts';

/** An IPv4 packet has come in (ip_rcv): checks, PREROUTING, then the routing decision. */
export function ipReceive(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, network } = skb;
  if (skb.packetType === 'otherhost') return drop(net, skb, 'OTHERHOST');
  const { counters } = net;
  const have = skb.end - network;
  counters.ip.InReceives++;
  counters.ipExt.InOctets += have;
  if (have < ip.IPV4_HEADER) return drop(net, skb, 'HDR_TRUNC');
  const header = ip.headerLength(bytes, network);
  const length = ip.totalLength(bytes, network);
  if (ip.version(bytes, network) !== 4 || header < ip.IPV4_HEADER || have < header || length < header) return discard(net, skb, 'IP_INHDR');
  countEcn(counters.ipExt, ip.tos(bytes, network));
  if (!ip.checksumValid(bytes, network)) return discard(net, skb, 'IP_CSUM');
  if (have < length) return discard(net, skb, 'PKT_TOO_SMALL');
  skb.end = network + length;
  skb.transport = network + header;
  if (!net.netfilter.pass(4, 'PREROUTING', skb, device, undefined)) return;
  afterPrerouting(device, skb);
}

/** What is wrong with a header, counted. Apart, like all that is rare, so that what every packet passes stays small. */
function discard(net: NetNamespace, skb: Skb, reason: 'IP_INHDR' | 'IP_CSUM' | 'PKT_TOO_SMALL'): void {
  const { ip, ipExt } = net.counters;
  if (reason === 'PKT_TOO_SMALL') ipExt.InTruncatedPkts++;
  else ip.InHdrErrors++;
  if (reason === 'IP_CSUM') ipExt.InCsumErrors++;
  drop(net, skb, reason);
}

/** ip_rcv_finish: where to? */
export function afterPrerouting(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, network } = skb;
  let way =
    (skb.route as Ipv4Destination | undefined) ??
    routeIncoming(
      net.ipv4,
      device,
      ip.source(bytes, network),
      ip.destination(bytes, network),
      skb.mark,
      ip.tos(bytes, network) & 0xfc,
      skb.packet,
      skb,
    );
  if ('error' in way) return refuse(device, skb, way);
  // A packet that was sent to somebody else through `lo` keeps the route by which it left, and that one delivers nowhere (dst_discard).
  if (skb.route !== undefined && device === net.loopback && way.type === 'unicast' && !way.local) return drop(net, skb, 'NOT_SPECIFIED');
  skb.route = way;
  if (skb.transport - network > ip.IPV4_HEADER) {
    const onward = readOptions(device, skb, way);
    if (!onward) return;
    way = onward;
  }
  if (way.type === 'multicast' || way.type === 'broadcast') countGroup(net.counters.ipExt, way.type, skb.end - network);
  // A unicast packet in a broadcast frame is never forwarded.
  else if (skb.packetType !== 'host' && !way.local) return drop(net, skb, 'UNICAST_IN_L2_MULTICAST');
  if (way.local) deliverLocally(device, skb);
  else forward(device, skb, way);
}

/** The way that a packet's options leave it; nothing when they have ended it. */
function readOptions(device: NetDevice, skb: Skb, way: Ipv4Destination): Ipv4Destination | undefined {
  const options = receiveOptions(device, skb, way);
  if (!options) {
    drop(device.net, skb, 'IP_INHDR');
    return undefined;
  }
  skb.options = options;
  return skb.route as Ipv4Destination;
}

/** No way: the sender is told, if this host routes at all and not too often (ip_error). */
function refuse(device: NetDevice, skb: Skb, why: NoRoute): void {
  const { net } = device;
  const stack = net.ipv4;
  if (why.error === 'ENETUNREACH') net.counters.ipExt.InNoRoutes++;
  else if (why.error === 'EHOSTUNREACH' && !stack.forwards(device)) net.counters.ip.InAddrErrors++;
  if (why.martian) tellOfMartian(device, skb, why.martian);
  if (why.drop === 'IP_RPFILTER') net.counters.countTcp('IPReversePathFilter');
  drop(net, skb, why.drop);
  if (!stack.forwards(device)) return;
  const code = { ENETUNREACH: 0, EHOSTUNREACH: 1, EACCES: 13 }[why.error as string];
  if (code === undefined || !stack.peers.allowRouteError(ip.source(skb.bytes, skb.network))) return;
  stack.reportError(skb, { kind: 'unreachable', code, mtu: 0 });
}

/**
 * For this host: reassembled, past INPUT, to its protocol (ip_local_deliver).
 * @param taker the device that it is for in the end, where an ipvlan stands on `device`
 */
export function deliverLocally(device: NetDevice, skb: Skb, taker = device): void {
  const { net } = device;
  let whole: Skb | undefined = skb;
  if (ip.isFragment(skb.bytes, skb.network)) whole = net.ipv4.fragments.add(device, skb);
  if (!whole) return;
  if (!net.netfilter.pass(4, 'INPUT', whole, device, undefined)) return;
  toProtocol(taker, whole);
}

/** ip_protocol_deliver_rcu: raw sockets get copies, then the protocol itself. */
export function toProtocol(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const protocol = ip.protocol(skb.bytes, skb.network);
  skb.data = skb.transport;
  const heard = net.sockets.deliverRaw(4, protocol, device, skb);
  switch (protocol) {
    case ip.PROTOCOL.ICMP:
      net.counters.ip.InDelivers++;
      net.kernel.trace.emit(TraceKind.Deliver, device.uid, net.uid, skb.packet, protocol, 'icmp');
      return icmpReceive(device, skb);
    default: {
      const handler = net.sockets.protocols.get(protocol);
      if (handler || heard) net.counters.ip.InDelivers++;
      if (handler) return handler(device, skb);
      if (heard) return;
      net.counters.ip.InUnknownProtos++;
      drop(net, skb, 'IP_NOPROTO');
      net.ipv4.reportError(skb, { kind: 'unreachable', code: 2, mtu: 0 });
    }
  }
}

/** Explicit congestion notification: the last two bits of the TOS. */
export function countEcn(counts: { InNoECTPkts: number; InECT1Pkts: number; InECT0Pkts: number; InCEPkts: number }, tos: number): void {
  const mark = tos & 3;
  if (mark === 0) counts.InNoECTPkts++;
  else if (mark === 1) counts.InECT1Pkts++;
  else if (mark === 2) counts.InECT0Pkts++;
  else counts.InCEPkts++;
}

function countGroup(counts: NetNamespace['counters']['ipExt'], type: 'multicast' | 'broadcast', length: number): void {
  if (type === 'multicast') {
    counts.InMcastPkts++;
    counts.InMcastOctets += length;
  } else {
    counts.InBcastPkts++;
    counts.InBcastOctets += length;
  }
}
