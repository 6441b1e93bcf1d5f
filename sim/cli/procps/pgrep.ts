import type { Blocking } from '../../host/wait.ts';
import { notModelled } from '../command.ts';
import { currentUser } from '../tool/accounts.ts';
import type { Call } from '../tool/call.ts';
import { compilePosix, isPosixError } from '../posix-regex.ts';
import { flag, type Tool, type ToolOption, unmodelled, valued } from '../tool/tool.ts';
import { signalNumber, signalOf } from './signals.ts';
import { commandLine, processTable, type Row, terminalName } from './table.ts';

const SELECTION: readonly ToolOption[] = [
  flag('f', 'full', 'match the whole command line'),
  valued('g', 'pgroup', 'PGIDS', 'only these process groups'),
  flag('i', 'ignore-case', 'capital and small letters are the same'),
  flag('n', 'newest', 'only the newest'),
  flag('o', 'oldest', 'only the oldest'),
  valued('P', 'parent', 'PPIDS', 'only children of these'),
  valued('s', 'session', 'SIDS', 'only these sessions'),
  valued('t', 'terminal', 'TERMINALS', 'only these terminals'),
  valued('u', 'euid', 'USERS', 'only these users'),
  valued('U', 'uid', 'USERS', 'only these users'),
  flag('x', 'exact', 'the whole name or command line must match'),
  flag('v', 'inverse', 'those that do not match'),
  { ...unmodelled('F', 'pidfile'), argument: 'required' },
  { ...unmodelled('', 'ns'), argument: 'required' },
];

/** The processes that match, or the exit status after a complaint. The command never finds itself. */
function* matching(call: Call): Blocking<Row[] | number> {
  const [pattern, extra] = call.operands;
  if (extra !== undefined) return yield* hint(call, 'only one pattern can be provided');
  if (pattern === undefined && !call.has('parent', 'terminal', 'euid', 'uid', 'pgroup', 'session')) {
    return yield* hint(call, 'no matching criteria specified');
  }
  const regex = compilePosix(pattern ?? '', { extended: true, ignoreCase: call.has('ignore-case') });
  if (isPosixError(regex)) return yield* call.fail(`regex error: ${regex.error}`, 2);
  const whole = call.has('exact') ? new RegExp(`^(?:${regex.source})$`, regex.flags) : regex;
  const list = (name: string) => call.value(name)?.split(',');
  const among = (name: string, value: string) => list(name)?.includes(value) ?? true;
  const user = currentUser(call.process);
  const users = [...(list('euid') ?? []), ...(list('uid') ?? [])];
  const rows = processTable(call.process).filter((row) => {
    if (row.process === call.process) return false;
    const text = call.has('full') ? commandLine(row.process) : row.process.name;
    const hit =
      whole.test(text) &&
      among('parent', String(row.ppid)) &&
      among('pgroup', String(row.pgid)) &&
      among('session', String(row.sid)) &&
      among('terminal', terminalName(row.process)) &&
      (users.length === 0 || users.includes(user) || users.includes('0'));
    return hit !== call.has('inverse');
  });
  const byStart = rows.toSorted((a, b) => a.process.started - b.process.started || a.pid - b.pid);
  if (call.has('newest')) return byStart.slice(-1);
  return call.has('oldest') ? byStart.slice(0, 1) : rows;
}

function* hint(call: Call, error: string): Blocking<number> {
  yield* call.complain(`${call.name}: ${error}\nTry \`${call.name} --help' for more information.\n`);
  return 2;
}

