import { strerror } from '../../base/errno.ts';
import { Directory, type Inode } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { diskUse, linkCount, stat } from '../tool/filesystem.ts';
import { humanSize, parseSize } from '../tool/numbers.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

interface Walk {
  deepest: number;
  unit: number;
  /** Files with several names count once. */
  seen: Set<Inode>;
}

function show(call: Call, bytes: number, unit: number): string {
  return call.has('human-readable') ? humanSize(bytes) : call.has('si') ? humanSize(bytes, 1000) : String(Math.ceil(bytes / unit));
}

/** The bytes below a path; prints what is to be shown on the way. */
function* measure(call: Call, path: string, depth: number, walk: Walk): Blocking<number> {
  const inode = stat(call.process, path, call.has('dereference'));
  if (typeof inode === 'string') {
    yield* call.warn(`${call.either(`cannot access ${call.quoteFile(path)}`, path)}: ${strerror(inode)}`);
    return 0;
  }
  if (linkCount(call.process, inode) > 1 && !(inode instanceof Directory)) {
    if (walk.seen.has(inode)) return 0;
    walk.seen.add(inode);
  }
  let bytes = call.has('apparent-size', 'bytes') ? (inode instanceof Directory ? 0 : inode.size) : diskUse(inode) * 1024;
  if (inode instanceof Directory) {
    yield* call.process.spend(2);
    const base = path.endsWith('/') ? path : `${path}/`;
    for (const name of inode.names(call.process)) {
      const part = yield* measure(call, base + name, depth + 1, walk);
      if (!call.has('separate-dirs') || !(stat(call.process, base + name, false) instanceof Directory)) bytes += part;
    }
  }
  const shown = depth === 0 || (depth <= walk.deepest && (inode instanceof Directory || call.has('all')));
  if (shown) yield* call.out.text(`${show(call, bytes, walk.unit)}\t${path}\n`);
  return bytes;
}

export const du: Tool = {
  name: 'du',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print how much disk space files take, directories with all that is in them.',
  options: [
    flag('a', 'all', 'files too, not only directories'),
    flag('', 'apparent-size', 'sizes of the files, not of their blocks'),
    valued('B', 'block-size', 'SIZE', 'in units of SIZE'),
    flag('b', 'bytes', 'as --apparent-size --block-size=1'),
    flag('c', 'total', 'the sum at the end'),
    valued('d', 'max-depth', 'N', 'not deeper than N'),
    flag('h', 'human-readable', 'as 1K, 234M'),
    flag('', 'si', 'as -h, in powers of 1000'),
    flag('k', '', 'in kilobytes, as anyway'),
    flag('L', 'dereference', 'follow links'),
    flag('m', '', 'in megabytes'),
    flag('s', 'summarize', 'only the sum of each argument'),
    flag('S', 'separate-dirs', 'directories without the directories in them'),
    { ...flag('x', 'one-file-system', 'ignored'), name: 'ignored' },
  ],
  *main(call) {
    const depth = call.value('max-depth');
    if (depth !== undefined && !/^\d+$/.test(depth)) return yield* call.badUsage(`invalid maximum depth ${call.quote(depth)}`);
    const block = call.value('block-size');
    const unit = call.has('bytes') ? 1 : call.has('m') ? 1_048_576 : block === undefined ? 1024 : parseSize(block);
    if (!unit) return yield* call.fail(`invalid --block-size argument ${call.quote(block ?? '')}`);
    const walk: Walk = { deepest: call.has('summarize') ? 0 : Number(depth ?? Number.POSITIVE_INFINITY), unit, seen: new Set() };
    let total = 0;
    for (const path of call.operands.length > 0 ? call.operands : ['.']) total += yield* measure(call, path, 0, walk);
    if (call.has('total')) yield* call.out.text(`${show(call, total, unit)}\ttotal\n`);
    return call.status;
  },
};
