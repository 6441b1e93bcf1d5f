import { strerror } from '../../base/errno.ts';
import { Directory, Executable, type Inode, RegularFile, Symlink } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { makeDirectory, makeFifo, makeLink, makeSymlink, realPath, stat, unlink } from '../tool/filesystem.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { transfers, within } from './destination.ts';
import { confirmed } from './rm.ts';

function recursive(call: Call): boolean {
  return call.has('recursive', 'archive');
}

function preserves(call: Call): boolean {
  return call.has('archive', 'p', 'preserve');
}

/** Whether links are copied as links. `top` is true for what is named on the command line. */
function keepsLinks(call: Call, top: boolean): boolean {
  const choice = call.last('dereference', 'no-dereference', 'archive', 'd', 'H');
  if (choice === 'dereference') return false;
  if (choice === 'H') return !top;
  return choice !== undefined || recursive(call);
}

/** Copies one thing, with what is in it if it is a directory. */
export function* copy(call: Call, from: string, to: string, top = true): Blocking<boolean> {
  const inode = stat(call.process, from, !keepsLinks(call, top));
  if (typeof inode === 'string') {
    yield* call.cannot('stat', from, inode);
    return false;
  }
  const existing = stat(call.process, to, false);
  if (existing === 'ENOTDIR') {
    yield* call.cannot('stat', to, existing);
    return false;
  }
  const target = typeof existing === 'string' ? undefined : existing;
  if (inode instanceof Directory) return yield* copyDirectory(call, from, to, inode, target);
  if (stat(call.process, to) === inode && !(inode instanceof Symlink)) {
    yield* call.warn(`${call.quoteFile(from)} and ${call.quoteFile(to)} are the same file`);
    return false;
  }
  if (stat(call.process, to) instanceof Directory) {
    yield* call.warn(
      `cannot overwrite directory ${call.quoteFile(to)} with non-directory${call.busybox ? '' : ` ${call.quoteFile(from)}`}`,
    );
    return false;
  }
  if (target && !(yield* mayReplace(call, to, inode, target))) return true;
  if (!(yield* copyFile(call, from, to, inode))) return false;
  if (preserves(call)) keepAttributes(call, inode, to);
  if (call.has('verbose')) yield* call.out.text(`${call.quoteFile(from)} -> ${call.quoteFile(to)}\n`);
  return true;
}

function* mayReplace(call: Call, to: string, inode: Inode, target: Inode): Blocking<boolean> {
  if (call.has('no-clobber')) return false;
  if (call.has('update') && target.modified >= inode.modified) return false;
  if (call.has('interactive')) return yield* confirmed(call, `${call.name}: overwrite ${call.quoteFile(to)}? `);
  if (call.has('remove-destination')) unlink(call.process, to);
  return true;
}

function keepAttributes(call: Call, inode: Inode, to: string): void {
  const made = stat(call.process, to, false);
  if (typeof made === 'string') return;
  made.mode = inode.mode;
  made.modified = inode.modified;
}

function* copyFile(call: Call, from: string, to: string, inode: Inode): Blocking<boolean> {
  const { process } = call;
  let failed: ReturnType<typeof makeLink>;
  if (call.has('link')) failed = makeLink(process, from, to);
  else if (call.has('symbolic-link')) failed = makeSymlink(process, from, to);
  else if (inode instanceof Symlink) {
    if (typeof stat(process, to, false) !== 'string') unlink(process, to);
    failed = makeSymlink(process, inode.target, to);
  } else if (inode.kind === 'fifo' && recursive(call)) failed = makeFifo(process, to);
  else if (inode instanceof Executable) failed = copyExecutable(call, inode, to);
  else return yield* copyBytes(call, from, to, inode);
  if (failed) yield* call.cannot('create regular file', to, failed);
  return !failed;
}

/** A program file has no bytes of its own: its copy is the same program. */
function copyExecutable(call: Call, inode: Executable, to: string): ReturnType<typeof makeLink> {
  const target = call.process.namespaces.mnt.resolve(call.process, to);
  if (typeof target === 'string') return target;
  const made = new Executable(inode.program);
  made.modified = call.process.host.now;
  return target.parent.add(target.name, made);
}

