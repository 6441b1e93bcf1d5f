import { expect, test } from 'vitest';
import { commands as coreutils } from '../coreutils/index.ts';
import { commands as own } from './index.ts';
import { replay } from '../tool/transcript.ts';

const commands = [...own, ...coreutils];
const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  bin: 'abc\u0000def\nxyz\n',
  e1: 'a\nb\nc\nd\ne\nf\ng\n',
  e2: 'a\nb\nX\nd\ne\ng\nh\n',
  n1: 'a\nb',
  n2: 'a\nb\n',
  w1: 'a  b\n c\n',
  w2: 'a b\nc \n',
  c1: 'int f() {\n  a;\n}\n\nint g() {\n  b;\n}\n',
  c2: 'int f() {\n  a;\n}\n\nint h() {\n  c;\n}\n\nint g() {\n  b;\n}\n',
  'D/x': '1\n',
  'D/y': '2\n',
  'D/s/z': '3\n',
  'E/x': '1\n',
  'E/y': 'two\n',
  'E/w': '4\n',
  'E/s/z': '33\n',
};

test('diff prints the fewest changes', () => {
  const recorded = String.raw`
$ diff e1 e2
3c3
< c
---
> X
6d5
< f
7a7
> h
? 1
$ diff -u --label old --label new e1 e2
--- old
+++ new
@@ -1,7 +1,7 @@
 a
 b
-c
+X
 d
 e
-f
 g
+h
? 1
$ diff -U1 --label old --label new e1 e2
--- old
+++ new
@@ -2,6 +2,6 @@
 b
-c
+X
 d
 e
-f
 g
+h
? 1
$ diff -u0 e1 e2
--- e1	2026-01-01 00:00:00.000000000 +0000
+++ e2	2026-01-01 00:00:00.000000000 +0000
@@ -3 +3 @@
-c
+X
@@ -6 +5,0 @@
-f
@@ -7,0 +7 @@
+h
? 1
$ diff c1 c2
4a5,8
> int h() {
>   c;
> }
> 
? 1
$ diff e1 e1
$ diff -q e1 e2
Files e1 and e2 differ
? 1
$ diff -s e1 e1
Files e1 and e1 are identical
$ diff n1 n2
2c2
< b
\ No newline at end of file
---
> b
? 1
$ diff w1 w2
1,2c1,2
< a  b
<  c
---
> a b
> c 
? 1
$ diff -w w1 w2
$ diff -b w1 w2
2c2
<  c
---
> c 
? 1
$ diff e1 x
diff: x: No such file or directory
? 2
$ diff e1
diff: missing operand after 'e1'
diff: Try 'diff --help' for more information.
? 2
$ diff
diff: missing operand after 'diff'
diff: Try 'diff --help' for more information.
? 2
$ diff D E
Common subdirectories: D/s and E/s
Only in E: w
diff D/y E/y
1c1
< 2
---
> two
? 1
$ diff -r D E
diff -r D/s/z E/s/z
1c1
< 3
---
> 33
Only in E: w
diff -r D/y E/y
1c1
< 2
---
> two
? 1
$ diff -rq D E
Files D/s/z and E/s/z differ
Only in E: w
Files D/y and E/y differ
? 1
$ diff D/y E
1c1
< 2
---
> two
? 1
$ diff bin a
Binary files bin and a differ
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('cmp names the first byte that differs', () => {
  const recorded = `
$ cmp e1 e2
e1 e2 differ: char 5, line 3
? 1
$ cmp e1 e1
$ cmp -s e1 e2
? 1
$ cmp -l e1 e2
 5 143 130
11 146 147
13 147 150
? 1
$ cmp -b e1 e2
e1 e2 differ: byte 5, line 3 is 143 c 130 X
? 1
$ cmp n1 n2
cmp: EOF on 'n1' after byte 3, in line 2
? 1
$ cmp e1 x
cmp: x: No such file or directory
? 2
$ cmp -n 2 e1 e2
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
