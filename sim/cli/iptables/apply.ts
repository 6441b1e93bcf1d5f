import { RegularFile } from '../../host/inode.ts';
import type { Process, Program } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { getopt, hasOption, isFailure, type OptionSpec, optionValue, type Parsed } from '../getopt.ts';
import { stat, unlink } from '../tool/filesystem.ts';
import { applyAbout, applyHelp } from './apply-help.ts';

const OPTIONS: readonly OptionSpec[] = [
  { name: 'timeout', short: 't', long: 'timeout', argument: 'required' },
  { name: 'write', short: 'w', long: 'write', argument: 'required' },
  { name: 'command', short: 'c', long: 'command' },
  { name: 'help', short: 'h', long: 'help' },
  { name: 'version', short: 'V', long: 'version' },
];

const SECOND = 1_000_000;
const USUAL_TIMEOUT = 10;

/** What it works with. */
interface Job {
  process: Process;
  family: 4 | 6;
  /** Where what was there before is kept. */
  kept: string;
  /** Seconds. */
  timeout: number;
  saveTo: string;
}

/**
 * iptables-apply(8): puts rules in place and takes them back unless somebody says, in time, that the machine can still be reached. The
 * real one is a script of Debian's.
 */
export function applyProgram(family: 4 | 6): Program {
  const name = family === 4 ? 'iptables-apply' : 'ip6tables-apply';
  const rules = `/etc/network/${family === 4 ? 'iptables' : 'ip6tables'}.up.rules`;
  return function* (process) {
    const args = process.argv.slice(1);
    const parsed = getopt(OPTIONS, args);
    if (isFailure(parsed)) return yield* fail(process, `${name}: ${parsed.error}`, 1);
    const asked = parsed.options.find((option) => option.name === 'help' || option.name === 'version');
    if (asked) {
      yield* process.write(2, asked.name === 'help' ? applyHelp(name, family) : applyAbout(name));
      return 0;
    }
    const given = operandOf(args, parsed);
    if (given === undefined) return 1;
    const wait = optionValue(parsed, 'timeout') ?? String(USUAL_TIMEOUT);
    if (!/^\d+$/.test(wait)) return yield* fail(process, 'Error: timeout must be a positive number', 1);
    const saveTo = hasOption(parsed, 'write') ? optionValue(parsed, 'write') || rules : '';
    const runs = hasOption(parsed, 'command');
    const path = given || (runs ? rules.replace(/rules$/, 'run') : rules);
    const found = stat(process, path);
    if (runs && !(found instanceof RegularFile && (found.mode & 0o111) !== 0))
      return yield* fail(process, `Error: runcmd not executable: ${path}`, 6);
    if (!runs && typeof found === 'string') return yield* fail(process, `Error: rulesfile not readable: ${path}`, 2);
    const kept = `/tmp/${name}-${process.host.kernel.random(`${name}/${process.pid}`).uint32().toString(36).padStart(8, '0')}`;
    const job: Job = { process, family, kept, timeout: Number(wait), saveTo };
    const status = yield* change(job, path, runs);
    unlink(process, kept);
    return status;
  };
}

/**
 * The first operand, '' if there is none. Options are passed over by counting their words as getopt(1) writes them, one for each option
 * and one for each value, so that `-t5` hides what stands behind it.
 */
function operandOf(args: readonly string[], { options }: Parsed): string | undefined {
  const words = options.reduce((sum, { name }) => sum + (name === 'timeout' || name === 'write' ? 2 : 1), 0);
  return words > args.length ? undefined : (args[words] ?? '');
}

function* fail(process: Process, text: string, status: number): Blocking<number> {
  yield* process.write(2, `${text}\n`);
  return status;
}

/** Runs iptables-save or iptables-restore with files for its ends. */
function* tool({ process, family }: Job, word: 'save' | 'restore', ends: { from?: string; to?: string }): Blocking<number> {
  const program = `${family === 4 ? 'iptables' : 'ip6tables'}-${word}`;
  const fds = new Map(process.fds);
  const opened: number[] = [];
  for (const [fd, path] of [
    [0, ends.from],
    [1, ends.to],
  ] as const) {
    if (path === undefined) continue;
    const end = process.open(path, fd === 0 ? { read: true } : { write: true, create: true, truncate: true });
    if (typeof end === 'string') return 1;
    opened.push(end);
    const file = process.fds.get(end);
    if (file) fds.set(fd, file);
  }
  const status = yield* run(process, `/usr/sbin/${program}`, [program], fds);
  for (const end of opened) process.close(end);
  return status;
}

function* run(process: Process, path: string, argv: string[], fds: Process['fds']): Blocking<number> {
  const child = process.spawn(path, { argv, fds });
  if (typeof child === 'string') return 127;
  const status = yield* process.wait({ pid: child.pid });
  return typeof status === 'object' ? status.code : 1;
}

function* revert(job: Job): Blocking<void> {
  yield* job.process.write(1, 'Reverting to old iptables rules... ');
  yield* tool(job, 'restore', { from: job.kept });
  yield* job.process.write(1, 'done.\n');
}

/** Keeps what is there, puts the new in its place and asks. */
function* change(job: Job, path: string, runs: boolean): Blocking<number> {
  const { process } = job;
  yield* tool(job, 'save', { to: job.kept });
  yield* process.write(1, runs ? `Running command '${path}'... ` : `Applying new iptables rules from '${path}'... `);
  const status = runs ? yield* run(process, path, [path], new Map(process.fds)) : yield* tool(job, 'restore', { from: path });
  if (status !== 0) {
    yield* process.write(1, 'failed.\n');
    yield* process.write(2, `Error: unknown error ${runs ? 'running command' : 'applying new iptables rules'}: ${path}\n`);
    yield* revert(job);
    return runs ? 7 : 5;
  }
  yield* process.write(1, 'done.\nCan you establish NEW connections to the machine? (y/N) ');
  const answer = yield* oneByte(job);
  yield* process.write(1, '\n');
  if (answer !== 'y' && answer !== 'Y') {
    const why = answer === '' || answer === '\n' ? 'Timeout! Something happened (or did not).' : 'No affirmative response!';
    yield* process.write(1, `${why} Better play it safe...\n`);
    yield* revert(job);
    return 255;
  }
  if (job.saveTo !== '') {
    yield* process.write(1, `Writing successfully applied rules to '${job.saveTo}'...\n`);
    if ((yield* tool(job, 'save', { to: job.saveTo })) !== 0)
      return yield* fail(process, `Error: unknown error writing successfully applied rules: ${job.saveTo}`, 9);
  }
  yield* process.write(1, '... then my job is done. See you next time.\n');
  return 0;
}

/** The first character of the answer; '' when none comes in time. */
function* oneByte({ process, timeout }: Job): Blocking<string> {
  const until = process.host.now + timeout * SECOND;
  for (;;) {
    const file = process.fds.get(0);
    if (!file) return '';
    const bytes = file.read(1);
    if (bytes !== 'EAGAIN') return typeof bytes === 'string' || bytes.length === 0 ? '' : String.fromCharCode(bytes[0] as number);
    if ((yield { on: [file.readable], until }) === 'timeout') return '';
  }
}
