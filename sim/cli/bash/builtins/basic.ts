import type { Blocking } from '../../../host/wait.ts';
import { EPOCH_SECONDS } from '../../../base/time.ts';
import { formatEcho } from '../echo.ts';
import { normalize } from '../escapes.ts';
import { formatPrintf } from '../printf.ts';
import type { Shell } from '../shell.ts';
import { testContext } from '../test-context.ts';
import { evaluateTest } from '../test-expression.ts';
import { ExpansionError } from '../control.ts';
import { type Builtin, fail, options, output, usage } from './builtin.ts';
import { assignTo, validTarget } from './target.ts';

export function* colon(): Blocking<number> {
  yield* [];
  return 0;
}

export function* falseBuiltin(): Blocking<number> {
  yield* [];
  return 1;
}

export const echo: Builtin = (shell, args, name) => output(shell, name, formatEcho(args, shell.posix || shell.shopt('xpg_echo')));

export function* printf(shell: Shell, args: string[], name: string): Blocking<number> {
  const synopsis = 'printf [-v var] format [arguments]';
  const parsed = options(args, 'v:');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, synopsis);
  const [format, ...values] = parsed.rest;
  const target = parsed.values.get('v');
  if (target !== undefined && !validTarget(target)) return yield* fail(shell, name, `\`${target}': not a valid identifier`, 2);
  if (format === undefined) return yield* usage(shell, name, undefined, synopsis);
  const seconds = (time: number): number => EPOCH_SECONDS + Math.floor(time / 1e6);
  const result = formatPrintf(format, values, { now: seconds(shell.process.host.now), started: seconds(shell.started) });
  for (const error of result.errors) yield* shell.complain(`${name}: ${error}`);
  if (target !== undefined) {
    yield* assignTo(shell, target, normalize(result.output).replaceAll('\0', ''));
    return result.status;
  }
  const written = yield* output(shell, name, result.output);
  return result.status || written;
}

export function* test(shell: Shell, args: string[], name: string): Blocking<number> {
  let operands = args;
  if (name === '[') {
    if (args.at(-1) !== ']') return yield* fail(shell, name, "missing `]'", 2);
    operands = args.slice(0, -1);
  }
  const result = evaluateTest(operands, testContext(shell));
  if ('error' in result) return yield* fail(shell, name, result.error, 2);
  return result.value ? 0 : 1;
}

export function* letBuiltin(shell: Shell, args: string[], name: string): Blocking<number> {
  if (args.length === 0) return yield* fail(shell, name, 'expression expected', 1);
  let value = 0n;
  for (const text of args) {
    try {
      value = shell.arithmetic(text);
    } catch (error) {
      if (error instanceof ExpansionError && !error.fatal) return yield* fail(shell, name, error.message);
      throw error;
    }
  }
  return value === 0n ? 1 : 0;
}
