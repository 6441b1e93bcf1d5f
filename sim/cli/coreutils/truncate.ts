import { strerror } from '../../base/errno.ts';
import { RegularFile } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { stat } from '../tool/filesystem.ts';
import { parseSize } from '../tool/numbers.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** Bytes of a block of the file systems here (st_blksize). */
const BLOCK = 4096;

/** A size, and what it does to the size that there is: `''` replaces it. */
interface Size {
  operator: '' | '+' | '-' | '<' | '>' | '/' | '%';
  amount: number;
}

function readSize(text: string): Size | undefined {
  const [, operator = '', rest = ''] = /^\s*([-+<>/%]?)\s*(.*)$/s.exec(text) ?? [];
  const amount = /^\d/.test(rest) ? parseSize(rest) : undefined;
  return amount === undefined ? undefined : { operator: operator as Size['operator'], amount };
}

function changed(before: number, { operator, amount }: Size): number {
  switch (operator) {
    case '+':
      return before + amount;
    case '-':
      return Math.max(0, before - amount);
    case '<':
      return Math.min(before, amount);
    case '>':
      return Math.max(before, amount);
    case '/':
      return before - (before % amount);
    case '%':
      return Math.ceil(before / amount) * amount;
    default:
      return amount;
  }
}

function* resize(call: Call, path: string, size: Size, base: number | undefined): Blocking<void> {
  const { process } = call;
  if (call.has('no-create') && stat(process, path) === 'ENOENT') return;
  const fd = process.open(path, { write: true, create: !call.has('no-create') });
  if (typeof fd === 'string') {
    yield* call.warn(call.either(`cannot open ${call.quoteFile(path)} for writing: ${strerror(fd)}`, `${path}: open: ${strerror(fd)}`));
    return;
  }
  process.close(fd);
  const inode = stat(process, path);
  if (!(inode instanceof RegularFile)) return;
  const bytes = new Uint8Array(changed(base ?? inode.size, size));
  bytes.set(inode.bytes.subarray(0, bytes.length));
  inode.bytes = bytes;
  inode.modified = process.host.now;
}

/** Files this large would be held whole: what the tool says where a file system has no room for more. */
const LARGEST = 64 * 1024 * 1024;

export const truncate: Tool = {
  name: 'truncate',
  suite: 'GNU coreutils',
  usage: ['OPTION... FILE...'],
  about: 'Make files shorter, or longer by zeros; files that are missing are made.',
  options: [
    flag('c', 'no-create', 'make no files'),
    flag('o', 'io-blocks', 'SIZE counts blocks'),
    valued('r', 'reference', 'FILE', 'start from the size of FILE'),
    valued('s', 'size', 'SIZE', 'the size, or with + - < > / % before it a change of it'),
  ],
  *main(call) {
    const text = call.value('size');
    const reference = call.value('reference');
    if (text === undefined && (reference === undefined || call.busybox))
      return yield* call.badUsage(call.busybox ? '' : `you must specify either ${call.quote('--size')} or ${call.quote('--reference')}`);
    const size = text === undefined ? { operator: '+' as const, amount: 0 } : readSize(text);
    if (!size || (call.busybox && size.operator !== ''))
      return yield* call.fail(call.either(`Invalid number: ${call.quote(text ?? '')}`, `invalid number '${text}'`));
    if (call.has('io-blocks') && text === undefined)
      return yield* call.badUsage(`${call.quote('--io-blocks')} was specified but ${call.quote('--size')} was not`);
    if (reference !== undefined && size.operator === '')
      return yield* call.badUsage(`you must specify a relative ${call.quote('--size')} with ${call.quote('--reference')}`);
    if ((size.operator === '/' || size.operator === '%') && size.amount === 0) return yield* call.fail('division by zero');
    if (call.operands.length === 0) return yield* call.missingOperand();
    if (call.has('io-blocks')) size.amount *= BLOCK;
    const base = reference === undefined ? undefined : stat(call.process, reference);
    if (typeof base === 'string') return yield* call.fail(`cannot stat ${call.quoteFile(reference ?? '')}: ${strerror(base)}`);
    for (const path of call.operands) {
      if (size.amount > LARGEST)
        yield* call.warn(`failed to truncate ${call.quoteFile(path)} at ${size.amount} bytes: ${strerror('EFBIG')}`);
      else yield* resize(call, path, size, base?.size);
    }
    return call.status;
  },
};
