import { type IP, type IPv4, type IPv6, isMulticastIPv4 } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { type Micros, MILLISECOND, SECOND } from '../../base/time.ts';
import { ETHERNET_HEADER, ETHERTYPE, etherType, readMac } from '../../wire/ethernet.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import type { Countdown } from '../countdown.ts';
import type { Skb } from '../skb.ts';
import type { Bridge } from './bridge.ts';
import { Mdb, type MdbEntry, type PortGroup } from './mdb.ts';
import { type Membership, membershipOf4, membershipOf6 } from './membership.ts';
import { acceptMulticastSetting, defaultMulticastSettings, type MulticastSettings, ROUTER } from './multicast-settings.ts';
import type { BridgePort } from './port.ts';
import { Querier } from './querier.ts';

const CENTISECOND: Micros = 10_000;
/** 224.0.0.106 and ff02::6a: all that snoop (RFC 4286). */
const ALL_SNOOPERS: IPv4 = 0xe000006a;
const ALL_SNOOPERS6: IPv6 = (0xff02n << 112n) | 0x6an;
const ALL_NODES: IPv6 = (0xff02n << 112n) | 1n;

/** Where a group's frame goes instead of everywhere. */
export interface Delivery {
  ports: BridgePort[];
  /** To the bridge's own host as well. */
  host: boolean;
}

