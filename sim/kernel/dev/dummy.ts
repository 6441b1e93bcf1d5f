import type { Skb } from '../skb.ts';
import { IFF, NetDevice } from './device.ts';

/** `dummy` (drivers/net/dummy.c): an Ethernet device whose frames go nowhere, and count as sent. */
export class Dummy extends NetDevice {
  readonly kind = 'dummy';
  override flags: number = IFF.BROADCAST | IFF.NOARP;
  override maxMtu = 0;
  override minMtu = 0;

  override transmit(_skb: Skb): void {}

  override get operstate(): 'UNKNOWN' | 'DOWN' {
    return this.up ? 'UNKNOWN' : 'DOWN';
  }
}
