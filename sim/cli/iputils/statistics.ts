import type { Micros } from '../../base/time.ts';

/** Sequence numbers that are remembered, to tell duplicates (MAX_DUP_CHK). */
const REMEMBERED = 0x10000;

/** What a run of ping counts (`struct ping_rts`). */
export class PingStatistics {
  transmitted = 0;
  received = 0;
  repeats = 0;
  corrupted = 0;
  errors = 0;
  /** Of all answers, in microseconds. */
  #sum = 0;
  #squares = 0;
  #min = Number.POSITIVE_INFINITY;
  max = 0;
  /** Eight times the moving average. */
  average8 = 0;
  #acknowledged = 0;
  /** The most packets that were on their way at once. */
  #pipe = -1;
  readonly #seen = new Set<number>();
  started: Micros = 0;
  /** When the last packet was sent. */
  last: Micros = 0;

  /** Packets without an answer so far. */
  get inFlight(): number {
    const difference = (this.transmitted - this.#acknowledged) & 0xffff;
    return difference <= 0x7fff ? difference : this.transmitted - this.received - this.errors;
  }

  get pipe(): number {
    return this.#pipe;
  }

  /** An answer or an error for a sequence number has come: it is no longer in flight, nor are those before. */
  acknowledge(sequence: number): void {
    const behind = (this.transmitted - sequence) & 0xffff;
    if (behind > 0x7fff) return;
    this.#pipe = Math.max(this.#pipe, behind + 1);
    const ahead = (sequence - this.#acknowledged) & 0xffff;
    if ((ahead > 0 && ahead <= 0x7fff) || ((this.transmitted - this.#acknowledged) & 0xffff) > 0x7fff) this.#acknowledged = sequence;
  }

  sent(): void {
    this.transmitted++;
    this.#seen.delete(this.transmitted % REMEMBERED);
  }

  answered(sequence: number): boolean {
    return this.#seen.has(sequence % REMEMBERED);
  }

  /** Counts an answer; returns whether it is a duplicate. */
  receive(sequence: number, trip: Micros | undefined): boolean {
    this.acknowledge(sequence);
    if (trip !== undefined) this.#time(trip);
    if (this.answered(sequence)) {
      this.repeats++;
      return true;
    }
    this.received++;
    this.#seen.add(sequence % REMEMBERED);
    return false;
  }

  #time(trip: Micros): void {
    this.#sum += trip;
    this.#squares += trip * trip;
    this.#min = Math.min(this.#min, trip);
    this.max = Math.max(this.max, trip);
    this.average8 = this.average8 === 0 ? trip * 8 : this.average8 + trip - Math.trunc(this.average8 / 8);
  }

  /** The lines at the end. @param spaced packets go out as fast as answers come: the mean gap between them is shown, too */
  summary(host: string, options: { timing: boolean; spaced: boolean }): string {
    let text = `\n--- ${host} ping statistics ---\n${this.transmitted} packets transmitted, ${this.received} received`;
    if (this.repeats > 0) text += `, +${this.repeats} duplicates`;
    if (this.corrupted > 0) text += `, +${this.corrupted} corrupted`;
    if (this.errors > 0) text += `, +${this.errors} errors`;
    const elapsed = this.last - this.started;
    if (this.transmitted > 0) {
      const loss = ((this.transmitted - this.received) * 100) / this.transmitted;
      text += `, ${Number(loss.toPrecision(6))}% packet loss, time ${Math.trunc((elapsed + 500) / 1000)}ms`;
    }
    return `${text}\n${this.#times(options, elapsed)}\n`;
  }

  #times({ timing, spaced }: { timing: boolean; spaced: boolean }, elapsed: Micros): string {
    const parts: string[] = [];
    const total = this.received + this.repeats;
    if (this.received > 0 && timing) {
      const mean = this.#sum / total;
      const deviation = Math.sqrt(Math.max(0, (this.#squares - (this.#sum * this.#sum) / total) / total));
      parts.push(`rtt min/avg/max/mdev = ${[this.#min, mean, this.max, deviation].map(milliseconds).join('/')} ms`);
    }
    if (this.#pipe > 1) parts.push(`pipe ${this.#pipe}`);
    if (this.received > 0 && spaced && this.transmitted > 1) {
      const gap = Math.trunc(elapsed / (this.transmitted - 1));
      parts.push(`ipg/ewma ${milliseconds(gap)}/${milliseconds(this.average8 / 8)} ms`);
    }
    return parts.join(', ');
  }

  /** The line that SIGQUIT brings, on standard error. */
  interim(timing: boolean): string {
    const loss = this.transmitted > 0 ? Math.trunc(((this.transmitted - this.received) * 100) / this.transmitted) : 0;
    let text = `\r${this.received}/${this.transmitted} packets, ${loss}% loss`;
    if (this.received > 0 && timing) {
      const mean = this.#sum / (this.received + this.repeats);
      text += `, min/avg/ewma/max = ${[this.#min, mean, this.average8 / 8, this.max].map(milliseconds).join('/')} ms`;
    }
    return `${text}\n`;
  }
}

/** Microseconds as milliseconds with three decimals, the rest cut off. */
function milliseconds(micros: number): string {
  const whole = Math.trunc(micros);
  return `${Math.trunc(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}`;
}

/** A round trip as one line shows it: three significant digits, whole milliseconds from 100 on; all three decimals if `precise`. */
export function tripText(trip: Micros, precise: boolean): string {
  if (precise || trip < 1000) return milliseconds(trip);
  if (trip >= 100_000 - 50) return String(Math.trunc((trip + 500) / 1000));
  if (trip >= 10_000 - 5) return `${Math.trunc((trip + 50) / 1000)}.${Math.trunc(((trip + 50) % 1000) / 100)}`;
  return `${Math.trunc((trip + 5) / 1000)}.${String(Math.trunc(((trip + 5) % 1000) / 10)).padStart(2, '0')}`;
}
