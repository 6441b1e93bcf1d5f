/**
 * Shell arithmetic on 64-bit integers: C's operators with C's precedence, assignments, `base#digits`, array elements.
 * The text has been through parameter expansion already.
 *
 * @see bash expr.c
 */

/** What expressions read and write. */
export interface ArithmeticNames {
  /** The text of a variable (`subscript` as written); `undefined` when unset. */
  get(name: string, subscript: string | undefined): string | undefined;
  set(name: string, subscript: string | undefined, value: string): void;
  /** Whether an unset name is an error (`set -u`); throws bash's message. */
  unset(name: string): void;
}

/** bash's words behind `bash: line N: `: `1+: arithmetic syntax error: operand expected (error token is "+")`. */
export class ArithmeticError extends Error {}

const OPERATOR = /^(?:<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:,()])/;
const ASSIGNMENT = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '|=', '^=']);
const BINARY: Record<string, number> = {
  '||': 3,
  '&&': 4,
  '|': 5,
  '^': 6,
  '&': 7,
  '==': 8,
  '!=': 8,
  '<': 9,
  '>': 9,
  '<=': 9,
  '>=': 9,
  '<<': 10,
  '>>': 10,
  '+': 11,
  '-': 11,
  '*': 12,
  '/': 12,
  '%': 12,
  '**': 13,
};
/** Names in values are evaluated in turn (`x=y y=3`), this deep. */
const MAX_DEPTH = 200;

/** Computes an expression; empty text is 0. Throws ArithmeticError. */
export function evaluateArithmetic(text: string, names: ArithmeticNames, depth = 0): bigint {
  if (depth > MAX_DEPTH) throw new ArithmeticError(`${text.trim()}: expression recursion level exceeded (error token is "${text.trim()}")`);
  if (/^\s*[1-9]\d{0,17}\s*$/.test(text)) return BigInt(text.trim());
  return new Expression(text, names, depth).value();
}

interface Reference {
  name: string;
  subscript: string | undefined;
}

/** A value, and where it came from when it can be assigned to. */
interface Operand {
  value: bigint;
  reference?: Reference;
}

class Expression {
  readonly #text: string;
  readonly #names: ArithmeticNames;
  readonly #depth: number;
  #at = 0;
  #nesting = 0;
  /** Positive while a branch is read but not computed (`0 && x++`). */
  #skipping = 0;

  constructor(text: string, names: ArithmeticNames, depth: number) {
    this.#text = text;
    this.#names = names;
    this.#depth = depth;
  }

