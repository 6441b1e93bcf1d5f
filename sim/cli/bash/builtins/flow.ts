import { strerror } from '../../../base/errno.ts';
import { decode } from '../../../base/bytes.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ExitControl, LoopControl, ReturnControl } from '../control.ts';
import { lookUp } from '../lookup.ts';
import type { Shell } from '../shell.ts';
import { fail, options, usage } from './builtin.ts';

export function* breakBuiltin(shell: Shell, args: string[], name: string): Blocking<number> {
  if (shell.loopDepth === 0) {
    yield* shell.complain(`${name}: only meaningful in a \`for', \`while', or \`until' loop`);
    return 0;
  }
  const given = args[0] ?? '1';
  if (!/^[+-]?\d+$/.test(given)) {
    yield* shell.complain(`${name}: ${given}: numeric argument required`);
    throw new ExitControl(128);
  }
  const levels = Number(given);
  if (levels < 1) {
    yield* shell.complain(`${name}: ${given}: loop count out of range`);
    throw new LoopControl('break', shell.loopDepth);
  }
  throw new LoopControl(name === 'break' ? 'break' : 'continue', Math.min(levels, shell.loopDepth));
}

function* statusArgument(shell: Shell, args: readonly string[], name: string): Blocking<number> {
  const [given] = args;
  if (given === undefined) return shell.status;
  if (!/^\s*[+-]?\d+\s*$/.test(given)) {
    yield* shell.complain(`${name}: ${given}: numeric argument required`);
    return 2;
  }
  return Number(BigInt.asUintN(8, BigInt(given.trim().replace(/^\+/, ''))));
}

export function* exit(shell: Shell, args: string[], name: string): Blocking<number> {
  if (name === 'logout' && !shell.login) return yield* fail(shell, name, "not login shell: use `exit'");
  if (shell.interactive) yield* shell.process.write(2, shell.login ? 'logout\n' : 'exit\n');
  const operands = args[0] === '--' ? args.slice(1) : args;
  const status = yield* statusArgument(shell, operands, name);
  const numeric = operands[0] === undefined || /^\s*[+-]?\d+\s*$/.test(operands[0]);
  if (numeric && operands.length > 1) {
    yield* shell.complain(`${name}: too many arguments`);
    if (shell.interactive) return 1;
    throw new ExitControl(1);
  }
  throw new ExitControl(status);
}

export function* returnBuiltin(shell: Shell, args: string[], name: string): Blocking<number> {
  const status = yield* statusArgument(shell, args[0] === '--' ? args.slice(1) : args, name);
  if (shell.frames.length === 0) return yield* fail(shell, name, "can only `return' from a function or sourced script", 2);
  throw new ReturnControl(status);
}

export function* shift(shell: Shell, args: string[], name: string): Blocking<number> {
  const given = args[0] ?? '1';
  if (!/^[+-]?\d+$/.test(given)) return yield* fail(shell, name, `${given}: numeric argument required`, 2);
  const count = Number(given);
  if (count < 0) return yield* fail(shell, name, `${given}: shift count out of range`);
  if (count > shell.positional.length) {
    if (shell.shopt('shift_verbose')) return yield* fail(shell, name, `${given}: shift count out of range`);
    return 1;
  }
  shell.positional = shell.positional.slice(count);
  return 0;
}

export function* evalBuiltin(shell: Shell, args: string[]): Blocking<number> {
  const words = args[0] === '--' ? args.slice(1) : args;
  const text = words.join(' ');
  if (text.trim() === '') return 0;
  return yield* shell.interpreter.runSource(shell, text, shell.line, 'eval');
}

export function* source(shell: Shell, args: string[], name: string): Blocking<number> {
  const [file, ...rest] = args[0] === '--' ? args.slice(1) : args;
  if (file === undefined) return yield* usage(shell, name, 'filename argument required', `${name} [-p path] filename [arguments]`);
  const path = file.includes('/') || !shell.shopt('sourcepath') ? file : (lookUp(shell, file, {}) ?? file);
  const bytes = yield* shell.process.readFile(path);
  if (typeof bytes === 'string') {
    yield* shell.complain(bytes === 'EISDIR' ? `${name}: ${file}: is a directory` : `${file}: ${strerror(bytes)}`);
    return 1;
  }
  if (bytes.subarray(0, 80).includes(0)) return yield* fail(shell, name, `${file}: cannot execute binary file`, 126);
  const { positional, line, loopDepth } = shell;
  shell.frames.push({ name: 'source', line: shell.line, source: path });
  if (rest.length > 0) shell.positional = rest;
  shell.loopDepth = 0;
  shell.status = 0;
  try {
    return yield* shell.interpreter.runSource(shell, decode(bytes), 1, 'source');
  } catch (control) {
    if (!(control instanceof ReturnControl)) throw control;
    return control.status;
  } finally {
    shell.frames.pop();
    if (rest.length > 0) shell.positional = positional;
    shell.loopDepth = loopDepth;
    shell.line = line;
  }
}

export function* exec(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'cla:');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'exec [-cl] [-a name] [command [argument ...]] [redirection ...]');
  const [command] = parsed.rest;
  if (command === undefined) return 0;
  const login = parsed.letters.has('l');
  const argv0 = parsed.values.get('a') ?? command;
  const how = { argv0: login ? `-${argv0}` : parsed.values.has('a') ? argv0 : undefined, clearEnvironment: parsed.letters.has('c') };
  const status = yield* shell.interpreter.runWords(shell, parsed.rest, { exec: how });
  if (shell.interactive || shell.shopt('execfail')) return status;
  throw new ExitControl(status);
}
