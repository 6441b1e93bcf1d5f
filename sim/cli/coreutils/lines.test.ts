import { expect, test } from 'vitest';
import { commands } from './index.ts';
import { replay } from '../tool/transcript.ts';

const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  b: 'x y z\n  lead\t tab\nlast without newline',
  tabs: 'a\tb\tc\n\tx\n12345678\ty\n',
  blank: 'a\n\n\n\nb\n\nc\n',
  dup: 'a\na\nb\nB\nb\nb\nc\n',
  'd/f1': 'in f1 hello\n',
};

test('cat joins files, shows what cannot be seen, and numbers lines', () => {
  const recorded = `
$ cat a b
one
two
three
x y z
  lead	 tab
last without newline%
$ cat -A b tabs
x y z$
  lead^I tab$
last without newlinea^Ib^Ic$
^Ix$
12345678^Iy$
$ cat -n a b
     1	one
     2	two
     3	three
     4	x y z
     5	  lead	 tab
     6	last without newline%
$ cat -b blank
     1	a



     2	b

     3	c
$ cat -sn blank
     1	a
     2	
     3	b
     4	
     5	c
$ cat -E a
one$
two$
three$
$ cat x a
cat: x: No such file or directory
one
two
three
? 1
$ cat d
cat: d: Is a directory
? 1
$ cat -Z
cat: invalid option -- 'Z'
Try 'cat --help' for more information.
? 1
$ cat --foo
cat: unrecognized option '--foo'
Try 'cat --help' for more information.
? 1
$ cat --show-e a
one$
two$
three$
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('head stops where it is told to, from either end', () => {
  const recorded = `
$ head -n 1 a
one
$ head -n -1 a
one
two
$ head -2 a
one
two
$ head -c 5 a
one
t%
$ head -c -3 a
one
two
thr%
$ head -n1 a b
==> a <==
one

==> b <==
x y z
$ head -qn1 a b
one
x y z
$ head -v -n 1 a
==> a <==
one
$ head x a
head: cannot open 'x' for reading: No such file or directory
==> a <==
one
two
three
? 1
$ head d
head: error reading 'd': Is a directory
? 1
$ head -n x a
head: invalid number of lines: 'x'
? 1
$ head -c
head: option requires an argument -- 'c'
Try 'head --help' for more information.
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('tail takes the end, or everything from a line on', () => {
  const recorded = `
$ tail -n 1 a
three
$ tail -n +2 a
two
three
$ tail +2 a
two
three
$ tail -1 a
three
$ tail -c 5 a
hree
$ tail -c +5 a
two
three
$ tail -n1 a b
==> a <==
three

==> b <==
last without newline%
$ tail x
tail: cannot open 'x' for reading: No such file or directory
? 1
$ tail d
tail: error reading 'd': Is a directory
? 1
$ tail -n x a
tail: invalid number of lines: 'x'
? 1
$ tail -n 0 a
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('wc counts and lines up its columns by the sizes of the files', () => {
  const recorded = `
$ wc a
 3  3 14 a
$ wc a b
 3  3 14 a
 2  8 38 b
 5 11 52 total
$ wc -l a
3 a
$ cat a | wc
      3       3      14
$ cat a | wc -lc
      3      14
$ wc x a
wc: x: No such file or directory
 3  3 14 a
 3  3 14 total
? 1
$ wc d
      0       0       0 d
wc: d: Is a directory
? 1
$ wc -L tabs
17 tabs
$ wc --total=only a b
5 11 52
$ wc --total=foo a
wc: invalid argument 'foo' for '--total'
Valid arguments are:
  - 'auto'
  - 'always'
  - 'only'
  - 'never'
Try 'wc --help' for more information.
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('tac, nl, fold, expand and split work on whole lines', () => {
  const recorded = `
$ tac a
three
two
one
$ tac b
last without newline  lead	 tab
x y z
$ tac -s o a

three
ne
twoo%
$ tac d
tac: d: read error: Invalid argument
? 1
$ nl blank
     1	a
       
       
       
     2	b
       
     3	c
$ nl -ba -w3 -s: a
  1:one
  2:two
  3:three
$ nl -nrz a
000001	one
000002	two
000003	three
$ nl -b pone a
     1	one
       two
       three
$ nl -w 0 a
nl: invalid line number field width: '0': Numerical result out of range
? 1
$ fold -w 20 -s b
x y z
  lead	 tab
last without newline%
$ fold -w 5 a
one
two
three
$ fold -w 0 a
fold: invalid number of columns: '0': Numerical result out of range
? 1
$ expand -t4 tabs
a   b   c
    x
12345678    y
$ expand -t x tabs
expand: tab size contains invalid character(s): 'x'
? 1
$ split -l 2 a part-
$ cat part-aa
one
two
$ cat part-ab
three
$ split -l x a
split: invalid number of lines: 'x'
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('uniq knows only neighbours', () => {
  const recorded = `
$ uniq dup
a
b
B
b
c
$ uniq -c dup
      2 a
      1 b
      1 B
      2 b
      1 c
$ uniq -d dup
a
b
$ uniq -u dup
b
B
c
$ uniq -ci dup
      2 a
      4 b
      1 c
$ uniq -D dup
a
a
b
b
$ uniq a b c
uniq: extra operand 'c'
Try 'uniq --help' for more information.
? 1
$ uniq -f x dup
uniq: x: invalid number of fields to skip
? 1
$ uniq x
uniq: x: No such file or directory
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
