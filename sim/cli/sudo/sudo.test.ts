import { expect, test } from 'vitest';
import { World } from '../../complete.ts';
import { USAGE } from './usage.ts';

/** What a command types at a machine of the book, as a script would read it. */
function typed(command: string): string {
  const world = World.create('linux');
  let output = '';
  const run = world.console('host1').run(`bash -c '${command.replaceAll("'", "'\\''")}' 2>&1 | cat`, (text) => {
    output += text;
  });
  if (world.runUntil(() => run.done) !== 'done') throw new Error(`${command} does not end; printed: ${output}`);
  return output.replaceAll('\r', '');
}

test('instructions found elsewhere run as they stand', () => {
  expect(typed('sudo ip link add br0 type bridge && sudo ip -br link show br0 | cut -c1-21')).toMatch(/^br0 +DOWN/);
  expect(typed('sudo sh -c "exit 3"; echo $?')).toBe('3\n');
  expect(typed('sudo -u root whoami; sudo -n -- true; echo $?; sudo A=2 env | grep ^A')).toBe('root\n0\nA=2\n');
});

test('a command begins with little of the environment, unless it is asked to keep it', () => {
  const environment = 'LANG=C.UTF-8\nTERM=xterm\n';
  const script = 'export FOO=1 LANG=C.UTF-8 TERM=xterm; unset LC_ALL TZ PS1;';
  const lines = typed(`${script} sudo env`);
  expect(lines.split('\n').slice(0, -1).sort()).toEqual(
    [
      ...environment.trim().split('\n'),
      'HOME=/root',
      'LOGNAME=root',
      'MAIL=/var/mail/root',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'SHELL=/bin/bash',
      'SUDO_COMMAND=/usr/bin/env',
      'SUDO_GID=0',
      'SUDO_HOME=/root',
      'SUDO_UID=0',
      'SUDO_USER=root',
      'USER=root',
    ].sort(),
  );
  expect(typed(`${script} sudo -E env | grep FOO; sudo --preserve-env=FOO,BAR env | grep FOO`)).toBe('FOO=1\nFOO=1\n');
});

test('shells: -s here, -i at home; the words of a command come as one, quoted but for dollars', () => {
  expect(typed('cd /tmp; sudo pwd; sudo -i pwd; sudo -s pwd')).toBe('/tmp\n/root\n/tmp\n');
  expect(typed('sudo -s "echo hi there; pwd"')).toBe('/bin/bash: line 1: echo hi there; pwd: command not found\n');
  expect(typed(`sudo -s -- echo '$HOME' 'a b'`)).toBe('/root a b\n');
});

test('what cannot be run', () => {
  expect(typed('sudo nosuch; echo $?; sudo ./x; sudo /etc/passwd; sudo umask')).toBe(`sudo: nosuch: command not found
1
sudo: ./x: command not found
sudo: /etc/passwd: command not found
sudo: umask: command not found
`);
  expect(typed('sudo cd /')).toBe(`sudo: cd: command not found
sudo: "cd" is a shell built-in command, it cannot be run directly.
sudo: the -s option may be used to run a privileged shell.
sudo: the -D option may be used to run a command in a specific directory.
`);
  expect(typed('sudo -u nobody id')).toMatch(/^sudo: another user than root is not modelled/);
});

test('wrong arguments, and what is allowed', () => {
  expect(typed('sudo; echo $?')).toBe(`${USAGE}1\n`);
  expect(typed('sudo -x')).toBe(`sudo: invalid option -- 'x'\n${USAGE}`);
  expect(typed('sudo -u')).toBe(`sudo: option requires an argument -- 'u'\n${USAGE}`);
  expect(typed('sudo -i -s true')).toBe(`sudo: you may not specify both the -i and -s options\n${USAGE}`);
  expect(typed('sudo -v; sudo -k; sudo -K; echo $?; sudo -l ls; sudo -l nosuch')).toBe('0\n/usr/bin/ls\nsudo: nosuch: command not found\n');
  expect(typed('sudo -l')).toBe(`Matching Defaults entries for root on host1:
    secure_path=/usr/local/sbin\\:/usr/local/bin\\:/usr/sbin\\:/usr/bin\\:/sbin\\:/bin

User root may run the following commands on host1:
    (ALL : ALL) ALL
`);
});
