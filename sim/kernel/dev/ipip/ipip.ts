import { formatIPv4, type IPv4, parseIPv4 } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import { ETHERTYPE } from '../../../wire/ethernet.ts';
import * as ip from '../../../wire/ipv4.ts';
import { type DropReason, drop } from '../../drop.ts';
import { localOut, pushHeader } from '../../ipv4/output.ts';
import { type Ipv4Destination, routeOutput } from '../../ipv4/route.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { type DeviceAttribute, IFF, NetDevice, type Refusal } from '../device.ts';
import { receiveBare } from '../queue.ts';
import { ecnDecapsulate, ecnEncapsulate, guarded, innerHeader, learnInnerMtu, traceTunnel } from '../tunnel.ts';

/** What a tunnel is made with (`struct ip_tunnel_parm`). Addresses of 0 are any. */
export interface IpipSettings {
  remote: IPv4;
  local: IPv4;
  /** ifindex that the outer packets leave by; 0 lets the route decide. */
  ifindex: number;
  /** 0 takes the inner packet's. */
  ttl: number;
  /** 1 takes the inner packet's. */
  tos: number;
  /** Outer packets must not be fragmented. */
  pmtudisc: boolean;
  /** The inner protocol: 4 (ipip), or 0 for any, as the fallback device has it. */
  protocol: 4 | 0;
}

export const IPIP_OVERHEAD = ip.IPV4_HEADER;

/** How long after an ICMP error the next packets' senders are told that the far end is out of reach (IPTUNNEL_ERR_TIMEO). */
const ERROR_TIME = 30 * SECOND;

/**
 * An IP-in-IP tunnel (net/ipv4/ipip.c, ip_tunnel.c; RFC 2003). Without a remote address of its own it sends each packet to the packet's
 * next hop, as Calico's `tunl0` does.
 */
export class Ipip extends NetDevice {
  readonly kind = 'ipip';
  override readonly type = 'ipip';
  override readonly linkHeader = 0;
  override readonly linkNone = true;
  override minMtu = 0;
  override maxMtu = 0;
  override flags: number = IFF.NOARP;
  settings: IpipSettings;
  override readonly underlay: NetNamespace;
  /** `tunl0`: takes what no other tunnel takes, and can't be deleted. */
  readonly fallback: boolean;
  #errors = 0;
  #errorTime = 0;

  constructor(net: NetNamespace, name: string, ifindex: number, underlay: NetNamespace, settings: IpipSettings, fallback = false) {
    super(net, name, ifindex, settings.local);
    this.underlay = underlay;
    this.settings = settings;
    this.fallback = fallback;
    this.#bind();
  }

