import { concat, decode, encode } from '../../../base/bytes.ts';
import type { Micros } from '../../../base/time.ts';
import { WaitQueue } from '../../../host/wait.ts';
import type { Frame } from '../api/connection.ts';
import { rfc3339 } from '../clock.ts';

/** One line, or the beginning of one that hasn't ended. */
export interface LogEntry {
  time: Micros;
  source: Frame['source'];
  bytes: Uint8Array;
}

/** The driver has no limit; a page's memory has. The oldest entries go first. */
const LIMIT = 4 * 1024 * 1024;

/** What an entry takes besides its text. */
const OVERHEAD = 64;

/** What a container has written, by lines, as the json-file driver keeps it. */
export class Log {
  entries: LogEntry[] = [];
  /** How many entries have been dropped at the front: positions stay valid. */
  dropped = 0;
  readonly grown = new WaitQueue();
  #size = 0;
  readonly #open: Record<Frame['source'], Uint8Array[]> = { stdout: [], stderr: [] };

  /** Adds output as it comes; only whole lines become entries. */
  write(time: Micros, frame: Frame): void {
    let start = 0;
    const held = this.#open[frame.source];
    for (;;) {
      const newline = frame.bytes.indexOf(10, start);
      if (newline < 0) break;
      held.push(frame.bytes.subarray(start, newline + 1));
      this.#add({ time, source: frame.source, bytes: concat(held) });
      held.length = 0;
      start = newline + 1;
    }
    if (start < frame.bytes.length) held.push(frame.bytes.slice(start));
  }

  /** The stream ended: what has no newline is an entry too. */
  finish(time: Micros): void {
    for (const source of ['stdout', 'stderr'] as const) {
      const held = this.#open[source];
      if (held.length > 0) this.#add({ time, source, bytes: concat(held) });
      held.length = 0;
    }
  }

  /** The file that the json-file driver writes. */
  text(): string {
    return this.entries
      .map((entry) => `${JSON.stringify({ log: decode(entry.bytes), stream: entry.source, time: rfc3339(entry.time) })}\n`)
      .join('');
  }

  /** Makes room for a while: dropping one entry at a time would move all the others each time. */
  #dropOldest(): void {
    let count = 0;
    while (this.#size > LIMIT * 0.75 && count < this.entries.length) {
      this.#size -= (this.entries[count] as LogEntry).bytes.length + OVERHEAD;
      count++;
    }
    this.entries.splice(0, count);
    this.dropped += count;
  }

  #add(entry: LogEntry): void {
    this.entries.push(entry);
    this.#size += entry.bytes.length + OVERHEAD;
    if (this.#size > LIMIT) this.#dropOldest();
    this.grown.wake();
  }
}

/** An entry as `docker logs` sends it; `timestamps` puts the time in front. */
export function logFrame(entry: LogEntry, timestamps: boolean): Frame {
  // Fixed-width nanoseconds here, unlike everywhere else (RFC3339NanoFixed).
  const stamp = (): string =>
    `${rfc3339(entry.time).replace(/(?:\.(\d+))?Z$/, (_all, digits?: string) => `.${(digits ?? '').padEnd(9, '0')}Z`)} `;
  return { source: entry.source, bytes: timestamps ? concat([encode(stamp()), entry.bytes]) : entry.bytes };
}
