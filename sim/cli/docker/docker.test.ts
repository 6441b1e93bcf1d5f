import { expect, test } from 'vitest';
import { decode, encode } from '../../base/bytes.ts';
import { SECOND } from '../../base/time.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import { makePipe } from '../../host/pipe.ts';
import { exitCode } from '../../host/process.ts';
import { Tty } from '../../host/tty.ts';
import { run } from '../harness.ts';
import { type DockerMachine, dockerMachine, footprint, running } from './docker-machine.fixture.ts';

/** The output of a command that must succeed. */
function output(machine: DockerMachine, ...words: string[]): string {
  const outcome = machine.docker(...words);
  expect(outcome.stderr).toBe('');
  return outcome.stdout;
}

function hostLinks(machine: DockerMachine): string[] {
  return openRtNetlink(machine.host.kernel.init)
    .links()
    .map((link) => `${link.ifindex} ${link.name.replace(/[0-9a-f]{7}$/, '…')}`);
}

test('the three networks are there from the start, and docker0 has the next ifindex', () => {
  const machine = dockerMachine();
  expect(output(machine, 'network', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}}')).toBe(
    'bridge bridge local\nhost host local\nnone null local\n',
  );
  expect(hostLinks(machine)).toEqual(['1 lo', '2 eth0', '3 docker0']);
  const docker0 = openRtNetlink(machine.host.kernel.init).link('docker0');
  expect(docker0?.kind).toBe('bridge');
  expect(output(machine, 'ps')).toBe('CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n');
});

test('a container has its own interfaces, and its numbers go on where the last one left off', () => {
  const machine = dockerMachine();
  // The first pair takes 4 in the host; when it goes, its inner end comes back through the host as 5 (recorded on Linux 6.18).
  expect(output(machine, 'run', '--rm', 'busybox', 'addresses')).toBe(
    '1 lo 65536 127.0.0.1/8\n2 eth0@if4 1500 172.17.0.2/16\ndefault via 172.17.0.1\n',
  );
  expect(output(machine, 'run', '--rm', 'busybox', 'addresses')).toContain('2 eth0@if6 1500 172.17.0.2/16');
  output(machine, 'run', '-d', '--name', 'container-a', 'busybox', 'sleep', '1000');
  expect(output(machine, 'run', '--rm', '--network=container:container-a', 'busybox', 'addresses')).toContain(
    '2 eth0@if8 1500 172.17.0.2/16',
  );
  output(machine, 'run', '-d', '--name', 'container-b', 'busybox', 'sleep', '1000');
  expect(hostLinks(machine)).toEqual(['1 lo', '2 eth0', '3 docker0', '8 veth…', '9 veth…']);
  expect(output(machine, 'exec', 'container-b', 'addresses')).toContain('2 eth0@if9 1500 172.17.0.3/16');
});

test('host, none and container networks', () => {
  const machine = dockerMachine();
  expect(output(machine, 'run', '--rm', '--net=host', 'busybox', 'addresses')).toContain(
    '2 eth0 1500 192.168.50.11/24\n3 docker0 1500 172.17.0.1/16\n',
  );
  expect(output(machine, 'run', '--rm', '--net=none', 'busybox', 'addresses')).toBe('1 lo 65536 127.0.0.1/8\n');
  const id = output(machine, 'run', '-d', '--name', 'one', 'busybox', 'sleep', '1000').trim();
  expect(output(machine, 'run', '--rm', '--network=container:one', 'busybox', 'hostname')).toBe(`${id.slice(0, 12)}\n`);
  expect(machine.docker('run', '--rm', '--net=nosuch', 'busybox', 'true')).toMatchObject({
    status: 125,
    stderr:
      "docker: Error response from daemon: failed to set up container networking: network nosuch not found\n\nRun 'docker run --help' for more information\n",
  });
  expect(machine.docker('run', '--rm', '--network=container:nosuch', 'busybox', 'true').stderr).toContain(
    'docker: Error response from daemon: joining network namespace of container: No such container: nosuch\n',
  );
});

test('the address of a stopped container is the next to be given', () => {
  const machine = dockerMachine();
  for (const name of ['one', 'two', 'three']) output(machine, 'run', '-d', '--name', name, 'busybox', 'polite');
  output(machine, 'stop', 'one');
  output(machine, 'run', '-d', '--name', 'four', 'busybox', 'polite');
  const address = (name: string): string => output(machine, 'inspect', '-f', '{{.NetworkSettings.IPAddress}}', name).trim();
  expect([address('one'), address('two'), address('four')]).toEqual(['', '172.17.0.3', '172.17.0.2']);
});

