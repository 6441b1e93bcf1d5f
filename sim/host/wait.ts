import { NotLoaded, type Part } from '../base/part.ts';
import type { Micros } from '../base/time.ts';

/** From waking to running: what a context switch takes. It also keeps two processes that only talk to each other from stopping time. */
export const SWITCH_COST: Micros = 2;

/** Why a blocked process runs again: something happened on a queue, its deadline passed, or a signal came. */
export type Wake = 'event' | 'timeout' | 'signal';

/** The one system call that processes yield: sleep until a queue wakes, a deadline passes or a signal arrives. */
export interface Block {
  /** Any of these wakes the process. */
  on: readonly WaitQueue[];
  /** Absolute virtual time; absent means no deadline. */
  until?: Micros;
  /** Time spent computing rather than waiting: signals are delivered when it ends. */
  computing?: boolean;
  /** Not a system call at all: code that has to be loaded first. The world stands still, the process is not scheduled anew. */
  part?: Part;
}

/** A generator that yields `Block`s and returns a value; every blocking call of a process is one (`yield*` it). */
export type Blocking<T> = Generator<Block, T, Wake>;

/** A part's module. The whole world stands still until it is loaded: no time passes, nothing else runs. */
export function* need<T>(part: Part<T>): Blocking<T> {
  part.used = true;
  while (part.value === undefined) yield { on: [], part };
  return part.value;
}

/**
 * What a function returns that can't wait itself: when it meets a part that isn't loaded (`loaded`), it is called again once the part
 * is there. It must not have changed anything by then.
 */
export function* whenLoaded<T>(run: () => T): Blocking<T> {
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      yield* need(error.part);
    }
  }
}

/** Something processes wait for: readable data, room in a pipe, a child's end. */
export class WaitQueue {
  readonly #waiters = new Set<(latency: Micros) => void>();
  /** What passes between the event and a process that waited for it going on. */
  readonly #latency: Micros;

  constructor(latency: Micros = SWITCH_COST) {
    this.#latency = latency;
  }

  /** Wakes all that wait. Each checks its condition again and may go back to sleep. */
  wake(): void {
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const resume of waiters) resume(this.#latency);
  }

  /** For the scheduler: `resume` is called once, at the next `wake`. */
  add(resume: (latency: Micros) => void): void {
    this.#waiters.add(resume);
  }

  remove(resume: (latency: Micros) => void): void {
    this.#waiters.delete(resume);
  }
}
