import type { ByteString } from '../tool/byte-string.ts';

/** How a key is compared; letters are those of sort(1). */
export interface Ordering {
  blanksStart: boolean;
  blanksEnd: boolean;
  dictionary: boolean;
  fold: boolean;
  printable: boolean;
  reverse: boolean;
  /** At most one of g, h, M, n, R, V. */
  kind: '' | 'g' | 'h' | 'M' | 'n' | 'R' | 'V';
}

/** A sort key: from a character of a field to a character of a field, and its own ordering if it has one. */
export interface SortKey {
  /** Counted from zero. */
  startField: number;
  startChar: number;
  /** Counted from one; `undefined` is the end of the line. */
  endField: number | undefined;
  /** 0 is the end of the field. */
  endChar: number;
  ordering: Ordering;
  ownOrdering: boolean;
}

export function plainOrdering(): Ordering {
  return { blanksStart: false, blanksEnd: false, dictionary: false, fold: false, printable: false, reverse: false, kind: '' };
}

/** Adds ordering letters; returns the first that is none, or one that contradicts an earlier. */
export function addOrdering(
  ordering: Ordering,
  letters: string,
  part: 'start' | 'end' | 'both',
): { unknown: string } | { clash: string } | undefined {
  for (const letter of letters) {
    if (letter === 'b') {
      if (part !== 'end') ordering.blanksStart = true;
      if (part !== 'start') ordering.blanksEnd = true;
    } else if (letter === 'd') ordering.dictionary = true;
    else if (letter === 'f') ordering.fold = true;
    else if (letter === 'i') ordering.printable = true;
    else if (letter === 'r') ordering.reverse = true;
    else if ('ghMnRV'.includes(letter)) {
      if (ordering.kind !== '' && ordering.kind !== letter) return { clash: [ordering.kind, letter].sort().join('') };
      ordering.kind = letter as Ordering['kind'];
    } else return { unknown: letter };
  }
  return undefined;
}

/**
 * Parses `F[.C][OPTS][,F[.C][OPTS]]`.
 * @returns the key, or coreutils' words for what is wrong with it
 */
export function parseKey(text: string): SortKey | string {
  const start = /^(\d+)(?:\.(\d*))?/.exec(text);
  if (!start) return `invalid number at field start: invalid count at start of '${text}'`;
  if (Number(start[1]) === 0) return `field number is zero: invalid field specification '${text}'`;
  if (start[2] === '') return `invalid number after '.': invalid count at start of '${text.slice(start[0].length)}'`;
  if (start[2] !== undefined && Number(start[2]) === 0) return `character offset is zero: invalid field specification '${text}'`;
  const key: SortKey = {
    startField: Number(start[1]) - 1,
    startChar: start[2] === undefined ? 0 : Number(start[2]) - 1,
    endField: undefined,
    endChar: 0,
    ordering: plainOrdering(),
    ownOrdering: false,
  };
  const rest = text.slice(start[0].length);
  const match = /^([A-Za-z]*)(?:,(\d*)(?:\.(\d*))?([A-Za-z]*))?(.*)$/s.exec(rest) as RegExpExecArray;
  const [, startLetters = '', endField, endChar, endLetters = '', junk = ''] = match;
  if (endField === '') return `invalid number after ',': invalid count at start of '${rest.slice(rest.indexOf(',') + 1)}'`;
  if (endField !== undefined) {
    if (Number(endField) === 0) return `field number is zero: invalid field specification '${text}'`;
    key.endField = Number(endField);
    key.endChar = endChar === undefined || endChar === '' ? 0 : Number(endChar);
  }
  const wrong = addOrdering(key.ordering, startLetters, 'start') ?? addOrdering(key.ordering, endLetters, 'end');
  if (wrong && 'clash' in wrong) return `options '-${wrong.clash}' are incompatible`;
  if (wrong || junk !== '') return `stray character in field spec: invalid field specification '${text}'`;
  key.ownOrdering = startLetters !== '' || endLetters !== '';
  return key;
}

/** The part of a line that a key compares (coreutils sort.c begfield, limfield). */
export function keyText(line: ByteString, key: SortKey, tab: string | undefined): ByteString {
  const start = begin(line, key.startField, key.startChar, tab, key.ordering.blanksStart);
  if (key.endField === undefined) return line.slice(start);
  const end =
    key.endChar === 0 ? fieldEnd(line, key.endField, tab) : begin(line, key.endField - 1, key.endChar, tab, key.ordering.blanksEnd);
  return line.slice(start, Math.max(start, end));
}

function begin(line: ByteString, fields: number, chars: number, tab: string | undefined, skipBlanks: boolean): number {
  let at = 0;
  for (let n = 0; n < fields && at < line.length; n++) {
    at = tab === undefined ? blankFieldEnd(line, at) : untilTab(line, at, tab);
    if (tab !== undefined && at < line.length) at++;
  }
  if (skipBlanks) while (line[at] === ' ' || line[at] === '\t') at++;
  return Math.min(line.length, at + chars);
}

function fieldEnd(line: ByteString, fields: number, tab: string | undefined): number {
  let at = 0;
  for (let n = fields; n > 0 && at < line.length; n--) {
    at = tab === undefined ? blankFieldEnd(line, at) : untilTab(line, at, tab);
    if (tab !== undefined && at < line.length && n > 1) at++;
  }
  return at;
}

function untilTab(line: ByteString, from: number, tab: string): number {
  const at = line.indexOf(tab, from);
  return at < 0 ? line.length : at;
}

/** Blanks belong to the field that follows them. */
function blankFieldEnd(line: ByteString, from: number): number {
  let at = from;
  while (line[at] === ' ' || line[at] === '\t') at++;
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t') at++;
  return at;
}
