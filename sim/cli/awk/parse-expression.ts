import type { BinaryOperator, Comparison, Expression, Lvalue } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

/** Where an expression stands changes what it may contain: `>` in print is a redirection, `in` in a for header is not an operator. */
export interface Place {
  noGreater: boolean;
  noIn: boolean;
}

export const ANYWHERE: Place = { noGreater: false, noIn: false };

const ASSIGNMENTS: Record<string, BinaryOperator | '='> = {
  '=': '=',
  '+=': '+',
  '-=': '-',
  '*=': '*',
  '/=': '/',
  '%=': '%',
  '^=': '^',
  '**=': '^',
};

/** Nesting deeper than this is refused, so that no program text exhausts the stack. */
const MAX_DEPTH = 400;

/** The expressions of awk by precedence, lowest first (POSIX awk, "Expressions in Decreasing Precedence", bottom up). */
export class ExpressionParser {
  readonly tokens: TokenStream;
  #depth = 0;

  constructor(tokens: TokenStream) {
    this.tokens = tokens;
  }

  expression(place: Place = ANYWHERE): Expression {
    if (++this.#depth > MAX_DEPTH) this.tokens.failWith('expression too deeply nested');
    const result = this.#conditional(place);
    this.#depth--;
    return result;
  }

  /** Expressions separated by commas, up to what can't continue the list. */
  list(place: Place): Expression[] {
    const members = [this.expression(place)];
    while (this.tokens.takes(',')) {
      this.tokens.skipNewlines();
      members.push(this.expression(place));
    }
    return members;
  }

  #conditional(place: Place): Expression {
    const test = this.#or(place);
    if (!this.tokens.takes('?')) return test;
    this.tokens.skipNewlines();
    const yes = this.expression(place);
    this.tokens.skipNewlines();
    this.tokens.expect(':');
    this.tokens.skipNewlines();
    return { kind: 'conditional', test, yes, no: this.expression(place) };
  }

  #or(place: Place): Expression {
    let left = this.#and(place);
    while (this.tokens.takes('||')) {
      this.tokens.skipNewlines();
      left = { kind: 'or', left, right: this.#and(place) };
    }
    return left;
  }

  #and(place: Place): Expression {
    let left = this.#membership(place);
    while (this.tokens.takes('&&')) {
      this.tokens.skipNewlines();
      left = { kind: 'and', left, right: this.#membership(place) };
    }
    return left;
  }

  #membership(place: Place): Expression {
    let left = this.#match(place);
    while (!place.noIn && this.tokens.sees('in')) {
      const { line } = this.tokens.next();
      const subscripts = left.kind === 'group' ? left.members : [left];
      left = { kind: 'in', subscripts, array: this.#name(), line };
    }
    return left;
  }

  #match(place: Place): Expression {
    let left = this.#comparison(place);
    while (this.tokens.sees('~') || this.tokens.sees('!~')) {
      const negated = this.tokens.next().text === '!~';
      left = { kind: 'match', negated, left, right: this.#comparison(place) };
    }
    return left;
  }