test('everything is gone when the containers and networks are', () => {
  const machine = dockerMachine();
  // docker0 gets its link-local address with its first port, and keeps it.
  output(machine, 'run', '--rm', 'busybox', 'true');
  const before = footprint(machine.host);
  output(machine, 'network', 'create', 'mynet');
  output(machine, 'run', '-d', '--name', 'one', 'busybox', 'sleep', '1000');
  output(machine, 'run', '-d', '-it', '--name', 'two', '--net', 'mynet', 'busybox');
  output(machine, 'network', 'connect', 'mynet', 'one');
  output(machine, 'exec', '-d', 'one', 'sleep', '500');
  output(machine, 'run', '-d', '--name', 'three', '--network=container:one', 'busybox', 'sleep', '1000');
  output(machine, 'rm', '-f', 'one', 'two', 'three');
  output(machine, 'network', 'rm', 'mynet');
  expect(footprint(machine.host)).toEqual(before);
  expect(machine.engine.execs.size).toBe(0);
});

test('docker stop waits ten seconds for a process 1 that has no handler, then kills it', () => {
  const machine = dockerMachine();
  output(machine, 'run', '-d', '--name', 'deaf', 'busybox', 'sleep', '1000');
  output(machine, 'run', '-d', '--name', 'polite', 'busybox', 'polite');
  expect(machine.docker('stop', 'deaf').took).toBeGreaterThan(10 * SECOND);
  expect(machine.docker('stop', 'polite').took).toBeLessThan(SECOND / 10);
  expect(output(machine, 'ps', '-a', '--format', '{{.Names}}: {{.Status}}')).toMatch(
    /^polite: Exited \(5\) .* ago\ndeaf: Exited \(137\) .* ago\n$/,
  );
  expect(output(machine, 'logs', 'polite')).toBe('waiting\ngoodbye\n');
});

test('exit statuses pass through, and what cannot run has its own', () => {
  const machine = dockerMachine();
  expect(machine.docker('run', '--rm', 'busybox', 'exit', '44').status).toBe(44);
  const missing = machine.docker('run', 'busybox', 'nosuch');
  expect(missing.status).toBe(127);
  expect(
    missing.stderr,
  ).toBe(`docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "nosuch": executable file not found in $PATH

Run 'docker run --help' for more information
`);
  expect(machine.docker('run', 'busybox', '/etc').status).toBe(126);
  expect(machine.docker('run', 'busybox', '/etc/passwd').stderr).toContain('exec: "/etc/passwd": permission denied');
  output(machine, 'run', '-d', '--name', 'xx', 'busybox', 'sleep', '1000');
  expect(machine.docker('exec', 'xx', 'nosuch')).toMatchObject({
    status: 127,
    stdout:
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH\r\n',
  });
  expect(machine.docker('exec', 'xx', 'exit', '3').status).toBe(3);
  expect(machine.docker('exec', '-it', 'xx', 'sh')).toMatchObject({ status: 1, stderr: 'the input device is not a TTY\n' });
});

test('standard input, output and error keep apart', () => {
  const machine = dockerMachine();
  expect(machine.docker('run', '--rm', 'busybox', 'echo', '-2', 'oops')).toMatchObject({ stdout: '', stderr: 'oops\n' });
  expect(run(machine.host, '/usr/bin/docker', ['run', '-i', '--rm', 'busybox', 'sh'], { stdin: 'hello\nworld' }).stdout).toBe(
    'HELLO\nWORLD\n',
  );
  // Without -i nothing gets in.
  expect(run(machine.host, '/usr/bin/docker', ['run', '--rm', 'busybox', 'cat'], { stdin: 'hello' }).stdout).toBe('');
  output(machine, 'run', '-d', '-i', '--name', 'ii', 'busybox');
  expect(run(machine.host, '/usr/bin/docker', ['exec', '-i', 'ii', 'cat'], { stdin: 'into the container' }).stdout).toBe(
    'into the container',
  );
});

test('a container sees its own processes, name, files and environment', () => {
  const machine = dockerMachine();
  const id = output(machine, 'run', '-d', '--name', 'one', '-e', 'A=1', 'busybox', 'sleep', '1000').trim();
  expect(output(machine, 'exec', 'one', 'pids')).toMatch(/^1 sleep 1000\n\d+ pids\n$/);
  expect(output(machine, 'exec', 'one', 'env')).toBe(
    `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOSTNAME=${id.slice(0, 12)}\nA=1\nHOME=/root\n`,
  );
  expect(output(machine, 'exec', 'one', 'cat', '/etc/hosts')).toBe(`127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
fe00::	ip6-localnet
ff00::	ip6-mcastprefix
ff02::1	ip6-allnodes
ff02::2	ip6-allrouters
172.17.0.2	${id.slice(0, 12)}
`);
  expect(output(machine, 'exec', 'one', 'cat', '/etc/hostname')).toBe(`${id.slice(0, 12)}\n`);
  expect(running(machine.host)).toEqual([
    '/sbin/init',
    '/usr/sbin/dockerd',
    '/usr/bin/containerd',
    '/usr/bin/containerd-shim-runc-v2',
    'sleep',
  ]);
});

