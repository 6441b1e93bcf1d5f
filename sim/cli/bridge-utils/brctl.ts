import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { Bridges } from './bridges.ts';
import { changers } from './changes.ts';
import { showBridges, showMacs, showStp } from './show.ts';

/** brctl(8) of bridge-utils. */
export const brctl: Command = { name: 'brctl', paths: ['/usr/sbin/brctl'], run: runBrctl };

/** One command: how many arguments it takes, and its line in the usage. */
export interface BrctlCommand {
  name: string;
  /** The least number of arguments. */
  arguments: number;
  synopsis: string;
  run: (bridges: Bridges, args: readonly string[]) => number;
}

const COMMANDS: readonly BrctlCommand[] = [
  ...changers.slice(0, 12),
  { name: 'show', arguments: 0, synopsis: '[ <bridge> ]\t\tshow a list of bridges', run: showBridges },
  { name: 'showmacs', arguments: 1, synopsis: '<bridge>\t\tshow a list of mac addrs', run: showMacs },
  { name: 'showstp', arguments: 1, synopsis: '<bridge>\t\tshow bridge stp info', run: showStp },
  ...changers.slice(12),
];

const line = ({ name, synopsis }: BrctlCommand) => `\t${name.padEnd(10)}\t${synopsis}\n`;
const USAGE = `Usage: brctl [commands]\ncommands:\n${COMMANDS.map(line).join('')}`;

function* runBrctl(process: Process): Blocking<number> {
  const [name, ...args] = process.argv.slice(1);
  if (name === '-h' || name === '--help') return yield* end(process, 1, USAGE, 0);
  if (name === '-V' || name === '--version') return yield* end(process, 1, 'bridge-utils, 1.7\n', 0);
  if (name === undefined) return yield* end(process, 2, USAGE, 1);
  if (name.startsWith('-')) return yield* end(process, 2, `Unknown option '${name}'\n${USAGE}`, 1);
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) return yield* end(process, 2, `never heard of command [${name}]\n${USAGE}`, 1);
  if (args.length < command.arguments) {
    return yield* end(process, 2, `Incorrect number of arguments for command\nUsage: brctl ${command.name} ${command.synopsis}\n`, 1);
  }
  const bridges = new Bridges(process);
  const status = command.run(bridges, args);
  for (const { fd, text } of bridges.said) yield* process.write(fd, text);
  return status;
}

function* end(process: Process, fd: 1 | 2, text: string, status: number): Blocking<number> {
  yield* process.write(fd, text);
  return status;
}