  /** Addresses, point-to-point flag and MTU by the settings (ip_tunnel_bind_dev). */
  #bind(): void {
    const { remote, local, ifindex } = this.settings;
    this.address = local;
    this.broadcast = remote;
    let lower = ifindex === 0 ? undefined : this.underlay.deviceByIndex(ifindex);
    if (remote !== 0) {
      this.flags |= IFF.POINTOPOINT;
      const way = routeOutput(this.underlay.ipv4, { destination: remote, source: local, iif: 0, oif: ifindex, mark: 0, tos: 0 });
      if (typeof way !== 'string') lower = way.device;
    } else this.flags &= ~IFF.POINTOPOINT;
    this.mtu = Math.max((lower ? Math.min(lower.mtu, 65_535) : 1500) - IPIP_OVERHEAD, 68);
    const link = ifindex === 0 ? undefined : this.underlay.deviceByIndex(ifindex);
    if (link !== this.lower) {
      this.lower?.uppers.delete(this);
      this.lower = undefined;
      if (link) this.standOn(link);
    }
  }

  override get operstate(): 'UNKNOWN' | 'DOWN' {
    return this.up ? 'UNKNOWN' : 'DOWN';
  }

  override get link(): { device: NetDevice } | undefined {
    return this.lower && { device: this.lower };
  }

  override mtuChanging(mtu: number): Refusal | undefined {
    return mtu < 68 || mtu > 65_535 - IPIP_OVERHEAD ? { errno: 'EINVAL' } : undefined;
  }

  /** The device that its packets leave by is gone; the tunnel stays (ip_tunnel has no notifier of its own). */
  override lowerGone(): void {
    this.lower = undefined;
  }

  override get attributes(): Record<string, DeviceAttribute> {
    const { remote, local, ifindex, ttl, tos, pmtudisc, protocol } = this.settings;
    const link: Record<string, DeviceAttribute> = ifindex === 0 ? {} : { link: this.net.deviceByIndex(ifindex)?.name ?? `if${ifindex}` };
    return {
      proto: protocol === 4 ? 'ipip' : 'any',
      remote: remote === 0 ? 'any' : formatIPv4(remote),
      local: local === 0 ? 'any' : formatIPv4(local),
      ...link,
      ttl,
      tos: tos === 1 ? 'inherit' : tos,
      pmtudisc,
    };
  }

  override changeLink(data: Readonly<Record<string, DeviceAttribute>>): Refusal | undefined {
    if (this.fallback) return { errno: 'EINVAL' };
    const next = readIpip(data, this.settings, this.underlay);
    if ('errno' in next) return next;
    if ((next.remote !== 0) !== (this.settings.remote !== 0)) return { errno: 'EINVAL' };
    const other = tunnelLike(this.underlay, next);
    if (other && other !== this) return { errno: 'EEXIST' };
    this.settings = next;
    this.#bind();
    return undefined;
  }

  override unregister(): void {
    tunnelsOf(this.underlay).delete(this);
  }

  // ---- out ----------------------------------------------------------------------------------------------------------------

  /** ip_tunnel_xmit. */
  override transmit(skb: Skb): void {
    const { settings, underlay, stats } = this;
    const size = skb.end - skb.data;
    const fail = (reason: DropReason, counter?: 'txErrors' | 'txCarrier' | 'txCollisions') => {
      stats.txPackets--;
      stats.txBytes -= size;
      stats.txErrors++;
      if (counter && counter !== 'txErrors') stats[counter]++;
      drop(this.net, skb, reason);
    };
    if (skb.protocol !== ETHERTYPE.IPv4) return fail('INVALID_PROTO');
    const inner = innerHeader(skb, skb.network);
    const destination = settings.remote || this.#nextHop(skb);
    if (destination === 0) return fail('TUNNEL_TXINFO');
    const tos = settings.tos === 1 ? inner.tos : settings.tos;
    const query = { destination, source: settings.local, iif: 0, oif: settings.ifindex, mark: 0, tos: tos & 0xfc, protocol: 4 };
    const way = routeOutput(underlay.ipv4, query);
    if (typeof way === 'string') return fail('IP_OUTNOROUTES', 'txCarrier');
    if (way.device === this) return fail('RECURSION_LIMIT', 'txCollisions');
    const df = settings.pmtudisc || inner.df;
    if (!this.#fits(skb, way, df, inner.df)) return fail('PKT_TOO_BIG');
    this.#relayError(skb);
    const ttl = settings.ttl || inner.ttl;
    skb.scrub(underlay !== this.net);
    skb.packetType = 'outgoing';
    const source = settings.local || way.source;
    traceTunnel(this, skb, `ipip: into ${formatIPv4(source)} > ${formatIPv4(destination)}`);
    skb.traced = -1;
    skb.data = skb.network;
    pushHeader(underlay, skb, source, destination, { protocol: ip.PROTOCOL.IPIP, tos: ecnEncapsulate(tos, inner.tos), ttl, df });
    guarded(underlay, this, skb, () => {
      localOut(underlay, skb, way);
    });
  }

  /** Where to, without a remote of its own: the inner packet's next router (rt_nexthop). */
  #nextHop(skb: Skb): IPv4 {
    const way = skb.route as Ipv4Destination | undefined;
    return way?.gateway ?? ip.destination(skb.bytes, skb.network);
  }

  /** The sender of what doesn't fit hears of it (tnl_update_pmtu). */
  #fits(skb: Skb, way: Ipv4Destination, df: boolean, innerDf: boolean): boolean {
    const own = (skb.route as Ipv4Destination | undefined)?.mtu ?? this.mtu;
    const mtu = df ? way.mtu - IPIP_OVERHEAD : own;
    learnInnerMtu(skb, skb.network, mtu);
    if (!innerDf || skb.end - skb.network <= mtu) return true;
    this.net.ipv4.reportError(skb, { kind: 'unreachable', code: 4, mtu });
    return false;
  }

  /** After errors from the underlay, senders of the next packets are told (tunnel->err_count, dst_link_failure). */
  #relayError(skb: Skb): void {
    if (this.#errors === 0) return;
    if (this.net.kernel.events.now - this.#errorTime < ERROR_TIME) {
      this.#errors--;
      this.net.ipv4.reportError(skb, { kind: 'unreachable', code: 1, mtu: 0 });
    } else this.#errors = 0;
  }

  /** The underlay has reported an error about an outer packet (ipip_err). */
  failed(): void {
    if (this.settings.remote === 0) return;
    const { now } = this.net.kernel.events;
    this.#errors = now - this.#errorTime < ERROR_TIME ? this.#errors + 1 : 1;
    this.#errorTime = now;
  }

  // ---- in -----------------------------------------------------------------------------------------------------------------

  /** A packet for this tunnel; `skb.transport` stands at the inner header (ip_tunnel_rcv). */
  unpack(skb: Skb): void {
    const { underlay } = this;
    const outer = ip.tos(skb.bytes, skb.network);
    const from = ip.source(skb.bytes, skb.network);
    skb.data = skb.transport;
    if (skb.end - skb.data < ip.IPV4_HEADER) return drop(underlay, skb, 'PKT_TOO_SMALL');
    skb.network = skb.data;
    skb.protocol = ETHERTYPE.IPv4;
    if (!ecnDecapsulate(skb, outer)) {
      this.stats.rxErrors++;
      return drop(underlay, skb, 'IP_TUNNEL_ECN');
    }
    skb.scrub(underlay !== this.net);
    traceTunnel(this, skb, `ipip: out of a packet from ${formatIPv4(from)}`);
    receiveBare(this, skb);
  }
}

