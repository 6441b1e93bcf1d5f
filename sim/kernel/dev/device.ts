import { formatMac, type Mac, MAC_BROADCAST } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { Ipv4Interface } from '../ipv4/interface.ts';
import type { Ipv6Interface } from '../ipv6/interface.ts';
import type { DeviceEvent, NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';

/** IFF_* (include/uapi/linux/if.h). */
export const IFF = {
  UP: 0x1,
  BROADCAST: 0x2,
  DEBUG: 0x4,
  LOOPBACK: 0x8,
  POINTOPOINT: 0x10,
  NOTRAILERS: 0x20,
  RUNNING: 0x40,
  NOARP: 0x80,
  PROMISC: 0x100,
  ALLMULTI: 0x200,
  MASTER: 0x400,
  SLAVE: 0x800,
  MULTICAST: 0x1000,
  PORTSEL: 0x2000,
  AUTOMEDIA: 0x4000,
  DYNAMIC: 0x8000,
  LOWER_UP: 0x10000,
  DORMANT: 0x20000,
  ECHO: 0x40000,
} as const;

export interface DeviceStats {
  rxBytes: number;
  rxPackets: number;
  rxErrors: number;
  rxDropped: number;
  rxMulticast: number;
  txBytes: number;
  txPackets: number;
  txErrors: number;
  txDropped: number;
  txCarrier: number;
  txCollisions: number;
}

/** A value of a device's kind-specific attributes, under the name that `ip -d -j link` prints. */
export type DeviceAttribute = number | string | boolean;

/** Why the kernel refuses a request: the error number and, where it sends one, its extended-ack text. */
export interface Refusal {
  errno: Errno;
  message?: string;
}

/** What a port's master does with the frames that come in by the port (rx_handler). Returns false to let the stack have them. */
export type ReceiveHandler = (skb: Skb) => boolean;

/** Limits that somebody has chosen (IFLA_GSO_MAX_SIZE and its like); what is absent is as the driver has it. */
export interface DeviceLimits {
  numTxQueues?: number;
  numRxQueues?: number;
  gsoMaxSize?: number;
  gsoMaxSegs?: number;
  groMaxSize?: number;
  gsoIpv4MaxSize?: number;
  groIpv4MaxSize?: number;
}

/**
 * A network device (`struct net_device`). Subclasses are the kinds: how a frame is sent, when there is a carrier, which
 * attributes the kind has. The stack talks to devices through `transmit` and `sim/kernel/dev/queue.ts` alone.
 *
 * Frames are what Ethernet carries: `skb.data` stands at the MAC header when `transmit` is called. Devices without a link layer
 * (`linkHeader` 0: IP tunnels, tun) carry bare packets: there `skb.data` stands at the IP header.
 */
export abstract class NetDevice {
  /** IFLA_INFO_KIND, or '' for loopback and plain cards. */
  abstract readonly kind: string;
  /** ARPHRD type as iproute2 names it. */
  readonly type: 'ether' | 'loopback' | 'none' | 'ipip' = 'ether';
  /** Unique in the world: what trace events and diagrams call it. */
  readonly uid: number;
  net: NetNamespace;
  name: string;
  ifindex: number;
  /** Administrative flags; RUNNING and LOWER_UP are computed by `reportedFlags`. */
  flags: number = IFF.BROADCAST | IFF.MULTICAST;
  mtu = 1500;
  minMtu = 68;
  maxMtu = 65_535;
  address: Mac;
  broadcast: Mac = MAC_BROADCAST;
  qdisc = 'noqueue';
  /** What `ip link` shows before the first up. */
  txqlen = 1000;
  group = 0;
  alias: string | undefined;
  /** Further names that it is found by (IFLA_ALT_IFNAME). */
  readonly altNames: string[] = [];
  /** Whether it waits for somebody to say that the link is good once it is up (IFLA_LINKMODE). */
  dormant = false;
  /** It was so when it went up, and still waits. */
  startsDormant = false;
  /** Sizes that only show: segments are never joined or split here. */
  readonly limits: DeviceLimits = {};
  /** The bridge it is a port of. */
  master: NetDevice | undefined;
  receiveHandler: ReceiveHandler | undefined;
  /** Further unicast MACs it accepts (`dev->uc`). */
  readonly unicast = new Set<Mac>();
  /** Filters by unicast MAC itself (IFF_UNICAST_FLT); one that can't is made promiscuous while `unicast` has entries. */
  readonly filtersUnicast: boolean = false;
  /** Length of the link-layer header: 14, or 0 for devices whose frames start with IP (`dev->hard_header_len`). */
  readonly linkHeader: 0 | 14 = 14;
  /** Whether the driver counts what it receives for groups; those of virtual cables don't. */
  readonly countsMulticast: boolean = true;
  /** Tells devices apart that share a MAC (`dev->dev_id`); 0 for those that don't. */
  readonly deviceId: number = 0;
  /** The device that it is made on: a VLAN's, a macvlan's, a tunnel's own. */
  lower: NetDevice | undefined;
  /** A tunnel's namespace for its outer packets: the one it was made in, wherever the device goes. It ends with it. */
  readonly underlay: NetNamespace | undefined = undefined;
  /** The devices that are made on this one; they hear of what happens to it. */
  readonly uppers = new Set<NetDevice>();
  /** Takes tagged frames for the VLAN devices on it. Returns false for tags that none has. */
  vlanHandler: ReceiveHandler | undefined;
  /** Group MACs it listens to, with how many want each (`dev->mc`). */
  readonly multicast = new Map<Mac, number>();
  #staticMulticast: Set<Mac> | undefined;
  /** Counts of who wants it promiscuous (IFLA_PROMISCUITY); see `wantPromiscuous`. */
  promiscuity = 0;
  /** Counts of bridges that want the frames of all groups (IFLA_ALLMULTI). */
  allMulticast = 0;
  readonly stats: DeviceStats = {
    rxBytes: 0,
    rxPackets: 0,
    rxErrors: 0,
    rxDropped: 0,
    rxMulticast: 0,
    txBytes: 0,
    txPackets: 0,
    txErrors: 0,
    txDropped: 0,
    txCarrier: 0,
    txCollisions: 0,
  };
  /** The IPv4 and IPv6 halves (`in_device`, `inet6_dev`), made when it is registered. */
  ipv4!: Ipv4Interface;
  ipv6!: Ipv6Interface;
  /** Whether frames passed when last looked; `NetNamespace.linkChanged` keeps it. */
  wasRunning = false;
  /** How often its link came and went (IFLA_CARRIER_UP_COUNT, IFLA_CARRIER_DOWN_COUNT). */
  carrierUps = 0;
  carrierDowns = 0;
  #carrierWas = true;
  /** How its queues are to be polled, once somebody has said so; it changes nothing. */
  polling: { gro_flush_timeout?: number; napi_defer_hard_irqs?: number } | undefined;
  /** Why it refused the packet that it was given last, where that is told to the program that sent it (a negative ndo_start_xmit). */
  refusal: Errno | undefined = undefined;
  /** It is about to go for good. */
  leaving = false;
  /** Set once it is gone; frames in flight to it are dropped. */
  unregistered = false;
  /** qdisc shown before the first up is `noop`. */
  #everUp = false;

  constructor(net: NetNamespace, name: string, ifindex: number, address: Mac) {
    this.uid = net.kernel.ids.nextDevice();
    this.net = net;
    this.name = name;
    this.ifindex = ifindex;
    this.address = address;
  }

  /** Sends a frame; the device owns it from here. Called only while it is up. */
  abstract transmit(skb: Skb): void;

  /** Whether there is a link: the peer is up, a port has one. */
  get carrier(): boolean {
    return true;
  }

  /** What the driver has said of the link, up or not (netif_carrier_ok); drivers that say nothing leave it as it is at birth: there. */
  get carrierOk(): boolean {
    return this.carrier;
  }

  /** Looks at the link when it is registered; one that is told of by then is counted. */
  registerCarrier(): void {
    this.countCarrier();
  }

  /** Takes the link as it is, without counting (netif_carrier_off of a device that isn't registered yet). */
  protected adoptCarrier(): void {
    this.#carrierWas = this.carrierOk;
  }

  /** Counts the link's coming or going since it was last looked at (netif_carrier_on, netif_carrier_off). */
  countCarrier(): void {
    const ok = this.carrierOk;
    if (ok === this.#carrierWas) return;
    this.#carrierWas = ok;
    if (ok) this.carrierUps++;
    else this.carrierDowns++;
  }

  /** Those of its group MACs that an administrator has added (dev_mc_add_global). */
  get staticMulticast(): Set<Mac> {
    this.#staticMulticast ??= new Set();
    return this.#staticMulticast;
  }

  get up(): boolean {
    return (this.flags & IFF.UP) !== 0;
  }

  /** Up and with carrier: frames pass. */
  get running(): boolean {
    return this.up && this.carrier;
  }

  /** What netlink reports: administrative flags plus RUNNING and LOWER_UP (dev_get_flags). */
  get reportedFlags(): number {
    let flags = this.flags & ~(IFF.RUNNING | IFF.LOWER_UP | IFF.PROMISC);
    if (this.userPromisc) flags |= IFF.PROMISC;
    if (this.running) flags |= IFF.RUNNING;
    if (this.carrier && this.up) flags |= IFF.LOWER_UP;
    return flags;
  }

  /** `ip link set promisc on`, as opposed to a bridge's or a capture's wish. */
  userPromisc = false;

  /** One more or one fewer of its users wants frames for others, too (dev_set_promiscuity). */
  wantPromiscuous(by: 1 | -1): void {
    const before = this.userPromisc || this.promiscuity > 0;
    this.promiscuity += by;
    this.#tellMode('promiscuous', before, this.userPromisc || this.promiscuity > 0);
  }

  /** The administrator's own wish (`ip link set promisc`). */
  setUserPromisc(on: boolean): void {
    const before = this.userPromisc || this.promiscuity > 0;
    this.userPromisc = on;
    this.#tellMode('promiscuous', before, on || this.promiscuity > 0);
  }

  /** One more or one fewer wants the frames of all groups; the administrator's wish is the flag (dev_set_allmulti). */
  wantAllMulticast(by: 1 | -1): void {
    const before = (this.flags & IFF.ALLMULTI) !== 0 || this.allMulticast > 0;
    this.allMulticast += by;
    this.#tellMode('allmulticast', before, (this.flags & IFF.ALLMULTI) !== 0 || this.allMulticast > 0);
  }

  setUserAllMulticast(on: boolean): void {
    const before = (this.flags & IFF.ALLMULTI) !== 0 || this.allMulticast > 0;
    this.flags = on ? this.flags | IFF.ALLMULTI : this.flags & ~IFF.ALLMULTI;
    this.#tellMode('allmulticast', before, on || this.allMulticast > 0);
  }

  #tellMode(mode: string, before: boolean, after: boolean): void {
    if (before === after) return;
    const name = `${this.name}${this.leaving ? ' (unregistering)' : ''}`;
    this.net.kernel.log.write(6, `${name}: ${after ? 'entered' : 'left'} ${mode} mode`);
  }

  /** RFC 2863 state. Devices whose driver never reports a link state stay UNKNOWN. */
  get operstate(): 'UNKNOWN' | 'DOWN' | 'LOWERLAYERDOWN' | 'UP' {
    if (!this.up || !this.carrier) return 'DOWN';
    return 'UP';
  }

  get qdiscShown(): string {
    return this.#everUp ? this.qdisc : 'noop';
  }

  markEverUp(): void {
    this.#everUp = true;
  }

  /** The ifindex that IFLA_LINK reports, with its namespace, or `undefined`. */
  get link(): { device: NetDevice } | undefined {
    return undefined;
  }

  /** Stands on another device from now on. */
  standOn(lower: NetDevice): void {
    this.lower = lower;
    lower.uppers.add(this);
  }

  /** Called when something has happened to the device it stands on. */
  lowerEvent(_event: DeviceEvent, _lower: NetDevice): void {}

  /** Called when the device it stands on is gone for good: most go too. */
  lowerGone(_lower: NetDevice): void {
    if (!this.unregistered) this.net.unregister(this);
  }

  /** Called before its MTU changes. */
  mtuChanging(_mtu: number): Refusal | undefined {
    return undefined;
  }

  /** Reports IFLA_LINK 0 when it stands on no device: `tunl0@NONE`. */
  readonly linkNone: boolean = false;

  /** The other end of its cable is on another machine: IFLA_LINK is reported but means nothing here. */
  readonly linkOffMachine: boolean = false;

  /** Kind-specific attributes as `ip -d -j link` names them. */
  get attributes(): Record<string, DeviceAttribute> {
    return {};
  }

  /** Changes one kind-specific attribute. */
  setAttribute(_name: string, _value: DeviceAttribute): Errno | undefined {
    return 'EOPNOTSUPP';
  }

  /** Changes several (rtnl_link_ops.changelink). */
  changeLink(data: Readonly<Record<string, DeviceAttribute>>): Refusal | undefined {
    for (const [name, value] of Object.entries(data)) {
      const failed = this.setAttribute(name, value);
      if (failed) return { errno: failed };
    }
    return undefined;
  }

  /** Called before it goes up. */
  opening(): Errno | undefined {
    return undefined;
  }

  /** Called when it goes up or down, after the flag changed. */
  opened(): void {}
  stopped(): void {}
  /** Called when it has gone up and everybody here knows: others may notice now (linkwatch). */
  cameUp(): void {}

  /** Called on a bridge when a port's link state may have changed. */
  portChanged(_port: NetDevice): void {}

  /** Called before it leaves its namespace for good: ends what it started, and its peer. */
  unregister(): void {}

  /** Called when its address changes, before the new one is set. */
  addressChanging(_next: Mac): void {}

  /** Whether it may carry IPv6 link-local addresses and DAD (lo and point-to-point tunnels differ). */
  get hasLinkLayer(): boolean {
    return this.type === 'ether';
  }

  /** Starts listening to a group MAC (dev_mc_add). */
  joinMulticast(group: Mac): void {
    this.multicast.set(group, (this.multicast.get(group) ?? 0) + 1);
  }

  leaveMulticast(group: Mac): void {
    const count = this.multicast.get(group) ?? 0;
    if (count <= 1) this.multicast.delete(group);
    else this.multicast.set(group, count - 1);
  }

  toString(): string {
    return `${this.name}(${formatMac(this.address)})`;
  }
}
