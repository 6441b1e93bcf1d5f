import type { Micros } from '../../../base/time.ts';
import { Directory, type Inode, Symlink } from '../../../host/inode.ts';
import type { Process } from '../../../host/process.ts';
import { entryOf, inodeOf, type TarEntry } from './tar.ts';

/** An inode and everything below it, as entries of an archive under `name`. What is mounted below isn't seen. */
export function pack(viewer: Process, name: string, inode: Inode): TarEntry[] {
  const entry = entryOf(name, inode);
  if (!entry) return [];
  if (!(inode instanceof Directory)) return [entry];
  const inner = inode.names(viewer).flatMap((child) => {
    const found = inode.lookup(child, viewer);
    return found ? pack(viewer, name === '' ? child : `${name}/${child}`, found) : [];
  });
  return name === '' ? inner : [entry, ...inner];
}

/** Puts an archive's entries into a directory; what is there keeps its place or is replaced. @returns why it can't */
export function unpack(directory: Directory, entries: readonly TarEntry[], now: Micros): 'EROFS' | 'ENOTDIR' | undefined {
  for (const entry of entries) {
    const names = entry.name.split('/').filter((part) => part !== '' && part !== '.');
    if (names.includes('..') || names.length === 0) continue;
    const last = names.pop() as string;
    let parent = directory;
    for (const part of names) {
      const next: Inode | undefined = parent.child(part);
      if (next instanceof Directory) parent = next;
      else if (next && !(next instanceof Symlink)) return 'ENOTDIR';
      else {
        const made = new Directory();
        made.modified = now;
        if (parent.add(part, made)) return 'EROFS';
        parent = made;
      }
    }
    const there = parent.child(last);
    if (entry.kind === 'directory' && there instanceof Directory) continue;
    if (parent.add(last, inodeOf(entry))) return 'EROFS';
    parent.modified = now;
  }
  return undefined;
}

/** The same file system with every file of its own, as a new container's is on top of its image. */
export function duplicate(viewer: Process, root: Directory): Directory {
  const copy = new Directory(root.mode);
  unpack(
    copy,
    pack(viewer, '', root).map((entry) => ({ ...entry, bytes: entry.bytes.slice() })),
    0,
  );
  return copy;
}
