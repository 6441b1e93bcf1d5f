import { tokenize } from './lexer.ts';
import { ANYWHERE, ExpressionParser } from './parse-expression.ts';
import { AwkSyntaxError, type Expression, type Program, type Redirection, type Statement } from './syntax.ts';
import { TokenStream } from './token-stream.ts';

/** Parses a program text. @returns what mawk says about the first mistake, or the tree */
export function parseProgram(source: string): Program | AwkSyntaxError {
  try {
    return new Parser(source).program();
  } catch (thrown) {
    if (thrown instanceof AwkSyntaxError) return thrown;
    throw thrown;
  }
}

const MAX_DEPTH = 300;

class Parser {
  readonly #tokens: TokenStream;
  readonly #expressions: ExpressionParser;
  readonly #program: Program = { begin: [], rules: [], end: [], functions: new Map(), hasEnd: false };
  #loops = 0;
  #inFunction = false;
  #inBeginOrEnd = false;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = new TokenStream(tokenize(source));
    this.#expressions = new ExpressionParser(this.#tokens);
  }

  program(): Program {
    const tokens = this.#tokens;
    for (;;) {
      while (tokens.peek().kind === 'newline' || tokens.sees(';')) tokens.next();
      if (tokens.peek().kind === 'end') return this.#program;
      this.#item();
      const { kind } = tokens.peek();
      if (tokens.sees('}')) tokens.failWith("extra '}'");
      if (kind !== 'newline' && kind !== 'end' && !tokens.sees(';') && !this.#startsItem()) tokens.fail();
    }
  }

  /** After a closing brace the next item may follow without a separator. */
  #startsItem(): boolean {
    return this.#closed;
  }

  #closed = false;

  #item(): void {
    const tokens = this.#tokens;
    this.#closed = false;
    if (tokens.sees('function') || tokens.sees('func')) return this.#function();
    if (tokens.sees('BEGIN') || tokens.sees('END')) {
      const list = tokens.next().text === 'BEGIN' ? this.#program.begin : this.#program.end;
      if (list === this.#program.end) this.#program.hasEnd = true;
      if (!tokens.sees('{')) tokens.fail();
      this.#inBeginOrEnd = true;
      list.push(this.#block());
      this.#inBeginOrEnd = false;
      return;
    }
    let pattern: Expression | undefined;
    let until: Expression | undefined;
    if (!tokens.sees('{')) {
      pattern = this.#expressions.expression();
      if (tokens.takes(',')) {
        tokens.skipNewlines();
        until = this.#expressions.expression();
      }
    }
    this.#program.rules.push({ pattern, until, body: tokens.sees('{') ? this.#block() : undefined });
  }

  #function(): void {
    const tokens = this.#tokens;
    const { line } = tokens.next();
    const name = tokens.next();
    if (name.kind !== 'name' && name.kind !== 'call') tokens.failWith(`syntax error at or near ${name.text}`, name.line);
    tokens.expect('(');
    const parameters: string[] = [];
    while (!tokens.takes(')')) {
      if (parameters.length > 0) tokens.expect(',');
      tokens.skipNewlines();
      const parameter = tokens.next();
      if (parameter.kind !== 'name') tokens.failWith(`syntax error at or near ${parameter.text}`, parameter.line);
      if (parameter.text === name.text) tokens.failWith('function parameter cannot be the function', parameter.line);
      parameters.push(parameter.text);
    }
    tokens.skipNewlines();
    this.#inFunction = true;
    const body = this.#block();
    this.#inFunction = false;
    this.#program.functions.set(name.text, { name: name.text, parameters, body, line });
  }

  #block(): Statement {
    const tokens = this.#tokens;
    tokens.expect('{');
    const body: Statement[] = [];
    for (;;) {
      while (tokens.peek().kind === 'newline' || tokens.sees(';')) tokens.next();
      if (tokens.peek().kind === 'end') tokens.failWith('missing } near end of file', tokens.peek().line + 1);
      if (tokens.takes('}')) break;
      body.push(this.#statement());
    }
    this.#closed = true;
    return { kind: 'block', body };
  }

  #statement(): Statement {
    if (++this.#depth > MAX_DEPTH) this.#tokens.failWith('statement too deeply nested');
    const statement = this.#anyStatement();
    this.#depth--;
    return statement;
  }

  #anyStatement(): Statement {
    const tokens = this.#tokens;
    if (tokens.sees('{')) return this.#block();
    if (tokens.takes(';') || tokens.sees('}')) return { kind: 'block', body: [] };
    const token = tokens.peek();
    switch (token.kind === 'keyword' ? token.text : '') {
      case 'if':
        return this.#if();
      case 'while':
        return this.#while();
      case 'do':
        return this.#do();
      case 'for':
        return this.#for();
    }
    const statement = this.#simple();
    this.#terminator();
    return statement;
  }

  /** The end of a simple statement: `;`, a newline, or a brace that closes the block. */
  #terminator(): void {
    const tokens = this.#tokens;
    if (tokens.takes(';')) return;
    const { kind } = tokens.peek();
    if (kind === 'newline') tokens.next();
    else if (!tokens.sees('}') && kind !== 'end') tokens.fail();
  }

  #simple(): Statement {
    const tokens = this.#tokens;
    const token = tokens.peek();
    switch (token.kind === 'keyword' ? token.text : '') {
      case 'print':
      case 'printf':
        return this.#print();
      case 'delete':
        return this.#delete();
      case 'next':
      case 'nextfile':
        if (this.#inBeginOrEnd || this.#inFunction) tokens.failWith(`improper use of ${token.text}`);
        tokens.next();
        return { kind: token.text as 'next' | 'nextfile' };
      case 'break':
      case 'continue':
        if (this.#loops === 0) tokens.failWith(`${token.text} statement outside of loop`);
        tokens.next();
        return { kind: token.text as 'break' | 'continue' };
      case 'return':
        if (!this.#inFunction) tokens.failWith('return outside function body');
        tokens.next();
        return { kind: 'return', value: this.#optionalExpression() };
      case 'exit':
        tokens.next();
        return { kind: 'exit', value: this.#optionalExpression() };
    }
    return { kind: 'expression', value: this.#expressions.expression() };
  }

  #optionalExpression(): Expression | undefined {
    const { kind } = this.#tokens.peek();
    const absent = kind === 'newline' || kind === 'end' || this.#tokens.sees(';') || this.#tokens.sees('}');
    return absent ? undefined : this.#expressions.expression();
  }

  #print(): Statement {
    const tokens = this.#tokens;
    const kind = tokens.next().text as 'print' | 'printf';
    const { kind: next } = tokens.peek();
    const bare = next === 'newline' || next === 'end' || [';', '}', '>', '>>', '|'].some((text) => tokens.sees(text));
    let args = bare ? [] : this.#expressions.list({ noGreater: true, noIn: false });
    if (args.length === 1 && args[0]?.kind === 'group') args = args[0].members;
    if (kind === 'printf' && args.length === 0) tokens.failWith('no arguments in call to printf');
    return { kind, args, to: this.#redirection() };
  }

  #redirection(): Redirection | undefined {
    const tokens = this.#tokens;
    for (const kind of ['>', '>>', '|'] as const) {
      if (tokens.takes(kind)) return { kind, target: this.#expressions.expression({ noGreater: true, noIn: false }) };
    }
    return undefined;
  }

  #delete(): Statement {
    const tokens = this.#tokens;
    tokens.next();
    const name = tokens.next();
    if (name.kind !== 'name') tokens.failWith(`syntax error at or near ${name.text}`, name.line);
    let subscripts: Expression[] | undefined;
    if (tokens.takes('[')) {
      subscripts = this.#expressions.list(ANYWHERE);
      tokens.expect(']');
    }
    return { kind: 'delete', array: name.text, subscripts, line: name.line };
  }

  #condition(): Expression {
    this.#tokens.expect('(');
    const test = this.#expressions.expression();
    this.#tokens.expectClosing();
    return test;
  }

  #if(): Statement {
    const tokens = this.#tokens;
    tokens.next();
    const test = this.#condition();
    tokens.skipNewlines();
    const yes = this.#statement();
    let ahead = 0;
    while (tokens.peek(ahead).kind === 'newline' || tokens.sees(';', ahead)) ahead++;
    if (!tokens.sees('else', ahead)) return { kind: 'if', test, yes, no: undefined };
    for (; ahead >= 0; ahead--) tokens.next();
    tokens.skipNewlines();
    return { kind: 'if', test, yes, no: this.#statement() };
  }

  #loopBody(): Statement {
    this.#tokens.skipNewlines();
    this.#loops++;
    const body = this.#statement();
    this.#loops--;
    return body;
  }

  #while(): Statement {
    this.#tokens.next();
    const test = this.#condition();
    return { kind: 'while', test, body: this.#loopBody() };
  }

  #do(): Statement {
    const tokens = this.#tokens;
    tokens.next();
    const body = this.#loopBody();
    while (tokens.peek().kind === 'newline' || tokens.sees(';')) tokens.next();
    tokens.expect('while');
    const test = this.#condition();
    this.#terminator();
    return { kind: 'do', body, test };
  }

  #for(): Statement {
    const tokens = this.#tokens;
    tokens.next();
    tokens.expect('(');
    const variable = tokens.peek();
    if (variable.kind === 'name' && tokens.sees('in', 1) && tokens.peek(2).kind === 'name' && tokens.sees(')', 3)) {
      tokens.next();
      tokens.next();
      const array = tokens.next().text;
      tokens.next();
      const target = { kind: 'name', name: variable.text, line: variable.line } as const;
      return { kind: 'for-in', variable: target, array, body: this.#loopBody(), line: variable.line };
    }
    const start = tokens.sees(';') ? undefined : this.#simple();
    tokens.expect(';');
    tokens.skipNewlines();
    const test = tokens.sees(';') ? undefined : this.#expressions.expression();
    tokens.expect(';');
    tokens.skipNewlines();
    const step = tokens.sees(')') || tokens.sees('}') ? undefined : this.#simple();
    tokens.expectClosing();
    return { kind: 'for', start, test, step, body: this.#loopBody() };
  }
}
