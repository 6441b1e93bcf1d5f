import { fail, shown } from './error.ts';
import { jsonText } from './json-text.ts';
import type { ArithmeticOperator } from './syntax.ts';
import { equal, isArray, isNumber, type JsonObject, kindOf, toDouble, type Value } from './value.ts';

/** The largest index that an array can be extended to. */
const MAX_INDEX = 536_870_911;
/** Texts beyond this are refused. */
const MAX_TEXT = 64 * 1024 * 1024;

export function arithmetic(operator: ArithmeticOperator, a: Value, b: Value): Value {
  switch (operator) {
    case '+':
      return add(a, b);
    case '-':
      return subtract(a, b);
    case '*':
      return multiply(a, b);
    case '/':
      return divide(a, b);
    case '%':
      return remainder(a, b);
  }
}

export function add(a: Value, b: Value): Value {
  if (a === null) return b;
  if (b === null) return a;
  if (isNumber(a) && isNumber(b)) return toDouble(a) + toDouble(b);
  if (typeof a === 'string' && typeof b === 'string') return limited(a + b);
  if (isArray(a) && isArray(b)) return [...a, ...b];
  if (a instanceof Map && b instanceof Map) return new Map([...a, ...b]);
  return fail(`${shown(a)} and ${shown(b)} cannot be added`);
}

function limited(text: string): string {
  return text.length > MAX_TEXT ? fail('string too long') : text;
}

function subtract(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) return toDouble(a) - toDouble(b);
  if (isArray(a) && isArray(b)) return a.filter((member) => !b.some((other) => equal(member, other)));
  return fail(`${shown(a)} and ${shown(b)} cannot be subtracted`);
}

function multiply(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) return toDouble(a) * toDouble(b);
  if (typeof a === 'string' && isNumber(b)) return repeat(a, toDouble(b));
  if (isNumber(a) && typeof b === 'string') return repeat(b, toDouble(a));
  if (a instanceof Map && b instanceof Map) return deepMerge(a, b);
  return fail(`${shown(a)} and ${shown(b)} cannot be multiplied`);
}

/** `"ab" * n`: null for n below zero or not a number, nothing below one, otherwise that many copies. */
function repeat(text: string, count: number): Value {
  if (!(count >= 0)) return null;
  const times = Math.floor(count);
  if (text.length * times > MAX_TEXT) fail('Repeat string result too long');
  return text.repeat(times);
}

function deepMerge(a: JsonObject, b: JsonObject): JsonObject {
  const merged = new Map(a);
  for (const [key, value] of b) {
    const old = merged.get(key);
    merged.set(key, old instanceof Map && value instanceof Map ? deepMerge(old, value) : value);
  }
  return merged;
}

function divide(a: Value, b: Value): Value {
  if (isNumber(a) && isNumber(b)) {
    if (toDouble(b) === 0) fail(`${shown(a)} and ${shown(b)} cannot be divided because the divisor is zero`);
    return toDouble(a) / toDouble(b);
  }
  if (typeof a === 'string' && typeof b === 'string') return splitText(a, b);
  return fail(`${shown(a)} and ${shown(b)} cannot be divided`);
}

export function splitText(text: string, separator: string): Value {
  if (text === '') return [];
  return separator === '' ? [...text] : text.split(separator);
}

