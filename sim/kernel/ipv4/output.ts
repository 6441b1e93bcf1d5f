import { type IPv4, isMulticastIPv4, type Mac, multicastMacOfIPv4 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { ETHERNET_HEADER, ETHERTYPE, emitEthernet } from '../../wire/ethernet.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { hearOwn, hearsItself } from '../dev/own-copy.ts';
import { transmit } from '../dev/queue.ts';
import { drop } from '../drop.ts';
import type { Neighbour } from '../neigh/neighbour.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { countType } from '../snmp.ts';
import { fragment } from './fragment.ts';
import { type Ipv4Destination, macWithoutResolution, noResolution, routeOutput, traceRoute } from './route.ts';

/** What an IPv4 header needs beyond addresses. */
export interface HeaderOptions {
  protocol: number;
  tos: number;
  ttl: number;
  /** Don't Fragment. */
  df: boolean;
  /** Absent: 0 for packets that can't be fragmented and are small, else the next of the destination. */
  identification?: number;
  options?: Uint8Array;
}

const NO_OPTIONS = new Uint8Array(0);

/** Puts an IPv4 header before `skb.data` (ip_build_and_send_pkt). */
export function pushHeader(net: NetNamespace, skb: Skb, source: IPv4, destination: IPv4, header: HeaderOptions): void {
  const options = header.options ?? NO_OPTIONS;
  if (header.protocol === ip.PROTOCOL.ICMP) {
    net.counters.icmp.OutMsgs++;
    countType(net.counters.icmpOut, skb.bytes[skb.data] as number);
  }
  skb.transport = skb.data;
  skb.push(ip.IPV4_HEADER + options.length);
  skb.network = skb.data;
  skb.protocol = ETHERTYPE.IPv4;
  ip.emitIpv4(skb.bytes, skb.data, {
    tos: header.tos,
    totalLength: skb.end - skb.data,
    identification: header.identification ?? net.ipv4.nextIdentification(destination),
    flags: header.df ? ip.IPV4_FLAG.DF : 0,
    fragmentOffset: 0,
    ttl: header.ttl,
    protocol: header.protocol,
    source,
    destination,
    options,
  });
}

/**
 * Sends what this host made; `skb.data` stands at the IPv4 header (ip_local_out, ip_output).
 * @returns EPERM if the firewall refused it, or what the device said
 */
export function localOut(net: NetNamespace, skb: Skb, way: Ipv4Destination): Errno | undefined {
  skb.route = way;
  net.counters.ip.OutRequests++;
  const before = ip.destination(skb.bytes, skb.network);
  if (!net.netfilter.pass(4, 'OUTPUT', skb, undefined, way.device)) return 'EPERM';
  let out = way;
  if (net.netfilter.active && (ip.destination(skb.bytes, skb.network) !== before || skb.route !== way)) {
    const again = reroute(net, skb);
    if (typeof again === 'string') {
      drop(net, skb, 'IP_OUTNOROUTES');
      return again;
    }
    out = again;
  }
  traceRoute(net.ipv4, out, skb.packet);
  out.device.refusal = undefined;
  if (out.type === 'multicast' || out.type === 'broadcast') copyToSelf(net, skb, out);
  finishOutput(net, skb, out);
  return out.device.refusal;
}

/** The sender is among those it speaks to (ip_mc_output). */
function copyToSelf(net: NetNamespace, skb: Skb, way: Ipv4Destination): void {
  const { device } = way;
  if (device === net.loopback) return;
  const member = way.type === 'broadcast' || (device.ipv4.groups.has(ip.destination(skb.bytes, skb.network)) && hearsItself(skb));
  if (!member) return;
  const copy = skb.clone();
  copy.dev = device;
  if (!net.netfilter.pass(4, 'POSTROUTING', copy, undefined, device)) return;
  copy.route = { ...way, local: true };
  hearOwn(device, copy, way.type === 'broadcast' ? 'broadcast' : 'multicast', net.ipv4.receiveOwn);
}

/** After OUTPUT has rewritten the destination or the mark (ip_route_me_harder). */
function reroute(net: NetNamespace, skb: Skb): Ipv4Destination | Errno {
  const { bytes, network } = skb;
  const way = routeOutput(net.ipv4, {
    destination: ip.destination(bytes, network),
    source: ip.source(bytes, network),
    iif: 0,
    oif: 0,
    mark: skb.mark,
    tos: ip.tos(bytes, network) & 0xfc,
  });
  if (typeof way !== 'string') skb.route = way;
  return way;
}

/** POSTROUTING, fragmentation where the packet is too large, then the link (ip_finish_output). */
export function finishOutput(net: NetNamespace, skb: Skb, way: Ipv4Destination): void {
  skb.dev = way.device;
  if (!net.netfilter.pass(4, 'POSTROUTING', skb, undefined, way.device)) return;
  if (skb.end - skb.network <= way.mtu && skb.fragmentMax === 0) return toLink(net, skb, way);
  if (ip.dontFragment(skb.bytes, skb.network)) return refuseTooBig(net, skb, way.mtu);
  inPieces(net, skb, way);
}

/** The sender has forbidden fragments: it is told how large a packet may be. */
export function refuseTooBig(net: NetNamespace, skb: Skb, mtu: number): void {
  net.counters.ip.FragFails++;
  drop(net, skb, 'PKT_TOO_BIG');
  net.ipv4.reportError(skb, { kind: 'unreachable', code: 4, mtu });
}

function inPieces(net: NetNamespace, skb: Skb, way: Ipv4Destination): void {
  net.counters.ip.FragOKs++;
  for (const piece of fragment(skb, way.mtu)) {
    net.counters.ip.FragCreates++;
    toLink(net, piece, way);
  }
}

/** Finds the neighbour's MAC and hands the frame to the device (ip_finish_output2). */
function toLink(net: NetNamespace, skb: Skb, way: Ipv4Destination): void {
  const { device } = way;
  const { counters } = net;
  counters.ip.OutTransmits++;
  counters.ipExt.OutOctets += skb.end - skb.network;
  if (way.type !== 'unicast') countGroup(counters.ipExt, way.type, skb.end - skb.network);
  const target = way.gateway ?? ip.destination(skb.bytes, skb.network);
  if (noResolution(device)) return withoutResolution(skb, device, target);
  let { neighbour } = way;
  if (neighbour === undefined || neighbour.address !== target || neighbour.dead)
    neighbour = way.neighbour = findNeighbour(net, way, target);
  if (neighbour.connected) frame(skb, device, neighbour.mac as Mac);
  else neighbour.resolve(skb, (packet, mac) => frame(packet, device, mac));
}

function findNeighbour(net: NetNamespace, { device, gateway6 }: Ipv4Destination, target: IPv4): Neighbour {
  return gateway6 === undefined ? net.ipv4.neighbours.lookup(device, target) : net.ipv6.neighbours.lookup(device, gateway6);
}

function withoutResolution(skb: Skb, device: NetDevice, target: IPv4): void {
  if (device === device.net.loopback) frame(skb, device, 0);
  else frame(skb, device, isMulticastIPv4(target) ? multicastMacOfIPv4(target) : macWithoutResolution(device));
}

function countGroup(counts: NetNamespace['counters']['ipExt'], type: Ipv4Destination['type'], length: number): void {
  if (type === 'multicast') {
    counts.OutMcastPkts++;
    counts.OutMcastOctets += length;
  } else if (type === 'broadcast') {
    counts.OutBcastPkts++;
    counts.OutBcastOctets += length;
  }
}

function frame(skb: Skb, device: NetDevice, mac: Mac): void {
  skb.data = skb.network;
  if (device.linkHeader === 0) {
    skb.mac = skb.network;
    return transmit(device, skb);
  }
  skb.push(ETHERNET_HEADER);
  skb.mac = skb.data;
  emitEthernet(skb.bytes, skb.data, { destination: mac, source: device.address, etherType: ETHERTYPE.IPv4 });
  transmit(device, skb);
}
