import { SIGNAL, type Signal } from '../../host/signal.ts';
import type { Blocking } from '../../host/wait.ts';
import { ExitControl, InterruptControl } from './control.ts';
import type { Shell } from './shell.ts';

/** Puts the shell's own reactions to signals in place, for a shell or subshell that has just started. */
export function installSignals(shell: Shell): void {
  const { process } = shell;
  for (const [signal, disposition] of process.dispositions) {
    if (disposition !== 'ignore' || shell.interactive) continue;
    shell.ignoredAtStart.add(signal);
    shell.traps.set(signal, '');
  }
  if (process.dispositions.get('SIGINT') !== 'ignore') {
    process.onSignal('SIGINT', () => {
      if (shell.traps.get('SIGINT')) shell.pendingTraps.push('SIGINT');
      else shell.interrupted = true;
    });
  }
  if (!shell.interactive) return;
  // Caught rather than ignored, since programs inherit what is ignored.
  for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) process.onSignal(signal, () => {});
  process.onSignal('SIGCHLD', () => {});
}

/** Acts on what signals left behind: traps run here, and Ctrl-C ends the shell or brings it back to its prompt. */
export function* checkSignals(shell: Shell): Blocking<void> {
  if (shell.interrupted) {
    if (shell.interactive || shell.persistent) {
      shell.interrupted = false;
      throw new InterruptControl();
    }
    yield* dieBySignal(shell, 'SIGINT');
  }
  while (shell.pendingTraps.length > 0) yield* runTrap(shell, shell.pendingTraps.shift() as Signal);
}

/** Ends the shell as the signal's default action does, after its EXIT trap. */
export function* dieBySignal(shell: Shell, signal: Signal): Blocking<void> {
  shell.interrupted = false;
  const action = shell.traps.get('EXIT');
  if (action) {
    shell.status = 128 + SIGNAL[signal];
    yield* runExitTrap(shell);
  }
  shell.process.onSignal(signal, 'default');
  shell.process.signal(signal);
  yield* shell.process.spend(0);
}

/** Runs the action of a trap; `$?` is afterwards what it was. */
export function* runTrap(shell: Shell, name: string): Blocking<void> {
  const action = shell.traps.get(name);
  if (!action || shell.runningTrap) return;
  const { status, pipeStatus, line } = shell;
  shell.runningTrap = name === 'ERR' || name === 'DEBUG';
  try {
    yield* shell.interpreter.runSource(shell, action, name.startsWith('SIG') ? 1 : line, 'trap');
  } finally {
    shell.runningTrap = false;
  }
  shell.status = status;
  shell.pipeStatus = pipeStatus;
  shell.line = line;
}

/** Runs the EXIT trap once. Returns the status that the shell ends with. */
export function* runExitTrap(shell: Shell): Blocking<number> {
  const action = shell.traps.get('EXIT');
  shell.traps.delete('EXIT');
  if (!action) return shell.status;
  const status = shell.status;
  try {
    yield* shell.interpreter.runSource(shell, action, 1, 'exit trap');
  } catch (control) {
    if (control instanceof ExitControl) return control.status;
    throw control;
  }
  return status;
}
