import { expect, test } from 'vitest';
import { PidNamespace } from '../../host/namespaces.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { testMachine } from '../harness.ts';
import { replay, runPipeline } from '../tool/transcript.ts';
import { commands as procps } from './index.ts';

const commands = [...procps, ...coreutils];

function machineWithSleepers() {
  const host = testMachine(commands);
  for (const time of ['100', '99']) host.init.spawn('/usr/bin/sleep', { argv: ['sleep', time], session: { tty: undefined } });
  const run = (...argv: string[]) => runPipeline(host, commands, [argv]);
  return { host, run };
}

test('ps -ef shows who started whom', () => {
  const { run } = machineWithSleepers();
  expect(run('ps', '-ef').output).toBe(
    [
      'UID          PID    PPID  C STIME TTY          TIME CMD',
      'root           1       0  0 00:00 ?        00:00:00 /sbin/init',
      'root           2       1  0 00:00 ?        00:00:00 sleep 100',
      'root           3       1  0 00:00 ?        00:00:00 sleep 99',
      'root           4       1  0 00:00 ?        00:00:00 ps -ef',
      '',
    ].join('\n'),
  );
});

test('ps aux and ps -l have their own columns', () => {
  const { run } = machineWithSleepers();
  expect(run('ps', 'aux').output.split('\n').slice(0, 3)).toEqual([
    'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND',
    'root           1  0.0  0.0      0     0 ?        Ss   00:00   0:00 /sbin/init',
    'root           2  0.0  0.0      0     0 ?        Ss   00:00   0:00 sleep 100',
  ]);
  expect(run('ps', '-l').output.split('\n')[0]).toBe('F S   UID     PID    PPID  C PRI  NI ADDR SZ WCHAN  TTY          TIME CMD');
});

test('ps -o takes columns, widths and headings', () => {
  const { run } = machineWithSleepers();
  expect(run('ps', '-p', '2,3', '-o', 'pid,ppid,comm,args').output).toBe(
    '    PID    PPID COMMAND         COMMAND\n      2       1 sleep           sleep 100\n      3       1 sleep           sleep 99\n',
  );
  expect(run('ps', '-C', 'sleep', '-o', 'pid=', '-o', 'comm=').output).toBe('      2 sleep\n      3 sleep\n');
  expect(run('ps', '-p', '2', '-o', 'pid:10,comm=NAME').output).toBe('       PID NAME\n         2 sleep\n');
  expect(run('ps', '-C', 'sleep', '-o', 'pid,comm', '--sort=-pid', '--no-headers').output).toBe('      3 sleep\n      2 sleep\n');
  expect(run('ps', '-p', '99').status).toBe(1);
});

test('ps axf draws the tree', () => {
  const { run } = machineWithSleepers();
  expect(run('ps', 'axf').output).toContain('      2 ?        Ss     0:00  \\_ sleep 100\n');
});

test('a process in a PID namespace sees only its own, numbered from 1', () => {
  const { host } = machineWithSleepers();
  const pid = new PidNamespace();
  const namespaces = { ...host.init.namespaces, pid };
  const container = host.init.spawn('/usr/bin/sleep', { argv: ['sleep', '50'], namespaces, session: { tty: undefined } });
  if (typeof container === 'string') throw new Error(container);
  const seen: string[] = [];
  const inside = container.fork(function* (process) {
    const { read, write } = process.pipe();
    const end = process.fds.get(write);
    if (!end) return 1;
    process.spawn('/usr/bin/ps', { argv: ['ps', '-e', '-o', 'pid,ppid,args'], fds: new Map([[1, end]]) });
    process.close(write);
    const bytes = yield* process.read(read);
    if (typeof bytes !== 'string') seen.push(String.fromCharCode(...bytes));
    return 0;
  });
  expect(typeof inside).toBe('object');
  host.events.runUntil(host.now + 1_000_000);
  expect(seen[0]?.split('\n')).toEqual([
    '    PID    PPID COMMAND',
    '      1       0 sleep 50',
    '      2       1 sleep 50',
    '      3       2 ps -e -o pid,ppid,args',
    '',
  ]);
});

test('kill and pkill end processes by number and by name', () => {
  const { host, run } = machineWithSleepers();
  expect(run('pgrep', '-a', 'sleep').output).toBe('2 sleep 100\n3 sleep 99\n');
  expect(run('pgrep', '-f', 'sleep 9').output).toBe('3\n');
  expect(run('pidof', 'sleep').output).toBe('3 2\n');
  expect(run('kill', '-9', '2').status).toBe(0);
  expect(run('pgrep', '-c', 'sleep').output).toBe('1\n');
  expect(run('pkill', '-e', '-TERM', 'sleep').output).toBe('sleep killed (pid 3)\n');
  expect(run('pgrep', 'sleep').status).toBe(1);
  host.events.settle();
  expect(host.processes().map((process) => process.name)).toEqual(['init']);
});

test('a stopped process is T until it is continued', () => {
  const { run } = machineWithSleepers();
  run('kill', '-STOP', '2');
  expect(run('ps', '-p', '2', '-o', 's=').output).toBe('T\n');
  run('kill', '-CONT', '2');
  expect(run('ps', '-p', '2', '-o', 's=').output).toBe('S\n');
});

test('uptime counts virtual time', () => {
  const host = testMachine(commands);
  host.events.runUntil(3_900 * 1_000_000);
  expect(runPipeline(host, commands, [['uptime']]).output).toBe(' 01:05:00 up  1:05,  0 users,  load average: 0.00, 0.00, 0.00\n');
  expect(runPipeline(host, commands, [['uptime', '-p']]).output).toBe('up 1 hour, 5 minutes\n');
});

test('top -b prints pages', () => {
  const { run } = machineWithSleepers();
  const { output } = run('top', '-b', '-n', '1');
  expect(output).toContain('Tasks: 4 total, 1 running, 3 sleep, 0 d-sleep, 0 stopped, 0 zombie\n');
  expect(output).toContain('      2 root      20   0       0      0      0 S   0.0   0.0   0:00.00 sleep\n');
});

test("errors are in procps' words", () => {
  const recorded = String.raw`
$ kill 99999
kill: (99999): No such process
? 1
$ kill abc
kill: failed to parse argument: 'abc'
? 1
$ kill -s FOO 1
kill: (1): Invalid argument
? 1
$ kill -l TERM
15
$ kill -l 9
KILL
$ kill -l
HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT
CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS
$ pgrep
pgrep: no matching criteria specified
Try ${'`'}pgrep --help' for more information.
? 2
$ pgrep a b
pgrep: only one pattern can be provided
Try ${'`'}pgrep --help' for more information.
? 2
$ pgrep '('
pgrep: regex error: Unmatched ( or \(
? 2
$ pidof nosuch
? 1
$ ps -o foo
error: unknown user-defined format specifier "foo"

Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
? 1
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
