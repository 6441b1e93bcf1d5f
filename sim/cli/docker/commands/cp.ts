import { percentEncode } from '../../../base/percent.ts';
import { pack } from '../../../engines/docker/archive/copy.ts';
import { readTar, type TarEntry, writeTar } from '../../../engines/docker/archive/tar.ts';
import { unpack } from '../../../engines/docker/archive/copy.ts';
import { Directory } from '../../../host/inode.ts';
import type { PathTarget } from '../../../host/mount.ts';
import { Input } from '../../../host/stdio.ts';
import { terminalOf } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { humanSize } from '../format/size.ts';
import { CP } from '../options/files.ts';
import { fail } from '../output.ts';

export const cp: LeafCommand = {
  operands: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  summary: 'Copy files/folders between a container and the local filesystem',
  aliases: 'docker container cp, docker cp',
  flags: CP,
  arity: { exactly: 2 },
  completes: ['container'],
  run: copy,
};

/** `CONTAINER:PATH`; a name with a slash or a dot in front is a path with a colon in it. */
function splitOperand(text: string): { container: string; path: string } | undefined {
  const colon = text.indexOf(':');
  if (colon <= 0 || /^[./]/.test(text)) return undefined;
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}

function* copy(invocation: Invocation): Blocking<number> {
  const [from = '', to = ''] = invocation.operands;
  const [source, destination] = [splitOperand(from), splitOperand(to)];
  if (from === '' || to === '') return yield* fail(invocation, `${from === '' ? 'source' : 'destination'} can not be empty`);
  if (source && destination) return yield* fail(invocation, 'copying between containers is not supported');
  if (!source && !destination) return yield* fail(invocation, 'must specify at least one container source');
  if (source) return yield* copyOut(invocation, source, to);
  return yield* copyIn(invocation, from, destination as { container: string; path: string });
}

const archive = (container: string): string => `/containers/${percentEncode(container)}/archive`;

/** What a path says about itself by how it ends. */
const wantsDirectory = (path: string): boolean => /\/\.?$/.test(path);
const contentsOnly = (path: string): boolean => path.endsWith('/.');

/** The directory and the last name of a path. */
function splitPath(path: string): { directory: string; name: string } {
  const plain = path.replace(/\/+\.?$/, '') || '/';
  const slash = plain.lastIndexOf('/');
  return slash < 0 ? { directory: '.', name: plain } : { directory: plain.slice(0, slash) || '/', name: plain.slice(slash + 1) };
}

/** Where the entries go and under what name (pkg/archive `PrepareArchiveCopy`), or why they can't. */
function placeFor(
  source: { name: string; directory: boolean; contents: boolean },
  path: string,
  there: 'directory' | 'file' | undefined,
): { directory: string; name: string } | { error: string } {
  if (there === 'directory') return { directory: path, name: source.contents ? '' : source.name };
  if (there === 'file') return source.directory ? { error: 'cannot copy directory' } : splitPath(path);
  if (source.directory) return splitPath(path);
  return wantsDirectory(path) ? { error: 'no such directory' } : splitPath(path);
}

/** Entries of an archive with another first name. */
function renamed(entries: readonly TarEntry[], from: string, to: string): TarEntry[] {
  return entries
    .map((entry) => {
      const rest = from === '' ? `/${entry.name}` : entry.name.slice(from.length);
      return { ...entry, name: `${to}${rest}`.replace(/^\/+/, '').replace(/\/+$/, '') };
    })
    .filter(({ name }) => name !== '');
}

/** Says how much it was, where somebody watches. */
function* report(invocation: Invocation, bytes: Uint8Array, where: string): Blocking<number> {
  const { process, flags } = invocation;
  if (!flags.on('quiet') && terminalOf(process.fds.get(2)))
    yield* process.write(2, `Successfully copied ${humanSize(bytes.length, 3)} to ${where}\n`);
  return 0;
}

