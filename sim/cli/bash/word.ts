import { expandEscapes, normalize } from './escapes.ts';
import { matchingParenthesis } from './balance.ts';

/**
 * The parts of a word, from its source text. bash keeps words as text and reads them when they are expanded; so do we,
 * because braces are expanded before anything else and make new words. The result is kept per text.
 */
export type Part = LiteralPart | DoublePart | TildePart | ParameterPart | CommandPart | ArithmeticPart | ProcessPart;

export interface LiteralPart {
  type: 'literal';
  text: string;
  quoted: boolean;
}

/** `"…"` */
export interface DoublePart {
  type: 'double';
  parts: Part[];
}

/** `~`, `~+`, `~root` */
export interface TildePart {
  type: 'tilde';
  user: string;
}

export interface CommandPart {
  type: 'command';
  source: string;
  /** Newlines before it in the word. */
  line: number;
  /** The message of a substitution that isn't closed. */
  error?: string;
}

export interface ArithmeticPart {
  type: 'arithmetic';
  /** Expanded like the inside of double quotes, then computed. */
  parts: Part[];
}

export interface ProcessPart {
  type: 'process';
  operator: '<' | '>';
  source: string;
  line: number;
}

/** `$x` and all of `${…}`. */
export interface ParameterPart {
  type: 'parameter';
  /** As written, for messages. */
  text: string;
  name: string;
  /** `@`, `*` or an expression's source. */
  subscript?: string;
  /** `${!x}` */
  indirect?: boolean;
  /** `${#x}` */
  length?: boolean;
  operation?: Operation;
  bad?: boolean;
}

export type Operation =
  | { kind: 'default'; operator: '-' | '=' | '?' | '+'; colon: boolean; word: Part[] }
  | { kind: 'remove'; side: '#' | '%'; longest: boolean; pattern: Part[] }
  | { kind: 'replace'; where: '' | '/' | '#' | '%'; pattern: Part[]; replacement: Part[] }
  | { kind: 'slice'; offset: Part[]; length: Part[] | undefined }
  | { kind: 'case'; to: '^' | ','; all: boolean; pattern: Part[] }
  | { kind: 'transform'; letter: string }
  | { kind: 'names' };

/** How text is read: an ordinary word, the right side of an assignment, inside double quotes, a here-document, arithmetic. */
export type WordMode = 'word' | 'assignment' | 'double' | 'heredoc' | 'arithmetic';

const cache = new Map<string, Part[]>();
const CACHE_LIMIT = 4_000;

