import type { EventQueue, Timer } from '../base/events.ts';
import type { Micros } from '../base/time.ts';

/** A timer that can be set again and read, as `struct timer_list`. */
export class Countdown {
  readonly #events: EventQueue;
  readonly #name: string;
  readonly #background: boolean;
  readonly #expired: () => void;
  #timer: Timer | undefined;

  /** @param background whether the world may come to rest while it runs */
  constructor(events: EventQueue, name: string, background: boolean, expired: () => void) {
    this.#events = events;
    this.#name = name;
    this.#background = background;
    this.#expired = expired;
  }

  start(delay: Micros): void {
    this.stop();
    this.#timer = this.#events.after(
      delay,
      this.#name,
      () => {
        this.#timer = undefined;
        this.#expired();
      },
      this.#background,
    );
  }

  stop(): void {
    this.#events.cancel(this.#timer);
    this.#timer = undefined;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  /** Seconds left with two decimals, 0 when it doesn't run (br_timer_value, in centiseconds). */
  get left(): number {
    return this.#timer ? Math.max(0, Math.round((this.#timer.due - this.#events.now) / 10_000)) / 100 : 0;
  }
}
