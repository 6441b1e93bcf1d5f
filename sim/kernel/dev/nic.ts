import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import { NetDevice } from './device.ts';
import { Link } from './link.ts';

/** A gigabit LAN with one switch in between: microseconds from card to card. */
const CABLE_LATENCY = 60;
const CABLE_JITTER = 20;

/**
 * A network card on a cable to another machine's. Hosts of the book are virtual machines: their card is the guest end of a
 * pair whose other end the hypervisor holds, so the kernel reports a link that can't be named here (busybox's `ip` shows
 * M-DOWN for that), and queues nothing itself (`noqueue`).
 */
export class Nic extends NetDevice {
  readonly kind = '';
  override readonly linkOffMachine = true;
  override readonly countsMulticast = false;
  peer: Nic | undefined;
  readonly #link = new Link(this, CABLE_LATENCY, CABLE_JITTER);

  override transmit(skb: Skb): void {
    const peer = this.peer;
    if (!peer?.up) {
      this.stats.txDropped++;
      drop(this.net, skb, 'CARRIER_DOWN');
      return;
    }
    skb.scrub(true);
    this.#link.carry(skb, peer);
  }

  override get carrier(): boolean {
    return this.up && (this.peer?.up ?? false);
  }

  override opened(): void {
    this.peer?.net.linkChanged(this.peer);
  }

  override stopped(): void {
    this.peer?.net.linkChanged(this.peer);
  }

  override get link(): { device: NetDevice } | undefined {
    return this.peer && { device: this.peer };
  }
}

/** Plugs a cable into two cards. */
export function cable(a: Nic, b: Nic): void {
  a.peer = b;
  b.peer = a;
}
