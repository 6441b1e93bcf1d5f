import { flagLetters } from './options.ts';
import type { Shell } from './shell.ts';

/** `$?`, `$1` and the other parameters that are no variables; `undefined` when the name isn't one of them. */
export function specialParameter(shell: Shell, name: string): { value: string | undefined } | undefined {
  switch (name) {
    case '?':
      return { value: String(shell.status) };
    case '$':
      return { value: String(shell.mainPid) };
    case '!':
      return { value: shell.lastBackground === undefined ? undefined : String(shell.lastBackground) };
    case '#':
      return { value: String(shell.positional.length) };
    case '-':
      return { value: flagLetters(shell.options, `${shell.interactive ? 'i' : ''}${shell.label !== '' ? 'c' : ''}`) };
    case '0':
      return { value: shell.name };
    case '_':
      return { value: shell.lastArgument };
    default:
      return /^[0-9]+$/.test(name) ? { value: shell.positional[Number(name) - 1] } : undefined;
  }
}
