import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { TextInput } from '../text-stream.ts';
import { JsonParser, JsonSyntaxError, withoutStrayBytes } from './json-parser.ts';
import { streamOf } from './stream-events.ts';
import type { Value } from './value.ts';

export interface InputOptions {
  rawInput: boolean;
  slurp: boolean;
  stream: boolean;
}

/** The inputs of a program: the texts of all files, one after another, read as far as they are needed. */
export class JqInput {
  readonly #process: Process;
  readonly #files: string[];
  readonly #options: InputOptions;
  #parser = new JsonParser();
  #current: TextInput | undefined;
  #fd = -1;
  readonly #ready: Value[] = [];
  #ended = false;
  /** Names of files that could not be opened, for the exit status. */
  failed = false;
  /** What is said about them, to be printed. */
  complaints = '';
  name: string | null = null;
  /** Lines read of the current file. */
  lines = 0;
  /** The text that is no JSON: its message, once it has been met. */
  syntaxError: JsonSyntaxError | undefined;
  #slurped: Value[] = [];
  #raw = '';

  constructor(process: Process, files: readonly string[], options: InputOptions) {
    this.#process = process;
    this.#files = files.length > 0 ? [...files] : ['-'];
    this.#options = options;
  }

  /** The next input if it is here, `undefined` when more must be read, `'end'` after the last. */
  next(): { value: Value } | undefined | 'end' {
    const value = this.#ready.shift();
    if (value !== undefined) return { value };
    if (!this.#options.rawInput && !this.#options.slurp && !this.syntaxError) {
      const parsed = this.#parse();
      if (parsed !== undefined) return this.#options.stream ? this.#queued(parsed) : { value: parsed };
    }
    return this.#ended || this.syntaxError ? 'end' : undefined;
  }

  #queued(value: Value): { value: Value } | undefined {
    this.#ready.push(...streamOf(value));
    const first = this.#ready.shift();
    return first === undefined ? undefined : { value: first };
  }

  #parse(): Value | undefined {
    try {
      return this.#parser.next();
    } catch (thrown) {
      if (!(thrown instanceof JsonSyntaxError)) throw thrown;
      this.syntaxError = thrown;
      return undefined;
    }
  }

  /** Reads one line more, or goes on to the next file, or ends. */
  *advance(): Blocking<void> {
    if (!this.#current) return this.#open();
    const input = this.#current;
    const line = input.buffered() ?? (yield* input.line());
    if (line === undefined) return this.#close(input);
    if (input.terminated) this.lines++;
    this.#take(line, input.terminated);
  }

  #take(line: string, terminated: boolean): void {
    const { rawInput, slurp } = this.#options;
    if (!rawInput) {
      this.#parser.feed(terminated ? `${line}\n` : line);
      if (slurp) this.#slurpParsed();
    } else if (slurp) this.#raw += terminated ? `${line}\n` : line;
    else this.#ready.push(withoutStrayBytes(line));
  }

  #slurpParsed(): void {
    for (let value = this.#parse(); value !== undefined; value = this.#parse()) {
      if (this.#options.stream) this.#slurped.push(...streamOf(value));
      else this.#slurped.push(value);
    }
  }

  #open(): void {
    const name = this.#files.shift();
    if (name === undefined) return this.#finish();
    const fd = name === '-' ? 0 : this.#process.open(name);
    if (typeof fd === 'string') {
      this.complaints += `jq: error: Could not open file ${name}: ${strerror(fd)}\n`;
      this.failed = true;
      return;
    }
    this.#fd = fd;
    this.name = name === '-' ? '<stdin>' : name;
    this.lines = 0;
    this.#current = new TextInput(this.#process, fd);
  }

  #close(input: TextInput): void {
    if (input.error) {
      this.complaints += `jq: error: Could not read file ${this.name}: ${strerror(input.error)}\n`;
      this.failed = true;
    }
    if (this.#fd > 0) this.#process.close(this.#fd);
    this.#current = undefined;
  }

  /** All files are at their end: what only their end completes. */
  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { rawInput, slurp, stream } = this.#options;
    let last: Value | undefined;
    try {
      last = rawInput || this.syntaxError ? undefined : this.#parser.end();
    } catch (thrown) {
      if (!(thrown instanceof JsonSyntaxError)) throw thrown;
      this.syntaxError = thrown;
    }
    const parts = last === undefined ? [] : stream ? streamOf(last) : [last];
    if (!slurp) this.#ready.push(...parts);
    else if (!this.syntaxError) this.#ready.push(rawInput ? withoutStrayBytes(this.#raw) : [...this.#slurped, ...parts]);
  }
}
