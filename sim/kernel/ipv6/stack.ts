import { type IPv6, isLinkLocalIPv6, isMulticastIPv6, linkLocalOf, multicastMacOfIPv6, solicitedNode } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import { SCOPE } from '../ipv4/interface.ts';
import { defaultRules, type Rule, TABLE } from '../ipv4/rules.ts';
import { NeighbourTable } from '../neigh/table.ts';
import type { DeviceEvent, NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { addAddressRoutes, joinAnycast, leaveAnycast, addLinkRoutes, removeAddressRoutes, removeDeviceRoutes } from './address-routes.ts';
import { startDad } from './dad.ts';
import type { Icmpv6Error } from './error.ts';
import { Fib6Table } from './fib.ts';
import { Fragments6 } from './fragment.ts';
import { defaultConf, type Ipv6Address, type Ipv6Conf, Ipv6Interface } from './interface.ts';
import { reportMembership } from './mld.ts';
import { NeighbourDiscovery } from './ndisc.ts';
import { registerSysctls } from './sysctls.ts';

const LOOPBACK: IPv6 = 1n;
/** ff02::1: every device listens to it from the start (ipv6_mc_init_dev). */
export const ALL_NODES: IPv6 = (0xff02n << 112n) | 1n;
/** ff01::1: the same, of the interface alone. */
const INTERFACE_NODES: IPv6 = (0xff01n << 112n) | 1n;
/** ff02::2: routers. */
export const ALL_ROUTERS: IPv6 = (0xff02n << 112n) | 2n;
/** Routers also listen on the interface alone and in the whole site (dev_forward_change). */
const ROUTER_GROUPS: readonly IPv6[] = [ALL_ROUTERS, (0xff01n << 112n) | 2n, (0xff05n << 112n) | 2n];

/** IPv6 of one namespace: addresses, routes, neighbours, and the settings under /proc/sys/net/ipv6. */
export class Ipv6Stack {
  readonly net: NetNamespace;
  readonly all: Ipv6Conf = { ...defaultConf(), accept_dad: 0 };
  readonly defaults: Ipv6Conf = defaultConf();
  readonly settings = {
    bindv6only: 0,
    fib_multipath_hash_policy: 0,
    ip_nonlocal_bind: 0,
    icmp_echo_ignore_all: 0,
    icmp_ratelimit: 100 * MILLISECOND,
    ip6frag_time: 60 * SECOND,
    mtu_expires: 600 * SECOND,
  };
  readonly tables = new Map<number, Fib6Table>();
  rules: Rule[] = defaultRules().filter((rule) => rule.table !== TABLE.default);
  /** A rule asks for protocols or ports. */
  rulesNeedPorts = false;
  readonly neighbours = new NeighbourTable(new NeighbourDiscovery());
  readonly fragments: Fragments6;
  /** Types of ICMPv6 messages whose number is limited (icmp/ratemask). */
  limitedTypes: ReadonlySet<number> | undefined;
  /** Learned path MTUs. */
  readonly exceptions = new Map<IPv6, { mtu: number; expires: number }>();
  #errorTokens: Map<IPv6, { tokens: number; last: number }> | undefined;
  nextFragmentIdentification: number;
  /** Sends an ICMPv6 error about a packet; the kernel plugs it in, so that output and errors need not import each other. */
  reportError: (skb: Skb, error: Icmpv6Error) => void = () => {};
  /** Takes a copy of what this host has sent to a group; plugged in as `reportError` is. */
  receiveOwn: (device: NetDevice, skb: Skb) => void = () => {};

  /** Token buckets of ICMPv6 errors, by destination. */
  get errorTokens(): Map<IPv6, { tokens: number; last: number }> {
    this.#errorTokens ??= new Map();
    return this.#errorTokens;
  }

  constructor(net: NetNamespace) {
    this.net = net;
    this.fragments = new Fragments6(this);
    this.nextFragmentIdentification = net.kernel.random(`ipv6/${net.uid}`).uint32();
    for (const id of [TABLE.local, TABLE.main]) this.table(id);
    net.sysctl.defer(() => registerSysctls(this));
  }

  table(id: number): Fib6Table {
    let table = this.tables.get(id);
    if (!table) {
      table = new Fib6Table(id);
      table.onRoute = (route, gone) => {
        if (this.net.notices.heard) this.net.notices.tell({ kind: 'route', family: 6, table: id, route, gone });
      };
      this.tables.set(id, table);
    }
    return table;
  }

  disabled(device: NetDevice): boolean {
    return device.ipv6.conf.disable_ipv6 !== 0;
  }

  /** Whether the address is one of this host's, ready for use or not. */
  findAddress(address: IPv6, on?: NetDevice): { device: NetDevice; entry: Ipv6Address } | undefined {
    for (const device of on ? [on] : this.net.devices.values()) {
      const entry = device.ipv6.addresses.find((a) => a.address === address);
      if (entry) return { device, entry };
    }
    return undefined;
  }

  isLocal(address: IPv6): boolean {
    const found = this.findAddress(address);
    return found !== undefined && !found.entry.tentative;
  }

  /** A learned path MTU that still holds. */
  exceptionFor(destination: IPv6): { mtu: number; expires: number } | undefined {
    const exception = this.exceptions.get(destination);
    if (!exception || exception.expires > this.net.kernel.events.now) return exception;
    this.exceptions.delete(destination);
    return undefined;
  }

  /** Reacts to a device's life (addrconf_notify). */
  deviceEvent(event: DeviceEvent, device: NetDevice): void {
    if (event === 'mtu') device.ipv6.conf.mtu = device.mtu;
    switch (event) {
      case 'register':
        device.ipv6 = new Ipv6Interface(device, this.defaults);
        this.joinGroup(device, INTERFACE_NODES);
        this.joinGroup(device, ALL_NODES);
        return;
      case 'up':
        this.#filterGroups(device, true);
        if (device.carrier || device === this.net.loopback) this.#linkReady(device);
        return;
      case 'change':
        if (device.up && (device.carrier || device === this.net.loopback)) this.#linkReady(device);
        return;
      case 'address':
        this.neighbours.flush(device, { keepPermanent: true });
        return;
      case 'down':
        this.#linkDown(device);
        this.#filterGroups(device, false);
        return;
      case 'unregister':
        this.#linkDown(device);
        this.neighbours.removeDevice(device);
        return;
      default:
    }
  }

  /** Groups that were joined before are told of now: nobody heard of them, or it may be another link (ipv6_mc_up). */
  #linkReady(device: NetDevice): void {
    const known = [...device.ipv6.groups.keys()].filter((group) => filtered(device, group) && group !== ALL_NODES).reverse();
    this.#linkUp(device);
    if (known.length > 0 && device.running && !this.disabled(device)) reportMembership(this, device, known);
  }

  /** A link that is there gets its own address and its routes (addrconf_dev_config). */
  #linkUp(device: NetDevice): void {
    if (this.disabled(device)) return;
    if (device === this.net.loopback) {
      this.addAddress(device, { address: LOOPBACK, length: 128, scope: SCOPE.host, protocol: 'kernel_lo' });
      return;
    }
    // Point-to-point devices without a link layer of a kind that has group addresses (ARPHRD_NONE) have multicast all the same.
    if (device.hasLinkLayer || device.type === 'none') addLinkRoutes(this, device);
    for (const entry of device.ipv6.addresses) {
      // Those that were given while it was down have no routes yet.
      addAddressRoutes(this, device, entry);
      if (entry.tentative && !entry.dadFailed && !entry.dad) startDad(this, device, entry);
    }
    // A link that has only been without carrier has its address already (IF_READY).
    const first = !device.ipv6.ready;
    device.ipv6.ready = true;
    if (first && device.hasLinkLayer && device.ipv6.conf.addr_gen_mode === 0)
      this.addAddress(device, {
        address: linkLocalOf(device.address, device.deviceId),
        length: 64,
        scope: SCOPE.link,
        protocol: 'kernel_ll',
      });
  }

  #linkDown(device: NetDevice): void {
    device.ipv6.ready = false;
    removeDeviceRoutes(this, device);
    this.neighbours.flush(device, { keepPermanent: false });
    for (const address of [...device.ipv6.addresses]) this.deleteAddress(device, address);
    this.net.kernel.events.cancel(device.ipv6.solicitationTimer);
    device.ipv6.solicitationTimer = undefined;
    device.ipv6.solicitations = 0;
  }

  /** Gives the route of an address's network another metric, or takes it away or brings it back (modify_prefix_route). */
  changePrefixRoute(device: NetDevice, entry: Ipv6Address, metric: number | undefined, noprefixroute: boolean): void {
    if ((entry.metric ?? 0) === (metric ?? 0) && entry.noprefixroute === noprefixroute) return;
    const list = device.ipv6.addresses;
    const at = list.indexOf(entry);
    list.splice(at, 1);
    removeAddressRoutes(this, device, { ...entry, permanent: true });
    Object.assign(entry, { metric, noprefixroute });
    list.splice(at, 0, entry);
    addAddressRoutes(this, device, entry);
  }

  /** @returns EEXIST for one that is there, EACCES where IPv6 is switched off */
  addAddress(device: NetDevice, spec: Pick<Ipv6Address, 'address' | 'length'> & Partial<Ipv6Address>): Errno | undefined {
    if (this.disabled(device)) return 'EACCES';
    if (device.ipv6.addresses.some((known) => known.address === spec.address)) return 'EEXIST';
    const { conf } = device.ipv6;
    const { nodad = false, ...wanted } = spec;
    const probed = device.hasLinkLayer && !nodad && conf.dad_transmits > 0 && Math.max(conf.accept_dad, this.all.accept_dad) > 0;
    const entry: Ipv6Address = {
      peer: undefined,
      scope: scopeOf(spec.address),
      dadFailed: false,
      protocol: undefined,
      noprefixroute: false,
      permanent: true,
      validLifetime: undefined,
      preferredLifetime: undefined,
      ...wanted,
      tentative: probed,
      nodad,
      dad: undefined,
    };
    const at = device.ipv6.addresses.findIndex((other) => other.scope >= entry.scope);
    if (at < 0) device.ipv6.addresses.push(entry);
    else device.ipv6.addresses.splice(at, 0, entry);
    // An address of the administrator's is told at once, the kernel's own when it is known to be free (inet6_addr_add).
    if (device.up && probed) addAddressRoutes(this, device, entry);
    if (!probed || !entry.protocol?.startsWith('kernel_')) this.tell(device, entry, false);
    if (device.up && !probed) addAddressRoutes(this, device, entry);
    if (device.hasLinkLayer) this.joinGroup(device, solicitedNode(entry.address));
    if (probed && device.running) startDad(this, device, entry);
    return undefined;
  }

  deleteAddress(device: NetDevice, entry: Ipv6Address): void {
    this.net.kernel.events.cancel(entry.dad);
    const at = device.ipv6.addresses.indexOf(entry);
    if (at < 0) return;
    device.ipv6.addresses.splice(at, 1);
    this.tell(device, entry, true);
    removeAddressRoutes(this, device, entry);
    if (device.hasLinkLayer) this.leaveGroup(device, solicitedNode(entry.address));
  }

  /** Tells those who listen that an address has come, changed or gone (inet6_ifa_notify). */
  tell(device: NetDevice, address: Ipv6Address, gone: boolean): void {
    if (this.net.notices.heard) this.net.notices.tell({ kind: 'address', device, address, gone });
  }

  /** Joins a group on a device, and says so on the link (ipv6_dev_mc_inc). */
  joinGroup(device: NetDevice, group: IPv6): void {
    const { groups } = device.ipv6;
    const count = groups.get(group) ?? 0;
    groups.set(group, count + 1);
    if (count > 0) return;
    if (filtered(device, group) && device.ipv6.filters) device.joinMulticast(multicastMacOfIPv6(group));
    if (device.ipv6.ready && device.running && filtered(device, group) && group !== ALL_NODES && !this.disabled(device))
      reportMembership(this, device, [group]);
  }

  /** A link that goes down forgets its groups' link-layer addresses until it is up again (ipv6_mc_down, ipv6_mc_up). */
  #filterGroups(device: NetDevice, on: boolean): void {
    if (device.ipv6.filters === on) return;
    device.ipv6.filters = on;
    for (const group of device.ipv6.groups.keys()) {
      if (!filtered(device, group)) continue;
      if (on) device.joinMulticast(multicastMacOfIPv6(group));
      else device.leaveMulticast(multicastMacOfIPv6(group));
    }
  }

  leaveGroup(device: NetDevice, group: IPv6): void {
    const { groups } = device.ipv6;
    const count = groups.get(group) ?? 0;
    if (count > 1) groups.set(group, count - 1);
    else if (count === 1) {
      groups.delete(group);
      if (device.running && filtered(device, group) && group !== ALL_NODES && !this.disabled(device))
        reportMembership(this, device, [group], false);
      if (filtered(device, group) && device.ipv6.filters) device.leaveMulticast(multicastMacOfIPv6(group));
    }
  }

  /** Whether a packet to this group is for this host. */
  listensTo(device: NetDevice, group: IPv6): boolean {
    return device.ipv6.groups.has(group);
  }

  /** Whether the host routes between its devices. */
  forwards(device: NetDevice): boolean {
    return device.ipv6.conf.forwarding !== 0;
  }

  /** Writing conf/all/forwarding sets it everywhere; routers listen to their own group (addrconf_forward_change). */
  setForwarding(value: number): void {
    this.defaults.forwarding = value;
    for (const device of this.net.devices.values()) {
      const before = device.ipv6.conf.forwarding;
      device.ipv6.conf.forwarding = value;
      this.forwardingChanged(device, before);
    }
  }

  forwardingChanged(device: NetDevice, before: number): void {
    const now = device.ipv6.conf.forwarding;
    if (!device.hasLinkLayer || (before !== 0) === (now !== 0)) return;
    for (const group of ROUTER_GROUPS) {
      if (now) this.joinGroup(device, group);
      else this.leaveGroup(device, group);
    }
    for (const address of device.ipv6.addresses) {
      if (now) joinAnycast(this, device, address);
      else leaveAnycast(this, device, address);
    }
  }

  /** Switches IPv6 on or off on a device at once (addrconf_disable_ipv6). */
  disableChanged(device: NetDevice): void {
    if (this.disabled(device)) this.#linkDown(device);
    else this.deviceEvent('up', device);
  }
}

/** Whether the link carries the group: it has link-layer addresses, and the group is not of the interface alone (igmp6_group_added). */
function filtered(device: NetDevice, group: IPv6): boolean {
  return device.hasLinkLayer && ((group >> 112n) & 0xfn) >= 2n;
}

/** The scope of an address, in rtnetlink's terms. */
export function scopeOf(address: IPv6): number {
  if (address === LOOPBACK) return SCOPE.host;
  if (isMulticastIPv6(address)) return ((address >> 112n) & 0xfn) <= 2n ? SCOPE.link : SCOPE.global;
  return isLinkLocalIPv6(address) ? SCOPE.link : SCOPE.global;
}
