import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { notModelled } from '../command.ts';
import type { Call } from '../tool/call.ts';
import { optional, flag, type Tool, valued } from '../tool/tool.ts';
import { SIGNAL_NAMES, signalNumber, signalOf } from './signals.ts';
import { processTable } from './table.ts';

/** procps prints its whole help after an error. */
export function usage(call: Call): string {
  return call.dialect.help(call.tool, call.name);
}

function table(): string {
  const cells = SIGNAL_NAMES.map((name, i) => `${String(i + 1).padStart(2)} ${name.padEnd(8)}`);
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += 7) lines.push(cells.slice(i, i + 7).join(''));
  return lines.map((line, i) => `${i === lines.length - 1 ? line : line.trimEnd()}\n`).join('');
}

function names(): string {
  return `${SIGNAL_NAMES.slice(0, 16).join(' ')}\n${SIGNAL_NAMES.slice(16).join(' ')}\n`;
}

/** `-l NAME` gives the number, `-l NUMBER` the name; 128 plus a number is how a shell reports one. */
function* convert(call: Call, word: string): Blocking<number> {
  const number = signalNumber(word);
  const shown = /^\d+$/.test(word) ? SIGNAL_NAMES[Number(word) - 1] : number === undefined ? undefined : String(number);
  if (shown === undefined) return yield* call.fail(`unknown signal name ${word}`, 0);
  yield* call.out.text(`${shown}\n`);
  return 0;
}

/** The processes a number means (kill(2)): one, a group (negative), or all but init and the sender (-1). */
function targets(viewer: Process, number: number): Process[] {
  const rows = processTable(viewer);
  if (number > 0) return rows.filter((row) => row.pid === number).map((row) => row.process);
  if (number === 0) return rows.filter((row) => row.process.pgid === viewer.pgid).map((row) => row.process);
  if (number === -1) return rows.filter((row) => row.pid !== 1 && row.process !== viewer).map((row) => row.process);
  return rows.filter((row) => row.pgid === -number).map((row) => row.process);
}

/** Takes `-9`, `-TERM` and `-SIGTERM` out of the arguments: the first such is the signal. */
function signalArgument(args: string[]): { signal: string | undefined; rest: string[] } {
  const at = args.findIndex(
    (arg) => /^-(\d+|[A-Z][A-Za-z0-9]+)$/.test(arg) || (/^-[a-z]+$/.test(arg) && signalNumber(arg.slice(1)) !== undefined),
  );
  if (at !== 0) return { signal: undefined, rest: args };
  return { signal: (args[0] as string).slice(1), rest: args.slice(1) };
}

/** busybox's list. */
export function numberedNames(): string {
  return SIGNAL_NAMES.map((name, i) => `${String(i + 1).padStart(2)}) ${name}\n`).join('');
}

export const kill: Tool = {
  name: 'kill',
  suite: 'procps-ng',
  usage: ['[options] <pid> [...]'],
  about: 'Send a signal to processes, TERM unless told otherwise. A negative number means a process group.',
  options: [
    valued('s', 'signal', 'SIGNAL', 'the signal, by name or number; also -SIGNAL'),
    optional('l', 'list', 'SIGNAL', 'print the names of signals, or turn a name into its number or back'),
    flag('L', 'table', 'print the names of signals as a table'),
  ],
  rewrite(args) {
    const { signal, rest } = signalArgument(args);
    const at = rest.findIndex((arg) => /^-\d+$/.test(arg));
    const guarded = at < 0 ? rest : [...rest.slice(0, at), '--', ...rest.slice(at)];
    return signal === undefined ? guarded : ['-s', signal, ...guarded];
  },
  *main(call) {
    if (call.has('table')) {
      yield* call.out.text(table());
      return 0;
    }
    if (call.has('list')) {
      const word = call.value('list') || call.operands[0];
      if (word) return yield* convert(call, word);
      yield* call.out.text(call.busybox ? numberedNames() : names());
      return 0;
    }
    if (call.operands.length === 0) {
      yield* call.complain(call.busybox ? `${call.name}: you need to specify whom to kill\n` : usage(call));
      return 1;
    }
    const number = signalNumber(call.value('signal') ?? 'TERM');
    if (number === undefined && call.busybox) return yield* call.fail(`bad signal name '${call.value('signal')}'`);
    for (const operand of call.operands) {
      if (!/^-?\d+$/.test(operand)) {
        yield* call.warn(call.either(`failed to parse argument: '${operand}'`, `invalid number '${operand}'`));
        continue;
      }
      if (number === undefined) {
        yield* call.warn(`(${operand}): ${strerror('EINVAL')}`);
        continue;
      }
      const processes = targets(call.process, Number(operand));
      if (processes.length === 0) {
        yield* call.warn(call.either(`(${operand}): ${strerror('ESRCH')}`, `can't kill pid ${operand}: ${strerror('ESRCH')}`));
        continue;
      }
      if (number === 0) continue;
      const signal = signalOf(number);
      if (!signal) yield* call.complain(notModelled(call.name, `signal ${number}`));
      else for (const process of processes) process.signal(signal, call.process);
    }
    return call.status;
  },
};
