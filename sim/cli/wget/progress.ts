import { SECOND, type Micros } from '../../base/time.ts';

const UNITS = ['', 'K', 'M', 'G', 'T'];
const MOST = 99.99;

/** A number as wget's log has it: three digits, then a unit by powers of 1024 (calc_rate in retr.c). @param took zero counts as half the clock's step */
export function rateOf(bytes: number, took: Micros, bits = false): { number: string; unit: number } {
  let rate = (bytes * (bits ? 8 : 1)) / ((took || 0.5) / SECOND);
  const step = bits ? 1000 : 1024;
  let unit = 0;
  for (; rate >= step && unit < UNITS.length - 1; unit++) rate /= step;
  if (unit === UNITS.length - 1) rate = Math.min(rate, MOST);
  return { number: rate.toFixed(rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2), unit };
}

/** `5.57 MB/s` (retr_rate in retr.c), `44.6 Mb/s` in bits. */
export function rateText(bytes: number, took: Micros, bits = false): string {
  const { number, unit } = rateOf(bytes, took, bits);
  return `${number} ${UNITS[unit]}${bits ? 'b' : 'B'}/s`;
}

export function unitLetter(unit: number): string {
  return UNITS[unit] ?? '';
}

/** `195K`: one decimal (or more) below a limit (human_readable in utils.c). */
export function sizeText(bytes: number, limit = 10, decimals = 1): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < 5; unit++) value /= 1024;
  return unit === 0 ? String(bytes) : `${value.toFixed(value < limit ? decimals : 0)}${'KMGTP'[unit - 1]}`;
}

/** `0`, `0.02`, `1.5` (print_decimal). */
export function decimalText(seconds: number): string {
  if (seconds >= 9.95) return seconds.toFixed(0);
  if (seconds >= 0.95) return seconds.toFixed(1);
  if (seconds >= 0.001) return String(Number(seconds.toPrecision(1)));
  return seconds >= 0.0005 ? '0.001' : '0';
}

/** `0s`, `0.02s`, `1.5s`, `1m 2s`, `1h 0m 5s` (secs_to_human_time). */
export function durationText(took: Micros): string {
  const seconds = Math.floor(took / SECOND + 0.5);
  const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const first = parts.findIndex((part) => part > 0);
  if (first < 0) return `${decimalText(took / SECOND)}s`;
  return `${parts
    .map((part, i) => `${part}${'dhm'[i]} `)
    .slice(first)
    .join('')}${seconds % 60}s`;
}

/** `42s`, `2m5s`, `3h20m` (eta_to_human_short). */
export function etaText(seconds: number, space = ''): string {
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes}m${space}${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${space}${minutes % 60}m` : `${Math.floor(hours / 24)}d${space}${hours % 24}h`;
}

/** A gauge of one download; each call gives what is to be printed. */
export interface Gauge {
  start(): string;
  /** That many bytes more have come; 0 when there was nothing for a while. */
  add(bytes: number, now: Micros): string;
  finish(now: Micros): string;
}

/** What a gauge is made for. `initial` bytes were there before. */
export interface GaugeSubject {
  name: string;
  initial: number;
  /** The whole size, if it is known. */
  total: number | undefined;
  began: Micros;
  bits: boolean;
}

export interface DotStyle {
  bytes: number;
  cluster: number;
  row: number;
}

export const DEFAULT_DOTS: DotStyle = { bytes: 1024, cluster: 10, row: 50 };

export const DOT_STYLES: Readonly<Record<string, DotStyle>> = {
  default: DEFAULT_DOTS,
  binary: { bytes: 8192, cluster: 16, row: 48 },
  mega: { bytes: 65_536, cluster: 8, row: 48 },
  giga: { bytes: 1_048_576, cluster: 8, row: 32 },
};

/** Rows of dots, one for each kilobyte as a rule (the dot style of progress.c). */
export class Dots implements Gauge {
  readonly #subject: GaugeSubject;
  readonly #style: DotStyle;
  #rowBegan: Micros;
  #accumulated = 0;
  #dots = 0;
  #rows = 0;

  constructor(subject: GaugeSubject, style: DotStyle) {
    this.#subject = subject;
    this.#style = style;
    this.#rowBegan = subject.began;
  }

  get #rowBytes(): number {
    return this.#style.bytes * this.#style.row;
  }

  start(): string {
    const { initial } = this.#subject;
    if (initial === 0) return '';
    const remainder = initial % this.#rowBytes;
    const skipped = (initial - remainder) / 1024;
    let text = skipped === 0 ? '' : `\n${' '.repeat(2 + Math.max(6, String(skipped).length))}[ skipping ${skipped}K ]`;
    text += `\n${String(skipped).padStart(6)}K`;
    for (let left = remainder; left >= this.#style.bytes; left -= this.#style.bytes) {
      text += `${this.#dots % this.#style.cluster === 0 ? ' ' : ''},`;
      this.#dots++;
    }
    this.#accumulated = remainder % this.#style.bytes;
    this.#rows = (initial - remainder) / this.#rowBytes;
    return text;
  }

  add(bytes: number, now: Micros): string {
    let text = '';
    for (this.#accumulated += bytes; this.#accumulated >= this.#style.bytes; this.#accumulated -= this.#style.bytes) {
      if (this.#dots === 0) text += this.#rowHead();
      text += `${this.#dots % this.#style.cluster === 0 ? ' ' : ''}.`;
      if (++this.#dots < this.#style.row) continue;
      this.#rows++;
      this.#dots = 0;
      text += this.#rowStats(this.#rows * this.#rowBytes, this.#rowBytes, now) + this.#eta(now);
    }
    return text;
  }

  /** The last row, filled up, and the time that all took. */
  finish(now: Micros): string {
    let text = this.#dots === 0 ? this.#rowHead() : '';
    for (let i = this.#dots; i < this.#style.row; i++) text += i % this.#style.cluster === 0 ? '  ' : ' ';
    const inRow = this.#dots * this.#style.bytes + this.#accumulated;
    const seconds = (now - this.#subject.began) / SECOND;
    const took = seconds >= 10 ? etaText(Math.floor(seconds + 0.5)) : `${decimalText(seconds)}s`;
    return `${text}${this.#rowStats(this.#rows * this.#rowBytes + inRow, inRow, now)}=${took}\n\n`;
  }

  #rowHead(): string {
    return `\n${String((this.#rows * this.#rowBytes) / 1024).padStart(6)}K`;
  }

  #eta(now: Micros): string {
    const { total, initial, began } = this.#subject;
    if (!total) return '';
    const done = this.#rows * this.#rowBytes;
    const left = Math.max(0, total - done);
    return ` ${etaText(Math.floor((left * ((now - began) / SECOND)) / (done > initial ? done - initial : 1) + 0.5))}`;
  }

  #rowStats(done: number, inRow: number, now: Micros): string {
    const { initial, total, bits } = this.#subject;
    const before = this.#rows === Math.floor(initial / this.#rowBytes) ? initial % this.#rowBytes : 0;
    const { number, unit } = rateOf(inRow - before, now - this.#rowBegan, bits);
    this.#rowBegan = now;
    const percent = total ? `${String(Math.floor((100 * done) / total)).padStart(3)}%` : '';
    return `${percent} ${number.padStart(4)}${unitLetter(unit) || ' '}`;
  }
}
