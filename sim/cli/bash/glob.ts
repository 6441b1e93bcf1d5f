import { Directory } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import { Pattern, type PatternChar, type PatternOptions } from '../shell-pattern.ts';

export interface GlobOptions extends PatternOptions {
  dotglob?: boolean;
  globstar?: boolean;
}

/** Whether a word has an unquoted pattern character and so is looked up in the file system. */
export function hasPattern(source: readonly PatternChar[], extglob: boolean): boolean {
  for (let i = 0; i < source.length; i++) {
    const { char, quoted } = source[i] as PatternChar;
    if (quoted) continue;
    if (char === '*' || char === '?') return true;
    if (char === '[' && source.slice(i + 2).some((other) => other.char === ']' && !other.quoted)) return true;
    const next = source[i + 1];
    if (extglob && '+@!'.includes(char) && next?.char === '(' && !next.quoted) return true;
  }
  return false;
}

/** The existing paths that a pattern matches, sorted by code unit; empty when there is none (glob(7)). */
export function expandPath(process: Process, source: readonly PatternChar[], options: GlobOptions): string[] {
  const components: PatternChar[][] = [[]];
  for (const char of source) {
    if (char.char === '/') components.push([]);
    else components.at(-1)?.push(char);
  }
  let paths = [''];
  for (const [i, component] of components.entries()) {
    const last = i === components.length - 1;
    if (component.length === 0) {
      paths = paths.map((path) => (last ? path : `${path}/`)).map((path) => (last && !path.endsWith('/') ? `${path}/` : path));
      continue;
    }
    paths = paths.flatMap((path) => below(process, path, component, last, options)).map((path) => (last ? path : `${path}/`));
  }
  return paths.sort();
}

function below(process: Process, prefix: string, component: PatternChar[], last: boolean, options: GlobOptions): string[] {
  const starstar = options.globstar && component.length === 2 && component.every((c) => c.char === '*' && !c.quoted);
  if (starstar) return descend(process, prefix, last, options, 0);
  if (!hasPattern(component, options.extglob ?? false)) {
    const path = prefix + component.map((c) => c.char).join('');
    const found = process.namespaces.mnt.resolve(process, path, !last);
    if (typeof found === 'string' || !found.inode) return [];
    return last || found.inode instanceof Directory ? [path] : [];
  }
  const pattern = new Pattern(component, options);
  const names = listNames(process, prefix).filter((name) => {
    if (name.startsWith('.') && !pattern.startsWithDot && !options.dotglob) return false;
    return pattern.matches(name);
  });
  if (last) return names.map((name) => prefix + name);
  return names.map((name) => prefix + name).filter((path) => isDirectory(process, path));
}

function descend(process: Process, prefix: string, last: boolean, options: GlobOptions, depth: number): string[] {
  const found: string[] = [];
  if (!last) found.push(prefix === '' ? '.' : prefix.replace(/\/$/, ''));
  else if (prefix !== '' && depth === 0) found.push(prefix);
  if (depth > 30) return found;
  for (const name of listNames(process, prefix)) {
    if (name.startsWith('.') && !options.dotglob) continue;
    const path = prefix + name;
    const directory = isDirectory(process, path);
    if (last) found.push(path);
    if (directory) found.push(...descend(process, `${path}/`, last, options, depth + 1));
  }
  return found;
}

function isDirectory(process: Process, path: string): boolean {
  const found = process.namespaces.mnt.resolve(process, path);
  return typeof found !== 'string' && found.inode instanceof Directory;
}

/** The names in the directory that a path prefix (`''`, `a/`, `/`) leads to. */
export function listNames(process: Process, prefix: string): string[] {
  const found = process.namespaces.mnt.resolve(process, prefix === '' ? '.' : prefix);
  if (typeof found === 'string' || !(found.inode instanceof Directory)) return [];
  return found.inode.names(process);
}
