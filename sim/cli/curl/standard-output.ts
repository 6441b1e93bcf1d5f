import { concat } from '../../base/bytes.ts';
import type { Errno } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';

/** What stdio holds back for a pipe or a file. */
const BUFFER = 4096;

/** Standard output as the C library keeps it: at once to a terminal, else when enough has come together or at the end. */
export class StandardOutput {
  readonly #process: Process;
  readonly #direct: boolean;
  #held: Uint8Array[] = [];
  #size = 0;

  constructor(process: Process, unbuffered: boolean) {
    this.#process = process;
    this.#direct = unbuffered || this.terminal;
  }

  get terminal(): boolean {
    return terminalOf(this.#process.fds.get(1)) !== undefined;
  }

  *write(bytes: Uint8Array): Blocking<Errno | undefined> {
    this.#held.push(bytes);
    this.#size += bytes.length;
    return this.#direct || this.#size >= BUFFER ? yield* this.flush() : undefined;
  }

  *flush(): Blocking<Errno | undefined> {
    const bytes = concat(this.#held);
    this.#held = [];
    this.#size = 0;
    return bytes.length > 0 ? yield* this.#process.write(1, bytes) : undefined;
  }
}
