import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Symlink } from '../../host/inode.ts';
import { run, testMachine } from '../harness.ts';
import { place } from '../install.ts';
import { appletNames } from './applet-names.ts';
import { applets } from './applets.ts';
import { busybox } from './busybox.ts';

test('the first argument, or the name of the link, says which applet runs', () => {
  const host = testMachine([busybox]);
  expect(run(host, '/usr/bin/busybox', ['echo', 'hello'])).toMatchObject({ stdout: 'hello\n', status: 0 });
  place(host.init.namespaces.mnt.root, '/bin/echo', new Symlink('/usr/bin/busybox'));
  expect(run(host, '/bin/echo', ['hello'])).toMatchObject({ stdout: 'hello\n', status: 0 });
  expect(run(host, '/usr/bin/busybox', ['nosuch'])).toMatchObject({ stderr: 'nosuch: applet not found\n', status: 127 });
});

test('applets that the real one has and this one does not are refused by name', () => {
  const missing = appletNames.filter((name) => !applets.has(name) && name !== 'busybox');
  const host = testMachine([busybox]);
  for (const name of missing.slice(0, 3)) {
    expect(run(host, '/usr/bin/busybox', [name]).stderr).toBe(`busybox: the applet ${name} is not modelled (see sim/FIDELITY.md)\n`);
  }
});

test('every applet is one of the real busybox, and --list names those that run', () => {
  const real = new Set(appletNames);
  for (const name of applets.keys()) expect(real.has(name), name).toBe(true);
  const listed = run(testMachine([busybox]), '/usr/bin/busybox', ['--list'])
    .stdout.trimEnd()
    .split('\n');
  expect(listed).toEqual([...applets.keys(), 'busybox'].sort());
});

test('without arguments it introduces itself and its applets', () => {
  const { stdout } = run(testMachine([busybox]), '/usr/bin/busybox');
  expect(stdout).toMatch(/^BusyBox v1\.38\.0 .* multi-call binary\.\n/);
  const functions = stdout.slice(stdout.indexOf('Currently defined functions:'));
  expect(functions).toContain(' ip,');
  for (const line of functions.split('\n').slice(1)) expect(line.length + 7).toBeLessThanOrEqual(80);
});

const WORDS = [
  ...['link', 'addr', 'route', 'neigh', 'rule', 'show', 'add', 'del', 'set', 'get', 'flush', 'list', 'change', 'replace', 'dev', 'via'],
  ...['up', 'down', 'mtu', 'name', 'address', 'master', 'type', 'veth', 'bridge', 'peer', 'metric', 'table', 'src', 'scope', 'to', 'from'],
  ...['-n', '-a', '-i', '-d', '-s', '-4', '-6', '-o', '-A', '-w', '-q', '-c', '-net', '-host', 'gw', 'netmask', 'hw', 'ether', 'reject'],
  ...[
    'lo',
    'v0',
    'br0',
    'nosuch',
    '10.0.0.1',
    '10.0.0.1/24',
    '10.0.0.0/99',
    '::1/64',
    'default',
    '02:00:00:00:00:01',
    '0',
    '1',
    '-1',
    'x',
    '',
  ],
];

test('whatever is typed, the network applets answer with an exit status', () => {
  const host = testMachine([busybox]);
  const applet = fc.constantFrom('ip', 'arp', 'route', 'ifconfig', 'brctl', 'hostname', 'sysctl');
  const words = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...WORDS) }, fc.string({ maxLength: 8 })), { maxLength: 7 });
  fc.assert(
    fc.property(applet, words, (name, args) => {
      const { status } = run(host, '/usr/bin/busybox', [name, ...args.map((word) => word.replaceAll('\0', ''))]);
      expect(status).toBeLessThanOrEqual(127);
    }),
    { numRuns: 800, seed: 1 },
  );
});
