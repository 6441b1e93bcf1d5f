import type { Blocking } from '../../../host/wait.ts';
import { elementKey } from '../assign.ts';
import type { Shell } from '../shell.ts';
import { NAME_PATTERN } from '../variables.ts';

/** Whether a word names something that `read` or `printf -v` can assign: `x` or `a[i]`. */
export function validTarget(text: string): boolean {
  return NAME_PATTERN.test(text.replace(/\[.+\]$/s, ''));
}

/** Assigns to `x` or `a[i]`. */
export function* assignTo(shell: Shell, target: string, text: string): Blocking<void> {
  const element = /^([A-Za-z_][A-Za-z0-9_]*)\[(.+)\]$/s.exec(target);
  if (!element) shell.variables.set(target, text);
  else shell.variables.set(element[1] as string, text, yield* elementKey(shell, element[1] as string, element[2] as string));
}
