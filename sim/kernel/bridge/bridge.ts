import type { Mac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import { TraceKind } from '../../base/trace.ts';
import { ETHERNET_HEADER, ETHERTYPE, readMac } from '../../wire/ethernet.ts';
import { STP_GROUP } from '../../wire/stp.ts';
import { VLAN_HEADER } from '../../wire/vlan.ts';
import { tag } from '../dev/vlan-tag.ts';
import { type DeviceAttribute, NetDevice } from '../dev/device.ts';
import { deliver, transmit } from '../dev/queue.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { bridgeHook } from './netfilter.ts';
import { bridgeAttributes, setBridgeAttribute } from './attributes.ts';
import { readBpdu } from './bpdu.ts';
import { BridgeMulticast, type Delivery } from './multicast.ts';
import { Fdb } from './fdb.ts';
import { SpanningTree } from './spanning-tree.ts';
import { suppressArp } from './neigh-suppress.ts';
import { BridgePort } from './port.ts';
import { BridgeVlans, type VlanGroup } from './vlan.ts';

/** A bridge: a switch made of devices, and a device itself, through which its host takes part (net/bridge). */
export class Bridge extends NetDevice {
  readonly kind = 'bridge';
  readonly ports = new Map<NetDevice, BridgePort>();
  readonly fdb: Fdb;
  // Times are in the kernel's USER_HZ centiseconds, as netlink and `ip -d` carry them.
  forwardDelay = 1500;
  helloTime = 200;
  maxAge = 2000;
  ageingTime = 30_000;
  stpState = 0;
  bridgePriority = 32_768;
  /** What it uses while it is the root; else it follows the root's. */
  readonly ownTimes = { forwardDelay: 1500, helloTime: 200, maxAge: 2000 };
  /** The spanning tree's identifier, priority and address; without address until a port or an administrator has given it one. */
  id: bigint;
  readonly tree: SpanningTree;
  readonly snooping: BridgeMulticast;
  /** Some port suppresses neighbour discovery (BROPT_NEIGH_SUPPRESS_ENABLED). */
  suppresses = false;
  /** The ageing time while the topology changes. */
  #ageingBefore: number | undefined;
  vlanFiltering = false;
  /** Since somebody has configured any. */
  #vlans: BridgeVlans | undefined;
  /** Address and MTU follow the ports until someone sets them. */
  addressFixed = false;
  mtuFixed = false;

  constructor(net: NetNamespace, name: string, ifindex: number, address: Mac) {
    super(net, name, ifindex, address);
    this.fdb = new Fdb(net.kernel.events, 300 * SECOND);
    this.fdb.onChange = (entry, gone) => {
      const { notices } = this.net;
      if (notices.heard) notices.tell({ kind: 'fdb', bridge: this, entry, gone });
    };
    this.fdb.add(address, undefined, { local: true });
    this.id = BigInt(this.bridgePriority) << 48n;
    this.tree = new SpanningTree(this);
    this.snooping = new BridgeMulticast(this);
  }

  // ---- the device's own side --------------------------------------------------------------------------------------------

  /** A frame that the host itself sends through the bridge (br_dev_xmit). */
  override transmit(skb: Skb): void {
    skb.mac = skb.data;
    const vlan = this.#vlanOf(undefined, skb);
    if (vlan === undefined) return drop(this.net, skb, 'BRIDGE_VLAN_INGRESS');
    const destination = readMac(skb.bytes, skb.mac);
    if (isGroup(skb)) {
      this.#toGroup(skb, undefined, vlan);
      return;
    }
    const entry = this.fdb.find(destination, vlan);
    if (entry && !entry.local && entry.port) this.#forward(skb, undefined, entry.port, vlan);
    else if (entry?.local) drop(this.net, skb, 'LOCAL_MAC');
    else this.#flood(skb, undefined, false, vlan);
  }

  /**
   * The states of its ports have been looked at, which is when they begin to decide whether there is a link: with the first port, or a new
   * identifier (br_port_state_selection). Until then the bridge has its link from birth, and no state.
   */
  #selected = false;

  override get operstate(): 'UNKNOWN' | 'DOWN' | 'LOWERLAYERDOWN' | 'UP' {
    return this.up && !this.#selected ? 'UNKNOWN' : super.operstate;
  }

  override get carrier(): boolean {
    return this.up && this.carrierOk;
  }

  override get carrierOk(): boolean {
    if (!this.#selected) return true;
    for (const port of this.ports.values()) if (port.state === 'forwarding') return true;
    return false;
  }

  override opened(): void {
    this.snooping.opened();
    this.tree.enableBridge();
    for (const port of this.ports.values()) this.updatePort(port);
  }

  override stopped(): void {
    for (const port of this.ports.values()) this.updatePort(port);
    this.tree.disableBridge();
    this.snooping.stopped();
    this.fdb.flushLearned();
  }

  override unregister(): void {
    for (const device of [...this.ports.keys()]) this.removePort(device);
    this.snooping.mdb.clear();
  }

  override addressChanging(next: Mac): void {
    this.fdb.moveLocal(undefined, this.address, next);
    if (!this.fdb.get(next)?.local) this.fdb.add(next, undefined, { local: true });
  }

  override get attributes(): Record<string, DeviceAttribute> {
    return bridgeAttributes(this);
  }

  override setAttribute(name: string, value: DeviceAttribute): Errno | undefined {
    return setBridgeAttribute(this, name, value);
  }

  setAgeing(centiseconds: number): void {
    this.ageingTime = centiseconds;
    this.fdb.ageing = centiseconds * 10_000;
    if (this.#ageingBefore !== undefined) this.#ageingBefore = centiseconds;
  }

  /** Addresses age in twice the forwarding delay while the topology changes. */
  shortenAgeing(changing: boolean): void {
    const before = this.#ageingBefore;
    this.#ageingBefore = undefined;
    if (changing) {
      const usual = this.ageingTime;
      this.setAgeing(2 * this.forwardDelay);
      this.#ageingBefore = usual;
    } else if (before !== undefined) this.setAgeing(before);
  }

  /** The root's times hold for all; in microseconds, as messages carry them. */
  followTimes(maxAge: Micros, helloTime: Micros, forwardDelay: Micros): void {
    this.maxAge = Math.round(maxAge / 10_000);
    this.helloTime = Math.round(helloTime / 10_000);
    this.forwardDelay = Math.round(forwardDelay / 10_000);
  }

  takeOwnTimes(): void {
    Object.assign(this, this.ownTimes);
  }

  /** To be called when the priority, the address, or whether there is one may have changed. */
  refreshId(): void {
    this.#selected = true;
    const address = this.ports.size > 0 || this.addressFixed ? this.address : 0;
    const next = (BigInt(this.bridgePriority) << 48n) | BigInt(address);
    if (next === this.id) return;
    const old = this.id;
    this.id = next;
    this.tree.idChanged(old);
  }

  get now(): Micros {
    return this.net.kernel.events.now;
  }

  /** The VLANs of the bridge and its ports; configuring any brings the default one. */
  get vlans(): BridgeVlans {
    this.#vlans ??= new BridgeVlans(this);
    return this.#vlans;
  }

  /** Switching it on the first time brings the default VLAN to every port. */
  filterVlans(on: boolean): void {
    if (on) this.#vlans ??= new BridgeVlans(this);
    this.vlanFiltering = on;
  }

  /** Whether anybody ever wanted VLANs here. */
  get hasVlans(): boolean {
    return this.#vlans !== undefined;
  }

  /** The VLAN of a frame, 0 on a bridge that doesn't filter, undefined for a frame that may not come in. */
  #vlanOf(port: BridgePort | undefined, skb: Skb): number | undefined {
    return this.vlanFiltering ? this.vlans.ingress(port, skb) : 0;
  }

  // ---- ports ------------------------------------------------------------------------------------------------------------

  /** Makes a device a port (br_add_if). */
  addPort(device: NetDevice): Errno | undefined {
    if (device instanceof Bridge || device.type === 'loopback') return device instanceof Bridge ? 'ELOOP' : 'EINVAL';
    // Something else has the device's frames already: a macvlan or an ipvlan on it.
    if (device.master || device.receiveHandler) return 'EBUSY';
    if (this.ports.size >= 1023) return 'ENOSPC';
    this.#selected = true;
    let number = 1;
    const taken = new Set([...this.ports.values()].map((port) => port.number));
    while (taken.has(number)) number++;
    const port = new BridgePort(this, device, number);
    this.ports.set(device, port);
    device.master = this;
    for (const state of ['blocking', 'disabled'] as const) port.enter(state);
    device.wantAllMulticast(1);
    device.wantPromiscuous(1);
    device.receiveHandler = (skb) => this.#receive(port, skb);
    if (!this.fdb.get(device.address)?.local) this.fdb.add(device.address, port, { local: true });
    this.#vlans?.addDefault(port);
    this.#followPorts();
    this.countCarrier();
    this.tellPort(port);
    this.updatePort(port);
    return undefined;
  }

  removePort(device: NetDevice): void {
    const port = this.ports.get(device);
    if (!port) return;
    device.wantAllMulticast(-1);
    device.wantPromiscuous(-1);
    this.tree.disablePort(port);
    port.stopTimers();
    this.snooping.disablePort(port, true);
    this.tellPort(port, true);
    this.ports.delete(device);
    device.master = undefined;
    device.receiveHandler = undefined;
    this.fdb.flushPort(port, true);
    this.#followPorts();
    this.net.linkChanged(this);
  }

  /** Tells what a port is now (br_ifinfo_notify). */
  tellPort(port: BridgePort, gone = false): void {
    const { notices } = this.net;
    if (notices.heard) notices.tell({ kind: 'port', port, gone });
  }

  override portChanged(device: NetDevice): void {
    const port = this.ports.get(device);
    if (port) this.updatePort(port);
  }

  /** Brings a port's state in line with its device and the bridge: it takes part in the spanning tree or is out (br_port_carrier_check). */
  updatePort(port: BridgePort): void {
    const live = this.up && port.device.up && port.device.carrier;
    if (live === (port.state !== 'disabled')) return;
    if (live) {
      this.tree.enablePort(port);
      this.snooping.enablePort(port);
      this.tellPort(port);
    } else {
      this.snooping.disablePort(port, false);
      this.tree.disablePort(port);
      this.fdb.flushPort(port, false);
    }
    this.net.linkChanged(this);
  }

  /** Called when a port's MAC changes. */
  portAddressChanging(port: BridgePort, next: Mac): void {
    this.fdb.moveLocal(port, port.device.address, next);
    this.fdb.add(next, port, { local: true });
  }

  /** Lowest port address and smallest port MTU, unless fixed (br_stp_recalculate_bridge_id, br_mtu_auto_adjust). */
  followPorts(): void {
    this.#followPorts();
  }

  #followPorts(): void {
    const devices = [...this.ports.keys()];
    if (devices.length > 0 && !this.addressFixed) {
      const lowest = Math.min(...devices.map((device) => device.address));
      if (lowest !== this.address) this.net.setAddress(this, lowest);
    }
    this.refreshId();
    if (!this.mtuFixed) this.mtu = devices.length > 0 ? Math.min(...devices.map((device) => device.mtu)) : 1500;
  }

  // ---- forwarding -------------------------------------------------------------------------------------------------------

  /** A frame came in by a port (br_handle_frame). Always taken: what is for the host goes up through the bridge device. */
  #receive(port: BridgePort, skb: Skb): boolean {
    const source = readMac(skb.bytes, skb.mac + 6);
    if (source === 0 || ((skb.bytes[skb.mac + 6] as number) & 1) !== 0) {
      drop(this.net, skb, 'INVALID_PROTO');
      return true;
    }
    const destination = readMac(skb.bytes, skb.mac);
    if (destination >= STP_GROUP && destination <= STP_GROUP + 15 && !(destination === STP_GROUP && this.stpState === 0))
      return this.#receiveLinkLocal(port, skb, destination);
    const vlan = this.#vlanOf(port, skb);
    if (vlan === undefined) {
      drop(this.net, skb, 'BRIDGE_VLAN_INGRESS');
      return true;
    }
    if (port.state !== 'forwarding') {
      if (port.state === 'learning' && port.learning) this.#learn(source, port, skb, vlan);
      drop(this.net, skb, 'BRIDGE_INGRESS_STP_STATE');
      return true;
    }
    skb.bridgePort = port.device;
    if (port.learning) this.#learn(source, port, skb, vlan);
    bridgeHook('PREROUTING', this, skb, port.device, undefined, () => this.#afterPrerouting(port, skb, vlan));
    return true;
  }

  /**
   * Groups that never cross a bridge (IEEE 802.1D §7.12.6) go to the port's own host. Spanning tree's is one of them only where STP is on:
   * a bridge without it passes its messages on.
   */
  #receiveLinkLocal(port: BridgePort, skb: Skb, destination: Mac): boolean {
    if (destination !== STP_GROUP) return false;
    const message = readBpdu(skb);
    this.net.kernel.trace.emit(TraceKind.Deliver, port.device.uid, this.net.uid, skb.packet, 0, 'stp');
    if (message) this.tree.receive(port, message);
    return true;
  }

  #learn(source: Mac, port: BridgePort, skb: Skb, vlan: number): void {
    if (this.ageingTime === 0) return;
    const outcome = this.fdb.learn(source, port, vlan);
    if (outcome !== 'known') this.#trace(skb, port, 'learn');
  }

  /** Where to (br_handle_frame_finish). The destination is read again: a hook may have rewritten it. */
  #afterPrerouting(port: BridgePort, skb: Skb, vlan: number): void {
    if (isGroup(skb)) {
      this.#toGroup(skb, port, vlan);
      return;
    }
    const entry = this.fdb.find(readMac(skb.bytes, skb.mac), vlan);
    if (entry?.local) this.#passUp(skb, port, vlan);
    else if (entry?.port) {
      entry.used = this.now;
      // A copy made beforehand: what is forwarded goes on changing.
      const copy = this.#watched ? skb.clone() : undefined;
      if (entry.port.accepts(port, vlan)) this.#forward(skb, port, entry.port, vlan);
      else drop(this.net, skb, 'BRIDGE_NO_EGRESS_PORT');
      if (copy) this.#passUp(copy, port, vlan);
    } else this.#flood(skb, port, this.#watched, vlan);
  }

  /** Whether the bridge device wants frames for others too: it is set so, or captured on (IFF_PROMISC). */
  get #watched(): boolean {
    return this.userPromisc || this.promiscuity > 0;
  }

  /** To a group: where its members are as far as that is known, else everywhere. */
  #toGroup(skb: Skb, from: BridgePort | undefined, vlan: number): void {
    if (this.snooping.on && (skb.bytes[skb.mac] as number) !== 0xff) {
      const members = this.snooping.route(skb, from, vlan);
      if (members === 'bad') return drop(this.net, skb, 'IP_INHDR');
      if (members) return this.#toMembers(skb, from, members, vlan);
    }
    this.#flood(skb, from, from !== undefined, vlan);
  }

  /** br_multicast_flood. */
  #toMembers(skb: Skb, from: BridgePort | undefined, members: Delivery, vlan: number): void {
    const up = from !== undefined && (members.host || this.#watched);
    const targets = members.ports.filter((port) => port.accepts(from, vlan));
    this.#spread(skb, from, targets, up, vlan);
  }

  /** Out of every port but the one it came in by; a copy goes up to the host for group addresses (br_flood). */
  #flood(skb: Skb, from: BridgePort | undefined, up: boolean, vlan: number): void {
    const group = isGroup(skb);
    const broadcast = group && (skb.bytes[skb.mac] as number) === 0xff;
    const targets: BridgePort[] = [];
    const suppressed = group && this.suppresses && suppressArp(this, skb, from);
    for (const port of this.ports.values()) {
      if (suppressed && port.neighSuppress) continue;
      const allowed = broadcast ? port.broadcastFlood : group ? port.multicastFlood : port.flood;
      if (allowed && port.accepts(from, vlan)) targets.push(port);
    }
    this.#spread(skb, from, targets, up, vlan);
  }

  #spread(skb: Skb, from: BridgePort | undefined, targets: readonly BridgePort[], up: boolean, vlan: number): void {
    if (targets.length === 0 && !up) {
      drop(this.net, skb, 'BRIDGE_NO_EGRESS_PORT');
      return;
    }
    targets.forEach((port, i) => {
      const last = i === targets.length - 1 && !up;
      this.#send(last ? skb : skb.clone(), from, port, 'flood', vlan);
    });
    if (up && from) this.#passUp(skb, from, vlan);
  }

  #forward(skb: Skb, from: BridgePort | undefined, to: BridgePort, vlan: number): void {
    if (from || to.accepts(undefined, vlan)) this.#send(skb, from, to, 'forward', vlan);
    else drop(this.net, skb, 'BRIDGE_NO_EGRESS_PORT');
  }

  #send(skb: Skb, from: BridgePort | undefined, to: BridgePort, decision: string, vlan: number): void {
    this.#trace(skb, to, decision);
    // The commonest case, without the two closures.
    if (this.net.bridgeHooks.length === 0) return this.#out(skb, to, vlan);
    const post = () => bridgeHook('POSTROUTING', this, skb, from?.device, to.device, () => this.#out(skb, to, vlan));
    if (from) bridgeHook('FORWARD', this, skb, from.device, to.device, post);
    else bridgeHook('OUTPUT', this, skb, undefined, to.device, post);
  }

  #out(skb: Skb, to: BridgePort, vlan: number): void {
    if (vlan !== 0) this.#retag(skb, to.vlans, vlan);
    const length = skb.end - skb.mac - ETHERNET_HEADER - (isTagged(skb) ? VLAN_HEADER : 0);
    if (length > to.device.mtu) {
      drop(this.net, skb, 'PKT_TOO_BIG');
      return;
    }
    skb.data = skb.mac;
    transmit(to.device, skb);
  }

  /** To the host, as if it had arrived at the bridge device (br_pass_frame_up). */
  #passUp(skb: Skb, port: BridgePort, vlan: number): void {
    if (vlan !== 0 && !this.vlans.own.members.has(vlan) && !this.#watched) return drop(this.net, skb, 'BRIDGE_NO_EGRESS_PORT');
    this.#trace(skb, port, 'local');
    bridgeHook('INPUT', this, skb, port.device, undefined, () => {
      if (!this.up) {
        drop(this.net, skb, 'DEV_READY');
        return;
      }
      if (vlan !== 0) this.#retag(skb, this.vlans.own, vlan);
      skb.dev = this;
      this.stats.rxPackets++;
      this.stats.rxBytes += skb.end - skb.mac - ETHERNET_HEADER;
      if (skb.packetType === 'multicast') this.stats.rxMulticast++;
      if (skb.packetType === 'otherhost' && this.fdb.find(readMac(skb.bytes, skb.mac), vlan)?.local) skb.packetType = 'host';
      skb.data = skb.mac;
      const { kernel } = this.net;
      kernel.trace.emitFrame(TraceKind.Receive, this.uid, this.net.uid, skb.packet, 0, skb.bytes, skb.data, skb.end);
      if (this.net.taps.length > 0) for (const tap of [...this.net.taps]) tap(this, skb, false);
      if (this.vlanHandler?.(skb) || this.receiveHandler?.(skb)) return;
      deliver(this, skb);
    });
  }

  /** A tag again, where the port has the VLAN tagged (br_handle_vlan). */
  #retag(skb: Skb, group: VlanGroup, vlan: number): void {
    if (group.members.get(vlan)?.untagged) return;
    skb.data = skb.mac;
    tag(skb, this.vlans.protocol, vlan);
  }

  #trace(skb: Skb, port: BridgePort, decision: string): void {
    this.net.kernel.trace.emit(TraceKind.Bridge, port.device.uid, this.net.uid, skb.packet, this.uid, decision);
  }
}

/** A tag does not count towards the MTU (is_skb_forwardable). */
function isTagged(skb: Skb): boolean {
  return skb.protocol === ETHERTYPE.VLAN || skb.protocol === ETHERTYPE.QinQ;
}

function isGroup(skb: Skb): boolean {
  return ((skb.bytes[skb.mac] as number) & 1) !== 0;
}
