import { type Errno, strerror } from '../../base/errno.ts';
import { Directory, type Inode, NamespaceFile } from '../../host/inode.ts';
import { devfs } from '../../host/filesystems/devfs.ts';
import { procfs } from '../../host/filesystems/procfs.ts';
import { sysfs } from '../../host/filesystems/sysfs.ts';
import type { PathTarget } from '../../host/mount.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { notModelled } from '../command.ts';
import type { Call } from '../tool/call.ts';
import { flag, HELP_AND_VERSION, type Tool, UTIL_LINUX, unmodelled, valued } from '../tool/tool.ts';
import { bindFile, type MountSpec, NSFS, unbind } from './bind.ts';

/** Exit statuses of mount(8). */
const STATUS = { usage: 1, failed: 32, busybox: 255 };

/** File systems that a kernel has and this one doesn't. */
const UNMODELLED = [
  'bpf',
  'btrfs',
  'cgroup',
  'cgroup2',
  'debugfs',
  'devpts',
  'ext4',
  'mqueue',
  'nfs',
  'overlay',
  'ramfs',
  'securityfs',
  'tracefs',
  'xfs',
];

/** Options that say what is so anyway. */
const GRANTED = new Set(['rw', 'defaults', 'relatime', 'bind', 'rbind', 'private', 'rprivate', 'exec', 'suid', 'dev']);

/** `mount` (mount(8)): lists what is mounted, or mounts memory, the kernel's file systems, and files and folders a second time. */
export const mount: Tool = {
  name: 'mount',
  suite: UTIL_LINUX,
  usage: ['[-lhV]', '[options] <source> <directory>'],
  about: 'Mount a filesystem.',
  options: [
    valued('t', 'types', 'list', 'limit the set of filesystem types'),
    valued('o', 'options', 'list', 'comma-separated list of mount options'),
    flag('B', 'bind', 'mount a subtree somewhere else'),
    flag('R', 'rbind', 'mount a subtree and what is mounted below it somewhere else'),
    flag('', 'make-private', 'mark a subtree as private, as all are here'),
    flag('', 'make-rprivate', 'the same with all below'),
    flag('l', 'show-labels', 'show also filesystem labels'),
    flag('n', 'no-mtab', "don't write to /etc/mtab"),
    flag('v', 'verbose', 'say what is being done'),
    flag('w', 'rw', 'mount the filesystem read-write'),
    unmodelled('r', 'read-only'),
    unmodelled('a', 'all'),
    unmodelled('M', 'move'),
    unmodelled('', 'make-shared'),
    unmodelled('', 'make-rshared'),
    unmodelled('', 'make-slave'),
    unmodelled('', 'make-rslave'),
    unmodelled('', 'make-unbindable'),
    ...HELP_AND_VERSION,
  ],
  *main(call) {
    const [source, path] = call.operands;
    const asked = (call.value('options') ?? '').split(',').filter((word) => word !== '');
    if (source === undefined) return yield* list(call);
    if (call.has('make-private', 'make-rprivate')) return 0;
    if (call.operands.length > 2) return yield* call.badUsage(call.busybox ? '' : 'bad usage');
    if (path === undefined) {
      return yield* call.fail(call.busybox ? `can't find ${source} in /etc/fstab` : `${source}: can't find in /etc/fstab.`);
    }
    const strange = asked.find((word) => !GRANTED.has(word) && !/^(mode|size)=/.test(word));
    if (strange !== undefined) {
      yield* call.complain(notModelled(call.name, `the option ${strange}`));
      return STATUS.usage;
    }
    const bind = call.has('bind', 'rbind') || asked.includes('bind') || asked.includes('rbind');
    return yield* mountAt(call, source, path, { bind, extra: asked.filter((word) => /^(mode|size)=/.test(word)) });
  },
};

interface Wanted {
  bind: boolean;
  /** Options of the file system's own. */
  extra: string[];
}

