import type { Process, Program } from '../host/process.ts';

/**
 * A command of the simulated machines: a program, and where Debian installs it. `execve` finds it through the `Executable`
 * file at its path; nothing else makes it exist, so a root without the file has no such command.
 */
export interface Command {
  /** The name that `Executable` files carry and, unless `path` says otherwise, the file name. */
  name: string;
  /** Where it is on a Debian host, one or several paths. */
  paths: readonly string[];
  run: Program;
  /** Candidates for the word at the cursor, for Tab in an interactive shell; absent means file names. */
  complete?: Completer;
}

/**
 * @param words the command's words before the one being completed, the command itself first
 * @param word the beginning of the word being completed, maybe empty
 * @returns whole words that could stand there
 */
export type Completer = (process: Process, words: readonly string[], word: string) => string[];

/** Where anything that isn't modelled is listed; messages about it end with this. */
export const FIDELITY = 'see sim/FIDELITY.md';

/** The message for a flag or feature that the real command has and ours doesn't. */
export function notModelled(command: string, what: string): string {
  return `${command}: ${what} is not modelled (${FIDELITY})\n`;
}
