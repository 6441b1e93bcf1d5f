import { strerror } from '../../../base/errno.ts';
import { parseSignal, type Signal } from '../../../host/signal.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Shell } from '../shell.ts';
import { jobState } from '../jobs.ts';
import { signalNames } from '../signal-names.ts';
import { fail, output, usage } from './builtin.ts';

const SYNOPSIS = 'kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]';

export function* kill(shell: Shell, args: string[], name: string): Blocking<number> {
  let operands = args;
  let signal: Signal | 0 = 'SIGTERM';
  const [first = '', second] = args;
  if (args.length === 0) return yield* usage(shell, name, undefined, SYNOPSIS);
  if (first === '-l' || first === '-L') return yield* listSignals(shell, name, args.slice(1));
  if (first === '-s' || first === '-n') {
    if (second === undefined) return yield* fail(shell, name, `${first}: option requires an argument`, 2);
    const parsed = second === '0' ? 0 : parseSignal(second);
    if (parsed === undefined) return yield* fail(shell, name, `${second}: invalid signal specification`);
    signal = parsed;
    operands = args.slice(2);
  } else if (/^-./.test(first) && first !== '--') {
    const parsed = first === '-0' ? 0 : parseSignal(first.slice(1));
    if (parsed === undefined) return yield* fail(shell, name, `${first.slice(1)}: invalid signal specification`);
    signal = parsed;
    operands = args.slice(1);
  }
  if (operands[0] === '--') operands = operands.slice(1);
  if (operands.length === 0) return yield* usage(shell, name, undefined, SYNOPSIS);
  let status = 0;
  for (const operand of operands) status = (yield* killOne(shell, name, operand, signal)) || status;
  // A signal to ourselves is delivered now.
  yield* shell.process.spend(1);
  return status;
}

function* killOne(shell: Shell, name: string, operand: string, signal: Signal | 0): Blocking<number> {
  if (operand.startsWith('%')) {
    const job = shell.jobs.find(operand);
    if (job === 'ambiguous') return yield* fail(shell, name, `${operand}: ambiguous job spec`);
    if (!job) return yield* fail(shell, name, `${operand}: no such job`);
    if (signal === 0) return 0;
    if (job.pgid !== shell.process.pgid) shell.process.host.signalGroup(job.pgid, signal);
    else for (const member of job.processes) findProcess(shell, member.shown)?.signal(signal, shell.process);
    const wakes = signal === 'SIGTERM' || signal === 'SIGHUP';
    if (wakes && jobState(job) === 'stopped') shell.process.host.signalGroup(job.pgid, 'SIGCONT');
    return 0;
  }
  if (!/^-?\d+$/.test(operand)) return yield* fail(shell, name, `\`${operand}': not a pid or valid job spec`);
  const pid = Number(operand);
  if (pid <= 0) {
    const group = pid === 0 ? shell.process.pgid : -pid;
    const members = [...shell.process.namespaces.pid.processes.values()].filter((p) => p.pgid === group && p.state !== 'zombie');
    if (members.length === 0) return yield* fail(shell, name, `(${operand}) - ${strerror('ESRCH')}`);
    if (signal !== 0) for (const member of members) member.signal(signal, shell.process);
    return 0;
  }
  const target = findProcess(shell, pid);
  if (!target) return yield* fail(shell, name, `(${operand}) - ${strerror('ESRCH')}`);
  if (signal !== 0) target.signal(signal, shell.process);
  return 0;
}

/** A process by its number as this shell's PID namespace counts. */
function findProcess(shell: Shell, pid: number) {
  return shell.process.namespaces.pid.processes.get(pid);
}

function* listSignals(shell: Shell, name: string, operands: readonly string[]): Blocking<number> {
  if (operands.length === 0) return yield* output(shell, name, signalTable());
  let status = 0;
  for (const operand of operands) {
    const names = signalNames();
    if (/^\d+$/.test(operand)) {
      const number = Number(operand) > 128 ? Number(operand) - 128 : Number(operand);
      const found = number === 0 ? 'EXIT' : names.get(number);
      if (found === undefined) status = yield* fail(shell, name, `${operand}: invalid signal specification`);
      else yield* output(shell, name, `${found.replace(/^SIG/, '')}\n`);
      continue;
    }
    const wanted = operand.toUpperCase().replace(/^(?!SIG)/, 'SIG');
    const found = [...names].find(([, text]) => text === wanted)?.[0];
    if (found === undefined) status = yield* fail(shell, name, `${operand}: invalid signal specification`);
    else yield* output(shell, name, `${found}\n`);
  }
  return status;
}

function signalTable(): string {
  const cells = [...signalNames()].map(([number, text]) => `${String(number).padStart(2)}) ${text}`);
  let text = '';
  for (const [i, cell] of cells.entries()) text += cell + (i === cells.length - 1 ? '\t\n' : i % 5 === 4 ? '\n' : '\t');
  return text;
}
