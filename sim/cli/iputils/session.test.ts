import { expect, test } from 'vitest';
import { decode } from '../../base/bytes.ts';
import { MILLISECOND } from '../../base/time.ts';
import type { Host } from '../../host/host.ts';
import { makePipe } from '../../host/pipe.ts';
import { run, testMachine } from '../harness.ts';
import { ip } from '../iproute2/ip.ts';
import { DEFAULTS, Tool } from '../iproute2/tool.ts';
import { ping } from './ping.ts';

/** A client, a router and a server in a row, each in its own network namespace. */
function threeInARow(): Host {
  const host = testMachine([ip, ping]);
  const lines = [
    'netns add router',
    'netns add server',
    'link add left type veth peer name left netns router',
    'link add right netns router type veth peer name right netns server',
    'addr add 10.0.1.1/24 dev left',
    'link set left up',
    '-n router addr add 10.0.1.254/24 dev left',
    '-n router addr add 10.0.2.254/24 dev right',
    '-n router link set left up',
    '-n router link set right up',
    '-n server addr add 10.0.2.2/24 dev right',
    '-n server link set right up',
    'route add default via 10.0.1.254',
    '-n server route add default via 10.0.2.254',
  ];
  for (const line of lines) expect(run(host, '/usr/bin/ip', line.split(' '))).toMatchObject({ stderr: '', status: 0 });
  const router = new Tool(host.init, 'ip', { ...DEFAULTS }).namespaceOf('router');
  if (typeof router === 'string') throw new Error(router);
  router.sysctl.set('net/ipv4/ip_forward', '1');
  return host;
}

const pinged = (host: Host, line: string) => run(host, '/usr/bin/ping', line.split(' '));

test('a router counts the TTL down and says when it is over', () => {
  const host = threeInARow();
  expect(pinged(host, '-c 1 10.0.2.2').stdout).toContain('64 bytes from 10.0.2.2: icmp_seq=1 ttl=63 time=');
  const { stdout, status } = pinged(host, '-c 1 -t 1 10.0.2.2');
  expect(stdout).toContain('From 10.0.1.254 icmp_seq=1 Time to live exceeded\n');
  expect(stdout).toContain('1 packets transmitted, 0 received, +1 errors, 100% packet loss');
  expect(status).toBe(1);
});

test('without a gateway for it, a router says that there is no route', () => {
  const host = threeInARow();
  const { stdout } = pinged(host, '-c 1 10.0.3.1');
  expect(stdout).toContain('From 10.0.1.254 icmp_seq=1 Destination Net Unreachable\n');
});

/** Runs ping and sends it signals at these milliseconds; both streams of output together. */
function interrupted(host: Host, line: string, signals: readonly [at: number, signal: 'SIGINT' | 'SIGQUIT'][]): string {
  const out = makePipe(host.nextPipeNumber());
  out.reader.hold();
  out.writer.hold();
  const fds = new Map([
    [1, out.writer],
    [2, out.writer],
  ]);
  const child = host.init.spawn('/usr/bin/ping', { argv: ['ping', ...line.split(' ')], fds, cwd: '/', session: { tty: undefined } });
  if (typeof child === 'string') throw new Error(child);
  let ended = false;
  child.onExit.push(() => {
    ended = true;
  });
  const began = host.now;
  const due = [...signals];
  while (!ended && host.events.step()) {
    while (due[0] && host.now - began >= due[0][0] * MILLISECOND) child.signal((due.shift() as (typeof signals)[number])[1]);
  }
  let text = '';
  for (;;) {
    const bytes = out.reader.read(65_536);
    if (typeof bytes === 'string' || bytes.length === 0) return text;
    text += decode(bytes);
  }
}

test('Ctrl-C ends ping with its statistics, Ctrl-\\ shows them in passing', () => {
  const host = threeInARow();
  const lines = interrupted(host, '-i 0.5 10.0.2.2', [
    [1200, 'SIGQUIT'],
    [1800, 'SIGINT'],
  ]).split('\n');
  expect(lines[0]).toBe('PING 10.0.2.2 (10.0.2.2) 56(84) bytes of data.');
  expect(lines.filter((text) => text.startsWith('64 bytes from 10.0.2.2'))).toHaveLength(4);
  // The line stands where it was asked for: after the third answer.
  expect(lines[4]).toMatch(/^\r3\/3 packets, 0% loss, min\/avg\/ewma\/max = [0-9./]+ ms$/);
  expect(lines.slice(-4)[0]).toBe('--- 10.0.2.2 ping statistics ---');
  expect(lines.slice(-4)[1]).toMatch(/^4 packets transmitted, 4 received, 0% packet loss, time 15\d\dms$/);
});

test('names come from /etc/hosts, and so do the names of who answers', () => {
  const host = testMachine([ip, ping], { '/etc/hosts': '127.0.0.1 localhost\n10.0.0.1 web web.example\n' });
  for (const line of ['link set lo up', 'addr add 10.0.0.1/32 dev lo']) run(host, '/usr/bin/ip', line.split(' '));
  expect(pinged(host, '-c 1 web.example').stdout).toMatch(
    /^PING web \(10\.0\.0\.1\) 56\(84\).*\n64 bytes from web \(10\.0\.0\.1\): icmp_seq=1/,
  );
  expect(pinged(host, '-n -c 1 web').stdout).toMatch(/\n64 bytes from 10\.0\.0\.1: icmp_seq=1/);
  expect(pinged(host, '-c 1 10.0.0.1').stdout).toMatch(/\n64 bytes from 10\.0\.0\.1: icmp_seq=1/);
});
