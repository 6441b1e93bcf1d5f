import type { Errno } from '../base/errno.ts';
import { OpenFile, type Poll } from './file.ts';

/** Linux's default pipe capacity in bytes (pipe(7)). */
export const PIPE_CAPACITY = 65_536;

/** The bytes between the two ends of a pipe. */
class PipeBuffer {
  chunks: Uint8Array[] = [];
  length = 0;
  reader: PipeReader | undefined;
  writer: PipeWriter | undefined;
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }

  take(max: number): Uint8Array {
    const first = this.chunks[0] as Uint8Array;
    const part = first.length <= max ? first : first.subarray(0, max);
    if (part.length === first.length) this.chunks.shift();
    else this.chunks[0] = first.subarray(max);
    this.length -= part.length;
    return part;
  }
}

class PipeReader extends OpenFile {
  readonly #buffer: PipeBuffer;

  constructor(buffer: PipeBuffer) {
    super();
    this.#buffer = buffer;
    buffer.reader = this;
  }

  read(max: number): Uint8Array | Errno {
    const buffer = this.#buffer;
    if (buffer.length === 0) return buffer.writer ? 'EAGAIN' : new Uint8Array(0);
    const bytes = buffer.take(max);
    buffer.writer?.writable.wake();
    return bytes;
  }

  write(): Errno {
    return 'EBADF';
  }

  poll(): Poll {
    return { in: this.#buffer.length > 0, out: false, hup: this.#buffer.writer === undefined };
  }

  protected close(): void {
    this.#buffer.reader = undefined;
    this.#buffer.writer?.writable.wake();
  }

  get description(): string {
    return `pipe:[${this.#buffer.number}]`;
  }
}

class PipeWriter extends OpenFile {
  readonly #buffer: PipeBuffer;

  constructor(buffer: PipeBuffer) {
    super();
    this.#buffer = buffer;
    buffer.writer = this;
  }

  read(): Errno {
    return 'EBADF';
  }

  write(bytes: Uint8Array): number | Errno {
    const buffer = this.#buffer;
    if (!buffer.reader) return 'EPIPE';
    if (bytes.length === 0) return 0;
    const room = PIPE_CAPACITY - buffer.length;
    if (room <= 0) return 'EAGAIN';
    const part = bytes.slice(0, room);
    buffer.chunks.push(part);
    buffer.length += part.length;
    buffer.reader.readable.wake();
    return part.length;
  }

  poll(): Poll {
    return { in: false, out: this.#buffer.length < PIPE_CAPACITY, hup: this.#buffer.reader === undefined };
  }

  protected close(): void {
    this.#buffer.writer = undefined;
    this.#buffer.reader?.readable.wake();
  }

  get description(): string {
    return `pipe:[${this.#buffer.number}]`;
  }
}

/** A pipe's two ends (pipe(2)); `number` is its inode number for `/proc`. */
export function makePipe(number: number): { reader: OpenFile; writer: OpenFile } {
  const buffer = new PipeBuffer(number);
  return { reader: new PipeReader(buffer), writer: new PipeWriter(buffer) };
}
