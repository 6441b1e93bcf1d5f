import { encode } from '../../base/bytes.ts';
import { fail, shown } from './error.ts';
import { formatString, textOf } from './formats.ts';
import { JsonSyntaxError, numberValue, parseTexts } from './json-parser.ts';
import { jsonText } from './json-text.ts';
import type { Machine } from './machine.ts';
import { exponentOf, numberRequired, ONE, THREE, TWO } from './maths.ts';
import { index, occurrences, splitText } from './operations.ts';
import { deletePaths, getPath, setPath } from './path-operations.ts';
import { describeMatches, matchesOf } from './regex.ts';
import { formatTime, gmtime, mktime, parseTime } from './time.ts';
import { compareValues, equal, isArray, isNumber, kindOf, sortedKeys, toDouble, type Value } from './value.ts';

/** A function of values: its input and its arguments give exactly one result, or an error. */
export type Native = (machine: Machine, input: Value, ...args: Value[]) => Value;

function text(value: Value, message: string): string {
  return typeof value === 'string' ? value : fail(message);
}

/** How long a value is: code points, members, the absolute value of a number. */
function length(value: Value): Value {
  if (value === null) return 0;
  if (typeof value === 'boolean') return fail(`${shown(value)} has no length`);
  if (isNumber(value)) return Math.abs(toDouble(value));
  if (typeof value === 'string') return [...value].length;
  return isArray(value) ? value.length : value.size;
}

function keys(value: Value, sorted: boolean): Value {
  if (value instanceof Map) return sorted ? sortedKeys(value) : [...value.keys()];
  return isArray(value) ? value.map((_, i) => i) : fail(`${shown(value)} has no keys`);
}

function has(value: Value, key: Value): Value {
  if (value instanceof Map && typeof key === 'string') return value.has(key);
  if (isArray(value) && isNumber(key)) return toDouble(key) >= 0 && toDouble(key) < value.length;
  return fail(`Cannot check whether ${kindOf(value)} has a ${kindOf(key)} key`);
}

function contains(a: Value, b: Value): boolean {
  if (a instanceof Map && b instanceof Map) return [...b].every(([key, value]) => a.has(key) && contains(a.get(key) as Value, value));
  if (isArray(a) && isArray(b)) return b.every((part) => a.some((member) => kindOf(member) === kindOf(part) && contains(member, part)));
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (kindOf(a) === kindOf(b)) return equal(a, b);
  return fail(`${shown(a)} and ${shown(b)} cannot have their containment checked`);
}

function array(value: Value, what: string): readonly Value[] {
  return isArray(value) ? value : fail(`${shown(value)} cannot be ${what}, as it is not an array`);
}

/** The members with their keys, in the order of the keys; equal keys keep their order. */
function keyed(value: Value, keysOf: Value): { key: Value; value: Value }[] {
  if (!isArray(value) || !isArray(keysOf))
    return fail(`${shown(value)} and ${shown(keysOf)} cannot be sorted, as they are not both arrays`);
  return value.map((member, i) => ({ key: keysOf[i] as Value, value: member })).sort((a, b) => compareValues(a.key, b.key));
}

function groups(value: Value, keysOf: Value): Value {
  const result: Value[][] = [];
  let last: Value | undefined;
  for (const { key, value: member } of keyed(value, keysOf)) {
    if (last === undefined || !equal(last, key)) result.push([]);
    result.at(-1)?.push(member);
    last = key;
  }
  return result;
}

/** The first of the smallest, or the last of the greatest. */
function extreme(value: Value, keysOf: Value, greatest: boolean): Value {
  if (!isArray(value) || !isArray(keysOf)) return fail(`${shown(value)} and ${shown(keysOf)} cannot be iterated over`);
  let best = -1;
  value.forEach((_, i) => {
    const difference = best < 0 ? -1 : compareValues(keysOf[i] as Value, keysOf[best] as Value);
    if (greatest ? best < 0 || difference >= 0 : difference < 0) best = i;
  });
  return value[best] ?? null;
}

function toNumber(value: Value): Value {
  if (isNumber(value)) return value;
  const number = typeof value === 'string' && !/^\s|\s$/.test(value) ? numberValue(value) : undefined;
  return number ?? fail(`${shown(value)} cannot be parsed as a number`);
}

