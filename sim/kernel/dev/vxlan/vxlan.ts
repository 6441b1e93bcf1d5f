import { formatIP, type IP, isMulticastMac, type Mac } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import type { Errno } from '../../../base/errno.ts';
import { ETHERNET_HEADER, ETHERTYPE, etherType, readMac } from '../../../wire/ethernet.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import * as udp from '../../../wire/udp.ts';
import { emitVxlan, VXLAN_HEADER, VXLAN_OVERHEAD_IPV4, VXLAN_OVERHEAD_IPV6 } from '../../../wire/vxlan.ts';
import { type DropReason, drop } from '../../drop.ts';
import type { DeviceEvent, NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { pseudoHeader, routeTo, sendPacket, type Way } from '../../socket/inet.ts';
import { type SocketOptions, socketOptions } from '../../socket/socket.ts';
import { type DeviceAttribute, NetDevice, type Refusal } from '../device.ts';
import { Link } from '../link.ts';
import { receive } from '../queue.ts';
import { ecnDecapsulate, ecnEncapsulate, flowSourcePort, guarded, innerHeader, learnInnerMtu, traceTunnel } from '../tunnel.ts';
import { tooBigReply } from '../tunnel-mtu.ts';
import { answerArp } from './arp-proxy.ts';
import { ALL_ZERO, VxlanFdb, type VxlanRemote } from './fdb.ts';
import { deviceOnPort, leavePort, openPort } from './port.ts';
import { describeSettings, isGroup, readSettings, speaksIpv6, validate, type VxlanSettings } from './settings.ts';

const PROTOCOL_UDP = 17;

/**
 * A VXLAN device (drivers/net/vxlan, RFC 7348): Ethernet frames in UDP datagrams. Which host a frame goes to, its forwarding database
 * says; the datagram then takes the underlay's ordinary way out, with its rules, routes and MTU, and comes in through a UDP socket.
 */
export class Vxlan extends NetDevice {
  readonly kind = 'vxlan';
  override readonly filtersUnicast = true;
  settings: VxlanSettings;
  readonly fdb: VxlanFdb;
  override readonly underlay: NetNamespace;
  /** From a device to another of the same host, without leaving it. */
  readonly #bypass = new Link(this, 2, 0);
  readonly #socketOptions: SocketOptions = socketOptions();

  constructor(net: NetNamespace, name: string, ifindex: number, address: Mac, underlay: NetNamespace, settings: VxlanSettings) {
    super(net, name, ifindex, address);
    this.underlay = underlay;
    this.settings = settings;
    this.fdb = new VxlanFdb(net.kernel.events, settings.ageing * SECOND);
    this.fdb.limit = settings.limit;
    const lower = underlay.deviceByIndex(settings.ifindex);
    if (lower) {
      this.mtu = this.#largestMtu();
      this.standOn(lower);
    }
    this.#addDefaultRemote();
  }

  get family(): 4 | 6 {
    return speaksIpv6(this.settings) ? 6 : 4;
  }

  get headroom(): number {
    return this.family === 6 ? VXLAN_OVERHEAD_IPV6 : VXLAN_OVERHEAD_IPV4;
  }

  #largestMtu(): number {
    const lower = this.underlay.deviceByIndex(this.settings.ifindex);
    return lower ? Math.max(lower.mtu - this.headroom, 68) : 65_535;
  }

  override mtuChanging(mtu: number): Refusal | undefined {
    return mtu > this.#largestMtu() ? { errno: 'EINVAL' } : undefined;
  }

  override get operstate(): 'UNKNOWN' | 'DOWN' {
    return this.up ? 'UNKNOWN' : 'DOWN';
  }

  override get attributes(): Record<string, DeviceAttribute> {
    return describeSettings(this.settings, (index) => this.net.deviceByIndex(index)?.name ?? `if${index}`);
  }

  override changeLink(data: Readonly<Record<string, DeviceAttribute>>): Refusal | undefined {
    const next = readSettings(data, this.settings, this.underlay);
    if ('errno' in next) return next;
    const invalid = validate(next);
    if (invalid) return invalid;
    const moved = next.remote !== this.settings.remote || next.ifindex !== this.settings.ifindex;
    if (moved && this.settings.remote !== undefined) this.#dropDefaultRemote();
    this.settings = next;
    this.fdb.ageing = next.ageing * SECOND;
    this.fdb.limit = next.limit;
    if (moved) this.#addDefaultRemote();
    this.mtu = Math.min(this.mtu, this.#largestMtu());
    return undefined;
  }

  #defaultRemote(): VxlanRemote | undefined {
    const { remote, ifindex } = this.settings;
    return remote === undefined ? undefined : { address: remote, port: 0, vni: undefined, ifindex };
  }

  #addDefaultRemote(): void {
    const remote = this.#defaultRemote();
    if (!remote) return;
    const known = this.fdb.find(ALL_ZERO);
    if (known) known.remotes.push(remote);
    else this.fdb.create({ address: ALL_ZERO, remotes: [remote], state: 'permanent', externLearned: false });
  }

  #dropDefaultRemote(): void {
    const known = this.fdb.find(ALL_ZERO);
    if (!known) return;
    known.remotes = known.remotes.filter((remote) => remote.address !== this.settings.remote);
    if (known.remotes.length === 0) this.fdb.delete(ALL_ZERO);
  }

  // ---- life ---------------------------------------------------------------------------------------------------------------

  override opening(): Errno | undefined {
    const port = openPort(this);
    return typeof port === 'string' ? port : undefined;
  }

  override opened(): void {
    this.#group((lower, group) => {
      if (typeof group === 'bigint') lower.net.ipv6.joinGroup(lower, group);
      else lower.ipv4.joinGroup(group);
    });
  }

  override stopped(): void {
    this.#group((lower, group) => {
      if (typeof group === 'bigint') lower.net.ipv6.leaveGroup(lower, group);
      else lower.ipv4.leaveGroup(group);
    });
    leavePort(this);
    this.fdb.flush((entry) => entry.state === 'reachable');
  }

  #group(act: (lower: NetDevice, group: IP) => void): void {
    const { remote } = this.settings;
    if (this.lower && remote !== undefined && isGroup(remote)) act(this.lower, remote);
  }

  /** It goes when the device below leaves the namespace, too (vxlan_handle_lowerdev_unregister). */
  override lowerEvent(event: DeviceEvent, lower: NetDevice): void {
    if (event === 'unregister') this.lowerGone(lower);
  }

  // ---- out ----------------------------------------------------------------------------------------------------------------

  /** vxlan_xmit. */
  override transmit(skb: Skb): void {
    skb.mac = skb.data;
    skb.network = skb.mac + ETHERNET_HEADER;
    skb.protocol = etherType(skb.bytes, skb.mac);
    if (this.settings.external) return this.#fail(skb, 'TUNNEL_TXINFO');
    if (this.settings.flags.proxy && skb.protocol === ETHERTYPE.ARP) return answerArp(this, skb);
    const destination = readMac(skb.bytes, skb.mac);
    let entry = this.fdb.find(destination);
    if (entry) entry.used = this.net.kernel.events.now;
    else entry = this.fdb.find(ALL_ZERO);
    const [first, ...others] = entry?.remotes ?? [];
    if (!first) return this.#fail(skb, 'NO_TX_TARGET');
    for (const remote of others) this.#sendTo(skb.clone(), remote, destination);
    this.#sendTo(skb, first, destination);
  }

  /** The frame goes nowhere: it isn't counted as sent. */
  #fail(skb: Skb, reason: DropReason, counter: 'txDropped' | 'txErrors' | 'txCarrier' = 'txDropped'): void {
    const { stats } = this;
    stats.txPackets--;
    stats.txBytes -= skb.end - skb.mac;
    stats[counter]++;
    if (counter === 'txCarrier') stats.txErrors++;
    drop(this.net, skb, reason);
  }

  /** vxlan_xmit_one. */
  #sendTo(skb: Skb, remote: VxlanRemote, destination: Mac): void {
    const { settings, underlay } = this;
    if (remote.address === 0 || remote.address === 0n) return this.#fail(skb, 'NO_TX_TARGET');
    const port = remote.port || settings.port;
    const network = remote.vni ?? settings.vni;
    const sourcePort = flowSourcePort(underlay, skb, skb.network, settings.portRange);
    const way = routeTo(
      underlay,
      {
        destination: remote.address,
        source: settings.local,
        protocol: PROTOCOL_UDP,
        sourcePort,
        destinationPort: port,
        oif: remote.ifindex || settings.ifindex,
      },
      this.#socketOptions,
    );
    if (typeof way === 'string') return this.#fail(skb, 'IP_OUTNOROUTES', way === 'ENETUNREACH' ? 'txCarrier' : 'txErrors');
    if (way.found.device === this) return this.#fail(skb, 'RECURSION_LIMIT', 'txErrors');
    if (way.local && settings.flags.localbypass && !isGroup(remote.address)) return this.#loop(skb, network, port, remote.address);
    learnInnerMtu(skb, skb.network, way.mtu - this.headroom);
    const refusal = this.master && tooBigReply(this.net, skb, way.mtu - this.headroom);
    if (refusal) {
      this.#fail(skb, 'PKT_TOO_BIG');
      return this.#bypass.carry(refusal, this);
    }
    this.#encapsulate(skb, way, { sourcePort, port, network, destination });
  }

  /** Puts the outer headers on and sends (udp_tunnel_xmit_skb, iptunnel_xmit). */
  #encapsulate(skb: Skb, way: Way, to: { sourcePort: number; port: number; network: number; destination: Mac }): void {
    const { settings, underlay } = this;
    const inner = innerHeader(skb, skb.network);
    const { dst: ttl, tos, df } = this.#outerFields(inner, way);
    skb.data = skb.mac;
    // Tunnels count what they carry from its network header on (iptunnel_xmit).
    this.stats.txBytes -= ETHERNET_HEADER;
    skb.scrub(underlay !== this.net);
    emitVxlan(skb.bytes, skb.push(VXLAN_HEADER), { vni: to.network });
    const length = skb.end - skb.data + udp.UDP_HEADER;
    const at = skb.push(udp.UDP_HEADER);
    udp.emitUdp(skb.bytes, at, { sourcePort: to.sourcePort, destinationPort: to.port, length });
    const six = typeof way.destination === 'bigint';
    if (six ? !settings.flags.udp_zero_csum6_tx : settings.flags.udp_csum)
      udp.fillChecksum(skb.bytes, at, skb.end, pseudoHeader(way.source, way.destination, PROTOCOL_UDP, length));
    traceTunnel(this, skb, `vxlan ${to.network}: into ${formatIP(way.source)} > ${formatIP(way.destination)} port ${to.port}`);
    skb.traced = -1;
    guarded(underlay, this, skb, () => {
      sendPacket(underlay, skb, way, { protocol: PROTOCOL_UDP, df, ttl, tos, flowLabel: settings.label });
    });
  }

  #outerFields(inner: { tos: number; ttl: number; df: boolean }, way: Way): { dst: number | undefined; tos: number; df: boolean } {
    const { settings } = this;
    const multicast = isGroup(way.destination);
    const own = settings.ttlInherit ? inner.ttl : settings.ttl;
    const dst = own !== 0 ? own : multicast ? 1 : undefined;
    const tos = ecnEncapsulate(settings.tos === 1 ? inner.tos : settings.tos, inner.tos);
    return { dst, tos, df: settings.df === 'set' || (settings.df === 'inherit' && inner.df) };
  }

  /** The remote is this host itself: the frame goes to the device of that network at once (vxlan_encap_bypass). */
  #loop(skb: Skb, network: number, port: number, from: IP): void {
    const target = deviceOnPort(this.underlay, this.family, port, network);
    if (!target) return this.#fail(skb, 'VXLAN_VNI_NOT_FOUND', 'txErrors');
    const source = readMac(skb.bytes, skb.mac + 6);
    if (target.settings.flags.learning) target.#learn(source, from);
    skb.data = skb.mac;
    skb.scrub(true);
    this.#bypass.carry(skb, target);
  }

  // ---- in -----------------------------------------------------------------------------------------------------------------

  /** A datagram for this network: `skb.data` stands at the inner frame, `skb.network` still at the outer header. */
  unpack(skb: Skb, source: IP): void {
    const { underlay } = this;
    const outer = typeof source === 'bigint' ? ip6.trafficClass(skb.bytes, skb.network) : ip.tos(skb.bytes, skb.network);
    if (skb.end - skb.data < ETHERNET_HEADER) return drop(underlay, skb, 'PKT_TOO_SMALL');
    const from = readMac(skb.bytes, skb.data + 6);
    if (from === this.address) return drop(underlay, skb, 'LOCAL_MAC');
    if (isMulticastMac(from) || from === 0) return drop(underlay, skb, 'MAC_INVALID_SOURCE');
    if (this.settings.flags.learning && !this.#learn(from, source)) return drop(underlay, skb, 'VXLAN_ENTRY_EXISTS');
    skb.mac = skb.data;
    skb.network = skb.data + ETHERNET_HEADER;
    skb.protocol = etherType(skb.bytes, skb.mac);
    if (!ecnDecapsulate(skb, outer)) {
      this.stats.rxErrors++;
      return drop(underlay, skb, 'IP_TUNNEL_ECN');
    }
    skb.scrub(underlay !== this.net);
    skb.traced = -1;
    traceTunnel(this, skb, `vxlan ${this.settings.vni}: out of a packet from ${formatIP(source)}`);
    receive(this, skb);
  }

  /** Remembers behind which host a MAC is (vxlan_snoop). @returns false for one that may not move there */
  #learn(address: Mac, source: IP): boolean {
    const entry = this.fdb.find(address);
    const remote: VxlanRemote = { address: source, port: 0, vni: undefined, ifindex: 0 };
    if (!entry) {
      this.fdb.create({ address, remotes: [remote], state: 'reachable', externLearned: false });
      return true;
    }
    entry.updated = this.net.kernel.events.now;
    if (entry.remotes[0]?.address === source) return true;
    if (entry.state !== 'reachable') return false;
    entry.remotes = [remote];
    return true;
  }
}

