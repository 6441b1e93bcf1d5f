import type { DeviceEvent } from '../netns.ts';
import { IFF, NetDevice, type Refusal } from './device.ts';
import { LoopbackQueue } from './loopback-queue.ts';

/**
 * A device that stands on another and shares its wire: VLAN, macvlan, ipvlan. Its link is that of the device below, its MTU no larger
 * (netif_stacked_transfer_operstate).
 */
export abstract class StackedDevice extends NetDevice {
  declare lower: NetDevice;
  override readonly filtersUnicast = true;
  /** Frames that this device hands to others of the host arrive a moment later, never inside the call. */
  protected readonly queue = new LoopbackQueue(this);

  /** Whether what is given says that `lower` can carry such devices. */
  protected inherit(lower: NetDevice): void {
    this.standOn(lower);
    this.mtu = lower.mtu;
  }

  override get carrier(): boolean {
    return this.up && this.lower.running;
  }

  /** Whether it is up or not, its link is that of the device below (netif_stacked_transfer_operstate). */
  override get carrierOk(): boolean {
    return this.lower.carrierOk;
  }

  override registerCarrier(): void {
    this.adoptCarrier();
  }

  override get link(): { device: NetDevice } {
    return { device: this.lower };
  }

  /** Without a link it says that the layer below is down, unless that one is in another namespace (default_operstate). */
  override get operstate(): 'DOWN' | 'LOWERLAYERDOWN' | 'UP' {
    if (!this.up) return 'DOWN';
    if (this.carrier) return 'UP';
    return this.lower.net === this.net ? 'LOWERLAYERDOWN' : 'DOWN';
  }

  override mtuChanging(mtu: number): Refusal | undefined {
    return mtu > this.lower.mtu ? { errno: 'EINVAL' } : undefined;
  }

  override lowerEvent(event: DeviceEvent, lower: NetDevice): void {
    if (event === 'up' || event === 'down' || event === 'change') this.net.linkChanged(this);
    if (event === 'mtu' && this.mtu > lower.mtu) this.net.setMtu(this, lower.mtu);
  }

  /** Groups are listened to below as well, while this device is up (dev_mc_sync). */
  override joinMulticast(group: number): void {
    super.joinMulticast(group);
    if (this.up && this.multicast.get(group) === 1) this.lower.joinMulticast(group);
  }

  override leaveMulticast(group: number): void {
    const had = this.multicast.has(group);
    super.leaveMulticast(group);
    if (this.up && had && !this.multicast.has(group)) this.lower.leaveMulticast(group);
  }

  override opened(): void {
    for (const group of this.multicast.keys()) this.lower.joinMulticast(group);
  }

  override stopped(): void {
    for (const group of this.multicast.keys()) this.lower.leaveMulticast(group);
  }

  /** Whether a frame for a group, or for everybody, is for this device too. */
  hearsGroup(group: number): boolean {
    return group === 0xffff_ffff_ffff || this.multicast.has(group) || this.userPromisc || (this.flags & IFF.ALLMULTI) !== 0;
  }
}

/** Whether a device can carry macvlans and ipvlans: Ethernet, and not the loopback. */
export function isEthernet(device: NetDevice): boolean {
  return device.type === 'ether' && (device.flags & IFF.LOOPBACK) === 0;
}
