import { strerror } from '../../../base/errno.ts';
import { Directory } from '../../../host/inode.ts';
import type { Blocking } from '../../../host/wait.ts';
import { expandTilde } from '../expand.ts';
import type { Shell } from '../shell.ts';
import { fail, options, output, usage } from './builtin.ts';

/** An absolute path without `.` and `..`, by text only: what `cd` does to PWD. */
export function logicalPath(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Changes the working directory and PWD, OLDPWD; returns the error's words. */
export function changeDirectory(shell: Shell, path: string, physical: boolean): string | undefined {
  const logical = logicalPath(shell.variables.get('PWD') ?? shell.process.cwd, path);
  const found = shell.process.namespaces.mnt.resolve(shell.process, physical ? path : logical);
  if (typeof found === 'string') return strerror(found);
  if (!found.inode) return strerror('ENOENT');
  if (!(found.inode instanceof Directory)) return strerror('ENOTDIR');
  shell.variables.set('OLDPWD', shell.variables.get('PWD') ?? shell.process.cwd);
  shell.process.cwd = found.path;
  shell.variables.set('PWD', physical ? found.path : logical);
  return undefined;
}

export function* cd(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'LPe@');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'cd [-L|[-P [-e]]] [-@] [dir]');
  if (parsed.rest.length > 1) return yield* fail(shell, name, 'too many arguments', 2);
  let [target] = parsed.rest;
  let show = false;
  if (target === undefined) {
    target = shell.variables.get('HOME');
    if (target === undefined) return yield* fail(shell, name, 'HOME not set');
  } else if (target === '-') {
    target = shell.variables.get('OLDPWD');
    if (target === undefined) return yield* fail(shell, name, 'OLDPWD not set');
    show = true;
  }
  const physical = parsed.letters.has('P') || shell.option('P');
  if (target === '') return yield* fail(shell, name, 'null directory');
  if (!/^\.{0,2}\//.test(target) && target !== '.' && target !== '..' && !show) {
    for (const base of (shell.variables.get('CDPATH') ?? '').split(':')) {
      if (base === '' || changeDirectory(shell, `${base}/${target}`, physical) !== undefined) continue;
      return yield* output(shell, name, `${shell.variables.get('PWD')}\n`);
    }
  }
  const failure = changeDirectory(shell, target, physical);
  if (failure !== undefined) return yield* fail(shell, name, `${target}: ${failure}`);
  return show ? yield* output(shell, name, `${shell.variables.get('PWD')}\n`) : 0;
}

export function* pwd(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'LP');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'pwd [-LP]');
  const physical = parsed.letters.has('P') || (shell.option('P') && !parsed.letters.has('L'));
  return yield* output(shell, name, `${physical ? shell.process.cwd : (shell.variables.get('PWD') ?? shell.process.cwd)}\n`);
}

/** The whole stack: the working directory on top. */
function stack(shell: Shell): string[] {
  return [shell.variables.get('PWD') ?? shell.process.cwd, ...shell.directoryStack];
}

function shown(shell: Shell, path: string): string {
  const home = expandTilde(shell, '');
  if (path === home) return '~';
  return home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function printStack(shell: Shell, name: string): Blocking<number> {
  return output(
    shell,
    name,
    `${stack(shell)
      .map((path) => shown(shell, path))
      .join(' ')}\n`,
  );
}

/** `+1` and `-0` → an index into the stack. */
function stackIndex(shell: Shell, text: string): number | undefined {
  const match = /^([+-])(\d+)$/.exec(text);
  if (!match) return undefined;
  const size = stack(shell).length;
  const index = match[1] === '+' ? Number(match[2]) : size - 1 - Number(match[2]);
  return index >= 0 && index < size ? index : -1;
}

export function* dirs(shell: Shell, args: string[], name: string): Blocking<number> {
  let long = false;
  let numbered = false;
  let lines = false;
  for (const arg of args) {
    const index = stackIndex(shell, arg);
    if (index !== undefined) {
      const path = stack(shell)[index];
      if (path === undefined)
        return yield* fail(
          shell,
          name,
          stack(shell).length <= 1 ? 'directory stack empty' : `${arg.slice(1)}: directory stack index out of range`,
        );
      return yield* output(shell, name, `${shown(shell, path)}\n`);
    }
    if (!/^-[clpv]+$/.test(arg)) return yield* usage(shell, name, `${arg}: invalid option`, 'dirs [-clpv] [+N] [-N]');
    if (arg.includes('c')) {
      shell.directoryStack = [];
      return 0;
    }
    long ||= arg.includes('l');
    numbered ||= arg.includes('v');
    lines ||= arg.includes('p') || arg.includes('v');
  }
  const paths = stack(shell).map((path, i) => (numbered ? `${String(i).padStart(2)}  ` : '') + (long ? path : shown(shell, path)));
  return yield* output(shell, name, `${paths.join(lines ? '\n' : ' ')}\n`);
}

export function* pushd(shell: Shell, args: string[], name: string): Blocking<number> {
  const operands = args.filter((arg) => arg !== '-n' && arg !== '--');
  const stay = args.includes('-n');
  const [target] = operands;
  if (target === undefined) {
    const [top, ...rest] = shell.directoryStack;
    if (top === undefined) return yield* fail(shell, name, 'no other directory');
    return yield* moveTo(shell, name, top, [stack(shell)[0] as string, ...rest]);
  }
  const index = stackIndex(shell, target);
  if (index !== undefined) {
    const all = stack(shell);
    if (index < 0)
      return yield* fail(shell, name, all.length <= 1 ? 'directory stack empty' : `${target}: directory stack index out of range`);
    const rotated = [...all.slice(index), ...all.slice(0, index)];
    return yield* moveTo(shell, name, rotated[0] as string, rotated.slice(1));
  }
  if (stay) {
    shell.directoryStack.unshift(target);
    return yield* printStack(shell, name);
  }
  return yield* moveTo(shell, name, target, stack(shell));
}

function* moveTo(shell: Shell, name: string, path: string, rest: string[]): Blocking<number> {
  const failure = changeDirectory(shell, path, false);
  if (failure !== undefined) return yield* fail(shell, name, `${path}: ${failure}`);
  shell.directoryStack = rest;
  return yield* printStack(shell, name);
}

export function* popd(shell: Shell, args: string[], name: string): Blocking<number> {
  const [target = '+0'] = args.filter((arg) => arg !== '-n');
  const index = stackIndex(shell, target);
  if (shell.directoryStack.length === 0) return yield* fail(shell, name, 'directory stack empty');
  if (index === undefined) return yield* usage(shell, name, `${target}: invalid argument`, 'popd [-n] [+N | -N]');
  if (index < 0) return yield* fail(shell, name, `${target}: directory stack index out of range`);
  if (index === 0) {
    const [top = '', ...rest] = shell.directoryStack;
    return yield* moveTo(shell, name, top, rest);
  }
  shell.directoryStack.splice(index - 1, 1);
  return yield* printStack(shell, name);
}
