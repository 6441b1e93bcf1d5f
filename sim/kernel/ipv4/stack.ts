import { type IPv4, isMulticastIPv4, isLoopbackIPv4, samePrefix } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { Random } from '../../base/random.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import { NeighbourTable } from '../neigh/table.ts';
import type { DeviceEvent, NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { IcmpError } from './icmp-error.ts';
import { addressAdded, addressRemoved, deviceDown, deviceUp, linkStateChanged } from './address-routes.ts';
import { ArpProtocol, announce } from './arp.ts';
import { MOST_REMEMBERED, FibTable } from './fib.ts';
import { Fragments } from './fragment.ts';
import { ALL_HOSTS, defaultConf, type Ipv4Address, type Ipv4Conf, Ipv4Interface, SCOPE } from './interface.ts';
import { Peers } from './peers.ts';
import { defaultRules, type Rule, TABLE } from './rules.ts';
import { registerSysctls } from './sysctls.ts';

/** A learned path MTU or gateway for one destination (struct fib_nh_exception). */
export interface RouteException {
  mtu?: number;
  mtuLocked?: boolean;
  gateway?: IPv4;
  expires: number;
}

const NO_PORTS: ReadonlySet<number> = new Set();

/** IPv4 of one namespace: addresses, routes, neighbours, and the settings under /proc/sys/net/ipv4. */
export class Ipv4Stack {
  readonly net: NetNamespace;
  readonly all: Ipv4Conf = defaultConf();
  readonly defaults: Ipv4Conf = { ...defaultConf(), accept_source_route: 1 };
  readonly settings = {
    ip_default_ttl: 64,
    ip_no_pmtu_disc: 0,
    ip_forward_use_pmtu: 0,
    ip_nonlocal_bind: 0,
    icmp_echo_ignore_all: 0,
    icmp_echo_ignore_broadcasts: 1,
    icmp_ratelimit: 1000 * MILLISECOND,
    icmp_ratemask: 6168,
    icmp_msgs_per_sec: 1000,
    icmp_msgs_burst: 50,
    icmp_errors_use_inbound_ifaddr: 0,
    fib_multipath_hash_policy: 0,
    ip_unprivileged_port_start: 1024,
    ipfrag_time: 30 * SECOND,
    mtu_expires: 600 * SECOND,
    min_pmtu: 552,
    tcp_syn_retries: 6,
    tcp_syn_linear_timeouts: 4,
    tcp_synack_retries: 5,
    tcp_retries2: 15,
    tcp_fin_timeout: 60,
    tcp_keepalive_time: 7200,
    tcp_keepalive_intvl: 75,
    tcp_keepalive_probes: 9,
    tcp_timestamps: 1,
    tcp_sack: 1,
    tcp_dsack: 1,
    tcp_window_scaling: 1,
    tcp_mtu_probing: 0,
    fwmark_reflect: 0,
    igmp_qrv: 2,
    somaxconn: 4096,
  };
  readonly portRange = [32_768, 60_999];
  /** net.ipv4.tcp_rmem: least, first and largest receive buffer of a socket, in bytes. */
  readonly receiveBuffers = [4096, 131_072, 33_554_432];
  /** Ports of that range that are never chosen (ip_local_reserved_ports). */
  reservedPorts: ReadonlySet<number> = NO_PORTS;
  readonly pingGroupRange = [1, 0];
  readonly tables = new Map<number, FibTable>();
  rules: Rule[] = defaultRules();
  /** A rule asks for protocols or ports, so routes can't be remembered by address. */
  rulesNeedPorts = false;
  /** Somebody has made or deleted rules: the local table and the main one are looked up apart from then on. */
  customRules = false;
  readonly neighbours: NeighbourTable;
  readonly peers: Peers;
  readonly fragments: Fragments;
  readonly exceptions = new Map<IPv4, RouteException>();
  /** The way of the latest packet to each destination that came in; see `routeIncoming`. */
  readonly inputRoutes = new Map<IPv4, unknown>();
  #isLocal: Map<IPv4, boolean> | undefined;
  /** Sends an ICMP error about a packet; the kernel plugs it in, so that output and errors need not import each other. */
  reportError: (skb: Skb, error: IcmpError) => void = () => {};
  /** Takes a copy of what this host has sent to a group; the kernel plugs it in as it does `reportError`. */
  receiveOwn: (device: NetDevice, skb: Skb) => void = () => {};
  /** Tells the link that a group is listened to, or no longer; the kernel plugs it in as it does `reportError`. */
  reportGroup: (device: NetDevice, group: IPv4, joined: boolean) => void = () => {};
  /** IP identifications of datagrams that may be fragmented, per destination (ip_idents_reserve). */
  readonly #identifications = new Map<IPv4, number>();
  readonly #random: Random;
  /** Local addresses, with how many interfaces have each. */
  readonly locals = new Map<IPv4, number>();

  constructor(net: NetNamespace) {
    this.net = net;
    this.#random = net.kernel.random(`ipv4/${net.uid}`);
    this.peers = new Peers(net.kernel.events);
    this.fragments = new Fragments(this);
    this.neighbours = new NeighbourTable(new ArpProtocol());
    for (const id of [TABLE.local, TABLE.main, TABLE.default]) this.table(id);
    this.#inheritConf();
    net.sysctl.defer(() => registerSysctls(this));
  }

  /** New namespaces start with the machine's own `all` and `default` (devinet_init_net, devconf_inherit_init_net 0). */
  #inheritConf(): void {
    const init = this.net.kernel.init as NetNamespace | undefined;
    if (!init) return;
    Object.assign(this.all, init.ipv4.all);
    Object.assign(this.defaults, init.ipv4.defaults);
  }

  /** To be called when anything that routing depends on has changed: routes, rules, addresses, devices, settings (rt_cache_flush). */
  readonly routesChanged = (): void => {
    if (this.inputRoutes.size > 0) this.inputRoutes.clear();
    this.#isLocal = undefined;
  };

  table(id: number): FibTable {
    let table = this.tables.get(id);
    if (!table) {
      table = new FibTable(id);
      table.onChange = this.routesChanged;
      table.onRoute = (route, gone) => {
        if (this.net.notices.heard) this.net.notices.tell({ kind: 'route', family: 4, table: id, route, gone });
      };
      this.tables.set(id, table);
    }
    return table;
  }

  get local(): FibTable {
    return this.table(TABLE.local);
  }

  get main(): FibTable {
    return this.table(TABLE.main);
  }

  /** The device with this local address, if any (ip_dev_find). */
  deviceWith(address: IPv4): NetDevice | undefined {
    if (!this.locals.has(address) && !isLoopbackIPv4(address)) return undefined;
    for (const device of this.net.devices.values()) if (device.ipv4.addresses.some((a) => a.local === address)) return device;
    return isLoopbackIPv4(address) ? this.net.loopback : undefined;
  }

  /** Remembered until routes change: every host on a link is asked about every address there. */
  isLocal(address: IPv4): boolean {
    this.#isLocal ??= new Map();
    let local = this.#isLocal.get(address);
    if (local === undefined) {
      local = this.local.lookup(address, (route) => route.type === 'local') !== undefined;
      if (this.#isLocal.size >= MOST_REMEMBERED) this.#isLocal.clear();
      this.#isLocal.set(address, local);
    }
    return local;
  }

  /**
   * What kind of address it is here (inet_addr_type): used by sockets, ARP and the `addrtype` match.
   */
  addressType(address: IPv4, device?: NetDevice): 'unicast' | 'local' | 'broadcast' | 'multicast' {
    if (address === 0 || address >>> 28 === 0xf) return 'broadcast';
    if (isMulticastIPv4(address)) return 'multicast';
    const route = this.local.lookup(address, () => true);
    if (!route || (device && route.nexthops[0]?.device !== device)) return 'unicast';
    return route.type === 'local' || route.type === 'broadcast' ? route.type : 'unicast';
  }

  /**
   * Adds an address (inet_insert_ifa): EEXIST for the same one twice.
   */
  addAddress(device: NetDevice, address: Omit<Ipv4Address, 'secondary'>): Errno | undefined {
    const list = device.ipv4.addresses;
    if (list.some((a) => a.local === address.local && a.length === address.length && a.peer === address.peer)) return 'EEXIST';
    const secondary = list.some((a) => !a.secondary && a.length === address.length && samePrefix(a.peer, address.peer, a.length));
    const entry: Ipv4Address = { ...address, secondary };
    // A primary goes behind the last primary of the same or a narrower scope, a secondary to the end (__inet_insert_ifa).
    const at = secondary ? list.length : list.findLastIndex((a) => !a.secondary && entry.scope <= a.scope) + 1;
    list.splice(at, 0, entry);
    this.locals.set(entry.local, (this.locals.get(entry.local) ?? 0) + 1);
    if (this.net.notices.heard) this.net.notices.tell({ kind: 'address', device, address: entry, gone: false });
    addressAdded(this, device, entry);
    // What lost a hop here with the last address has it back (fib_sync_up).
    if (list.length === 1 && device.up) linkStateChanged(this, device);
    return undefined;
  }

  /** Gives the route of an address's network another metric (fib_modify_prefix_metric). */
  changeMetric(device: NetDevice, entry: Ipv4Address, metric: number | undefined): void {
    const list = device.ipv4.addresses;
    const at = list.indexOf(entry);
    list.splice(at, 1);
    addressRemoved(this, device, { ...entry });
    entry.metric = metric;
    list.splice(at, 0, entry);
    addressAdded(this, device, entry);
    this.routesChanged();
  }

  /** Removes an address; its secondaries go too, or one of them takes over (promote_secondaries). */
  deleteAddress(device: NetDevice, entry: Ipv4Address): void {
    this.#delete(device, entry);
    if (device.ipv4.addresses.length === 0) this.#disable(device);
  }

  #delete(device: NetDevice, entry: Ipv4Address): void {
    const list = device.ipv4.addresses;
    const heirs = entry.secondary
      ? []
      : list.filter((a) => a.secondary && a.length === entry.length && samePrefix(a.peer, entry.peer, a.length));
    if (!this.confMax(device, 'promote_secondaries')) {
      for (const gone of [...heirs, entry]) this.#remove(device, gone);
      return;
    }
    this.#remove(device, entry);
    if (heirs.length === 0) return;
    const [next, ...others] = heirs as [Ipv4Address, ...Ipv4Address[]];
    this.#remove(device, next);
    for (const other of others) this.#remove(device, other);
    for (const heir of [next, ...others]) this.addAddress(device, heir);
  }

  /** Its last address gone, a device carries no more IPv4: whatever routes led over it go, and what ARP knew (fib_disable_ip). */
  #disable(device: NetDevice): void {
    deviceDown(this, device, true);
    this.neighbours.flush(device, { keepPermanent: false });
    this.routesChanged();
  }

  #remove(device: NetDevice, entry: Ipv4Address): void {
    const list = device.ipv4.addresses;
    const at = list.indexOf(entry);
    if (at < 0) return;
    list.splice(at, 1);
    const left = (this.locals.get(entry.local) ?? 1) - 1;
    if (left > 0) this.locals.set(entry.local, left);
    else this.locals.delete(entry.local);
    if (this.net.notices.heard) this.net.notices.tell({ kind: 'address', device, address: entry, gone: true });
    addressRemoved(this, device, entry);
    this.net.netfilter.addressRemoved(device, entry.local);
  }

  /** Reacts to a device's life (inetdev_event, fib_netdev_event, arp_netdev_event). */
  deviceEvent(event: DeviceEvent, device: NetDevice): void {
    switch (event) {
      case 'register':
        device.ipv4 = new Ipv4Interface(device, this.defaults);
        return;
      case 'up':
        device.ipv4.joinGroup(ALL_HOSTS);
        if (device === this.net.loopback) {
          this.addAddress(device, {
            local: 0x7f000001,
            peer: 0x7f000001,
            length: 8,
            broadcast: undefined,
            scope: SCOPE.host,
            label: 'lo',
            noprefixroute: false,
            protocol: 'kernel_lo',
            validLifetime: undefined,
            preferredLifetime: undefined,
          });
        }
        deviceUp(this, device);
        return;
      case 'down':
        device.ipv4.leaveGroup(ALL_HOSTS);
        this.neighbours.flush(device, { keepPermanent: false });
        deviceDown(this, device);
        return;
      case 'change':
        linkStateChanged(this, device);
        if (!device.running && device.up && this.confMax(device, 'arp_evict_nocarrier'))
          this.neighbours.flush(device, { keepPermanent: true });
        return;
      case 'address':
        this.neighbours.flush(device, { keepPermanent: true });
        if (device.up && device.ipv4.conf.arp_notify) announce(device);
        return;
      case 'unregister':
        for (const address of [...device.ipv4.addresses]) this.#remove(device, address);
        deviceDown(this, device);
        this.neighbours.removeDevice(device);
        return;
      default:
    }
  }

  /** The stricter of a device's setting and `all` (IN_DEV_MAXCONF). */
  confMax(device: NetDevice, name: keyof Ipv4Conf): number {
    return Math.max(device.ipv4.conf[name], this.all[name]);
  }

  /** Whether a device forwards what comes in by it (IN_DEV_FORWARD). */
  forwards(device: NetDevice): boolean {
    return device.ipv4.conf.forwarding !== 0;
  }

  /** Writing ip_forward or conf/all/forwarding sets it everywhere (inet_forward_change). */
  setForwarding(value: number): void {
    this.all.forwarding = value;
    this.defaults.forwarding = value;
    for (const device of this.net.devices.values()) device.ipv4.conf.forwarding = value;
    const { notices } = this.net;
    if (!notices.heard) return;
    for (const device of ['all', 'default', ...this.net.listDevices()] as const)
      notices.tell({ kind: 'netconf', family: 4, device, setting: 'forwarding', value, gone: false });
  }

  /** The next identification for datagrams to `destination` that may be fragmented. */
  nextIdentification(destination: IPv4): number {
    const next = this.#identifications.get(destination) ?? this.#random.below(65_536);
    this.#identifications.set(destination, (next + 1) & 0xffff);
    return next;
  }

  /** A learned exception that still holds. */
  exceptionFor(destination: IPv4): RouteException | undefined {
    const exception = this.exceptions.get(destination);
    if (!exception) return undefined;
    if (exception.expires > this.net.kernel.events.now) return exception;
    this.exceptions.delete(destination);
    return undefined;
  }
}
