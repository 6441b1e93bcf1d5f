import { SECOND, type Micros } from '../../base/time.ts';

const DOT = 1024;
const DOTS_IN_ROW = 50;
const CLUSTER = 10;

/** A number as wget's log has it: three digits, then a unit by powers of 1024. @param took zero counts as half the clock's step */
function rateOf(bytes: number, took: Micros): { number: string; unit: number } {
  let rate = bytes / ((took || 0.5) / SECOND);
  let unit = 0;
  for (; rate >= 1024 && unit < 3; unit++) rate /= 1024;
  return { number: rate.toFixed(rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2), unit };
}

/** `5.57 MB/s` (retr_rate in retr.c). */
export function rateText(bytes: number, took: Micros): string {
  const { number, unit } = rateOf(bytes, took);
  return `${number} ${['B/s', 'KB/s', 'MB/s', 'GB/s'][unit]}`;
}

/** `195K`: one decimal below ten (human_readable in utils.c). */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < 5; unit++) value /= 1024;
  return unit === 0 ? String(bytes) : `${value.toFixed(value < 10 ? 1 : 0)}${'KMGTP'[unit - 1]}`;
}

/** `0s`, `0.02s`, `1.5s`, `1m2s` (secs_to_human_time and print_decimal). */
export function durationText(took: Micros): string {
  const seconds = took / SECOND;
  if (seconds >= 9.95) return etaText(Math.round(seconds));
  if (seconds >= 1) return `${seconds.toFixed(1)}s`;
  return seconds < 0.001 ? '0s' : `${Number(seconds.toPrecision(1))}s`;
}

function etaText(seconds: number): string {
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes}m${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d${hours % 24}h`;
}

/** Rows of dots, one for each kilobyte (the dot style of progress.c). */
export class Dots {
  readonly #total: number | undefined;
  readonly #began: Micros;
  #rowBegan: Micros;
  #received = 0;
  #accumulated = 0;
  #dots = 0;
  #rows = 0;

  constructor(total: number | undefined, began: Micros) {
    this.#total = total;
    this.#began = began;
    this.#rowBegan = began;
  }

  /** @returns what to print when that many bytes more have come */
  add(bytes: number, now: Micros): string {
    let text = '';
    this.#received += bytes;
    for (this.#accumulated += bytes; this.#accumulated >= DOT; this.#accumulated -= DOT) {
      if (this.#dots === 0) text += this.#rowHead();
      text += `${this.#dots % CLUSTER === 0 ? ' ' : ''}.`;
      if (++this.#dots < DOTS_IN_ROW) continue;
      this.#rows++;
      this.#dots = 0;
      const done = this.#rows * DOTS_IN_ROW * DOT;
      const left = this.#total === undefined ? undefined : Math.max(0, this.#total - done);
      const eta = left === undefined ? '' : ` ${etaText(Math.floor((left * ((now - this.#began) / SECOND)) / done + 0.5))}`;
      text += this.#rowStats(done, DOTS_IN_ROW * DOT, now) + eta;
    }
    return text;
  }

  /** The last row, filled up, and the time that all took. */
  finish(now: Micros): string {
    let text = this.#dots === 0 ? this.#rowHead() : '';
    for (let i = this.#dots; i < DOTS_IN_ROW; i++) text += i % CLUSTER === 0 ? '  ' : ' ';
    const last = this.#received - this.#rows * DOTS_IN_ROW * DOT;
    return `${text}${this.#rowStats(this.#received, last, now)}=${durationText(now - this.#began)}\n\n`;
  }

  #rowHead(): string {
    return `\n${String(this.#rows * DOTS_IN_ROW * (DOT / 1024)).padStart(6)}K`;
  }

  #rowStats(done: number, inRow: number, now: Micros): string {
    const { number, unit } = rateOf(inRow, now - this.#rowBegan);
    this.#rowBegan = now;
    const percent = this.#total ? `${String(Math.floor((100 * done) / this.#total)).padStart(3)}%` : '';
    return `${percent} ${number.padStart(4)}${['', 'K', 'M', 'G'][unit]}`;
  }
}
