import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { flag, type Tool } from '../tool/tool.ts';
import { complementSet, parseSet, type TrSet } from './tr-set.ts';

/** The second set stretched to the first's length: by its `[c*]`, else by its last byte. */
function stretch(second: TrSet, length: number, truncate: boolean): number[] {
  const bytes = [...second.bytes];
  const { fill } = second;
  if (fill) bytes.splice(fill.at, 0, ...new Array<number>(Math.max(0, length - bytes.length)).fill(fill.byte));
  else if (!truncate && bytes.length > 0) while (bytes.length < length) bytes.push(bytes.at(-1) as number);
  return bytes;
}

/** The translation as a table of 256 bytes. */
function table(first: number[], second: number[]): number[] {
  const map = Array.from({ length: 256 }, (_, byte) => byte);
  for (let i = 0; i < first.length && i < second.length; i++) map[first[i] as number] = second[i] as number;
  return map;
}

function checkOperands(call: Call, deleting: boolean, squeezing: boolean): string | undefined {
  const [first, second, third] = call.operands;
  if (first === undefined) return 'missing operand';
  if (second === undefined && !deleting && !squeezing) {
    return `missing operand after ${call.quote(first)}\nTwo strings must be given when translating.`;
  }
  if (second === undefined && deleting && squeezing) {
    return `missing operand after ${call.quote(first)}\nTwo strings must be given when both deleting and squeezing repeats.`;
  }
  if (second !== undefined && deleting && !squeezing) {
    return `extra operand ${call.quote(second)}\nOnly one string may be given when deleting without squeezing repeats.`;
  }
  return third === undefined ? undefined : `extra operand ${call.quote(third)}`;
}

/** Why a second set can't be translated to (tr.c validate). */
function checkTranslation(first: TrSet, second: TrSet, complement: boolean, truncate: boolean): string | undefined {
  if (second.equivalence) return '[=c=] expressions may not appear in string2 when translating';
  if (second.otherClass) return "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'";
  if (second.bytes.length === 0 && !second.fill && !truncate) return 'when not truncating set1, string2 must be non-empty';
  const paired = second.cases.every((there) => first.cases.some((here) => here.at === there.at));
  if (!complement && !paired) return 'misaligned [:upper:] and/or [:lower:] construct';
  return undefined;
}

interface Work {
  remove: Set<number>;
  map: number[];
  squeeze: Set<number>;
}

function* plan(call: Call): Blocking<Work | number> {
  const [deleting, squeezing, complement] = [call.has('delete'), call.has('squeeze-repeats'), call.has('complement')];
  const wrong = checkOperands(call, deleting, squeezing);
  if (wrong !== undefined) return yield* call.badUsage(call.busybox ? '' : wrong);
  const first = parseSet(byteString(call.operands[0] as string));
  if (typeof first === 'string') return yield* call.fail(first);
  const second = call.operands[1] === undefined ? undefined : parseSet(byteString(call.operands[1]));
  if (typeof second === 'string') return yield* call.fail(second);
  if (first.fill) return yield* call.fail('the [c*] repeat construct may not appear in string1');
  const from = complement ? complementSet(first.bytes) : first.bytes;
  const identity = table([], []);
  if (deleting) return { remove: new Set(from), map: identity, squeeze: new Set(squeezing ? second?.bytes : []) };
  if (!second) return { remove: new Set(), map: identity, squeeze: new Set(from) };
  const truncate = call.has('truncate-set1');
  const bad = checkTranslation(first, second, complement, truncate);
  if (bad !== undefined) return yield* call.fail(bad);
  const to = stretch(second, from.length, truncate);
  return { remove: new Set(), map: table(from, to), squeeze: new Set(squeezing ? to : []) };
}

function apply(work: Work, chunk: ByteString, last: number): { text: ByteString; last: number } {
  let text = '';
  let previous = last;
  for (let i = 0; i < chunk.length; i++) {
    const byte = chunk.charCodeAt(i);
    if (work.remove.has(byte)) continue;
    const mapped = work.map[byte] as number;
    if (mapped === previous && work.squeeze.has(mapped)) continue;
    text += String.fromCharCode(mapped);
    previous = mapped;
  }
  return { text, last: previous };
}

export const tr: Tool = {
  name: 'tr',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... STRING1 [STRING2]'],
  about:
    'Replace, squeeze or delete bytes on the way from standard input to standard output. Sets may have ranges (a-z), classes\n([:upper:]), repeats ([x*5]) and escapes (\\n, \\012).',
  options: [
    { ...flag('c', 'complement', 'everything that is not in STRING1'), name: 'complement' },
    { ...flag('C', '', 'same as -c'), name: 'complement' },
    flag('d', 'delete', 'delete what is in STRING1'),
    flag('s', 'squeeze-repeats', 'print only one of several equal bytes in a row that are in the last set'),
    flag('t', 'truncate-set1', 'cut STRING1 to the length of STRING2'),
  ],
  stopAtOperand: true,
  *main(call) {
    const work = yield* plan(call);
    if (typeof work === 'number') return work;
    const reader = call.reader(0);
    let last = -1;
    for (;;) {
      const chunk = yield* reader.chunk();
      if (chunk === undefined) break;
      const done = apply(work, chunk, last);
      last = done.last;
      yield* call.out.write(done.text);
    }
    return reader.error ? yield* call.fail('read error') : 0;
  },
};
