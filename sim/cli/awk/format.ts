import { formatFloat } from '../bash/printf-float.ts';
import { Fatal } from './fatal.ts';
import { notFinite, toNumber, type Value } from './values.ts';

/** The widest field or precision that is filled; more would only eat memory. */
const MAX_WIDTH = 1_000_000;

type Segment = string | Conversion;

interface Conversion {
  flags: string;
  width: number | '*' | undefined;
  precision: number | '*' | undefined;
  letter: string;
}

const parsed = new Map<string, Segment[]>();

/**
 * printf of awk, over byte strings.
 *
 * @see printf(3); mawk's print.c for what happens to numbers that no integer type holds
 * @throws Fatal when an argument is missing or a conversion is unknown
 */
export function format(pattern: string, args: readonly Value[], text: (value: Value) => string): string {
  let next = 0;
  const argument = (): Value => {
    const value = args[next++];
    if (value === undefined) throw new Fatal(`not enough arguments passed to printf("${pattern}")`);
    return value;
  };
  let result = '';
  let number = 0;
  for (const segment of segmentsOf(pattern)) {
    if (typeof segment === 'string') {
      result += segment;
      continue;
    }
    number++;
    let { flags } = segment;
    let width = segment.width === '*' ? Math.trunc(toNumber(argument())) : segment.width;
    if (width !== undefined && width < 0) {
      flags += '-';
      width = -width;
    }
    const precision = segment.precision === '*' ? Math.trunc(toNumber(argument())) : segment.precision;
    if ((width ?? 0) > MAX_WIDTH || (precision ?? 0) > MAX_WIDTH)
      throw new Fatal(`program limit exceeded: sprintf buffer size=${MAX_WIDTH}`);
    if (segment.letter === '') throw new Fatal(`improper conversion(number ${number}) in printf("${pattern}")`);
    result += convert(segment.letter, flags, width ?? 0, precision, argument(), text);
  }
  return result;
}

function segmentsOf(pattern: string): Segment[] {
  const known = parsed.get(pattern);
  if (known) return known;
  const segments: Segment[] = [];
  const conversion = /%([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?(?:hh|h|ll|l|L|q|j|z|t)?([a-zA-Z%]?)/g;
  let end = 0;
  for (let match = conversion.exec(pattern); match; match = conversion.exec(pattern)) {
    if (match.index > end) segments.push(pattern.slice(end, match.index));
    end = match.index + match[0].length;
    const [whole, flags = '', width = '', precision, letter = ''] = match;
    if (whole === '%%') segments.push('%');
    else {
      const known = /[diouxXeEfFgGaAcs]/.test(letter) || whole === '%' ? letter || 'none' : '';
      segments.push({ flags, width: size(width), precision: precision === undefined ? undefined : (size(precision) ?? 0), letter: known });
    }
  }
  if (end < pattern.length) segments.push(pattern.slice(end));
  if (parsed.size > 500) parsed.clear();
  parsed.set(pattern, segments);
  return segments;
}

function size(text: string): number | '*' | undefined {
  return text === '' ? undefined : text === '*' ? '*' : Number(text);
}

function convert(
  letter: string,
  flags: string,
  width: number,
  precision: number | undefined,
  value: Value,
  text: (value: Value) => string,
): string {
  if (letter === 's') return pad(precision === undefined ? text(value) : text(value).slice(0, precision), flags, width);
  if (letter === 'c') return pad(character(value), flags, width);
  const number = toNumber(value);
  if (!Number.isFinite(number)) return pad(notFinite(number), flags, width);
  if ('di'.includes(letter)) return integer(number, flags, width, precision);
  if ('ouxX'.includes(letter)) return unsigned(letter, number, flags, width, precision);
  return zeroFill(formatFloat(number, letter, precision, flags), flags, width);
}

function character(value: Value): string {
  if (typeof value === 'string') return value === '' ? '\0' : value.slice(0, 1);
  return String.fromCharCode(Math.trunc(toNumber(value)) & 0xff);
}

/** Whole numbers up to 2^64 are exact; beyond that they are printed as %g would. */
function integer(number: number, flags: string, width: number, precision: number | undefined): string {
  if (Math.abs(number) > 2 ** 64) return pad(formatFloat(number, 'g', undefined, ''), flags, width);
  const whole = Math.trunc(number);
  const digits = BigInt(Math.abs(whole))
    .toString()
    .padStart(precision ?? 0, '0');
  const sign = whole < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return precision === undefined ? zeroFill(sign + digits, flags, width) : pad(sign + digits, flags, width);
}

function unsigned(letter: string, number: number, flags: string, width: number, precision: number | undefined): string {
  const limit = 1n << 64n;
  const whole = BigInt(Math.trunc(number));
  const value = whole >= limit ? limit - 1n : BigInt.asUintN(64, whole);
  const base = letter === 'o' ? 8 : letter === 'u' ? 10 : 16;
  let digits = value.toString(base).padStart(precision ?? 0, '0');
  if (flags.includes('#') && value !== 0n) digits = letter === 'o' ? `0${digits}` : base === 16 ? `0x${digits}` : digits;
  const body = letter === 'X' ? digits.toUpperCase() : digits;
  return precision === undefined ? zeroFill(body, flags, width) : pad(body, flags, width);
}

function zeroFill(body: string, flags: string, width: number): string {
  if (!flags.includes('0') || flags.includes('-') || body.length >= width) return pad(body, flags, width);
  const prefix = /^[-+ ]?(?:0[xX])?/.exec(body)?.[0] ?? '';
  return prefix + body.slice(prefix.length).padStart(width - prefix.length, '0');
}

function pad(body: string, flags: string, width: number): string {
  return flags.includes('-') ? body.padEnd(width) : body.padStart(width);
}