function* copyBytes(call: Call, from: string, to: string, inode: Inode): Blocking<boolean> {
  const { process } = call;
  const input = process.open(from);
  if (typeof input === 'string') {
    yield* call.warn(`${call.either(`cannot open ${call.quoteFile(from)} for reading`, `can't open '${from}'`)}: ${strerror(input)}`);
    return false;
  }
  const fresh = typeof stat(process, to) === 'string';
  let output = process.open(to, { write: true, create: true, truncate: true });
  if (typeof output === 'string' && call.has('force') && !unlink(process, to)) output = process.open(to, { write: true, create: true });
  if (typeof output === 'string') {
    process.close(input);
    yield* call.cannot('create regular file', to, to.endsWith('/') && output === 'EISDIR' ? 'ENOTDIR' : output);
    return false;
  }
  const made = stat(process, to);
  if (fresh && made instanceof RegularFile) made.mode = inode.mode & ~process.umask;
  for (;;) {
    const bytes = yield* process.read(input);
    if (typeof bytes === 'string') yield* call.warn(`error reading ${call.quoteFile(from)}: ${strerror(bytes)}`);
    if (typeof bytes === 'string' || bytes.length === 0) break;
    const failed = yield* process.write(output, bytes);
    if (failed) yield* call.warn(`error writing ${call.quoteFile(to)}: ${strerror(failed)}`);
    if (failed) break;
    yield* process.spend(10);
  }
  process.close(input);
  process.close(output);
  return call.status === 0;
}

function* copyDirectory(call: Call, from: string, to: string, directory: Directory, target: Inode | undefined): Blocking<boolean> {
  if (!recursive(call)) {
    yield* call.warn(call.either(`-r not specified; omitting directory ${call.quoteFile(from)}`, `omitting directory '${from}'`));
    return false;
  }
  const source = realPath(call.process, from);
  const resolved = call.process.namespaces.mnt.resolve(call.process, to);
  if (typeof resolved !== 'string' && `${resolved.path}/`.startsWith(`${source}/`)) {
    yield* call.warn(
      call.either(
        `cannot copy a directory, ${call.quoteFile(from)}, into itself, ${call.quoteFile(to)}`,
        `recursion detected, omitting directory '${from}'`,
      ),
    );
    return false;
  }
  if (target && !(stat(call.process, to) instanceof Directory)) {
    yield* call.warn(`cannot overwrite non-directory ${call.quoteFile(to)} with directory ${call.quoteFile(from)}`);
    return false;
  }
  if (!target) {
    const failed = makeDirectory(call.process, to);
    if (failed) {
      yield* call.cannot('create directory', to, failed);
      return false;
    }
    if (call.has('verbose')) yield* call.out.text(`${call.quoteFile(from)} -> ${call.quoteFile(to)}\n`);
  }
  let whole = true;
  for (const name of directory.names(call.process)) {
    yield* call.process.spend(2);
    whole = (yield* copy(call, within(from, name), within(to, name), false)) && whole;
  }
  const made = stat(call.process, to);
  if (!target && typeof made !== 'string') made.mode = preserves(call) ? directory.mode : directory.mode & ~call.process.umask;
  if (preserves(call)) keepAttributes(call, directory, to);
  return whole;
}

export const cp: Tool = {
  name: 'cp',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [-T] SOURCE DEST', '[OPTION]... SOURCE... DIRECTORY', '[OPTION]... -t DIRECTORY SOURCE...'],
  about: 'Copy SOURCE to DEST, or several into a directory.',
  options: [
    flag('a', 'archive', 'as -dR --preserve=all'),
    { ...optional('', 'backup', 'CONTROL', ''), unmodelled: true },
    unmodelled('b', ''),
    flag('d', '', 'copy links as links'),
    flag('f', 'force', 'remove a destination that cannot be opened, and try again'),
    flag('i', 'interactive', 'ask before overwriting'),
    flag('H', '', 'follow links that are named'),
    flag('l', 'link', 'make hard links instead of copies'),
    flag('L', 'dereference', 'follow all links'),
    flag('n', 'no-clobber', 'do not overwrite'),
    flag('P', 'no-dereference', 'copy links as links'),
    flag('p', '', 'keep mode and times'),
    { ...optional('', 'preserve', 'ATTRIBUTES', 'keep mode and times'), name: 'preserve' },
    { ...optional('', 'no-preserve', 'ATTRIBUTES', 'ignored'), name: 'ignored' },
    unmodelled('', 'parents'),
    { ...flag('R', '', 'same as -r'), name: 'recursive' },
    flag('r', 'recursive', 'directories with all that is in them'),
    flag('', 'remove-destination', 'remove the destination first'),
    flag('s', 'symbolic-link', 'make symbolic links instead of copies'),
    valued('t', 'target-directory', 'DIRECTORY', 'copy into DIRECTORY'),
    flag('T', 'no-target-directory', 'DEST is no directory to copy into'),
    flag('u', 'update', 'only where the source is newer or the destination is missing'),
    flag('v', 'verbose', 'say what is done'),
    { ...flag('x', 'one-file-system', 'ignored'), name: 'ignored' },
  ],
  *main(call) {
    const pairs = yield* transfers(call);
    if (typeof pairs === 'number') return pairs;
    for (const { from, to } of pairs) yield* copy(call, from, to);
    return call.status;
  },
};
