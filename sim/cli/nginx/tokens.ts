/** What ends a statement of the configuration: `;`, or `{` when a block follows. `}` and the end of the file stand alone. */
export interface Statement {
  words: string[];
  end: ';' | '{';
}

/** Something that makes the configuration unusable; `where` is `FILE:LINE`. */
export class ConfigError {
  readonly message: string;
  constructor(message: string, where?: string) {
    this.message = where === undefined ? message : `${message} in ${where}`;
  }
}

const SPACE = /[ \t\r\n]/;

/** The words and blocks of a configuration file (ngx_conf_file.c, `ngx_conf_read_token`). */
export class Tokens {
  readonly #text: string;
  #at = 0;
  #line = 1;
  readonly file: string;
  /** From `-g` rather than from a file. */
  readonly parameter: boolean;

  constructor(text: string, file: string, parameter = false) {
    this.#text = text;
    this.file = file;
    this.parameter = parameter;
  }

  /** `FILE:LINE`, as messages say it. */
  get where(): string | undefined {
    return this.parameter ? undefined : `${this.file}:${this.#line}`;
  }

  error(message: string): ConfigError {
    return new ConfigError(this.parameter ? `${message} in command line` : message, this.where);
  }

  /** The next statement, `}` or the end. */
  next(): Statement | '}' | 'end' | ConfigError {
    const words: string[] = [];
    for (;;) {
      this.#skipSpace();
      const c = this.#text[this.#at];
      if (c === undefined) return words.length === 0 ? 'end' : this.#unfinished();
      if (c === ';' || c === '{') {
        this.#at++;
        return words.length === 0 ? this.error(`unexpected "${c}"`) : { words, end: c };
      }
      if (c === '}') {
        this.#at++;
        return words.length === 0 ? '}' : this.error('unexpected "}"');
      }
      const word = c === '"' || c === "'" ? this.#quoted(c) : this.#bare();
      if (word instanceof ConfigError) return word;
      words.push(word);
    }
  }

  #unfinished(): ConfigError {
    return this.error(this.parameter ? 'unexpected end of parameter, expecting ";"' : 'unexpected end of file, expecting ";" or "}"');
  }

  #skipSpace(): void {
    for (;;) {
      const c = this.#text[this.#at];
      if (c === '#') while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at++;
      else if (c !== undefined && SPACE.test(c)) {
        if (c === '\n') this.#line++;
        this.#at++;
      } else return;
    }
  }

  /** One character of a word, with what a backslash in front of it makes of it. */
  #character(): string {
    const c = this.#text[this.#at++] as string;
    if (c === '\n') this.#line++;
    if (c !== '\\' || this.#at >= this.#text.length) return c;
    const escaped = this.#text[this.#at++] as string;
    if (escaped === '\n') this.#line++;
    if (escaped === '"' || escaped === "'" || escaped === '\\') return escaped;
    return { t: '\t', r: '\r', n: '\n' }[escaped] ?? `\\${escaped}`;
  }

  #quoted(quote: string): string | ConfigError {
    this.#at++;
    let word = '';
    while (this.#text[this.#at] !== quote) {
      if (this.#at >= this.#text.length) return this.#unfinished();
      word += this.#character();
    }
    this.#at++;
    const next = this.#text[this.#at];
    if (next === ')') this.#at++;
    else if (next !== undefined && !SPACE.test(next) && next !== ';' && next !== '{') return this.error(`unexpected "${next}"`);
    return next === ')' ? `${word})` : word;
  }

  #bare(): string | ConfigError {
    let word = '';
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined) return this.#unfinished();
      if (SPACE.test(c) || c === ';') return word;
      // `${name}` is part of a word.
      if (c === '{' && !word.endsWith('$')) return word;
      word += this.#character();
    }
  }
}
