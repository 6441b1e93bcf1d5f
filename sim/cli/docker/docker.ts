import { MILLISECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import { type Blocking, need, whenLoaded } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { Client } from './client.ts';
import { type AnyCommand, isGroup, type LeafCommand } from './command.ts';
import { complete } from './complete.ts';
import { type FlagFailure, type FlagValues, type ParsedFlags, parseFlags } from './flags.ts';
import { GLOBAL } from './options/global.ts';
import { columnsOf } from './output.ts';
import { daemonCommands, findCommand, findInGroup, tree } from './tree.ts';
import { arityProblem, help, topHelp, usageLine } from './usage.ts';

/** The docker command, 28.5.2: a client of the Engine API and nothing else. */
export const dockerCommand: Command = { name: 'docker', paths: ['/usr/bin/docker'], run: docker, complete };

/** Time that loading a program of this size takes. */
const STARTUP = 5 * MILLISECOND;

/** Exit status for a command line that can't be parsed. */
const BAD_FLAGS = 125;

function isFailure(parsed: ParsedFlags | FlagFailure): parsed is FlagFailure {
  return 'error' in parsed;
}

function* docker(process: Process): Blocking<number> {
  yield* process.spend(STARTUP);
  const parsed = parseFlags(GLOBAL, process.argv.slice(1).map(helpFlag), false);
  if (isFailure(parsed)) {
    if (parsed.unmodelled) return yield* complain(process, notModelled('docker', parsed.unmodelled), BAD_FLAGS);
    if (parsed.error === 'unknown flag: --help') return yield* show(process, yield* whenLoaded(() => topHelp(tree, columnsOf(process))));
    return yield* complain(process, flagError(parsed.error, 'docker [OPTIONS] COMMAND [ARG...]', 'docker'), BAD_FLAGS);
  }
  const { values, operands } = parsed;
  if (values.on('version')) return yield* show(process, (yield* need(daemonCommands)).VERSION_LINE);
  const [name, ...args] = operands;
  if (name === undefined) return yield* show(process, yield* whenLoaded(() => topHelp(tree, columnsOf(process))));
  if (name === 'help') return yield* helpFor(process, args);
  const command = yield* whenLoaded(() => findCommand(name));
  if (!command) return yield* complain(process, `docker: unknown command: docker ${name}\n\nRun 'docker --help' for more information\n`, 1);
  return yield* dispatch(process, command, `docker ${name}`, args, values);
}

/** `-h` alone has meant `--help`, except where a command has a flag of that letter. */
function helpFlag(argument: string, at: number): string {
  return at === 0 && argument === '-h' ? '--help' : argument;
}

function* show(process: Process, text: string): Blocking<number> {
  yield* process.write(1, text);
  return 0;
}

function* showHelp(process: Process, name: string, command: AnyCommand): Blocking<number> {
  return yield* show(process, yield* whenLoaded(() => help(name, command, columnsOf(process))));
}

function* complain(process: Process, text: string, status: number): Blocking<number> {
  yield* process.write(2, text);
  return status;
}

function flagError(error: string, usage: string, name: string): string {
  return `${error}\n\nUsage:  ${usage}\n\nRun '${name} --help' for more information\n`;
}

function* helpFor(process: Process, path: readonly string[]): Blocking<number> {
  const [name, sub] = path;
  if (name === undefined) return yield* show(process, yield* whenLoaded(() => topHelp(tree, columnsOf(process))));
  const command = yield* whenLoaded(() => findCommand(name));
  const found = command && sub !== undefined && isGroup(command) ? yield* whenLoaded(() => findInGroup(command, sub)) : command;
  if (!found) return yield* complain(process, `unknown help topic: ${path.join(' ')}\n`, 1);
  return yield* showHelp(process, `docker ${found === command ? name : `${name} ${sub}`}`, found);
}

function* dispatch(process: Process, command: AnyCommand, name: string, args: readonly string[], global: FlagValues): Blocking<number> {
  const inner = isGroup(command) ? yield* whenLoaded(() => findInGroup(command, args[0] ?? '')) : undefined;
  const notice = command.notice ?? inner?.notice;
  if (notice) yield* process.write(2, notice);
  if (!isGroup(command)) return yield* runLeaf(process, command, name, args, global);
  const [sub, ...rest] = args;
  if (sub === undefined || sub === '--help' || sub === '-h') return yield* showHelp(process, name, command);
  if (inner) return yield* runLeaf(process, inner, `${name} ${sub}`, rest, global);
  // A flag is noticed before the name that goes with it.
  const wrong = args.find((word) => word.startsWith('-') && word !== '-');
  if (wrong !== undefined) {
    const parsed = parseFlags([], [wrong], true);
    return yield* complain(process, flagError(isFailure(parsed) ? parsed.error : '', name, name), BAD_FLAGS);
  }
  return yield* complain(
    process,
    `docker: unknown command: ${name} ${sub}\n\nUsage:  ${name}\n\nRun '${name} --help' for more information\n`,
    1,
  );
}

function* runLeaf(process: Process, command: LeafCommand, name: string, args: readonly string[], global: FlagValues): Blocking<number> {
  if (!command.run) return yield* complain(process, notModelled('docker', `'${name}'`), 1);
  const flags = [...command.flags, { long: 'help', type: 'bool', usage: 'Print usage', hidden: true as const }];
  const parsed = parseFlags(flags, args, !command.stopAtOperand);
  if (isFailure(parsed)) {
    if (parsed.unmodelled) return yield* complain(process, notModelled(name, parsed.unmodelled), BAD_FLAGS);
    return yield* complain(process, flagError(parsed.error, usageLine(name, command), name), BAD_FLAGS);
  }
  if (parsed.values.on('help')) return yield* showHelp(process, name, command);
  for (const notice of parsed.notices) yield* process.write(2, `${notice}\n`);
  const problem = arityProblem(name, command, parsed.operands.length);
  if (problem) return yield* complain(process, problem, 1);
  const client = new Client(process, global.last('host'));
  return yield* command.run({ process, client, command, name, flags: parsed.values, operands: parsed.operands });
}
