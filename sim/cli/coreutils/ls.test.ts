import { expect, test } from 'vitest';
import { makeFifo, makeSymlink } from '../tool/filesystem.ts';
import { Tty } from '../../host/tty.ts';
import { testMachine } from '../harness.ts';
import { commands } from './index.ts';

/** What `ls` prints on a terminal of 40 columns. */
function onTerminal(term: string, ...args: string[]): string {
  const host = testMachine(commands, { '/t/alpha': 'x', '/t/b c': '', '/t/dir/inner': '', "/t/it's": '', '/t/gamma.txt': '' });
  makeSymlink(host.init, 'alpha', '/t/link');
  makeFifo(host.init, '/t/pipe');
  const tty = new Tty(host, 0);
  tty.resize(40, 10);
  let output = '';
  tty.onOutput = (bytes) => {
    output += String.fromCharCode(...bytes);
  };
  const fds = new Map([0, 1, 2].map((fd) => [fd, tty.slave]));
  const env = new Map(host.init.env).set('TERM', term);
  host.init.spawn('/usr/bin/ls', { argv: ['ls', ...args], fds, env, session: { tty }, cwd: '/t' });
  host.events.settle();
  expect(host.bugs).toEqual([]);
  return output.replaceAll('\r\n', '\n');
}

test('on a terminal, names stand in columns and are quoted as a shell needs them', () => {
  expect(onTerminal('dumb')).toBe(" alpha\t dir\t    \"it's\"   pipe\n'b c'\t gamma.txt   link\n");
  expect(onTerminal('dumb', '-1')).toBe("alpha\n'b c'\ndir\ngamma.txt\n\"it's\"\nlink\npipe\n");
  expect(onTerminal('dumb', '-N', '-x')).toBe("alpha  b c  dir  gamma.txt  it's  link\npipe\n");
  expect(onTerminal('dumb', '-l', '--time-style=+T').split('\n').slice(0, 3)).toEqual([
    'total 8',
    '-rw-r--r-- 1 root root    1 T  alpha',
    "-rw-r--r-- 1 root root    0 T 'b c'",
  ]);
});

test('colours say what a file is, where the terminal has colours', () => {
  expect(onTerminal('xterm', '--color=auto')).toBe(
    " alpha   \x1b[0m\x1b[01;34mdir\x1b[0m        \"it's\"   \x1b[33mpipe\x1b[0m\n'b c'    gamma.txt   \x1b[01;36mlink\x1b[0m\n",
  );
  expect(onTerminal('dumb', '--color=auto', '-1')).not.toContain('\x1b');
});
