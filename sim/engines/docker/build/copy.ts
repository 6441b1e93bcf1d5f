import { encode } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/digest.ts';
import { Directory, type Inode, RegularFile } from '../../../host/inode.ts';
import { MountNamespace } from '../../../host/mount.ts';
import { pack, unpack } from '../archive/copy.ts';
import { readTar, type TarEntry, writeTar } from '../archive/tar.ts';
import type { Engine } from '../engine.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';

/** One COPY or ADD, its words expanded. */
export interface CopyRequest {
  name: 'ADD' | 'COPY';
  sources: readonly string[];
  /** As written: whether it ends in a slash matters. */
  destination: string;
  /** Where it is, from the root. */
  path: string;
  /** The build context, or the root of another stage. */
  from: Directory;
  /** Whether `from` is the build context. */
  isContext: boolean;
}

interface Source {
  name: string;
  inode: Inode;
}

/** What is to be copied, with the digest that the builder's cache goes by. */
export interface Copy {
  request: CopyRequest;
  sources: readonly Source[];
  /** `file:…`, `dir:…` or `multi:…`. */
  digest: string;
}

/** Finds the sources. */
export function findSources(engine: Engine, request: CopyRequest): Copy | Refusal {
  const { name } = request;
  const sources: Source[] = [];
  for (const source of request.sources) {
    if (/^(https?|ftp|git):\/\//.test(source)) return notModelled(`${name} from a URL`);
    if (source.split('/').includes('..') && climbs(source))
      return invalid(`${name} failed: forbidden path outside the build context: ${source} ()`);
    const found = matching(engine, request.from, source);
    if (found.length === 0) {
      if (/[*?[]/.test(source)) continue;
      const plain = source.replace(/^\/+/, '').replace(/\/+$/, '');
      const where = request.isContext ? 'file not found in build context or excluded by .dockerignore: ' : '';
      return invalid(`${name} failed: ${where}stat ${request.isContext ? plain : source}: file does not exist`);
    }
    sources.push(...found);
  }
  if (sources.length === 0) return invalid(`${name} failed: no source files were specified`);
  if (sources.length > 1 && !request.destination.endsWith('/'))
    return invalid(`When using ${name} with more than one source file, the destination must be a directory and end with a /`);
  const digests = sources.map(({ name: file, inode }) => {
    const entries = inode instanceof Directory ? pack(engine.daemon, '', inode) : pack(engine.daemon, file, inode);
    return `${inode instanceof Directory ? 'dir' : 'file'}:${sha256(writeTar(entries))}`;
  });
  const digest = digests.length === 1 ? (digests[0] as string) : `multi:${sha256(encode(digests.join(',')))}`;
  return { request, sources, digest };
}

/** Whether a path leads above where it starts. */
function climbs(path: string): boolean {
  let depth = 0;
  for (const part of path.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** What a path, maybe with wildcards, stands for. */
function matching(engine: Engine, root: Directory, path: string): Source[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (!/[*?[]/.test(path)) {
    const found = new MountNamespace(root).resolve(engine.daemon, `/${parts.join('/')}`);
    return typeof found === 'string' || !found.inode ? [] : [{ name: found.name, inode: found.inode }];
  }
  let level: Source[] = [{ name: '', inode: root }];
  for (const part of parts) {
    const pattern = new RegExp(
      `^${part
        .replaceAll(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '[^/]*')
        .replaceAll('?', '[^/]')}$`,
    );
    level = level.flatMap(({ inode }) => {
      if (!(inode instanceof Directory)) return [];
      return inode.names(engine.daemon).flatMap((name) => {
        const found = pattern.test(name) ? inode.lookup(name, engine.daemon) : undefined;
        return found ? [{ name, inode: found }] : [];
      });
    });
  }
  return level;
}

/** Puts the sources into a root file system. */
export function copyInto(engine: Engine, root: Directory, { request, sources }: Copy): Refusal | undefined {
  const { path, destination } = request;
  const there = new MountNamespace(root).resolve(engine.daemon, path);
  const isDirectory =
    /(^|\/)\.?$/.test(destination) || sources.length > 1 || (typeof there !== 'string' && there.inode instanceof Directory);
  for (const { name, inode } of sources) {
    const packed = request.name === 'ADD' && inode instanceof RegularFile ? archiveIn(inode) : undefined;
    if (packed instanceof Refusal) return packed;
    const whole = inode instanceof Directory || packed !== undefined;
    const slash = path.lastIndexOf('/');
    const parent = whole || isDirectory ? path : path.slice(0, slash);
    const directory = directoryFor(engine, root, parent);
    if (!directory) return invalid(`${request.name} failed: ${parent} is not a directory`);
    const entries =
      packed ?? (whole ? pack(engine.daemon, '', inode) : pack(engine.daemon, isDirectory ? name : path.slice(slash + 1), inode));
    const failed = unpack(
      directory,
      entries.map((entry) => ({ ...entry, bytes: entry.bytes.slice() })),
      engine.host.now,
    );
    if (failed) return invalid(`${request.name} failed: ${path}: not a directory`);
  }
  return undefined;
}

/** The entries of a local archive, which ADD unpacks. */
function archiveIn({ bytes }: RegularFile): TarEntry[] | Refusal | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return notModelled('ADD of an archive compressed with gzip');
  const entries = bytes.length >= 512 ? readTar(bytes) : undefined;
  return entries && entries.length > 0 ? entries : undefined;
}

/** The directory at a path, made where it is missing; symbolic links are followed. */
export function directoryFor(engine: Engine, root: Directory, path: string): Directory | undefined {
  const mnt = new MountNamespace(root);
  let directory = root;
  let walked = '';
  for (const part of path.split('/').filter((name) => name !== '')) {
    walked += `/${part}`;
    const found = mnt.resolve(engine.daemon, walked);
    let next = typeof found === 'string' ? undefined : found.inode;
    if (!next) {
      next = new Directory();
      next.modified = engine.host.now;
      directory.add(part, next);
    }
    if (!(next instanceof Directory)) return undefined;
    directory = next;
  }
  return directory;
}