/** The tunnels of a namespace, in whatever namespace their devices are now. */
const tunnels = new WeakMap<NetNamespace, Set<Ipip>>();

export function tunnelsOf(underlay: NetNamespace): Set<Ipip> {
  let set = tunnels.get(underlay);
  if (!set) {
    set = new Set();
    tunnels.set(underlay, set);
  }
  return set;
}

/** The tunnel with the same ends (ip_tunnel_find). */
export function tunnelLike(underlay: NetNamespace, { remote, local, ifindex }: IpipSettings): Ipip | undefined {
  for (const tunnel of tunnelsOf(underlay)) {
    const { settings } = tunnel;
    if (settings.remote === remote && settings.local === local && settings.ifindex === ifindex) return tunnel;
  }
  return undefined;
}

/** Reads IFLA_IPTUN_* on top of `before` (ipip_netlink_parms). */
export function readIpip(
  data: Readonly<Record<string, DeviceAttribute>>,
  before: IpipSettings | undefined,
  underlay: NetNamespace,
): IpipSettings | Refusal {
  const usual: IpipSettings = { remote: 0, local: 0, ifindex: 0, ttl: 0, tos: 0, pmtudisc: true, protocol: 4 };
  const next = { ...(before ?? usual) };
  const address = (value: DeviceAttribute) => parseIPv4(String(value)) ?? 0;
  if (data.remote !== undefined) next.remote = address(data.remote);
  if (data.local !== undefined) next.local = address(data.local);
  if (data.link !== undefined) {
    const lower = underlay.deviceByName(String(data.link));
    if (!lower) return { errno: 'ENODEV' };
    next.ifindex = lower.ifindex;
  }
  if (data.ttl !== undefined) next.ttl = data.ttl === 'inherit' ? 0 : Number(data.ttl);
  if (data.tos !== undefined) next.tos = data.tos === 'inherit' ? 1 : Number(data.tos);
  if (data.pmtudisc !== undefined) next.pmtudisc = data.pmtudisc === true;
  if (data.proto !== undefined) next.protocol = data.proto === 'any' ? 0 : 4;
  return next;
}
