import { expect, test } from 'vitest';
import { procfs } from '../../host/filesystems/procfs.ts';
import type { Host } from '../../host/host.ts';
import { commands as own } from './sysctl.ts';
import { testMachine } from '../harness.ts';
import { makeDirectories } from '../install.ts';
import { runPipeline } from '../tool/transcript.ts';

const commands = own;

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

test('sysctl reads and writes what is below /proc/sys', () => {
  const recorded = `
$ sysctl net.ipv4.ip_forward
net.ipv4.ip_forward = 0
$ sysctl -n net.ipv4.ip_forward
0
$ sysctl -w net.ipv4.ip_forward=1
net.ipv4.ip_forward = 1
$ sysctl net.ipv4.ip_forward=0
net.ipv4.ip_forward = 0
$ sysctl -q net.ipv4.ip_forward=1
$ sysctl -n net/ipv4/ip_forward
1
$ sysctl -N net.ipv4.ip_forward
net.ipv4.ip_forward
$ sysctl -e net.ipv4.nosuch
$ sysctl net.ipv4.nosuch
sysctl: cannot stat /proc/sys/net/ipv4/nosuch: No such file or directory
? 1
$ sysctl -w net.ipv4.nosuch=1
sysctl: cannot stat /proc/sys/net/ipv4/nosuch: No such file or directory
? 1
$ sysctl -w net.ipv4.ip_forward
sysctl: command line(0): invalid syntax, continuing...
? 1
$ sysctl net.ipv4.conf.lo.rp_filter
net.ipv4.conf.lo.rp_filter = 0
$ sysctl -w net.ipv4.conf.all.rp_filter=2
net.ipv4.conf.all.rp_filter = 2
$ sysctl -w net.ipv4.ip_forward=x
sysctl: setting key "net.ipv4.ip_forward": Invalid argument
? 1
$ sysctl -a -r 'ipv4.conf.lo.(rp_filter|forwarding)$'
net.ipv4.conf.lo.forwarding = 1
net.ipv4.conf.lo.rp_filter = 0
$ sysctl -a --pattern '^net.ipv4.ip_forward$'
net.ipv4.ip_forward = 1
$ sysctl -b net.ipv4.ip_forward
1%
$ sysctl

Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -A                   alias of -a
  -X                   alias of -a
      --deprecated     include deprecated parameters to listing
      --dry-run        Print the key and values but do not write
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
      --system         read values from all system directories
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable
  -o                   does nothing
  -x                   does nothing
  -d                   alias of -h

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
? 1
`.slice(1);
  expect(replayed(recorded)).toBe(recorded);
});
