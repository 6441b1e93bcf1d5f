import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** Says once per file that it is not sorted, as far as that mattered. */
class OrderCheck {
  readonly #call: Call;
  readonly #number: number;
  #previous: ByteString | undefined;
  #said = false;

  constructor(call: Call, number: number) {
    this.#call = call;
    this.#number = number;
  }

  *see(line: ByteString | undefined, matters: boolean): Blocking<boolean> {
    const wrong = line !== undefined && this.#previous !== undefined && line < this.#previous;
    this.#previous = line;
    if (!wrong || this.#said || this.#call.has('nocheck-order') || !(matters || this.#call.has('check-order'))) return false;
    this.#said = true;
    yield* this.#call.warn(`file ${this.#number} is not in sorted order`);
    return this.#call.has('check-order');
  }
}

export const comm: Tool = {
  name: 'comm',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... FILE1 FILE2'],
  about: 'Compare two sorted files: lines only in the first, only in the second, and in both, in three columns.',
  options: [
    flag('1', '', 'leave out column 1'),
    flag('2', '', 'leave out column 2'),
    flag('3', '', 'leave out column 3'),
    flag('', 'check-order', 'stop where the input is not sorted'),
    flag('', 'nocheck-order', 'do not mind if the input is not sorted'),
    valued('', 'output-delimiter', 'STR', 'what separates columns, instead of TAB'),
    flag('', 'total', 'the sums at the end'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
  ],
  *main(call) {
    const [first, second, extra] = call.operands;
    if (first === undefined) return yield* call.missingOperand();
    if (second === undefined) return yield* call.missingOperandAfter(first);
    if (extra !== undefined) return yield* call.extraOperand(extra);
    const readers = [];
    for (const path of [first, second]) {
      const file = call.open(path);
      if (typeof file === 'string') return yield* call.fail(`${call.dialect.fileName(path)}: ${strerror(file)}`);
      readers.push(file.reader);
    }
    const [left, right] = readers as [(typeof readers)[0], (typeof readers)[0]];
    if (!left || !right) return 1;
    const end = call.has('zero-terminated') ? '\0' : '\n';
    const tab = byteString(call.value('output-delimiter') ?? '\t');
    const prefixes = ['', call.has('1') ? '' : tab, (call.has('1') ? '' : tab) + (call.has('2') ? '' : tab)];
    const totals = [0, 0, 0];
    const checks = [new OrderCheck(call, 1), new OrderCheck(call, 2)] as const;
    let a = yield* left.line(end);
    let b = yield* right.line(end);
    let unpaired = false;
    yield* checks[0].see(a, false);
    yield* checks[1].see(b, false);
    while (a !== undefined || b !== undefined) {
      const column = a === undefined ? 1 : b === undefined ? 0 : a < b ? 0 : a > b ? 1 : 2;
      unpaired ||= column < 2;
      totals[column] = (totals[column] as number) + 1;
      if (!call.has(String(column + 1))) yield* call.out.write(`${prefixes[column]}${column === 1 ? b : a}${end}`);
      if (column !== 1) {
        a = yield* left.line(end);
        if (yield* checks[0].see(a, unpaired)) return 1;
      }
      if (column !== 0) {
        b = yield* right.line(end);
        if (yield* checks[1].see(b, unpaired)) return 1;
      }
    }
    if (call.has('total')) yield* call.out.write(`${totals.join(tab)}${tab}total${end}`);
    if (call.status > 0) yield* call.warn('input is not in sorted order');
    return call.status;
  },
};
