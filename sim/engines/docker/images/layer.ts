import { sha256 } from '../../../base/digest.ts';
import { Directory, type Inode, RegularFile, Symlink } from '../../../host/inode.ts';
import type { Process } from '../../../host/process.ts';
import { pack, unpack } from '../archive/copy.ts';
import { entryOf, type TarEntry, writeTar } from '../archive/tar.ts';

/** What marks a file that a layer takes away (OCI image-spec, layer.md). */
const WHITEOUT = '.wh.';

/** One layer of an image: what it adds, changes and takes away, as an archive would say it. */
export class Layer {
  readonly #read: () => readonly TarEntry[];
  #entries: readonly TarEntry[] | undefined;
  #digest: string | undefined;

  /** @param read makes the entries when they are first asked for: few layers are ever looked into */
  constructor(read: () => readonly TarEntry[]) {
    this.#read = read;
  }

  get entries(): readonly TarEntry[] {
    this.#entries ??= this.#read();
    return this.#entries;
  }

  get archive(): Uint8Array {
    return writeTar(this.entries);
  }

  /** SHA-256 of the archive: the same contents make the same layer. */
  get digest(): string {
    this.#digest ??= sha256(this.archive);
    return this.#digest;
  }

  /** Bytes of its files. */
  get size(): number {
    return this.entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
  }

  /** Lays it on top of what is there. */
  apply(root: Directory): void {
    const kept: TarEntry[] = [];
    for (const entry of this.entries) {
      const slash = entry.name.lastIndexOf('/');
      const last = entry.name.slice(slash + 1);
      if (last.startsWith(WHITEOUT)) directoryAt(root, entry.name.slice(0, Math.max(0, slash)))?.remove(last.slice(WHITEOUT.length));
      else kept.push({ ...entry, bytes: entry.bytes.slice() });
    }
    unpack(root, kept, 0);
  }
}

function directoryAt(root: Directory, path: string): Directory | undefined {
  let directory: Directory = root;
  for (const part of path.split('/').filter((name) => name !== '')) {
    const next = directory.child(part);
    if (!(next instanceof Directory)) return undefined;
    directory = next;
  }
  return directory;
}

/** What the Engine makes itself before a container's own layer (daemon/initlayer). */
const INIT_LAYER = new Set(['.dockerenv', 'dev', 'proc', 'sys', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'etc/mtab']);

/** The layer that leads from one root file system to another. */
export function layerBetween(viewer: Process, before: Directory, after: Directory): Layer {
  const entries: TarEntry[] = [];
  compare(viewer, '', before, after, entries);
  return new Layer(() => entries);
}

function compare(viewer: Process, path: string, before: Directory, after: Directory, entries: TarEntry[]): void {
  const below = (name: string): string => (path === '' ? name : `${path}/${name}`);
  const found: TarEntry[] = [];
  for (const name of before.names(viewer)) {
    if (after.child(name) || INIT_LAYER.has(below(name))) continue;
    found.push({ name: below(WHITEOUT + name), kind: 'file', mode: 0, modified: 0, bytes: new Uint8Array(0), target: '' });
  }
  for (const name of after.names(viewer)) {
    const full = below(name);
    const [old, now] = [before.child(name), after.child(name)];
    if (!now || INIT_LAYER.has(full)) continue;
    if (old instanceof Directory && now instanceof Directory && old.mode === now.mode) compare(viewer, full, old, now, found);
    else if (!old || !same(old, now)) found.push(...pack(viewer, full, now));
  }
  if (found.length === 0) return;
  const self = path === '' ? undefined : entryOf(path, after);
  if (self) entries.push(self);
  entries.push(...found);
}

/** Whether two inodes hold the same. A file that was written the same again counts as unchanged. */
export function same(old: Inode, now: Inode): boolean {
  if (old.kind !== now.kind || old.mode !== now.mode) return false;
  if (old instanceof Symlink && now instanceof Symlink) return old.target === now.target;
  if (!(old instanceof RegularFile && now instanceof RegularFile)) return true;
  return old.bytes.length === now.bytes.length && old.bytes.every((byte, i) => byte === now.bytes[i]);
}
