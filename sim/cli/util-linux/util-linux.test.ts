import { expect, test } from 'vitest';
import { commands as coreutils } from '../coreutils/index.ts';
import { shellCommands } from '../bash/main.ts';
import { commands as hostname } from '../hostname/hostname.ts';
import { run, testMachine } from '../harness.ts';
import { commands } from './index.ts';

const machine = () => testMachine([...commands, ...coreutils, ...hostname, ...shellCommands(() => undefined)]);

test('unshare gives a host name of its own, which ends with the program', () => {
  const host = machine();
  expect(run(host, '/usr/bin/unshare', ['-u', 'sh', '-c', 'hostname inner; hostname'])).toMatchObject({ stdout: 'inner\n', status: 0 });
  expect(run(host, '/usr/bin/hostname')).toMatchObject({ stdout: 'host1\n' });
});

test('in a new PID namespace the first process is number 1', () => {
  expect(run(machine(), '/usr/bin/unshare', ['-p', '-f', 'sh', '-c', 'echo $$'])).toMatchObject({ stdout: '1\n', status: 0 });
});

test('a network namespace ends with the last process in it', () => {
  const host = machine();
  run(host, '/usr/bin/unshare', ['-n', 'true']);
  expect(host.kernel.namespaces.size).toBe(1);
});

test.each([
  [['-n', 'true'], 'nsenter: no target PID specified\n', 1],
  [['-t', 'abc', '-n', 'true'], 'nsenter: invalid PID argument\n', 1],
  [['-t', '999999', '-n', 'true'], 'nsenter: cannot open /proc/999999/ns/net: No such file or directory\n', 1],
  [['--net=/etc', 'true'], "nsenter: reassociate to namespace 'ns/net' failed: Invalid argument\n", 1],
  [['-q'], "nsenter: invalid option -- 'q'\nTry 'nsenter --help' for more information.\n", 1],
  [['nosuch'], 'nsenter: failed to execute nosuch: No such file or directory\n', 127],
])('nsenter %j explains itself', (args, stderr, status) => {
  expect(run(machine(), '/usr/bin/nsenter', args)).toMatchObject({ stdout: '', stderr, status });
});
