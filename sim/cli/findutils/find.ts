import { strerror } from '../../base/errno.ts';
import { Directory, Symlink } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { stat } from '../tool/filesystem.ts';
import type { Tool } from '../tool/tool.ts';
import { beginsExpression, ExpressionError, ExpressionReader, type Test, type Visit, type WalkOptions } from './expression.ts';

/** Visits a file and what is below it. */
function* walk(call: Call, visit: Visit, test: Test, options: WalkOptions): Blocking<void> {
  const inRange = visit.depth >= options.least;
  options.pruned = false;
  if (inRange && !options.depthFirst) yield* test(visit);
  const descend = visit.inode instanceof Directory && visit.depth < options.most && !options.pruned;
  if (descend && !options.quit) {
    yield* call.process.spend(2);
    const base = visit.path.endsWith('/') ? visit.path : `${visit.path}/`;
    for (const name of (visit.inode as Directory).names(call.process)) {
      const path = base + name;
      const inode = lookAt(call, path, options.follow);
      if (typeof inode === 'string') {
        // Entries may go while the walk is under way; only other errors are worth a message.
        if (inode !== 'ENOENT') yield* call.warn(`${call.quoteFile(path)}: ${strerror(inode)}`);
        continue;
      }
      yield* walk(call, { path, name, inode, depth: visit.depth + 1, start: visit.start }, test, options);
      if (options.quit) return;
    }
  }
  if (inRange && options.depthFirst && !options.quit) yield* test(visit);
}

/** The file itself, or what a link leads to; a dangling link is itself. */
function lookAt(call: Call, path: string, follow: boolean): ReturnType<typeof stat> {
  const itself = stat(call.process, path, false);
  if (!follow || !(itself instanceof Symlink)) return itself;
  const target = stat(call.process, path);
  return typeof target === 'string' ? itself : target;
}

export const find: Tool = {
  name: 'find',
  suite: 'GNU findutils',
  usage: ['[-H] [-L] [-P] [path...] [expression]'],
  about:
    'Walk through directories and print (or do something with) the files for which the expression is true.\nTests: -name -iname -path -regex -type -size -empty -newer -mtime -mmin -perm -links -executable …\nActions: -print -print0 -printf -ls -delete -exec -execdir -ok -prune -quit. Operators: ( ) ! -a -o ,',
  options: [],
  verbatim: true,
  *main(call) {
    const words = [...call.operands];
    if (words[0] === '--help' || words[0] === '-help' || words[0] === '--version' || words[0] === '-version') {
      yield* call.out.text(/help/.test(words[0]) ? call.dialect.help(call.tool, call.name) : call.dialect.version(call.tool));
      return 0;
    }
    let follow: 'L' | 'H' | 'P' = 'P';
    while (/^-[LHP]$/.test(words[0] ?? '')) follow = (words.shift() as string)[1] as 'L' | 'H' | 'P';
    const at = words.findIndex(beginsExpression);
    const paths = at < 0 ? words : words.slice(0, at);
    const options: WalkOptions = {
      least: 0,
      most: Number.POSITIVE_INFINITY,
      depthFirst: false,
      follow: follow === 'L',
      pruned: false,
      quit: false,
      batches: [],
    };
    let test: Test;
    try {
      test = new ExpressionReader(call, at < 0 ? [] : words.slice(at), options).read();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return yield* call.busybox
        ? call.badUsage(error.message.replace(/^unknown predicate `(.*)'$/, 'unrecognized: $1'))
        : call.fail(error.message);
    }
    for (const path of paths.length > 0 ? paths : ['.']) {
      const inode = lookAt(call, path, options.follow || follow === 'H' || path.endsWith('/'));
      if (typeof inode === 'string') {
        yield* call.warn(`${call.either(call.quoteFile(path), path)}: ${strerror(inode)}`);
        continue;
      }
      const trimmed = path.replace(/(?<=[^/])\/+$/, '');
      const name = trimmed === '/' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
      yield* walk(call, { path, name, inode, depth: 0, start: path }, test, options);
      if (options.quit) break;
    }
    for (const batch of options.batches) yield* batch.flush();
    return call.status;
  },
};
