import { concat } from '../../base/bytes.ts';
import type { Errno } from '../../base/errno.ts';
import { OpenFile, type Poll } from '../file.ts';
import type { Tty } from '../tty.ts';

/** Bytes of output that a master holds before writers on the slave lose theirs; nobody who reads comes near it. */
const CAPACITY = 65_536;

/** The master side of a pseudo-terminal as a program gets it from /dev/ptmx (pts(4)): what it writes is typed, what it reads was printed. */
export class PtyMaster extends OpenFile {
  readonly tty: Tty;
  #printed: Uint8Array[] = [];
  #length = 0;

  constructor(tty: Tty) {
    super();
    this.tty = tty;
    tty.onOutput = (bytes) => {
      if (this.#length + bytes.length > CAPACITY) return;
      this.#printed.push(bytes);
      this.#length += bytes.length;
      this.readable.wake();
    };
  }

  read(max: number): Uint8Array | Errno {
    if (this.#length === 0) return 'EAGAIN';
    const all = concat(this.#printed);
    const part = all.slice(0, max);
    this.#printed = part.length < all.length ? [all.subarray(part.length)] : [];
    this.#length -= part.length;
    return part;
  }

  write(bytes: Uint8Array): number {
    this.tty.input(bytes);
    return bytes.length;
  }

  poll(): Poll {
    return { in: this.#length > 0, out: true, hup: false };
  }

  protected close(): void {
    this.tty.hangUp();
  }

  get description(): string {
    return '/dev/ptmx';
  }
}
