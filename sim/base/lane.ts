import type { Entry, EventQueue } from './events.ts';
import type { Micros } from './time.ts';

/**
 * Things on their way one behind the other, delivered each at its time: as many calls of `EventQueue.at`, in the same order among all
 * other events, but only the first stands in the queue, so that a thousand frames on ten cables cost what ten timers do.
 */
export class Lane<T> {
  readonly #events: EventQueue;
  readonly #deliver: (thing: T) => void;
  readonly #entry: Entry;
  /** Rings of the same size, a power of two. */
  #things: (T | undefined)[] = new Array(8).fill(undefined);
  #dues: Micros[] = new Array(8).fill(0);
  #places: number[] = new Array(8).fill(0);
  #first = 0;
  #length = 0;

  constructor(events: EventQueue, name: string, deliver: (thing: T) => void) {
    this.#events = events;
    this.#deliver = deliver;
    this.#entry = { due: 0, sequence: 0, name, background: false, run: undefined };
  }

  /** Things that are on their way. */
  get length(): number {
    return this.#length;
  }

  /** @param due not before that of what was pushed last, nor before now */
  push(thing: T, due: Micros): void {
    if (this.#length === this.#things.length) this.#grow();
    const place = this.#events.takePlace();
    const at = (this.#first + this.#length++) & (this.#things.length - 1);
    this.#things[at] = thing;
    this.#dues[at] = due;
    this.#places[at] = place;
    if (this.#length === 1) this.#events.enter(this.#entry, due, place, this.#run);
  }

  readonly #run = (): void => {
    const at = this.#first;
    const thing = this.#things[at] as T;
    this.#things[at] = undefined;
    const next = (at + 1) & (this.#things.length - 1);
    this.#first = next;
    this.#length--;
    if (this.#length > 0) this.#events.enter(this.#entry, this.#dues[next] as Micros, this.#places[next] as number, this.#run);
    this.#deliver(thing);
  };

  #grow(): void {
    const size = this.#things.length;
    const unrolled = <V>(ring: V[], rest: V): V[] => [
      ...ring.slice(this.#first),
      ...ring.slice(0, this.#first),
      ...new Array(size).fill(rest),
    ];
    this.#things = unrolled<T | undefined>(this.#things, undefined);
    this.#dues = unrolled(this.#dues, 0);
    this.#places = unrolled(this.#places, 0);
    this.#first = 0;
  }
}