function* copyIn(invocation: Invocation, from: string, to: { container: string; path: string }): Blocking<number> {
  const { client, process } = invocation;
  const statement = yield* client.send({ method: 'HEAD', path: archive(to.container), query: { path: to.path } });
  const missingContainer = statement instanceof ApiFailure && /No such container/.test(statement.message);
  const stat =
    statement instanceof ApiFailure
      ? undefined
      : (JSON.parse(statement.headers?.['X-Docker-Container-Path-Stat'] ?? '{}') as { mode?: number });
  const there = stat === undefined ? undefined : (stat.mode ?? 0) >= 2 ** 31 ? 'directory' : 'file';
  if (from === '-') {
    if (there !== 'directory') return yield* fail(invocation, `destination "${to.container}:${to.path}" must be a directory`);
    return yield* put(invocation, to, to.path, yield* new Input(process, 0).all());
  }
  const found = process.namespaces.mnt.resolve(process, from);
  if (typeof found === 'string' || !found.inode) return yield* fail(invocation, `lstat ${from}: no such file or directory`);
  if (missingContainer && statement instanceof ApiFailure) {
    const last = wantsDirectory(to.path) && !(found.inode instanceof Directory) ? 'no such directory' : statement.message;
    return yield* fail(invocation, last);
  }
  const name = found.name === '' ? '' : found.name;
  const place = placeFor({ name, directory: found.inode instanceof Directory, contents: contentsOnly(from) }, to.path, there);
  if ('error' in place) return yield* fail(invocation, place.error);
  const entries = renamed(pack(process, name, found.inode), name, place.name);
  return yield* put(invocation, to, place.directory, writeTar(entries));
}

function* put(invocation: Invocation, to: { container: string; path: string }, directory: string, body: Uint8Array): Blocking<number> {
  const query = { path: directory, noOverwriteDirNonDir: 'true' };
  const answer = yield* invocation.client.send({ method: 'PUT', path: archive(to.container), query, body });
  if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
  return yield* report(invocation, body, `${to.container}:${to.path}`);
}

function* copyOut(invocation: Invocation, from: { container: string; path: string }, to: string): Blocking<number> {
  const { client, process } = invocation;
  const answer = yield* client.send({ method: 'GET', path: archive(from.container), query: { path: from.path } });
  if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
  const bytes = answer.bytes ?? new Uint8Array(0);
  if (to === '-') {
    yield* process.write(1, bytes);
    return 0;
  }
  const entries = readTar(bytes) ?? [];
  const contents = contentsOnly(from.path);
  const [first] = entries;
  const name = contents ? '' : (first?.name ?? splitPath(from.path).name);
  const directory = contents || first?.kind === 'directory';
  const target = process.namespaces.mnt.resolve(process, to);
  const inode = typeof target === 'string' ? undefined : target.inode;
  const there = inode === undefined ? undefined : inode instanceof Directory ? 'directory' : 'file';
  const place = placeFor({ name, directory, contents }, to, there);
  if ('error' in place) return yield* fail(invocation, place.error);
  const parent = process.namespaces.mnt.resolve(process, place.directory);
  const holder = typeof parent === 'string' ? undefined : (parent as PathTarget).inode;
  if (!(holder instanceof Directory)) return yield* fail(invocation, `invalid output path: directory "${place.directory}" does not exist`);
  const failed = unpack(
    holder,
    contents && place.name !== '' ? inDirectory(entries, place.name, process.host.now) : renamed(entries, name, place.name),
    process.host.now,
  );
  if (failed) return yield* fail(invocation, `open ${to}: ${failed === 'EROFS' ? 'read-only file system' : 'not a directory'}`);
  return yield* report(invocation, bytes, to);
}

/** A directory's contents under a new name. */
function inDirectory(entries: readonly TarEntry[], name: string, now: number): TarEntry[] {
  const directory: TarEntry = { name, kind: 'directory', mode: 0o755, modified: now, bytes: new Uint8Array(0), target: '' };
  return [directory, ...renamed(entries, '', name)];
}
