import { part } from '../../../base/part.ts';
import { type Blocking, need } from '../../../host/wait.ts';
import type { Builtin } from './builtin.ts';
import { breakBuiltin, evalBuiltin, exec, exit, returnBuiltin, shift, source } from './flow.ts';
import { isBuiltin } from './names-list.ts';

/** The builtins that a shell has without loading any. */
const FLOW: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['.', source],
  ['source', source],
  ['break', breakBuiltin],
  ['continue', breakBuiltin],
  ['eval', evalBuiltin],
  ['exec', exec],
  ['exit', exit],
  ['logout', exit],
  ['return', returnBuiltin],
  ['shift', shift],
]);

/** The others, with `declare` and its kin. */
export const BUILTINS = part('bash builtins', () => import('./registry.ts'));

/** A builtin by its name, apart from `declare` and its kin, whose arguments are read in a way of their own. */
export function* findBuiltin(name: string): Blocking<Builtin | undefined> {
  return FLOW.get(name) ?? (isBuiltin(name) ? (yield* need(BUILTINS)).builtins.get(name) : undefined);
}
