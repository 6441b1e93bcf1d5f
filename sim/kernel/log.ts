import type { Micros } from '../base/time.ts';

/** One line of the kernel's log; `level` is 0 (emergency) to 7 (debug). */
export interface LogLine {
  time: Micros;
  level: number;
  text: string;
}

/** How many lines are kept, as in a ring buffer of Linux's usual size. */
const CAPACITY = 4_096;

/** The kernel's log (printk, dmesg(1)). */
export class KernelLog {
  readonly #clock: { readonly now: Micros };
  #lines: LogLine[] = [];
  /** Called for each new line, for those that follow the log. */
  readonly listeners = new Set<(line: LogLine) => void>();

  constructor(clock: { readonly now: Micros }) {
    this.#clock = clock;
  }

  write(level: number, text: string): void {
    const line = { time: this.#clock.now, level, text };
    this.#lines.push(line);
    if (this.#lines.length > 2 * CAPACITY) this.#lines = this.#lines.slice(-CAPACITY);
    for (const listener of this.listeners) listener(line);
  }

  /** Oldest first. */
  lines(): readonly LogLine[] {
    return this.#lines.slice(-CAPACITY);
  }

  clear(): void {
    this.#lines = [];
  }
}
