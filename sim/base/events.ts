import { NotLoaded, type Part } from './part.ts';
import type { Micros } from './time.ts';

/** What `EventQueue.at` and `after` return; pass it to `cancel`. */
export interface Timer {
  readonly due: Micros;
  readonly name: string;
  readonly background: boolean;
}

/** What stands in the queue. */
export interface Entry extends Timer {
  due: Micros;
  sequence: number;
  name: string;
  background: boolean;
  /** `undefined` once it ran or was cancelled. */
  run: (() => void) | undefined;
}

/** Thrown by `settle` when the world does not come to rest within its event budget. */
export class BudgetExceeded extends Error {
  readonly busiest: string;
  constructor(budget: number, busiest: string, share: number) {
    super(`no rest after ${budget} events; the busiest timer is '${busiest}' (${Math.round(share * 100)}% of them)`);
    this.name = 'BudgetExceeded';
    this.busiest = busiest;
  }
}

/**
 * The one queue that moves a world forward: events ordered by (due, sequence of scheduling). While an event runs, `now` is its
 * due time; an event scheduled for the present runs after those already due, never inline.
 *
 * A timer marked `background` (ageing, leases, garbage collection) does not keep the world awake: `settle` ends when only such
 * timers are left.
 */
export class EventQueue {
  now: Micros = 0;
  /** Events that have run since the start. */
  executed = 0;
  /** Bytes that processes have moved since the start: what events alone don't tell about how much work was done. */
  bytesMoved = 0;
  /** Microseconds that processes have computed since the start. */
  computed: Micros = 0;
  #sequence = 0;
  #foreground = 0;
  readonly #heap: Entry[] = [];
  /** Whether the first entry is the event that is running. What is scheduled first takes its place: mostly a frame behind it (`Lane`). */
  #vacant = false;
  #stall: { part: Part; resume: () => void } | undefined;

  /** Schedules `run` at an absolute time; a time in the past means now. */
  at(due: Micros, name: string, run: () => void, background = false): Timer {
    const entry: Entry = { due: due > this.now ? due : this.now, sequence: this.#sequence++, name, background, run };
    if (!background) this.#foreground++;
    this.#push(entry);
    return entry;
  }

  /** A place in the order of events, for one that `Lane` schedules later. */
  takePlace(): number {
    return this.#sequence++;
  }

  /** Schedules an entry anew that is not in the queue, at a place taken before. */
  enter(entry: Entry, due: Micros, place: number, run: () => void): void {
    entry.due = due;
    entry.sequence = place;
    entry.run = run;
    if (!entry.background) this.#foreground++;
    this.#push(entry);
  }

  /** Schedules `run` after a delay in microseconds. */
  after(delay: Micros, name: string, run: () => void, background = false): Timer {
    return this.at(this.now + delay, name, run, background);
  }

  /** Takes a timer back. Cancelling one that has run, or twice, does nothing. */
  cancel(timer: Timer | undefined): void {
    const entry = timer as Entry | undefined;
    if (entry?.run === undefined) return;
    entry.run = undefined;
    if (!entry.background) this.#foreground--;
  }

  /** True while something other than background timers is scheduled. */
  get busy(): boolean {
    return this.#foreground > 0;
  }

  /** When the next event is due, or `undefined` when there is none. */
  get nextDue(): Micros | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.due;
  }

  /** The part that the event which is running waits for. Until `resume`, nothing runs: that event isn't over. */
  get wanted(): Part | undefined {
    return this.#stall?.part;
  }

  /**
   * Holds everything until a part is loaded. What calls it must be the last thing that its event does.
   * @param resume the rest of the event
   */
  stall(part: Part, resume: () => void): void {
    this.#stall = { part, resume };
  }

  /** Goes on with the event that waited, now that its part is loaded; it may want another one then. */
  resume(): void {
    this.#notStalled(true);
    const resume = this.#stall?.resume;
    this.#stall = undefined;
    resume?.();
  }

  #notStalled(unlessLoaded = false): void {
    const part = this.#stall?.part;
    if (part && !(unlessLoaded && part.value !== undefined)) throw new NotLoaded(part);
  }

  /** Runs one event. Returns false when none is left. @throws NotLoaded while a part is wanted */
  step(): boolean {
    this.#notStalled();
    this.#dropCancelled();
    const entry = this.#heap[0];
    if (!entry) return false;
    this.#run(entry);
    return true;
  }

  #run(entry: Entry): void {
    const run = entry.run as () => void;
    entry.run = undefined;
    if (!entry.background) this.#foreground--;
    this.now = entry.due;
    this.executed++;
    this.#vacant = true;
    run();
  }

  /**
   * Runs every event due until `time` (inclusive) and leaves `now` there; stops early after `budget` events, or when a part is
   * wanted. Returns true when `time` was reached.
   *
   * @throws NotLoaded when a part is wanted already
   */
  runUntil(time: Micros, budget = Number.POSITIVE_INFINITY): boolean {
    this.#notStalled();
    for (let ran = 0; ; ran++) {
      if (this.#stall) return false;
      this.#dropCancelled();
      const entry = this.#heap[0];
      if (!entry || entry.due > time) break;
      if (ran >= budget) return false;
      this.#run(entry);
    }
    if (time > this.now) this.now = time;
    return true;
  }

  /**
   * Runs until only background timers are left, or `done()` turns true.
   * @throws BudgetExceeded after `budget` events, naming the busiest timer
   */
  settle(budget = 5_000_000, done?: () => boolean): void {
    const counts = new Map<string, number>();
    for (let ran = 0; this.busy && !done?.(); ran++) {
      if (ran >= budget) throw this.#exceeded(budget, counts);
      this.#dropCancelled();
      const name = this.#heap[0]?.name ?? '';
      // Counting only the last stretch is enough to name the culprit and keeps the common case cheap.
      if (ran > budget - 10_000) counts.set(name, (counts.get(name) ?? 0) + 1);
      this.step();
    }
  }

  #exceeded(budget: number, counts: Map<string, number>): BudgetExceeded {
    let busiest = '';
    let most = 0;
    let total = 0;
    for (const [name, count] of counts) {
      total += count;
      if (count > most) [busiest, most] = [name, count];
    }
    return new BudgetExceeded(budget, busiest, most / Math.max(total, 1));
  }

  /** Leaves an entry in front that is to run. */
  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) this.#pop();
  }

  #push(entry: Entry): void {
    if (this.#vacant) {
      this.#vacant = false;
      this.#sink(entry);
      return;
    }
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    this.#vacant = false;
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) this.#sink(last);
  }

  /** Puts an entry in the place of the first, and then where it belongs. */
  #sink(entry: Entry): void {
    const heap = this.#heap;
    const { length } = heap;
    let index = 0;
    for (let child = 1; child < length; child = 2 * index + 1) {
      let below = heap[child] as Entry;
      if (child + 1 < length) {
        const right = heap[child + 1] as Entry;
        if (before(right, below)) {
          below = right;
          child++;
        }
      }
      if (!before(below, entry)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = entry;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.sequence < b.sequence);
}
