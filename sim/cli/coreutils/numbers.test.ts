import { expect, test } from 'vitest';
import { commands } from './index.ts';
import { replay } from '../tool/transcript.ts';

const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  empty: '',
  'd/f1': 'in f1 hello\n',
};

test('seq counts exactly, in decimals too', () => {
  const recorded = `
$ seq 5
1
2
3
4
5
$ seq 5 -1 3
5
4
3
$ seq 0.5 0.5 2
0.5
1.0
1.5
2.0
$ seq 1.10 0.01 1.12
1.10
1.11
1.12
$ seq -w 8 11
08
09
10
11
$ seq -s, 5
1,2,3,4,5
$ seq -f %03g 3
001
002
003
$ seq
seq: missing operand
Try 'seq --help' for more information.
? 1
$ seq a
seq: invalid floating point argument: 'a'
Try 'seq --help' for more information.
? 1
$ seq 1 2 3 4
seq: extra operand '4'
Try 'seq --help' for more information.
? 1
$ seq 1 0 3
seq: invalid Zero increment value: '0'
Try 'seq --help' for more information.
? 1
$ seq -f %d 3
seq: format '%d' has unknown %d directive
? 1
$ seq -f x 3
seq: format 'x' has no % directive
? 1
$ seq 5 1
$ seq 100000 | tail -n 1
100000
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('expr calculates and matches', () => {
  const recorded = String.raw`
$ expr 1 + 2
3
$ expr 2 \* 3
6
$ expr 7 % 3
1
$ expr 1 - 1
0
? 1
$ expr abc : 'a\(.\)'
b
$ expr length abc
3
$ expr substr abcdef 2 3
bcd
$ expr 5 - 8 \* 2
-11
$ expr '' \| b
b
$ expr
expr: missing operand
Try 'expr --help' for more information.
? 2
$ expr 1 +
expr: syntax error: missing argument after '+'
? 2
$ expr 1 / 0
expr: division by zero
? 2
$ expr a + 1
expr: non-integer argument
? 2
$ expr 1 2
expr: syntax error: unexpected argument '2'
? 2
$ expr \( 1
expr: syntax error: expecting ')' after '1'
? 2
$ expr abc : '\(b'
expr: Unmatched ( or \(
? 2
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('date turns seconds into calendar days, and back', () => {
  const recorded = `
$ date -u -d @1700000000 '+%Y-%m-%d %H:%M:%S %a %j %U %V %G %e %k %l %p'
2023-11-14 22:13:20 Tue 318 46 46 2023 14 22 10 PM
$ date -u -d @0
Thu Jan  1 00:00:00 UTC 1970
$ date -u -d 2024-02-29
Thu Feb 29 00:00:00 UTC 2024
$ date -ud '2024-01-31 +1 month' +%F
2024-03-02
$ date -ud '2024-03-01 -1 day' +%F
2024-02-29
$ date -ud '15 Jan 2024 10:20' +%F-%T
2024-01-15-10:20:00
$ date -ud '2024-01-15 3:30 pm' +%T
15:30:00
$ date -ud '2024-01-15 10:20:30 +0200' +%s
1705306830
$ date -Iseconds -u -d @0
1970-01-01T00:00:00+00:00
$ date -R -u -d @0
Thu, 01 Jan 1970 00:00:00 +0000
$ date --rfc-3339=seconds -u -d @0
1970-01-01 00:00:00+00:00
$ date -ud 2024-02-30
date: invalid date '2024-02-30'
? 1
$ date -d bogus
date: invalid date 'bogus'
? 1
$ date a b
date: extra operand 'b'
Try 'date --help' for more information.
? 1
$ date -Ifoo
date: invalid argument 'foo' for '--iso-8601'
Valid arguments are:
  - 'hours'
  - 'minutes'
  - 'date'
  - 'seconds'
  - 'ns'
Try 'date --help' for more information.
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('od, base64 and digests show bytes', () => {
  const recorded = String.raw`
$ od a
0000000 067157 005145 073564 005157 064164 062562 005145
0000016
$ od -c a
0000000   o   n   e  \n   t   w   o  \n   t   h   r   e   e  \n
0000016
$ od -An -tx1 a
 6f 6e 65 0a 74 77 6f 0a 74 68 72 65 65 0a
$ od -A x -t x1z a
000000 6f 6e 65 0a 74 77 6f 0a 74 68 72 65 65 0a        >one.two.three.<
00000e
$ od -tx1 -c a
0000000  6f  6e  65  0a  74  77  6f  0a  74  68  72  65  65  0a
          o   n   e  \n   t   w   o  \n   t   h   r   e   e  \n
0000016
$ od -t q a
od: invalid character 'q' in type string 'q'
? 1
$ od x
od: x: No such file or directory
? 1
$ base64 a
b25lCnR3bwp0aHJlZQo=
$ base64 a | base64 -d
one
two
three
$ md5sum a empty
deed54b823522e0525693b090363f9df  a
d41d8cd98f00b204e9800998ecf8427e  empty
$ sha1sum a
98ce56098daf1a2ffe03a0d108ea841f1e4e6c69  a
$ sha256sum a
b6285c57e8797db5d4c51c80d6f11938afda9b11c6a003549709189e9b4b92a2  a
$ sha512sum empty
cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e  empty
$ md5sum x
md5sum: x: No such file or directory
? 1
$ md5sum d
md5sum: d: Is a directory
? 1
$ sha256sum a | sha256sum -c
a: OK
$ base64 x
base64: x: No such file or directory
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
