import { type Errno, strerror } from '../../base/errno.ts';
import type { OpenFile } from '../../host/file.ts';
import { Directory } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from './call.ts';
import { stat } from './filesystem.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Every place where a command name is found along PATH, as `execvp` and `which` search; a name with a slash is a path itself. */
export function programPaths(process: Process, name: string, searchPath = process.env.get('PATH') ?? DEFAULT_PATH): string[] {
  const candidates = name.includes('/') ? [name] : searchPath.split(':').map((folder) => `${folder === '' ? '.' : folder}/${name}`);
  return candidates.filter((path) => {
    const inode = stat(process, path);
    return typeof inode !== 'string' && !(inode instanceof Directory) && (inode.mode & 0o111) !== 0;
  });
}

/** What execvp(3) would start: the program's path and arguments (a file that is no program is given to /bin/sh), or the error. */
export function findProgram(process: Process, argv: readonly string[], searchPath?: string): { path: string; argv: string[] } | Errno {
  const name = argv[0] ?? '';
  if (name === '') return 'ENOENT';
  const [path] = programPaths(process, name, searchPath);
  if (path === undefined) {
    if (!name.includes('/')) return 'ENOENT';
    const inode = stat(process, name);
    return typeof inode === 'string' ? inode : 'EACCES';
  }
  const program = process.executable(path, [...argv]);
  if (program === 'ENOEXEC') return { path: '/bin/sh', argv: ['/bin/sh', path, ...argv.slice(1)] };
  return typeof program === 'string' ? program : { path, argv: [...argv] };
}

/**
 * Replaces the tool by a command, as `env`, `nohup`, `nice` and `timeout` do.
 * @param trouble the words in front of the error's text
 * @returns the command's status; 127 where it isn't found, 126 where it can't be run
 */
export function* become(call: Call, argv: readonly string[], trouble: string, env?: Map<string, string>): Blocking<number> {
  yield* call.out.flush();
  const program = findProgram(call.process, argv, (env ?? call.process.env).get('PATH') ?? DEFAULT_PATH);
  const result = typeof program === 'string' ? program : yield* call.process.exec(program.path, program.argv, env);
  if (typeof result === 'number') return result;
  yield* call.warn(`${call.busybox ? `can't execute '${argv[0]}'` : trouble}: ${strerror(result)}`);
  return result === 'ENOENT' ? 127 : 126;
}

/** Starts a command as a child, found along PATH. */
export function start(process: Process, argv: readonly string[], options: { fds?: Map<number, OpenFile> } = {}): Process | Errno {
  const program = findProgram(process, argv);
  return typeof program === 'string' ? program : process.spawn(program.path, { argv: program.argv, ...options });
}
