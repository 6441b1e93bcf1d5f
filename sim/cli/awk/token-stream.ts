import { failToken, type Token } from './lexer.ts';
import { AwkSyntaxError } from './syntax.ts';

/** The tokens of a program, read one after another with any lookahead. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token `ahead` places on. Asking for what could not be a token stops the parsing. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
    if (token.kind === 'error' && ahead === 0) failToken(token);
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  /** Whether the next token is this operator or keyword. */
  sees(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.kind === 'operator' || token.kind === 'keyword') && token.text === text;
  }

  /** Takes the operator or keyword if it is next. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.takes(text)) this.fail();
  }

  /** A closing parenthesis; mawk says when it is the block that ends instead. */
  expectClosing(): void {
    if (this.sees('}')) this.failWith('missing ) near }');
    this.expect(')');
  }

  skipNewlines(): void {
    while (this.peek().kind === 'newline') this.next();
  }

  /** Stops at the token that makes no sense here. */
  fail(): never {
    const token = this.peek();
    throw new AwkSyntaxError(`line ${token.line}: syntax error at or near ${token.text}`);
  }

  failWith(message: string, line = this.peek().line): never {
    throw new AwkSyntaxError(`line ${line}: ${message}`);
  }
}
