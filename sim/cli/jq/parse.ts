import { numberValue } from './json-parser.ts';
import { LEVELS, operation } from './operators.ts';
import { stringText } from './string-text.ts';
import { type Token, tokenize, tokenName } from './lexer.ts';
import type { Value } from './value.ts';
import { CompileError, type Definition, type Node, type Pattern } from './syntax.ts';

const MAX_DEPTH = 250;

/** Parses a program. @throws CompileError at the first mistake */
export function parseProgram(program: string): Node {
  const parser = new Parser(program);
  return parser.program();
}

/** Parses definitions only, as the prelude has them. */
export function parseDefinitions(text: string): Definition[] {
  return new Parser(text).definitions();
}

class Parser {
  readonly #program: string;
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(program: string) {
    this.#program = program;
    this.#tokens = tokenize(program);
  }

  program(): Node {
    if (this.#peek().kind === 'end') throw new CompileError('Top-level program not given (try ".")', undefined);
    // A file may consist of definitions only.
    const body = this.#pipe(true);
    if (this.#peek().kind !== 'end') this.#fail('end of file');
    return body;
  }

  definitions(): Definition[] {
    const definitions: Definition[] = [];
    while (this.#sees('def')) definitions.push(this.#definition());
    if (this.#peek().kind !== 'end') this.#fail('end of file');
    return definitions;
  }

  // ---- tokens ---------------------------------------------------------------------------------------------------------

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  #sees(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return (token.kind === 'operator' || token.kind === 'keyword') && token.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#next();
    return true;
  }

  /** @param expecting what bison would list */
  #expect(text: string, expecting: string): void {
    if (!this.#takes(text)) this.#fail(expecting);
  }

  #fail(expecting?: string): never {
    const token = this.#peek();
    throw new CompileError(`syntax error, unexpected ${tokenName(token)}${expecting ? `, expecting ${expecting}` : ''}`, token);
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new CompileError('too many nested expressions', this.#peek());
    const result = parse();
    this.#depth--;
    return result;
  }

  // ---- expressions ----------------------------------------------------------------------------------------------------

  #pipe(top = false): Node {
    return this.#deeper(() => {
      if (this.#sees('def')) {
        const definition = this.#definition();
        const alone = top && this.#peek().kind === 'end';
        return { kind: 'define', definition, body: alone ? { kind: 'identity' } : this.#pipe(top) };
      }
      const left = this.#comma();
      return this.#takes('|') ? { kind: 'pipe', left, right: this.#pipe() } : left;
    });
  }

  #comma(): Node {
    let left = this.#binary(0, top(this.#at));
    while (this.#takes(',')) left = { kind: 'comma', left, right: this.#binary(0, false) };
    return left;
  }

  #binary(level: number, first: boolean): Node {
    const { operators, grouping } = LEVELS[level] ?? { operators: [], grouping: 'left' };
    if (operators.length === 0) return this.#unary(first);
    let left = this.#binary(level + 1, first);
    for (let count = 0; ; count++) {
      const token = this.#peek();
      const operator = (token.kind === 'operator' || token.kind === 'keyword') && operators.includes(token.text) ? token.text : undefined;
      if (operator === undefined) return left;
      if (grouping === 'none' && count > 0) this.#fail();
      this.#next();
      const right = this.#binary(grouping === 'right' ? level : level + 1, false);
      left = operation(operator, left, right);
    }
  }

