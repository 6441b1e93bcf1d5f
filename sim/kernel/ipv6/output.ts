import { isMulticastIPv6, multicastMacOfIPv6 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { hearOwn, hearsItself } from '../dev/own-copy.ts';
import { drop } from '../drop.ts';
import { macWithoutResolution, noResolution } from '../ipv4/route.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { fragment6 } from './fragment.ts';
import { type Ipv6Destination, routeOutput6, traceRoute6 } from './route.ts';
import { countIcmpv6, frame6 } from './send.ts';

/**
 * Sends what this host made; `skb.data` stands at the IPv6 header (ip6_local_out).
 * @param mayFragment the sender may: routers never do in IPv6
 */
export function localOut6(net: NetNamespace, skb: Skb, way: Ipv6Destination, mayFragment: boolean): Errno | undefined {
  skb.route = way;
  net.counters.ip6.OutRequests++;
  if (ip6.nextHeader(skb.bytes, skb.network) === ip6.PROTOCOL.ICMPv6) countIcmpv6(net, skb);
  const before = ip6.destination(skb.bytes, skb.network);
  if (!net.netfilter.pass(6, 'OUTPUT', skb, undefined, way.device)) return 'EPERM';
  let out = way;
  if (net.netfilter.active && ip6.destination(skb.bytes, skb.network) !== before) {
    const destination = ip6.destination(skb.bytes, skb.network);
    const again = routeOutput6(net.ipv6, { destination, source: ip6.source(skb.bytes, skb.network), iif: 0, oif: 0, mark: skb.mark });
    if (typeof again === 'string') {
      drop(net, skb, 'IP_OUTNOROUTES');
      return again;
    }
    out = again;
  }
  traceRoute6(net.ipv6, out, skb.packet);
  out.device.refusal = undefined;
  if (out.type === 'multicast') copyToSelf(net, skb, out);
  finishOutput6(net, skb, out, mayFragment);
  return out.device.refusal;
}

/** The sender is among those it speaks to (ip6_finish_output2). */
function copyToSelf(net: NetNamespace, skb: Skb, { device }: Ipv6Destination): void {
  const group = ip6.destination(skb.bytes, skb.network);
  if (device === net.loopback || !device.ipv6.groups.has(group) || !hearsItself(skb)) return;
  const copy = skb.clone();
  copy.dev = device;
  if (!net.netfilter.pass(6, 'POSTROUTING', copy, undefined, device)) return;
  copy.route = undefined;
  hearOwn(device, copy, 'multicast', net.ipv6.receiveOwn);
}

/** POSTROUTING, then the link (ip6_finish_output). */
export function finishOutput6(net: NetNamespace, skb: Skb, way: Ipv6Destination, mayFragment: boolean): void {
  skb.dev = way.device;
  if (!net.netfilter.pass(6, 'POSTROUTING', skb, undefined, way.device)) return;
  if (skb.end - skb.network <= way.mtu) return toLink(net, skb, way);
  if (!mayFragment) {
    drop(net, skb, 'PKT_TOO_BIG');
    return net.ipv6.reportError(skb, { kind: 'packet-too-big', mtu: way.mtu });
  }
  net.counters.ip6.FragOKs++;
  for (const piece of fragment6(net.ipv6, skb, way.mtu)) {
    net.counters.ip6.FragCreates++;
    toLink(net, piece, way);
  }
}

function toLink(net: NetNamespace, skb: Skb, way: Ipv6Destination): void {
  const { device } = way;
  if (device === net.loopback) return frame6(skb, device, 0);
  const destination = ip6.destination(skb.bytes, skb.network);
  if (isMulticastIPv6(destination)) return frame6(skb, device, multicastMacOfIPv6(destination));
  if (noResolution(device)) return frame6(skb, device, macWithoutResolution(device));
  net.ipv6.neighbours.lookup(device, way.gateway ?? destination).resolve(skb, (packet, mac) => frame6(packet, device, mac));
}
