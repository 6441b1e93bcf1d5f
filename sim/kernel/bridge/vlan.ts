import { ETHERNET_HEADER, ETHERTYPE, etherType } from '../../wire/ethernet.ts';
import { VLAN_HEADER, vid } from '../../wire/vlan.ts';
import { untag } from '../dev/vlan-tag.ts';
import type { Skb } from '../skb.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';

/** The VLANs that a port, or the bridge itself, takes part in (`struct net_bridge_vlan_group`). */
export class VlanGroup {
  /** By number: whether frames leave without their tag. */
  readonly members = new Map<number, { untagged: boolean }>();
  /** What frames without a tag belong to; 0 for nothing, so that they are dropped. */
  pvid = 0;

  /** Joins one, or changes how it takes part (__vlan_add_flags). */
  set(id: number, flags: { pvid: boolean; untagged: boolean }): void {
    this.members.set(id, { untagged: flags.untagged });
    if (flags.pvid) this.pvid = id;
    else if (this.pvid === id) this.pvid = 0;
  }

  delete(id: number): boolean {
    if (this.pvid === id) this.pvid = 0;
    return this.members.delete(id);
  }

  /** Numbers in order. */
  get ids(): number[] {
    return [...this.members.keys()].sort((a, b) => a - b);
  }
}

/** VLANs of a bridge and its ports, from the moment that somebody configures any (net/bridge/br_vlan.c). */
export class BridgeVlans {
  readonly #bridge: Bridge;
  /** The bridge device's own. */
  readonly own = new VlanGroup();
  protocol: number = ETHERTYPE.VLAN;
  /** What new ports get; 0 for nothing. */
  defaultPvid = 1;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.addDefault(undefined);
    for (const port of bridge.ports.values()) this.addDefault(port);
  }

  group(port: BridgePort | undefined): VlanGroup {
    return port ? port.vlans : this.own;
  }

  addDefault(port: BridgePort | undefined): void {
    if (this.defaultPvid > 0) this.add(port, this.defaultPvid, { pvid: true, untagged: true });
  }

  /** @param port undefined for the bridge itself */
  add(port: BridgePort | undefined, id: number, flags: { pvid: boolean; untagged: boolean }): void {
    const { fdb, address } = this.#bridge;
    const mac = port ? port.device.address : address;
    this.group(port).set(id, flags);
    if (!fdb.get(mac, id)?.local) fdb.add(mac, port, { local: true }, id);
  }

  remove(port: BridgePort | undefined, id: number): void {
    if (!this.group(port).delete(id)) return;
    this.#bridge.fdb.flushVlan(port, id);
  }

  /** Moves those that have the default to another (__br_vlan_set_default_pvid). */
  setDefault(id: number): void {
    const before = this.defaultPvid;
    this.defaultPvid = id;
    for (const port of [undefined, ...this.#bridge.ports.values()]) {
      const group = this.group(port);
      const follows = before === 0 ? group.pvid === 0 : group.pvid === before && group.members.get(before)?.untagged === true;
      if (!follows) continue;
      if (before > 0) this.remove(port, before);
      this.addDefault(port);
    }
  }

  /**
   * Which VLAN a frame belongs to; its tag is taken off (br_allowed_ingress).
   * @returns undefined for one that may not come in here
   */
  ingress(port: BridgePort | undefined, skb: Skb): number | undefined {
    const group = this.group(port);
    let id = 0;
    if (etherType(skb.bytes, skb.mac) === this.protocol && skb.end - skb.mac >= ETHERNET_HEADER + VLAN_HEADER) {
      id = vid(skb.bytes, skb.mac + ETHERNET_HEADER);
      untag(skb);
      skb.protocol = etherType(skb.bytes, skb.mac);
    }
    if (id === 0) id = group.pvid;
    return id > 0 && group.members.has(id) ? id : undefined;
  }
}