/** Reads a word's source text. */
export function parseWord(text: string, mode: WordMode = 'word'): Part[] {
  const key = `${mode}:${text}`;
  const known = cache.get(key);
  if (known) return known;
  const parts = new WordReader(text).read(mode, undefined);
  if (text.length < 10_000) {
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(key, parts);
  }
  return parts;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const SPECIAL_PARAMETER = /^[@*#?$!0-9-]/;

class WordReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads up to the end, or to one of the stop characters that is not quoted. */
  read(mode: WordMode, stops: string | undefined): Part[] {
    const text = this.#text;
    const parts: Part[] = [];
    let literal = '';
    let literalQuoted = false;
    const flush = (): void => {
      if (literal !== '') parts.push({ type: 'literal', text: literal, quoted: literalQuoted });
      literal = '';
    };
    const add = (piece: string, quoted: boolean): void => {
      if (quoted !== literalQuoted) flush();
      literalQuoted = quoted;
      literal += piece;
    };
    const push = (part: Part): void => {
      flush();
      parts.push(part);
    };
    const inQuotes = mode === 'double' || mode === 'heredoc' || mode === 'arithmetic';
    const started = this.#at;
    while (this.#at < text.length) {
      const char = text[this.#at] as string;
      if (stops?.includes(char)) break;
      if (char === '\\') {
        const next = text[this.#at + 1];
        this.#at += 2;
        if (next === '\n') continue;
        if (next === undefined) add('\\', !inQuotes);
        else if (!inQuotes) add(next, true);
        else if (next === '$' || next === '`' || next === '\\' || (next === '"' && mode !== 'heredoc')) add(next, true);
        else if (stops?.includes(next)) add(next, true);
        else add(`\\${next}`, true);
      } else if (char === '$') {
        const part = this.#dollar(mode);
        if (part === undefined) {
          add('$', inQuotes);
          this.#at++;
        } else push(part);
      } else if (char === '`') push(this.#backtick(mode === 'double'));
      else if (char === '"' && mode === 'arithmetic') this.#at++;
      else if (char === '"' && mode !== 'heredoc' && (mode !== 'double' || stops?.includes('}'))) {
        this.#at++;
        const inner = this.read('double', '"');
        this.#at++;
        push({ type: 'double', parts: inner });
      } else if (char === "'" && !inQuotes) {
        const end = text.indexOf("'", this.#at + 1);
        const inner = text.slice(this.#at + 1, end < 0 ? text.length : end);
        this.#at = end < 0 ? text.length : end + 1;
        if (inner === '') push({ type: 'double', parts: [] });
        else add(inner, true);
      } else if (
        char === '~' &&
        !inQuotes &&
        this.#tildeHere(mode, started, parts.length === 0 && literal === '', literal, literalQuoted)
      ) {
        const user = /^[A-Za-z0-9_+-]*/.exec(text.slice(this.#at + 1))?.[0] ?? '';
        const after = text[this.#at + 1 + user.length];
        if (after === undefined || after === '/' || stops?.includes(after) || (mode === 'assignment' && after === ':')) {
          push({ type: 'tilde', user });
          this.#at += 1 + user.length;
        } else {
          add('~', false);
          this.#at++;
        }
      } else if ((char === '<' || char === '>') && !inQuotes && text[this.#at + 1] === '(') {
        push(this.#process(char));
      } else {
        add(char, inQuotes);
        this.#at++;
      }
    }
    flush();
    return parts;
  }

  #tildeHere(mode: WordMode, started: number, empty: boolean, literal: string, quoted: boolean): boolean {
    if (this.#at === started && empty) return true;
    if (quoted) return false;
    return mode === 'assignment'
      ? literal.endsWith(':')
      : empty === false && started === 0 && /^[A-Za-z_][A-Za-z0-9_]*=(?:.*:)?$/s.test(literal);
  }

  #lineHere(): number {
    let lines = 0;
    for (let i = 0; i < this.#at; i++) if (this.#text[i] === '\n') lines++;
    return lines;
  }

  #process(operator: '<' | '>'): Part {
    const line = this.#lineHere();
    const end = matchingParenthesis(this.#text, this.#at + 1) ?? this.#text.length;
    const source = this.#text.slice(this.#at + 2, end - 1);
    this.#at = end;
    return { type: 'process', operator, source, line };
  }

  #backtick(inQuotes: boolean): Part {
    const text = this.#text;
    const line = this.#lineHere();
    let source = '';
    let i = this.#at + 1;
    for (; i < text.length && text[i] !== '`'; i++) {
      const next = text[i + 1];
      if (text[i] === '\\' && (next === '`' || next === '\\' || next === '$' || (inQuotes && next === '"'))) {
        source += next;
        i++;
      } else source += text[i];
    }
    this.#at = i + 1;
    return { type: 'command', source, line };
  }

  /** What a dollar sign begins; `undefined` when it stands for itself. */
  #dollar(mode: WordMode): Part | undefined {
    const text = this.#text;
    const next = text[this.#at + 1];
    if (next === undefined) return undefined;
    const quoted = mode === 'double' || mode === 'heredoc' || mode === 'arithmetic';
    if (next === '(') return text[this.#at + 2] === '(' ? this.#arithmetic() : this.#command();
    if (next === '{') return this.#braced(mode);
    if (next === '[') return this.#oldArithmetic();
    if (next === "'" && !quoted) return this.#ansi();
    if (next === '"' && !quoted) {
      this.#at += 2;
      const parts = this.read('double', '"');
      this.#at++;
      return { type: 'double', parts };
    }
    const name = NAME.exec(text.slice(this.#at + 1, this.#at + 200))?.[0] ?? SPECIAL_PARAMETER.exec(next)?.[0];
    if (name === undefined) return undefined;
    this.#at += 1 + name.length;
    return { type: 'parameter', text: `$${name}`, name };
  }

  #ansi(): Part {
    const text = this.#text;
    let end = this.#at + 2;
    while (end < text.length && text[end] !== "'") end += text[end] === '\\' ? 2 : 1;
    const inner = expandEscapes(text.slice(this.#at + 2, end), 'ansi').text;
    this.#at = end + 1;
    return inner === '' ? { type: 'double', parts: [] } : { type: 'literal', text: normalize(inner), quoted: true };
  }

  #command(): Part {
    const line = this.#lineHere();
    const end = matchingParenthesis(this.#text, this.#at + 1);
    const source = this.#text.slice(this.#at + 2, end === undefined ? this.#text.length : end - 1);
    this.#at = end ?? this.#text.length;
    if (end === undefined) return { type: 'command', source, line, error: "unexpected EOF while looking for matching `)'" };
    return { type: 'command', source, line };
  }

  #arithmetic(): Part {
    const text = this.#text;
    let depth = 0;
    for (let i = this.#at + 3; i < text.length; i++) {
      const char = text[i];
      if (char === '\\') i++;
      else if (char === '(') depth++;
      else if (char === ')') {
        if (depth === 0) {
          if (text[i + 1] !== ')') break;
          const inner = text.slice(this.#at + 3, i);
          this.#at = i + 2;
          return { type: 'arithmetic', parts: parseWord(inner, 'arithmetic') };
        }
        depth--;
      }
    }
    return this.#command();
  }

  #oldArithmetic(): Part | undefined {
    const end = this.#text.indexOf(']', this.#at);
    if (end < 0) return undefined;
    const inner = this.#text.slice(this.#at + 2, end);
    this.#at = end + 1;
    return { type: 'arithmetic', parts: parseWord(inner, 'arithmetic') };
  }

  /** `${…}` */
  #braced(mode: WordMode): Part {
    const text = this.#text;
    const start = this.#at;
    this.#at += 2;
    const part: ParameterPart = { type: 'parameter', text: '', name: '' };
    if (text[this.#at] === '#' && !/^#(?:[}:%=+?]|-(?!}))/.test(text.slice(this.#at, this.#at + 3))) {
      part.length = true;
      this.#at++;
    } else if (text[this.#at] === '#' && text[this.#at + 1] === '}') {
      // ${#} is the number of arguments.
    } else if (text[this.#at] === '!' && /^![A-Za-z0-9_@*#?]/.test(text.slice(this.#at, this.#at + 2))) {
      part.indirect = true;
      this.#at++;
    }
    const rest = text.slice(this.#at, this.#at + 1_000);
    const name = NAME.exec(rest)?.[0] ?? /^[0-9]+/.exec(rest)?.[0] ?? SPECIAL_PARAMETER.exec(rest)?.[0];
    if (name === undefined) return this.#badSubstitution(start, part);
    part.name = name;
    this.#at += name.length;
    if (text[this.#at] === '[') {
      const close = closingBracket(text, this.#at);
      if (close === undefined) return this.#badSubstitution(start, part);
      part.subscript = text.slice(this.#at + 1, close);
      this.#at = close + 1;
    }
    if (part.indirect && (text[this.#at] === '*' || text[this.#at] === '@') && text[this.#at + 1] === '}') {
      part.operation = { kind: 'names' };
      part.subscript = text[this.#at] as string;
      this.#at++;
    } else if (text[this.#at] !== '}') {
      const operation = part.length ? undefined : this.#operation(mode);
      if (!operation) return this.#badSubstitution(start, part);
      part.operation = operation;
    }
    if (text[this.#at] !== '}') return this.#badSubstitution(start, part);
    this.#at++;
    part.text = text.slice(start, this.#at);
    return part;
  }

  #badSubstitution(start: number, part: ParameterPart): Part {
    this.read('word', '}');
    this.#at++;
    return { ...part, text: this.#text.slice(start, this.#at), bad: true };
  }

  #operation(mode: WordMode): Operation | undefined {
    const text = this.#text;
    const rest = text.slice(this.#at, this.#at + 2);
    const quoted = mode === 'double' || mode === 'heredoc' || mode === 'arithmetic';
    const inner: WordMode = quoted ? (mode === 'heredoc' ? 'heredoc' : 'double') : 'word';
    const test = /^:?[-=?+]/.exec(rest)?.[0];
    if (test) {
      this.#at += test.length;
      const word = this.read(inner, '}');
      return { kind: 'default', operator: test.at(-1) as '-', colon: test.length === 2, word };
    }
    const char = rest[0] as string;
    if (char === ':') {
      this.#at++;
      if (text[this.#at] === '}') return undefined;
      const offset = this.#sliceExpression();
      let length: Part[] | undefined;
      if (text[this.#at] === ':') {
        this.#at++;
        length = this.#sliceExpression();
      }
      return { kind: 'slice', offset, length };
    }
    if (char === '#' || char === '%') {
      const longest = rest[1] === char;
      this.#at += longest ? 2 : 1;
      return { kind: 'remove', side: char, longest, pattern: this.read('word', '}') };
    }
    if (char === '/') return this.#replace();
    if (char === '^' || char === ',') {
      const all = rest[1] === char;
      this.#at += all ? 2 : 1;
      return { kind: 'case', to: char, all, pattern: this.read('word', '}') };
    }
    if (char === '@') {
      const letter = text[this.#at + 1] ?? '';
      if (letter === '}') {
        this.#at += 1;
        return { kind: 'transform', letter: '' };
      }
      if (!/^[A-Za-z]$/.test(letter)) return undefined;
      this.#at += 2;
      return { kind: 'transform', letter };
    }
    return undefined;
  }

  /** An offset or length: arithmetic, up to a colon outside of parentheses and `?:`. */
  #sliceExpression(): Part[] {
    const text = this.#text;
    const start = this.#at;
    let depth = 0;
    let questions = 0;
    for (; this.#at < text.length; this.#at++) {
      const char = text[this.#at] as string;
      if (char === '$' && text[this.#at + 1] === '{') {
        depth++;
        this.#at++;
      } else if (char === '(' || char === '[') depth++;
      else if (depth > 0 && (char === ')' || char === ']' || char === '}')) depth--;
      else if (depth === 0 && char === '}') break;
      else if (depth === 0 && char === '?') questions++;
      else if (depth === 0 && char === ':') {
        if (questions === 0) break;
        questions--;
      }
    }
    return parseWord(text.slice(start, this.#at), 'arithmetic');
  }

  #replace(): Operation {
    const text = this.#text;
    this.#at++;
    let where: '' | '/' | '#' | '%' = '';
    const mark = text[this.#at];
    if (mark === '/' || mark === '#' || mark === '%') {
      where = mark;
      this.#at++;
    }
    const pattern = this.read('word', '/}');
    let replacement: Part[] = [];
    if (text[this.#at] === '/') {
      this.#at++;
      replacement = this.read('word', '}');
    }
    return { kind: 'replace', where, pattern, replacement };
  }
}

/** The bracket that closes the one at `at`, over quotes and nested ones. */
export function closingBracket(text: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return i;
    else if (char === "'" || char === '"') {
      const close = text.indexOf(char, i + 1);
      if (close < 0) return undefined;
      i = close;
    }
  }
  return undefined;
}

/** A word without its quotes, nothing expanded: function names, here-document delimiters, aliases. */
export function unquoted(text: string): string {
  const flatten = (parts: Part[]): string =>
    parts
      .map((part) =>
        part.type === 'literal' ? part.text : part.type === 'double' ? flatten(part.parts) : part.type === 'tilde' ? `~${part.user}` : '',
      )
      .join('');
  return flatten(parseWord(text));
}
