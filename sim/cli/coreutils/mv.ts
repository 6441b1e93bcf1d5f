import { strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { rename, stat } from '../tool/filesystem.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { type Transfer, transfers } from './destination.ts';
import { confirmed } from './rm.ts';

function* move(call: Call, { from, to }: Transfer): Blocking<void> {
  const source = stat(call.process, from, false);
  if (typeof source === 'string') {
    if (call.busybox) yield* call.warn(`can't rename '${from}': ${strerror(source)}`);
    else yield* call.cannot('stat', from, source);
    return;
  }
  const target = stat(call.process, to, false);
  if (target === source) {
    yield* call.warn(`${call.quoteFile(from)} and ${call.quoteFile(to)} are the same file`);
    return;
  }
  if (typeof target !== 'string') {
    if (call.has('no-clobber')) return;
    if (call.has('update') && target.modified >= source.modified) return;
    if (target instanceof Directory && !(source instanceof Directory)) {
      yield* call.warn(`cannot overwrite directory ${call.quoteFile(to)} with non-directory ${call.quoteFile(from)}`);
      return;
    }
    if (!(target instanceof Directory) && source instanceof Directory) {
      yield* call.warn(`cannot overwrite non-directory ${call.quoteFile(to)} with directory ${call.quoteFile(from)}`);
      return;
    }
    const ask = call.last('interactive', 'force', 'no-clobber') === 'interactive';
    if (ask && !(yield* confirmed(call, `${call.name}: overwrite ${call.quoteFile(to)}? `))) return;
  }
  const failed = rename(call.process, from, to);
  if (failed === 'EINVAL') yield* call.warn(`cannot move ${call.quoteFile(from)} to a subdirectory of itself, ${call.quoteFile(to)}`);
  else if (failed === 'ENOTEMPTY') yield* call.warn(`cannot overwrite ${call.quoteFile(to)}: ${strerror(failed)}`);
  else if (failed) {
    const words = call.either(`cannot move ${call.quoteFile(from)} to ${call.quoteFile(to)}`, `can't rename '${from}'`);
    yield* call.warn(`${words}: ${strerror(failed)}`);
  } else if (call.has('verbose')) yield* call.out.text(`renamed ${call.quoteFile(from)} -> ${call.quoteFile(to)}\n`);
}

export const mv: Tool = {
  name: 'mv',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [-T] SOURCE DEST', '[OPTION]... SOURCE... DIRECTORY', '[OPTION]... -t DIRECTORY SOURCE...'],
  about: 'Rename SOURCE to DEST, or move several into a directory.',
  options: [
    { ...optional('', 'backup', 'CONTROL', ''), unmodelled: true },
    unmodelled('b', ''),
    flag('f', 'force', 'do not ask before overwriting'),
    flag('i', 'interactive', 'ask before overwriting'),
    flag('n', 'no-clobber', 'do not overwrite'),
    valued('t', 'target-directory', 'DIRECTORY', 'move into DIRECTORY'),
    flag('T', 'no-target-directory', 'DEST is no directory to move into'),
    flag('u', 'update', 'only where the source is newer or the destination is missing'),
    flag('v', 'verbose', 'say what is done'),
  ],
  *main(call) {
    const pairs = yield* transfers(call);
    if (typeof pairs === 'number') return pairs;
    for (const pair of pairs) yield* move(call, pair);
    return call.status;
  },
};
