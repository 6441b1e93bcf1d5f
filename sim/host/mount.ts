import type { Errno } from '../base/errno.ts';
import { Directory, type Inode, MagicLink, Symlink } from './inode.ts';
import type { Process } from './process.ts';

/** Linux gives up after this many symbolic links in one path (include/linux/namei.h, MAXSYMLINKS). */
const MAX_SYMLINKS = 40;

/** Where a path leads: the entry, or its place in a directory where it does not exist yet. */
export interface PathTarget {
  parent: Directory;
  name: string;
  inode: Inode | undefined;
  /** The absolute path without symbolic links and dots. */
  path: string;
}

/** One file-system tree as a process sees it: a root, and what is mounted on entries of it (mount_namespaces(7)). */
export class MountNamespace {
  readonly root: Directory;
  readonly mounts: Map<Inode, { inode: Inode; path: string; type: string; source: string; options: string }>;

  constructor(root: Directory, mounts?: MountNamespace['mounts']) {
    this.root = root;
    this.mounts = new Map(mounts);
  }

  /** A copy that shares the files but mounts on its own, as `unshare -m` makes. */
  copy(): MountNamespace {
    return new MountNamespace(this.root, this.mounts);
  }

  /** Mounts `inode` over the entry at `path`. */
  mount(viewer: Process, path: string, inode: Inode, type: string, source: string, options = 'rw,relatime'): Errno | undefined {
    const target = this.resolve(viewer, path);
    if (typeof target === 'string') return target;
    if (!target.inode) return 'ENOENT';
    this.mounts.set(target.inode, { inode, path: target.path, type, source, options });
    return undefined;
  }

  /** Undoes the latest mount at `path`. */
  unmount(path: string): Errno | undefined {
    for (const [point, mounted] of [...this.mounts].reverse()) {
      if (mounted.path !== path) continue;
      this.mounts.delete(point);
      return undefined;
    }
    return 'EINVAL';
  }

  /**
   * Walks a path (path_resolution(7)). The last component may be missing; everything before it must be a directory.
   *
   * @param viewer whose working directory relative paths start from
   * @param follow whether a symbolic link in the last component is followed
   */
  resolve(viewer: Process, path: string, follow = true): PathTarget | Errno {
    if (path === '') return 'ENOENT';
    if (path.length > 4096) return 'ENAMETOOLONG';
    const stack: Step[] = [{ name: '', inode: this.root }];
    const start = path.startsWith('/') ? path : `${viewer.cwd}/${path}`;
    return this.#walk(viewer, stack, componentsOf(start), { follow, links: 0, mustBeDirectory: path.endsWith('/') });
  }

  #walk(
    viewer: Process,
    stack: Step[],
    names: readonly string[],
    options: { follow: boolean; links: number; mustBeDirectory: boolean },
  ): PathTarget | Errno {
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const last = i === names.length - 1;
      if (name === '..') {
        if (stack.length > 1) stack.pop();
        continue;
      }
      const directory = (stack.at(-1) as Step).inode;
      if (!(directory instanceof Directory)) return 'ENOTDIR';
      if (name.length > 255) return 'ENAMETOOLONG';
      const entry = this.#mounted(directory.lookup(name, viewer));
      const follow = !last || options.follow || options.mustBeDirectory;
      const found = follow && entry instanceof MagicLink ? entry.inode : entry;
      if (follow && found instanceof Symlink) {
        if (options.links >= MAX_SYMLINKS) return 'ELOOP';
        const base = found.target.startsWith('/') ? stack.slice(0, 1) : stack;
        return this.#walk(viewer, base, [...componentsOf(found.target), ...names.slice(i + 1)], { ...options, links: options.links + 1 });
      }
      if (!found) return last ? target(stack, name, undefined) : 'ENOENT';
      if (last && options.mustBeDirectory && !(found instanceof Directory)) return 'ENOTDIR';
      stack.push({ name, inode: found });
    }
    const end = stack.pop() as Step;
    if (stack.length === 0) return { parent: this.root, name: '.', inode: end.inode, path: '/' };
    return target(stack, end.name, end.inode);
  }

  #mounted(inode: Inode | undefined): Inode | undefined {
    let top = inode;
    while (top) {
      const over = this.mounts.get(top);
      if (!over) return top;
      top = over.inode;
    }
    return undefined;
  }
}

/** Programs and libraries are looked up by the same few paths time and again. */
const known = new Map<string, readonly string[]>();
const MOST_KNOWN = 1_000;

/** A path's names, without the empty ones and those that stay where they are. */
function componentsOf(path: string): readonly string[] {
  let names = known.get(path);
  if (names === undefined) {
    names = path.split('/').filter((part) => part !== '' && part !== '.');
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(path, names);
  }
  return names;
}

interface Step {
  name: string;
  inode: Inode;
}

function target(stack: Step[], name: string, inode: Inode | undefined): PathTarget {
  const parent = (stack.at(-1) as Step).inode as Directory;
  return { parent, name, inode, path: `${stack.map((step) => step.name).join('/')}/${name}` };
}
