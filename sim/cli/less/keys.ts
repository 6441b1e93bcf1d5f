import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';

/** A key as the pager knows it: a character, or a name for those that send several. */
export type Key = string;

const SEQUENCES: Record<string, Key> = {
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1b[5~': 'page-up',
  '\x1b[6~': 'page-down',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1b[1~': 'home',
  '\x1b[4~': 'end',
};

/** How long the rest of a key's sequence may take, in virtual microseconds. */
const ESCAPE_DELAY = 50_000;

/** Splits what a terminal sends into keys. */
export class Keyboard {
  readonly #process: Process;
  readonly #fd: number;
  #pending = '';

  constructor(process: Process, fd: number) {
    this.#process = process;
    this.#fd = fd;
  }

  /** The next key; `undefined` when the terminal is gone. */
  *next(): Blocking<Key | undefined> {
    while (this.#pending === '') {
      const bytes = yield* this.#process.read(this.#fd);
      if (bytes === 'EINTR') continue;
      if (typeof bytes === 'string' || bytes.length === 0) return undefined;
      this.#pending = String.fromCharCode(...bytes);
    }
    // A terminal in raw mode gives single bytes: the rest of a sequence follows at once, unless it was the key Escape.
    while (this.#incomplete()) if (!(yield* this.#more())) break;
    for (const [sequence, key] of Object.entries(SEQUENCES)) {
      if (!this.#pending.startsWith(sequence)) continue;
      this.#pending = this.#pending.slice(sequence.length);
      return key;
    }
    const key = this.#pending[0] as string;
    this.#pending = this.#pending.slice(1);
    return key;
  }

  #incomplete(): boolean {
    return Object.keys(SEQUENCES).some((sequence) => sequence.length > this.#pending.length && sequence.startsWith(this.#pending));
  }

  /** Waits a little for more bytes; false when none come. */
  *#more(): Blocking<boolean> {
    const file = this.#process.fds.get(this.#fd);
    if (!file) return false;
    if (!file.poll().in) yield { on: [file.readable], until: this.#process.host.now + ESCAPE_DELAY };
    const bytes = file.read(64);
    if (typeof bytes === 'string' || bytes.length === 0) return false;
    this.#pending += String.fromCharCode(...bytes);
    return true;
  }
}
