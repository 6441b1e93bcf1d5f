import type { Errno } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';

/** chdir(2). */
export function changeDirectory(process: Process, path: string): Errno | undefined {
  const found = process.namespaces.mnt.resolve(process, path);
  if (typeof found === 'string') return found;
  if (!found.inode) return 'ENOENT';
  if (!(found.inode instanceof Directory)) return 'ENOTDIR';
  process.cwd = found.path;
  return undefined;
}
