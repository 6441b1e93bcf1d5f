import type { Errno } from '../../base/errno.ts';
import { Directory, type Inode, NamespaceFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import { terminalOf } from '../../host/tty.ts';

/** What an expression may ask about besides files. */
export interface TestContext {
  process: Process;
  /** `-v NAME` */
  isSet?: (name: string) => boolean;
  /** `-o NAME` */
  option?: (name: string) => boolean;
  /** `-R NAME` */
  isReference?: (name: string) => boolean;
}

/** The value of a test, or why it has none; errors are without the command's name in front. */
export type TestResult = { value: boolean } | { error: string };

/** Whose words errors are in: the shell's builtin or /usr/bin/test. */
export type TestWording = 'bash' | 'coreutils';

const UNARY = new Set([...'abcdefghknoprstuvwxzGLNORS'].map((letter) => `-${letter}`));
const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

class TestError extends Error {}

/**
 * test(1): the number of arguments decides how they are read (POSIX, bash test.c `posixtest`).
 *
 * @param args the arguments without the command's name, and without the closing bracket of `[`
 */
export function evaluateTest(args: readonly string[], context: TestContext, wording: TestWording = 'bash'): TestResult {
  try {
    return { value: new Evaluation(args, context, wording).value() };
  } catch (error) {
    if (error instanceof TestError) return { error: error.message };
    if (error instanceof RangeError) return { error: 'too many arguments' };
    throw error;
  }
}

class Evaluation {
  readonly #args: readonly string[];
  readonly #context: TestContext;
  readonly #wording: TestWording;
  #at = 0;

  constructor(args: readonly string[], context: TestContext, wording: TestWording) {
    this.#args = args;
    this.#context = context;
    this.#wording = wording;
  }

  value(): boolean {
    const args = this.#args;
    if (args.length <= 4) return this.#byCount([...args]);
    return this.#whole();
  }

  #byCount(args: string[]): boolean {
    const [first = '', second = '', third = '', fourth = ''] = args;
    switch (args.length) {
      case 0:
        return false;
      case 1:
        return first !== '';
      case 2:
        if (first === '!') return second === '';
        if (UNARY.has(first)) return this.#unary(first, second);
        throw this.#error('unary', first, second);
      case 3:
        if (BINARY.has(second)) return this.#binary(first, second, third);
        if (second === '-a') return first !== '' && third !== '';
        if (second === '-o') return first !== '' || third !== '';
        if (first === '!') return !this.#byCount([second, third]);
        if (first === '(' && third === ')') return second !== '';
        throw this.#error('binary', second, third);
      default:
        if (first === '!') return !this.#byCount([second, third, fourth]);
        if (first === '(' && fourth === ')') return this.#byCount([second, third]);
        return this.#whole();
    }
  }

  #whole(): boolean {
    const value = this.#or();
    const extra = this.#args[this.#at];
    if (extra !== undefined) throw new TestError(this.#wording === 'bash' ? 'too many arguments' : `extra argument '${extra}'`);
    return value;
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#args[this.#at] === '-o') {
      this.#at++;
      const right = this.#and();
      value = value || right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#term();
    while (this.#args[this.#at] === '-a') {
      this.#at++;
      const right = this.#term();
      value = value && right;
    }
    return value;
  }

  #term(): boolean {
    const args = this.#args;
    const first = args[this.#at];
    if (first === undefined) throw this.#missing();
    if (first === '!') {
      this.#at++;
      return !this.#term();
    }
    const operator = args[this.#at + 1];
    if (operator !== undefined && BINARY.has(operator) && this.#at + 2 < args.length) {
      this.#at += 3;
      return this.#binary(first, operator, args[this.#at - 1] as string);
    }
    if (first === '(') {
      this.#at++;
      const value = this.#or();
      const close = args[this.#at];
      if (close === undefined) throw new TestError(this.#wording === 'bash' ? "`)' expected" : "missing ')'");
      if (close !== ')') throw new TestError(this.#wording === 'bash' ? `\`)' expected, found ${close}` : `')' expected, found '${close}'`);
      this.#at++;
      return value;
    }
    if (UNARY.has(first) && operator !== undefined) {
      this.#at += 2;
      return this.#unary(first, operator);
    }
    this.#at++;
    return first !== '';
  }

  #missing(): TestError {
    return new TestError(this.#wording === 'bash' ? 'argument expected' : `missing argument after '${this.#args.at(-1)}'`);
  }

  #error(kind: 'unary' | 'binary', operator: string, operand: string): TestError {
    if (this.#wording === 'bash') return new TestError(`${operator}: ${kind} operator expected`);
    return new TestError(kind === 'unary' ? `missing argument after '${operand}'` : `'${operator}': binary operator expected`);
  }

  #unary(operator: string, operand: string): boolean {
    switch (operator) {
      case '-n':
        return operand !== '';
      case '-z':
        return operand === '';
      case '-v':
        return this.#context.isSet?.(operand) ?? false;
      case '-o':
        return this.#context.option?.(operand) ?? false;
      case '-R':
        return this.#context.isReference?.(operand) ?? false;
      case '-t':
        return terminalOf(this.#context.process.fds.get(Number(this.#integer(operand)))) !== undefined;
      default:
        return fileTest(this.#context.process, operator, operand);
    }
  }

  #binary(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case '=':
      case '==':
        return left === right;
      case '!=':
        return left !== right;
      case '<':
        return left < right;
      case '>':
        return left > right;
      case '-nt':
      case '-ot':
      case '-ef':
        return compareFiles(this.#context.process, left, operator, right);
      default:
        return compareIntegers(this.#integer(left), operator, this.#integer(right));
    }
  }

  #integer(text: string): bigint {
    const value = parseInteger(text);
    if (value === undefined) throw new TestError(this.#wording === 'bash' ? `${text}: integer expected` : `invalid integer '${text}'`);
    return value;
  }
}

/** A decimal number with blanks around it, within 64 bits. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return undefined;
  const value = BigInt(text.trim().replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function compareIntegers(left: bigint, operator: string, right: bigint): boolean {
  switch (operator) {
    case '-eq':
      return left === right;
    case '-ne':
      return left !== right;
    case '-lt':
      return left < right;
    case '-le':
      return left <= right;
    case '-gt':
      return left > right;
    default:
      return left >= right;
  }
}

function find(process: Process, path: string, follow = true): Inode | undefined {
  const target: ReturnType<typeof process.namespaces.mnt.resolve> | Errno = process.namespaces.mnt.resolve(process, path, follow);
  return typeof target === 'string' ? undefined : target.inode;
}

/** A file operator such as `-f`; a file that isn't there makes all of them false. Everybody is root here. */
export function fileTest(process: Process, operator: string, path: string): boolean {
  const inode = find(process, path, operator !== '-h' && operator !== '-L');
  if (!inode) return false;
  switch (operator) {
    case '-f':
      return inode.kind === 'file';
    case '-d':
      return inode.kind === 'directory';
    case '-h':
    case '-L':
      return inode.kind === 'symlink';
    case '-c':
      return inode.kind === 'device';
    case '-b':
      return false;
    case '-p':
      return inode.kind === 'fifo';
    case '-S':
      return inode.kind === 'socket';
    case '-s':
      return inode.size > 0;
    case '-x':
      return inode instanceof Directory || (inode.mode & 0o111) !== 0;
    case '-u':
      return (inode.mode & 0o4000) !== 0;
    case '-g':
      return (inode.mode & 0o2000) !== 0;
    case '-k':
      return (inode.mode & 0o1000) !== 0;
    case '-N':
      return false;
    default:
      return true;
  }
}

/** `-nt`, `-ot` and `-ef`. A file that isn't there is older than one that is. */
export function compareFiles(process: Process, left: string, operator: string, right: string): boolean {
  const [a, b] = [find(process, left), find(process, right)];
  if (operator === '-ef') return a !== undefined && b !== undefined && sameFile(a, b);
  if (operator === '-ot') return b !== undefined && (a === undefined || a.modified < b.modified);
  return a !== undefined && (b === undefined || a.modified > b.modified);
}

/** The same inode; a namespace is one wherever it is looked at. */
function sameFile(a: Inode, b: Inode): boolean {
  if (a instanceof NamespaceFile && b instanceof NamespaceFile) return a.namespace === b.namespace;
  return a === b;
}
