import { strerror } from '../../base/errno.ts';
import { RegularFile } from '../../host/inode.ts';
import type { PathTarget } from '../../host/mount.ts';
import type { Process } from '../../host/process.ts';
import { TextOutput } from '../text-stream.ts';
import { SedOutput } from './output.ts';

/** An edit of one file under way: output goes to a new file beside it, which takes its name at the end. */
export interface Edit {
  output: SedOutput;
  target: PathTarget;
  temporary: string;
}

/**
 * Starts the edit of `path`.
 *
 * @param followSymlinks edit what a symbolic link leads to, instead of replacing the link by a file
 * @returns the words after `sed: ` when it can't be edited
 */
export function beginEdit(process: Process, path: string, followSymlinks: boolean): Edit | string {
  const mounts = process.namespaces.mnt;
  const file = mounts.resolve(process, path);
  if (typeof file === 'string') return `can't read ${path}: ${strerror(file)}`;
  if (file.inode?.kind !== 'file') return `couldn't edit ${path}: not a regular file`;
  const target = followSymlinks ? file : mounts.resolve(process, path, false);
  if (typeof target === 'string') return `can't read ${path}: ${strerror(target)}`;
  const slash = path.lastIndexOf('/');
  const directory = followSymlinks
    ? target.path.slice(0, target.path.lastIndexOf('/')) || '/'
    : slash < 0
      ? '.'
      : path.slice(0, slash) || '/';
  const temporary = `${directory === '/' ? '' : directory}/sed${randomLetters(process)}`;
  const fd = process.open(temporary, { write: true, create: true, exclusive: true });
  if (typeof fd === 'string') return `couldn't open temporary file ${temporary}: ${strerror(fd)}`;
  const made = mounts.resolve(process, temporary);
  if (typeof made !== 'string' && made.inode) made.inode.mode = file.inode.mode;
  return { output: new SedOutput(new TextOutput(process, fd)), target, temporary };
}

/**
 * Gives the new file the old one's name. A file that something is mounted on (as Docker does with a container's /etc/hosts)
 * can't be replaced: `rename` gives EBUSY.
 *
 * @param suffix of the backup's name, or with `*` a pattern for it; empty makes no backup
 */
export function finishEdit(process: Process, edit: Edit, suffix: string): string | undefined {
  process.close(edit.output.fd);
  const { parent, name, inode } = edit.target;
  const made = process.namespaces.mnt.resolve(process, edit.temporary);
  if (typeof made === 'string' || !(made.inode instanceof RegularFile)) return `cannot rename ${edit.temporary}: ${strerror('ENOENT')}`;
  const kept = parent.child(name);
  if (kept !== inode) {
    made.parent.remove(made.name);
    return `cannot rename ${edit.temporary}: ${strerror('EBUSY')}`;
  }
  if (suffix !== '' && kept) {
    const failed = backUp(process, edit, suffix);
    if (failed) return failed;
  }
  made.parent.remove(made.name);
  const failed = parent.add(name, made.inode);
  return failed && `cannot rename ${edit.temporary}: ${strerror(failed)}`;
}

function backUp(process: Process, edit: Edit, suffix: string): string | undefined {
  const { name, inode, path } = edit.target;
  const backup = suffix.includes('*') ? suffix.replaceAll('*', name) : name + suffix;
  const place = backup.includes('/') ? backup : `${path.slice(0, path.lastIndexOf('/'))}/${backup}`;
  const target = process.namespaces.mnt.resolve(process, place, false);
  const failed = typeof target === 'string' ? target : target.parent.add(target.name, inode ?? new RegularFile());
  return failed && `cannot rename ${name}: ${strerror(failed)}`;
}

function randomLetters(process: Process): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const random = process.host.random(`sed ${process.pid} ${process.host.now}`);
  return Array.from({ length: 6 }, () => alphabet[random.below(alphabet.length)]).join('');
}
