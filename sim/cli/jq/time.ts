import { DAYS, daysOf, moment, MONTHS, strftime } from '../../base/calendar.ts';
import { fail } from './error.ts';
import { isArray, isNumber, toDouble, type Value } from './value.ts';

/** Seconds since 1970 → `[year, month from 0, day, hour, minute, second, weekday, day of the year from 0]`, in UTC. */
export function gmtime(value: Value): Value {
  if (!isNumber(value)) return fail('gmtime() requires numeric inputs');
  const seconds = toDouble(value);
  const whole = Math.floor(seconds);
  const at = moment(whole);
  const second = seconds === whole ? at.second : at.second + (seconds - whole);
  return [at.year, at.month - 1, at.day, at.hour, at.minute, second, at.weekday, at.yearDay - 1];
}

/** The inverse of `gmtime`; what is missing at the end counts as zero. */
export function mktime(value: Value): number {
  if (!isArray(value)) return fail('mktime requires array inputs');
  if (value.some((part) => !isNumber(part))) return fail('mktime requires parsed datetime inputs');
  const [year = 1900, month = 0, day = 0, hour = 0, minute = 0, second = 0] = value.map((part) => Math.floor(toDouble(part)));
  const carried = year + Math.floor(month / 12);
  return (daysOf(carried, (((month % 12) + 12) % 12) + 1, 1) + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second;
}

/** Formats seconds or broken-down time. `zone` is what `%Z` shows: jq calls its UTC `GMT` in `strftime`. */
export function formatTime(value: Value, format: Value, zone: string, name: string): string {
  const parts = isNumber(value) ? gmtime(value) : value;
  if (!isArray(parts)) return fail(`${name}/1 requires parsed datetime inputs`);
  if (typeof format !== 'string') return fail(`${name}/1 requires a string format`);
  return strftime(
    format.replace(/%(%|Z)/g, (whole, letter: string) => (letter === 'Z' ? zone : whole)),
    moment(mktime(parts)),
  );
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Seconds since 1970 when `%s` gave them. */
  epoch: number | undefined;
  afternoon: boolean | undefined;
  yearDay: number | undefined;
}

/** Parses a text by a format of strptime(3). */
export function parseTime(value: Value, format: Value): Value {
  if (typeof value !== 'string') return fail(`strptime/1 requires string inputs and arguments`);
  if (typeof format !== 'string') return fail('strptime/1 requires a string format');
  const parts: Parts = {
    year: 1900,
    month: 0,
    day: 0,
    hour: 0,
    minute: 0,
    second: 0,
    epoch: undefined,
    afternoon: undefined,
    yearDay: undefined,
  };
  const rest = consume(value, format, parts);
  if (rest !== '') return fail(`date ${JSON.stringify(value)} does not match format ${JSON.stringify(format)}`);
  if (parts.epoch !== undefined) return gmtime(parts.epoch);
  if (parts.afternoon !== undefined) parts.hour = (parts.hour % 12) + (parts.afternoon ? 12 : 0);
  const seconds = mktime([parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second]);
  const at = moment(seconds);
  if (parts.day === 0) return [parts.year, parts.month, 0, parts.hour, parts.minute, parts.second, at.weekday, at.yearDay - 1];
  return [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second, at.weekday, at.yearDay - 1];
}

const COMPOSITE: Record<string, string> = {
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
};

/** What is left of the text after the format, or `undefined` when it doesn't match. */
function consume(text: string, format: string, parts: Parts): string | undefined {
  let rest = text;
  for (let i = 0; i < format.length; i++) {
    const char = format[i] as string;
    if (/\s/.test(char)) {
      rest = rest.trimStart();
      continue;
    }
    if (char !== '%') {
      if (rest[0] !== char) return undefined;
      rest = rest.slice(1);
      continue;
    }
    const letter = format[++i] ?? '%';
    const composite = COMPOSITE[letter];
    const left = composite ? consume(rest, composite, parts) : conversion(rest, letter, parts);
    if (left === undefined) return undefined;
    rest = left;
  }
  return rest;
}

/** Numeric conversions: how many digits at most, and where the number goes. */
const NUMERIC: Record<string, [number, (parts: Parts, value: number) => void]> = {
  Y: [4, (parts, value) => (parts.year = value)],
  m: [2, (parts, value) => (parts.month = value - 1)],
  d: [2, (parts, value) => (parts.day = value)],
  e: [2, (parts, value) => (parts.day = value)],
  H: [2, (parts, value) => (parts.hour = value)],
  k: [2, (parts, value) => (parts.hour = value)],
  I: [2, (parts, value) => (parts.hour = value)],
  M: [2, (parts, value) => (parts.minute = value)],
  S: [2, (parts, value) => (parts.second = value)],
  j: [3, (parts, value) => (parts.yearDay = value)],
  y: [2, (parts, value) => (parts.year = value < 69 ? 2000 + value : 1900 + value)],
  s: [20, (parts, value) => (parts.epoch = value)],
  u: [1, () => {}],
  w: [1, () => {}],
};

function conversion(text: string, letter: string, parts: Parts): string | undefined {
  const numeric = NUMERIC[letter];
  if (numeric) {
    const digits = new RegExp(`^ *(\\d{1,${numeric[0]}})`).exec(text);
    if (!digits) return undefined;
    numeric[1](parts, Number(digits[1]));
    return text.slice(digits[0].length);
  }
  if (letter === 'b' || letter === 'B' || letter === 'h') return named(text, MONTHS, (at) => (parts.month = at));
  if (letter === 'a' || letter === 'A') return named(text, DAYS, () => {});
  if (letter === 'p') return named(text, ['AM', 'PM'], (at) => (parts.afternoon = at === 1));
  if (letter === 'Z') return text.replace(/^[A-Za-z]+/, '');
  if (letter === 'z') return /^(?:[-+]\d{2}:?\d{2}|Z)/.test(text) ? text.replace(/^(?:[-+]\d{2}:?\d{2}|Z)/, '') : undefined;
  if (letter === 'n' || letter === 't') return text.trimStart();
  return letter === '%' && text.startsWith('%') ? text.slice(1) : undefined;
}

/** A name in full or by its first three letters, in any case. */
function named(text: string, names: readonly string[], found: (at: number) => void): string | undefined {
  const lower = text.toLowerCase();
  for (const length of [Number.POSITIVE_INFINITY, 3]) {
    const at = names.findIndex((name) => lower.startsWith(name.slice(0, length).toLowerCase()));
    if (at < 0) continue;
    found(at);
    return text.slice((names[at] as string).slice(0, length).length);
  }
  return undefined;
}
