import { MILLISECOND, SECOND, type Micros } from '../../base/time.ts';
import { decimalText, etaText, type Gauge, type GaugeSubject, rateOf, sizeText, unitLetter } from './progress.ts';

const REFRESH = 200 * MILLISECOND;
const SAMPLE = 150 * MILLISECOND;
const SAMPLES = 20;
const STALL = 5 * SECOND;
const ETA_AFTER = 3 * SECOND;
const ETA_REFRESH = 990 * MILLISECOND;
const SCROLLS_FROM = 5;
/** What stands beside the name and the bar: percentage, brackets, size, rate, time. */
const FIXED = 4 + 2 + 8 + 10 + 15;
const ETA_WIDTH = 15;

/** The thermometer of progress.c, for terminals: drawn over itself, five times a second at most. */
export class Bar implements Gauge {
  readonly #subject: GaugeSubject;
  readonly #width: number;
  readonly #scrolls: boolean;
  #total: number | undefined;
  #count = 0;
  #tick = 0;
  #drawn: Micros = 0;
  /** Speeds of the last seconds. */
  #samples: { bytes: number; took: Micros }[] = [];
  #recentBegan: Micros = 0;
  #recentBytes = 0;
  #stalled = false;
  #eta = { value: 0, at: 0 };

  /** @param columns of the terminal */
  constructor(subject: GaugeSubject, columns: number, scrolls: boolean) {
    this.#subject = subject;
    this.#width = Math.max(51, columns) - 1;
    this.#scrolls = scrolls;
    this.#total = subject.total;
  }

  start(): string {
    return `\n${this.#image(0, false)}`;
  }

  add(bytes: number, now: Micros): string {
    const elapsed = now - this.#subject.began;
    this.#count += bytes;
    this.#stretch();
    this.#remember(bytes, elapsed);
    if (elapsed - this.#drawn < REFRESH) return '';
    this.#drawn = elapsed;
    return this.#image(elapsed, false);
  }

  finish(now: Micros): string {
    this.#stretch();
    return `${this.#image(now - this.#subject.began, true)}\n\n`;
  }

  get #size(): number {
    return this.#subject.initial + this.#count;
  }

  /** More may come than was announced. */
  #stretch(): void {
    if (this.#total !== undefined && this.#total > 0 && this.#size > this.#total) this.#total = this.#size;
  }

  #remember(bytes: number, elapsed: Micros): void {
    let age = elapsed - this.#recentBegan;
    this.#recentBytes += bytes;
    if (age < SAMPLE) return;
    if (bytes === 0) {
      if (age < STALL) return;
      this.#stalled = true;
      this.#samples = [];
      this.#recentBytes = 0;
      return;
    }
    if (this.#stalled) age = SECOND;
    this.#stalled = false;
    this.#samples.push({ bytes: this.#recentBytes, took: age });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#recentBegan = elapsed;
    this.#recentBytes = 0;
  }

  #image(elapsed: Micros, done: boolean): string {
    const nameWidth = Math.floor(this.#width / 4);
    const barWidth = this.#width - nameWidth - 1 - FIXED;
    const percent =
      this.#total !== undefined && this.#total > 0 ? `${String(Math.floor((100 * this.#size) / this.#total)).padStart(3)}%` : '    ';
    const name = this.#name(nameWidth, done);
    const bar = barWidth < 5 ? '' : this.#bar(barWidth);
    this.#tick++;
    const text = `${name} ${percent}${bar}${sizeText(this.#size, 1000, 2).padStart(8)}${this.#rate(elapsed)}${this.#time(elapsed, done)}`;
    return `\r${text.padEnd(this.#width)}`;
  }

  /** A long name passes by, until all is there. */
  #name(width: number, done: boolean): string {
    const name = [...this.#subject.name];
    if (name.length < width) return this.#subject.name.padEnd(width);
    if (!this.#scrolls || done || name.length <= width + SCROLLS_FROM) return name.slice(0, width).join('');
    const offset = (this.#tick + name.length + Math.floor(width / 2)) % (name.length + width);
    const padding = offset > name.length ? width - (offset - name.length) : 0;
    const from = offset > name.length ? 0 : offset;
    return (' '.repeat(padding) + name.slice(from, from + width - padding).join('')).padEnd(width);
  }

  #bar(width: number): string {
    if (this.#total !== undefined && this.#total > 0) {
      const before = Math.floor((this.#subject.initial / this.#total) * width);
      const now = Math.floor((this.#size / this.#total) * width) - before;
      return `[${`${'+'.repeat(before)}${now > 0 ? `${'='.repeat(now - 1)}>` : ''}`.padEnd(width)}]`;
    }
    const step = this.#tick % (width * 2 - 6);
    const place = step < width - 2 ? step + 1 : width - (step - width + 5);
    return `[${`${' '.repeat(Math.max(0, place - 1))}<=>`.padEnd(width)}]`;
  }

  #rate(elapsed: Micros): string {
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    const took = this.#samples.reduce((sum, sample) => sum + sample.took, 0);
    if (took === 0 || bytes === 0) return '  --.-KB/s';
    const { bits } = this.#subject;
    const { number, unit } = rateOf(bytes + this.#recentBytes, took + elapsed - this.#recentBegan, bits);
    return `  ${number.padStart(4)}${unitLetter(unit) || ' '}${bits ? 'b' : 'B'}/s`;
  }

  #time(elapsed: Micros, done: boolean): string {
    if (done) {
      const seconds = elapsed / SECOND;
      return `    in ${seconds >= 10 ? etaText(Math.floor(seconds + 0.5), ' ') : `${decimalText(seconds)}s`}`.padEnd(ETA_WIDTH);
    }
    const total = this.#total;
    if (total === undefined || total === 0 || this.#count === 0 || elapsed <= ETA_AFTER) return '';
    const fresh = this.#eta.value !== 0 && total !== this.#size && elapsed - this.#eta.at < ETA_REFRESH;
    if (!fresh) this.#eta = { value: Math.floor(((elapsed / SECOND) * (total - this.#size)) / this.#count + 0.5), at: elapsed };
    return `    eta ${etaText(this.#eta.value, ' ')}`;
  }
}