/** Makes a device of IFLA_VXLAN_* (vxlan_newlink). @param underlay where the request came from */
export function createVxlan(
  id: { net: NetNamespace; name: string; ifindex: number; address: Mac },
  underlay: NetNamespace,
  data: Readonly<Record<string, DeviceAttribute>>,
): Vxlan | Refusal {
  if (Object.keys(data).length === 0) return { errno: 'EINVAL', message: 'Required attributes not provided to perform the operation' };
  const settings = readSettings(data, undefined, underlay);
  if ('errno' in settings) return settings;
  const invalid = validate(settings) ?? (exists(underlay, settings) ? EXISTS : undefined);
  return invalid ?? new Vxlan(id.net, id.name, id.ifindex, id.address, underlay, settings);
}

const EXISTS: Refusal = { errno: 'EEXIST', message: 'A VXLAN device with the specified VNI already exists' };

/** Whether a device of this underlay has the network on that port already, in whatever namespace it is now. */
function exists(underlay: NetNamespace, settings: VxlanSettings): boolean {
  for (const net of underlay.kernel.namespaces) {
    for (const device of net.devices.values()) {
      if (!(device instanceof Vxlan) || device.underlay !== underlay) continue;
      const other = device.settings;
      if (other.vni !== settings.vni || other.port !== settings.port || speaksIpv6(other) !== speaksIpv6(settings)) continue;
      if (other.external === settings.external) return true;
    }
  }
  return false;
}
