import { strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { makeLink, makeSymlink, realPath, stat, unlink } from '../tool/filesystem.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { type Transfer, transfers, within } from './destination.ts';
import { relative } from './names.ts';
import { confirmed } from './rm.ts';

/** A target as it looks from the link's directory (`-r`). */
function relativeTarget(call: Call, from: string, to: string): string {
  const slash = to.lastIndexOf('/');
  const folder = realPath(call.process, slash < 0 ? '.' : to.slice(0, slash + 1));
  const target = call.process.namespaces.mnt.resolve(call.process, from);
  return typeof target === 'string' ? from : relative(folder, target.path);
}

function* link(call: Call, { from, to }: Transfer): Blocking<void> {
  const symbolic = call.has('symbolic');
  const source = symbolic ? undefined : stat(call.process, from, call.has('logical'));
  if (typeof source === 'string') {
    yield* call.warn(call.either(`failed to access ${call.quoteFile(from)}: ${strerror(source)}`, `${from}: ${strerror(source)}`));
    return;
  }
  if (source instanceof Directory) {
    yield* call.warn(`${call.dialect.fileName(from)}: hard link not allowed for directory`);
    return;
  }
  const existing = stat(call.process, to, false);
  if (typeof existing !== 'string') {
    if (existing === source && call.has('force')) {
      yield* call.warn(`${call.quoteFile(from)} and ${call.quoteFile(to)} are the same file`);
      return;
    }
    const ask = call.has('interactive');
    if (ask && !(yield* confirmed(call, `${call.name}: replace ${call.quoteFile(to)}? `))) return;
    if (ask || call.has('force')) unlink(call.process, to);
  }
  const target = symbolic && call.has('relative') ? relativeTarget(call, from, to) : from;
  const failed = symbolic ? makeSymlink(call.process, target, to) : makeLink(call.process, from, to);
  if (failed) {
    const kind = symbolic ? 'symbolic link' : 'hard link';
    const arrow = !symbolic && failed !== 'EEXIST' ? ` => ${call.quoteFile(from)}` : '';
    yield* call.warn(
      call.either(`failed to create ${kind} ${call.quoteFile(to)}${arrow}: ${strerror(failed)}`, `${to}: ${strerror(failed)}`),
    );
  } else if (call.has('verbose')) yield* call.out.text(`${call.quoteFile(to)} ${symbolic ? '->' : '=>'} ${call.quoteFile(target)}\n`);
}

export const ln: Tool = {
  name: 'ln',
  suite: 'GNU coreutils',
  usage: [
    '[OPTION]... [-T] TARGET LINK_NAME',
    '[OPTION]... TARGET',
    '[OPTION]... TARGET... DIRECTORY',
    '[OPTION]... -t DIRECTORY TARGET...',
  ],
  about: 'Make links: hard ones, or with -s symbolic ones.',
  options: [
    { ...optional('', 'backup', 'CONTROL', ''), unmodelled: true },
    unmodelled('b', ''),
    flag('f', 'force', 'remove what is there'),
    flag('i', 'interactive', 'ask before removing what is there'),
    flag('L', 'logical', 'link to what a symbolic link leads to'),
    { ...flag('n', 'no-dereference', 'a link to a directory is no directory to link into'), name: 'no-dereference-target' },
    flag('P', 'physical', 'link to symbolic links themselves, as anyway'),
    flag('r', 'relative', 'with -s, relative to where the link is'),
    flag('s', 'symbolic', 'symbolic links'),
    valued('t', 'target-directory', 'DIRECTORY', 'make the links in DIRECTORY'),
    flag('T', 'no-target-directory', 'LINK_NAME is no directory to link into'),
    flag('v', 'verbose', 'say what is done'),
  ],
  *main(call) {
    const only = call.operands[0];
    const here = call.operands.length === 1 && !call.has('target-directory', 'no-target-directory');
    const pairs = here && only !== undefined ? [{ from: only, to: within('.', only) }] : yield* transfers(call);
    if (typeof pairs === 'number') return pairs;
    for (const pair of pairs) yield* link(call, pair);
    return call.status;
  },
};
