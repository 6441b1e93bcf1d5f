import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { ApiFailure } from './client.ts';
import type { Invocation } from './command.ts';

/** Prints an error line and gives the exit status. */
export function* fail({ process }: Invocation, message: string, status = 1): Blocking<number> {
  yield* process.write(2, `${message}\n`);
  return status;
}

/** Does one thing for each operand and prints its name; errors of some don't keep it from the others. */
export function* forEachOperand(
  invocation: Invocation,
  act: (operand: string) => Blocking<ApiFailure | string | undefined>,
): Blocking<number> {
  const errors: string[] = [];
  for (const operand of invocation.operands) {
    const result = yield* act(operand);
    if (result instanceof ApiFailure) errors.push(result.message);
    else yield* invocation.process.write(1, `${result ?? operand}\n`);
  }
  return errors.length === 0 ? 0 : yield* fail(invocation, errors.join('\n'));
}

/** The width that help is broken at. */
export function columnsOf(process: Invocation['process']): number {
  return terminalOf(process.fds.get(0))?.columns ?? 80;
}