/** What a bridge knows of who listens to which group, and what follows for forwarding (net/bridge/br_multicast.c). */
export class BridgeMulticast {
  readonly #bridge: Bridge;
  readonly mdb: Mdb;
  readonly settings: MulticastSettings = defaultMulticastSettings();
  readonly querier4: Querier;
  readonly querier6: Querier;
  #snooping = true;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.mdb = new Mdb(bridge, (entry, member, gone) => this.#tell(entry, member, gone));
    const routerGone = (port: BridgePort): void => this.#routerGone(port);
    this.querier4 = new Querier(bridge, 4, this.settings, routerGone);
    this.querier6 = new Querier(bridge, 6, this.settings, routerGone);
  }

  get on(): boolean {
    return this.#snooping;
  }

  // ---- forwarding -------------------------------------------------------------------------------------------------------

  /**
   * Learns from a frame to a group and says where it goes; the Ethernet header stands at `skb.mac`.
   * @returns `undefined`: everywhere; `bad`: nowhere, a message of IGMP or MLD that is broken
   */
  route(skb: Skb, from: BridgePort | undefined, vlan: number): Delivery | 'bad' | undefined {
    const type = etherType(skb.bytes, skb.mac);
    if (type !== ETHERTYPE.IPv4 && type !== ETHERTYPE.IPv6) {
      if (this.mdb.size === 0) return undefined;
      const entry = this.mdb.find({ family: 'link', address: readMac(skb.bytes, skb.mac), vlan });
      return entry && this.#delivery(entry, undefined);
    }
    const querier = type === ETHERTYPE.IPv4 ? this.querier4 : this.querier6;
    const message = type === ETHERTYPE.IPv4 ? membershipOf4(skb) : membershipOf6(skb);
    if (message === 'bad') return message;
    if (message) {
      this.#learn(message, from, vlan);
      return message.kind === 'report' && querier.known ? this.#delivery(undefined, querier) : undefined;
    }
    if (!querier.known) return undefined;
    const network = skb.mac + ETHERNET_HEADER;
    if (type === ETHERTYPE.IPv4) {
      const address = ip.destination(skb.bytes, network);
      const entry = this.#find(4, address, ip.source(skb.bytes, network), vlan);
      return entry || !isLocalGroup(address) ? this.#delivery(entry, querier) : undefined;
    }
    const address = ip6.destination(skb.bytes, network);
    const entry = this.#find(6, address, ip6.source(skb.bytes, network), vlan);
    return entry || address !== ALL_NODES ? this.#delivery(entry, querier) : undefined;
  }

  /** Entries for one source count where the newer protocols are spoken. */
  #find(family: 4 | 6, address: IP, source: IP, vlan: number): MdbEntry | undefined {
    if (this.mdb.size === 0) return undefined;
    const own = this.#tellsSources(family) ? this.mdb.find({ family, address, source, vlan }) : undefined;
    return own ?? this.mdb.find({ family, address, vlan });
  }

  #tellsSources(family: 4 | 6): boolean {
    return family === 4 ? this.settings.mcast_igmp_version === 3 : this.settings.mcast_mld_version === 2;
  }

  /** Members, and ports with routers behind them (br_multicast_flood). */
  #delivery(entry: MdbEntry | undefined, querier: Querier | undefined): Delivery {
    const { family, source } = entry?.group ?? { family: 'link' as const, source: undefined };
    const anySource = family !== 'link' && source === undefined && this.#tellsSources(family);
    const ports = [...this.#bridge.ports.values()].filter((port) => {
      if (querier && this.#routes(port, querier)) return true;
      const member = entry?.ports.get(port);
      return member !== undefined && !(anySource && member.filterMode === 'include');
    });
    return { ports, host: (entry?.hostJoined ?? false) || (querier !== undefined && this.#isRouter(querier)) };
  }

  #isRouter(querier: Querier): boolean {
    const { mcast_router: kind } = this.settings;
    return kind === ROUTER.permanent || (kind === ROUTER.learned && querier.router.running);
  }

  #routes(port: BridgePort, querier: Querier): boolean {
    return port.multicastRouter === ROUTER.permanent || querier.hasRouter(port);
  }

  // ---- memberships ------------------------------------------------------------------------------------------------------

  #learn(message: Membership, from: BridgePort | undefined, vlan: number): void {
    switch (message.kind) {
      case 'report':
        return this.#join(message.group, from, vlan);
      case 'leave':
        return this.#leave(message.group, from, vlan);
      case 'records':
        for (const { group, joins } of message.records) {
          if (joins) this.#join(group, from, vlan);
          else this.#leave(group, from, vlan);
        }
        return;
      case 'query':
        return this.#queried(message, from, vlan);
    }
  }

  /** br_multicast_add_group. */
  #join(address: IP, from: BridgePort | undefined, vlan: number): void {
    const family = typeof address === 'number' ? 4 : 6;
    if (typeof address === 'number' ? !isMulticastIPv4(address) || isLocalGroup(address) : address === ALL_NODES) return;
    if (!this.#roomFor(family, address, vlan)) return;
    const entry = this.mdb.obtain({ family, address, vlan });
    const hold = this.settings.mcast_membership_intvl * CENTISECOND;
    if (!from) return this.mdb.hostJoin(entry, hold);
    const known = entry.ports.get(from);
    if (known?.permanent) return;
    const member = known ?? this.mdb.join(entry, from, { permanent: false, protocol: 'kernel', filterMode: 'exclude' });
    member.timer.start(hold);
    if (!known) this.mdb.changed(entry, member);
  }

  /** A bridge that has too many groups stops snooping (br_multicast_new_group). */
  #roomFor(family: 4 | 6, address: IP, vlan: number): boolean {
    if (this.mdb.size < this.settings.mcast_hash_max || this.mdb.find({ family, address, vlan })) return true;
    this.#snooping = false;
    return false;
  }

  /** br_multicast_leave_group: others may still listen, so the membership ends soon rather than at once. */
  #leave(address: IP, from: BridgePort | undefined, vlan: number): void {
    const family = typeof address === 'number' ? 4 : 6;
    const entry = this.mdb.find({ family, address, vlan });
    if (!entry) return;
    const member = from && entry.ports.get(from);
    if (member && from.fastLeave) {
      if (member.permanent) return;
      member.fastLeave = true;
      return this.mdb.leave(entry, from);
    }
    const querier = family === 4 ? this.querier4 : this.querier6;
    if (querier.other.running) return;
    const { settings } = this;
    const wait = settings.mcast_last_member_cnt * settings.mcast_last_member_intvl * CENTISECOND;
    if (settings.mcast_querier !== 0) {
      querier.ask(from, address);
      querier.postpone(from, wait);
    }
    if (member) lower(member.timer, wait);
    else if (!from && entry.hostJoined) lower(entry.hostTimer, wait);
  }

  /** br_ip4_multicast_query. */
  #queried(query: Extract<Membership, { kind: 'query' }>, from: BridgePort | undefined, vlan: number): void {
    const family = typeof query.group === 'number' ? 4 : 6;
    const delay = query.delay * MILLISECOND;
    if (!query.group) {
      const querier = family === 4 ? this.querier4 : this.querier6;
      if (querier.heard(from, query.source, delay)) this.#markRouter(from, querier);
      return;
    }
    const entry = this.mdb.find({ family, address: query.group, vlan });
    if (!entry || query.special) return;
    const wait = delay * this.settings.mcast_last_member_cnt;
    if (entry.hostJoined) lower(entry.hostTimer, wait);
    for (const member of entry.ports.values()) if (!member.permanent) lower(member.timer, wait);
  }

  // ---- routers ----------------------------------------------------------------------------------------------------------

  #markRouter(port: BridgePort | undefined, querier: Querier): void {
    if (!port) {
      if (this.settings.mcast_router === ROUTER.learned) querier.markRouter(undefined);
      return;
    }
    if (port.multicastRouter === ROUTER.disabled || port.multicastRouter === ROUTER.permanent) return;
    const before = this.isRouterPort(port);
    querier.markRouter(port);
    if (!before) this.#tellRouter(port, false);
  }

  #routerGone(port: BridgePort): void {
    if (port.multicastRouter === ROUTER.disabled || port.multicastRouter === ROUTER.permanent || this.isRouterPort(port)) return;
    if (port.multicastRouter === ROUTER.temporary) port.multicastRouter = ROUTER.learned;
    this.#tellRouter(port, true);
  }

  isRouterPort(port: BridgePort): boolean {
    return port.multicastRouter === ROUTER.permanent || this.querier4.hasRouter(port) || this.querier6.hasRouter(port);
  }

  /** Seconds for which a port still counts as a router's, by either family. */
  routerLeft(port: BridgePort): number {
    return Math.max(this.querier4.routerLeft(port), this.querier6.routerLeft(port));
  }

  /** br_multicast_set_port_router. */
  setPortRouter(port: BridgePort, kind: number): Errno | undefined {
    const before = this.isRouterPort(port);
    if (kind > ROUTER.temporary) return 'EINVAL';
    if (kind !== port.multicastRouter || kind !== ROUTER.temporary) {
      if (kind === port.multicastRouter) return undefined;
      if (kind !== ROUTER.temporary) for (const querier of [this.querier4, this.querier6]) querier.forgetRouter(port);
      port.multicastRouter = kind;
    }
    if (kind === ROUTER.temporary) for (const querier of [this.querier4, this.querier6]) querier.markRouter(port);
    const after = this.isRouterPort(port);
    if (before !== after) this.#tellRouter(port, before);
    return undefined;
  }

  // ---- life -------------------------------------------------------------------------------------------------------------

  /** Changes a setting; switching the querier on makes it ask at once. */
  set(name: keyof MulticastSettings, value: number): Errno | undefined {
    const accepted = acceptMulticastSetting(name, value, this.settings);
    if (typeof accepted === 'string') return accepted;
    const before = this.settings[name];
    this.settings[name] = accepted;
    if (name === 'mcast_router' && accepted !== before) for (const querier of [this.querier4, this.querier6]) querier.router.stop();
    if (name === 'mcast_querier' && accepted !== before && accepted !== 0)
      for (const querier of [this.querier4, this.querier6]) querier.appointed();
    return undefined;
  }

  /** br_multicast_toggle. What is known of the ports' members goes, but for what is permanent. */
  setSnooping(on: boolean): void {
    if (on === this.#snooping) return;
    this.#snooping = on;
    if (!this.#bridge.up) return;
    if (on) return this.opened();
    for (const port of this.#bridge.ports.values()) this.disablePort(port, false);
    this.#leaveSnoopers();
  }

  /** The bridge is up: it listens to what routers tell those that snoop (br_multicast_open, br_multicast_join_snoopers). */
  opened(): void {
    if (!this.#snooping) return;
    const bridge = this.#bridge;
    bridge.ipv4.joinGroup(ALL_SNOOPERS);
    bridge.net.ipv6.joinGroup(bridge, ALL_SNOOPERS6);
    for (const querier of [this.querier4, this.querier6]) querier.start();
  }

  stopped(): void {
    for (const querier of [this.querier4, this.querier6]) querier.stop();
    if (this.#snooping) this.#leaveSnoopers();
  }

  #leaveSnoopers(): void {
    const bridge = this.#bridge;
    bridge.ipv4.leaveGroup(ALL_SNOOPERS);
    bridge.net.ipv6.leaveGroup(bridge, ALL_SNOOPERS6);
  }

  enablePort(port: BridgePort): void {
    if (!this.#snooping || !this.#bridge.up || this.settings.mcast_querier === 0) return;
    for (const querier of [this.querier4, this.querier6]) querier.enablePort(port);
  }

  /** @param gone it is no port any more, so that nothing of it stays */
  disablePort(port: BridgePort, gone: boolean): void {
    this.mdb.flushPort(port, gone);
    for (const querier of [this.querier4, this.querier6]) querier.disablePort(port);
  }

  #tell(entry: MdbEntry, member: PortGroup | undefined, gone: boolean): void {
    const { notices } = this.#bridge.net;
    if (notices.heard) notices.tell({ kind: 'mdb', bridge: this.#bridge, entry, member, gone });
  }

  #tellRouter(port: BridgePort, gone: boolean): void {
    const { notices } = this.#bridge.net;
    if (notices.heard) notices.tell({ kind: 'router-port', bridge: this.#bridge, port: port.device, gone });
  }
}

/** 224.0.0.0/24, which is never told apart. */
function isLocalGroup(address: IPv4): boolean {
  return address >>> 8 === 0xe00000;
}

/** A timer ends no later than this. */
function lower(timer: Countdown, wait: Micros): void {
  if (!timer.running || timer.left * SECOND > wait) timer.start(wait);
}
