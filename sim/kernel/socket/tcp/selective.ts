import { after, before } from './sequence.ts';

/** TCP_NUM_SACKS: stretches that are remembered. */
const MOST = 4;

export type Stretch = [left: number, right: number];

/** Which stretches beyond a gap have arrived, the latest first: what SACK blocks say (struct tcp_sack_block selective_acks; RFC 2018 §4). */
export class SelectiveAcks {
  #blocks: Stretch[] = [];

  /** A stretch has arrived: it joins those that it touches, and they go to the front (tcp_sack_new_ofo_skb). */
  add(left: number, right: number): void {
    const touching = this.#blocks.filter((block) => !after(left, block[1]) && !after(block[0], right));
    const joined: Stretch = [left, right];
    for (const block of touching) {
      if (before(block[0], joined[0])) joined[0] = block[0];
      if (after(block[1], joined[1])) joined[1] = block[1];
    }
    this.#blocks = [joined, ...this.#blocks.filter((block) => !touching.includes(block))].slice(0, MOST);
  }

  /** Everything up to `next` has come: those stretches are in order now (tcp_sack_remove). */
  reached(next: number): void {
    if (this.#blocks.length > 0) this.#blocks = this.#blocks.filter(([left]) => before(next, left));
  }

  /** At most `max` of them. */
  first(max: number): Stretch[] {
    return this.#blocks.slice(0, max);
  }

  clear(): void {
    this.#blocks = [];
  }
}
