import { expect, test } from 'vitest';
import { run, testMachine } from '../harness.ts';
import { ip } from './ip.ts';
import { OpenMonitor } from '../../host/netlink/monitor.ts';

test('an address tells itself and the routes that it brings, in the kernel’s order, and takes them back', () => {
  const host = testMachine([ip]);
  run(host, '/usr/bin/ip', ['link', 'set', 'lo', 'up']);
  const monitor = new OpenMonitor(host.init, host.init.namespaces.net).hold();
  run(host, '/usr/bin/ip', ['addr', 'add', '10.0.0.1/24', 'dev', 'lo']);
  run(host, '/usr/bin/ip', ['addr', 'del', '10.0.0.1/24', 'dev', 'lo']);
  const told: string[] = [];
  for (let next = monitor.next(); next; next = monitor.next())
    told.push(
      `${next.gone ? 'gone ' : ''}${next.kind}${next.kind === 'route' ? ` ${next.route.type}/${next.route.destination.length}` : ''}`,
    );
  expect(told).toEqual([
    'address',
    'route local/32',
    'route local/24',
    'route broadcast/32',
    'gone address',
    'gone route local/24',
    'gone route broadcast/32',
    'gone route local/32',
  ]);
  monitor.release();
  run(host, '/usr/bin/ip', ['addr', 'add', '10.0.0.2/24', 'dev', 'lo']);
  expect(monitor.next()).toBeUndefined();
});

test('a route by a next hop object follows when the object changes, and goes with it', () => {
  const host = testMachine([ip]);
  const show = () => run(host, '/usr/bin/ip', ['route', 'show', '10.9.0.0/16']).stdout;
  for (const line of [
    'link add v0 type veth peer name v1',
    'link set v0 up',
    'link set v1 up',
    'addr add 10.0.0.1/24 dev v0',
    'nexthop add id 7 via 10.0.0.2 dev v0',
    'route add 10.9.0.0/16 nhid 7',
  ])
    expect(run(host, '/usr/bin/ip', line.split(' ')).status).toBe(0);
  expect(show()).toBe('10.9.0.0/16 nhid 7 via 10.0.0.2 dev v0 \n');
  run(host, '/usr/bin/ip', 'nexthop replace id 7 via 10.0.0.3 dev v0'.split(' '));
  expect(show()).toBe('10.9.0.0/16 nhid 7 via 10.0.0.3 dev v0 \n');
  run(host, '/usr/bin/ip', 'nexthop del id 7'.split(' '));
  expect(show()).toBe('');
});
