import { expect, test } from 'vitest';
import { procfs } from '../../host/filesystems/procfs.ts';
import type { Host } from '../../host/host.ts';
import { busybox } from './busybox.ts';
import { testMachine } from '../harness.ts';
import { makeDirectories } from '../install.ts';
import { runPipeline } from '../tool/transcript.ts';

const commands = [busybox];

/** Runs the transcript's commands on a machine with /proc and gives it back with what they print. */
function replayed(transcript: string): string {
  const host = testMachine(commands);
  makeDirectories(host.init.namespaces.mnt.root, '/t');
  makeDirectories(host.init.namespaces.mnt.root, '/proc');
  host.init.namespaces.mnt.mount(host.init, '/proc', procfs(host), 'proc', 'proc');
  const lines = transcript.split('\n').filter((line) => line.startsWith('$ '));
  return lines.map((line) => `${line}\n${outcome(host, line.slice(2))}`).join('');
}

/** Words are separated by spaces and may be in single quotes. */
function outcome(host: Host, line: string): string {
  const argv = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
  const { output, status } = runPipeline(host, commands, [argv]);
  return `${output}${output === '' || output.endsWith('\n') ? '' : '%\n'}${status === 0 ? '' : `? ${status}\n`}`;
}

test('sysctl of busybox', () => {
  const recorded = `
$ busybox sysctl -w net.ipv4.ip_forward=1
net.ipv4.ip_forward = 1
$ busybox sysctl net.ipv4.ip_forward
net.ipv4.ip_forward = 1
$ busybox sysctl -n net.ipv4.ip_forward
1
$ busybox sysctl -w net.ipv4.ip_forward=0
net.ipv4.ip_forward = 0
$ busybox sysctl net.ipv4.nosuch
sysctl: error: 'net.ipv4.nosuch' is an unknown key
? 1
$ busybox sysctl -w net.ipv4.ip_forward
sysctl: error: 'net.ipv4.ip_forward' must be of the form name=value
? 1
$ busybox sysctl -w net.ipv4.nosuch=1
sysctl: error: 'net.ipv4.nosuch' is an unknown key
? 1
$ busybox sysctl -e net.ipv4.nosuch
? 1
$ busybox sysctl -q -w net.ipv4.ip_forward=1
$ busybox sysctl net.ipv4.conf.lo.rp_filter net.ipv4.conf.lo.forwarding
net.ipv4.conf.lo.rp_filter = 0
net.ipv4.conf.lo.forwarding = 1
`.slice(1);
  expect(replayed(recorded)).toBe(recorded);
});

test('hostname of busybox', () => {
  const recorded = `
$ busybox hostname host1
$ busybox hostname
host1
$ busybox hostname box.example
$ busybox hostname -s
box
$ busybox hostname
box.example
`.slice(1);
  expect(replayed(recorded)).toBe(recorded);
});
