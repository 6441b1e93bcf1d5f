import { expect, test } from 'vitest';
import { Symlink } from '../../host/inode.ts';
import { run, testMachine } from '../harness.ts';
import { place } from '../install.ts';
import { appletNames } from './applet-names.ts';
import { applets } from './applets.ts';
import { busybox } from './busybox.ts';
import * as coreutils from '../coreutils/index.ts';
import * as diffutils from '../diffutils/index.ts';
import * as findutils from '../findutils/index.ts';
import * as grep from '../grep/index.ts';
import * as less from '../less/index.ts';
import * as procps from '../procps/index.ts';
import * as utilLinux from '../util-linux/index.ts';

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

test('the table of applets has every text tool that the real one has, too', () => {
  const tools = [coreutils, diffutils, findutils, grep, less, procps, utilLinux].flatMap((family) => family.tools).map(({ name }) => name);
  expect(tools.filter((name) => appletNames.includes(name) && !applets.has(name))).toEqual([]);
});