  #unary(first: boolean): Node {
    if (this.#takes('-')) return { kind: 'negate', operand: this.#deeper(() => this.#unary(first)) };
    if (this.#sees('def')) return this.#pipe();
    if (this.#takes('label')) {
      const name = this.#binding();
      this.#expect('|', "'|'");
      return { kind: 'label', name, body: this.#pipe() };
    }
    const term = this.#postfix(first);
    if (!this.#takes('as')) return term;
    const patterns = this.#patterns();
    this.#expect('|', "?// or '|'");
    return { kind: 'as', source: term, patterns, body: this.#pipe() };
  }

  #postfix(first = false): Node {
    return this.#deeper(() => {
      const parenthesised = this.#sees('(');
      return this.#suffixes(this.#term(first), parenthesised);
    });
  }

  #suffixes(start: Node, parenthesised: boolean): Node {
    let term = start;
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'field') {
        this.#next();
        term = { kind: 'index', target: term, key: { kind: 'literal', value: token.text } };
      } else if (this.#sees('.') && this.#peek(1).kind === 'string-start') {
        this.#next();
        term = { kind: 'index', target: term, key: this.#string('text') };
      } else if (this.#sees('.') && this.#sees('[', 1)) {
        this.#next();
        this.#next();
        term = this.#bracket(term);
      } else if (this.#takes('[')) term = this.#bracket(term);
      else if (this.#takes('?')) term = parenthesised && term === start ? { kind: 'try', body: term, handler: undefined } : optional(term);
      else return term;
    }
  }

  /** After `[`: nothing, an index or a slice. */
  #bracket(target: Node): Node {
    if (this.#takes(']')) return { kind: 'iterate', target };
    if (this.#takes(':')) {
      const to = this.#pipe();
      this.#expect(']', "'|' or ',' or ']'");
      return { kind: 'slice', target, from: undefined, to };
    }
    const key = this.#pipe();
    if (this.#takes(':')) {
      const to = this.#sees(']') ? undefined : this.#pipe();
      this.#expect(']', "'|' or ',' or ']'");
      return { kind: 'slice', target, from: key, to };
    }
    this.#expect(']', "'|' or ',' or ':' or ']'");
    return { kind: 'index', target, key };
  }

  #term(first: boolean): Node {
    const token = this.#peek();
    switch (token.kind) {
      case 'number':
        this.#next();
        return { kind: 'literal', value: numberValue(token.text) ?? null };
      case 'string-start':
        return this.#string('text');
      case 'format': {
        this.#next();
        const name = token.text.slice(1);
        return this.#peek().kind === 'string-start' ? this.#string(name) : { kind: 'format', name };
      }
      case 'field':
        this.#next();
        return { kind: 'index', target: { kind: 'identity' }, key: { kind: 'literal', value: token.text } };
      case 'binding':
        this.#next();
        return token.text === '__loc__' ? this.#location(token) : { kind: 'variable', name: token.text, span: token };
      case 'ident':
        return this.#call();
      case 'keyword':
        return this.#keywordTerm(first);
      case 'operator':
        return this.#operatorTerm(first);
      default:
        return this.#fail(first ? 'end of file' : undefined);
    }
  }

