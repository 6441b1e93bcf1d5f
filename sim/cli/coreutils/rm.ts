import { type Errno, strerror } from '../../base/errno.ts';
import { Directory, type Inode } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { removeDirectory, stat, unlink } from '../tool/filesystem.ts';
import { flag, optional, type Tool } from '../tool/tool.ts';

function* removed(call: Call, path: string, failed: Errno | undefined, kind: string): Blocking<void> {
  if (failed) yield* call.cannot('remove', path, failed);
  else if (call.has('verbose')) yield* call.out.text(`removed ${kind}${call.quoteFile(path)}\n`);
}

/** Asks on the terminal, if `-i`. */
export function* confirmed(call: Call, question: string): Blocking<boolean> {
  yield* call.complain(question);
  const answer = yield* call.reader(0).line();
  return /^[yY]/.test(answer ?? '');
}

function describe(inode: Inode): string {
  if (inode instanceof Directory) return 'directory';
  if (inode.kind === 'symlink') return 'symbolic link';
  if (inode.kind === 'device') return 'character special file';
  if (inode.kind === 'file') return inode.size === 0 ? 'regular empty file' : 'regular file';
  return inode.kind;
}

function* remove(call: Call, path: string, top: boolean): Blocking<void> {
  const inode = stat(call.process, path, false);
  if (typeof inode === 'string') {
    const missing = inode === 'ENOENT' || inode === 'ENOTDIR';
    if (!(missing && call.has('force'))) yield* call.cannot('remove', path, inode);
    return;
  }
  const ask =
    call.last('force', 'i', 'interactive') !== 'force' &&
    call.has('i', 'interactive') &&
    !/^(never|no|none)$/.test(call.value('interactive') ?? '');
  if (inode instanceof Directory) return yield* removeTree(call, path, inode, top, ask);
  if (ask && !(yield* confirmed(call, `${call.name}: remove ${describe(inode)} ${call.quoteFile(path)}? `))) return;
  yield* removed(call, path, unlink(call.process, path), '');
}

function* removeTree(call: Call, path: string, directory: Directory, top: boolean, ask: boolean): Blocking<void> {
  const empty = directory.names(call.process).length === 0;
  if (!call.has('recursive') && !(call.has('dir') && empty)) {
    if (call.busybox) yield* call.warn(`'${path}' is a directory`);
    else yield* call.warn(`cannot remove ${call.quoteFile(path)}: ${call.has('dir') ? 'Directory not empty' : strerror('EISDIR')}`);
    return;
  }
  if (top && /(^|\/)\.{1,2}\/*$/.test(path)) {
    yield* call.warn(`refusing to remove '.' or '..' directory: skipping ${call.quoteFile(path)}`);
    return;
  }
  if (ask && !empty && !(yield* confirmed(call, `${call.name}: descend into directory ${call.quoteFile(path)}? `))) return;
  const base = path.endsWith('/') ? path : `${path}/`;
  for (const name of directory.names(call.process)) yield* remove(call, base + name, false);
  yield* call.process.spend(2);
  if (ask && !(yield* confirmed(call, `${call.name}: remove directory ${call.quoteFile(path)}? `))) return;
  yield* removed(call, path, removeDirectory(call.process, path), 'directory ');
}

export const rm: Tool = {
  name: 'rm',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Remove files, and with -r directories and all that is in them.',
  options: [
    flag('f', 'force', 'do not mind files that are not there, never ask'),
    flag('i', '', 'ask before each file'),
    { ...flag('I', '', 'ask once before removing many files'), name: 'once' },
    optional('', 'interactive', 'WHEN', 'ask: never, once or always'),
    { ...flag('R', '', 'same as -r'), name: 'recursive' },
    flag('r', 'recursive', 'directories too, with all that is in them'),
    flag('d', 'dir', 'empty directories too'),
    flag('v', 'verbose', 'say what is removed'),
    flag('', 'no-preserve-root', 'treat / like any directory'),
    { ...optional('', 'preserve-root', 'all', 'do not remove /, as anyway'), name: 'ignored' },
    { ...flag('', 'one-file-system', 'ignored'), name: 'ignored' },
  ],
  *main(call) {
    if (call.operands.length === 0) return call.has('force') ? 0 : yield* call.missingOperand();
    const many = call.operands.length > 3 || call.has('recursive');
    if (call.has('once') && many) {
      const count = call.operands.length;
      const what = `${count} argument${count === 1 ? '' : 's'}${call.has('recursive') ? ' recursively' : ''}`;
      if (!(yield* confirmed(call, `${call.name}: remove ${what}? `))) return 0;
    }
    for (const path of call.operands) {
      if (/^\/+$/.test(path) && call.has('recursive') && !call.has('no-preserve-root')) {
        yield* call.warn("it is dangerous to operate recursively on '/'");
        yield* call.warn('use --no-preserve-root to override this failsafe');
      } else yield* remove(call, path, true);
    }
    return call.status;
  },
};

export const unlinkTool: Tool = {
  name: 'unlink',
  suite: 'GNU coreutils',
  usage: ['FILE', 'OPTION'],
  about: 'Remove one file.',
  options: [],
  *main(call) {
    const [path, extra] = call.operands;
    if (path === undefined) return yield* call.missingOperand();
    if (extra !== undefined) return yield* call.extraOperand(extra);
    const failed = unlink(call.process, path);
    if (failed) yield* call.cannot('unlink', path, failed);
    return call.status;
  },
};