  #comparison(place: Place): Expression {
    let left = this.concatenation(place);
    for (;;) {
      const token = this.tokens.peek();
      if (token.kind !== 'operator' || !['<', '<=', '==', '!=', '>', '>='].includes(token.text)) return left;
      if (token.text === '>' && place.noGreater) return left;
      this.tokens.next();
      left = { kind: 'compare', operator: token.text as Comparison, left, right: this.concatenation(place) };
    }
  }

  concatenation(place: Place): Expression {
    const first = this.#additive(place);
    const parts = [first];
    while (this.#startsOperand(place)) parts.push(this.#additive(place));
    return parts.length === 1 ? first : { kind: 'concat', parts };
  }

  #startsOperand(place: Place): boolean {
    const { kind, text } = this.tokens.peek();
    if (kind === 'number' || kind === 'string' || kind === 'regex' || kind === 'name' || kind === 'call' || kind === 'builtin') return true;
    if (kind === 'keyword') return text === 'getline' && !place.noIn;
    return kind === 'operator' && ['$', '!', '(', '-', '+', '++', '--'].includes(text);
  }

  #additive(place: Place): Expression {
    let left = this.#term(place);
    while (this.tokens.sees('+') || this.tokens.sees('-')) {
      const operator = this.tokens.next().text as BinaryOperator;
      left = { kind: 'binary', operator, left, right: this.#term(place) };
    }
    return left;
  }

  #term(place: Place): Expression {
    let left = this.#unary(place);
    while (this.tokens.sees('*') || this.tokens.sees('/') || this.tokens.sees('%')) {
      const operator = this.tokens.next().text as BinaryOperator;
      left = { kind: 'binary', operator, left, right: this.#unary(place) };
    }
    return left;
  }

  #unary(place: Place): Expression {
    if (++this.#depth > MAX_DEPTH) this.tokens.failWith('expression too deeply nested');
    const result = this.#signed(place);
    this.#depth--;
    return result;
  }

  #signed(place: Place): Expression {
    if (this.tokens.takes('!')) return { kind: 'not', operand: this.#unary(place) };
    if (this.tokens.takes('-')) return { kind: 'minus', operand: this.#unary(place) };
    if (this.tokens.takes('+')) return { kind: 'plus', operand: this.#unary(place) };
    return this.#power(place);
  }

  #power(place: Place): Expression {
    const base = this.#postfix(place);
    if (!this.tokens.sees('^') && !this.tokens.sees('**')) return base;
    this.tokens.next();
    // Right-associative; the exponent may have a sign.
    return { kind: 'binary', operator: '^', left: base, right: this.#unary(place) };
  }

  #postfix(place: Place): Expression {
    let operand = this.#stepped(place);
    while (this.tokens.sees('|') && this.tokens.sees('getline', 1)) {
      this.tokens.next();
      this.tokens.next();
      operand = { kind: 'getline', source: 'command', from: operand, target: this.#optionalLvalue() };
    }
    return operand;
  }

  #stepped(place: Place): Expression {
    if (this.tokens.sees('++') || this.tokens.sees('--')) {
      const by = this.tokens.next().text === '++' ? 1 : -1;
      const target = this.#primary(place);
      if (!isLvalue(target)) return this.tokens.fail();
      return { kind: 'step', target, by, prefix: true };
    }
    const operand = this.#primary(place);
    if (!isLvalue(operand)) return operand;
    if (this.tokens.sees('++') || this.tokens.sees('--')) {
      return { kind: 'step', target: operand, by: this.tokens.next().text === '++' ? 1 : -1, prefix: false };
    }
    const token = this.tokens.peek();
    const operator = token.kind === 'operator' && Object.hasOwn(ASSIGNMENTS, token.text) ? ASSIGNMENTS[token.text] : undefined;
    if (!operator) return operand;
    this.tokens.next();
    this.tokens.skipNewlines();
    return { kind: 'assign', target: operand, operator: operator === '=' ? undefined : operator, value: this.expression(place) };
  }

  #primary(place: Place): Expression {
    const token = this.tokens.next();
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text) };
      case 'string':
        return { kind: 'string', value: token.value };
      case 'regex':
        return { kind: 'regex', source: token.value, line: token.line };
      case 'name':
        return this.#nameOrElement(token.text, token.line);
      case 'call':
        this.tokens.expect('(');
        return { kind: 'call', name: token.text, args: this.#arguments(), line: token.line };
      case 'builtin':
        return this.#builtin(token.text, token.line);
      case 'keyword':
        if (token.text === 'getline') return this.#getline();
        break;
      case 'operator':
        if (token.text === '$') return { kind: 'field', index: this.#fieldIndex(place) };
        if (token.text === '(') return this.#parenthesised();
    }
    return this.#failAt(token.line, token.text);
  }

  #failAt(line: number, text: string): never {
    return this.tokens.failWith(`syntax error at or near ${text}`, line);
  }

  #nameOrElement(name: string, line: number): Lvalue {
    if (!this.tokens.takes('[')) return { kind: 'name', name, line };
    const subscripts = this.list(ANYWHERE);
    this.tokens.expect(']');
    return { kind: 'element', array: name, subscripts, line };
  }

  /** What follows `$`: a signed, stepped or plain operand, without assignment. */
  #fieldIndex(place: Place): Expression {
    if (this.tokens.takes('-')) return { kind: 'minus', operand: this.#fieldIndex(place) };
    if (this.tokens.takes('+')) return { kind: 'plus', operand: this.#fieldIndex(place) };
    if (this.tokens.takes('!')) return { kind: 'not', operand: this.#fieldIndex(place) };
    if (this.tokens.sees('++') || this.tokens.sees('--')) return this.#stepped(place);
    return this.#primary(place);
  }

  #parenthesised(): Expression {
    const members = this.list(ANYWHERE);
    this.tokens.expectClosing();
    if (members.length > 1) return { kind: 'group', members };
    return members[0] as Expression;
  }

  #arguments(): Expression[] {
    this.tokens.skipNewlines();
    if (this.tokens.takes(')')) return [];
    const args = this.list(ANYWHERE);
    this.tokens.skipNewlines();
    this.tokens.expect(')');
    return args;
  }

  #builtin(name: string, line: number): Expression {
    if (this.tokens.takes('(')) return { kind: 'builtin', name, args: this.#arguments(), line };
    if (name !== 'length') this.tokens.fail();
    return { kind: 'builtin', name, args: [], line };
  }

  #getline(): Expression {
    const target = this.#optionalLvalue();
    if (!this.tokens.takes('<')) return { kind: 'getline', source: 'main', from: undefined, target };
    return { kind: 'getline', source: 'file', from: this.#fieldIndex(ANYWHERE), target };
  }

  #optionalLvalue(): Lvalue | undefined {
    const { kind } = this.tokens.peek();
    if (kind !== 'name' && !this.tokens.sees('$')) return undefined;
    const target = this.#primary(ANYWHERE);
    return isLvalue(target) ? target : this.tokens.fail();
  }

  #name(): string {
    const token = this.tokens.next();
    return token.kind === 'name' ? token.text : this.#failAt(token.line, token.text);
  }
}

export function isLvalue(expression: Expression): expression is Lvalue {
  return expression.kind === 'name' || expression.kind === 'element' || expression.kind === 'field';
}
