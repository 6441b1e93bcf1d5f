import { Lane } from '../../base/lane.ts';
import type { Micros } from '../../base/time.ts';
import { Random } from '../../base/random.ts';
import { drop } from '../drop.ts';
import type { Skb } from '../skb.ts';
import type { NetDevice } from './device.ts';
import { receive } from './queue.ts';

/** Frames that may be on their way over one link; Linux's per-CPU backlog holds as many (net.core.netdev_max_backlog). */
const BACKLOG = 1_000;

/** A frame is at the end of its link, the device that it was sent to. */
const arrive = (skb: Skb): void => receive(skb.dev as NetDevice, skb);

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
  /** Made for the first frame: most devices of a large world never send one. */
  #lane: Lane<Skb> | undefined;

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
    if (this.#lane !== undefined && this.#lane.length >= BACKLOG) {
      peer.stats.rxDropped++;
      drop(peer.net, skb, 'FULL_RING');
      return;
    }
    const due = Math.max(this.#lastDue, kernel.events.now + this.#latency + (this.#jitter > 0 ? this.#random.below(this.#jitter + 1) : 0));
    this.#lastDue = due;
    skb.dev = peer;
    this.#lane ??= new Lane(kernel.events, 'frame', arrive);
    this.#lane.push(skb, due);
  }
}
