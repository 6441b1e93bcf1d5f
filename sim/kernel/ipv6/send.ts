import { type IPv6, multicastMacOfIPv6, type Mac, isMulticastIPv6 } from '../../base/address.ts';
import { pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet } from '../../wire/ethernet.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { NetDevice } from '../dev/device.ts';
import { transmit } from '../dev/queue.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { countType } from '../snmp.ts';
import type { Ipv6Stack } from './stack.ts';

/** Hop-by-hop header with a router alert for MLD and a pad (RFC 2711). */
const ROUTER_ALERT = Uint8Array.of(ip6.PROTOCOL.ICMPv6, 0, 5, 2, 0, 0, 1, 0);

/** Puts an IPv6 header before `skb.data`. */
export function pushHeader6(
  skb: Skb,
  source: IPv6,
  destination: IPv6,
  header: { nextHeader: number; hopLimit: number; trafficClass?: number; flowLabel?: number },
): void {
  const payloadLength = skb.end - skb.data;
  skb.transport = skb.data;
  skb.push(ip6.IPV6_HEADER);
  skb.network = skb.data;
  skb.protocol = ETHERTYPE.IPv6;
  ip6.emitIpv6(skb.bytes, skb.data, {
    trafficClass: header.trafficClass ?? 0,
    flowLabel: header.flowLabel ?? 0,
    payloadLength,
    nextHeader: header.nextHeader,
    hopLimit: header.hopLimit,
    source,
    destination,
  });
}

/** What stands in the header of a flow without ports, the same as long as it lives (ip6_make_flowlabel with auto_flowlabels). */
export function flowLabelOf(net: NetNamespace, source: IPv6, destination: IPv6, protocol: number): number {
  return net.kernel.random(`flowlabel/${source}/${destination}/${protocol}`).below(0x100000);
}

/**
 * Sends an ICMPv6 message of the host's own housekeeping straight to a link: discovery and listener reports don't go through routing
 * (ndisc_send_skb, mld_sendpack). `skb.data` stands at the message.
 *
 * @param way `mac` is needed for unicast destinations only
 */
export function sendIcmpv6(
  stack: Ipv6Stack,
  skb: Skb,
  way: { device: NetDevice; source: IPv6; destination: IPv6; hopLimit: number; mac?: Mac; routerAlert?: boolean },
): void {
  const { device, source, destination } = way;
  const length = skb.end - skb.data;
  const type = icmp6.type(skb.bytes, skb.data);
  icmp6.fillChecksum(skb.bytes, skb.data, skb.end, pseudoHeaderIPv6(source, destination, ip6.PROTOCOL.ICMPv6, length));
  if (way.routerAlert) {
    skb.push(ROUTER_ALERT.length);
    skb.bytes.set(ROUTER_ALERT, skb.data);
  }
  pushHeader6(skb, source, destination, {
    nextHeader: way.routerAlert ? ip6.PROTOCOL.HopByHop : ip6.PROTOCOL.ICMPv6,
    hopLimit: way.hopLimit,
  });
  stack.net.counters.ip6.OutRequests++;
  const { icmp6: counts, icmp6Out } = stack.net.counters;
  counts.OutMsgs++;
  countType(icmp6Out, type);
  skb.dev = device;
  if (!stack.net.netfilter.pass(6, 'OUTPUT', skb, undefined, device) || !stack.net.netfilter.pass(6, 'POSTROUTING', skb, undefined, device))
    return;
  const mac = isMulticastIPv6(destination) ? multicastMacOfIPv6(destination) : way.mac;
  if (mac !== undefined) frame6(skb, device, mac);
  else stack.neighbours.lookup(device, destination).resolve(skb, (packet, resolved) => frame6(packet, device, resolved));
}

/** Counts an ICMPv6 message that leaves; `skb.transport` stands at it. */
export function countIcmpv6(net: NetNamespace, skb: Skb): void {
  net.counters.icmp6.OutMsgs++;
  countType(net.counters.icmp6Out, icmp6.type(skb.bytes, skb.transport));
}

/** Gives the packet its Ethernet header and hands it to the device. */
export function frame6(skb: Skb, device: NetDevice, mac: Mac): void {
  const { ip6: counts } = device.net.counters;
  const length = skb.end - skb.network;
  counts.OutTransmits++;
  counts.OutOctets += length;
  if (isMulticastIPv6(ip6.destination(skb.bytes, skb.network))) {
    counts.OutMcastPkts++;
    counts.OutMcastOctets += length;
  }
  skb.data = skb.network;
  if (device.linkHeader === 0) {
    skb.mac = skb.network;
    return transmit(device, skb);
  }
  skb.push(ETHERNET_HEADER);
  skb.mac = skb.data;
  emitEthernet(skb.bytes, skb.data, { destination: mac, source: device.address, etherType: ETHERTYPE.IPv6 });
  transmit(device, skb);
}
