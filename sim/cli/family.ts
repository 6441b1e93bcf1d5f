import { type Part, part } from '../base/part.ts';
import type { Process } from '../host/process.ts';
import { type Blocking, need } from '../host/wait.ts';
import type { Command } from './command.ts';

/** What is known of a command before its family is loaded; `run` loads it. */
export interface ListedCommand extends Command {
  /** The command itself. */
  load(): Blocking<Command>;
  complete?: never;
}

/** The paths of programs that are all in /usr/bin: `bin('cat ls')` is `bin/cat bin/ls`. */
export function bin(names: string): string {
  return names.replace(/\S+/g, 'bin/$&');
}

/**
 * Commands that are loaded together.
 *
 * @param name for messages
 * @param installed a word for each command: where it is below /usr, with commas between several paths (the command is called as
 *   the first of them); or its name alone when only images have it
 * @param choose the commands in the module, in any order; its `commands` if absent
 */
export function family(
  name: string,
  installed: string,
  fetch: () => PromiseLike<{ commands: readonly Command[] }>,
): readonly ListedCommand[];
export function family<T>(
  name: string,
  installed: string,
  fetch: () => PromiseLike<T>,
  choose: (module: T) => readonly Command[],
): readonly ListedCommand[];
export function family<T>(
  name: string,
  installed: string,
  fetch: () => PromiseLike<T>,
  choose = (module: T) => (module as { commands: readonly Command[] }).commands,
): readonly ListedCommand[] {
  const wanted = part(name, fetch);
  return installed.split(' ').map((word) => listed(wanted, word, choose));
}

function listed<T>(wanted: Part<T>, word: string, choose: (module: T) => readonly Command[]): ListedCommand {
  const paths = word.split(',');
  const [first = ''] = paths;
  const name = first.slice(first.lastIndexOf('/') + 1);
  return { name, paths: paths.filter((path) => path.includes('/')).map((path) => `/usr/${path}`), run, load };

  function* load(): Blocking<Command> {
    const found = choose(yield* need(wanted)).find((command) => command.name === name);
    if (!found) throw new Error(`the family ${wanted.name} has no ${name}`);
    return found;
  }

  function* run(process: Process): Blocking<number> {
    return yield* (yield* load()).run(process);
  }
}
