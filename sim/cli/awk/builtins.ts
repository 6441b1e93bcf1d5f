import { daysOf, moment, strftime } from '../../base/calendar.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import { type Code, evaluate, ofNumber, strict } from './code.ts';
import { type Compiler, dynamicRegex } from './compile-expression.ts';
import { format } from './format.ts';
import { compileLvalue, type Place } from './lvalue.ts';
import { isLvalue } from './parse-expression.ts';
import type { Runtime } from './runtime.ts';
import { splitterOf } from './record.ts';
import { substitute } from './substitute.ts';
import { AwkSyntaxError, type Expression } from './syntax.ts';
import { type AwkArray, fromInput, toNumber, type Value } from './values.ts';

type Call = Extract<Expression, { kind: 'builtin' }>;

/** How many arguments each function takes: at least, at most. */
const ARITY: Record<string, readonly [number, number]> = {
  length: [0, 1],
  substr: [2, 3],
  index: [2, 2],
  split: [2, 3],
  sub: [2, 3],
  gsub: [2, 3],
  match: [2, 2],
  sprintf: [1, 255],
  sin: [1, 1],
  cos: [1, 1],
  atan2: [2, 2],
  exp: [1, 1],
  log: [1, 1],
  sqrt: [1, 1],
  int: [1, 1],
  rand: [0, 0],
  srand: [0, 1],
  tolower: [1, 1],
  toupper: [1, 1],
  system: [1, 1],
  close: [1, 1],
  fflush: [0, 1],
  strftime: [0, 3],
  systime: [0, 0],
  mktime: [1, 1],
};

const MATHS: Record<string, (x: number) => number> = {
  sin: Math.sin,
  cos: Math.cos,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  int: Math.trunc,
};

/** Compiles the call of a function that is built in. */
export function compileBuiltin(compiler: Compiler, node: Call): Code {
  const [least, most] = ARITY[node.name] as readonly [number, number];
  const count = node.args.length;
  if (count < least) throw new AwkSyntaxError(`line ${node.line}: not enough arguments in call to ${node.name}: ${count} (need ${least})`);
  if (count > most) throw new AwkSyntaxError(`line ${node.line}: too many arguments in call to ${node.name}: ${count} (maximum ${most})`);
  if (node.name === 'length') return length(compiler, node);
  if (node.name === 'split') return split(compiler, node);
  if (node.name === 'sub' || node.name === 'gsub') return substitution(compiler, node);
  if (node.name === 'match') return match(compiler, node);
  const args = node.args.map((arg) => compiler.expression(arg));
  if (node.name === 'system' || node.name === 'close' || node.name === 'fflush') return process(compiler.runtime, node.name, args);
  return simple(compiler, node.name, args);
}

