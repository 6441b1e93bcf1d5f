import { ScriptError } from './script.ts';

/** One piece of script: an operand or -e, or a file of -f. */
export interface Chunk {
  text: string;
  /** For messages: `-e expression #1` counts characters, `file NAME` counts lines. */
  origin: { expression: number } | { file: string };
}

/** Reads a chunk of script character by character and knows where it is. */
export class ScriptReader {
  readonly #chunks: readonly Chunk[];
  #chunk = 0;
  #at = 0;
  #line = 1;

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks;
  }

  /** The next character, or `undefined` at the end of the chunk (which counts as one more, as in GNU sed, once). */
  next(): string | undefined {
    const char = this.#current.text[this.#at];
    if (char !== undefined) this.#at++;
    if (char === '\n') this.#line++;
    return char;
  }

  peek(): string | undefined {
    return this.#current.text[this.#at];
  }

  /** Steps back over the character just read. */
  back(char: string | undefined): void {
    if (char === undefined) return;
    this.#at--;
    if (char === '\n') this.#line--;
  }

  /** Whether the next chunk has come into use; false at the very end. */
  nextChunk(): boolean {
    if (this.#chunk + 1 >= this.#chunks.length) return false;
    this.#chunk++;
    this.#at = 0;
    this.#line = 1;
    return true;
  }

  get hasMore(): boolean {
    return this.#chunk + 1 < this.#chunks.length;
  }

  /** The next character that is no blank; newlines count as blanks when `newlines`. */
  nextAfterBlanks(newlines = false): string | undefined {
    for (;;) {
      const char = this.next();
      if (char === undefined || !(newlines ? ' \t\n\r\v\f' : ' \t\r\v\f').includes(char)) return char;
    }
  }

  /** Decimal digits from here on; `first` has been read already. */
  number(first: string): number {
    let digits = first;
    for (;;) {
      const char = this.next();
      if (char === undefined || char < '0' || char > '9') {
        this.back(char);
        return Number(digits);
      }
      digits += char;
    }
  }

  /** Everything up to the end of the line, which is consumed. */
  restOfLine(): string {
    let text = '';
    for (;;) {
      const char = this.next();
      if (char === undefined || char === '\n') return text;
      text += char;
    }
  }

  /** Stops the parsing with a message about this place. */
  fail(message: string): never {
    const { origin } = this.#current;
    if ('file' in origin) throw new ScriptError(`file ${origin.file} line ${this.#line}: ${message}`);
    throw new ScriptError(`-e expression #${origin.expression}, char ${this.#at}: ${message}`);
  }

  /** As `fail` for what is noticed only when all has been read: the place is `char 0`. */
  failAtEnd(message: string): never {
    const { origin } = this.#current;
    if ('file' in origin) throw new ScriptError(`file ${origin.file} line 0: ${message}`);
    throw new ScriptError(`-e expression #${origin.expression}, char 0: ${message}`);
  }

  get #current(): Chunk {
    return this.#chunks[this.#chunk] as Chunk;
  }
}