function* mountAt(call: Call, source: string, path: string, wanted: Wanted): Blocking<number> {
  const { process } = call;
  const { mnt } = process.namespaces;
  if (!process.capable('SYS_ADMIN')) return yield* refuse(call, source, path, 'EPERM', 'permission denied.');
  const target = mnt.resolve(process, path);
  if (typeof target === 'string' || !target.inode) return yield* refuse(call, source, path, 'ENOENT', 'mount point does not exist.');
  const made = wanted.bind ? bound(process, source) : yield* filesystem(call, wanted.extra);
  if (typeof made === 'number') return made;
  if (made === undefined) {
    if (wanted.bind) return yield* refuse(call, source, path, 'ENOENT', `special device ${source} does not exist.`);
    const type = call.value('types');
    if (type !== undefined) return yield* refuse(call, source, path, 'ENODEV', `unknown filesystem type '${type}'.`);
    return yield* refuse(call, source, path, 'ENOENT', `fsconfig() failed: ${source}: Can't lookup blockdev.`);
  }
  if (made.inode instanceof Directory !== target.inode instanceof Directory) {
    const words = `wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.`;
    return yield* refuse(call, source, path, 'ENOTDIR', words);
  }
  bindFile(process, target.path, made.inode, { ...made.spec, source: made.spec.source === '' ? source : made.spec.source });
  if (call.has('verbose')) yield* call.out.write(`mount: ${source} ${wanted.bind ? 'bound' : 'mounted'} on ${path}.\n`);
  return 0;
}

function* refuse(call: Call, source: string, path: string, errno: Errno, words: string): Blocking<number> {
  if (call.busybox) return yield* call.fail(`mounting ${source} on ${path} failed: ${strerror(errno)}`, STATUS.busybox);
  yield* call.complain(`mount: ${path}: ${words}\n       dmesg(1) may have more information after failed mount system call.\n`);
  return STATUS.failed;
}

/** What is at a path, with the words of the file system that it is on. */
function bound(process: Process, source: string): { inode: Inode; spec: MountSpec } | undefined {
  const { mnt } = process.namespaces;
  const found = mnt.resolve(process, source);
  if (typeof found === 'string' || !found.inode) return undefined;
  return { inode: found.inode, spec: found.inode instanceof NamespaceFile ? NSFS : specAt(process, found) };
}

function specAt(process: Process, { path }: PathTarget): MountSpec {
  const above = [...process.namespaces.mnt.mounts.values()].filter((one) => path === one.path || path.startsWith(`${one.path}/`));
  const nearest = above.toSorted((a, b) => b.path.length - a.path.length)[0];
  return nearest ?? { type: 'ext4', source: '/dev/vda1', options: 'rw,relatime' };
}

/** A file system of the type that was asked for, an exit status after a refusal, or nothing where no such type exists. */
function* filesystem(call: Call, extra: readonly string[]): Blocking<{ inode: Inode; spec: MountSpec } | number | undefined> {
  const type = call.value('types');
  const { host } = call.process;
  const spec = { type: type ?? '', source: '', options: ['rw', 'relatime', ...extra].join(',') };
  switch (type) {
    case 'tmpfs': {
      if (extra.some((word) => word.startsWith('size='))) {
        yield* call.complain(notModelled(call.name, 'the size of a tmpfs'));
        return STATUS.usage;
      }
      const mode = extra.find((word) => word.startsWith('mode='))?.slice('mode='.length) ?? '1777';
      return { inode: new Directory(Number.parseInt(mode, 8)), spec };
    }
    case 'proc':
      return { inode: procfs(host), spec };
    case 'sysfs':
      return { inode: sysfs(), spec };
    case 'devtmpfs':
      return { inode: devfs(host), spec };
    default:
      if (type === undefined || !UNMODELLED.includes(type)) return undefined;
      yield* call.complain(notModelled(call.name, `the file system ${type}`));
      return STATUS.usage;
  }
}

