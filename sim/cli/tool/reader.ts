import type { Errno } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString, bytesOf } from './byte-string.ts';
import type { Output } from './output.ts';

/** Virtual microseconds that reading and handling a chunk takes: time passes in a program that never blocks. */
const CHUNK_COST = 5;

/** Reads a descriptor by lines or chunks as byte strings, flushing the program's output before each read. */
export class Reader {
  readonly #process: Process;
  readonly #fd: number;
  readonly #output: Output | undefined;
  #buffer: ByteString = '';
  #at = 0;
  #ended = false;
  /** Whether the line returned last had its terminator; only a file's last line may not. */
  terminated = true;
  /** Why reading failed (EISDIR, EIO …); reads like the end of the file. */
  error: Errno | undefined;

  constructor(process: Process, fd: number, output?: Output) {
    this.#process = process;
    this.#fd = fd;
    this.#output = output;
  }

  /** The next line without its terminator, or `undefined` at the end. */
  *line(terminator = '\n'): Blocking<ByteString | undefined> {
    let searched = this.#at;
    for (;;) {
      const end = this.#buffer.indexOf(terminator, searched);
      if (end >= 0) {
        const line = this.#buffer.slice(this.#at, end);
        this.#at = end + 1;
        this.terminated = true;
        return line;
      }
      searched = this.#buffer.length - this.#at;
      if (!(yield* this.#fill())) break;
    }
    if (this.#at >= this.#buffer.length) return undefined;
    this.terminated = false;
    return this.#takeRest();
  }

  /** The next stretch of bytes as it comes, or `undefined` at the end. */
  *chunk(): Blocking<ByteString | undefined> {
    if (this.#at >= this.#buffer.length && !(yield* this.#fill())) return undefined;
    return this.#takeRest();
  }

  /** Exactly `count` bytes, fewer only at the end. */
  *take(count: number): Blocking<ByteString> {
    while (this.#buffer.length - this.#at < count) if (!(yield* this.#fill())) break;
    const part = this.#buffer.slice(this.#at, this.#at + count);
    this.#at += part.length;
    return part;
  }

  /** Everything up to the end. */
  *rest(): Blocking<ByteString> {
    let text = '';
    for (;;) {
      const chunk = yield* this.chunk();
      if (chunk === undefined) return text;
      text += chunk;
    }
  }

  /** All remaining lines. */
  *lines(terminator = '\n'): Blocking<ByteString[]> {
    const lines: ByteString[] = [];
    for (;;) {
      const line = yield* this.line(terminator);
      if (line === undefined) return lines;
      lines.push(line);
    }
  }

  #takeRest(): ByteString {
    const rest = this.#buffer.slice(this.#at);
    this.#buffer = '';
    this.#at = 0;
    return rest;
  }

  /** Whatever comes next, as bytes: for what only passes them on. */
  *bytes(): Blocking<Uint8Array | undefined> {
    return this.#at < this.#buffer.length ? bytesOf(this.#takeRest()) : yield* this.#read();
  }

  /** Reads more into the buffer; false at the end. */
  *#fill(): Blocking<boolean> {
    const bytes = yield* this.#read();
    if (!bytes) return false;
    this.#buffer = this.#buffer.slice(this.#at) + byteString(bytes);
    this.#at = 0;
    return true;
  }

  *#read(): Blocking<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    if (this.#output) yield* this.#output.flush();
    yield* this.#process.spend(CHUNK_COST);
    const bytes = yield* this.#process.read(this.#fd);
    if (typeof bytes === 'string') this.error = bytes;
    if (typeof bytes === 'string' || bytes.length === 0) {
      this.#ended = true;
      return undefined;
    }
    return bytes;
  }
}
