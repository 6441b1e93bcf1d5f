import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { TextInput } from '../text-stream.ts';
import { ScriptError } from './script.ts';

/** What the chain of input files tells the one who reads it. */
export interface InputEvents {
  /** A file has been opened and is about to be read; false skips it (in-place editing refuses some). */
  opened(name: string): Blocking<boolean>;
  /** The file that was open has been read to its end. */
  closed(): Blocking<void>;
  /** A file can't be opened: the words after `sed: `. */
  failed(message: string): Blocking<void>;
}

export interface InputOptions {
  /** Files are edited one by one: `$` is the last line of each. */
  separate: boolean;
  delimiter: string;
}

/** The lines of all input files, one after another, opened when they are needed. */
export class SedInput {
  readonly #process: Process;
  readonly #names: string[];
  readonly #options: InputOptions;
  readonly #events: InputEvents;
  #current: TextInput | undefined;
  #fd = -1;
  /** The file being read, `-` for standard input. */
  name = '-';
  lineNumber = 0;
  /** Whether the line read last had its delimiter. */
  terminated = true;

  constructor(process: Process, names: readonly string[], options: InputOptions, events: InputEvents) {
    this.#process = process;
    this.#names = [...names];
    this.#options = options;
    this.#events = events;
  }

  /** The next line if it has been read already, without blocking. */
  buffered(): string | undefined {
    const line = this.#current?.buffered(this.#options.delimiter);
    if (line !== undefined) this.lineNumber++;
    this.terminated = true;
    return line;
  }

  /** The next line, or `undefined` when all files are at their end. */
  *line(): Blocking<string | undefined> {
    for (;;) {
      if (!this.#current && !(yield* this.#openNext())) return undefined;
      const input = this.#current as TextInput;
      const line = yield* input.line(this.#options.delimiter);
      if (line !== undefined) {
        this.lineNumber++;
        this.terminated = input.terminated;
        return line;
      }
      yield* this.#close();
    }
  }

  /** Whether the current line is the last: of its file when files are separate, of all otherwise. */
  *atEnd(): Blocking<boolean> {
    for (;;) {
      if (this.#current && !(yield* this.#current.atEnd())) return false;
      if (this.#options.separate) return true;
      if (this.#current) yield* this.#close();
      if (!(yield* this.#openNext())) return true;
    }
  }

  *finish(): Blocking<void> {
    if (this.#current) yield* this.#close();
  }

  *#openNext(): Blocking<boolean> {
    for (;;) {
      const name = this.#names.shift();
      if (name === undefined) return false;
      const fd = name === '-' ? 0 : this.#process.open(name);
      if (typeof fd === 'string') {
        yield* this.#events.failed(`can't read ${name}: ${strerror(fd)}`);
        continue;
      }
      if (!(yield* this.#events.opened(name))) {
        if (fd > 0) this.#process.close(fd);
        continue;
      }
      if (this.#options.separate) this.lineNumber = 0;
      this.name = name;
      this.#fd = fd;
      this.#current = new TextInput(this.#process, fd);
      return true;
    }
  }

  *#close(): Blocking<void> {
    const failed = this.#current?.error;
    this.#current = undefined;
    if (this.#fd > 0) this.#process.close(this.#fd);
    if (failed) throw new ScriptError(`read error on ${this.name === '-' ? 'stdin' : this.name}: ${strerror(failed)}`, 4);
    yield* this.#events.closed();
  }
}
