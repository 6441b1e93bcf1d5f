import { concat, encode } from '../../base/bytes.ts';
import type { Errno } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';

/** stdio's buffer for files and pipes (BUFSIZ of a pipe's and a file's block). */
const BLOCK = 4096;

/**
 * A stream as stdio writes it: a terminal, or `lines`, gets each line at once; anything else gets whole blocks, and the rest when it is
 * flushed.
 */
export class BufferedOutput {
  readonly #process: Process;
  readonly #fd: number;
  readonly #lines: boolean;
  #held: Uint8Array[] = [];
  #length = 0;

  constructor(process: Process, fd: number, lines = false) {
    this.#process = process;
    this.#fd = fd;
    this.#lines = lines || terminalOf(process.fds.get(fd)) !== undefined;
  }

  /** Writes a line or some bytes; an error of what had to be written comes back. */
  *write(data: string | Uint8Array): Blocking<Errno | undefined> {
    const bytes = typeof data === 'string' ? encode(data) : data;
    this.#held.push(bytes);
    this.#length += bytes.length;
    if (this.#lines && bytes.at(-1) === 10) return yield* this.flush();
    if (this.#length < BLOCK) return undefined;
    const all = concat(this.#held);
    const whole = all.length - (all.length % BLOCK);
    this.#hold(all.subarray(whole));
    return yield* this.#process.write(this.#fd, all.subarray(0, whole));
  }

  *flush(): Blocking<Errno | undefined> {
    if (this.#length === 0) return undefined;
    const all = concat(this.#held);
    this.#hold(undefined);
    return yield* this.#process.write(this.#fd, all);
  }

  #hold(bytes: Uint8Array | undefined): void {
    this.#held = bytes && bytes.length > 0 ? [bytes] : [];
    this.#length = bytes?.length ?? 0;
  }
}
