import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { parseSize } from '../tool/numbers.ts';
import { quoteAlways } from '../tool/quote.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** How much: the first `count`, or all but the last. */
interface Amount {
  unit: 'lines' | 'bytes';
  count: number;
  allBut: boolean;
}

/** The obsolete forms `-5`, `-5c`, `-5q` (head(1) before POSIX). */
function rewrite(args: string[]): string[] {
  const match = /^-(\d+)([bcklmqvz]*)$/.exec(args[0] ?? '');
  if (!match) return args;
  const [, count = '', letters = ''] = match;
  const size = /[bkm]/.exec(letters)?.[0] ?? '';
  const rest = [...letters].filter((letter) => 'qvz'.includes(letter)).map((letter) => `-${letter}`);
  return [size !== '' || letters.includes('c') ? `-c${count}${size}` : `-n${count}`, ...rest, ...args.slice(1)];
}

function* parseAmount(call: Call): Blocking<Amount | undefined> {
  const unit = call.last('lines', 'bytes') === 'bytes' ? 'bytes' : 'lines';
  const text = call.value(unit) ?? '10';
  const count = parseSize(text.replace(/^[-+]/, ''));
  if (count !== undefined) return { unit, count, allBut: text.startsWith('-') };
  yield* call.warn(call.either(`invalid number of ${unit}: ${call.quote(text)}`, `invalid number '${text}'`));
  return undefined;
}

function* first(call: Call, reader: Reader, amount: Amount, end: string): Blocking<void> {
  if (amount.unit === 'lines') {
    for (let n = 0; n < amount.count; n++) {
      const line = yield* reader.line(end);
      if (line === undefined) return;
      yield* call.out.write(reader.terminated ? line + end : line);
    }
    return;
  }
  for (let left = amount.count; left > 0; ) {
    const chunk = yield* reader.take(Math.min(left, 8_192));
    if (chunk === '') return;
    left -= chunk.length;
    yield* call.out.write(chunk);
  }
}

/** All but the last `count`: holds back that many. */
function* allBut(call: Call, reader: Reader, amount: Amount, end: string): Blocking<void> {
  if (amount.unit === 'bytes') {
    const all = yield* reader.rest();
    return yield* call.out.write(all.slice(0, Math.max(0, all.length - amount.count)));
  }
  const held: string[] = [];
  for (;;) {
    const line = yield* reader.line(end);
    if (line === undefined) return;
    held.push(reader.terminated ? line + end : line);
    if (held.length > amount.count) yield* call.out.write(held.shift() as string);
  }
}

export const head: Tool = {
  name: 'head',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print the beginning of each file, ten lines unless told otherwise, with a header where there are several files.',
  options: [
    valued('c', 'bytes', '[-]NUM', 'the first NUM bytes; with -, all but the last NUM'),
    valued('n', 'lines', '[-]NUM', 'the first NUM lines instead of 10; with -, all but the last NUM'),
    flag('q', 'quiet', 'no headers'),
    { ...flag('', 'silent', 'same as --quiet'), name: 'quiet' },
    flag('v', 'verbose', 'headers always'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
  ],
  rewrite,
  *main(call) {
    const amount = yield* parseAmount(call);
    if (!amount) return 1;
    const headers = call.last('quiet', 'verbose') === 'verbose' || (call.operands.length > 1 && !call.has('quiet'));
    const end = call.has('zero-terminated') ? '\0' : '\n';
    let printed = 0;
    for (const path of call.operands.length > 0 ? call.operands : ['-']) {
      const file = call.open(path);
      if (typeof file === 'string') {
        yield* call.warn(`${call.either(`cannot open ${quoteAlways(path)} for reading`, path)}: ${strerror(file)}`);
        continue;
      }
      if (headers) yield* call.out.text(`${printed++ > 0 ? '\n' : ''}==> ${path === '-' ? 'standard input' : path} <==\n`);
      yield* (amount.allBut ? allBut : first)(call, file.reader, amount, end);
      if (file.reader.error)
        yield* call.warn(
          `${call.either(`error reading ${quoteAlways(path)}`, path)}: ${strerror(call.busybox ? 'EIO' : file.reader.error)}`,
        );
      call.close(file.fd);
    }
    return call.status;
  },
};
