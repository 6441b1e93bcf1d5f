import { canonicalLiteral, doubleText } from './number-text.ts';
import { type JsonObject, NumberLiteral, type Value } from './value.ts';

/** A text that is not JSON: what is wrong, without the place. */
export class JsonSyntaxError extends Error {}

const MAX_DEPTH = 10_000;

type Frame = { array: Value[] } | { object: JsonObject; key: string | undefined };

/**
 * Reads any number of JSON texts from a stream of text, handed over in pieces.
 *
 * @see jv_parse.c of jq, whose states give the messages and the places that are named
 */
export class JsonParser {
  #text = '';
  #at = 0;
  #line = 1;
  #column = 0;
  readonly #stack: Frame[] = [];
  #next: Value | undefined;
  #token = '';
  #inString = false;
  #escaped = false;
  #failed = false;

  feed(text: string): void {
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
  }

  /** The next value that is complete, or `undefined` when more text is needed. @throws JsonSyntaxError */
  next(): Value | undefined {
    try {
      while (this.#at < this.#text.length) {
        const done = this.#inString ? this.#string() : this.#scan();
        if (done !== undefined) return done;
      }
      return undefined;
    } catch (thrown) {
      this.#failed = true;
      if (thrown instanceof JsonSyntaxError) throw new JsonSyntaxError(`${thrown.message} at line ${this.#line}, column ${this.#column}`);
      throw thrown;
    }
  }

  /** The last value, for which the end of the text is needed (a number), or `undefined`. @throws JsonSyntaxError */
  end(): Value | undefined {
    if (this.#failed) return undefined;
    const place = `at EOF at line ${this.#line}, column ${this.#column}`;
    if (this.#inString) throw new JsonSyntaxError(`Unfinished string ${place}`);
    try {
      this.#checkLiteral();
    } catch (thrown) {
      if (thrown instanceof JsonSyntaxError) throw new JsonSyntaxError(`${thrown.message} ${place}`);
      throw thrown;
    }
    if (this.#stack.length > 0) throw new JsonSyntaxError(`Unfinished JSON term ${place}`);
    const value = this.#next;
    this.#next = undefined;
    return value;
  }

  /** One character outside strings. */
  #scan(): Value | undefined {
    const char = this.#text[this.#at++] as string;
    this.#column++;
    if (char === '\n') {
      this.#line++;
      this.#column = 0;
    }
    const blank = char === ' ' || char === '\t' || char === '\r' || char === '\n';
    if (!blank && char !== '"' && !'[]{}:,'.includes(char)) {
      this.#token += char;
      return undefined;
    }
    this.#checkLiteral();
    if (char === '"') {
      this.#inString = true;
      this.#token = '';
    } else if (!blank) this.#structure(char);
    return this.#complete();
  }

  #complete(): Value | undefined {
    if (this.#stack.length > 0 || this.#next === undefined) return undefined;
    const value = this.#next;
    this.#next = undefined;
    return value;
  }

  /** Text inside a string up to the end of it or of what is there. */
  #string(): Value | undefined {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++] as string;
      this.#column++;
      if (char === '\n') {
        this.#line++;
        this.#column = 0;
      }
      if (char === '"' && !this.#escaped) {
        this.#inString = false;
        const text = resolveEscapes(this.#token);
        this.#token = '';
        this.#value(text);
        return this.#complete();
      }
      this.#token += char;
      this.#escaped = char === '\\' && !this.#escaped;
    }
    return undefined;
  }

  #value(value: Value): void {
    if (this.#next !== undefined) throw new JsonSyntaxError('Expected separator between values');
    this.#next = value;
  }

  #checkLiteral(): void {
    const token = this.#token;
    if (token === '') return;
    this.#token = '';
    this.#value(literalValue(token));
  }

