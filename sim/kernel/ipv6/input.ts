import { isLinkLocalIPv6, isMulticastIPv6 } from '../../base/address.ts';
import { TraceKind } from '../../base/trace.ts';
import * as ip6 from '../../wire/ipv6.ts';
import * as udp from '../../wire/udp.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import { countEcn } from '../ipv4/input.ts';
import { passesExtensions, passesHopByHop } from './extension.ts';
import { icmpv6Receive } from './icmp.ts';
import { finishOutput6 } from './output.ts';
import { type Flow6, type Ipv6Destination, routeInput6 } from './route.ts';

/** An IPv6 packet has come in (ipv6_rcv): checks, PREROUTING, then the routing decision. */
export function ipv6Receive(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const { bytes, network } = skb;
  if (skb.packetType === 'otherhost') return drop(net, skb, 'OTHERHOST');
  const { counters } = net;
  counters.ip6.InReceives++;
  counters.ip6.InOctets += skb.end - network;
  if (net.ipv6.disabled(device)) return drop(net, skb, 'IPV6DISABLED');
  if (skb.end - network < ip6.IPV6_HEADER) return drop(net, skb, 'HDR_TRUNC');
  if (ip6.version(bytes, network) !== 6) return drop(net, skb, 'IP_INHDR');
  const end = network + ip6.IPV6_HEADER + ip6.payloadLength(bytes, network);
  if (end > skb.end) return drop(net, skb, 'PKT_TOO_SMALL');
  countEcn(counters.ip6, ip6.trafficClass(bytes, network));
  const source = ip6.source(bytes, network);
  if (isMulticastIPv6(ip6.destination(bytes, network))) {
    counters.ip6.InMcastPkts++;
    counters.ip6.InMcastOctets += end - network;
  }
  if (isMulticastIPv6(source)) return drop(net, skb, 'IP_INVALID_SOURCE');
  if (device !== net.loopback && (source === 1n || ip6.destination(bytes, network) === 1n)) return drop(net, skb, 'IP_INVALID_SOURCE');
  skb.end = end;
  skb.transport = network + ip6.IPV6_HEADER;
  if (!passesHopByHop(device, skb)) return;
  if (!net.netfilter.pass(6, 'PREROUTING', skb, device, undefined)) return;
  const way = routeInput6(
    net.ipv6,
    {
      destination: ip6.destination(bytes, network),
      source,
      iif: device.ifindex,
      oif: isLinkLocalIPv6(ip6.destination(bytes, network)) && device !== net.loopback ? device.ifindex : 0,
      mark: skb.mark,
      tos: ip6.trafficClass(bytes, network),
      flowLabel: ip6.flowLabel(bytes, network),
      ...(net.ipv6.rulesNeedPorts || net.ipv6.settings.fib_multipath_hash_policy === 1 ? portsOf(skb) : {}),
    },
    device,
    skb.packet,
  );
  if ('error' in way) {
    if (way.code !== undefined) counters.ip6.InNoRoutes++;
    drop(net, skb, way.drop);
    // Whether this host forwards or not: where there is no way, nobody asks (ip6_pkt_discard).
    if (way.code !== undefined) net.ipv6.reportError(skb, { kind: 'unreachable', code: way.code });
    return;
  }
  const taker = ownerOf(device, skb);
  skb.route = way;
  if (way.local) deliver6(device, skb, taker);
  else forward(device, skb, way);
}

/** What a host sends to itself came in, for sockets, by the device that has the address, not by `lo` (the idev of an IPv6 route). */
function ownerOf(device: NetDevice, skb: Skb): NetDevice {
  if (device !== device.net.loopback) return device;
  const hop = (skb.route as Ipv6Destination | undefined)?.route?.nexthops[0];
  return hop && !hop.device.unregistered && hop.device.net === device.net ? hop.device : device;
}