  value(): bigint {
    this.#blanks();
    if (this.#at >= this.#text.length) return 0n;
    const result = this.#comma();
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#unexpectedRest();
    return result;
  }

  #unexpectedRest(): ArithmeticError {
    const rest = this.#text.slice(this.#at);
    if (/^[\w"'([{]/.test(rest) || OPERATOR.test(rest)) {
      if (OPERATOR.exec(rest)?.[0]?.match(/^(?:=|[-+*/%&|^<>]+=)$/)) return this.#error('attempted assignment to non-variable', rest);
      return this.#error('arithmetic syntax error in expression', rest);
    }
    return this.#error('arithmetic syntax error: invalid arithmetic operator', rest);
  }

  #error(what: string, token: string): ArithmeticError {
    return new ArithmeticError(`${this.#text.trimStart()}: ${what} (error token is "${token}")`);
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #peek(): string {
    this.#blanks();
    return OPERATOR.exec(this.#text.slice(this.#at, this.#at + 3))?.[0] ?? '';
  }

  #accept(operator: string): boolean {
    if (this.#peek() !== operator) return false;
    this.#at += operator.length;
    return true;
  }

  #comma(): bigint {
    let value = this.#assignment().value;
    while (this.#accept(',')) value = this.#assignment().value;
    return value;
  }

  #assignment(): Operand {
    if (++this.#nesting > 1_000) throw this.#error('expression too deeply nested', this.#text.slice(this.#at, this.#at + 10));
    const left = this.#ternary();
    const operator = this.#peek();
    let result = left;
    if (ASSIGNMENT.has(operator)) {
      if (!left.reference) throw this.#error('attempted assignment to non-variable', this.#text.slice(this.#at));
      this.#at += operator.length;
      const right = this.#assignment().value;
      const value = operator === '=' ? right : this.#compute(operator.slice(0, -1), left.value, right, this.#at);
      this.#store(left.reference, value);
      result = { value };
    }
    this.#nesting--;
    return result;
  }

  #store(reference: Reference, value: bigint): void {
    if (this.#skipping === 0) this.#names.set(reference.name, reference.subscript, String(value));
  }

  #ternary(): Operand {
    const test = this.#binary(3);
    if (!this.#accept('?')) return test;
    const yes = this.#branch(test.value === 0n, () => this.#comma());
    if (!this.#accept(':')) throw this.#error("`:' expected for conditional expression", this.#text.slice(this.#at) || this.#lastToken());
    const no = this.#branch(test.value !== 0n, () => this.#assignment().value);
    return { value: test.value !== 0n ? yes : no };
  }

  #branch(skip: boolean, read: () => bigint): bigint {
    if (skip) this.#skipping++;
    const value = read();
    if (skip) this.#skipping--;
    return value;
  }

  #binary(least: number): Operand {
    let left = this.#unary();
    for (;;) {
      const operator = this.#peek();
      const precedence = BINARY[operator];
      if (precedence === undefined || precedence < least) return left;
      this.#at += operator.length;
      this.#blanks();
      const rightAt = this.#at;
      // ** binds to the right.
      const next = operator === '**' ? precedence : precedence + 1;
      if (operator === '&&' || operator === '||') {
        const skip = operator === '&&' ? left.value === 0n : left.value !== 0n;
        const right = this.#branch(skip, () => this.#binary(next).value);
        const truth = operator === '&&' ? left.value !== 0n && right !== 0n : left.value !== 0n || right !== 0n;
        left = { value: truth ? 1n : 0n };
      } else left = { value: this.#compute(operator, left.value, this.#binary(next).value, rightAt) };
    }
  }

  #compute(operator: string, a: bigint, b: bigint, rightAt: number): bigint {
    const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
    const truth = (value: boolean): bigint => (value ? 1n : 0n);
    switch (operator) {
      case '+':
        return wrap(a + b);
      case '-':
        return wrap(a - b);
      case '*':
        return wrap(a * b);
      case '/':
      case '%':
        if (b === 0n) {
          if (this.#skipping > 0) return 0n;
          throw this.#error('division by 0', this.#text.slice(rightAt));
        }
        return wrap(operator === '/' ? a / b : a % b);
      case '**':
        if (b < 0n) throw this.#error('exponent less than 0', this.#text.slice(rightAt));
        return power(a, b);
      case '<<':
        return wrap(a << (b & 63n));
      case '>>':
        return a >> (b & 63n);
      case '&':
        return a & b;
      case '|':
        return a | b;
      case '^':
        return a ^ b;
      case '==':
        return truth(a === b);
      case '!=':
        return truth(a !== b);
      case '<':
        return truth(a < b);
      case '>':
        return truth(a > b);
      case '<=':
        return truth(a <= b);
      default:
        return truth(a >= b);
    }
  }

  #unary(): Operand {
    if (++this.#nesting > 1_000) throw this.#error('expression too deeply nested', this.#text.slice(this.#at, this.#at + 10));
    const result = this.#unaryOperand();
    this.#nesting--;
    return result;
  }

  #unaryOperand(): Operand {
    const operator = this.#peek();
    if (operator === '++' || operator === '--') {
      const after = this.#text.slice(this.#at + 2).trimStart();
      if (/^[A-Za-z_]/.test(after)) {
        this.#at += 2;
        const operand = this.#postfix();
        if (!operand.reference) return operand;
        const value = BigInt.asIntN(64, operand.value + (operator === '++' ? 1n : -1n));
        this.#store(operand.reference, value);
        return { value };
      }
      this.#at += 1;
      const value = this.#unary().value;
      return { value: operator === '++' ? value : BigInt.asIntN(64, -value) };
    }
    if (operator === '+' || operator === '-' || operator === '!' || operator === '~') {
      this.#at++;
      const value = this.#unary().value;
      if (operator === '+') return { value };
      if (operator === '!') return { value: value === 0n ? 1n : 0n };
      return { value: BigInt.asIntN(64, operator === '-' ? -value : ~value) };
    }
    return this.#postfix();
  }