  #structure(char: string): void {
    const top = this.#stack.at(-1);
    switch (char) {
      case '[':
      case '{':
        if (this.#stack.length >= MAX_DEPTH) throw new JsonSyntaxError('Exceeds depth limit for parsing');
        if (this.#next !== undefined) throw new JsonSyntaxError('Expected separator between values');
        this.#stack.push(char === '[' ? { array: [] } : { object: new Map(), key: undefined });
        return;
      case ':':
        return this.#colon(top);
      case ',':
        return this.#comma(top);
      case ']':
        if (!top || !('array' in top)) throw new JsonSyntaxError("Unmatched ']'");
        if (this.#next !== undefined) top.array.push(this.#next);
        else if (top.array.length > 0) throw new JsonSyntaxError('Expected another array element');
        this.#stack.pop();
        this.#next = top.array;
        return;
      default:
        return this.#closeObject(top);
    }
  }

  #colon(top: Frame | undefined): void {
    if (this.#next === undefined) throw new JsonSyntaxError("Expected string key before ':'");
    if (!top || !('object' in top) || top.key !== undefined) throw new JsonSyntaxError("':' not as part of an object");
    if (typeof this.#next !== 'string') throw new JsonSyntaxError('Object keys must be strings');
    top.key = this.#next;
    this.#next = undefined;
  }

  #comma(top: Frame | undefined): void {
    if (this.#next === undefined || !top) throw new JsonSyntaxError("Expected value before ','");
    if ('array' in top) top.array.push(this.#next);
    else this.#setKey(top, this.#next);
    this.#next = undefined;
  }

  #setKey(top: { object: JsonObject; key: string | undefined }, value: Value): void {
    if (top.key === undefined) throw new JsonSyntaxError('Objects must consist of key:value pairs');
    top.object.set(top.key, value);
    top.key = undefined;
  }

  #closeObject(top: Frame | undefined): void {
    if (!top) throw new JsonSyntaxError("Unmatched '}'");
    if (this.#next !== undefined) {
      if (!('object' in top)) throw new JsonSyntaxError('Objects must consist of key:value pairs');
      this.#setKey(top, this.#next);
    } else if (!('object' in top) || top.key !== undefined) throw new JsonSyntaxError("Unmatched '}'");
    else if (top.object.size > 0) throw new JsonSyntaxError('Expected another key-value pair');
    this.#stack.pop();
    this.#next = top.object;
  }
}

/** All values of one text. @throws JsonSyntaxError */
export function parseTexts(text: string): Value[] {
  const parser = new JsonParser();
  parser.feed(text);
  const values: Value[] = [];
  for (let value = parser.next(); value !== undefined; value = parser.next()) values.push(value);
  const last = parser.end();
  if (last !== undefined) values.push(last);
  return values;
}

function literalValue(token: string): Value {
  const first = token[0];
  if (first === 't' || first === 'f') {
    if (token === 'true' || token === 'false') return token === 'true';
    throw new JsonSyntaxError('Invalid literal');
  }
  if (first === 'n') {
    if (token === 'nan') return Number.NaN;
    if (token === 'null') return null;
    throw new JsonSyntaxError('Invalid literal');
  }
  if (first === "'") throw new JsonSyntaxError('Invalid string literal; expected ", but got \'');
  const number = numberValue(token);
  if (number === undefined) throw new JsonSyntaxError('Invalid numeric literal');
  return number;
}

/** A number from its literal; `undefined` when it is none. */
export function numberValue(literal: string): number | NumberLiteral | undefined {
  if (/^-?nan$/i.test(literal)) return Number.NaN;
  const canonical = canonicalLiteral(literal);
  if (canonical === undefined) return undefined;
  const value = Number(literal);
  return doubleText(value) === canonical ? value : new NumberLiteral(value, canonical);
}

const ESCAPES: Record<string, string | undefined> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function resolveEscapes(text: string): string {
  if (/[\x00-\x1f]/.test(text)) {
    throw new JsonSyntaxError('Invalid string: control characters from U+0000 through U+001F must be escaped');
  }
  if (!text.includes('\\')) return withoutStrayBytes(text);
  const resolved = text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_whole, hex: string | undefined, char: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (char === 'u') throw new JsonSyntaxError('Invalid \\uXXXX escape');
    const plain = ESCAPES[char as string];
    if (plain === undefined) throw new JsonSyntaxError('Invalid escape');
    return plain;
  });
  if (/\\u[dD]/.test(text) && !resolved.isWellFormed()) throw new JsonSyntaxError('Invalid \\uXXXX\\uXXXX surrogate pair escape');
  return withoutStrayBytes(resolved);
}

/** Bytes that are no UTF-8 become U+FFFD, as jq replaces them. */
export function withoutStrayBytes(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}
