import { strerror } from '../../base/errno.ts';
import type { Command as Parsed } from '../../host/iptables/command.ts';
import { Restorer } from '../../host/iptables/restore.ts';
import type { Process, Program } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import { getopt, hasOption, isFailure, optionValue, type Parsed as Options } from '../getopt.ts';
import { fileLookup } from '../tool/lookup.ts';
import { announce, printList } from './main.ts';
import { notPermitted, reportLine, VERSION } from './report.ts';
import { writeLines } from '../tool/write-lines.ts';

const OPTIONS = [
  { name: 'counters', short: 'c', long: 'counters' },
  { name: 'verbose', short: 'v', long: 'verbose' },
  { name: 'version', short: 'V', long: 'version' },
  { name: 'test', short: 't', long: 'test' },
  { name: 'help', short: 'h', long: 'help' },
  { name: 'noflush', short: 'n', long: 'noflush' },
  { name: 'modprobe', short: 'M', long: 'modprobe', argument: 'required' },
  { name: 'table', short: 'T', long: 'table', argument: 'required' },
  { name: 'wait', short: 'w', long: 'wait', argument: 'optional' },
  { name: 'wait-interval', short: 'W', long: 'wait-interval', argument: 'optional' },
  { name: 'ipv4', short: '4', long: 'ipv4' },
  { name: 'ipv6', short: '6', long: 'ipv6' },
] as const;

/** Lines after which a long restore lets others run. */
const PAUSE_EVERY = 2_000;

/** iptables-restore(8) and ip6tables-restore(8). */
export function restoreProgram(family: 4 | 6): Program {
  const program = family === 4 ? 'iptables-restore' : 'ip6tables-restore';
  return function* (process: Process): Blocking<number> {
    const parsed = getopt(OPTIONS, process.argv.slice(1));
    if (isFailure(parsed)) {
      yield* process.write(2, `${program}: ${parsed.error}\nTry \`${program} -h' for more information.\n`);
      return 1;
    }
    if (hasOption(parsed, 'help')) {
      yield* process.write(2, help(program));
      return 0;
    }
    if (hasOption(parsed, 'version')) {
      yield* process.write(1, `${program} ${VERSION}\n`);
      return 0;
    }
    // The seconds of --wait may stand by themselves.
    const files = hasOption(parsed, 'wait') ? parsed.operands.filter((word) => !/^\d+$/.test(word)) : parsed.operands;
    if (files.length > 1) {
      yield* process.write(2, 'Unknown arguments found on commandline\n');
      return 1;
    }
    let fd = 0;
    if (files[0] !== undefined) {
      const opened = process.open(files[0]);
      if (typeof opened === 'string') {
        yield* process.write(2, `Can't open ${files[0]}: ${strerror(opened)}\n`);
        return 1;
      }
      fd = opened;
    }
    if (!process.capable('NET_ADMIN')) return yield* notPermitted(process, program);
    return yield* restore(process, program, family, parsed, fd);
  };
}

function* restore(process: Process, program: string, family: 4 | 6, parsed: Options, fd: number): Blocking<number> {
  const lookup = fileLookup(process);
  const verbose = hasOption(parsed, 'verbose');
  // With both, rules are added without a word.
  const noflush = hasOption(parsed, 'noflush');
  const done: Parsed[] = [];
  const said: string[] = [];
  const table = optionValue(parsed, 'table');
  const restorer = new Restorer(process.namespaces.net, {
    family,
    noflush,
    counters: hasOption(parsed, 'counters'),
    test: hasOption(parsed, 'test'),
    ...(table === undefined ? {} : { table }),
    lookup,
    by: { pid: process.pid, name: process.name },
    onClear(cleared) {
      if (!verbose) return;
      const chains = cleared.chains();
      for (const { name } of chains) said.push(`Flushing chain \`${name}'\n`);
      for (const { name, hook } of chains) if (hook === undefined) said.push(`Deleting chain \`${name}'\n`);
    },
    onComment(text) {
      if (verbose) said.push(`${text}\n`);
    },
    onCommand: (command) => done.push(command),
  });
  const input = new Input(process, fd);
  for (let count = 1; ; count++) {
    const line = yield* input.line();
    const failed = line === undefined ? restorer.end() : restorer.line(line);
    if (said.length > 0) yield* writeLines(process, said.splice(0));
    for (const command of done.splice(0)) {
      if (command.name === 'list' || command.name === 'list-rules') yield* printList(process, command, lookup);
      else if ((verbose && !noflush) || command.verbose > 0) yield* announce(process, command, lookup);
    }
    if (failed) return yield* reportLine(process, program, failed);
    if (line === undefined) return 0;
    if (count % PAUSE_EVERY === 0) yield* process.spend(1_000);
  }
}

function help(program: string): string {
  return `Usage: ${program} [-c] [-v] [-V] [-t] [-h] [-n] [-T table] [-M command] [-4] [-6] [file]
	   [ --counters ]
	   [ --verbose ]
	   [ --version]
	   [ --test ]
	   [ --help ]
	   [ --noflush ]
	   [ --table=<TABLE> ]
	   [ --modprobe=<command> ]
	   [ --ipv4 ]
	   [ --ipv6 ]
`;
}