/** Protocol and ports of a packet, for rules that ask for them (fib6_rules_early_flow_dissect). */
function portsOf({ bytes, network, end }: Skb): Pick<Flow6, 'protocol' | 'sourcePort' | 'destinationPort'> {
  const upper = ip6.upperLayer(bytes, network, end);
  if (isWireError(upper)) return {};
  const { protocol, offset } = upper;
  const ported = (protocol === ip6.PROTOCOL.TCP || protocol === ip6.PROTOCOL.UDP) && end - offset >= 4;
  if (!ported) return { protocol };
  return { protocol, sourcePort: udp.sourcePort(bytes, offset), destinationPort: udp.destinationPort(bytes, offset) };
}

/** ip6_forward. */
function forward(device: NetDevice, skb: Skb, way: Ipv6Destination): void {
  const { net } = device;
  const stack = net.ipv6;
  const { bytes, network } = skb;
  if (!stack.forwards(device) || skb.packetType !== 'host') return drop(net, skb, 'IP_INADDRERRORS');
  if (ip6.hopLimit(bytes, network) <= 1) {
    net.counters.ip6.InHdrErrors++;
    drop(net, skb, 'TTL_EXCEEDED');
    return stack.reportError(skb, { kind: 'time-exceeded', code: 0 });
  }
  if (isLinkLocalIPv6(ip6.source(bytes, network))) {
    drop(net, skb, 'IP_INADDRERRORS');
    return stack.reportError(skb, { kind: 'unreachable', code: 2 });
  }
  if (skb.end - network > way.mtu) {
    net.counters.ip6.InTooBigErrors++;
    net.counters.ip6.FragFails++;
    drop(net, skb, 'PKT_TOO_BIG');
    return stack.reportError(skb, { kind: 'packet-too-big', mtu: way.mtu });
  }
  ip6.setHopLimit(bytes, network, ip6.hopLimit(bytes, network) - 1);
  net.kernel.trace.emit(TraceKind.Rewrite, way.device.uid, net.uid, skb.packet, ip6.hopLimit(bytes, network), 'hop limit');
  if (!net.netfilter.pass(6, 'FORWARD', skb, device, way.device)) return;
  net.counters.ip6.OutForwDatagrams++;
  skb.data = network;
  finishOutput6(net, skb, way, false);
}

/**
 * For this host: past extension headers, reassembled, past INPUT, to its protocol (ip6_input).
 * @param taker the device that it is for in the end, where an ipvlan stands on `device`
 */
export function deliver6(device: NetDevice, skb: Skb, taker = device): void {
  const { net: host } = device;
  const { net } = taker;
  if (!passesExtensions(device, skb)) return;
  let upper = ip6.upperLayer(skb.bytes, skb.network, skb.end);
  let whole: Skb | undefined = skb;
  if (!isWireError(upper) && upper.fragment > 0) {
    whole = host.ipv6.fragments.add(device, skb, upper.fragment);
    if (!whole) return;
    upper = ip6.upperLayer(whole.bytes, whole.network, whole.end);
  }
  if (isWireError(upper)) return drop(net, whole, 'HDR_TRUNC');
  whole.transport = upper.offset;
  whole.data = upper.offset;
  if (!host.netfilter.pass(6, 'INPUT', whole, device, undefined)) return;
  net.counters.ip6.InDelivers++;
  const heard = net.sockets.deliverRaw(6, upper.protocol, taker, whole);
  if (upper.protocol === ip6.PROTOCOL.ICMPv6) {
    net.kernel.trace.emit(TraceKind.Deliver, taker.uid, net.uid, whole.packet, upper.protocol, 'icmp6');
    return icmpv6Receive(taker, whole);
  }
  if (upper.protocol === ip6.PROTOCOL.NoNext) return;
  const handler = net.sockets.protocols6.get(upper.protocol);
  if (handler) return handler(taker, whole);
  if (heard) return;
  net.counters.ip6.InDelivers--;
  net.counters.ip6.InUnknownProtos++;
  drop(net, whole, 'IP_NOPROTO');
  net.ipv6.reportError(whole, { kind: 'parameter-problem', code: 1, pointer: upper.named - whole.network });
}