function implode(value: Value): Value {
  if (!isArray(value)) return fail('implode input must be an array');
  return value
    .map((code) => {
      if (!isNumber(code)) return fail('Unicode codepoint must be numeric');
      const point = Math.trunc(toDouble(code));
      return point > 0x10ffff || point < 0 || (point >= 0xd800 && point <= 0xdfff) ? '\ufffd' : String.fromCodePoint(point);
    })
    .join('');
}

function fromJson(value: Value): Value {
  if (typeof value !== 'string') return fail(`${shown(value)} only strings can be parsed`);
  try {
    const values = parseTexts(value);
    if (values.length === 1) return values[0] as Value;
    return fail(`${values.length === 0 ? 'Expected JSON value' : 'Unexpected extra JSON values'} (while parsing '${value}')`);
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) return fail(`${thrown.message} (while parsing '${value}')`);
    throw thrown;
  }
}

function indices(value: Value, part: Value): Value {
  if (value === null) return null;
  if (typeof value === 'string' && typeof part === 'string') return textIndices(value, part);
  if (isArray(value) && isArray(part)) return occurrences(value, part);
  if (isArray(value)) return value.flatMap((member, i) => (equal(member, part) ? [i] : []));
  return index(value, part);
}

/** Positions in code points; overlapping ones too. */
function textIndices(value: string, part: string): Value {
  if (part === '') return [];
  const found: number[] = [];
  for (let at = value.indexOf(part); at >= 0; at = value.indexOf(part, at + 1)) found.push([...value.slice(0, at)].length);
  return found;
}

function split(input: Value, pattern: Value, flags: Value): Value {
  const { text: whole, matches } = matchesOf(input, pattern, `g${flags === null ? '' : textOf(flags)}`);
  const parts: string[] = [];
  let start = 0;
  for (const match of matches) {
    parts.push(whole.slice(start, match.index));
    start = match.index + match[0].length;
  }
  return [...parts, whole.slice(start)];
}

function trim(value: Value, where: 'start' | 'end' | 'both'): Value {
  const string = text(value, 'trim input must be a string');
  const trimmed = where === 'end' ? string : string.trimStart();
  return where === 'start' ? trimmed : trimmed.trimEnd();
}

function affix(name: 'startswith' | 'endswith', value: Value, part: Value): Value {
  if (typeof value !== 'string' || typeof part !== 'string') return fail(`${name}() requires string inputs`);
  return name === 'startswith' ? value.startsWith(part) : value.endsWith(part);
}

