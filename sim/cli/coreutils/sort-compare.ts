import { Random } from '../../base/random.ts';
import { type ByteString, compareBytes } from '../tool/byte-string.ts';
import type { Ordering } from './sort-key.ts';

const UNITS = 'KMGTPEZYRQ';
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** A comparison of two keys' texts under an ordering, before `-r` turns it round. `seed` belongs to `-R`. */
export function comparison(ordering: Ordering, seed: string): (a: ByteString, b: ByteString) => number {
  switch (ordering.kind) {
    case 'n':
      return compareNumeric;
    case 'h':
      return compareHuman;
    case 'g':
      return compareGeneral;
    case 'M':
      return (a, b) => month(a) - month(b);
    case 'V':
      return compareVersions;
    case 'R':
      return (a, b) => (a === b ? 0 : shuffled(seed, a) - shuffled(seed, b) || compareBytes(a, b));
    default:
      return (a, b) => compareBytes(prepared(a, ordering), prepared(b, ordering));
  }
}

/** Applies `-d`, `-i` and `-f`. */
function prepared(text: ByteString, ordering: Ordering): ByteString {
  let part = text;
  if (ordering.dictionary) part = part.replace(/[^0-9A-Za-z \t]/g, '');
  else if (ordering.printable) part = part.replace(/[^ -~]/g, '');
  return ordering.fold ? part.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : part;
}

interface Decimal {
  negative: boolean;
  whole: string;
  fraction: string;
}

function decimal(text: ByteString): Decimal {
  const [, sign = '', whole = '', fraction = ''] = /^[ \t\n]*(-?)(\d*)(?:\.(\d*))?/.exec(text) ?? [];
  const number = { negative: false, whole: whole.replace(/^0+/, ''), fraction: fraction.replace(/0+$/, '') };
  number.negative = sign === '-' && (number.whole !== '' || number.fraction !== '');
  return number;
}

/** Numbers of any length, compared as digits (strnumcmp.c). */
function compareNumeric(left: ByteString, right: ByteString): number {
  const a = decimal(left);
  const b = decimal(right);
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const size = a.whole.length - b.whole.length || compareBytes(a.whole, b.whole) || compareBytes(a.fraction, b.fraction);
  return a.negative ? -size : size;
}

/** Sign, then unit, then number, as `2K` < `1M`. */
function compareHuman(left: ByteString, right: ByteString): number {
  const order = (text: ByteString): number => {
    const match = /^[ \t\n]*(-?)[\d,]*\.?\d*([kKMGTPEZYRQ]?)/.exec(text);
    const number = decimal(text);
    if (number.whole === '' && number.fraction === '') return 0;
    const unit = UNITS.indexOf((match?.[2] ?? '').toUpperCase() || '?') + 1;
    return match?.[1] === '-' ? -unit : unit;
  };
  return order(left) - order(right) || compareNumeric(left, right);
}

/** strtold: no number before NaN before numbers. */
function compareGeneral(left: ByteString, right: ByteString): number {
  const rank = (text: ByteString): [number, number] => {
    const match = /^\s*([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf(?:inity)?|nan|0[xX][0-9a-fA-F]+))/i.exec(text);
    if (!match) return [0, 0];
    const word = (match[1] as string).toLowerCase();
    if (word.includes('nan')) return [1, 0];
    if (word.includes('inf')) return [2, word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY];
    return [2, Number(word)];
  };
  const [a, b] = [rank(left), rank(right)];
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
}

function month(text: ByteString): number {
  return (
    MONTHS.indexOf(
      text
        .replace(/^[ \t]+/, '')
        .slice(0, 3)
        .toUpperCase(),
    ) + 1
  );
}

function shuffled(seed: string, text: ByteString): number {
  return new Random(seed, text).uint32();
}

/** gnulib filevercmp: digits by value, letters before other characters, `~` before everything, suffixes such as `.tar.gz` last. */
export function compareVersions(a: ByteString, b: ByteString): number {
  if (a === b) return 0;
  for (const special of ['', '.', '..']) {
    if (a === special) return -1;
    if (b === special) return 1;
  }
  if (a.startsWith('.') !== b.startsWith('.')) return a.startsWith('.') ? -1 : 1;
  const suffix = /(?:\.[A-Za-z~][A-Za-z0-9~]*)*$/;
  const result = compareParts(a.replace(suffix, ''), b.replace(suffix, ''));
  return result || compareParts(a, b) || compareBytes(a, b);
}

function order(char: string | undefined): number {
  if (char === undefined || /\d/.test(char)) return 0;
  if (/[A-Za-z]/.test(char)) return char.charCodeAt(0);
  return char === '~' ? -1 : char.charCodeAt(0) + 256;
}

function compareParts(a: ByteString, b: ByteString): number {
  let i = 0;
  let j = 0;
  const isDigit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9';
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j]))) {
      const difference = order(a[i]) - order(b[j]);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    while (a[i] === '0') i++;
    while (b[j] === '0') j++;
    const [x, y] = [/^\d*/.exec(a.slice(i))?.[0] ?? '', /^\d*/.exec(b.slice(j))?.[0] ?? ''];
    const difference = x.length - y.length || compareBytes(x, y);
    if (difference !== 0) return difference;
    i += x.length;
    j += y.length;
  }
  return 0;
}
