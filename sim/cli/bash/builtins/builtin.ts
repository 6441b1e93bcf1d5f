import { strerror } from '../../../base/errno.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Shell } from '../shell.ts';

/** A command that the shell runs itself. `args` are without the name; returns the status. */
export type Builtin = (shell: Shell, args: string[], name: string) => Blocking<number>;

/** Prints `bash: line N: NAME: MESSAGE` and returns the status. */
export function* fail(shell: Shell, name: string, message: string, status = 1): Blocking<number> {
  yield* shell.complain(`${name}: ${message}`);
  return status;
}

/** A wrong option or operand: the message, then the usage line; status 2. */
export function* usage(shell: Shell, name: string, message: string | undefined, synopsis: string): Blocking<number> {
  if (message !== undefined) yield* shell.complain(`${name}: ${message}`);
  yield* shell.process.write(2, `${name}: usage: ${synopsis}\n`);
  return 2;
}

/** Writes to standard output; a failure is reported as bash does, and as dash does, which doesn't say why. */
export function* output(shell: Shell, name: string, text: string): Blocking<number> {
  if (text === '') return 0;
  const failure = yield* shell.process.write(1, text);
  if (failure === undefined || failure === 'EINTR') return 0;
  if (shell.posix) return yield* fail(shell, name, `${name}: I/O error`);
  return yield* fail(shell, name, `write error: ${strerror(failure)}`);
}

/** Short options of a builtin: letters, `:` behind those with an argument. */
export interface Options {
  letters: Set<string>;
  values: Map<string, string>;
  rest: string[];
}

/**
 * Parses a builtin's options (bash internal_getopt): bundled letters, `--` ends them, the first other word too.
 * Gives the message for a wrong one.
 */
export function options(args: readonly string[], spec: string): Options | { error: string } {
  const letters = new Set<string>();
  const values = new Map<string, string>();
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      i++;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j] as string;
      const at = letter === ':' ? -1 : spec.indexOf(letter);
      if (at < 0) return { error: `-${letter}: invalid option` };
      letters.add(letter);
      if (spec[at + 1] !== ':') continue;
      const rest = arg.slice(j + 1);
      const value = rest !== '' ? rest : args[++i];
      if (value === undefined) return { error: `-${letter}: option requires an argument` };
      values.set(letter, value);
      break;
    }
  }
  return { letters, values, rest: args.slice(i) };
}