export const pgrep: Tool = {
  name: 'pgrep',
  suite: 'procps-ng',
  usage: ['[options] <pattern>'],
  about: 'Print the numbers of the processes whose names match an extended regular expression.',
  options: [
    valued('d', 'delimiter', 'STRING', 'what stands between numbers, instead of newline'),
    flag('l', 'list-name', 'with names'),
    flag('a', 'list-full', 'with command lines'),
    flag('c', 'count', 'only how many'),
    flag('', 'quiet', 'print nothing'),
    ...SELECTION,
  ],
  usageStatus: 2,
  *main(call) {
    const rows = yield* matching(call);
    if (typeof rows === 'number') return rows;
    if (call.has('count')) yield* call.out.text(`${rows.length}\n`);
    else if (rows.length > 0 && !call.has('quiet')) {
      const lines = rows.map((row) =>
        call.has('list-full')
          ? `${row.pid} ${commandLine(row.process)}`
          : call.has('list-name')
            ? `${row.pid} ${row.process.name}`
            : String(row.pid),
      );
      yield* call.out.text(`${lines.join(call.value('delimiter') ?? '\n')}\n`);
    }
    return rows.length > 0 ? 0 : 1;
  },
};

export const pkill: Tool = {
  name: 'pkill',
  suite: 'procps-ng',
  usage: ['[options] <pattern>'],
  about: 'Send a signal, TERM unless told otherwise, to the processes whose names match an extended regular expression.',
  options: [
    { ...valued('', 'signal', 'SIGNAL', 'the signal; also -SIGNAL'), name: 'signal' },
    flag('e', 'echo', 'say what is killed'),
    flag('c', 'count', 'print how many'),
    ...SELECTION,
  ],
  usageStatus: 2,
  rewrite: (args) =>
    args.flatMap((arg) =>
      /^-(\d+|(SIG)?[A-Z][A-Z0-9]{2,})$/.test(arg) && signalNumber(arg.slice(1)) !== undefined ? ['--signal', arg.slice(1)] : [arg],
    ),
  *main(call) {
    const number = signalNumber(call.value('signal') ?? 'TERM');
    if (number === undefined) return yield* call.fail(`Unknown signal "${call.value('signal')}".`, 2);
    const rows = yield* matching(call);
    if (typeof rows === 'number') return rows;
    const signal = signalOf(number);
    if (number !== 0 && !signal) {
      yield* call.complain(notModelled(call.name, `signal ${number}`));
      return 2;
    }
    for (const row of rows) {
      if (signal) row.process.signal(signal);
      if (call.has('echo')) yield* call.out.text(`${row.process.name} killed (pid ${row.pid})\n`);
    }
    if (call.has('count')) yield* call.out.text(`${rows.length}\n`);
    return rows.length > 0 ? 0 : 1;
  },
};

export const pidof: Tool = {
  name: 'pidof',
  suite: 'procps-ng',
  paths: ['/usr/bin/pidof'],
  usage: ['[options] [program [...]]'],
  about: 'Print the numbers of the processes that run programs, the newest first.',
  options: [
    flag('s', 'single-shot', 'only one number'),
    flag('q', '', 'print nothing'),
    flag('x', '', 'scripts too, as anyway'),
    valued('o', 'omit-pid', 'PIDS', 'leave out these'),
    valued('S', 'separator', 'SEP', 'what stands between numbers, instead of a space'),
  ],
  *main(call) {
    const omitted = new Set(call.values('omit-pid').flatMap((list) => list.split(',')));
    const found: number[] = [];
    for (const program of call.operands) {
      const base = program.slice(program.lastIndexOf('/') + 1);
      const rows = processTable(call.process).filter(({ process, pid }) => {
        const argv0 = process.argv[0] ?? '';
        return (
          process !== call.process &&
          !omitted.has(String(pid)) &&
          (process.name === base.slice(0, 15) || argv0.slice(argv0.lastIndexOf('/') + 1) === base)
        );
      });
      found.push(...rows.map((row) => row.pid).reverse());
    }
    if (found.length === 0) return 1;
    const shown = call.has('single-shot') ? found.slice(0, 1) : found;
    if (!call.has('q')) yield* call.out.text(`${shown.join(call.value('separator') ?? ' ')}\n`);
    return 0;
  },
};
