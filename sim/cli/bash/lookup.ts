import type { Shell } from './shell.ts';

/**
 * Finds a program: a name with a slash is a path; others are looked up in PATH, and the place is remembered (`hash`).
 * A file that can't be executed is the last resort, so that the message can say why.
 */
export function lookUp(shell: Shell, name: string, how: { path?: string; hash?: boolean }): string | undefined {
  if (name.includes('/')) return name;
  if (name === '' || name === '.' || name === '..') return undefined;
  if (how.hash) {
    const known = shell.hashed.get(name);
    if (known) {
      if (kindOf(shell, known.path) === 'program') {
        known.hits++;
        return known.path;
      }
      shell.hashed.delete(name);
    }
  }
  let fallback: string | undefined;
  for (const directory of (how.path ?? shell.variables.get('PATH') ?? '').split(':')) {
    const path = directory === '' ? `./${name}` : `${directory.replace(/\/$/, '')}/${name}`;
    const kind = kindOf(shell, path);
    if (kind === 'program') {
      if (how.hash && directory.startsWith('/')) shell.hashed.set(name, { path, hits: 1 });
      return path;
    }
    if (kind === 'file') fallback ??= path;
  }
  return fallback;
}

/** Every program of that name in PATH, in order (`type -a`). */
export function lookUpAll(shell: Shell, name: string): string[] {
  if (name.includes('/')) return kindOf(shell, name) === 'program' ? [name] : [];
  const directories = (shell.variables.get('PATH') ?? '').split(':');
  return directories.map((directory) => `${directory || '.'}/${name}`).filter((path) => kindOf(shell, path) === 'program');
}

/** Whether a path is something to execute, a file that isn't executable, or neither. */
export function kindOf(shell: Shell, path: string): 'program' | 'file' | undefined {
  const found = shell.process.namespaces.mnt.resolve(shell.process, path);
  if (typeof found === 'string' || !found.inode || found.inode.kind !== 'file') return undefined;
  return (found.inode.mode & 0o111) !== 0 ? 'program' : 'file';
}
