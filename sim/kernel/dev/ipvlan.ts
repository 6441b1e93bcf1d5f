import { type IP, isMulticastMac, type Mac } from '../../base/address.ts';
import { ARP_LENGTH, parseArp } from '../../wire/arp.ts';
import { ETHERNET_HEADER, ETHERTYPE, etherType, readMac } from '../../wire/ethernet.ts';
import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { drop } from '../drop.ts';
import { localOut } from '../ipv4/output.ts';
import { routeOutput } from '../ipv4/route.ts';
import { localOut6 } from '../ipv6/output.ts';
import { routeOutput6 } from '../ipv6/route.ts';
import type { DeviceEvent, NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { SymmetricInput } from './ipvlan-l3s.ts';
import { type DeviceAttribute, IFF, type NetDevice, type Refusal } from './device.ts';
import { receive, transmit } from './queue.ts';
import { isEthernet, StackedDevice } from './stacked.ts';
import { guarded } from './tunnel.ts';

const MODES = ['l2', 'l3', 'l3s'] as const;
const ISOLATION = ['bridge', 'private', 'vepa'] as const;
export type IpvlanMode = (typeof MODES)[number];
export type IpvlanIsolation = (typeof ISOLATION)[number];

/** The ipvlans of one lower device (`struct ipvl_port`); mode and isolation are common to all. */
class IpvlanPort {
  readonly members = new Set<Ipvlan>();
  mode: IpvlanMode = 'l3';
  isolation: IpvlanIsolation = 'bridge';
  readonly #lower: NetDevice;
  readonly #symmetric: SymmetricInput;
  #given = 0;

  constructor(lower: NetDevice) {
    this.#lower = lower;
    this.#symmetric = new SymmetricInput(lower, (skb) => this.find(skb));
    lower.receiveHandler = (skb) => this.#receive(skb);
  }

  /** A number for the next member: what tells their IPv6 addresses apart, since they share the MAC (`dev->dev_id`). */
  nextId(): number {
    this.#given++;
    return this.#given;
  }

  leave(member: Ipvlan): void {
    this.members.delete(member);
    if (this.members.size > 0) return;
    this.#lower.receiveHandler = undefined;
    this.#symmetric.set(false);
    ports.delete(this.#lower);
  }

  setMode(mode: IpvlanMode): void {
    this.mode = mode;
    this.#symmetric.set(mode === 'l3s');
    for (const member of this.members) member.setArp(mode === 'l2');
  }

  /** The ipvlan that has the address a packet is for (ipvlan_addr_lookup with use_dest). */
  find(skb: Skb): Ipvlan | undefined {
    const wanted = addressedTo(skb);
    if (wanted === undefined) return undefined;
    for (const member of this.members) if (member.up && member.has(wanted)) return member;
    return undefined;
  }

  /** A frame has come in by the lower device (ipvlan_handle_frame). In the layer-3 modes groups stay with the host, in l3s all do. */
  #receive(skb: Skb): boolean {
    if (this.mode === 'l3s') return false;
    const destination = readMac(skb.bytes, skb.mac);
    if (this.mode === 'l2' && isMulticastMac(destination)) {
      this.broadcast(skb, undefined, destination);
      return false;
    }
    const target = isMulticastMac(destination) ? undefined : this.find(skb);
    if (!target) return false;
    skb.data = skb.mac;
    skb.traced = -1;
    target.take(skb);
    return true;
  }

  /** Copies to everybody but `from` (ipvlan_process_multicast). */
  broadcast(skb: Skb, from: Ipvlan | undefined, group: Mac): void {
    for (const member of this.members) {
      if (member !== from && member.up && member.hearsGroup(group)) member.queueCopy(skb, member);
    }
  }
}

const ports = new WeakMap<NetDevice, IpvlanPort>();

/** Whom a frame is for on layer 3: IP's destination, or whom ARP asks or answers. `skb.mac` stands at the frame. */
function addressedTo(skb: Skb): IP | undefined {
  const { bytes, mac, end } = skb;
  const at = mac + ETHERNET_HEADER;
  switch (etherType(bytes, mac)) {
    case ETHERTYPE.IPv4:
      return end - at >= ip.IPV4_HEADER ? ip.destination(bytes, at) : undefined;
    case ETHERTYPE.IPv6:
      return end - at >= ip6.IPV6_HEADER ? ip6.destination(bytes, at) : undefined;
    case ETHERTYPE.ARP: {
      const arp = end - at >= ARP_LENGTH ? parseArp(bytes, at, end) : undefined;
      return arp === undefined || isWireError(arp) ? undefined : arp.targetAddress;
    }
  }
  return undefined;
}

/**
 * An ipvlan (drivers/net/ipvlan): a device with addresses of its own on another's MAC. In layer 2 it resolves and floods for itself; in
 * layer 3 the lower device's host routes for it, and its own packets pass that host's OUTPUT and POSTROUTING.
 */
export class Ipvlan extends StackedDevice {
  readonly kind = 'ipvlan';
  readonly port: IpvlanPort;
  override readonly deviceId: number;

  constructor(net: NetNamespace, id: { name: string; ifindex: number }, lower: NetDevice, port: IpvlanPort) {
    super(net, id.name, id.ifindex, lower.address);
    this.port = port;
    this.deviceId = port.nextId();
    this.inherit(lower);
    port.members.add(this);
  }

  setArp(on: boolean): void {
    this.flags = on ? this.flags & ~IFF.NOARP : this.flags | IFF.NOARP;
  }

  has(address: IP): boolean {
    if (typeof address === 'bigint') return this.ipv6.addresses.some((own) => own.address === address);
    return this.ipv4.addresses.some((own) => own.local === address);
  }

  /** ipvlan_queue_xmit. */
  override transmit(skb: Skb): void {
    skb.mac = skb.data;
    if (this.port.mode === 'l2') this.#transmitFrame(skb);
    else this.#transmitPacket(skb);
  }

  #transmitFrame(skb: Skb): void {
    const { port } = this;
    const destination = readMac(skb.bytes, skb.mac);
    if (isMulticastMac(destination)) {
      port.broadcast(skb, this, destination);
    } else if (port.isolation !== 'vepa' && destination === readMac(skb.bytes, skb.mac + 6)) {
      // All share one MAC: it is for a sibling, or for the lower device's own host.
      const sibling = port.find(skb);
      if (sibling && port.isolation === 'private') drop(this.net, skb, 'NO_TX_TARGET');
      else this.queue.put(skb, sibling ?? this.lower);
      return;
    }
    if (this.lower.net !== this.net) skb.scrub(true);
    transmit(this.lower, skb);
  }

  #transmitPacket(skb: Skb): void {
    const { port } = this;
    const sibling = port.isolation === 'vepa' ? undefined : port.find(skb);
    if (sibling && port.isolation === 'private') drop(this.net, skb, 'NO_TX_TARGET');
    else if (sibling) this.queue.put(skb, sibling);
    else this.#routeBelow(skb);
  }

  /** The lower device's namespace sends it on, by that device (ipvlan_process_outbound). */
  #routeBelow(skb: Skb): void {
    const { lower } = this;
    const { net } = lower;
    skb.network = skb.mac + ETHERNET_HEADER;
    skb.data = skb.network;
    const type = etherType(skb.bytes, skb.mac);
    skb.scrub(net !== this.net);
    skb.packetType = 'outgoing';
    if (isMulticastMac(readMac(skb.bytes, skb.mac))) return drop(net, skb, 'NO_TX_TARGET');
    if (type === ETHERTYPE.IPv4) this.#route4(net, skb);
    else if (type === ETHERTYPE.IPv6) this.#route6(net, skb);
    else drop(net, skb, 'UNHANDLED_PROTO');
  }

  #route4(net: NetNamespace, skb: Skb): void {
    const { bytes, network } = skb;
    const destination = ip.destination(bytes, network);
    // Its own address isn't one of that namespace's: the route is looked up without it.
    const way = routeOutput(net.ipv4, {
      destination,
      source: 0,
      iif: 0,
      oif: this.lower.ifindex,
      mark: skb.mark,
      tos: ip.tos(bytes, network) & 0xfc,
    });
    if (typeof way === 'string' || (way.type !== 'unicast' && way.type !== 'local')) {
      this.stats.txErrors++;
      return drop(net, skb, 'IP_OUTNOROUTES');
    }
    guarded(net, this, skb, () => localOut(net, skb, way));
  }

  #route6(net: NetNamespace, skb: Skb): void {
    const { bytes, network } = skb;
    const query = { destination: ip6.destination(bytes, network), source: 0n, iif: 0, oif: this.lower.ifindex, mark: skb.mark };
    const way = routeOutput6(net.ipv6, query);
    if (typeof way === 'string') {
      this.stats.txErrors++;
      return drop(net, skb, 'IP_OUTNOROUTES');
    }
    guarded(net, this, skb, () => localOut6(net, skb, way, false));
  }

  /** A frame that the lower device took for it. */
  take(skb: Skb): void {
    skb.scrub(this.lower.net !== this.net);
    receive(this, skb);
  }

  queueCopy(skb: Skb, target: Ipvlan): void {
    const copy = skb.clone();
    copy.data = copy.mac;
    this.queue.put(copy, target);
  }

  override lowerEvent(event: DeviceEvent, lower: NetDevice): void {
    if (event === 'address') this.net.setAddress(this, lower.address);
    if (event === 'mtu') this.net.setMtu(this, lower.mtu);
    else super.lowerEvent(event, lower);
  }

  override unregister(): void {
    this.port.leave(this);
  }

  override get attributes(): Record<string, DeviceAttribute> {
    return { mode: this.port.mode, flags: this.port.isolation };
  }

  override changeLink(data: Data): Refusal | undefined {
    configure(this.port, data);
    return undefined;
  }
}

type Data = Readonly<Record<string, DeviceAttribute>>;

function configure(port: IpvlanPort, data: Data): void {
  const mode = MODES.find((name) => name === data.mode);
  if (mode) port.setMode(mode);
  port.isolation = ISOLATION.find((name) => name === data.flags) ?? port.isolation;
}

/** ipvlan_link_new. An ipvlan on an ipvlan stands on that one's lower device. */
export function createIpvlan(
  id: { net: NetNamespace; name: string; ifindex: number },
  on: NetDevice | undefined,
  data: Data,
): Ipvlan | Refusal {
  const lower = on instanceof Ipvlan ? on.lower : on;
  if (!lower) return { errno: 'EINVAL' };
  if (!isEthernet(lower)) return { errno: 'EINVAL', message: 'Master is either lo or non-ether device' };
  let port = ports.get(lower);
  if (!port) {
    if (lower.receiveHandler) return { errno: 'EBUSY', message: 'Device is already in use.' };
    port = new IpvlanPort(lower);
    ports.set(lower, port);
  }
  const device = new Ipvlan(id.net, id, lower, port);
  configure(port, data);
  device.setArp(port.mode === 'l2');
  return device;
}
