import { percentEncode } from '../../../base/percent.ts';
import { format } from './printf.ts';
import { GoMap, GoStruct, goJson, isArray, isFields, JsonNumber, plain, print, truth, typeName, type Value } from './values.ts';

/** A call that failed; `argument` is the index of the argument that is to blame, if one is. */
export class FunctionError {
  readonly message: string;
  readonly argument: number | undefined;
  constructor(message: string, argument?: number) {
    this.message = message;
    this.argument = argument;
  }
}

export interface TemplateFunction {
  least: number;
  /** Absent: any number. */
  most?: number;
  /** @param decoded the data is undecoded JSON: its slices are `[]interface {}` */
  run(args: readonly Value[], decoded: boolean): Value | FunctionError;
}

/** text/template's functions (and, or and call are the evaluator's) and those that docker adds. */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  // text/template
  eq: { least: 1, run: ([first, ...others]) => anyEqual(first, others) },
  ne: { least: 2, most: 2, run: ([a, b]) => negate(equal(a, b)) },
  lt: { least: 2, most: 2, run: ([a, b]) => compare(a, b, (order) => order < 0) },
  le: { least: 2, most: 2, run: ([a, b]) => compare(a, b, (order) => order <= 0) },
  gt: { least: 2, most: 2, run: ([a, b]) => compare(a, b, (order) => order > 0) },
  ge: { least: 2, most: 2, run: ([a, b]) => compare(a, b, (order) => order >= 0) },
  not: { least: 1, most: 1, run: ([value]) => !truth(value) },
  len: { least: 1, most: 1, run: ([value]) => length(value) },
  index: {
    least: 1,
    run: ([item, ...keys]) =>
      keys.reduce<Value | FunctionError>((value, key) => (value instanceof FunctionError ? value : index(value, key)), item),
  },
  slice: { least: 1, run: slice },
  print: { least: 0, run: (args) => sprint(args) },
  printf: {
    least: 1,
    run: ([pattern, ...args]) => (typeof pattern === 'string' ? format(pattern, args) : wrongType('string', pattern, 0)),
  },
  println: { least: 0, run: (args) => `${args.map((arg) => print(arg)).join(' ')}\n` },
  html: { least: 0, run: (args) => sprint(args).replaceAll(/[&<>"'\0]/g, (c) => HTML[c] ?? c) },
  js: { least: 0, run: (args) => sprint(args).replaceAll(/[\\'"<>&=\n\r\t]/g, (c) => JS[c] ?? c) },
  urlquery: {
    least: 0,
    run: (args) =>
      percentEncode(sprint(args))
        .replaceAll('%20', '+')
        .replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
  },
  // docker/cli/templates
  json: { least: 1, most: 1, run: ([value]) => (isFields(value ?? null) ? goJson(plain(value), true) : goJson(plain(value), false)) },
  split: { least: 2, most: 2, run: strings(([text = '', separator = '']) => text.split(separator)) },
  join: { least: 2, most: 2, run: join },
  title: {
    least: 1,
    most: 1,
    run: strings(([text = '']) =>
      text.replaceAll(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_all, before: string, letter: string) => before + letter.toUpperCase()),
    ),
  },
  lower: { least: 1, most: 1, run: strings(([text = '']) => text.toLowerCase()) },
  upper: { least: 1, most: 1, run: strings(([text = '']) => text.toUpperCase()) },
  pad: { least: 3, most: 3, run: ([text, before, after]) => pad(text, before, after) },
  truncate: { least: 2, most: 2, run: ([text, size]) => truncate(text, size) },
};

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;', '\0': '\ufffd' };
const JS: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
  '\n': '\\u000A',
  '\r': '\\u000D',
  '\t': '\\u0009',
};

function wrongType(expected: string, value: Value | undefined, argument: number): FunctionError {
  if (value === undefined || value === null) return new FunctionError('invalid value; expected string', argument);
  return new FunctionError(`wrong type for value; expected ${expected}; got ${typeName(value)}`, argument);
}

/** A function of strings only; `json.Number` is a string by another name, which Go does not accept. */
function strings(run: (texts: string[]) => Value): TemplateFunction['run'] {
  return (args) => {
    const bad = args.findIndex((arg) => typeof arg !== 'string');
    return bad >= 0 ? wrongType('string', args[bad], bad) : run(args as string[]);
  };
}

function join(args: readonly Value[], decoded: boolean): Value | FunctionError {
  const [list, separator] = args;
  if (!isArray(list ?? null)) return list === null ? '' : wrongType('[]string', list, 0);
  if (decoded) return new FunctionError('wrong type for value; expected []string; got []interface {}', 0);
  if (typeof separator !== 'string') return wrongType('string', separator, 1);
  return (list as readonly Value[]).map((element) => print(element)).join(separator);
}

function pad(text: Value, before: Value, after: Value): Value | FunctionError {
  if (typeof text !== 'string') return wrongType('string', text, 0);
  if (typeof before !== 'number') return wrongType('int', before, 1);
  if (typeof after !== 'number') return wrongType('int', after, 2);
  return text === '' ? '' : `${' '.repeat(Math.max(0, before))}${text}${' '.repeat(Math.max(0, after))}`;
}

function truncate(text: Value, size: Value): Value | FunctionError {
  if (typeof text !== 'string') return wrongType('string', text, 0);
  if (typeof size !== 'number') return wrongType('int', size, 1);
  return text.slice(0, size);
}

/** Kinds that can be compared: values of different kinds can't. */
function basicKind(value: Value): 'bool' | 'int' | 'float' | 'string' | 'nil' | 'other' {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'string' || value instanceof JsonNumber) return 'string';
  return 'other';
}

function incompatible(a: Value, b: Value): FunctionError {
  return new FunctionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function equal(a: Value, b: Value): boolean | FunctionError {
  const [one, other] = [basicKind(a), basicKind(b)];
  if (one === 'nil' || other === 'nil') return one === other;
  if (one === 'other' || other === 'other') return new FunctionError('non-comparable type');
  if (one !== other) return incompatible(a, b);
  return print(a) === print(b);
}

function anyEqual(first: Value, others: readonly Value[]): Value | FunctionError {
  if (others.length === 0) return new FunctionError('missing argument for comparison');
  for (const other of others) {
    const same = equal(first, other);
    if (same instanceof FunctionError || same) return same;
  }
  return false;
}

function negate(result: boolean | FunctionError): boolean | FunctionError {
  return result instanceof FunctionError ? result : !result;
}

function compare(a: Value, b: Value, accept: (order: number) => boolean): boolean | FunctionError {
  const [one, other] = [basicKind(a), basicKind(b)];
  if (['bool', 'nil', 'other'].includes(one)) return new FunctionError('invalid type for comparison');
  if (one !== other) return incompatible(a, b);
  if (typeof a === 'number' && typeof b === 'number') return accept(a - b);
  const [left, right] = [print(a), print(b)];
  return accept(left < right ? -1 : left > right ? 1 : 0);
}

function length(value: Value): Value | FunctionError {
  if (typeof value === 'string') return value.length;
  if (value instanceof JsonNumber) return value.text.length;
  if (isArray(value)) return value.length;
  if (value instanceof GoMap) return value.entries.size;
  if (value === null || value === undefined) return new FunctionError('len of nil pointer');
  return new FunctionError(`len of type ${typeName(value)}`);
}

function index(item: Value, key: Value): Value | FunctionError {
  if (item === null || item === undefined) return new FunctionError('index of untyped nil');
  if (item instanceof GoMap) {
    if (typeof key !== 'string') return new FunctionError(`value has type ${typeName(key)}; should be string`);
    // The zero value of what the map holds: an empty string for labels and options.
    const strings = item.entries.size > 0 && [...item.entries.values()].every((value) => typeof value === 'string');
    return item.entries.get(key) ?? (strings ? '' : null);
  }
  if (isArray(item) || typeof item === 'string') {
    if (typeof key !== 'number') return new FunctionError(`cannot index slice/array with type ${typeName(key)}`);
    if (key < 0 || key >= item.length) return new FunctionError(`index out of range: ${key}`);
    return typeof item === 'string' ? item.charCodeAt(key) : item[key];
  }
  return new FunctionError(`can't index item of type ${item instanceof GoStruct ? 'struct' : typeName(item)}`);
}

function slice(args: readonly Value[]): Value | FunctionError {
  const [item, ...bounds] = args;
  if (typeof item !== 'string' && !isArray(item ?? null)) return new FunctionError(`can't slice item of type ${typeName(item)}`);
  const list = item as string | readonly Value[];
  for (const bound of bounds) {
    if (typeof bound !== 'number') return new FunctionError(`cannot index slice/array with type ${typeName(bound)}`);
    if (bound < 0 || bound > list.length) return new FunctionError(`index out of range: ${bound}`);
  }
  const [from = 0, to = list.length] = bounds as number[];
  if (from > to) return new FunctionError(`invalid slice index: ${from} > ${to}`);
  return list.slice(from, to);
}

/** fmt.Sprint: a blank between operands when neither is a string. */
function sprint(args: readonly Value[]): string {
  return args
    .map((arg, i) => (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string' ? ` ${print(arg)}` : print(arg)))
    .join('');
}
