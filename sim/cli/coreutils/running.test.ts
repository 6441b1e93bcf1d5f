import { expect, test } from 'vitest';
import { commands } from './index.ts';
import { replay } from '../tool/transcript.ts';

const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  'd/f1': 'in f1 hello\n',
};

test('env changes what a command sees', () => {
  const recorded = `
$ env -i A=1 B=2
A=1
B=2
$ env -i A=1 printenv A
1
$ env nosuch
env: 'nosuch': No such file or directory
? 127
$ env -u HOME printenv HOME
? 1
$ env -C d pwd
/t/d
$ env -C x pwd
env: cannot change directory to 'x': No such file or directory
? 125
$ env d
env: 'd': No such file or directory
? 127
$ printenv NOPE
? 1
$ env -S 'printenv HOME'
/root
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('timeout ends what takes too long', () => {
  const recorded = `
$ timeout 0.1 sleep 5
? 124
$ timeout 5 false
? 1
$ timeout 5 echo hi
hi
$ timeout -v 0.1 sleep 5
timeout: sending signal TERM to command 'sleep'
? 124
$ timeout -p 0.1 sleep 5
? 143
$ timeout
Try 'timeout --help' for more information.
? 125
$ timeout x ls
timeout: invalid time interval 'x'
Try 'timeout --help' for more information.
? 125
$ timeout 1 nosuch
timeout: failed to run command 'nosuch': No such file or directory
? 127
$ timeout -s FOO 1 ls
timeout: 'FOO': invalid signal
Try 'timeout --help' for more information.
? 125
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('nohup, nice and sleep', () => {
  const recorded = `
$ nohup echo hi
hi
$ nohup nosuch
nohup: failed to run command 'nosuch': No such file or directory
? 127
$ nice
0
$ nice echo hi
hi
$ nice -n x ls
nice: invalid adjustment 'x'
? 125
$ sleep 0.01
$ sleep
sleep: missing operand
Try 'sleep --help' for more information.
? 1
$ sleep x
sleep: invalid time interval 'x'
Try 'sleep --help' for more information.
? 1
$ sleep 1 x
sleep: invalid time interval 'x'
Try 'sleep --help' for more information.
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('echo, printf and test as programs', () => {
  const recorded = String.raw`
$ echo -e 'a\tb\c'
a	b%
$ printf '%s-%d\n' a 1 b 2
a-1
b-2
$ printf
printf: missing operand
Try 'printf --help' for more information.
? 1
$ test 1 -eq 1
$ test 1 -gt 2
? 1
$ [ -f a ]
$ [ a
[: missing ']'
? 2
$ test a b c d
test: extra argument 'b'
? 2
$ yes a b | head -n 2
a b
a b
$ yes | head -c 6
y
y
y
$ seq 100000 | head -n 2
1
2
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('who am I, and where', () => {
  const recorded = `
$ id
uid=0(root) gid=0(root) groups=0(root)
$ id -un
root
$ id nouser
id: 'nouser': no such user
? 1
$ whoami
root
$ whoami x
whoami: extra operand 'x'
Try 'whoami --help' for more information.
? 1
$ tty
not a tty
? 1
$ logname
logname: no login name
? 1
$ uname -s -m
Linux x86_64
$ uname x
uname: extra operand 'x'
Try 'uname --help' for more information.
? 1
$ arch
x86_64
$ which ls nosuch
/usr/bin/ls
? 1
$ nproc --ignore=x
nproc: invalid number: 'x'
? 1
$ getent hosts nosuch
? 2
$ stty
stty: 'standard input': Inappropriate ioctl for device
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