/** Both sides lose their fractions; the result has the sign of the left one. */
function remainder(a: Value, b: Value): Value {
  if (!isNumber(a) || !isNumber(b)) return fail(`${shown(a)} and ${shown(b)} cannot be divided (remainder)`);
  const [x, y] = [toDouble(a), toDouble(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const divisor = Math.abs(toInteger(y));
  if (divisor === 0) fail(`${shown(a)} and ${shown(b)} cannot be divided (remainder) because the divisor is zero`);
  const result = Math.abs(toInteger(x)) % divisor;
  return x < 0 ? 0 - result : result;
}

/** As C's conversion to a 64-bit integer that stays within its bounds. */
function toInteger(value: number): number {
  return Math.trunc(Math.max(-(2 ** 63), Math.min(2 ** 63, value)));
}

// ---- indexing -----------------------------------------------------------------------------------------------------------

/** `target[key]`. */
export function index(target: Value, key: Value): Value {
  if (target instanceof Map && typeof key === 'string') return target.get(key) ?? null;
  if (isArray(target) && isNumber(key)) {
    const at = Math.floor(toDouble(key));
    return target[at < 0 ? at + target.length : at] ?? null;
  }
  if (key instanceof Map && (isArray(target) || typeof target === 'string' || target === null)) {
    if (target !== null && !key.has('start') && !key.has('end')) fail('Array/string slice indices must be integers');
    return slice(target, key.get('start') ?? null, key.get('end') ?? null);
  }
  if (isArray(target) && isArray(key)) return occurrences(target, key);
  if (target === null && (typeof key === 'string' || isNumber(key) || key === null)) return null;
  return fail(`Cannot index ${kindOf(target)} with ${shownKey(key)}`);
}

function shownKey(key: Value): string {
  return key instanceof Map ? `object (${jsonText(key)})` : shown(key);
}

/** Where one array occurs in another. */
export function occurrences(array: readonly Value[], part: readonly Value[]): Value {
  if (part.length === 0) return null;
  const found: number[] = [];
  for (let i = 0; i + part.length <= array.length; i++) {
    if (part.every((member, j) => equal(member, array[i + j] as Value))) found.push(i);
  }
  return found;
}

/** `target[from:to]`, in code points for texts; `null` bounds are the ends. */
export function slice(target: Value, from: Value, to: Value): Value {
  if (target === null) return null;
  const bounds = new Map<string, Value>([
    ['start', from],
    ['end', to],
  ]);
  if (typeof target !== 'string' && !isArray(target)) return fail(`Cannot index ${kindOf(target)} with object (${jsonText(bounds)})`);
  const whole = typeof target === 'string' ? [...target] : target;
  const [start, end] = sliceBounds(whole.length, from, to);
  const part = whole.slice(start, end);
  return typeof target === 'string' ? part.join('') : part;
}

export function sliceBounds(length: number, from: Value, to: Value): [number, number] {
  if ((from !== null && !isNumber(from)) || (to !== null && !isNumber(to))) fail('Array/string slice indices must be integers');
  const clamp = (value: number) => Math.max(0, Math.min(length, value < 0 ? value + length : value));
  const start = Math.floor(clamp(from === null ? 0 : toDouble(from)));
  const end = Math.ceil(clamp(to === null ? length : toDouble(to)));
  return [start, Math.max(start, end)];
}

/** `target` with `key` set to `value`. */
export function withKey(target: Value, key: Value, value: Value): Value {
  if (typeof key === 'string' && (target === null || target instanceof Map)) return new Map(target ?? []).set(key, value);
  if (isNumber(key) && (target === null || isArray(target))) return withElement(target ?? [], Math.floor(toDouble(key)), value);
  if (key instanceof Map && (target === null || isArray(target))) {
    if (!isArray(value)) return fail('A slice of an array can only be assigned another array');
    const whole = target ?? [];
    const [start, end] = sliceBounds(whole.length, key.get('start') ?? null, key.get('end') ?? null);
    return [...whole.slice(0, start), ...value, ...whole.slice(end)];
  }
  if (key instanceof Map && typeof target === 'string') return fail('Cannot update string slices');
  if (key instanceof Map && !isArray(target)) return fail(`Cannot update field at object index of ${kindOf(target)}`);
  if (isArray(key) && isArray(target)) return fail('Cannot update field at array index of array');
  return fail(`Cannot index ${kindOf(target)} with ${shownKey(key)}`);
}

function withElement(array: readonly Value[], at: number, value: Value): Value {
  const index = at < 0 ? at + array.length : at;
  if (index < 0) return fail('Out of bounds negative array index');
  if (index > MAX_INDEX) return fail('Array index too large');
  const copy = [...array];
  while (copy.length < index) copy.push(null);
  copy[index] = value;
  return copy;
}
