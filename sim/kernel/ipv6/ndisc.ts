import { type IP, type IPv6, isLinkLocalIPv6, isMulticastIPv6, type Mac, multicastMacOfIPv6, solicitedNode } from '../../base/address.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import { emitIcmpv6, type Icmpv6, icmpv6Length, linkLayerOption, NA_FLAG, ND_OPTION } from '../../wire/icmpv6.ts';
import { readMac } from '../../wire/ethernet.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import { macWithoutResolution, noResolution } from '../ipv4/route.ts';
import type { NeighbourProtocol } from '../neigh/table.ts';
import { Skb } from '../skb.ts';
import { failDad } from './dad.ts';
import { sendIcmpv6 } from './send.ts';
import { ALL_NODES, ALL_ROUTERS, type Ipv6Stack } from './stack.ts';

/** ff02::1:ff00:0/104, the groups of solicited nodes, without the last 24 bits. */
const SOLICITED = 0xff02_0000_0000_0000_0000_0001_ffn;

/** Neighbour discovery for IPv6 (RFC 4861, net/ipv6/ndisc.c). */
export class NeighbourDiscovery implements NeighbourProtocol {
  readonly family = 6;

  solicit(device: NetDevice, address: IP, to: Mac | undefined, waiting: Skb | undefined): void {
    // The packet's own source when the device has it, as with one's own packets; else its link-local address (ndisc_send_ns). Without
    // either nothing is asked, and in the end the packet fails.
    const wanted = waiting ? ip6.source(waiting.bytes, waiting.network) : 0n;
    const usable = device.ipv6.addresses.filter((entry) => !entry.tentative);
    const source = usable.find((entry) => entry.address === wanted) ?? usable.find((entry) => isLinkLocalIPv6(entry.address));
    if (source) solicitAddress(device, address as IPv6, to, source.address);
  }

  failed(device: NetDevice, skb: Skb): void {
    drop(device.net, skb, 'NEIGH_FAILED');
    device.net.ipv6.reportError(skb, { kind: 'unreachable', code: 3 });
  }

  constructAddress(device: NetDevice, address: IP): Mac | undefined {
    if (isMulticastIPv6(address as IPv6)) return multicastMacOfIPv6(address as IPv6);
    return noResolution(device) ? macWithoutResolution(device) : undefined;
  }
}

function send(device: NetDevice, message: Icmpv6, source: IPv6, destination: IPv6, mac?: Mac): void {
  const skb = Skb.allocate(icmpv6Length(message), device.net.kernel.ids.nextPacket());
  emitIcmpv6(skb.bytes, skb.data, message);
  sendIcmpv6(device.net.ipv6, skb, { device, source, destination, hopLimit: 255, ...(mac === undefined ? {} : { mac }) });
}

/**
 * Asks who has an address (ndisc_send_ns).
 * @param to a MAC to ask directly; absent asks the address's group
 * @param source 0 asks for a duplicate
 */
export function solicitAddress(device: NetDevice, target: IPv6, to: Mac | undefined, source: IPv6): void {
  const probe = source === 0n;
  // A probe carries a nonce, so that one's own probe coming back isn't taken for a duplicate (RFC 7527).
  const nonce = device.net.kernel.random(`nonce/${device.uid}/${target}`);
  const message: Icmpv6 = {
    kind: 'neighbour-solicitation',
    target,
    options: probe
      ? [{ kind: 'unknown', type: 14, data: Uint8Array.from({ length: 6 }, () => nonce.below(256)) }]
      : [{ kind: 'source-link-layer', mac: device.address }],
  };
  send(device, message, source, to === undefined ? solicitedNode(target) : target, to);
}

/**
 * Answers, or announces (ndisc_send_na).
 *
 * @param to the asker; absent tells everybody
 * @param known the asker asked the MAC itself: it needs no telling
 */
export function advertise(device: NetDevice, target: IPv6, to: IPv6 | undefined, known = false): void {
  const router = device.net.ipv6.forwards(device) ? NA_FLAG.Router : 0;
  const flags = router | (to === undefined ? 0 : NA_FLAG.Solicited) | (known ? 0 : NA_FLAG.Override);
  send(
    device,
    { kind: 'neighbour-advertisement', flags, target, options: known ? [] : [{ kind: 'target-link-layer', mac: device.address }] },
    target,
    to ?? ALL_NODES,
  );
}

