import type { OpenFile } from '../../host/file.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { DiscardControl, ExitControl, ExpansionError, InterruptControl, LoopControl, ReturnControl } from './control.ts';
import { Shell } from './shell.ts';
import { dieBySignal, installSignals, runExitTrap } from './signals.ts';
import { dynamicVariables } from './startup.ts';
import { VariableError } from './variables.ts';

/** How a child differs from its parent. */
export interface ForkOptions {
  fds?: Map<number, OpenFile>;
  /** 0 begins a new process group. */
  pgid?: number | undefined;
  /** Runs in the background: without job control it ignores Ctrl-C. */
  background?: boolean;
  /** Knows its parent's jobs by name, though they aren't its children. */
  keepsJobs?: boolean;
}

/** The table of descriptors with some replaced (or closed, with `undefined`). */
export function descriptors(process: Process, changes: ReadonlyMap<number, OpenFile | undefined>): Map<number, OpenFile> {
  const fds = new Map(process.fds);
  for (const [fd, file] of changes) {
    if (file) fds.set(fd, file);
    else fds.delete(fd);
  }
  return fds;
}

/** Starts a program in a child; `undefined` when the process table is full, after bash's words. */
export function* forkProgram(
  shell: Shell,
  program: (child: Process) => Blocking<number>,
  options: ForkOptions = {},
): Blocking<Process | undefined> {
  const spawn = { ...(options.fds && { fds: options.fds }), ...(options.pgid !== undefined && { pgid: options.pgid }) };
  let child = shell.process.fork(program, spawn);
  if (typeof child === 'string') {
    yield* shell.complain('fork: retry: Resource temporarily unavailable');
    yield* shell.process.sleep(1_000_000);
    child = shell.process.fork(program, spawn);
  }
  if (typeof child === 'string') {
    yield* shell.complain('fork: Resource temporarily unavailable');
    shell.status = 254;
    return undefined;
  }
  if (options.background && !shell.monitor) {
    child.onSignal('SIGINT', 'ignore');
    child.onSignal('SIGQUIT', 'ignore');
  }
  return child;
}

/** Starts a subshell: a child with a copy of this shell's state as it is now. */
export function forkShell(
  shell: Shell,
  body: (child: Shell) => Blocking<number>,
  options: ForkOptions = {},
): Blocking<Process | undefined> {
  const program = (process: Process): Blocking<number> => {
    const child = new Shell(process, shell.interpreter, shell);
    if (options.keepsJobs) child.jobs = shell.jobs.copyForSubshell();
    return subshellProgram(child, body);
  };
  return forkProgram(shell, program, options);
}

function* subshellProgram(shell: Shell, body: (child: Shell) => Blocking<number>): Blocking<number> {
  installSignals(shell);
  dynamicVariables(shell);
  return yield* untilExit(shell, body(shell));
}

/** Runs a shell's work to its end, whatever ends it, then the EXIT trap. Returns the exit status. */
export function* untilExit(shell: Shell, work: Blocking<number>): Blocking<number> {
  try {
    shell.status = yield* work;
  } catch (control) {
    if (control instanceof ExitControl || control instanceof DiscardControl || control instanceof ReturnControl)
      shell.status = control.status;
    else if (control instanceof InterruptControl) shell.status = 130;
    else if (control instanceof ExpansionError || control instanceof VariableError) {
      yield* shell.complain(control.message);
      shell.status = control instanceof ExpansionError ? (control.fatal ? shell.fatalStatus : control.status) : 1;
    } else if (control instanceof RangeError) {
      yield* shell.complain('commands are nested too deeply');
      shell.status = 1;
    } else if (!(control instanceof LoopControl)) throw control;
  }
  if (shell.interrupted && !shell.persistent) yield* dieBySignal(shell, 'SIGINT');
  return (yield* runExitTrap(shell)) & 0xff;
}
