import { formatFloat } from '../bash/printf-float.ts';

/** A text from input that looks like a number: it compares as one, and prints as it was written. */
export class NumericText {
  readonly text: string;
  readonly number: number;

  constructor(text: string, number: number) {
    this.text = text;
    this.number = number;
  }
}

export type Value = number | string | NumericText;

/** What a variable holds before it is assigned: both the empty string and zero. */
export const UNSET = new NumericText('', 0);

/** An associative array; `for (k in a)` goes in the order in which elements were made. */
export type AwkArray = Map<string, Value>;

const NUMERIC = /^[ \t\n\r\f\v]*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[ \t\n\r\f\v]*$/;
const PREFIX = /^[ \t\n\r\f\v]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/;

/** A text that came from input: fields, getline, command-line assignments, ENVIRON, split. */
export function fromInput(text: string): Value {
  const first = text.charCodeAt(0);
  // Most texts don't begin like a number; the expression is only tried on those that do.
  if (first > 57 || Number.isNaN(first) || !NUMERIC.test(text)) return text;
  return new NumericText(text, Number(text));
}

/** The number that a text begins with, or 0. */
export function numberOf(text: string): number {
  const first = text.charCodeAt(0);
  if (first > 57 || Number.isNaN(first)) return 0;
  const prefix = PREFIX.exec(text)?.[1];
  return prefix === undefined ? 0 : Number(prefix);
}

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? numberOf(value) : value.number;
}

/** A number as text: integers plainly, others by `format` (CONVFMT or OFMT). */
export function numberText(number: number, format: string): string {
  if (Number.isInteger(number)) {
    if (Math.abs(number) < 1e15) return number === 0 ? '0' : String(number);
    if (Math.abs(number) <= 2 ** 63) return BigInt(number).toString();
  }
  return format === '%.6g' ? sixDigits(number) : formatWith(format, number);
}

function sixDigits(number: number): string {
  return Number.isFinite(number) ? formatFloat(number, 'g', undefined, '') : notFinite(number);
}

/** CONVFMT and OFMT hold one floating-point conversion; anything around it is kept. */
function formatWith(format: string, number: number): string {
  const match = /%([-+ #0]*)(\d*)(?:\.(\d*))?([aAeEfFgGdi])/.exec(format);
  if (!match) return format;
  const [whole, flags = '', width = '', precision, letter = 'g'] = match;
  const integer = letter === 'd' || letter === 'i';
  const body = !Number.isFinite(number)
    ? notFinite(number)
    : integer
      ? String(Math.trunc(number))
      : formatFloat(number, letter, precision === undefined ? undefined : Number(precision), flags);
  return format.replace(whole, () => (flags.includes('-') ? body.padEnd(Number(width)) : body.padStart(Number(width))));
}

/** The C library prints the NaN of an invalid operation with its sign bit, which x86 sets; mawk adds a sign to infinity. */
export function notFinite(number: number): string {
  if (Number.isNaN(number)) return '-nan';
  return number > 0 ? '+inf' : '-inf';
}

export function truth(value: Value): boolean {
  if (typeof value === 'number') return value !== 0;
  return typeof value === 'string' ? value !== '' : value.number !== 0;
}

/** Negative, zero or positive: as numbers when both sides are numbers or look like them, as texts otherwise. */
export function compare(a: Value, b: Value, format: string): number {
  if (typeof a !== 'string' && typeof b !== 'string') {
    const difference = toNumber(a) - toNumber(b);
    if (!Number.isNaN(difference)) return difference;
    // Infinities of the same sign are equal; a NaN is never equal.
    return toNumber(a) === toNumber(b) ? 0 : 1;
  }
  const [left, right] = [textOf(a, format), textOf(b, format)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function textOf(value: Value, format: string): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? numberText(value, format) : value.text;
}
