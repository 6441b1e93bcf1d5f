import type { Engine } from '../engine.ts';
import type { Namespaces } from '../../../host/namespaces.ts';
import type { Container } from './container.ts';
import { linkVariables } from './links.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment that a process in the container starts with: the Engine's variables, those of links, the configured ones, then HOME. */
export function environment(engine: Engine, container: Container, tty: boolean, extra: readonly string[] = []): Map<string, string> {
  const env = new Map([
    ['PATH', DEFAULT_PATH],
    ['HOSTNAME', container.config.Hostname],
  ]);
  if (tty) env.set('TERM', 'xterm');
  for (const setting of [...linkVariables(engine, container), ...container.config.Env, ...extra]) {
    const equals = setting.indexOf('=');
    // A name alone takes the variable away.
    if (equals < 0) env.delete(setting);
    else env.set(setting.slice(0, equals), setting.slice(equals + 1));
  }
  if (!env.has('HOME')) env.set('HOME', '/root');
  return env;
}

/** A program found in a container: its path, or what runc says when it can't be run. */
export type Located = { path: string } | { failure: string };

/** Looks a program up as runc does inside the container: in $PATH unless the name has a slash. */
export function locate(
  engine: Engine,
  namespaces: Namespaces,
  argv: readonly string[],
  env: ReadonlyMap<string, string>,
  cwd: string,
): Located {
  const { daemon } = engine;
  const name = argv[0] ?? '';
  const before = { mnt: daemon.namespaces.mnt, cwd: daemon.cwd };
  daemon.namespaces.mnt = namespaces.mnt;
  daemon.cwd = cwd;
  try {
    if (name.includes('/')) return tryPath(engine, name, name);
    for (const directory of (env.get('PATH') ?? '').split(':')) {
      const found = tryPath(engine, `${directory === '' ? '.' : directory}/${name}`, name);
      if ('path' in found) return found;
    }
    return { failure: `exec: "${name}": executable file not found in $PATH` };
  } finally {
    daemon.namespaces.mnt = before.mnt;
    daemon.cwd = before.cwd;
  }
}

function tryPath(engine: Engine, path: string, name: string): Located {
  const { daemon } = engine;
  const target = daemon.namespaces.mnt.resolve(daemon, path);
  if (typeof target === 'string' || !target.inode) return { failure: `exec: "${name}": stat ${name}: no such file or directory` };
  if (target.inode.kind === 'directory') return { failure: `exec: "${name}": is a directory: permission denied` };
  const program = daemon.executable(path, [name]);
  return program === 'EACCES' ? { failure: `exec: "${name}": permission denied` } : { path };
}
