import { Directory, Symlink } from '../../../host/inode.ts';
import type { MountNamespace, PathTarget } from '../../../host/mount.ts';
import { pack, unpack } from '../archive/copy.ts';
import { readTar, writeTar } from '../archive/tar.ts';
import { rfc3339 } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { invalid, notFound, Refusal } from '../refusal.ts';
import type { Container } from './container.ts';
import { mountNamespace } from './filesystem.ts';

/** The X-Docker-Container-Path-Stat header (`container.PathStat`). `mode` is Go's, with its bit for directories. */
export interface PathStat {
  name: string;
  size: number;
  mode: number;
  mtime: string;
  linkTarget: string;
}

/** Go's os.ModeDir and os.ModeSymlink. */
const MODE_DIRECTORY = 2 ** 31;
const MODE_SYMLINK = 2 ** 27;

function filesOf(engine: Engine, container: Container): MountNamespace | Refusal {
  return container.task?.namespaces.mnt ?? mountNamespace(engine, container, new Map());
}

function find(engine: Engine, container: Container, named: string, path: string): PathTarget | Refusal {
  const mnt = filesOf(engine, container);
  if (mnt instanceof Refusal) return mnt;
  const absolute = path.startsWith('/') ? path : `/${path}`;
  const found = mnt.resolve(engine.daemon, absolute);
  return typeof found === 'string' || !found.inode ? notFound(`Could not find the file ${path} in container ${named}`) : found;
}

/** HEAD /containers/{id}/archive */
export function statPath(engine: Engine, container: Container, named: string, path: string): PathStat | Refusal {
  const found = find(engine, container, named, path);
  if (found instanceof Refusal) return found;
  const inode = found.inode as NonNullable<PathTarget['inode']>;
  const kind = inode instanceof Directory ? MODE_DIRECTORY : inode instanceof Symlink ? MODE_SYMLINK : 0;
  return {
    name: found.name === '' ? '/' : found.name,
    size: inode.size,
    mode: kind + inode.mode,
    mtime: rfc3339(inode.modified),
    linkTarget: '',
  };
}

/** GET /containers/{id}/archive: a tar of the file or directory, under its own name. */
export function readArchive(engine: Engine, container: Container, named: string, path: string): Uint8Array | Refusal {
  const found = find(engine, container, named, path);
  if (found instanceof Refusal) return found;
  const contents = path.endsWith('/.');
  const name = contents ? '' : found.name === '' ? '' : found.name;
  return writeTar(pack(engine.daemon, name, found.inode as NonNullable<PathTarget['inode']>));
}

/** PUT /containers/{id}/archive: unpacks a tar into a directory. */
export function writeArchive(engine: Engine, container: Container, named: string, path: string, bytes: Uint8Array): Refusal | undefined {
  const found = find(engine, container, named, path);
  if (found instanceof Refusal) return found;
  if (!(found.inode instanceof Directory)) return invalid('extraction point is not a directory');
  const entries = readTar(bytes);
  if (!entries) return new Refusal(500, 'Error processing tar file(exit status 1): archive/tar: invalid tar header');
  const failed = unpack(found.inode, entries, engine.host.now);
  if (failed === 'EROFS') return new Refusal(403, 'mounted volume is marked read-only');
  return failed ? new Refusal(500, `Error processing tar file(exit status 1): ${path}: not a directory`) : undefined;
}

/** GET /containers/{id}/export: the whole root file system, without what is mounted. */
export function exportContainer(engine: Engine, container: Container): Uint8Array {
  return writeTar(pack(engine.daemon, '', container.root));
}
