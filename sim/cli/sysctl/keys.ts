import { decode } from '../../base/bytes.ts';
import type { Errno } from '../../base/errno.ts';
import { Directory, type Inode } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';

/** Where the kernel shows its parameters. */
export const ROOT = '/proc/sys';

/**
 * The file of a key. Whichever of `.` and `/` comes first separates; the other then stands for itself, so that
 * `net/ipv4/conf/eth0.100/rp_filter` and `net.ipv4.conf.eth0/100.rp_filter` both work (sysctl(8)).
 */
export function pathOfKey(key: string): string {
  if (key.startsWith(`${ROOT}/`)) return key;
  const first = /[./]/.exec(key)?.[0];
  const path = first === '.' ? [...key].map((c) => (c === '.' ? '/' : c === '/' ? '.' : c)).join('') : key;
  return `${ROOT}/${path}`;
}

/** The key of a file, with dots; dots inside a name become slashes. */
export function keyOfPath(path: string): string {
  const name = path.slice(ROOT.length + 1).replace(/\/+$/, '');
  return [...name].map((c) => (c === '/' ? '.' : c === '.' ? '/' : c)).join('');
}

/** What a parameter's path leads to, or the error (ENOENT where nothing is). */
export function inodeOf(process: Process, path: string): Inode | Errno {
  const target = process.namespaces.mnt.resolve(process, path);
  if (typeof target === 'string') return target === 'ENOTDIR' ? 'ENOENT' : target;
  return target.inode ?? 'ENOENT';
}

/** Parameters such as `net.ipv4.route.flush` can only be written. */
export function isWriteOnly(process: Process, path: string): boolean {
  const inode = inodeOf(process, path);
  return typeof inode !== 'string' && !(inode instanceof Directory) && (inode.mode & 0o444) === 0;
}

/** Parameters that say something and take nothing. */
export function isReadOnly(process: Process, path: string): boolean {
  const inode = inodeOf(process, path);
  return typeof inode !== 'string' && (inode.mode & 0o200) === 0;
}

/** Every parameter below a directory (`''` is the root), in the directories' order. */
export function settingsBelow(process: Process, path: string): string[] {
  const start = path === '' ? ROOT : path;
  const inode = inodeOf(process, start);
  if (typeof inode === 'string') return [];
  if (!(inode instanceof Directory)) return [start];
  return inode.names(process).flatMap((name) => settingsBelow(process, `${start}/${name}`));
}

export function* readSetting(process: Process, path: string): Blocking<{ text: string } | Errno> {
  const bytes = yield* process.readFile(path);
  return typeof bytes === 'string' ? bytes : { text: decode(bytes) };
}

export function* writeSetting(process: Process, path: string, value: string): Blocking<Errno | undefined> {
  const fd = process.open(path, { write: true });
  if (typeof fd === 'string') return fd === 'ENOTDIR' ? 'ENOENT' : fd;
  const refused = yield* process.write(fd, `${value}\n`);
  process.close(fd);
  return refused;
}

/**
 * The lines of a file of settings that say something, with their numbers.
 *
 * @param comment what is left out of a line; procps takes whole lines for comments, busybox whatever follows the mark
 */
export function settingLines(file: string, comment: RegExp): { text: string; number: number }[] {
  const lines = file.split('\n').map((line, index) => ({ text: line.replace(comment, '').trim(), number: index + 1 }));
  return lines.filter(({ text }) => text !== '');
}
