import type { Token } from './lexer.ts';
import type { FilterError } from './syntax.ts';

type Operand = Exclude<Token, { kind: 'keyword' | 'symbol' | 'error' }>;

/** A place in a list of tokens. Every reading method takes the next token if it is what was asked for. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.position >= this.#tokens.length;
  }

  /** What the lexer couldn't read. */
  get lexicalError(): FilterError | undefined {
    const last = this.#tokens.at(-1);
    return last?.kind === 'error' ? last.error : undefined;
  }

  symbol(text: string): boolean {
    const token = this.#tokens[this.position];
    if (token?.kind !== 'symbol' || token.text !== text) return false;
    this.position++;
    return true;
  }

  keyword(): string | undefined {
    const token = this.#tokens[this.position];
    if (token?.kind !== 'keyword') return undefined;
    this.position++;
    return token.text;
  }

  /** A number, maybe in parentheses. */
  number(): number | undefined {
    const start = this.position;
    if (this.symbol('(')) {
      const inner = this.number();
      if (inner !== undefined && this.symbol(')')) return inner;
      this.position = start;
      return undefined;
    }
    const token = this.#tokens[this.position];
    if (token?.kind !== 'number') return undefined;
    this.position++;
    return token.value;
  }

  /** A name, a number or an address. */
  operand(): Operand | undefined {
    const token = this.#tokens[this.position];
    if (!token || token.kind === 'keyword' || token.kind === 'symbol' || token.kind === 'error') return undefined;
    this.position++;
    return token;
  }
}
