import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';

const ENOUGH = 8_192;

/** Writes lines as they come, a few kilobytes at a time. */
export function* writeLines(process: Process, lines: Iterable<string>, fd = 1): Blocking<void> {
  let pending = '';
  for (const line of lines) {
    pending += line;
    if (pending.length < ENOUGH) continue;
    yield* process.write(fd, pending);
    yield* process.spend(20);
    pending = '';
  }
  if (pending !== '') yield* process.write(fd, pending);
}
