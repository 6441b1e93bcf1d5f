import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import type { ByteString } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { visible } from '../coreutils/cat.ts';
import { isUtf8 } from '../tool/locale.ts';
import { parseSize } from '../tool/numbers.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

function* read(call: Call, path: string, skip: number): Blocking<ByteString | undefined> {
  const file = call.open(path);
  const failed = typeof file === 'string' ? file : undefined;
  const text = typeof file === 'string' ? '' : yield* file.reader.rest();
  if (typeof file !== 'string') call.close(file.fd);
  const error = failed ?? (typeof file === 'string' ? undefined : file.reader.error);
  if (error) {
    yield* call.warn(`${path}: ${strerror(error)}`, 2);
    return undefined;
  }
  return text.slice(skip);
}

/** Byte numbers (and values, octal) of all differences. */
function* listDifferences(call: Call, a: ByteString, b: ByteString): Blocking<boolean> {
  const length = Math.min(a.length, b.length);
  const width = String(length).length;
  let found = false;
  for (let i = 0; i < length; i++) {
    if (a[i] === b[i]) continue;
    found = true;
    const show = (text: ByteString) => {
      const octal = text.charCodeAt(i).toString(8).padStart(3);
      return call.has('print-bytes')
        ? `${octal} ${visible(text[i] as string)
            .replace('\t', '^I')
            .padEnd(4)}`
        : octal;
    };
    yield* call.out.text(`${String(i + 1).padStart(width)} ${show(a)} ${show(b)}`.trimEnd().concat('\n'));
  }
  return found;
}

function firstDifference(a: ByteString, b: ByteString): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

/** The complaint that one file ends where the other goes on. */
function* shorter(call: Call, path: string, text: ByteString): Blocking<number> {
  if (call.has('quiet')) return 1;
  const name = path === '-' || call.busybox ? path : `'${path}'`;
  const shown = path === '-' ? "'-'" : name;
  if (call.busybox) return yield* call.fail(`EOF on ${path}`);
  if (text === '') return yield* call.fail(`EOF on ${shown} which is empty`);
  const lines = text.split('\n').length - 1;
  const place = call.has('verbose') ? '' : text.endsWith('\n') ? `, line ${lines}` : `, in line ${lines + 1}`;
  return yield* call.fail(`EOF on ${shown} after byte ${text.length}${place}`);
}

export const cmp: Tool = {
  name: 'cmp',
  suite: 'GNU diffutils',
  usage: ['[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]'],
  about: 'Compare two files byte by byte. Status 0 if they are the same, 1 if they differ, 2 after an error.',
  options: [
    flag('b', 'print-bytes', 'with the bytes that differ'),
    valued('i', 'ignore-initial', 'SKIP', 'begin SKIP bytes in'),
    flag('l', 'verbose', 'all differences'),
    valued('n', 'bytes', 'LIMIT', 'at most LIMIT bytes'),
    flag('s', 'quiet', 'print nothing'),
    { ...flag('', 'silent', 'same as --quiet'), name: 'quiet' },
  ],
  usageStatus: 2,
  *main(call) {
    const [left, right = '-', skipLeft, skipRight, extra] = call.operands;
    if (left === undefined || extra !== undefined) {
      const error = left === undefined ? `missing operand after '${call.name}'` : `extra operand '${extra}'`;
      yield* call.complain(
        call.busybox
          ? call.dialect.badUsage(call.tool, call.name, '')
          : `${call.name}: ${error}\n${call.name}: Try '${call.name} --help' for more information.\n`,
      );
      return 2;
    }
    const [initialLeft = '0', initialRight = initialLeft] = (call.value('ignore-initial') ?? '0').split(':');
    const skips = [skipLeft ?? initialLeft, skipRight ?? initialRight].map(parseSize);
    const limit = call.has('bytes') ? parseSize(call.value('bytes') as string) : Number.POSITIVE_INFINITY;
    if (skips.includes(undefined)) return yield* call.badUsage(`invalid --ignore-initial value '${call.value('ignore-initial')}'`);
    if (limit === undefined) return yield* call.badUsage(`invalid --bytes value '${call.value('bytes')}'`);
    const a = (yield* read(call, left, skips[0] as number))?.slice(0, limit);
    const b = a === undefined ? undefined : (yield* read(call, right, skips[1] as number))?.slice(0, limit);
    if (a === undefined || b === undefined) return 2;
    if (a === b) return 0;
    if (call.has('verbose') && !call.has('quiet')) {
      const found = yield* listDifferences(call, a, b);
      if (a.length === b.length) return found ? 1 : 0;
      return yield* a.length < b.length ? shorter(call, left, a) : shorter(call, right, b);
    }
    const at = firstDifference(a, b);
    if (at === Math.min(a.length, b.length)) return yield* a.length < b.length ? shorter(call, left, a) : shorter(call, right, b);
    if (call.has('quiet')) return 1;
    const line = a.slice(0, at).split('\n').length;
    // POSIX's word in the C locale.
    const unit = call.busybox || !(isUtf8(call.process) || call.has('print-bytes')) ? 'char' : 'byte';
    const show = (text: ByteString) => `${text.charCodeAt(at).toString(8).padStart(3)} ${visible(text[at] as string).replace('\n', '^J')}`;
    const bytes = call.has('print-bytes') ? ` is ${show(a)} ${show(b)}` : '';
    yield* call.out.text(`${left} ${right} differ: ${unit} ${at + 1}, line ${line}${bytes}\n`);
    return 1;
  },
};
