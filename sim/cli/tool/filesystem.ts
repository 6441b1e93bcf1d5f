import type { Errno } from '../../base/errno.ts';
import { Directory, Fifo, type Inode, Symlink } from '../../host/inode.ts';
import type { PathTarget } from '../../host/mount.ts';
import type { Process } from '../../host/process.ts';

/** Where a path leads (stat(2)), or lstat(2) with `follow` false. */
export function stat(process: Process, path: string, follow = true): Inode | Errno {
  const target = process.namespaces.mnt.resolve(process, path, follow);
  return typeof target === 'string' ? target : (target.inode ?? 'ENOENT');
}

/** Names beyond the first that hard links have given a file. */
const extraLinks = new WeakMap<Inode, number>();

/** The number of links that `ls -l` shows: of a directory, two and one more for each directory in it. */
export function linkCount(process: Process, inode: Inode): number {
  if (!(inode instanceof Directory)) return 1 + (extraLinks.get(inode) ?? 0);
  return 2 + inode.names(process).filter((name) => inode.lookup(name, process) instanceof Directory).length;
}

/** Kilobytes on the disk, in blocks of 4 KiB as ext4 has them. */
export function diskUse(inode: Inode): number {
  return inode.kind === 'file' || inode.kind === 'directory' ? Math.ceil(inode.size / 4_096) * 4 : 0;
}

export function exists(process: Process, path: string): boolean {
  return typeof stat(process, path, false) !== 'string';
}

export function isDirectory(process: Process, path: string): boolean {
  return stat(process, path) instanceof Directory;
}

/** The absolute path without symbolic links; every component must exist (realpath(3)). */
export function realPath(process: Process, path: string): string | Errno {
  const target = process.namespaces.mnt.resolve(process, path);
  if (typeof target === 'string') return target;
  return target.inode ? target.path : 'ENOENT';
}

/** readlink(2). */
export function readLink(process: Process, path: string): string | Errno {
  const inode = stat(process, path, false);
  if (typeof inode === 'string') return inode;
  return inode instanceof Symlink ? inode.target : 'EINVAL';
}

/** The names in a directory, `.` and `..` left out, in order of bytes. */
export function listDirectory(process: Process, path: string): string[] | Errno {
  const inode = stat(process, path);
  if (typeof inode === 'string') return inode;
  return inode instanceof Directory ? inode.names(process) : 'ENOTDIR';
}

/** mkdir(2); `mode` before the umask. */
export function makeDirectory(process: Process, path: string, mode = 0o777): Errno | undefined {
  const place = vacant(process, path.replace(/(?<=.)\/+$/, ''));
  return typeof place === 'string' ? place : create(process, place, place.parent.subdirectory(mode & ~process.umask));
}

/** mkfifo(3). */
export function makeFifo(process: Process, path: string): Errno | undefined {
  const place = vacant(process, path);
  return typeof place === 'string' ? place : create(process, place, new Fifo());
}

/** symlink(2). */
export function makeSymlink(process: Process, target: string, path: string): Errno | undefined {
  const place = vacant(process, path);
  return typeof place === 'string' ? place : create(process, place, new Symlink(target));
}

/** link(2), not following a symbolic link. */
export function makeLink(process: Process, from: string, to: string): Errno | undefined {
  const inode = stat(process, from, false);
  if (typeof inode === 'string') return inode;
  if (inode instanceof Directory) return 'EPERM';
  const place = vacant(process, to);
  if (typeof place === 'string') return place;
  const failed = place.parent.add(place.name, inode);
  if (failed) return failed;
  place.parent.modified = process.host.now;
  extraLinks.set(inode, (extraLinks.get(inode) ?? 0) + 1);
  return undefined;
}

/** unlink(2). */
export function unlink(process: Process, path: string): Errno | undefined {
  const target = process.namespaces.mnt.resolve(process, path, false);
  if (typeof target === 'string') return target;
  if (!target.inode) return 'ENOENT';
  if (target.inode instanceof Directory) return 'EISDIR';
  const failed = detach(process, target);
  if (!failed) extraLinks.set(target.inode, Math.max(0, (extraLinks.get(target.inode) ?? 0) - 1));
  return failed;
}

/** rmdir(2). */
export function removeDirectory(process: Process, path: string): Errno | undefined {
  if (/(^|\/)\.\/*$/.test(path)) return 'EINVAL';
  if (/(^|\/)\.\.\/*$/.test(path)) return 'ENOTEMPTY';
  const target = process.namespaces.mnt.resolve(process, path, false);
  if (typeof target === 'string') return target;
  if (!target.inode) return 'ENOENT';
  if (!(target.inode instanceof Directory)) return 'ENOTDIR';
  if (target.path === '/') return 'EBUSY';
  if (target.inode.names(process).length > 0) return 'ENOTEMPTY';
  return detach(process, target);
}

/** rename(2). Replaces a file, or an empty directory by a directory. */
export function rename(process: Process, from: string, to: string): Errno | undefined {
  const mounts = process.namespaces.mnt;
  const source = mounts.resolve(process, from, false);
  if (typeof source === 'string') return source;
  const moved = source.inode;
  if (!moved) return 'ENOENT';
  const target = mounts.resolve(process, to.replace(/(?<=.)\/+$/, ''), false);
  if (typeof target === 'string') return target;
  if (moved instanceof Directory && `${target.path}/`.startsWith(`${source.path}/`))
    return target.path === source.path ? undefined : 'EINVAL';
  const old = target.inode;
  if (old === moved) return undefined;
  if (old instanceof Directory) {
    if (!(moved instanceof Directory)) return 'EISDIR';
    if (old.names(process).length > 0) return 'ENOTEMPTY';
  } else if (old && moved instanceof Directory) return 'ENOTDIR';
  const failed = source.parent.child(source.name) === moved ? target.parent.add(target.name, moved) : 'EBUSY';
  return failed ?? detach(process, source);
}

function vacant(process: Process, path: string): PathTarget | Errno {
  const target = process.namespaces.mnt.resolve(process, path, false);
  if (typeof target === 'string') return target;
  if (target.inode) return 'EEXIST';
  return path.endsWith('/') ? 'ENOENT' : target;
}

function create(process: Process, place: PathTarget, inode: Inode): Errno | undefined {
  inode.modified = process.host.now;
  const failed = place.parent.add(place.name, inode);
  if (!failed) place.parent.modified = process.host.now;
  return failed;
}

function detach(process: Process, target: PathTarget): Errno | undefined {
  // An entry that something else is mounted on can't be removed.
  if (target.parent.child(target.name) !== target.inode) return target.parent.child(target.name) ? 'EBUSY' : 'EPERM';
  const failed = target.parent.remove(target.name);
  if (!failed) target.parent.modified = process.host.now;
  return failed;
}
