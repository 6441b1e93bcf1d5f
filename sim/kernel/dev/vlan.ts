import type { Mac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { ETHERNET_HEADER, ETHERTYPE } from '../../wire/ethernet.ts';
import { VLAN_HEADER, vid } from '../../wire/vlan.ts';
import type { DeviceEvent, NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { type DeviceAttribute, IFF, type NetDevice, type Refusal } from './device.ts';
import { receive, transmit } from './queue.ts';
import { StackedDevice } from './stacked.ts';
import { tag, untag } from './vlan-tag.ts';

/** The VLAN devices of each device, by tag protocol and number (`struct vlan_info`). */
const groups = new WeakMap<NetDevice, Map<number, Vlan>>();

function keyOf(protocol: number, id: number): number {
  return protocol * 4096 + id;
}

/** A tagged frame for one of the VLAN devices on `lower` (vlan_do_receive). */
function receiveTagged(lower: NetDevice, skb: Skb): boolean {
  if (skb.protocol !== ETHERTYPE.VLAN && skb.protocol !== ETHERTYPE.QinQ) return false;
  if (skb.end - skb.mac < ETHERNET_HEADER + VLAN_HEADER) return false;
  const device = groups.get(lower)?.get(keyOf(skb.protocol, vid(skb.bytes, skb.mac + ETHERNET_HEADER)));
  if (!device) return false;
  untag(skb);
  if (device.net !== lower.net) skb.scrub(true);
  receive(device, skb);
  return true;
}

/** An 802.1Q device (net/8021q): the frames of one VLAN, without their tag. */
export class Vlan extends StackedDevice {
  readonly kind = 'vlan';
  override minMtu = 0;
  readonly id: number;
  readonly protocol: number;
  readonly #looseBinding: boolean;
  /** The address was its own from the start, and doesn't follow the lower device's. */
  #ownAddress: boolean;

  constructor(net: NetNamespace, name: { name: string; ifindex: number; address: Mac }, lower: NetDevice, wanted: Wanted) {
    super(net, name.name, name.ifindex, name.address);
    this.id = wanted.id;
    this.protocol = wanted.protocol;
    this.#looseBinding = wanted.looseBinding;
    this.#ownAddress = wanted.ownAddress;
    if (!wanted.ownAddress) this.address = lower.address;
    this.inherit(lower);
    let group = groups.get(lower);
    if (!group) {
      group = new Map();
      groups.set(lower, group);
      lower.vlanHandler = (skb) => receiveTagged(lower, skb);
    }
    group.set(keyOf(this.protocol, this.id), this);
  }

  /** Puts the tag in and hands the frame down (vlan_dev_hard_start_xmit). */
  override transmit(skb: Skb): void {
    tag(skb, this.protocol, this.id);
    transmit(this.lower, skb);
  }

  override opening(): Errno | undefined {
    return this.lower.up || this.#looseBinding ? undefined : 'ENETDOWN';
  }

  override opened(): void {
    if (this.address !== this.lower.address) this.lower.unicast.add(this.address);
    super.opened();
  }

  override stopped(): void {
    super.stopped();
    if (this.address !== this.lower.address) this.lower.unicast.delete(this.address);
  }

  override addressChanging(next: Mac): void {
    this.#ownAddress = next !== this.lower.address;
    if (!this.up) return;
    if (this.address !== this.lower.address) this.lower.unicast.delete(this.address);
    if (next !== this.lower.address) this.lower.unicast.add(next);
  }

  override mtuChanging(mtu: number): Refusal | undefined {
    return mtu > this.lower.mtu ? { errno: 'ERANGE' } : undefined;
  }

  /** It goes up and down with the device below (vlan_device_event). */
  override lowerEvent(event: DeviceEvent, lower: NetDevice): void {
    if (!this.#looseBinding && event === 'down') this.net.setDown(this);
    else if (!this.#looseBinding && event === 'up') this.net.setUp(this);
    else if (event === 'address' && !this.#ownAddress && this.address !== lower.address) this.net.setAddress(this, lower.address);
    super.lowerEvent(event, lower);
  }

  override unregister(): void {
    const group = groups.get(this.lower);
    group?.delete(keyOf(this.protocol, this.id));
    if (group?.size !== 0) return;
    groups.delete(this.lower);
    this.lower.vlanHandler = undefined;
  }

  override get attributes(): Record<string, DeviceAttribute> {
    return {
      protocol: this.protocol === ETHERTYPE.QinQ ? '802.1ad' : '802.1Q',
      id: this.id,
      reorder_hdr: true,
      ...(this.#looseBinding ? { loose_binding: true } : {}),
    };
  }
}

interface Wanted {
  id: number;
  protocol: number;
  looseBinding: boolean;
  ownAddress: boolean;
}

/** vlan_newlink, vlan_validate. @param ownAddress the request gives an address */
export function createVlan(
  id: { net: NetNamespace; name: string; ifindex: number; address: Mac },
  lower: NetDevice | undefined,
  data: Readonly<Record<string, DeviceAttribute>>,
  ownAddress: boolean,
): Vlan | Refusal {
  const refuse = (errno: Errno, message: string): Refusal => ({ errno, message: `8021q: ${message}` });
  if (Object.keys(data).length === 0) return refuse('EINVAL', 'VLAN properties not specified');
  if (data.id !== undefined && Number(data.id) >= 4095) return refuse('ERANGE', 'Invalid VLAN id');
  if (data.id === undefined) return refuse('EINVAL', 'VLAN id not specified');
  if (!lower) return refuse('EINVAL', 'link not specified');
  if ((lower.flags & IFF.LOOPBACK) !== 0 || lower.type !== 'ether') return refuse('EOPNOTSUPP', 'VLANs not supported on device');
  const protocol = data.protocol === '802.1ad' ? ETHERTYPE.QinQ : ETHERTYPE.VLAN;
  if (groups.get(lower)?.has(keyOf(protocol, Number(data.id)))) return refuse('EEXIST', 'VLAN device already exists');
  return new Vlan(id.net, id, lower, { id: Number(data.id), protocol, looseBinding: data.loose_binding === true, ownAddress });
}
