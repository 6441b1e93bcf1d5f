import { Input } from '../../../host/stdio.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Invocation } from '../command.ts';

/** Asks before something is removed, unless `--force`; anything but `y` is a no. */
export function* confirmed({ process, flags }: Invocation, warning: string): Blocking<boolean> {
  if (flags.on('force')) return true;
  yield* process.write(1, `${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = yield* new Input(process, 0).line();
  return answer?.trim().toLowerCase() === 'y';
}
