import { byteString, compareBytes } from '../tool/byte-string.ts';
import { compilePosix, isPosixError } from '../posix-regex.ts';
import type { Tool } from '../tool/tool.ts';

class ExprError extends Error {}

const INTEGER = /^-?\d+$/;

/** Evaluates the words of an `expr` command by descent through its five levels of operators. */
class Expression {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  value(): string {
    const value = this.#or();
    const rest = this.#words[this.#at];
    if (rest !== undefined) throw new ExprError(`syntax error: unexpected argument '${rest}'`);
    return value;
  }

  #takes(...operators: string[]): string | undefined {
    const word = this.#words[this.#at];
    if (word === undefined || !operators.includes(word)) return undefined;
    this.#at++;
    return word;
  }

  #or(): string {
    let left = this.#and();
    while (this.#takes('|')) {
      const right = this.#and();
      left = isTrue(left) ? left : isTrue(right) ? right : '0';
    }
    return left;
  }

  #and(): string {
    let left = this.#compare();
    while (this.#takes('&')) {
      const right = this.#compare();
      left = isTrue(left) && isTrue(right) ? left : '0';
    }
    return left;
  }

  #compare(): string {
    let left = this.#sum();
    for (;;) {
      const operator = this.#takes('<', '<=', '=', '==', '!=', '>=', '>');
      if (!operator) return left;
      const right = this.#sum();
      const order =
        INTEGER.test(left) && INTEGER.test(right) ? sign(BigInt(left) - BigInt(right)) : compareBytes(byteString(left), byteString(right));
      const result = {
        '<': order < 0,
        '<=': order <= 0,
        '=': order === 0,
        '==': order === 0,
        '!=': order !== 0,
        '>=': order >= 0,
        '>': order > 0,
      }[operator];
      left = result ? '1' : '0';
    }
  }

  #sum(): string {
    let left = this.#product();
    for (;;) {
      const operator = this.#takes('+', '-');
      if (!operator) return left;
      const [a, b] = integers(left, this.#product());
      left = String(operator === '+' ? a + b : a - b);
    }
  }

  #product(): string {
    let left = this.#match();
    for (;;) {
      const operator = this.#takes('*', '/', '%');
      if (!operator) return left;
      const [a, b] = integers(left, this.#match());
      if (operator !== '*' && b === 0n) throw new ExprError('division by zero');
      left = String(operator === '*' ? a * b : operator === '/' ? a / b : a % b);
    }
  }

  #match(): string {
    let left = this.#primary();
    while (this.#takes(':')) left = matched(left, this.#primary());
    return left;
  }

  #primary(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new ExprError(`syntax error: missing argument after '${this.#words[this.#at - 2] ?? ''}'`);
    if (word === '(') {
      const value = this.#or();
      if (!this.#takes(')')) {
        const found = this.#words[this.#at];
        throw new ExprError(
          found === undefined
            ? `syntax error: expecting ')' after '${this.#words[this.#at - 1]}'`
            : `syntax error: expecting ')' instead of '${found}'`,
        );
      }
      return value;
    }
    if (word === ')') throw new ExprError("syntax error: unexpected ')'");
    if (word === '+' && this.#at < this.#words.length) return this.#words[this.#at++] as string;
    if (word === 'length') return String([...this.#primary()].length);
    if (word === 'match') return matched(this.#primary(), this.#primary());
    if (word === 'index') {
      const [text, set] = [[...this.#primary()], new Set(this.#primary())];
      return String(text.findIndex((char) => set.has(char)) + 1);
    }
    if (word === 'substr') {
      const [text, from, count] = [[...this.#primary()], this.#primary(), this.#primary()];
      if (!INTEGER.test(from) || !INTEGER.test(count) || Number(from) < 1 || Number(count) < 1) return '';
      return text.slice(Number(from) - 1, Number(from) - 1 + Number(count)).join('');
    }
    return word;
  }
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

function isTrue(value: string): boolean {
  return value !== '' && !/^-?0+$/.test(value);
}

function integers(left: string, right: string): [bigint, bigint] {
  if (!INTEGER.test(left) || !INTEGER.test(right)) throw new ExprError('non-integer argument');
  return [BigInt(left), BigInt(right)];
}

/** `TEXT : REGEX`, anchored at the beginning: the group's text if there is one, else the number of characters matched. */
function matched(text: string, pattern: string): string {
  const compiled = compilePosix(pattern, { extended: false });
  if (isPosixError(compiled)) throw new ExprError(compiled.error);
  const grouped = /\\\(/.test(pattern.replace(/\\\\/g, ''));
  const match = new RegExp(`^(?:${compiled.source})`, compiled.flags).exec(text);
  if (grouped) return match?.[1] ?? '';
  return match ? String([...match[0]].length) : '0';
}

export const expr: Tool = {
  name: 'expr',
  suite: 'GNU coreutils',
  usage: ['EXPRESSION', 'OPTION'],
  about:
    'Print the value of an expression: | & < <= = != >= > + - * / % TEXT:REGEX match substr index length ( ). Status 1 if it is empty or 0.',
  options: [],
  usageStatus: 2,
  verbatim: true,
  *main(call) {
    const [first] = call.operands;
    if (call.operands.length === 1 && (first === '--help' || first === '--version')) {
      yield* call.out.text(first === '--help' ? call.dialect.help(call.tool, call.name) : call.dialect.version(call.tool));
      return 0;
    }
    const words = first === '--' ? call.operands.slice(1) : call.operands;
    if (words.length === 0) return yield* call.busybox ? call.fail('too few arguments', 2) : call.missingOperand();
    try {
      const value = new Expression(words).value();
      yield* call.out.text(`${value}\n`);
      return isTrue(value) ? 0 : 1;
    } catch (error) {
      if (!(error instanceof ExprError)) throw error;
      return yield* call.fail(call.busybox && error.message.startsWith('syntax error') ? 'syntax error' : error.message, 2);
    }
  },
};