  /** `$__loc__`: the file and the line where it stands. */
  #location(token: Token): Node {
    const line = this.#program.slice(0, token.start).split('\n').length;
    const value = new Map<string, Value>([
      ['file', '<top-level>'],
      ['line', line],
    ]);
    return { kind: 'literal', value };
  }

  #call(): Node {
    const token = this.#next();
    if (token.text === 'break') return { kind: 'break', name: this.#binding(), span: { start: token.start, end: this.#peek(-1).end } };
    const args: Node[] = [];
    let { end } = token;
    if (this.#takes('(')) {
      do args.push(this.#pipe());
      while (this.#takes(';'));
      end = token.end;
      this.#expect(')', "'|' or ',' or ';' or ')'");
    }
    return { kind: 'call', name: token.text, args, span: { start: token.start, end } };
  }

  #operatorTerm(first: boolean): Node {
    if (this.#takes('.')) {
      if (this.#peek().kind === 'string-start') return { kind: 'index', target: { kind: 'identity' }, key: this.#string('text') };
      return { kind: 'identity' };
    }
    if (this.#takes('..')) return { kind: 'call', name: 'recurse', args: [], span: this.#peek() };
    if (this.#takes('(')) {
      const inside = this.#pipe();
      this.#expect(')', "'|' or ',' or ')'");
      return inside;
    }
    if (this.#takes('[')) {
      if (this.#takes(']')) return { kind: 'array', body: undefined };
      const body = this.#pipe();
      this.#expect(']', "'|' or ',' or ']'");
      return { kind: 'array', body };
    }
    if (this.#takes('{')) return this.#object();
    return this.#fail(first ? 'end of file' : undefined);
  }

  #keywordTerm(first: boolean): Node {
    if (this.#takes('if')) return this.#if();
    if (this.#takes('try')) {
      const body = this.#postfix();
      return {
        kind: 'try',
        body,
        handler: this.#takes('catch') ? this.#postfix() : { kind: 'call', name: 'empty', args: [], span: this.#peek() },
      };
    }
    if (this.#takes('reduce')) {
      const { source, patterns } = this.#loopHead();
      const start = this.#pipe();
      this.#expect(';', "'|' or ',' or ';'");
      const update = this.#pipe();
      this.#expect(')', "'|' or ',' or ')'");
      return { kind: 'reduce', source, patterns, start, update };
    }
    if (this.#takes('foreach')) {
      const { source, patterns } = this.#loopHead();
      const start = this.#pipe();
      this.#expect(';', "'|' or ',' or ';'");
      const update = this.#pipe();
      const extract = this.#takes(';') ? this.#pipe() : undefined;
      this.#expect(')', extract ? "'|' or ',' or ')'" : "'|' or ',' or ';' or ')'");
      return { kind: 'foreach', source, patterns, start, update, extract };
    }
    if (this.#sees('import') || this.#sees('include')) throw new CompileError('modules (import, include) are not modelled', this.#peek());
    return this.#fail(first ? 'end of file' : undefined);
  }

  #loopHead(): { source: Node; patterns: Pattern[] } {
    const source = this.#postfix();
    this.#expect('as', 'as');
    const patterns = this.#patterns();
    this.#expect('(', "'('");
    return { source, patterns };
  }

  #if(): Node {
    const test = this.#pipe();
    this.#expect('then', "then or '|' or ','");
    const yes = this.#pipe();
    if (this.#takes('elif')) return { kind: 'if', test, yes, no: this.#if() };
    const no = this.#takes('else') ? this.#pipe() : undefined;
    if (!this.#takes('end')) this.#fail(this.#peek().kind === 'end' ? undefined : no ? "end or '|' or ','" : "elif or else or end or '|'");
    return { kind: 'if', test, yes, no };
  }

  #binding(): string {
    if (this.#peek().kind !== 'binding') this.#fail('BINDING');
    return this.#next().text;
  }

  // ---- strings --------------------------------------------------------------------------------------------------------

  #string(format: string): Node {
    this.#next();
    const parts: (string | Node)[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'string-text') {
        this.#next();
        parts.push(stringText(token));
      } else if (token.kind === 'interpolation-start') {
        this.#next();
        parts.push(this.#pipe());
        if (this.#peek().kind !== 'interpolation-end') this.#fail("QQSTRING_INTERP_END or '|' or ','");
        this.#next();
      } else if (token.kind === 'string-end') {
        this.#next();
        break;
      } else this.#fail('QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END');
    }
    if (parts.every((part) => typeof part === 'string')) return { kind: 'literal', value: parts.join('') };
    return { kind: 'string', parts, format };
  }

  // ---- objects and patterns -------------------------------------------------------------------------------------------

  #object(): Node {
    const entries: { key: Node; value: Node }[] = [];
    while (!this.#takes('}')) {
      if (this.#peek().kind === 'end') this.#fail();
      entries.push(this.#entry());
      if (!this.#takes(',') && !this.#sees('}')) this.#fail("'}'");
    }
    return { kind: 'object', entries };
  }

  #entry(): { key: Node; value: Node } {
    const token = this.#peek();
    const literal = (value: string): Node => ({ kind: 'literal', value });
    if (token.kind === 'binding') {
      this.#next();
      const value: Node = token.text === '__loc__' ? this.#location(token) : { kind: 'variable', name: token.text, span: token };
      if (this.#takes(':')) return { key: value, value: this.#entryValue() };
      return { key: literal(token.text), value };
    }
    if (token.kind === 'ident' || token.kind === 'keyword') {
      this.#next();
      return this.#keyed(literal(token.text));
    }
    if (token.kind === 'number') {
      this.#next();
      const key: Node = { kind: 'literal', value: numberValue(token.text) ?? null };
      if (!this.#sees(':')) this.#fail("':'");
      return this.#keyed(key);
    }
    if (token.kind === 'string-start') return this.#keyed(this.#string('text'));
    if (token.kind === 'format' && this.#peek(1).kind === 'string-start') {
      this.#next();
      return this.#keyed(this.#string(token.text.slice(1)));
    }
    if (!this.#takes('(')) this.#fail();
    const key = this.#pipe();
    this.#expect(')', "'|' or ',' or ')'");
    this.#expect(':', "':'");
    if (key.kind === 'literal' && typeof key.value !== 'string') {
      throw new CompileError(`Cannot use number (${String(key.value)}) as object key`, { start: token.end, end: token.end + 1 });
    }
    return { key, value: this.#entryValue() };
  }

  /** `key: value`, or a key alone, which means the input's field of that name. */
  #keyed(key: Node): { key: Node; value: Node } {
    if (this.#takes(':')) return { key, value: this.#entryValue() };
    return { key, value: { kind: 'index', target: { kind: 'identity' }, key } };
  }

  /** A value without commas: operators and pipes are allowed. */
  #entryValue(): Node {
    const left = this.#binary(0, false);
    return this.#takes('|') ? { kind: 'pipe', left, right: this.#entryValue() } : left;
  }

  #patterns(): Pattern[] {
    const patterns = [this.#pattern()];
    while (this.#takes('?//')) patterns.push(this.#pattern());
    return patterns;
  }

  #pattern(): Pattern {
    return this.#deeper(() => {
      if (this.#peek().kind === 'binding') return { kind: 'variable', name: this.#next().text };
      if (this.#takes('[')) {
        const members = [this.#pattern()];
        while (this.#takes(',')) members.push(this.#pattern());
        this.#expect(']', "',' or ']'");
        return { kind: 'array', members };
      }
      if (!this.#takes('{')) this.#fail("BINDING or '[' or '{'");
      const members = [this.#objectMember()];
      while (this.#takes(',')) members.push(this.#objectMember());
      this.#expect('}', "',' or '}'");
      return { kind: 'object', members };
    });
  }

  #objectMember(): { key: Node; name: string | undefined; pattern: Pattern | undefined } {
    const token = this.#peek();
    if (token.kind === 'binding') {
      this.#next();
      const pattern = this.#takes(':') ? this.#pattern() : undefined;
      return { key: { kind: 'literal', value: token.text }, name: token.text, pattern };
    }
    let key: Node;
    if (token.kind === 'ident' || token.kind === 'keyword') key = { kind: 'literal', value: this.#next().text };
    else if (token.kind === 'string-start') key = this.#string('text');
    else {
      this.#expect('(', '');
      key = this.#pipe();
      this.#expect(')', "'|' or ',' or ')'");
    }
    this.#expect(':', "':'");
    return { key, name: undefined, pattern: this.#pattern() };
  }

  #definition(): Definition {
    this.#next();
    const name = this.#next();
    if (name.kind !== 'ident' && name.kind !== 'keyword') {
      this.#at--;
      this.#fail('IDENT');
    }
    const parameters: string[] = [];
    if (this.#takes('(')) {
      do {
        const token = this.#next();
        if (token.kind === 'binding') parameters.push(`$${token.text}`);
        else if (token.kind === 'ident' || token.kind === 'keyword') parameters.push(token.text);
        else {
          this.#at--;
          this.#fail();
        }
      } while (this.#takes(';'));
      this.#expect(')', "';' or ')'");
    }
    this.#expect(':', parameters.length > 0 ? "':'" : "'(' or ':'");
    const body = this.#pipe();
    this.#expect(';', "'|' or ',' or ';'");
    return { name: name.text, parameters, body };
  }
}

/** Whether an expression begins the program: then bison expects its end there. */
function top(at: number): boolean {
  return at === 0;
}

/** `term?`: a lookup becomes optional itself, anything else is tried as a whole. */
function optional(term: Node): Node {
  const lookup = term.kind === 'index' || term.kind === 'slice' || term.kind === 'iterate';
  return lookup && !term.optional ? { ...term, optional: true } : { kind: 'try', body: term, handler: undefined };
}
