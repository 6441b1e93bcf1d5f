import { strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Call } from '../tool/call.ts';
import { diskUse, stat } from '../tool/filesystem.ts';
import { humanSize } from '../tool/numbers.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';

/** The size of a simulated disk in kilobytes: its real bound is the reader's memory. */
const DISK_KILOBYTES = 20_961_280;
/** A tmpfs is as large as half of the memory. */
const TMPFS_KILOBYTES = 2_013_264;

interface Row {
  source: string;
  type: string;
  size: number;
  used: number;
  path: string;
}

function used(call: Call, directory: Directory, seen = new Set<Directory>()): number {
  let kilobytes = 0;
  for (const name of directory.names(call.process)) {
    const child = directory.child(name);
    if (!child) continue;
    kilobytes += diskUse(child);
    if (child instanceof Directory && !seen.has(child)) {
      seen.add(child);
      kilobytes += used(call, child, seen);
    }
  }
  return kilobytes;
}

const WITHOUT_BLOCKS = new Set(['proc', 'sysfs', 'devpts', 'cgroup', 'cgroup2', 'mqueue', 'nsfs', 'debugfs', 'tracefs', 'bpf']);

/** What is mounted, the root first. File systems without blocks take no space and are left out unless `-a`. */
function rows(call: Call): Row[] {
  const { mnt } = call.process.namespaces;
  const overlay = mnt.mounts.get(mnt.root);
  const list: Row[] = [{ source: '/dev/root', type: 'ext4', size: DISK_KILOBYTES, used: used(call, mnt.root), path: '/' }];
  if (overlay) Object.assign(list[0] as Row, { source: overlay.source, type: overlay.type });
  for (const { inode, path, type, source } of mnt.mounts.values()) {
    if (path === '/') continue;
    const none = WITHOUT_BLOCKS.has(type);
    if (none && !call.has('all')) continue;
    list.push({ source, type, size: none ? 0 : TMPFS_KILOBYTES, used: inode instanceof Directory && !none ? used(call, inode) : 0, path });
  }
  return list;
}

function cells(call: Call, row: Row): string[] {
  const free = row.size - row.used;
  const show = (kilobytes: number) => (call.has('human-readable') ? humanSize(kilobytes * 1024) : String(kilobytes));
  const share = row.size === 0 ? '-' : `${Math.ceil((row.used * 100) / row.size)}%`;
  return [row.source, ...(call.has('print-type') ? [row.type] : []), show(row.size), show(row.used), show(free), share, row.path];
}

export const df: Tool = {
  name: 'df',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print the file systems (those of the files), how large they are and how much is used. Sizes of disks are nominal.',
  options: [
    flag('a', 'all', 'file systems without blocks too'),
    flag('h', 'human-readable', 'as 1K, 234M'),
    unmodelled('i', 'inodes'),
    flag('k', '', 'in kilobytes, as anyway'),
    flag('P', 'portability', 'the heading of POSIX'),
    valued('t', 'type', 'TYPE', 'only file systems of this type'),
    flag('T', 'print-type', 'with the type'),
  ],
  *main(call) {
    let list = rows(call);
    if (call.operands.length > 0) {
      const all = list;
      list = [];
      for (const operand of call.operands) {
        const target = call.process.namespaces.mnt.resolve(call.process, operand);
        const inode = stat(call.process, operand);
        if (typeof target === 'string' || typeof inode === 'string') {
          yield* call.warn(
            call.busybox ? `${operand}: can't find mount point` : `${operand}: ${strerror(typeof inode === 'string' ? inode : 'ENOENT')}`,
          );
          continue;
        }
        const under = all.filter((row) => `${target.path}/`.startsWith(row.path === '/' ? '/' : `${row.path}/`));
        list.push(under.reduce((best, row) => (row.path.length > best.path.length ? row : best)));
      }
      if (list.length === 0 && !call.busybox) return call.status;
    }
    const types = call.values('type');
    if (types.length > 0) list = list.filter((row) => types.includes(row.type));
    if (list.length === 0) return yield* call.fail('no file systems processed');
    const human = call.has('human-readable');
    const heading = [
      'Filesystem',
      ...(call.has('print-type') ? ['Type'] : []),
      human ? 'Size' : call.has('portability') ? '1024-blocks' : '1K-blocks',
      'Used',
      human ? 'Avail' : 'Available',
      call.has('portability') ? 'Capacity' : 'Use%',
      'Mounted on',
    ];
    const table = [heading, ...list.map((row) => cells(call, row))];
    const least = heading.map((text, i) => (i === 0 ? 14 : /Size|blocks|Used|Avail/.test(text) ? 5 : 0));
    const widths = heading.map((_, i) => Math.max(least[i] as number, ...table.map((line) => (line[i] as string).length)));
    const left = call.has('print-type') ? 2 : 1;
    for (const line of table) {
      const last = line.length - 1;
      yield* call.out.text(
        `${line.map((cell, i) => (i === last ? cell : i < left ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join(' ')}\n`,
      );
    }
    return call.status;
  },
};
