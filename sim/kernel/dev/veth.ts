import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import { NetDevice } from './device.ts';
import { Link } from './link.ts';

/** Two context switches and a softirq on current hardware: what a frame takes from one end to the other, in microseconds. */
const VETH_LATENCY = 12;
const VETH_JITTER = 4;

/** An Ethernet header and a VLAN tag, in bytes. */
const LARGEST_HEADER = 18;

/** One end of a virtual Ethernet pair (drivers/net/veth.c). Has a carrier while both ends are up. */
export class Veth extends NetDevice {
  readonly kind = 'veth';
  override readonly countsMulticast = false;
  peer: Veth | undefined;
  readonly #link = new Link(this, VETH_LATENCY, VETH_JITTER);

  override transmit(skb: Skb): void {
    const peer = this.peer;
    if (!peer?.up) {
      this.stats.txDropped++;
      drop(this.net, skb, 'CARRIER_DOWN');
      return;
    }
    if (skb.end - skb.data > peer.mtu + LARGEST_HEADER) return this.#refuseTooBig(skb, peer);
    skb.scrub(peer.net !== this.net);
    this.#link.carry(skb, peer);
  }

  /** The other end takes no larger frames than it would send itself (is_skb_forwardable); the sender hears of it (veth_xmit). */
  #refuseTooBig(skb: Skb, peer: Veth): void {
    peer.stats.rxDropped++;
    this.stats.txDropped++;
    this.stats.txPackets--;
    this.stats.txBytes -= skb.end - skb.data;
    this.refusal = 'ENOBUFS';
    drop(peer.net, skb, 'PKT_TOO_BIG');
  }

  override get carrier(): boolean {
    return this.up && (this.peer?.up ?? false);
  }

  /**
   * An end that is up while its peer isn't says that it is the layer below that is down, if the peer is found by its index in this
   * namespace, where it need not be, and where another device may have that index (default_operstate).
   */
  override get operstate(): 'UNKNOWN' | 'DOWN' | 'LOWERLAYERDOWN' | 'UP' {
    if (!this.up) return 'DOWN';
    if (this.carrier) return 'UP';
    if (!this.peer || this.peer.ifindex === this.ifindex) return 'DOWN';
    return this.net.deviceByIndex(this.peer.ifindex)?.carrier === false ? 'LOWERLAYERDOWN' : 'DOWN';
  }

  override cameUp(): void {
    this.peer?.net.linkChanged(this.peer);
  }

  override stopped(): void {
    this.peer?.net.linkChanged(this.peer);
  }

  /** The other end goes with it. */
  override unregister(): void {
    const { peer } = this;
    this.peer = undefined;
    if (!peer || peer.unregistered) return;
    peer.peer = undefined;
    peer.net.unregister(peer);
  }

  override get link(): { device: NetDevice } | undefined {
    return this.peer && { device: this.peer };
  }
}

/** Joins two ends. */
export function pair(a: Veth, b: Veth): void {
  a.peer = b;
  b.peer = a;
}
