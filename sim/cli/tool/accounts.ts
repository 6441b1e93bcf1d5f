import { decode } from '../../base/bytes.ts';
import { RegularFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import { stat } from './filesystem.ts';

/** A line of /etc/passwd or /etc/group by its fields. */
export function accountLines(process: Process, path: string): string[][] {
  const inode = stat(process, path);
  if (!(inode instanceof RegularFile)) return [];
  return decode(inode.bytes)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

/** The user whom a process runs as: root, but for what user namespaces make of it. */
export function currentUser(process: Process): string {
  const uid = String(process.namespaces.user?.uid ?? 0);
  return accountLines(process, '/etc/passwd').find((fields) => fields[2] === uid)?.[0] ?? (uid === '0' ? 'root' : uid);
}
