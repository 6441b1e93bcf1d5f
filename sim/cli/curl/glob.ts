/** A part of a URL pattern: fixed text is one that has a single choice and no number. */
interface Part {
  choices: string[];
  /** Whether `#1`, `#2` … count it. */
  counted: boolean;
}

/** One URL of a pattern, with the texts of its sets and ranges, for `#1` and so on. */
export interface GlobMatch {
  url: string;
  chosen: string[];
}

/** What is wrong with a pattern, with curl's three lines of text. */
export interface GlobError {
  error: string;
}

/** The URLs that `{one,two}` and `[1-3:2]`, `[a-z]`, `[001-100]` stand for, the last part turning over fastest (tool_urlglob.c). */
export function expandGlob(pattern: string): GlobMatch[] | GlobError {
  const parts = new GlobReader(pattern).read();
  if ('error' in parts) return parts;
  let found: GlobMatch[] = [{ url: '', chosen: [] }];
  for (const { choices, counted } of parts)
    found = found.flatMap(({ url, chosen }) => choices.map((text) => ({ url: url + text, chosen: counted ? [...chosen, text] : chosen })));
  return found;
}

/** The name of an output file: `#1` is the text of the first set or range. */
export function nameByGlob(name: string, chosen: readonly string[]): string {
  return name.replace(/#(\d+)/g, (whole, digits: string) => chosen[Number(digits) - 1] ?? whole);
}

class GlobReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  read(): Part[] | GlobError {
    const parts: Part[] = [];
    while (this.#at < this.#pattern.length) {
      const literal = /^\[([0-9a-f:.]*(%[^\]]*)?)\]/i.exec(this.#rest);
      const part = literal
        ? this.#fixed(literal[0])
        : this.#rest.startsWith('{')
          ? this.#set()
          : this.#rest.startsWith('[')
            ? this.#range()
            : this.#text();
      if ('error' in part) return part;
      parts.push(part);
    }
    return parts;
  }

  get #rest(): string {
    return this.#pattern.slice(this.#at);
  }

  #wrong(what: string): GlobError {
    return { error: `${what} in position ${this.#at + 1}:\n${this.#pattern}\n${' '.repeat(this.#at)}^` };
  }

  /** An IPv6 address, or `[]`. */
  #fixed(text: string): Part {
    this.#at += text.length;
    return { choices: [text], counted: false };
  }

  #text(): Part | GlobError {
    let text = '';
    for (let char = this.#rest[0]; char !== undefined && char !== '{' && char !== '['; char = this.#rest[0]) {
      if (char === '}' || char === ']') return this.#wrong('unmatched close brace/bracket');
      if (/^\\[{}[\]]/.test(this.#rest)) this.#at++;
      text += this.#pattern[this.#at++];
    }
    return { choices: [text], counted: false };
  }

  #set(): Part | GlobError {
    const choices: string[] = [];
    const begin = ++this.#at;
    for (let text = ''; ; ) {
      const char = this.#pattern[this.#at];
      if (char === undefined) return this.#wrong('unmatched brace');
      if (char === '{' || char === '[') return this.#wrong('nested brace');
      if (char === ']') return this.#wrong('unexpected close bracket');
      if (char === '}' && this.#at === begin) return this.#wrong('empty string within braces');
      if (char === '\\' && this.#at + 1 < this.#pattern.length) this.#at++;
      else if (char === ',' || char === '}') {
        choices.push(text);
        text = '';
        this.#at++;
        if (char === '}') return { choices, counted: true };
        continue;
      }
      text += this.#pattern[this.#at++];
    }
  }

  #range(): Part | GlobError {
    this.#at++;
    const letters = /^([a-z])(?:-([\s\S])([\s\S])(?:(\d+)\])?)?/i.exec(this.#rest);
    if (letters) {
      const [, from = '', to, end, step] = letters;
      if (to === undefined) return this.#wrong('bad range');
      this.#at += letters[0].length;
      const good = end === ']' ? step === undefined : end === ':' && step !== undefined;
      return this.#steps(good, from.charCodeAt(0), to.charCodeAt(0), Number(step ?? 1), (code) => String.fromCharCode(code));
    }
    const numbers = /^(\d+)(?:-(\d+)(?::(\d+))?(\])?)?/.exec(this.#rest);
    if (!numbers) return this.#wrong('bad range specification');
    const [whole, from = '', to, step, end] = numbers;
    this.#at += whole.length;
    const width = from.startsWith('0') ? from.length : 0;
    return this.#steps(end !== undefined, Number(from), Number(to), Number(step ?? 1), (number) => String(number).padStart(width, '0'));
  }

  #steps(good: boolean, from: number, to: number, step: number, shown: (value: number) => string): Part | GlobError {
    const sound = good && step > 0 && (from === to ? step === 1 : from < to && step <= to - from);
    if (!sound) return this.#wrong('bad range');
    const choices: string[] = [];
    for (let value = from; value <= to; value += step) choices.push(shown(value));
    return { choices, counted: true };
  }
}
