import type { ByteString } from '../tool/byte-string.ts';

/** A set of `tr`: its bytes in order, and where a `[c*]` stands that fills it up to the other set's length. */
export interface TrSet {
  bytes: number[];
  fill: { at: number; byte: number } | undefined;
  /** Positions at which `[:lower:]` and `[:upper:]` begin: they pair up for case conversion. */
  cases: { at: number; name: 'lower' | 'upper' }[];
  /** A class other than lower and upper occurs, which a second set may not have when translating. */
  otherClass: boolean;
  /** `[=c=]` occurs, which a second set may not have either. */
  equivalence: boolean;
}

const ESCAPES: Record<string, number> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const DIGITS = range(48, 57);
const UPPER = range(65, 90);
const LOWER = range(97, 122);

/** isalpha(3) and the like in the C locale, in byte order. */
const CLASSES: Record<string, number[]> = {
  alnum: [...DIGITS, ...UPPER, ...LOWER],
  alpha: [...UPPER, ...LOWER],
  blank: [9, 32],
  cntrl: [...range(0, 31), 127],
  digit: DIGITS,
  graph: range(33, 126),
  lower: LOWER,
  print: range(32, 126),
  punct: range(33, 126).filter((code) => !/[0-9A-Za-z]/.test(String.fromCharCode(code))),
  space: [9, 10, 11, 12, 13, 32],
  upper: UPPER,
  xdigit: [...DIGITS, ...range(65, 70), ...range(97, 102)],
};

/** One character of the set after escapes; escaped ones have no special meaning. */
interface Unit {
  byte: number;
  escaped: boolean;
}

/**
 * Parses a set: characters, escapes, ranges, `[:class:]`, `[=c=]`, `[c*n]`.
 * @returns the set, or coreutils' words for what is wrong with it
 * @see coreutils tr.c build_spec_list
 */
export function parseSet(text: ByteString): TrSet | string {
  const units = unitsOf(text);
  const set: TrSet = { bytes: [], fill: undefined, cases: [], otherClass: false, equivalence: false };
  for (let i = 0; i < units.length; ) {
    const special = units[i]?.byte === 91 && !units[i]?.escaped ? bracket(units, i, set) : undefined;
    if (typeof special === 'string') return special;
    if (special !== undefined) {
      i = special;
      continue;
    }
    const low = units[i] as Unit;
    const high = units[i + 2];
    if (units[i + 1]?.byte === 45 && !units[i + 1]?.escaped && high) {
      if (high.byte < low.byte) {
        return `range-endpoints of '${show(low.byte)}-${show(high.byte)}' are in reverse collating sequence order`;
      }
      set.bytes.push(...range(low.byte, high.byte));
      i += 3;
    } else {
      set.bytes.push(low.byte);
      i++;
    }
  }
  return set;
}

/** The bytes that are not in the set, in order. */
export function complementSet(bytes: readonly number[]): number[] {
  const members = new Set(bytes);
  return range(0, 255).filter((byte) => !members.has(byte));
}

function unitsOf(text: ByteString): Unit[] {
  const units: Unit[] = [];
  for (let i = 0; i < text.length; ) {
    const char = text[i] as string;
    if (char !== '\\' || i + 1 === text.length) {
      units.push({ byte: char.charCodeAt(0), escaped: false });
      i++;
      continue;
    }
    const octal = /^[0-3][0-7]{0,2}|^[0-7]{1,2}/.exec(text.slice(i + 1))?.[0];
    const next = text[i + 1] as string;
    units.push({ byte: octal === undefined ? (ESCAPES[next] ?? next.charCodeAt(0)) : Number.parseInt(octal, 8), escaped: true });
    i += 1 + (octal?.length ?? 1);
  }
  return units;
}

/** `[:class:]`, `[=c=]` or `[c*n]` at `at`: the index after it, an error, or `undefined` where there is none of them. */
function bracket(units: Unit[], at: number, set: TrSet): number | string | undefined {
  const kind = units[at + 1];
  if (kind && !kind.escaped && (kind.byte === 58 || kind.byte === 61)) {
    for (let end = at + 2; end + 1 < units.length; end++) {
      if (units[end]?.byte !== kind.byte || units[end + 1]?.byte !== 93) continue;
      const inside = units
        .slice(at + 2, end)
        .map((unit) => String.fromCharCode(unit.byte))
        .join('');
      const error = kind.byte === 58 ? addClass(inside, set) : addEquivalence(inside, set);
      return error ?? end + 2;
    }
  }
  if (units[at + 2]?.byte !== 42 || units[at + 2]?.escaped || !kind) return undefined;
  const rest = units
    .slice(at + 3)
    .map((unit) => String.fromCharCode(unit.byte))
    .join('');
  const match = /^(\d*)\]/.exec(rest);
  if (!match) return undefined;
  const digits = match[1] as string;
  const count = digits.startsWith('0') ? Number.parseInt(digits, 8) : Number(digits);
  if (digits === '' || count === 0) set.fill = { at: set.bytes.length, byte: kind.byte };
  else for (let i = 0; i < Math.min(count, 256); i++) set.bytes.push(kind.byte);
  return at + 4 + digits.length;
}

function addClass(name: string, set: TrSet): string | undefined {
  const members = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  if (!members) return name === '' ? "missing character class name '[::]'" : `invalid character class '${name}'`;
  if (name === 'lower' || name === 'upper') set.cases.push({ at: set.bytes.length, name });
  else set.otherClass = true;
  set.bytes.push(...members);
  return undefined;
}

function addEquivalence(inside: string, set: TrSet): string | undefined {
  if (inside === '') return "missing equivalence class character '[==]'";
  if (inside.length !== 1) return `${inside}: equivalence class operand must be a single character`;
  set.equivalence = true;
  set.bytes.push(inside.charCodeAt(0));
  return undefined;
}

function show(byte: number): string {
  return byte < 32 || byte > 126 ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte);
}