/** Asks for routers, less and less often (addrconf_rs_timer): hosts do, routers don't. */
export function solicitRouters(stack: Ipv6Stack, device: NetDevice): void {
  const { conf } = device.ipv6;
  if (stack.forwards(device) || !conf.accept_ra || conf.router_solicitations === 0) return;
  const { events } = stack.net.kernel;
  const random = stack.net.kernel.random(`rs/${device.uid}`);
  let interval = conf.router_solicitation_interval * SECOND;
  const ask = (): void => {
    const source = device.ipv6.linkLocal;
    if (source === undefined || !device.running) return;
    send(device, { kind: 'router-solicitation', options: [{ kind: 'source-link-layer', mac: device.address }] }, source, ALL_ROUTERS);
    device.ipv6.solicitations++;
    device.ipv6.solicitationTimer = events.after(interval, 'router solicitation', ask, true);
    interval = Math.min(interval * 2, conf.router_solicitation_max_interval * SECOND);
  };
  device.ipv6.solicitationTimer = events.after(
    random.below(conf.router_solicitation_delay * 1000 + 1) * MILLISECOND,
    'router solicitation',
    ask,
    true,
  );
}

/** A solicitation has come in (ndisc_recv_ns); `skb.transport` stands at the message. */
export function receiveSolicitation(device: NetDevice, skb: Skb): void {
  const { net } = device;
  const stack = net.ipv6;
  const { bytes, network, transport, end } = skb;
  if (!validDiscovery(skb, 24)) return drop(net, skb, 'IPV6_NDISC_HOP_LIMIT');
  const target = icmp6.target(bytes, transport);
  const source = ip6.source(bytes, network);
  const mac = linkLayerOption(bytes, transport + 24, end, ND_OPTION.SourceLinkLayer);
  const asked = ip6.destination(bytes, network);
  // Whoever has no address yet asks the group, and can't say where it is (RFC 4861 §7.1.1).
  if (isMulticastIPv6(target) || (source === 0n && (asked >> 24n !== SOLICITED || mac >= 0)))
    return drop(net, skb, 'IPV6_NDISC_BAD_OPTIONS');
  const own = stack.findAddress(target, device);
  if (!own) {
    if (!proxied(stack, device, target)) return;
  } else if (own.entry.tentative) {
    // Somebody else is trying the same address. Our own probe comes back only over a loop, and the nonce would tell.
    if (source === 0n && !own.entry.dadFailed) failDad(stack, device, own.entry, readMac(bytes, skb.mac + 6));
    return;
  }
  if (source === 0n) return advertise(device, target, undefined);
  if (mac >= 0) stack.neighbours.lookup(device, source).update(mac, 'STALE', { override: true });
  // The answer goes the way of other packets: an entry that was stale is in use from now on.
  advertise(device, target, source, !isMulticastIPv6(asked));
}

function proxied(stack: Ipv6Stack, device: NetDevice, target: IPv6): boolean {
  return device.ipv6.conf.proxy_ndp !== 0 && stack.neighbours.proxies.some((proxy) => proxy.address === target && proxy.device === device);
}

/** An advertisement has come in (ndisc_recv_na). */
export function receiveAdvertisement(device: NetDevice, skb: Skb): void {
  const stack = device.net.ipv6;
  const { bytes, transport, end } = skb;
  if (!validDiscovery(skb, 24)) return drop(device.net, skb, 'IPV6_NDISC_HOP_LIMIT');
  const target = icmp6.target(bytes, transport);
  const own = stack.findAddress(target, device);
  if (own) {
    if (own.entry.tentative && !own.entry.dadFailed) failDad(stack, device, own.entry, readMac(bytes, skb.mac + 6));
    return;
  }
  const entry = stack.neighbours.find(device, target);
  if (!entry) return;
  const flags = icmp6.advertisementFlags(bytes, transport);
  const mac = linkLayerOption(bytes, transport + 24, end, ND_OPTION.TargetLinkLayer);
  entry.router = (flags & NA_FLAG.Router) !== 0;
  entry.update(mac >= 0 ? mac : undefined, (flags & NA_FLAG.Solicited) !== 0 ? 'REACHABLE' : 'STALE', {
    override: (flags & NA_FLAG.Override) !== 0,
    weakOverride: true,
  });
}

/** A router solicitation tells where a host is (ndisc_recv_rs). */
export function receiveRouterSolicitation(device: NetDevice, skb: Skb): void {
  const stack = device.net.ipv6;
  const source = ip6.source(skb.bytes, skb.network);
  if (!validDiscovery(skb, 8) || !stack.forwards(device) || source === 0n) return;
  const mac = linkLayerOption(skb.bytes, skb.transport + 8, skb.end, ND_OPTION.SourceLinkLayer);
  if (mac >= 0) stack.neighbours.lookup(device, source).update(mac, 'STALE', { override: true });
}

/** Discovery is for neighbours only: a hop limit of 255 proves that no router touched it. */
function validDiscovery(skb: Skb, least: number): boolean {
  const { bytes, network, transport, end } = skb;
  if (ip6.hopLimit(bytes, network) !== 255 || end - transport < least || icmp6.code(bytes, transport) !== 0) return false;
  // An option without a length would never end (ndisc_parse_options).
  for (let at = transport + least; at + 8 <= end; at += 8 * (bytes[at + 1] as number)) if (bytes[at + 1] === 0) return false;
  return true;
}
