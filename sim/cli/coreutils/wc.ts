import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { stat } from '../tool/filesystem.ts';
import { isUtf8 } from '../tool/locale.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

const COUNTS = ['lines', 'words', 'chars', 'bytes', 'max-line-length'] as const;
const WHEN = ['auto', 'always', 'only', 'never'];
type Counts = Record<(typeof COUNTS)[number], number>;

function* count(reader: Reader, utf8: boolean, widest: boolean): Blocking<Counts> {
  const counts: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, 'max-line-length': 0 };
  let inWord = false;
  let line: ByteString = '';
  for (;;) {
    const chunk = yield* reader.chunk();
    if (chunk === undefined) break;
    counts.bytes += chunk.length;
    counts.chars += utf8 ? chunk.length - (chunk.match(/[\x80-\xbf]/g)?.length ?? 0) : chunk.length;
    counts.lines += chunk.split('\n').length - 1;
    const words = chunk.match(/[^\t-\r ]+/g)?.length ?? 0;
    counts.words += words - (inWord && /^[^\t-\r ]/.test(chunk) ? 1 : 0);
    inWord = /[^\t-\r ]$/.test(chunk);
    if (!widest) continue;
    const lines = (line + chunk).split(/[\n\r\f]/);
    line = lines.pop() as string;
    for (const whole of lines) counts['max-line-length'] = Math.max(counts['max-line-length'], width(whole, utf8));
  }
  counts['max-line-length'] = Math.max(counts['max-line-length'], width(line, utf8));
  return counts;
}

/** Columns that a line takes: tabs go to the next multiple of eight, control characters take none. */
function width(line: ByteString, utf8: boolean): number {
  let columns = 0;
  for (const char of utf8 ? textOf(line) : line) {
    if (char === '\t') columns += 8 - (columns % 8);
    else if (char >= ' ' && char !== '\x7f') columns++;
  }
  return columns;
}

/** The width of the numbers: of the largest possible one where all files are ordinary, else seven (coreutils wc.c). */
function numberWidth(call: Call, paths: readonly string[], columns: number): number {
  if (call.busybox) return columns === 1 ? 1 : 9;
  if (paths.length === 1 && columns === 1) return 1;
  let least = 1;
  let total = 0;
  for (const path of paths) {
    const inode = stat(call.process, path === '-' ? (call.process.fds.get(0)?.description ?? '') : path);
    if (typeof inode === 'string') {
      if (path === '-') least = 7;
    } else if (inode.kind === 'file') total += inode.size;
    else least = 7;
  }
  return Math.max(least, String(total).length);
}

export const wc: Tool = {
  name: 'wc',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...', '[OPTION]... --files0-from=F'],
  about: 'Print how many lines, words and bytes each file has, and the sums where there are several files.',
  options: [
    flag('c', 'bytes', 'bytes'),
    flag('m', 'chars', 'characters'),
    flag('l', 'lines', 'newlines'),
    { ...valued('', 'files0-from', 'F', 'read names that end with NUL from F'), unmodelled: true },
    flag('L', 'max-line-length', 'columns of the longest line'),
    flag('w', 'words', 'words'),
    valued('', 'total', 'WHEN', 'the sums: auto, always, only or never'),
  ],
  *main(call) {
    const chosen = COUNTS.filter((name) => call.has(name));
    const columns = chosen.length > 0 ? chosen : (['lines', 'words', 'bytes'] as const);
    const paths = call.operands.length > 0 ? call.operands : ['-'];
    const when = call.value('total') ?? 'auto';
    if (!WHEN.includes(when)) return yield* call.badChoice(when, 'total', WHEN);
    const size = when === 'only' ? 1 : numberWidth(call, paths, columns.length);
    const utf8 = isUtf8(call.process);
    const print = function* (counts: Counts, name: string): Blocking<void> {
      const numbers = columns.map((column) => String(counts[column]).padStart(size)).join(' ');
      yield* call.out.text(`${numbers}${name === '' ? '' : ` ${name}`}\n`);
    };
    const sum: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, 'max-line-length': 0 };
    for (const path of paths) {
      const file = call.open(path);
      if (typeof file === 'string') {
        yield* call.about(path, file);
        continue;
      }
      const counts = yield* count(file.reader, utf8, columns.includes('max-line-length' as never));
      const { error } = file.reader;
      if (error && call.busybox) yield* call.warn(`${path}: ${strerror(error)}`);
      if (when !== 'only') yield* print(counts, path === '-' && call.operands.length === 0 ? '' : path);
      if (error && !call.busybox) yield* call.about(path, error);
      for (const column of COUNTS)
        sum[column] = column === 'max-line-length' ? Math.max(sum[column], counts[column]) : sum[column] + counts[column];
      call.close(file.fd);
    }
    if (when === 'only') yield* print(sum, '');
    else if (when === 'always' || (when === 'auto' && paths.length > 1)) yield* print(sum, 'total');
    return call.status;
  },
};
