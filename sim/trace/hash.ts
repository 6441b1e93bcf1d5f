import type { TraceEvent } from '../base/trace.ts';

/**
 * A hash of a trace, 64 bits as 16 hexadecimal digits: two runs that print the same did the same, event for event and byte for byte.
 * The same everywhere and for ever; not for secrets.
 */
export function hashEvents(events: Iterable<TraceEvent>): string {
  const hash = new TraceHash();
  for (const event of events) hash.add(event);
  return hash.digest();
}

/** The hash of events as they come. */
export class TraceHash {
  #high = 0x9e3779b9;
  #low = 0x85ebca6b;

  add(event: TraceEvent): void {
    this.#number(event.sequence);
    this.#number(event.time);
    this.#word(event.kind);
    this.#word(event.device);
    this.#word(event.netns);
    this.#number(event.packet);
    this.#word(event.value);
    this.#word(event.text.length);
    for (let i = 0; i < event.text.length; i++) this.#word(event.text.charCodeAt(i));
    this.#word(event.frame.length);
    for (let i = 0; i < event.frame.length; i++) this.#word(event.frame[i] as number);
  }

  /** Of everything added so far; more may follow. */
  digest(): string {
    const high = finish(this.#high ^ Math.imul(this.#low, 0x27d4eb2f));
    const low = finish(this.#low ^ Math.imul(this.#high, 0x165667b1));
    return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
  }

  /** An integer up to 2⁵³. */
  #number(value: number): void {
    this.#word(value % 0x1_0000_0000);
    this.#word(Math.floor(value / 0x1_0000_0000));
  }

  /** One step of each lane: multiply, rotate, multiply, as 32-bit hashes do, with constants of their own. */
  #word(value: number): void {
    const high = Math.imul(this.#high ^ value, 0x9e3779b1);
    const low = Math.imul(this.#low ^ value, 0xc2b2ae3d);
    this.#high = ((high << 13) | (high >>> 19)) + (low | 1);
    this.#low = ((low << 17) | (low >>> 15)) ^ high;
  }
}

/** Spreads every bit over the whole word. */
function finish(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
