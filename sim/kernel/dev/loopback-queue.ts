import type { Skb } from '../skb.ts';
import type { NetDevice } from './device.ts';
import { Link } from './link.ts';

/** From a device to another on the same lower device, in microseconds: a softirq. */
const LATENCY = 3;

/** What a device puts into the host's own receive queue (netif_rx, dev_forward_skb). */
export class LoopbackQueue {
  readonly #link: Link;

  constructor(device: NetDevice) {
    this.#link = new Link(device, LATENCY, 0);
  }

  /** The frame arrives at `target`; `skb.data` stands at its MAC header. */
  put(skb: Skb, target: NetDevice): void {
    skb.scrub(target.net !== skb.dev?.net);
    this.#link.carry(skb, target);
  }
}
