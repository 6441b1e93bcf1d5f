import type { Mac } from '../base/address.ts';
import type { Errno } from '../base/errno.ts';
import type { BridgeHookHandler } from './bridge/netfilter.ts';
import { IFF, type NetDevice } from './dev/device.ts';
import { Loopback } from './dev/loopback.ts';
import type { DropReason } from './drop.ts';
import { registerKept } from './kept-parameters.ts';
import { Ipv4Stack } from './ipv4/stack.ts';
import { Ipv6Stack } from './ipv6/stack.ts';
import type { Kernel } from './kernel.ts';
import { NextHops } from './nexthop.ts';
import { Notices } from './notice.ts';
import { Netfilter } from './netfilter/netfilter.ts';
import type { Skb } from './skb.ts';
import { Counters } from './snmp.ts';
import { Sockets } from './socket/sockets.ts';
import { Sysctls } from './sysctl.ts';

/** Sees every frame that passes a device of the namespace, before the stack does (ptype_all). Must not keep or change the skb. */
export type Tap = (device: NetDevice, skb: Skb, outgoing: boolean) => void;

/** What subsystems are told about devices (the netdevice notifier chain). */
export type DeviceEvent = 'register' | 'up' | 'down' | 'change' | 'address' | 'mtu' | 'rename' | 'unregister';