/** Index of a value in a sorted array, or `-1 - where it belongs`. */
function bsearch(value: Value, target: Value): Value {
  if (!isArray(value)) return fail(`${shown(value)} cannot be searched from`);
  let [low, high] = [0, value.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const difference = compareValues(value[middle] as Value, target);
    if (difference === 0) return middle;
    if (difference < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

function pathOf(value: Value): readonly Value[] {
  return isArray(value) ? value : fail('Path must be specified as an array');
}

/** All of them by `name/arity`. */
export const natives: ReadonlyMap<string, Native> = new Map<string, Native>([
  ['null/0', () => null],
  ['true/0', () => true],
  ['false/0', () => false],
  ['length/0', (_, value) => length(value)],
  ['utf8bytelength/0', (_, value) => encode(text(value, `${shown(value)} only strings have UTF-8 byte length`)).length],
  ['keys/0', (_, value) => keys(value, true)],
  ['keys_unsorted/0', (_, value) => keys(value, false)],
  ['has/1', (_, value, key) => has(value, key as Value)],
  ['contains/1', (_, value, part) => contains(value, part as Value)],
  ['type/0', (_, value) => kindOf(value)],
  ['sort/0', (_, value) => [...array(value, 'sorted')].sort(compareValues)],
  ['unique/0', (_, value) => (groups(array(value, 'sorted'), value) as Value[][]).map((group) => group[0] as Value)],
  ['_sort_by/1', (_, value, by) => keyed(value, by as Value).map((one) => one.value)],
  ['_group_by/1', (_, value, by) => groups(value, by as Value)],
  ['_min_by/1', (_, value, by) => extreme(value, by as Value, false)],
  ['_max_by/1', (_, value, by) => extreme(value, by as Value, true)],
  ['tostring/0', (_, value) => textOf(value)],
  ['tonumber/0', (_, value) => toNumber(value)],
  ['tojson/0', (_, value) => jsonText(value)],
  ['fromjson/0', (_, value) => fromJson(value)],
  ['format/1', (_, value, name) => formatString(text(name as Value, `${shown(name as Value)} is not a valid format`), value)],
  ['explode/0', (_, value) => [...text(value, 'explode input must be a string')].map((char) => char.codePointAt(0) as number)],
  ['implode/0', (_, value) => implode(value)],
  ['startswith/1', (_, value, part) => affix('startswith', value, part as Value)],
  ['endswith/1', (_, value, part) => affix('endswith', value, part as Value)],
  ['trim/0', (_, value) => trim(value, 'both')],
  ['ltrim/0', (_, value) => trim(value, 'start')],
  ['rtrim/0', (_, value) => trim(value, 'end')],
  [
    'split/1',
    (_, value, separator) => {
      const message = 'split input and separator must be strings';
      return splitText(text(value, message), text(separator as Value, message));
    },
  ],
  ['split/2', (_, value, pattern, flags) => split(value, pattern as Value, flags as Value)],
  ['indices/1', (_, value, part) => indices(value, part as Value)],
  ['getpath/1', (_, value, path) => getPath(value, pathOf(path as Value))],
  ['setpath/2', (_, value, path, next) => setPath(value, pathOf(path as Value), next as Value)],
  [
    'delpaths/1',
    (_, value, paths) => deletePaths(value, isArray(paths as Value) ? (paths as Value[]) : fail('Paths must be specified as an array')),
  ],
  ['test/2', (_, value, pattern, flags) => matchesOf(value, pattern as Value, flags as Value).matches.length > 0],
  ['_matches/2', (_, value, pattern, flags) => describeMatches(value, pattern as Value, flags as Value)],
  ['bsearch/1', (_, value, target) => bsearch(value, target as Value)],
  ['infinite/0', () => Number.POSITIVE_INFINITY],
  ['nan/0', () => Number.NaN],
  ['isinfinite/0', (_, value) => Math.abs(numberRequired(value)) === Number.POSITIVE_INFINITY],
  ['isfinite/0', (_, value) => Number.isFinite(numberRequired(value))],
  ['isnan/0', (_, value) => Number.isNaN(numberRequired(value))],
  ['isnormal/0', (_, value) => Number.isFinite(numberRequired(value)) && Math.abs(toDouble(value)) >= 2 ** -1022],
  ['frexp/0', (_, value) => frexp(numberRequired(value))],
  ['modf/0', (_, value) => [numberRequired(value) % 1, Math.trunc(toDouble(value))]],
  ['now/0', (machine) => machine.host.now()],
  ['gmtime/0', (_, value) => gmtime(value)],
  ['mktime/0', (_, value) => mktime(value)],
  ['strptime/1', (_, value, format) => parseTime(value, format as Value)],
  ['strftime/1', (_, value, format) => formatTime(value, format as Value, 'GMT', 'strftime')],
  ['strflocaltime/1', (_, value, format) => formatTime(value, format as Value, 'UTC', 'strflocaltime')],
  ['input_filename/0', (machine) => machine.host.inputName()],
  ['input_line_number/0', (machine) => machine.host.inputLine()],
  ...Object.entries(ONE).map(([name, compute]): [string, Native] => [`${name}/0`, (_, value) => compute(numberRequired(value))]),
  ...Object.entries(TWO).map(([name, compute]): [string, Native] => [
    `${name}/2`,
    (_, _input, x, y) => compute(numberRequired(x as Value), numberRequired(y as Value)),
  ]),
  ...Object.entries(THREE).map(([name, compute]): [string, Native] => [
    `${name}/3`,
    (_, _input, x, y, z) => compute(numberRequired(x as Value), numberRequired(y as Value), numberRequired(z as Value)),
  ]),
]);

function frexp(x: number): Value {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  const exponent = exponentOf(x);
  return [x / 2 ** exponent, exponent];
}
