import type { Skb } from '../skb.ts';
import { IFF, NetDevice } from './device.ts';
import { Link } from './link.ts';

/** From a socket to a socket of the same namespace, in microseconds. */
const LOOPBACK_LATENCY = 6;
const LOOPBACK_JITTER = 2;

/** `lo` (drivers/net/loopback.c): what is sent comes back in. */
export class Loopback extends NetDevice {
  readonly kind = '';
  override readonly type = 'loopback';
  override flags: number = IFF.LOOPBACK;
  override mtu = 65_536;
  override minMtu = 0;
  override maxMtu = 0;
  override broadcast = 0;
  readonly #link = new Link(this, LOOPBACK_LATENCY, LOOPBACK_JITTER);

  override transmit(skb: Skb): void {
    this.#link.carry(skb, this);
  }

  override get operstate(): 'UNKNOWN' | 'DOWN' {
    return this.up ? 'UNKNOWN' : 'DOWN';
  }

  override get hasLinkLayer(): boolean {
    return false;
  }
}
