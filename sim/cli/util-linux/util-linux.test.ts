import { expect, test } from 'vitest';
import { commands as coreutils } from '../coreutils/index.ts';
import { shellCommands } from '../bash/main.ts';
import { commands as hostname } from '../hostname/hostname.ts';
import { run, testMachine, typist } from '../harness.ts';
import { commands as registered } from '../registry.ts';
import { commands } from './index.ts';

const machine = () => testMachine([...commands, ...coreutils, ...hostname, ...shellCommands()]);

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

test("a namespace's file that is mounted on a name keeps the network when its process has gone", () => {
  const type = typist(registered);
  type('ip netns add known; unshare -n sleep 1 & touch /run/netns/kept; mount --bind /proc/$!/ns/net /run/netns/kept; wait');
  expect(type('ip -n kept -br link').stdout).toContain('lo ');
  expect(type('mount | tail -1').stdout).toBe('nsfs on /run/netns/kept type nsfs (rw)\n');
  expect(type('umount /run/netns/kept; ip -n kept link').stderr).not.toBe('');
});

test('what is mounted covers what was there, until it is unmounted; nobody may be inside', () => {
  const type = typist(registered);
  type('mkdir /m; echo below > /m/file; mount -t tmpfs none /m; echo above > /m/file');
  expect(type('cat /m/file').stdout).toBe('above\n');
  expect(type('cd /m; umount /m; echo $?')).toMatchObject({ stdout: '32\n', stderr: 'umount: /m: target is busy.\n' });
  expect(type('cd /; umount /m; cat /m/file').stdout).toBe('below\n');
  expect(type('umount /m').stderr).toBe('umount: /m: not mounted.\n');
});

test('a container is entered with all the namespaces that are usual, those included that everybody shares', () => {
  const type = typist(registered);
  const inside = 'unshare -n -u sleep 100 & sleep 0.1; nsenter -t $! -u hostname inner';
  expect(type(`${inside}; nsenter -t $! -m -u -i -n -p hostname; kill $!`).stdout).toBe('inner\n');
  expect(type('nsenter -t $$ -U true').stderr).toBe('nsenter: reassociate to namespaces failed: Invalid argument\n');
});

test("root of a user namespace rules over what was made inside, and over nothing of the machine's", () => {
  const type = typist(registered);
  expect(type('unshare -r id -un; unshare -U id -u; unshare -Ur cat /proc/self/uid_map').stdout).toBe(
    'root\n65534\n         0          0          1\n',
  );
  expect(type('unshare -Urn sh -c "ip link set lo up; ip -br addr"').stdout).toContain('127.0.0.1/8');
  expect(type('unshare -Ur ip link set lo down').stderr).toBe('RTNETLINK answers: Operation not permitted\n');
  expect(type('unshare -Un ip link set lo up').stderr).toBe('RTNETLINK answers: Operation not permitted\n');
  type('mkdir /m');
  expect(type('unshare -Ur mount -t tmpfs none /m').status).toBe(32);
  expect(type('unshare -Urm mount -t tmpfs none /m').status).toBe(0);
});
