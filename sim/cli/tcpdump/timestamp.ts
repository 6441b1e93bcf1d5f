import { moment, strftime } from '../../base/calendar.ts';
import type { CapturedPacket } from './packet-source.ts';

/** Times before packets, as -t to -ttttt ask for (ts_print). */
export class Timestamps {
  readonly #kind: number;
  readonly #nano: boolean;
  /** The packet that -ttt or -ttttt counts from. */
  #reference: bigint | undefined;

  /** @param kind how often -t was given */
  constructor(kind: number, nano: boolean) {
    this.#kind = kind;
    this.#nano = nano;
  }

  text({ time, nanoseconds }: CapturedPacket): string {
    const now = BigInt(time) * 1000n + BigInt(nanoseconds);
    switch (this.#kind) {
      case 1:
        return '';
      case 2:
        return `${now / 1_000_000_000n}${this.#fraction(now)} `;
      case 4:
        return `${this.#clock(now, '%Y-%m-%d %H:%M:%S')} `;
      case 3:
      case 5: {
        const before = this.#reference ?? now;
        const apart = now < before ? before - now : now - before;
        if (this.#kind === 3 || this.#reference === undefined) this.#reference = now;
        return `${now < before ? '-' : ' '}${this.#clock(apart, '%H:%M:%S')} `;
      }
    }
    return `${this.#clock(now, '%H:%M:%S')} `;
  }

  #clock(time: bigint, format: string): string {
    return `${strftime(format, moment(Number(time / 1_000_000_000n)))}${this.#fraction(time)}`;
  }

  #fraction(time: bigint): string {
    const nanoseconds = String(time % 1_000_000_000n).padStart(9, '0');
    return `.${this.#nano ? nanoseconds : nanoseconds.slice(0, 6)}`;
  }
}
