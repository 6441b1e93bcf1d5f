import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString, compareBytes } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

interface Row {
  fields: ByteString[];
  key: ByteString;
}

/** One input: gives rows with the same key together. */
class Side {
  readonly #reader: Reader;
  readonly #split: (line: ByteString) => ByteString[];
  readonly #field: number;
  readonly #end: string;
  readonly #fold: boolean;
  #ahead: Row | undefined;

  constructor(reader: Reader, split: (line: ByteString) => ByteString[], field: number, end: string, fold: boolean) {
    this.#reader = reader;
    this.#split = split;
    this.#field = field;
    this.#end = end;
    this.#fold = fold;
  }

  *next(): Blocking<Row | undefined> {
    const line = yield* this.#reader.line(this.#end);
    if (line === undefined) return undefined;
    const fields = this.#split(line);
    const key = fields[this.#field] ?? '';
    return { fields, key: this.#fold ? key.toUpperCase() : key };
  }

  *group(): Blocking<Row[]> {
    const first = this.#ahead ?? (yield* this.next());
    this.#ahead = undefined;
    if (!first) return [];
    const rows = [first];
    for (;;) {
      const row = yield* this.next();
      if (row && row.key === first.key) rows.push(row);
      else {
        this.#ahead = row;
        return rows;
      }
    }
  }
}

/** A line of the output from a row of either side or both. */
type Format = (left: Row | undefined, right: Row | undefined) => ByteString;

function makeFormat(call: Call, joint: string, fieldOf: readonly [number, number]): Format | string {
  const empty = byteString(call.value('e') ?? '');
  const spec = call.values('o').join(',');
  const key = (left: Row | undefined, right: Row | undefined) => (left ? left.fields[fieldOf[0]] : right?.fields[fieldOf[1]]) || empty;
  if (spec === '' || spec === 'auto') {
    const others = (row: Row | undefined, field: number) =>
      row ? row.fields.filter((_, index) => index !== field).map((text) => text || empty) : [];
    return (left, right) => [key(left, right), ...others(left, fieldOf[0]), ...others(right, fieldOf[1])].join(joint);
  }
  const parts: { side: 0 | 1 | 2; field: number }[] = [];
  for (const item of spec.split(/[,\s]+/)) {
    const match = /^(?:0|([12])\.([1-9]\d*))$/.exec(item);
    if (!match)
      return /^[012]/.test(item)
        ? `invalid field specifier: ${call.quote(item)}`
        : `invalid file number in field spec: ${call.quote(item)}`;
    parts.push(match[1] === undefined ? { side: 0, field: 0 } : { side: Number(match[1]) as 1 | 2, field: Number(match[2]) - 1 });
  }
  return (left, right) =>
    parts
      .map(({ side, field }) => (side === 0 ? key(left, right) : ((side === 1 ? left : right)?.fields[field] ?? '') || empty))
      .join(joint);
}

function* merge(call: Call, sides: readonly [Side, Side], format: Format, end: string): Blocking<void> {
  const only = call.values('v');
  const also = [...call.values('a'), ...only];
  const [showLeft, showRight] = [also.includes('1'), also.includes('2')];
  let left = yield* sides[0].group();
  let right = yield* sides[1].group();
  while (left.length > 0 || right.length > 0) {
    const order = left[0] === undefined ? 1 : right[0] === undefined ? -1 : compareBytes(left[0].key, right[0].key);
    if (order < 0) {
      if (showLeft) for (const row of left) yield* call.out.write(format(row, undefined) + end);
      left = yield* sides[0].group();
    } else if (order > 0) {
      if (showRight) for (const row of right) yield* call.out.write(format(undefined, row) + end);
      right = yield* sides[1].group();
    } else {
      if (only.length === 0) for (const a of left) for (const b of right) yield* call.out.write(format(a, b) + end);
      left = yield* sides[0].group();
      right = yield* sides[1].group();
    }
  }
}

export const join: Tool = {
  name: 'join',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... FILE1 FILE2'],
  about: 'Join the lines of two files that have the same text in a field; both must be sorted on it.',
  options: [
    valued('a', '', 'FILENUM', 'also lines of that file that have no partner'),
    flag('', 'check-order', 'ignored'),
    valued('e', '', 'EMPTY', 'what stands for a missing field'),
    flag('', 'header', 'the first lines are headings'),
    flag('i', 'ignore-case', 'capital and small letters are the same'),
    valued('j', '', 'FIELD', 'same as -1 FIELD -2 FIELD'),
    flag('', 'nocheck-order', 'ignored'),
    valued('o', '', 'FORMAT', 'which fields to print: FILENUM.FIELD or 0, separated by commas'),
    valued('t', '', 'CHAR', 'what separates fields in input and output'),
    valued('v', '', 'FILENUM', 'as -a, without the joined lines'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
    valued('1', '', 'FIELD', 'the field of the first file'),
    valued('2', '', 'FIELD', 'the field of the second file'),
  ],
  *main(call) {
    const [first, second, extra] = call.operands;
    if (first === undefined) return yield* call.missingOperand();
    if (second === undefined) return yield* call.missingOperandAfter(first);
    if (extra !== undefined) return yield* call.extraOperand(extra);
    const numbers: number[] = [];
    for (const side of ['1', '2']) {
      const text = call.value(side) ?? call.value('j') ?? '1';
      if (!/^[1-9]\d*$/.test(text)) return yield* call.fail(`invalid field number: ${call.quote(text)}`);
      numbers.push(Number(text) - 1);
    }
    const fieldOf = [numbers[0] as number, numbers[1] as number] as const;
    const tab = call.value('t') === undefined ? undefined : byteString(call.value('t') as string);
    if (tab !== undefined && tab.length > 1) return yield* call.fail(`multi-character tab ${call.quote(tab)}`);
    const split = (line: ByteString) =>
      tab === undefined ? line.split(/[ \t]+/).filter((field, i) => i > 0 || field !== '') : line.split(tab);
    const format = makeFormat(call, tab ?? ' ', fieldOf);
    if (typeof format === 'string') return yield* call.fail(format);
    const end = call.has('zero-terminated') ? '\0' : '\n';
    const sides: Side[] = [];
    for (const [index, path] of [first, second].entries()) {
      const file = call.open(path);
      if (typeof file === 'string') return yield* call.fail(`${call.dialect.fileName(path)}: ${strerror(file)}`);
      sides.push(new Side(file.reader, split, fieldOf[index as 0 | 1], end, call.has('ignore-case')));
    }
    const pair = [sides[0] as Side, sides[1] as Side] as const;
    if (call.has('header')) {
      const [a, b] = [yield* pair[0].next(), yield* pair[1].next()];
      if (a || b) yield* call.out.write(format(a, b) + end);
    }
    yield* merge(call, pair, format, end);
    return 0;
  },
};
