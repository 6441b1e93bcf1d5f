import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import type { ByteString } from '../tool/byte-string.ts';
import { bytesOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { parseSize } from '../tool/numbers.ts';
import { quoteAlways } from '../tool/quote.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';

/** `aa`, `ab`, … or `00`, `01`, …; `undefined` when the suffixes are used up. */
function suffix(index: number, length: number, digits: string): string | undefined {
  let text = '';
  let rest = index;
  for (let i = 0; i < length; i++) {
    text = (digits[rest % digits.length] as string) + text;
    rest = Math.floor(rest / digits.length);
  }
  return rest > 0 ? undefined : text;
}

/** The pieces of a stream: so many lines, so many bytes, or whole lines of at most so many bytes. */
function* piece(reader: Reader, unit: string, size: number): Blocking<ByteString> {
  if (unit === 'bytes') return yield* reader.take(size);
  let text = '';
  for (let n = 0; n < size; n++) {
    const line = yield* reader.line();
    if (line === undefined) break;
    text += reader.terminated ? `${line}\n` : line;
  }
  return text;
}

function* writePiece(call: Call, name: string, text: ByteString): Blocking<boolean> {
  const fd = call.process.open(name, { write: true, create: true, truncate: true });
  const failed = typeof fd === 'string' ? fd : yield* call.process.write(fd, bytesOf(text));
  if (typeof fd === 'number') call.process.close(fd);
  if (failed) yield* call.about(name, failed);
  return !failed;
}

export const split: Tool = {
  name: 'split',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE [PREFIX]]'],
  about: 'Write the file in pieces to PREFIXaa, PREFIXab and so on (PREFIX is x), 1000 lines each unless told otherwise.',
  options: [
    valued('a', 'suffix-length', 'N', 'suffixes of N characters instead of 2'),
    valued('', 'additional-suffix', 'SUFFIX', 'what comes behind the suffix'),
    valued('b', 'bytes', 'SIZE', 'pieces of SIZE bytes'),
    unmodelled('C', 'line-bytes'),
    optional('d', 'numeric-suffixes', 'FROM', 'suffixes are numbers'),
    unmodelled('e', 'elide-empty-files'),
    { ...valued('', 'filter', 'COMMAND', ''), unmodelled: true },
    valued('l', 'lines', 'NUMBER', 'pieces of NUMBER lines'),
    unmodelled('n', 'number'),
    flag('', 'verbose', 'say which file is being written'),
  ],
  rewrite: (args) =>
    args.flatMap((arg) =>
      /^-\d+$/.test(arg) ? [`-l${arg.slice(1)}`] : /^-d.+/.test(arg) ? ['--numeric-suffixes', `-${arg.slice(2)}`] : [arg],
    ),
  *main(call) {
    const extra = call.operands[2];
    if (extra !== undefined) return yield* call.extraOperand(extra);
    const [path = '-', prefix = 'x'] = call.operands;
    const unit = call.last('bytes', 'lines') ?? 'lines';
    const text = call.value(unit) ?? '1000';
    const size = parseSize(text);
    if (size === undefined || size === 0) return yield* call.fail(`invalid number of ${unit}: ${call.quote(text)}`);
    const length = Number(call.value('suffix-length') ?? '2');
    if (!Number.isInteger(length) || length < 1 || length > 64)
      return yield* call.fail(`invalid suffix length: ${call.quote(call.value('suffix-length') ?? '')}`);
    const digits = call.has('numeric-suffixes') ? '0123456789' : 'abcdefghijklmnopqrstuvwxyz';
    const file = call.open(path);
    if (typeof file === 'string') return yield* call.fail(`cannot open ${quoteAlways(path)} for reading: ${strerror(file)}`);
    for (let index = Number(call.value('numeric-suffixes') || '0'); ; index++) {
      const part = yield* piece(file.reader, unit, size);
      if (part === '') break;
      const end = suffix(index, length, digits);
      if (end === undefined) return yield* call.fail('output file suffixes exhausted');
      const name = `${prefix}${end}${call.value('additional-suffix') ?? ''}`;
      if (call.has('verbose')) yield* call.out.text(`creating file ${quoteAlways(name)}\n`);
      if (!(yield* writePiece(call, name, part))) return 1;
    }
    return file.reader.error ? yield* call.fail(`${quoteAlways(path)}: read error: ${strerror(file.reader.error)}`) : 0;
  },
};
