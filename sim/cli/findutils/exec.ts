import { strerror } from '../../base/errno.ts';
import { exitCode } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { findProgram } from '../tool/execute.ts';
import type { Visit } from './expression.ts';

/** Files that wait to be given to one command (`-exec … {} +`). */
export interface Batch {
  add(visit: Visit): Blocking<boolean>;
  flush(): Blocking<void>;
}

/** Bytes of arguments that one command gets at most. */
const ARGUMENT_BYTES = 131_072;

/** Runs a command to its end; `undefined` where it couldn't be started, which has been said. */
export function* runAndWait(call: Call, argv: readonly string[], cwd?: string): Blocking<number | undefined> {
  yield* call.out.flush();
  const program = findProgram(call.process, argv);
  const child =
    typeof program === 'string' ? program : call.process.spawn(program.path, { argv: program.argv, ...(cwd === undefined ? {} : { cwd }) });
  if (typeof child === 'string') {
    yield* call.warn(`${call.either(`'${argv[0]}'`, String(argv[0]))}: ${strerror(child)}`, 0);
    return undefined;
  }
  const status = yield* call.process.wait({ pid: child.pid });
  return typeof status === 'object' ? exitCode(status) : undefined;
}

/** The directory of a file and its name there, for `-execdir`. */
function place(call: Call, visit: Visit): { cwd: string; name: string } {
  const slash = visit.path.lastIndexOf('/');
  const folder = slash < 0 ? '.' : visit.path.slice(0, slash) || '/';
  const cwd = folder.startsWith('/') ? folder : `${call.process.cwd}/${folder}`;
  return { cwd, name: `./${visit.path.slice(slash + 1)}` };
}

/** `-exec COMMAND ;`: true when the command ended with status 0. */
export function* runCommand(call: Call, words: readonly string[], visit: Visit, inDirectory: boolean): Blocking<boolean> {
  const where = inDirectory ? place(call, visit) : undefined;
  const argv = words.map((word) => word.replaceAll('{}', where?.name ?? visit.path));
  return (yield* runAndWait(call, argv, where?.cwd)) === 0;
}

/** `-ok`: asks first. */
export function* confirmCommand(call: Call, words: readonly string[], visit: Visit): Blocking<boolean> {
  yield* call.complain(`< ${words.map((word) => (word === '{}' ? visit.path : word)).join(' ')} > ? `);
  return /^[yY]/.test((yield* call.reader(0).line()) ?? '');
}

export function batchCommand(call: Call, words: readonly string[], inDirectory: boolean): Batch {
  let paths: string[] = [];
  let bytes = 0;
  let cwd: string | undefined;
  const flush = function* (): Blocking<void> {
    if (paths.length === 0) return;
    const argv = [...words, ...paths];
    paths = [];
    bytes = 0;
    const status = yield* runAndWait(call, argv, cwd);
    if (status !== undefined && status !== 0) call.status = 1;
  };
  return {
    flush,
    *add(visit) {
      const where = inDirectory ? place(call, visit) : undefined;
      if (bytes > ARGUMENT_BYTES || where?.cwd !== cwd) yield* flush();
      cwd = where?.cwd;
      const path = where?.name ?? visit.path;
      paths.push(path);
      bytes += path.length + 1;
      return true;
    },
  };
}
