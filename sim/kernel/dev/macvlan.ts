import { isMulticastMac, type Mac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { ETHERNET_HEADER, readMac } from '../../wire/ethernet.ts';
import { drop } from '../drop.ts';
import type { DeviceEvent, NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { DeviceAttribute, NetDevice, Refusal } from './device.ts';
import { receive, transmit } from './queue.ts';
import { MacvlanSources } from './macvlan-sources.ts';
import { isEthernet, StackedDevice } from './stacked.ts';

/**
 * How macvlans of one device see each other: `private` not at all, `vepa` by way of a switch that sends back, `bridge` at once, `passthru`
 * is alone and takes everything, `source` takes what certain senders send, whomever it is for.
 */
export const MACVLAN_MODES = ['private', 'vepa', 'bridge', 'passthru', 'source'] as const;
export type MacvlanMode = (typeof MACVLAN_MODES)[number];

/** Who hears what comes in for a group: in source mode nobody does. */
const HEARERS: readonly MacvlanMode[] = ['private', 'vepa', 'bridge', 'passthru'];

/** The macvlans of one lower device, by address (`struct macvlan_port`). */
class MacvlanPort {
  readonly members = new Set<Macvlan>();
  readonly #lower: NetDevice;

  constructor(lower: NetDevice) {
    this.#lower = lower;
    lower.receiveHandler = (skb) => this.#receive(skb);
  }

  /** How many hearers a broadcast may have before it is put off (`bc_cutoff`); only shown. */
  cutoff = 1;

  get passthru(): boolean {
    return [...this.members].some((member) => member.mode === 'passthru');
  }

  /** The macvlan that is up with this address (macvlan_hash_lookup). */
  find(address: Mac): Macvlan | undefined {
    for (const member of this.members) if (member.up && member.address === address) return member;
    return undefined;
  }

  leave(member: Macvlan): void {
    this.members.delete(member);
    if (this.members.size > 0) return;
    this.#lower.receiveHandler = undefined;
    ports.delete(this.#lower);
  }

  /** A frame has come in by the lower device (macvlan_handle_frame). */
  #receive(skb: Skb): boolean {
    const destination = readMac(skb.bytes, skb.mac);
    if (this.#takeBySource(skb, destination)) return true;
    if (isMulticastMac(destination)) return this.#receiveGroup(skb, destination);
    const target = this.passthru ? [...this.members][0] : this.find(destination);
    if (!target || target.mode === 'source') return false;
    skb.data = skb.mac;
    skb.traced = -1;
    if (!target.up) drop(target.net, skb, 'DEV_READY');
    else target.take(skb);
    return true;
  }

  /**
   * Copies for those who want what this sender sends (macvlan_forward_source).
   * @returns whether that is all that becomes of the frame
   */
  #takeBySource(skb: Skb, destination: Mac): boolean {
    let taken = false;
    for (const member of this.members) {
      if (member.sources.size === 0 || !member.sources.has(readMac(skb.bytes, skb.mac + 6))) continue;
      if (member.nodst) taken = true;
      if (!member.up) continue;
      const copy = skb.clone();
      copy.data = copy.mac;
      member.takeFromSender(copy, destination);
    }
    if (taken) drop(this.#lower.net, skb, 'OTHERHOST');
    return taken;
  }

  /** Everybody who may hear it gets a copy; the lower device's own host keeps the frame. */
  #receiveGroup(skb: Skb, group: Mac): boolean {
    const source = this.find(readMac(skb.bytes, skb.mac + 6));
    if (source && source.mode !== 'vepa' && source.mode !== 'bridge') {
      // A frame of its own that a switch sent back.
      source.queueCopy(skb, source);
      drop(this.#lower.net, skb, 'OTHERHOST');
      return true;
    }
    const hearers: readonly MacvlanMode[] = !source ? HEARERS : source.mode === 'vepa' ? ['vepa', 'bridge'] : ['vepa'];
    this.broadcast(skb, source, group, hearers);
    return false;
  }

  /** macvlan_broadcast. */
  broadcast(skb: Skb, from: Macvlan | undefined, group: Mac, modes: readonly MacvlanMode[]): void {
    for (const member of this.members) {
      if (member === from || !member.up || !modes.includes(member.mode) || !member.hearsGroup(group)) continue;
      (from ?? member).queueCopy(skb, member);
    }
  }
}

const ports = new WeakMap<NetDevice, MacvlanPort>();

/** A macvlan (drivers/net/macvlan.c): a second MAC address on a device, as if it were a card of its own on the same switch port. */
export class Macvlan extends StackedDevice {
  readonly kind = 'macvlan';
  mode: MacvlanMode;
  readonly #port: MacvlanPort;
  readonly #nopromisc: boolean;
  readonly sources = new MacvlanSources();
  /** What it takes by its sender goes to nobody else (MACVLAN_FLAG_NODST). */
  nodst: boolean;
  #queueLength = 1000;

  constructor(net: NetNamespace, id: { name: string; ifindex: number; address: Mac }, lower: NetDevice, port: MacvlanPort, data: Data) {
    super(net, id.name, id.ifindex, id.address);
    this.#port = port;
    this.mode = modeOf(data) ?? 'vepa';
    this.#nopromisc = data.flag === 'nopromisc';
    this.nodst = data.flag === 'nodst';
    if (this.mode === 'passthru') this.address = lower.address;
    this.inherit(lower);
    port.members.add(this);
  }

  /** macvlan_queue_xmit: to siblings at once in bridge mode, else to the wire. */
  override transmit(skb: Skb): void {
    skb.mac = skb.data;
    if (this.mode === 'bridge') {
      const destination = readMac(skb.bytes, skb.mac);
      if (isMulticastMac(destination)) this.#port.broadcast(skb, this, destination, ['bridge']);
      else if (this.#port.find(destination)?.mode === 'bridge') {
        // By way of the lower device, where captures see it.
        this.queue.put(skb, this.lower);
        return;
      }
    }
    if (this.lower.net !== this.net) skb.scrub(true);
    transmit(this.lower, skb);
  }

  /** A frame that the lower device took for it. */
  take(skb: Skb): void {
    skb.scrub(this.lower.net !== this.net);
    this.stats.rxBytes += ETHERNET_HEADER;
    receive(this, skb);
  }

  /** A frame by a sender of its own: what is for the lower device's address passes for its own (macvlan_forward_source_one). */
  takeFromSender(skb: Skb, destination: Mac): void {
    const type = destination === this.address ? 'host' : skb.packetType;
    skb.scrub(this.lower.net !== this.net);
    this.stats.rxBytes += ETHERNET_HEADER;
    receive(this, skb, type);
  }

  /** Puts a copy into another's receive queue. */
  queueCopy(skb: Skb, target: Macvlan): void {
    const copy = skb.clone();
    copy.data = copy.mac;
    this.queue.put(copy, target);
  }

  override opening(): Errno | undefined {
    if (this.mode === 'passthru') return undefined;
    return this.#isTaken(this.address) ? 'EADDRINUSE' : undefined;
  }

  #isTaken(address: Mac): boolean {
    return (
      this.lower.address === address || [...this.#port.members].some((other) => other !== this && other.up && other.address === address)
    );
  }

  override opened(): void {
    if (this.mode === 'passthru') {
      if (!this.#nopromisc) this.lower.wantPromiscuous(1);
    } else this.lower.unicast.add(this.address);
    super.opened();
  }

  override stopped(): void {
    super.stopped();
    if (this.mode === 'passthru') {
      if (!this.#nopromisc) this.lower.wantPromiscuous(-1);
    } else this.lower.unicast.delete(this.address);
  }

  override addressChanging(next: Mac): void {
    if (!this.up || this.mode === 'passthru') return;
    this.lower.unicast.delete(this.address);
    this.lower.unicast.add(next);
  }

  override lowerEvent(event: DeviceEvent, lower: NetDevice): void {
    super.lowerEvent(event, lower);
    if (event === 'address' && this.mode === 'passthru') this.net.setAddress(this, lower.address);
  }

  override unregister(): void {
    this.#port.leave(this);
  }

  override get attributes(): Record<string, DeviceAttribute> {
    const flags: Record<string, DeviceAttribute> = this.#nopromisc ? { flag: 'nopromisc' } : {};
    if (this.nodst) flags.flag = 'nodst';
    const used = Math.max(...[...this.#port.members].map((member) => member.#queueLength));
    const bclim: Record<string, DeviceAttribute> = this.#port.cutoff === 1 ? {} : { bclim: this.#port.cutoff };
    const senders = { macaddr_count: this.sources.size, macaddr_data: this.sources.toString() };
    return {
      mode: this.mode,
      ...flags,
      bcqueuelen: this.#queueLength,
      usedbcqueuelen: used,
      ...bclim,
      ...(this.mode === 'source' ? senders : {}),
    };
  }

  override changeLink(data: Data): Refusal | undefined {
    const mode = modeOf(data);
    if (mode !== undefined && (mode === 'passthru') !== (this.mode === 'passthru')) return { errno: 'EINVAL' };
    if (data.flag !== undefined) this.nodst = data.flag === 'nodst';
    if (mode !== undefined) {
      if (mode !== 'source') this.sources.flush();
      this.mode = mode;
    }
    return this.configure(data);
  }

  /** What a new one is told, too: the queue, and whose frames it takes. */
  configure(data: Data): Refusal | undefined {
    if (data.bcqueuelen !== undefined) this.#queueLength = Number(data.bcqueuelen);
    if (data.bclim !== undefined) this.#port.cutoff = Number(data.bclim);
    if (data.macaddr_mode === undefined) return undefined;
    if (this.mode !== 'source') return { errno: 'EINVAL' };
    const failed = this.sources.change(String(data.macaddr_mode), String(data.macaddr ?? ''));
    return failed && { errno: failed };
  }
}

type Data = Readonly<Record<string, DeviceAttribute>>;

function modeOf(data: Data): MacvlanMode | undefined {
  return MACVLAN_MODES.find((mode) => mode === data.mode);
}

/** macvlan_common_newlink. A macvlan on a macvlan stands on that one's lower device. */
export function createMacvlan(
  id: { net: NetNamespace; name: string; ifindex: number; address: Mac },
  on: NetDevice | undefined,
  data: Data,
): Macvlan | Refusal {
  const lower = on instanceof Macvlan ? on.lower : on;
  if (!lower || !isEthernet(lower)) return { errno: 'EINVAL' };
  let port = ports.get(lower);
  if (!port) {
    if (lower.receiveHandler) return { errno: 'EBUSY' };
    port = new MacvlanPort(lower);
    ports.set(lower, port);
  }
  const alone = modeOf(data) === 'passthru';
  if (port.members.size > 0 && (alone || port.passthru)) return { errno: 'EINVAL' };
  const made = new Macvlan(id.net, id, lower, port, data);
  const refused = made.configure(data);
  if (refused) port.leave(made);
  return refused ?? made;
}
