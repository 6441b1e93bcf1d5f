import { encode, StreamDecoder } from '../base/bytes.ts';
import type { Errno } from '../base/errno.ts';
import type { Process } from '../host/process.ts';
import { terminalOf } from '../host/tty.ts';
import type { Blocking } from '../host/wait.ts';

/** Turns a stream of bytes into text; `StreamDecoder` is the UTF-8 one. */
export interface Decoder {
  push(bytes: Uint8Array): string;
  end(): string;
}

/**
 * A descriptor read as text, record by record. Unlike `Input` it decodes whole chunks, and it has a way to take a record that
 * doesn't block (`buffered`), for programs whose inner loop must not be a generator.
 */
export class TextInput {
  readonly #process: Process;
  readonly #fd: number;
  readonly #decoder: Decoder;
  #text = '';
  #at = 0;
  #ended = false;
  /** Set when reading failed; reads like the end of the file. */
  error: Errno | undefined;
  /** Whether the record returned last was followed by its terminator. */
  terminated = true;

  constructor(process: Process, fd: number, decoder: Decoder = new StreamDecoder()) {
    this.#process = process;
    this.#fd = fd;
    this.#decoder = decoder;
  }

  /** The next record without its terminator if all of it has been read already, otherwise `undefined`. */
  buffered(terminator = '\n'): string | undefined {
    const end = this.#text.indexOf(terminator, this.#at);
    if (end < 0) return undefined;
    const record = this.#text.slice(this.#at, end);
    this.#at = end + terminator.length;
    this.terminated = true;
    return record;
  }

  /** The next record without its terminator, or `undefined` at the end. */
  *line(terminator = '\n'): Blocking<string | undefined> {
    for (;;) {
      const record = this.buffered(terminator);
      if (record !== undefined) return record;
      if (!(yield* this.fill())) return this.rest();
    }
  }

  /** What is left after the last terminator, or `undefined` when nothing is; only right once `fill` has returned false. */
  rest(): string | undefined {
    if (this.#at >= this.#text.length) return undefined;
    this.terminated = false;
    return this.take(this.#text.length - this.#at);
  }

  /** Whether nothing is left; reads as far as it needs to know. */
  *atEnd(): Blocking<boolean> {
    while (this.#at >= this.#text.length) if (!(yield* this.fill())) return this.#at >= this.#text.length;
    return false;
  }

  /** The text that has been read and not yet taken. */
  get pending(): string {
    if (this.#at > 0) {
      this.#text = this.#text.slice(this.#at);
      this.#at = 0;
    }
    return this.#text;
  }

  /** Removes `length` characters of `pending` and returns them. */
  take(length: number): string {
    const text = this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
    return text;
  }

  /** Reads on; false at the end of the file. */
  *fill(): Blocking<boolean> {
    if (this.#ended) return false;
    const bytes = yield* this.#process.read(this.#fd);
    if (typeof bytes === 'string') this.error = bytes;
    this.#ended = typeof bytes === 'string' || bytes.length === 0;
    const more = typeof bytes === 'string' || bytes.length === 0 ? this.#decoder.end() : this.#decoder.push(bytes);
    this.#text = this.#text.slice(this.#at) + more;
    this.#at = 0;
    return !this.#ended || more.length > 0;
  }
}

/** From this many characters on a buffered output should be flushed. */
const FULL = 16_384;

/**
 * A descriptor written as text through a buffer. `write` never blocks; its owner calls `flush` when `full`, before it waits for
 * anything, and at the end. (stdio holds output back even while it waits for input, unless it is a terminal; here a pipe's
 * reader sees what has been printed so far.)
 */
export class TextOutput {
  readonly #process: Process;
  readonly fd: number;
  readonly #encode: (text: string) => Uint8Array;
  #parts: string[] = [];
  #length = 0;
  /** The first error of writing. */
  error: Errno | undefined;

  constructor(process: Process, fd: number, encoder: (text: string) => Uint8Array = encode) {
    this.#process = process;
    this.fd = fd;
    this.#encode = encoder;
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }

  get full(): boolean {
    return this.#length >= FULL;
  }

  /** Whether it is a terminal, which shows each line at once (isatty(3)). */
  get interactive(): boolean {
    return terminalOf(this.#process.fds.get(this.fd)) !== undefined;
  }

  *flush(): Blocking<Errno | undefined> {
    if (this.#length === 0) return undefined;
    const text = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    const failed = yield* this.#process.write(this.fd, this.#encode(text));
    this.error ??= failed;
    return failed;
  }
}