test('network create, connect and disconnect', () => {
  const machine = dockerMachine();
  output(machine, 'network', 'create', 'mynet');
  output(machine, 'run', '-d', '--name', 'one', 'busybox', 'sleep', '1000');
  output(machine, 'network', 'connect', 'mynet', 'one');
  expect(output(machine, 'exec', 'one', 'addresses')).toMatch(
    /eth0@if\d+ 1500 172\.17\.0\.2\/16\n3 eth1@if\d+ 1500 172\.18\.0\.2\/16\ndefault via 172\.17\.0\.1\n$/,
  );
  expect(output(machine, 'exec', 'one', 'cat', '/etc/resolv.conf')).toContain('nameserver 127.0.0.11\noptions ndots:0\n');
  const refused = machine.docker('network', 'rm', 'mynet');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^Error response from daemon: error while removing network: network mynet has active endpoints \(name:"one" id:"[0-9a-f]{12}"\)\nexit status 1\n$/,
  );
  output(machine, 'network', 'disconnect', 'bridge', 'one');
  // Only the second network is left, and the default route goes there.
  expect(output(machine, 'exec', 'one', 'addresses')).toMatch(
    /^1 lo .*\n3 eth1@if\d+ 1500 172\.18\.0\.2\/16\ndefault via 172\.18\.0\.1\n$/,
  );
  expect(machine.docker('network', 'rm', 'bridge').stderr).toBe(
    'Error response from daemon: bridge is a pre-defined network and cannot be removed\nexit status 1\n',
  );
  expect(output(machine, 'network', 'inspect', 'mynet', '-f', '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}')).toBe(
    '172.18.0.0/16 172.18.0.1\n',
  );
});

test('what is not modelled says so by name', () => {
  const machine = dockerMachine();
  expect(machine.docker('run', '--memory', '1g', 'busybox').stderr).toBe('docker run: --memory is not modelled (see sim/FIDELITY.md)\n');
  expect(machine.docker('push', 'busybox').stderr).toBe("docker: 'docker push' is not modelled (see sim/FIDELITY.md)\n");
  expect(machine.docker('stack', 'ls').stderr).toBe("docker: 'docker stack' is not modelled (see sim/FIDELITY.md)\n");
});

test('pausing stops a container in its tracks', () => {
  const machine = dockerMachine();
  const id = output(machine, 'run', '-d', '--name', 'xx', 'busybox', 'sleep', '2').trim();
  expect(output(machine, 'pause', 'xx')).toBe('xx\n');
  expect(machine.docker('pause', 'xx').stderr).toBe(`Error response from daemon: Container ${id} is already paused\n`);
  expect(machine.docker('exec', 'xx', 'true').stderr).toBe(
    'Error response from daemon: Container xx is paused, unpause the container before exec\n',
  );
  expect(output(machine, 'ps', '--format', '{{.Status}}')).toBe('Up Less than a second (Paused)\n');
  expect(output(machine, 'unpause', 'xx')).toBe('xx\n');
  expect(machine.docker('unpause', 'xx').stderr).toBe(`Error response from daemon: Container ${id} is not paused\n`);
  expect(output(machine, 'wait', 'xx')).toBe('0\n');
});

test('a restart policy starts it again, with growing pauses', () => {
  const machine = dockerMachine();
  output(machine, 'run', '-d', '--name', 'rs', '--restart', 'on-failure:2', 'busybox', 'false');
  const { events } = machine.host;
  const until = machine.host.now + 5 * SECOND;
  while (machine.host.now < until && events.step());
  expect(output(machine, 'inspect', '-f', '{{.RestartCount}} {{.HostConfig.RestartPolicy}} {{.State.Status}}', 'rs')).toBe(
    '2 {on-failure 2} exited\n',
  );
});

test('files written in a container survive a restart, and only a volume is shared', () => {
  const machine = dockerMachine();
  for (const name of ['one', 'two']) output(machine, 'run', '-d', '--name', name, '-v', '/tmp/shared:/data', 'busybox', 'sleep', '1000');
  output(machine, 'exec', 'one', 'write', '/own', 'mine');
  output(machine, 'exec', 'one', 'write', '/data/common', 'ours');
  output(machine, 'restart', '-t', '0', 'one');
  expect(output(machine, 'exec', 'one', 'cat', '/own')).toBe('mine');
  expect(machine.docker('exec', 'two', 'cat', '/own').stderr).toBe('cat: /own: ENOENT\n');
  expect(output(machine, 'exec', 'two', 'cat', '/data/common')).toBe('ours');
});