  #postfix(): Operand {
    const operand = this.#primary();
    const operator = this.#peek();
    if (!operand.reference || (operator !== '++' && operator !== '--')) return operand;
    this.#at += 2;
    this.#store(operand.reference, BigInt.asIntN(64, operand.value + (operator === '++' ? 1n : -1n)));
    return { value: operand.value };
  }

  #lastToken(): string {
    return /\S+\s*$/.exec(this.#text)?.[0] ?? '';
  }

  #primary(): Operand {
    this.#blanks();
    if (this.#accept('(')) {
      const value = this.#comma();
      if (!this.#accept(')')) throw this.#error("missing `)'", this.#text.slice(this.#at) || this.#lastToken());
      return { value };
    }
    const rest = this.#text.slice(this.#at);
    const number = /^[0-9][0-9a-zA-Z@_#]*/.exec(rest)?.[0];
    if (number) {
      this.#at += number.length;
      return { value: this.#number(number, rest) };
    }
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
    if (name) return this.#variable(name);
    const token = rest.trimEnd() === '' ? this.#errorOperator() : rest;
    throw this.#error('arithmetic syntax error: operand expected', token);
  }

  /** At the end of the text the message names the last operator. */
  #errorOperator(): string {
    return /(?:\*\*|\+\+|--|<<|>>|&&|\|\||[-+*/%&|^<>=!]=|\S)\s*$/.exec(this.#text)?.[0] ?? '';
  }

  #variable(name: string): Operand {
    this.#at += name.length;
    let subscript: string | undefined;
    if (this.#text[this.#at] === '[') {
      const close = closing(this.#text, this.#at);
      if (close === undefined) throw this.#error('bad array subscript', this.#text.slice(this.#at - name.length));
      subscript = this.#text.slice(this.#at + 1, close);
      this.#at = close + 1;
    }
    const reference = { name, subscript };
    if (this.#skipping > 0) return { value: 0n, reference };
    // An assignment does not read its left side.
    const next = this.#peek();
    if (next === '=') return { value: 0n, reference };
    const text = this.#names.get(name, subscript);
    if (text === undefined) this.#names.unset(name);
    return { value: text === undefined || text === '' ? 0n : evaluateArithmetic(text, this.#names, this.#depth + 1), reference };
  }

  #number(text: string, rest: string): bigint {
    const based = /^(\d+)#([0-9a-zA-Z@_]+)$/.exec(text);
    if (based) return this.#based(Number(based[1]), based[2] as string, text);
    if (/^0[xX][0-9a-fA-F]+$/.test(text)) return BigInt.asIntN(64, BigInt(text));
    if (/^0[xX]$/.test(text)) return 0n;
    if (/^0[0-7]*$/.test(text)) return BigInt.asIntN(64, BigInt(`0o${text.slice(1) || '0'}`));
    if (/^[0-9]+$/.test(text)) {
      if (text.startsWith('0')) throw this.#error('value too great for base', text);
      return BigInt.asIntN(64, BigInt(text));
    }
    if (text.includes('#')) throw this.#error('invalid integer constant', text);
    throw this.#error('value too great for base', rest);
  }

  #based(base: number, digits: string, whole: string): bigint {
    if (base < 2 || base > 64) throw this.#error('invalid arithmetic base', whole);
    let value = 0n;
    for (const digit of digits) {
      const worth = digitValue(digit, base);
      if (worth >= base) throw this.#error('value too great for base', whole);
      value = value * BigInt(base) + BigInt(worth);
    }
    return BigInt.asIntN(64, value);
  }
}

function digitValue(digit: string, base: number): number {
  if (/[0-9]/.test(digit)) return Number(digit);
  if (/[a-z]/.test(digit)) return digit.charCodeAt(0) - 97 + 10;
  if (/[A-Z]/.test(digit)) return digit.charCodeAt(0) - 65 + (base <= 36 ? 10 : 36);
  return digit === '@' ? 62 : 63;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

function closing(text: string, open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '[') depth++;
    else if (text[i] === ']' && --depth === 0) return i;
  }
  return undefined;
}
