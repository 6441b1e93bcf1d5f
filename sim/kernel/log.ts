import { SECOND, type Micros } from '../base/time.ts';

/** One line of the kernel's log; `level` is 0 (emergency) to 7 (debug). */
export interface LogLine {
  time: Micros;
  level: number;
  text: string;
}

/** How many lines are kept, as in a ring buffer of Linux's usual size. */
const CAPACITY = 4_096;

/** net.core.message_burst and net.core.message_cost. */
const BURST = 10;
const BURST_INTERVAL = 5 * SECOND;

/** The kernel's log (printk, dmesg(1)). */
export class KernelLog {
  readonly #clock: { readonly now: Micros };
  #lines: LogLine[] = [];
  #burstBegan: Micros = -BURST_INTERVAL - 1;
  #burst = 0;
  #missed = 0;
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

  /** What packets from outside can cause is written ten times in five seconds at most (net_ratelimit). Returns whether it was. */
  writeLimited(level: number, text: string): boolean {
    const { now } = this.#clock;
    if (now - this.#burstBegan > BURST_INTERVAL) {
      if (this.#missed > 0) this.write(4, `net_ratelimit: ${this.#missed} callbacks suppressed`);
      this.#burstBegan = now;
      this.#burst = 0;
      this.#missed = 0;
    }
    if (this.#burst++ >= BURST) {
      this.#missed++;
      return false;
    }
    this.write(level, text);
    return true;
  }

  /** Oldest first. */
  lines(): readonly LogLine[] {
    return this.#lines.slice(-CAPACITY);
  }

  clear(): void {
    this.#lines = [];
  }
}
