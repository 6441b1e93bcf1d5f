import type { Micros } from '../../base/time.ts';
import { Random } from '../../base/random.ts';
import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import type { NetDevice } from './device.ts';
import { receive } from './queue.ts';

/** Frames that may be on their way over one link; Linux's per-CPU backlog holds as many (net.core.netdev_max_backlog). */
const BACKLOG = 1_000;

/**
 * One direction of a link: what is sent arrives after a latency, in order. Crossing it always takes virtual time, which is what
 * keeps a loop of bridges or routers from stopping the world.
 */
export class Link {
  readonly #device: NetDevice;
  readonly #latency: Micros;
  readonly #jitter: Micros;
  readonly #random: Random;
  #lastDue: Micros = 0;
  #inFlight = 0;

  /** @param latency microseconds; @param jitter each frame takes up to this much longer */
  constructor(device: NetDevice, latency: Micros, jitter: Micros) {
    this.#device = device;
    this.#latency = latency;
    this.#jitter = jitter;
    this.#random = new Random(device.net.kernel.seed, `link/${device.uid}`);
  }

  /** Sends towards `peer`; frames that would overflow the backlog are dropped there. */
  carry(skb: Skb, peer: NetDevice): void {
    const { kernel } = this.#device.net;
    if (this.#inFlight >= BACKLOG) {
      peer.stats.rxDropped++;
      drop(peer.net, skb, 'FULL_RING');
      return;
    }
    const due = Math.max(this.#lastDue, kernel.events.now + this.#latency + (this.#jitter > 0 ? this.#random.below(this.#jitter + 1) : 0));
    this.#lastDue = due;
    this.#inFlight++;
    kernel.events.at(due, 'frame', () => {
      this.#inFlight--;
      receive(peer, skb);
    });
  }
}