/** A network namespace (network_namespaces(7)): devices, addresses, routes, rules and sockets of its own. */
export class NetNamespace {
  readonly kernel: Kernel;
  /** Unique in the world. */
  readonly uid: number;
  /** What diagrams call it: a container's name, a netns's. */
  label: { kind: 'host' | 'netns' | 'container'; name: string } | undefined;
  readonly devices = new Map<number, NetDevice>();
  readonly loopback: Loopback;
  readonly sysctl = new Sysctls();
  readonly ipv4: Ipv4Stack;
  readonly ipv6: Ipv6Stack;
  readonly netfilter: Netfilter;
  readonly sockets: Sockets;
  readonly taps: Tap[] = [];
  readonly bridgeHooks: BridgeHookHandler[] = [];
  /** What its protocols have counted. */
  readonly counters = new Counters();
  readonly nexthops = new NextHops(this);
  /** Those who listen to what changes, as `ip monitor` does. */
  readonly notices = new Notices();
  readonly dropCounts = new Map<DropReason, number>();
  readonly #nsids = new Map<NetNamespace, number>();
  #nextIndex = 1;
  /** Set when the namespace has been destroyed. */
  dead = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.uid = kernel.ids.nextNetns();
    this.netfilter = new Netfilter(this);
    this.sysctl.defer(() => registerKept(this.sysctl, this.initial ? undefined : kernel.init.sysctl));
    this.sysctl.registerFamily('net', {
      entries: () => ['netfilter', 'netfilter/nf_log', 'bridge'],
      table: (entry) => this.netfilter.sysctls(entry),
    });
    this.sysctl.registerFamily('net/ipv4', {
      entries: () => (this.netfilter.balances ? ['vs'] : []),
      table: (entry) => this.netfilter.sysctls(entry),
    });
    this.sockets = new Sockets(this);
    this.ipv4 = new Ipv4Stack(this);
    this.sysctl.onChange = this.ipv4.routesChanged;
    this.ipv6 = new Ipv6Stack(this);
    this.loopback = new Loopback(this, 'lo', this.takeIndex(), 0);
    this.register(this.loopback);
  }

  /** Whether it is the machine's own, in which it started (init_net). */
  get initial(): boolean {
    return this === this.kernel.init;
  }

  /** The lowest free index above the last one given (dev_new_index). */
  takeIndex(): number {
    while (this.devices.has(this.#nextIndex)) this.#nextIndex++;
    return this.#nextIndex++;
  }

  deviceByIndex(index: number): NetDevice | undefined {
    return this.devices.get(index);
  }

  deviceByName(name: string): NetDevice | undefined {
    for (const device of this.devices.values()) if (device.name === name) return device;
    for (const device of this.devices.values()) if (device.altNames.length > 0 && device.altNames.includes(name)) return device;
    return undefined;
  }

  /** Devices by ascending ifindex, as dumps list them. */
  listDevices(): NetDevice[] {
    return [...this.devices.values()].sort((a, b) => a.ifindex - b.ifindex);
  }

  register(device: NetDevice): void {
    device.net = this;
    this.devices.set(device.ifindex, device);
    device.registerCarrier();
    this.notify('register', device);
  }

  /** Takes a device out of the world (unregister_netdevice). */
  unregister(device: NetDevice): void {
    if (device.unregistered) return;
    for (const upper of [...device.uppers]) upper.lowerGone(device);
    device.leaving = true;
    this.#detach(device);
    device.unregistered = true;
    device.unregister();
    const { uid, ifindex, type, linkHeader, address } = device;
    this.kernel.departed.set(uid, { ifindex, type, linkHeader, address });
    device.lower?.uppers.delete(device);
  }

  /** Moves a device to another namespace: it goes down, loses its addresses and may get a new index (dev_change_net_namespace). */
  move(device: NetDevice, to: NetNamespace, name?: string): Errno | undefined {
    if (to === this) return undefined;
    const wanted = name ?? device.name;
    if (to.deviceByName(wanted)) return 'EEXIST';
    this.#detach(device);
    if (to.devices.has(device.ifindex)) device.ifindex = to.takeIndex();
    device.name = wanted;
    device.flags &= ~IFF.UP;
    to.register(device);
    return undefined;
  }

  #detach(device: NetDevice): void {
    this.setDown(device);
    if (device.master) this.kernel.releaseFromMaster(device);
    this.notify('unregister', device);
    this.devices.delete(device.ifindex);
  }

  setUp(device: NetDevice): Errno | undefined {
    if (device.up) return undefined;
    const failed = device.opening();
    if (failed) return failed;
    device.flags |= IFF.UP;
    device.startsDormant = device.dormant;
    device.markEverUp();
    device.opened();
    this.notify('up', device);
    this.linkChanged(device);
    device.cameUp();
    return undefined;
  }

  setDown(device: NetDevice): void {
    if (!device.up) return;
    device.flags &= ~IFF.UP;
    this.notify('down', device);
    device.stopped();
    this.linkChanged(device);
  }

  setAddress(device: NetDevice, address: Mac): void {
    device.addressChanging(address);
    device.address = address;
    this.notify('address', device);
  }

  setMtu(device: NetDevice, mtu: number): void {
    device.mtu = mtu;
    this.notify('mtu', device);
    device.master?.portChanged(device);
  }

  rename(device: NetDevice, name: string): void {
    this.kernel.log.write(6, `${name}: renamed from ${device.name}${device.up ? ' (while UP)' : ''}`);
    device.name = name;
    this.notify('rename', device);
  }

  /** To be called when a device's carrier may have changed: tells its master and the protocols if it has. */
  linkChanged(device: NetDevice): void {
    device.countCarrier();
    if (device.wasRunning === device.running) return;
    device.wasRunning = device.running;
    device.master?.portChanged(device);
    this.notify('change', device);
  }

  notify(event: DeviceEvent, device: NetDevice): void {
    if (this.notices.heard && (event === 'up' || event === 'down'))
      this.notices.tell({ kind: 'link', device, gone: false, starting: event === 'up' });
    if (event === 'down' || event === 'unregister') this.netfilter.deviceDown(device);
    this.ipv4.deviceEvent(event, device);
    if (event === 'down' || event === 'unregister' || (event === 'change' && !device.running)) this.nexthops.flushDevice(device);
    this.ipv6.deviceEvent(event, device);
    this.ipv4.routesChanged();
    if (this.notices.heard) this.#tellOf(event, device);
    for (const listener of this.listeners) listener(event, device);
    if (device.uppers.size > 0) for (const upper of [...device.uppers]) upper.lowerEvent(event, device);
  }

  /** Flags are told before the protocols act on them, everything else afterwards (rtnetlink_event). */
  #tellOf(event: DeviceEvent, device: NetDevice): void {
    const settled = event === 'change' && (!device.up || device.operstate === 'UNKNOWN');
    if (event === 'up' || event === 'down' || settled) return;
    this.notices.tell({ kind: 'link', device, gone: event === 'unregister' });
  }

  /** Further listeners: diagrams. */
  readonly listeners: ((event: DeviceEvent, device: NetDevice) => void)[] = [];

  /** This namespace's number for another (peernet2id), or `undefined`. */
  nsid(other: NetNamespace): number | undefined {
    return this.#nsids.get(other);
  }

  /** Gives another namespace a number, once (peernet2id_alloc). */
  assignNsid(other: NetNamespace, wanted?: number): number | Errno {
    const known = this.#nsids.get(other);
    if (known !== undefined) return wanted === undefined || wanted === known ? known : 'EEXIST';
    const taken = new Set(this.#nsids.values());
    if (wanted !== undefined && taken.has(wanted)) return 'ENOSPC';
    let id = wanted ?? 0;
    while (taken.has(id)) id++;
    this.#nsids.set(other, id);
    return id;
  }

  forgetNsid(other: NetNamespace): void {
    this.#nsids.delete(other);
  }

  /** The namespaces that have a number here, by number. */
  nsids(): [number, NetNamespace][] {
    return [...this.#nsids].map(([net, id]): [number, NetNamespace] => [id, net]).sort((a, b) => a[0] - b[0]);
  }
}
