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

/** The user whom all processes run as: the simulation knows root alone. */
export function currentUser(process: Process): string {
  return accountLines(process, '/etc/passwd').find((fields) => fields[2] === '0')?.[0] ?? 'root';
}