test('kernel parameters are read-only in a container, unless it is privileged', () => {
  const machine = dockerMachine();
  const file = '/proc/sys/net/ipv4/ip_forward';
  expect(machine.docker('run', '--rm', 'busybox', 'write', file, '0').stderr).toBe(`write: ${file}: EROFS\n`);
  expect(machine.docker('run', '--rm', '--privileged', 'busybox', 'write', file, '0')).toMatchObject({ status: 0, stderr: '' });
  expect(machine.docker('run', '--rm', '--sysctl', 'net.ipv4.ip_forward=1', 'busybox', 'cat', file).stdout).toBe('1\n');
});

test("docker run -it joins two terminals, and control characters are the container's", () => {
  const { host } = dockerMachine();
  const tty = new Tty(host, 0);
  let screen = '';
  tty.onOutput = (bytes) => {
    screen += decode(bytes);
  };
  let status: number | undefined;
  const fds = new Map([0, 1, 2].map((fd) => [fd, tty.slave]));
  const client = host.init.spawn('/usr/bin/docker', { argv: ['docker', 'run', '--rm', '-it', 'busybox', 'sh'], fds, session: { tty } });
  if (typeof client === 'string') throw new Error(client);
  tty.foreground = client.pgid;
  client.onExit.push((ended) => {
    status = exitCode(ended);
  });
  const settle = (): void => {
    for (let i = 0; i < 2_000 && host.events.step(); i++);
  };
  settle();
  tty.input(encode('hello\r'));
  settle();
  expect(screen).toBe('hello\r\nHELLO\r\n');
  tty.input(encode('\x04'));
  settle();
  expect(status).toBe(0);
  expect(tty.termios.icanon).toBe(true);
});

test('Ctrl-C reaches the process of an attached container', () => {
  const { host } = dockerMachine();
  const out = makePipe(host.nextPipeNumber());
  out.reader.hold();
  const fds = new Map([1, 2].map((fd) => [fd, out.writer]));
  const client = host.init.spawn('/usr/bin/docker', { argv: ['docker', 'run', 'busybox', 'polite'], fds, session: { tty: undefined } });
  if (typeof client === 'string') throw new Error(client);
  let status: number | undefined;
  client.onExit.push((ended) => {
    status = exitCode(ended);
  });
  for (let i = 0; i < 500; i++) host.events.step();
  client.signal('SIGINT');
  for (let i = 0; i < 500; i++) host.events.step();
  const text = out.reader.read(1_000);
  expect(typeof text === 'string' ? text : decode(text)).toBe('waiting\n');
  expect(status).toBe(7);
});

test("a client that nobody reads from ends, and does not take the machine's memory", () => {
  const { host } = dockerMachine();
  const out = makePipe(host.nextPipeNumber());
  out.reader.hold();
  const client = host.init.spawn('/usr/bin/docker', {
    argv: ['docker', 'run', 'busybox', 'yes'],
    fds: new Map([[1, out.writer]]),
    session: { tty: undefined },
  });
  if (typeof client === 'string') throw new Error(client);
  for (let i = 0; i < 2_000; i++) host.events.step();
  // Everything stands still between full buffers.
  const before = host.now;
  expect(client.state).toBe('sleeping');
  out.reader.release();
  for (let i = 0; i < 200; i++) host.events.step();
  expect(client.state).toBe('zombie');
  expect(host.now).toBeGreaterThanOrEqual(before);
});

test('the commands of groups are the ones of the top level, and unknown ones are named', () => {
  const machine = dockerMachine();
  expect(output(machine, 'container', 'list', '-q')).toBe('');
  expect(machine.docker('foo')).toMatchObject({
    status: 1,
    stderr: "docker: unknown command: docker foo\n\nRun 'docker --help' for more information\n",
  });
  expect(machine.docker('network', 'foo').stderr).toBe(
    "docker: unknown command: docker network foo\n\nUsage:  docker network\n\nRun 'docker network --help' for more information\n",
  );
  expect(machine.docker('rm').stderr).toBe(
    "docker: 'docker rm' requires at least 1 argument\n\nUsage:  docker rm [OPTIONS] CONTAINER [CONTAINER...]\n\nSee 'docker rm --help' for more information\n",
  );
  expect(machine.docker('--foo')).toMatchObject({
    status: 125,
    stderr: "unknown flag: --foo\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information\n",
  });
});

test('without a daemon the client says where it looked', () => {
  const machine = dockerMachine();
  machine.engine.daemon.signal('SIGKILL');
  expect(machine.docker('ps')).toMatchObject({
    status: 1,
    stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
  });
});

test('docker run -d takes few events: what a reader waits for', () => {
  const machine = dockerMachine();
  output(machine, 'run', '-d', 'busybox', 'sleep', '1000');
  const before = machine.host.events.executed;
  output(machine, 'run', '-d', 'busybox', 'sleep', '1000');
  expect(machine.host.events.executed - before).toBeLessThan(60);
});
