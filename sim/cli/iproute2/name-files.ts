import { decode } from '../../base/bytes.ts';
import { Directory, RegularFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { NameFile } from './names.ts';

/** The names for tables and the like that the administrator has added (lib/rt_names.c). */
export function readNames(process: Process, file: NameFile): Readonly<Record<string, number>> {
  const names: Record<string, number> = {};
  const read = (path: string): boolean => {
    const text = textOf(process, path);
    if (text === undefined) return false;
    Object.assign(names, parseNames(text));
    return true;
  };
  if (!read(`/etc/iproute2/${file}`)) read(`/usr/share/iproute2/${file}`);
  for (const root of ['/usr/share/iproute2', '/etc/iproute2']) {
    for (const name of entriesOf(process, `${root}/${file}.d`)) if (name.endsWith('.conf')) read(`${root}/${file}.d/${name}`);
  }
  return names;
}

/** Lines of a number and a name; `#` begins a comment. */
function parseNames(text: string): Record<string, number> {
  const names: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(0x[0-9a-fA-F]+|[0-9]+)\s+([^\s#]+)/.exec(line);
    if (match) names[match[2] as string] = Number(match[1]);
  }
  return names;
}

function textOf(process: Process, path: string): string | undefined {
  const target = process.namespaces.mnt.resolve(process, path);
  if (typeof target === 'string' || !(target.inode instanceof RegularFile)) return undefined;
  return decode(target.inode.bytes);
}

function entriesOf(process: Process, path: string): string[] {
  const target = process.namespaces.mnt.resolve(process, path);
  return typeof target !== 'string' && target.inode instanceof Directory ? target.inode.names(process) : [];
}
