import type { Errno } from '../../base/errno.ts';
import type { Random } from '../../base/random.ts';
import { OpenFile, type Poll } from '../file.ts';

const EMPTY = new Uint8Array(0);

/** A device that never makes anyone wait. */
abstract class MemoryDevice extends OpenFile {
  readonly description: string;

  constructor(path: string) {
    super();
    this.description = path;
  }

  abstract override read(max: number): Uint8Array | Errno;

  write(bytes: Uint8Array): number | Errno {
    return bytes.length;
  }

  poll(): Poll {
    return { in: true, out: true, hup: false };
  }

  override seek(): undefined {
    return undefined;
  }

  protected close(): void {}
}

/** /dev/null: takes everything, has nothing (null(4)). */
export class NullDevice extends MemoryDevice {
  read(): Uint8Array {
    return EMPTY;
  }
}

/** /dev/zero: zeros without end. */
export class ZeroDevice extends MemoryDevice {
  read(max: number): Uint8Array {
    return new Uint8Array(max);
  }
}

/** /dev/full: reads as zeros, and every write finds the disk full (full(4)). */
export class FullDevice extends ZeroDevice {
  override write(bytes: Uint8Array): number | Errno {
    return bytes.length === 0 ? 0 : 'ENOSPC';
  }
}

/** /dev/random and /dev/urandom: bytes of the machine's own stream of named randomness; what is written stirs nothing. */
export class RandomDevice extends MemoryDevice {
  readonly #random: Random;

  constructor(path: string, random: Random) {
    super(path);
    this.#random = random;
  }

  read(max: number): Uint8Array {
    return Uint8Array.from({ length: max }, () => this.#random.below(256));
  }
}
