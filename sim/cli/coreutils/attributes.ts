import { type Errno, strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS } from '../../base/time.ts';
import { Directory, Symlink } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { parseDate } from '../tool/date-text.ts';
import { makeFifo, stat } from '../tool/filesystem.ts';
import { changeMode, modeString } from '../tool/mode.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** The time that `-d`, `-r` or `-t` ask for in virtual microseconds; now without them. */
function* stamp(call: Call): Blocking<number | undefined> {
  const now = call.process.host.now;
  const reference = call.value('reference');
  if (reference !== undefined) {
    const inode = stat(call.process, reference);
    if (typeof inode !== 'string') return inode.modified;
    yield* call.warn(`failed to get attributes of ${call.quoteFile(reference)}: ${strerror(inode)}`);
    return undefined;
  }
  const text = call.value('date') ?? stampText(call.value('t'));
  if (text === undefined) return now;
  const moment = parseDate(text, now);
  if (moment) return (moment.epoch - EPOCH_SECONDS) * 1_000_000 + moment.nanosecond / 1_000;
  yield* call.warn(`invalid date format ${call.quote(call.value('date') ?? call.value('t') ?? '')}`);
  return undefined;
}

/** `[[CC]YY]MMDDhhmm[.ss]` as a date that `parseDate` reads. */
function stampText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text);
  if (!match) return 'invalid';
  const [, a, b, month, day, hour, minute, second = '00'] = match;
  const year = a === undefined ? '2026' : b === undefined ? `${Number(a) < 69 ? '20' : '19'}${a}` : `${a}${b}`;
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

export const touch: Tool = {
  name: 'touch',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... FILE...'],
  about: 'Set the times of files to now; files that are missing are made, empty.',
  options: [
    flag('a', '', 'only the time of access'),
    flag('c', 'no-create', 'make no files'),
    valued('d', 'date', 'STRING', 'this time instead of now'),
    flag('f', '', 'ignored'),
    flag('h', 'no-dereference', 'links themselves'),
    flag('m', '', 'only the time of modification'),
    valued('r', 'reference', 'FILE', 'the time of FILE instead of now'),
    valued('t', '', 'STAMP', '[[CC]YY]MMDDhhmm[.ss] instead of now'),
    valued('', 'time', 'WORD', 'access or modify'),
  ],
  *main(call) {
    if (call.operands.length === 0) return yield* call.badUsage(call.busybox ? '' : 'missing file operand');
    const time = yield* stamp(call);
    if (time === undefined) return 1;
    for (const path of call.operands) {
      let inode = stat(call.process, path, !call.has('no-dereference'));
      if (inode === 'ENOENT') {
        if (call.has('no-create', 'no-dereference')) continue;
        const fd = call.process.open(path, { write: true, create: true });
        if (typeof fd === 'number') call.process.close(fd);
        inode = typeof fd === 'string' ? fd : stat(call.process, path);
      }
      if (typeof inode === 'string')
        yield* call.warn(call.either(`cannot touch ${call.quoteFile(path)}: ${strerror(inode)}`, `${path}: ${strerror(inode)}`));
      // Times of access are not kept, so -a alone changes nothing.
      else if (!call.has('a') || call.has('m')) inode.modified = time;
    }
    return call.status;
  },
};

function* changeOne(call: Call, path: string, mode: string, top: boolean): Blocking<void> {
  const inode = stat(call.process, path, top);
  if (typeof inode === 'string') {
    if (!call.has('silent'))
      yield* call.warn(call.either(`cannot access ${call.quoteFile(path)}: ${strerror(inode)}`, `${path}: ${strerror(inode)}`));
    call.status = 1;
    return;
  }
  if (inode instanceof Symlink) return;
  const old = inode.mode;
  const shown = modeString(inode).slice(1);
  inode.mode = changeMode(mode, old, { directory: inode instanceof Directory, umask: call.process.umask }) ?? old;
  const octal = (bits: number) => bits.toString(8).padStart(4, '0');
  const changed = `${octal(old)} (${shown}) to ${octal(inode.mode)} (${modeString(inode).slice(1)})`;
  if (inode.mode !== old && call.has('verbose', 'changes'))
    yield* call.out.text(`mode of ${call.quoteFile(path)} changed from ${changed}\n`);
  else if (call.has('verbose')) yield* call.out.text(`mode of ${call.quoteFile(path)} retained as ${octal(old)} (${shown})\n`);
  if (!call.has('recursive') || !(inode instanceof Directory)) return;
  for (const name of inode.names(call.process)) yield* changeOne(call, `${path.replace(/\/+$/, '')}/${name}`, mode, false);
}

export const chmod: Tool = {
  name: 'chmod',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... MODE[,MODE]... FILE...', '[OPTION]... OCTAL-MODE FILE...', '[OPTION]... --reference=RFILE FILE...'],
  about: 'Change permissions. MODE is like u+x, go-w, a=r, or octal like 644.',
  options: [
    flag('c', 'changes', 'say what is changed'),
    flag('f', 'silent', 'no error messages'),
    { ...flag('', 'quiet', 'same as --silent'), name: 'silent' },
    flag('v', 'verbose', 'say what is done with each file'),
    valued('', 'reference', 'RFILE', 'the permissions of RFILE'),
    flag('R', 'recursive', 'all that is in directories too'),
  ],
  // A mode such as -w looks like an option.
  rewrite(args) {
    const at = args.findIndex((arg) => /^-[rwxXstugo0-7,=+-]+$/.test(arg) && arg !== '--');
    return at < 0
      ? args
      : [
          ...args.slice(0, at),
          ...args.slice(at + 1).filter((arg) => arg.startsWith('-')),
          '--',
          args[at] as string,
          ...args.slice(at + 1).filter((arg) => !arg.startsWith('-')),
        ];
  },
  *main(call) {
    const reference = call.value('reference');
    const files = [...call.operands];
    let mode = reference === undefined ? files.shift() : undefined;
    if (reference !== undefined) {
      const inode = stat(call.process, reference);
      if (typeof inode === 'string')
        return yield* call.fail(`failed to get attributes of ${call.quoteFile(reference)}: ${strerror(inode)}`);
      mode = inode.mode.toString(8);
    }
    if (mode === undefined) return yield* call.missingOperand();
    if (files.length === 0) return yield* reference === undefined ? call.missingOperandAfter(mode) : call.missingOperand();
    if (changeMode(mode, 0, { directory: false, umask: 0 }) === undefined) {
      return yield* call.busybox ? call.fail(`invalid mode '${mode}'`) : call.badUsage(`invalid mode: ${call.quote(mode)}`);
    }
    for (const path of files) yield* changeOne(call, path, mode, true);
    return call.status;
  },
};

export const mkfifo: Tool = {
  name: 'mkfifo',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... NAME...'],
  about: 'Make named pipes.',
  options: [valued('m', 'mode', 'MODE', 'permissions as chmod takes them')],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    for (const path of call.operands) {
      const failed: Errno | undefined = makeFifo(call.process, path);
      if (failed) yield* call.cannot('create fifo', path, failed);
      const mode = call.value('mode');
      const inode = stat(call.process, path);
      if (!failed && mode !== undefined && typeof inode !== 'string')
        inode.mode = changeMode(mode, 0o666, { directory: false, umask: 0 }) ?? inode.mode;
    }
    return call.status;
  },
};
