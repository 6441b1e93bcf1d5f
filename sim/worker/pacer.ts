import type { Micros } from '../index.ts';

/** What the pacer needs of a world. */
export interface PacedWorld {
  readonly now: Micros;
  readonly events: { readonly nextDue: Micros | undefined; readonly busy: boolean };
  /** Set while it can't go on because code is to be loaded: whoever paces it is to be held. */
  readonly wanted?: unknown;
  advance(duration: Micros, eventBudget?: number): void;
}

/** The real clock and the event loop, as a worker has them; tests bring their own. */
export interface Turns {
  /** Wall time in milliseconds. */
  now(): number;
  /** Runs `turn` after messages that have arrived meanwhile. */
  soon(turn: () => void): void;
  /** Runs `turn` after about `milliseconds`. Returns how to call it off. */
  later(milliseconds: number, turn: () => void): () => void;
}

/** A stretch that ignores the wall clock: called again and again, each time for one short batch, until it returns true. */
export type FlatStretch = (eventBudget: number) => boolean;

/** Longest stretch of work before messages (Ctrl-C among them) get their turn, in wall milliseconds. */
const SLICE = 8;
/** Events between two looks at the wall clock. */
const BATCH = 500;
/** Further behind the wall clock than this, virtual time stops chasing it (an endless loop uses all of a processor). */
const MAX_LAG: Micros = 100_000;
/** Most virtual time in one turn: a computer that slept doesn't wake to an hour of ping replies. */
const MAX_LEAP: Micros = 5_000_000;
/** Most virtual time, and events, that an idle world catches up with when it is used again. */
const MAX_CATCH_UP: Micros = 600_000_000;
const CATCH_UP_EVENTS = 50_000;

/**
 * Keeps virtual time at the pace of the wall clock, in slices of a few milliseconds.
 *
 * While something goes on, the pacer sleeps until the next event is due (one timer a gap; timers never drive the work). When
 * only background timers are left and nobody is attached, it sleeps for good; the next input first advances the world by the
 * wall time that passed, ten minutes at most, so that a neighbour entry is stale when the reader comes back.
 */
export class Pacer {
  readonly #world: PacedWorld;
  readonly #turns: Turns;
  readonly #afterTurn: () => void;
  readonly #attached: () => boolean;
  readonly #flat: FlatStretch[] = [];
  #anchorWall: number;
  #anchorVirtual: Micros;
  #scheduled = false;
  #callOff: (() => void) | undefined;
  #held = false;
  /** Whether the latest stretch of work ignored the wall clock. */
  ranFlat = false;

  /**
   * @param afterTurn called after each stretch of work: start what is due, send what was printed
   * @param attached whether a command or terminal is open, so that background timers must fire on time, too
   */
  constructor(world: PacedWorld, turns: Turns, afterTurn: () => void, attached: () => boolean) {
    this.#world = world;
    this.#turns = turns;
    this.#afterTurn = afterTurn;
    this.#attached = attached;
    this.#anchorWall = turns.now();
    this.#anchorVirtual = world.now;
  }

  /** Call before any input reaches the world: brings virtual time up to the wall clock. */
  catchUp(): void {
    if (this.#flat.length > 0 || this.#scheduled) return;
    const behind = this.#target() - this.#world.now;
    if (behind > 0) this.#world.advance(Math.min(behind, MAX_CATCH_UP), CATCH_UP_EVENTS);
    this.#anchor();
  }

  /** Call after any input: there may be work. */
  wake(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#schedule();
  }

  /** Runs a stretch as fast as it goes; several run one after another. */
  runFlat(stretch: FlatStretch): void {
    this.#flat.push(stretch);
    this.wake();
  }

  /** Holds the world still while the page is behind with what it was sent, or code is being loaded. */
  set held(held: boolean) {
    if (this.#held === held) return;
    this.#held = held;
    if (held) return;
    this.#anchor();
    this.wake();
  }

  #target(): Micros {
    return this.#anchorVirtual + Math.round((this.#turns.now() - this.#anchorWall) * 1000);
  }

  #anchor(): void {
    this.#anchorWall = this.#turns.now();
    this.#anchorVirtual = this.#world.now;
  }

  #schedule(): void {
    if (this.#scheduled || this.#held) return;
    this.#scheduled = true;
    this.#turns.soon(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#held) return;
    this.ranFlat = this.#flat.length > 0;
    const more = this.ranFlat ? this.#flatSlice() : this.#pacedSlice();
    this.#afterTurn();
    if (more || this.#flat.length > 0) this.#schedule();
    else this.#sleep();
  }

  #flatSlice(): boolean {
    const began = this.#turns.now();
    do {
      const stretch = this.#flat[0];
      if (!stretch) break;
      if (stretch(BATCH)) this.#flat.shift();
    } while (!this.#world.wanted && this.#turns.now() - began < SLICE);
    this.#anchor();
    return true;
  }

  /** Returns true when virtual time is still behind. */
  #pacedSlice(): boolean {
    const world = this.#world;
    const began = this.#turns.now();
    const target = this.#target();
    if (target - world.now > MAX_LEAP) {
      this.#anchorVirtual -= target - world.now - MAX_LEAP;
    }
    const goal = Math.min(target, world.now + MAX_LEAP);
    while (world.now < goal) {
      world.advance(goal - world.now, BATCH);
      if (world.wanted || this.#turns.now() - began >= SLICE) break;
    }
    const behind = goal - world.now;
    if (behind > MAX_LAG) this.#anchor();
    return behind > 0;
  }

  #sleep(): void {
    const due = this.#world.events.nextDue;
    if (due === undefined || this.#held || this.#scheduled) return;
    if (!this.#world.events.busy && !this.#attached()) return;
    const milliseconds = (due - this.#target()) / 1000;
    if (milliseconds < 1) return this.#schedule();
    this.#callOff?.();
    this.#callOff = this.#turns.later(milliseconds, () => this.#schedule());
  }
}
