import { concat, decode } from '../base/bytes.ts';
import type { Errno } from '../base/errno.ts';
import type { Process } from './process.ts';
import type { Blocking } from './wait.ts';

/** Reads a descriptor by lines or whole, holding what has been read too far (stdio(3)). */
export class Input {
  readonly #process: Process;
  readonly #fd: number;
  #chunks: Uint8Array[] = [];
  #ended = false;
  /** Set when reading failed (EISDIR, EINTR …); reads like the end of the file. */
  error: Errno | undefined;

  constructor(process: Process, fd: number) {
    this.#process = process;
    this.#fd = fd;
  }

  /** The next line without its newline (`terminator` is a byte), or `undefined` at the end. */
  *line(terminator = 10): Blocking<string | undefined> {
    const bytes = yield* this.lineBytes(terminator);
    return bytes === undefined ? undefined : decode(bytes);
  }

  /** As `line`, but the bytes. */
  *lineBytes(terminator = 10): Blocking<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const chunk = this.#chunks.shift() ?? (yield* this.#fill());
      if (!chunk) return parts.length > 0 ? concat(parts) : undefined;
      const end = chunk.indexOf(terminator);
      if (end < 0) {
        parts.push(chunk);
        continue;
      }
      this.lastLineEnded = true;
      if (end + 1 < chunk.length) this.#chunks.unshift(chunk.subarray(end + 1));
      parts.push(chunk.subarray(0, end));
      return concat(parts);
    }
  }

  /** Whether the line that was returned last had its newline; only the last line of a file may not. */
  get terminated(): boolean {
    return !this.#ended || this.#chunks.length > 0 || this.lastLineEnded;
  }

  private lastLineEnded = false;

  /** The next stretch of bytes as it comes, or `undefined` at the end. */
  *chunk(): Blocking<Uint8Array | undefined> {
    return this.#chunks.shift() ?? (yield* this.#fill());
  }

  /** Everything up to the end. */
  *all(): Blocking<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const chunk = yield* this.chunk();
      if (!chunk) return concat(parts);
      parts.push(chunk);
    }
  }

  *#fill(): Blocking<Uint8Array | undefined> {
    this.lastLineEnded = false;
    if (this.#ended) return undefined;
    const bytes = yield* this.#process.read(this.#fd);
    if (typeof bytes === 'string') this.error = bytes;
    if (typeof bytes === 'string' || bytes.length === 0) {
      this.#ended = true;
      return undefined;
    }
    return bytes;
  }
}
