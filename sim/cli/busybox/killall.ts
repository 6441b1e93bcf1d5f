import type { Process } from '../../host/process.ts';
import { notModelled } from '../command.ts';
import { numberedNames } from '../procps/kill.ts';
import { signalNumber, signalOf } from '../procps/signals.ts';
import { appletProgram, Die, type Speech } from './failure.ts';

/** busybox's killall (procps/kill.c): a signal for every process of a name. */
export const killall = appletProgram('killall', runKillall);

function runKillall(process: Process, args: readonly string[], speech: Speech): number {
  const names = [...args];
  const quiet = names[0] === '-q';
  if (quiet) names.shift();
  if (names[0] === '-l') {
    speech.print(numberedNames());
    return 0;
  }
  const word = names[0]?.startsWith('-') ? (names.shift() as string).slice(1) : 'TERM';
  const number = signalNumber(word);
  if (number === undefined) throw new Die(`bad signal name '${word}'`);
  if (names.length === 0) throw new Die('you need to specify whom to kill');
  const signal = signalOf(number);
  if (number !== 0 && !signal) throw new Die(notModelled('killall', `signal ${number}`).replace(/^killall: |\n$/g, ''));
  let missing = 0;
  for (const name of names) {
    const found = [...process.namespaces.pid.processes.values()].filter((other) => other !== process && other.name === name);
    for (const other of found) if (signal) other.signal(signal, process);
    if (found.length > 0) continue;
    missing++;
    if (!quiet) speech.complain(`${name}: no process killed`);
  }
  return Math.min(missing, 255);
}
