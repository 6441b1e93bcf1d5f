import type { Lookup } from '../iptables/lookup.ts';
import { KEYWORDS, RESERVED } from './expected.ts';
import { scan, type Token } from './scanner.ts';
import { type Complaint, join, Rejected, type Source, type Span } from './source.ts';
import type { Name, Node } from './syntax.ts';

const SIGN_NAMES: Record<string, string> = { ',': 'comma', ';': 'semicolon', ':': 'colon' };
const BRACKETS = new Set(['{', '}', '(', ')', '|', '$', '[', ']']);

/** How a message calls a token. */
function nameOf(token: Token): string {
  switch (token.kind) {
    case 'newline':
      return 'newline';
    case 'end':
      return token.at.source.name === undefined ? 'newline' : 'end of file';
    case 'number':
      return 'number';
    case 'quoted':
      return 'quoted string';
    case 'wildcard':
      return 'string with a trailing asterisk';
    case 'junk':
      return 'junk';
    case 'sign':
      return SIGN_NAMES[token.text] ?? (BRACKETS.has(token.text) ? `'${token.text}'` : token.text);
    case 'word':
      return KEYWORDS.has(token.text) ? token.text : 'string';
  }
}

/** What `define` has given names to; blocks have scopes of their own. */
export type Variables = Map<string, Node | undefined>;

/** Finds files for `include`; `undefined` if there is none. */
export type Include = (path: string) => readonly Source[] | undefined;

/** Errors after which nothing more is read. */
const MOST_ERRORS = 10;

/** All that is wrong with a text that is not read on. */
class Hopeless extends Rejected {}

/** A row of tokens, and the way forward in it. */
export class Parser {
  readonly source: Source;
  readonly #tokens: readonly Token[];
  #at = 0;
  readonly #errors: Complaint[] = [];
  readonly variables: Variables;
  readonly lookup: Lookup;
  readonly include: Include;

  constructor(source: Source, lookup: Lookup, variables: Variables, include: Include) {
    this.source = source;
    this.#tokens = scan(source);
    this.lookup = lookup;
    this.variables = variables;
    this.include = include;
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  peek(distance = 1): Token {
    return this.#tokens[Math.min(this.#at + distance, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** The token before the present one. */
  get last(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)] as Token;
  }

  /** From a token to the last one taken. */
  since(start: Span): Span {
    return join(start, this.last.at);
  }

  is(text: string): boolean {
    const { token } = this;
    return (token.kind === 'word' || token.kind === 'sign') && token.text === text;
  }

  isOneOf(...texts: string[]): boolean {
    return texts.some((text) => this.is(text));
  }

  /** Takes a word or sign if it is there. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  expect(text: string, expected: string): Token {
    if (!this.is(text)) this.unexpected(expected);
    return this.next();
  }

  /**
   * Reads one line; what is wrong with it is kept, and reading goes on behind the next separator, as far as ten errors allow
   * (`error stmt_separator` of src/parser_bison.y).
   */
  recover(line: () => void): void {
    try {
      line();
    } catch (error) {
      if (!(error instanceof Rejected) || error instanceof Hopeless || error.complaints.some(({ unmodelled }) => unmodelled)) throw error;
      this.#errors.push(...error.complaints);
      while (!this.atSeparator && this.token.kind !== 'end') this.next();
      // Several complaints at once are those of a block that was read to its end.
      if (this.#errors.length >= MOST_ERRORS || error.complaints.length > 1) throw new Hopeless(this.#errors);
    }
  }

  /** The text ends where more should come. */
  endOfFile(expected: string): never {
    const { text } = this.source;
    const at: Span = { source: this.source, start: text.length, end: text.length, beyond: true };
    this.#errors.push({ message: `syntax error, unexpected end of file\nexpected any of: ${expected}`, at });
    throw new Hopeless(this.#errors);
  }

  /** Throws what was wrong before. */
  finish(): void {
    if (this.#errors.length > 0) throw new Hopeless(this.#errors);
  }

  /** The first sign behind a place. */
  pointBehind({ end }: Span): Span {
    return (this.#tokens.find(({ at, kind }) => at.start >= end && kind === 'sign') ?? this.token).at;
  }

  /** Newlines mean nothing between braces. */
  skipNewlines(): void {
    while (this.token.kind === 'newline') this.next();
  }

  /** Newlines and semicolons end lines of blocks. */
  get atSeparator(): boolean {
    return this.token.kind === 'newline' || this.is(';');
  }

  skipSeparators(): void {
    while (this.atSeparator) this.next();
  }

  get atEnd(): boolean {
    const { kind } = this.token;
    return kind === 'end' || kind === 'newline' || this.is(';');
  }

  /** What a message calls the present token. */
  get tokenName(): string {
    return nameOf(this.token);
  }

  unexpected(expected: string): never {
    const { token } = this;
    const message = `syntax error, unexpected ${this.tokenName}\nexpected any of: ${expected}`;
    throw new Rejected([{ message, at: token.at }]);
  }

  name(expected: string): Name {
    const { token } = this;
    if (token.kind === 'quoted') return { text: this.next().text, at: token.at };
    if (token.kind !== 'word' || RESERVED.has(token.text)) this.unexpected(expected);
    this.next();
    return { text: token.text, at: token.at };
  }

  number(expected = '<number>'): { value: number; at: Span } {
    const { token } = this;
    if (token.kind !== 'number') this.unexpected(expected);
    this.next();
    return { value: Number(token.text), at: token.at };
  }

  /** A string between quotes, or a word. */
  string(): string {
    const { token } = this;
    if (token.kind !== 'quoted' && token.kind !== 'word' && token.kind !== 'wildcard')
      this.unexpected('<string>, <quoted string>, <string with a trailing asterisk>');
    return this.next().text;
  }
}
