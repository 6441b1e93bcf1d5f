import { type Errno, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';

/** Ends a program: what it still says, and its exit status. */
export class Ending extends Error {
  readonly said: readonly { fd: 1 | 2; text: string }[];
  readonly status: number;

  constructor(status: number, ...said: { fd: 1 | 2; text: string }[]) {
    super(said.map(({ text }) => text).join(''));
    this.said = said;
    this.status = status;
  }
}

export const err = (text: string): { fd: 2; text: string } => ({ fd: 2, text });
export const out = (text: string): { fd: 1; text: string } => ({ fd: 1, text });

/** `SIOCADDRT: Network is unreachable`. */
export function perror(what: string, errno: Errno): { fd: 2; text: string } {
  return err(`${what}: ${strerror(errno)}\n`);
}

/** Runs a program's body; an `Ending` says its words. */
export function* untilEnding(process: Process, body: Blocking<number>): Blocking<number> {
  try {
    return yield* body;
  } catch (end) {
    if (!(end instanceof Ending)) throw end;
    for (const { fd, text } of end.said) yield* process.write(fd, text);
    return end.status;
  }
}
