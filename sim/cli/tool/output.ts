import type { Errno } from '../../base/errno.ts';
import { concat } from '../../base/bytes.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString, bytesOf } from './byte-string.ts';

/** A stdio buffer is written out when it reaches this size. */
const FULL = 16_384;

/**
 * A buffered output descriptor. It is flushed before the program blocks on input, prints an error or ends, so that nothing waits
 * in a buffer while the program sleeps.
 */
export class Output {
  readonly #process: Process;
  readonly #fd: number;
  #text = '';
  #bytes: Uint8Array[] = [];
  #size = 0;
  /** The first error of writing; everything after it is dropped. */
  error: Errno | undefined;

  constructor(process: Process, fd: number) {
    this.#process = process;
    this.#fd = fd;
  }

  /** Writes a byte string. */
  *write(data: ByteString): Blocking<void> {
    this.#text += data;
    if (this.#text.length + this.#size >= FULL) yield* this.flush();
  }

  /** Writes text as UTF-8. */
  *text(text: string): Blocking<void> {
    yield* this.write(byteString(text));
  }

  *bytes(data: Uint8Array): Blocking<void> {
    this.#settle();
    this.#bytes.push(data);
    this.#size += data.length;
    if (this.#size >= FULL) yield* this.flush();
  }

  *flush(): Blocking<void> {
    if (this.#text === '' && this.#size === 0) return;
    this.#settle();
    const whole = concat(this.#bytes);
    this.#bytes = [];
    this.#size = 0;
    if (this.error) return;
    this.error = yield* this.#process.write(this.#fd, whole);
  }

  #settle(): void {
    if (this.#text === '') return;
    const bytes = bytesOf(this.#text);
    this.#bytes.push(bytes);
    this.#size += bytes.length;
    this.#text = '';
  }
}
