import { type IP, type IPv4, type IPv6, isLinkLocalIPv6, isMulticastIPv4, isMulticastIPv6 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { pseudoHeaderIPv4, pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { RouteMetrics } from '../ipv4/fib.ts';
import { localOut, pushHeader } from '../ipv4/output.ts';
import { type Ipv4Destination, routeOutput } from '../ipv4/route.ts';
import { localOut6 } from '../ipv6/output.ts';
import { type Ipv6Destination, routeOutput6 } from '../ipv6/route.ts';
import { pushHeader6 } from '../ipv6/send.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { SocketOptions } from './socket.ts';

/** Both Internet protocols as UDP and TCP see them: an IPv4 address is a number, an IPv6 address a bigint, and so is its family. */

/** ::ffff:0:0/96, whose addresses stand for IPv4 ones on dual-stack sockets (RFC 4291 §2.5.5.2). */
const MAPPED = 0xffffn;

/** An IPv4-mapped IPv6 address becomes the IPv4 address that it stands for; others stay. */
export function unmapped(address: IP): IP {
  return typeof address === 'bigint' && address >> 32n === MAPPED ? Number(address & 0xffff_ffffn) : address;
}

export function isMulticast(address: IP): boolean {
  return typeof address === 'bigint' ? isMulticastIPv6(address) : isMulticastIPv4(address);
}

export function isUnspecified(address: IP): boolean {
  return address === 0 || address === 0n;
}

/** Whether an address means nothing without a device, and the socket names none (ip6_datagram_connect, tcp_v6_connect). */
export function lacksDevice(address: IP, options: SocketOptions): boolean {
  return typeof address === 'bigint' && isLinkLocalIPv6(address) && options.boundDevice === 0 && options.multicastInterface === 0;
}

/** A route of either family. */
export interface Way {
  source: IP;
  destination: IP;
  mtu: number;
  /** Delivered to this host. */
  local: boolean;
  broadcast: boolean;
  /** The largest segment that this host should announce to the peer (RTAX_ADVMSS, or from the device's MTU). */
  advmss: number;
  found: Ipv4Destination | Ipv6Destination;
}

/** What a packet of a socket needs to find its way. */
export interface Query {
  destination: IP;
  source: IP | undefined;
  protocol: number;
  sourcePort: number;
  destinationPort: number;
  /** Overrides the socket's device. */
  oif?: number;
}

/** The route for what a socket sends (ip_route_output_flow, ip6_dst_lookup_flow). */
export function routeTo(net: NetNamespace, query: Query, options: SocketOptions): Way | Errno {
  return typeof query.destination === 'bigint' ? routeTo6(net, query, options) : routeTo4(net, query, options);
}

/** Where no route says anything. */
const NO_ROUTE: { metrics: RouteMetrics } = { metrics: {} };

function routeTo4(net: NetNamespace, query: Query, options: SocketOptions): Way | Errno {
  const destination = query.destination as IPv4;
  const oif = query.oif || options.boundDevice || (isMulticastIPv4(destination) ? options.multicastInterface : 0);
  const { protocol, sourcePort, destinationPort } = query;
  const source = (query.source as IPv4 | undefined) ?? 0;
  const found = routeOutput(net.ipv4, {
    destination,
    source,
    iif: 0,
    oif,
    mark: options.mark,
    tos: options.tos & 0xfc,
    protocol,
    sourcePort,
    destinationPort,
  });
  if (typeof found === 'string') {
    if (found === 'ENETUNREACH') net.counters.ip.OutNoRoutes++;
    return found;
  }
  const { metrics } = found.route ?? NO_ROUTE;
  const advmss = Math.min(metrics.advmss ?? Math.max((metrics.mtu ?? found.device.mtu) - 40, 256), 65_495);
  // 0.0.0.0 stands for this host (ip_route_output_key_hash_rcu).
  const to = destination === 0 ? found.source : destination;
  return {
    source: source || found.source,
    destination: to,
    mtu: found.mtu,
    local: found.local,
    broadcast: found.type === 'broadcast',
    advmss,
    found,
  };
}

function routeTo6(net: NetNamespace, query: Query, options: SocketOptions): Way | Errno {
  const destination = query.destination === 0n ? 1n : (query.destination as IPv6);
  const scoped = isLinkLocalIPv6(destination) || isMulticastIPv6(destination);
  const oif = query.oif || options.boundDevice || (scoped ? options.multicastInterface : 0);
  const source = (query.source as IPv6 | undefined) ?? 0n;
  const { protocol, sourcePort, destinationPort } = query;
  const found = routeOutput6(net.ipv6, {
    destination,
    source,
    iif: 0,
    oif,
    mark: options.mark,
    tos: options.tos,
    protocol,
    sourcePort,
    destinationPort,
  });
  if (typeof found === 'string') {
    if (found === 'ENETUNREACH') net.counters.ip6.OutNoRoutes++;
    return found;
  }
  const { metrics } = found.route ?? NO_ROUTE;
  const advmss = Math.min(metrics.advmss ?? Math.max((metrics.mtu ?? found.device.mtu) - 60, 1220), 65_475);
  return { source: found.source, destination, mtu: found.mtu, local: found.local, broadcast: false, advmss, found };
}

/** How the network header of a packet is to look. */
export interface Header {
  protocol: number;
  /** Don't Fragment; over IPv6, whether the sender refuses to fragment. */
  df: boolean;
  /** IPv4's identification; absent takes the destination's next. */
  identification?: number;
  ttl: number | undefined;
  tos: number;
  flowLabel?: number;
}

/** Puts the network header before `skb.data` and sends. @returns EPERM if the firewall refused it */
export function sendPacket(net: NetNamespace, skb: Skb, way: Way, header: Header): Errno | undefined {
  skb.packetType = 'outgoing';
  const { source, destination } = way;
  const { protocol, df, tos } = header;
  if (typeof destination === 'bigint') {
    const found = way.found as Ipv6Destination;
    const hopLimit = header.ttl ?? found.route?.metrics.hoplimit ?? found.device.ipv6.conf.hop_limit;
    pushHeader6(skb, source as IPv6, destination, { nextHeader: protocol, hopLimit, trafficClass: tos, flowLabel: header.flowLabel ?? 0 });
    return localOut6(net, skb, found, !df);
  }
  const ttl = header.ttl ?? (way.found as Ipv4Destination).route?.metrics.hoplimit ?? net.ipv4.settings.ip_default_ttl;
  const { identification } = header;
  pushHeader(net, skb, source as IPv4, destination, {
    protocol,
    tos,
    ttl,
    df,
    ...(identification === undefined ? {} : { identification }),
  });
  return localOut(net, skb, way.found as Ipv4Destination);
}

/** The sum of the pseudo header of either family. */
export function pseudoHeader(source: IP, destination: IP, protocol: number, length: number): number {
  if (typeof source === 'bigint') return pseudoHeaderIPv6(source, destination as IPv6, protocol, length);
  return pseudoHeaderIPv4(source, destination as IPv4, protocol, length);
}

/** Source and destination of a packet that has come in, and what else its network header says. */
export interface Arrival {
  source: IP;
  destination: IP;
  ttl: number;
  tos: number;
}

export function arrivalOf(family: 4 | 6, skb: Skb): Arrival {
  const { bytes, network } = skb;
  if (family === 6) {
    return {
      source: ip6.source(bytes, network),
      destination: ip6.destination(bytes, network),
      ttl: ip6.hopLimit(bytes, network),
      tos: ip6.trafficClass(bytes, network),
    };
  }
  return {
    source: ip.source(bytes, network),
    destination: ip.destination(bytes, network),
    ttl: ip.ttl(bytes, network),
    tos: ip.tos(bytes, network),
  };
}

/** Whether this host has the address, or may bind to it all the same. */
export function mayBind(net: NetNamespace, address: IP): boolean {
  if (typeof address === 'bigint') return net.ipv6.isLocal(address) || net.ipv6.settings.ip_nonlocal_bind !== 0 || isMulticastIPv6(address);
  if (net.ipv4.settings.ip_nonlocal_bind) return true;
  return net.ipv4.addressType(address) !== 'unicast';
}
