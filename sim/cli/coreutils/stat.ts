import { strerror } from '../../base/errno.ts';
import { type Inode, Symlink } from '../../host/inode.ts';
import { expandEscapes } from '../bash/escapes.ts';
import { currentUser } from '../tool/accounts.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import type { Call } from '../tool/call.ts';
import { diskUse, linkCount, stat as status } from '../tool/filesystem.ts';
import { modeString } from '../tool/mode.ts';
import { quoteAlways } from '../tool/quote.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { deviceNumbers } from './ls-long.ts';

const TIME = '%Y-%m-%d %H:%M:%S.%N %z';

const TYPE_BITS = { directory: 0o040000, file: 0o100000, symlink: 0o120000, device: 0o020000, fifo: 0o010000, socket: 0o140000 };

/** `regular file`, `directory` … as `%F` says it. */
export function fileType(inode: Inode): string {
  if (inode.kind === 'file') return inode.size === 0 ? 'regular empty file' : 'regular file';
  return { directory: 'directory', symlink: 'symbolic link', device: 'character special file', fifo: 'fifo', socket: 'socket' }[inode.kind];
}

/** The value of one format letter (stat(1)); `undefined` for a letter that it does not know. */
function field(call: Call, path: string, inode: Inode, letter: string): string | number | undefined {
  const { host } = call.process;
  const changed = momentOf(inode.modified);
  switch (letter) {
    case 'a':
      return inode.mode.toString(8);
    case 'A':
      return modeString(inode);
    case 'b':
      return diskUse(inode) * 2;
    case 'B':
      return 512;
    case 'd':
      return 2049;
    case 'D':
      return '801';
    case 'f':
      return (TYPE_BITS[inode.kind] | inode.mode).toString(16);
    case 'F':
      return fileType(inode);
    case 'g':
    case 'u':
      return 0;
    case 'G':
      return 'root';
    case 'U':
      return currentUser(call.process);
    case 'h':
      return linkCount(call.process, inode);
    case 'i':
      return host.inodeNumber(inode);
    case 'n':
      return path;
    case 'N':
      return quoteAlways(path) + (inode instanceof Symlink ? ` -> ${quoteAlways(inode.target)}` : '');
    case 'o':
      return 4096;
    case 's':
      return inode.size;
    case 't':
      return (deviceNumbers(call, path)?.[0] ?? 0).toString(16);
    case 'T':
      return (deviceNumbers(call, path)?.[1] ?? 0).toString(16);
    case 'w':
      return '-';
    case 'W':
      return 0;
    case 'x':
    case 'y':
    case 'z':
      return strftime(TIME, changed);
    case 'X':
    case 'Y':
    case 'Z':
      return changed.epoch;
    case '%':
      return '%';
    default:
      return undefined;
  }
}

function formatted(call: Call, path: string, inode: Inode, format: string): string {
  return format.replace(/%([-#+ 0]*)(\d*)(?:\.\d+)?([A-Za-z%])/g, (_whole, flags: string, width: string, letter: string) => {
    const value = field(call, path, inode, letter);
    if (value === undefined) return '?';
    const text = flags.includes('#') && letter === 'a' ? `0${value}` : String(value);
    if (flags.includes('-')) return text.padEnd(Number(width));
    return text.padStart(Number(width), flags.includes('0') && typeof value === 'number' ? '0' : ' ');
  });
}

/** The page of text that `stat FILE` prints. */
function page(call: Call, path: string, inode: Inode): string {
  const show = (format: string) => formatted(call, path, inode, format);
  const octal = `0${inode.mode.toString(8).padStart(3, '0')}`.slice(-4);
  const device = inode.kind === 'device' ? `     Device type: ${deviceNumbers(call, path)?.join(',') ?? '0,0'}` : '';
  return [
    `  File: ${
      call.busybox
        ? path
        : show('%N')
            .replace(/^'([^' ]*)'$/, '$1')
            .replace(/^'([^' ]*)' -> '([^' ]*)'$/, '$1 -> $2')
    }`,
    show(`  Size: %-10s\tBlocks: %-10b IO Block: %-6o ${fileType(inode)}`),
    show(`Device: 8,1\tInode: %-11i Links: ${device === '' ? '%h' : '%-5h'}${device}`),
    `Access: (${octal}/${modeString(inode)})  Uid: (    0/${currentUser(call.process).padStart(8)})   Gid: (    0/    root)`,
    show('Access: %x'),
    show('Modify: %y'),
    show('Change: %z'),
    ' Birth: -',
    '',
  ].join('\n');
}

export const stat: Tool = {
  name: 'stat',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... FILE...'],
  about: 'Print what the file system knows about each file: %n name, %s size, %a and %A mode, %F type, %Y time of change, %i inode …',
  options: [
    flag('L', 'dereference', 'follow links'),
    unmodelled('f', 'file-system'),
    valued('c', 'format', 'FORMAT', 'print FORMAT and a newline'),
    valued('', 'printf', 'FORMAT', 'as --format, with escapes and without the newline'),
    unmodelled('t', 'terse'),
  ],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    const format = call.value('format');
    const escaped = call.value('printf');
    for (const path of call.operands) {
      const inode = status(call.process, path, call.has('dereference'));
      if (typeof inode === 'string') {
        yield* call.warn(`${call.dialect.cannot(call.either('statx', 'stat'), path)}: ${strerror(inode)}`);
        continue;
      }
      if (escaped !== undefined) yield* call.out.text(formatted(call, path, inode, expandEscapes(escaped, 'format').text));
      else yield* call.out.text(format === undefined ? page(call, path, inode) : `${formatted(call, path, inode, format)}\n`);
    }
    return call.status;
  },
};