function* list(call: Call): Blocking<number> {
  const types = call.value('types')?.split(',');
  const root = { source: '/dev/vda1', path: '/', type: 'ext4', options: 'rw,relatime' };
  for (const { source, path, type, options } of [root, ...call.process.namespaces.mnt.mounts.values()]) {
    if (!types || types.includes(type)) yield* call.out.write(`${source} on ${path} type ${type} (${options})\n`);
  }
  return 0;
}

/** `umount` (umount(8)). */
export const umount: Tool = {
  name: 'umount',
  suite: UTIL_LINUX,
  usage: ['[options] <source> | <directory>'],
  about: 'Unmount filesystems.',
  options: [
    flag('f', 'force', 'force unmount'),
    flag('l', 'lazy', 'detach the filesystem now, clean up things later'),
    flag('n', 'no-mtab', "don't write to /etc/mtab"),
    flag('v', 'verbose', 'say what is being done'),
    unmodelled('a', 'all'),
    unmodelled('R', 'recursive'),
    unmodelled('t', 'types'),
    ...HELP_AND_VERSION,
  ],
  *main(call) {
    if (call.operands.length === 0) return yield* call.badUsage(call.busybox ? '' : 'bad usage');
    for (const path of call.operands) yield* umountAt(call, path);
    return call.status;
  },
};

function* umountAt(call: Call, path: string): Blocking<void> {
  const { process } = call;
  const found = process.namespaces.mnt.resolve(process, path);
  const missing = typeof found === 'string' || !found.inode;
  const at = missing ? path : (found as PathTarget).path;
  const mounted = [...process.namespaces.mnt.mounts.values()].some((one) => one.path === at);
  const errno: Errno | undefined = missing
    ? 'ENOENT'
    : !mounted && at !== '/'
      ? 'EINVAL'
      : !call.has('lazy') && isBusy(process, at)
        ? 'EBUSY'
        : undefined;
  if (errno && call.busybox) return yield* call.warn(`can't unmount ${path}: ${strerror(errno)}`);
  if (errno) return yield* call.warn(`${path}: ${TROUBLE[errno] ?? strerror(errno)}`, STATUS.failed);
  unbind(process, at);
  if (call.has('verbose')) yield* call.out.write(`umount: ${path} unmounted\n`);
}

const TROUBLE: Partial<Record<Errno, string>> = {
  ENOENT: 'no mount point specified.',
  EINVAL: 'not mounted.',
  EBUSY: 'target is busy.',
};

/** Somebody is in there, or something is mounted below. */
function isBusy(process: Process, path: string): boolean {
  const below = (other: string) => path === '/' || other === path || other.startsWith(`${path}/`);
  const { mnt } = process.namespaces;
  if (process.host.processes().some((other) => other.namespaces.mnt === mnt && other.state !== 'zombie' && below(other.cwd))) return true;
  return [...mnt.mounts.values()].some((one) => one.path !== path && below(one.path));
}

/** `mountpoint` (mountpoint(1)): whether something is mounted at a path. */
export const mountpoint: Tool = {
  name: 'mountpoint',
  suite: UTIL_LINUX,
  usage: ['[-qd] <path>', '-x device'],
  about: 'Check whether a directory or file is a mountpoint.',
  options: [
    flag('q', 'quiet', 'quiet mode, do not print anything'),
    unmodelled('d', 'fs-devno'),
    unmodelled('x', 'devno'),
    ...HELP_AND_VERSION,
  ],
  *main(call) {
    const [path] = call.operands;
    if (path === undefined || call.operands.length > 1) return yield* call.badUsage('bad usage');
    const { process } = call;
    const found = process.namespaces.mnt.resolve(process, path);
    if (typeof found === 'string' || !found.inode) return call.has('quiet') ? 1 : yield* call.fail(`${path}: ${strerror('ENOENT')}`);
    const is = found.path === '/' || [...process.namespaces.mnt.mounts.values()].some((one) => one.path === found.path);
    if (!call.has('quiet')) yield* call.out.write(`${path} is ${is ? '' : 'not '}a mountpoint\n`);
    return is ? 0 : STATUS.failed;
  },
};
