import { decode } from '../../../base/bytes.ts';
import { pack } from '../../../engines/docker/archive/copy.ts';
import { type TarEntry, writeTar } from '../../../engines/docker/archive/tar.ts';
import { Directory, RegularFile } from '../../../host/inode.ts';
import type { Process } from '../../../host/process.ts';

/** What a build sends: the archive, the Dockerfile's name in it, and what is in it only for the builder. */
export interface BuildContext {
  archive: Uint8Array;
  dockerfile: string;
  /** Excluded by .dockerignore, but needed: not to be copied. */
  hidden: string[];
}

/** A Dockerfile from standard input: a context of its own. */
export function lonelyDockerfile(text: Uint8Array): BuildContext {
  const entry: TarEntry = { name: 'Dockerfile', kind: 'file', mode: 0o600, modified: 0, bytes: text, target: '' };
  return { archive: writeTar([entry]), dockerfile: 'Dockerfile', hidden: [] };
}

/** A directory of the client, without what .dockerignore names (cli/command/image/build). */
export function directoryContext(process: Process, path: string, file: string | undefined): BuildContext | { error: string } {
  const problem = (text: string): { error: string } => ({ error: `unable to prepare context: ${text}` });
  const { mnt } = process.namespaces;
  const found = mnt.resolve(process, path);
  if (typeof found === 'string' || !found.inode) return problem(`path ${JSON.stringify(path)} not found`);
  if (!(found.inode instanceof Directory)) return problem(`context must be a directory: ${path}`);
  const root = absolutePath(process.cwd, path);
  // A file named by `-f` is looked for from where the client stands.
  const wanted = file === undefined ? `${root}/Dockerfile` : absolutePath(process.cwd, file);
  const dockerfile = mnt.resolve(process, wanted);
  if (typeof dockerfile === 'string' || !dockerfile.inode) {
    return problem(`unable to evaluate symlinks in Dockerfile path: lstat ${wanted}: no such file or directory`);
  }
  const prefix = root === '/' ? '/' : `${root}/`;
  if (!wanted.startsWith(prefix)) return problem(`the Dockerfile (${wanted}) must be within the build context`);
  const name = wanted.slice(prefix.length);
  const excluded = ignoreRules(found.inode);
  const entries = pack(process, '', found.inode);
  const hidden = [name, '.dockerignore'].filter(excluded);
  const kept = entries.filter((entry) => hidden.includes(entry.name) || !excluded(entry.name));
  return { archive: writeTar(kept), dockerfile: name, hidden };
}

function absolutePath(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith('/') ? '' : cwd}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The rules of a .dockerignore (moby/patternmatcher): the last that fits counts, `!` takes back, a directory's rule holds below it. */
function ignoreRules(directory: Directory): (name: string) => boolean {
  const file = directory.child('.dockerignore');
  if (!(file instanceof RegularFile)) return () => false;
  const rules = decode(file.bytes)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const keep = line.startsWith('!');
      const pattern = line
        .slice(keep ? 1 : 0)
        .trim()
        .replace(/^\/+|\/+$/g, '')
        .replace(/^\.\//, '');
      return { keep, expression: new RegExp(`^${expressionOf(pattern)}(/.*)?$`) };
    });
  return (name) => {
    let excluded = false;
    for (const { keep, expression } of rules) if (expression.test(name)) excluded = !keep;
    return excluded;
  };
}

function expressionOf(pattern: string): string {
  return pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll(/\*\*\/?|\*|\?/g, (wild) => (wild === '**/' ? '(.*/)?' : wild === '**' ? '.*' : wild === '*' ? '[^/]*' : '[^/]'));
}