/** Functions of their arguments' values alone. */
function simple(compiler: Compiler, name: string, args: Code[]): Code {
  const { runtime } = compiler;
  const maths = MATHS[name];
  const [first] = args;
  if (maths) {
    if (first && !first.waits) return ofNumber(runtime, () => maths(first.num()));
    return strict(args, ([x]) => maths(toNumber(x as Value)));
  }
  const text = (value: Value | undefined) => runtime.text(value as Value);
  const number = (value: Value | undefined) => toNumber(value as Value);
  switch (name) {
    case 'substr':
      return compiler.combine(args, ([s, start, count]) => substr(text(s), number(start), count === undefined ? Infinity : number(count)));
    case 'index':
      return compiler.combine(args, ([s, part]) => text(s).indexOf(text(part)) + 1);
    case 'sprintf':
      return compiler.combine(args, ([pattern, ...rest]) => format(text(pattern), rest, text));
    case 'atan2':
      return compiler.combine(args, ([y, x]) => Math.atan2(number(y), number(x)));
    case 'tolower':
      return compiler.combine(args, ([s]) => text(s).replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
    case 'toupper':
      return compiler.combine(args, ([s]) => text(s).replace(/[a-z]+/g, (letters) => letters.toUpperCase()));
    case 'rand':
      return ofNumber(runtime, () => runtime.random.next() / 0x7fff_ffff);
    case 'srand':
      return compiler.combine(args, ([seed]) => srand(runtime, seed));
    case 'systime':
      return ofNumber(runtime, () => runtime.seconds);
    case 'mktime':
      return compiler.combine(args, ([spec]) => mktime(text(spec)));
    default:
      return compiler.combine(args, ([pattern, at]) => {
        const when = at === undefined ? runtime.seconds : Math.trunc(number(at));
        return byteString(strftime(textOf(pattern === undefined ? '%c' : text(pattern)), moment(when)));
      });
  }
}

/** As mawk cuts: both numbers lose their fractions, and a start before the text lengthens what a negative one would skip. */
function substr(text: string, start: number, count: number): string {
  let from = Math.trunc(start);
  let length = Number.isFinite(count) ? Math.trunc(count) : count;
  if (from < 0) length -= from;
  if (from < 1) from = 1;
  return length > 0 ? text.slice(from - 1, from - 1 + length) : '';
}

function srand(runtime: Runtime, seed: Value | undefined): Value {
  const previous = runtime.lastSeed;
  const next = seed ?? runtime.seconds;
  runtime.lastSeed = next;
  runtime.random.seed(Math.trunc(toNumber(next)) >>> 0);
  return previous;
}

/** `YYYY MM DD HH MM SS`, in UTC; -1 for anything else. */
function mktime(spec: string): number {
  const parts = spec
    .trim()
    .split(/[ \t]+/)
    .map(Number);
  if (parts.length < 6 || parts.slice(0, 6).some((part) => !Number.isFinite(part))) return -1;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  const carried = year + Math.floor((month - 1) / 12);
  const days = daysOf(carried, ((((month - 1) % 12) + 12) % 12) + 1, 1) + day - 1;
  return days * 86_400 + hour * 3_600 + minute * 60 + second;
}

/** Functions that talk to the system; all may block. */
function process(runtime: Runtime, name: string, args: Code[]): Code {
  const { streams } = runtime;
  return {
    waits: true,
    *run() {
      const [first] = args;
      const text = first ? runtime.text(yield* evaluate(first)) : '';
      if (runtime.tick) yield* runtime.pause();
      if (name === 'system') return yield* streams.system(text);
      if (name === 'close') return yield* streams.close(text);
      return yield* streams.flushNamed(first && text);
    },
  };
}

/** Length of a text in bytes, or the number of elements of an array. */
function length(compiler: Compiler, node: Call): Code {
  const { runtime } = compiler;
  const [arg] = node.args;
  if (!arg) return ofNumber(runtime, () => runtime.record.text.length);
  const local = arg.kind === 'name' ? compiler.local(arg.name) : undefined;
  const isArray =
    arg.kind === 'name' && (local === undefined ? compiler.scope.globalArrays.has(arg.name) : compiler.inside?.arrays[local] === true);
  if (isArray) {
    const array = compiler.array(arg.name, arg.line);
    return ofNumber(runtime, () => array().size);
  }
  // A parameter of unknown kind may hold an array that the caller passed.
  if (local !== undefined) {
    return ofNumber(runtime, () => {
      const slot = runtime.frame[local];
      return slot instanceof Map ? slot.size : slot === undefined ? 0 : runtime.text(slot).length;
    });
  }
  const code = compiler.expression(arg);
  return code.waits ? strict([code], ([value]) => runtime.text(value as Value).length) : ofNumber(runtime, () => code.str().length);
}

function split(compiler: Compiler, node: Call): Code {
  const { runtime } = compiler;
  const [text, target, separator] = node.args as [Expression, Expression, Expression | undefined];
  if (target.kind !== 'name') throw new AwkSyntaxError(`line ${node.line}: syntax error at or near ,`);
  const array = compiler.array(target.name, target.line);
  const source = compiler.expression(text);
  const literal = separator?.kind === 'regex' ? splitterOf(separator.source, true) : undefined;
  const dynamic = separator && !literal ? compiler.expression(separator) : undefined;
  return compiler.combine(dynamic ? [source, dynamic] : [source], ([value, by]) => {
    const cut = literal ?? (dynamic ? splitterOf(runtime.text(by as Value)) : runtime.record.splitter);
    return fill(array(), cut(runtime.text(value as Value)));
  });
}

function fill(array: AwkArray, parts: readonly string[]): number {
  array.clear();
  for (let i = 0; i < parts.length; i++) array.set(String(i + 1), fromInput(parts[i] as string));
  return parts.length;
}

function substitution(compiler: Compiler, node: Call): Code {
  const { runtime } = compiler;
  const [patternNode, replacementNode, targetNode] = node.args as [Expression, Expression, Expression | undefined];
  const { regex, code } = compiler.pattern(patternNode);
  const target = targetNode ?? { kind: 'field' as const, index: { kind: 'number' as const, value: 0 } };
  const place: Place = isLvalue(target)
    ? compileLvalue(compiler, target)
    : { key: compiler.expression(target), load: (key) => key, store: () => {} };
  const all = node.name === 'gsub';
  const operands = [...(code ? [code] : []), compiler.expression(replacementNode), ...(place.key ? [place.key] : [])];
  return compiler.combine(operands, (values) => {
    const used = regex ?? dynamicRegex(runtime.text(values.shift() as Value));
    const replacement = runtime.text(values.shift() as Value);
    const key = (values.shift() ?? 0) as Value;
    const { text, count } = substitute(runtime.text(place.load(key)), used, replacement, all);
    if (count > 0) place.store(key, text);
    return count;
  });
}

function match(compiler: Compiler, node: Call): Code {
  const { runtime } = compiler;
  const [text, patternNode] = node.args as [Expression, Expression];
  const { regex, code } = compiler.pattern(patternNode);
  const source = compiler.expression(text);
  return compiler.combine(code ? [source, code] : [source], ([value, pattern]) => {
    const used = regex ?? dynamicRegex(runtime.text(pattern as Value));
    used.lastIndex = 0;
    const result = used.exec(runtime.text(value as Value));
    runtime.variable('RSTART').value = result ? result.index + 1 : 0;
    runtime.variable('RLENGTH').value = result ? result[0].length : -1;
    return result ? result.index + 1 : 0;
  });
}
