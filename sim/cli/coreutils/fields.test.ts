import { expect, test } from 'vitest';
import { commands } from './index.ts';
import { replay } from '../tool/transcript.ts';

const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  csv: 'name,age,city\nbob,30,paris\nalice,25,rome\nnodelim\ncarol,,oslo\n',
  nums: '10\n9\n2\n33\n-4\n1.5\n\n2\n',
  dup: 'a\na\nb\nB\nb\nb\nc\n',
  ver: 'v1.10\nv1.9\nv1.2\nfile10.txt\nfile9.txt\n',
  sz: '10K\n9M\n1G\n500\n2K\n',
  s1: '1 a\n2 b\n3 c\n5 e\n',
  s2: '1 x\n3 y\n4 z\n5 w\n',
  text: 'Hello World\nhello there\nfoo_bar baz\n127.0.0.1 localhost\nERROR: bad thing\nerror again\nlast line\n',
  'd/f1': 'in f1 hello\n',
};

test('cut takes fields, bytes and their complement', () => {
  const recorded = `
$ cut -d, -f1 csv
name
bob
alice
nodelim
carol
$ cut -d, -f2- csv
age,city
30,paris
25,rome
nodelim
,oslo
$ cut -s -d, -f2 csv
age
30
25

$ cut -c1-3 a
one
two
thr
$ cut --complement -d, -f2 csv
name,city
bob,paris
alice,rome
nodelim
carol,oslo
$ cut -d, -f3,1 --output-delimiter=: csv
name:city
bob:paris
alice:rome
nodelim
carol:oslo
$ cut a
cut: you must specify a list of bytes, characters, or fields
Try 'cut --help' for more information.
? 1
$ cut -f 0 a
cut: fields are numbered from 1
Try 'cut --help' for more information.
? 1
$ cut -f 2-1 a
cut: invalid decreasing range
Try 'cut --help' for more information.
? 1
$ cut -f x a
cut: invalid field value 'x'
Try 'cut --help' for more information.
? 1
$ cut -d ab -f 1 a
cut: the delimiter must be a single character
Try 'cut --help' for more information.
? 1
$ cut -b1 -f1 a
cut: only one list may be specified
Try 'cut --help' for more information.
? 1
$ cut -b1 -d: a
cut: an input delimiter may be specified only when operating on fields
Try 'cut --help' for more information.
? 1
$ cut -f1 x
cut: x: No such file or directory
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('sort compares by key, number, size and version', () => {
  const recorded = `
$ sort nums

-4
1.5
10
2
2
33
9
$ sort -n nums
-4

1.5
2
2
9
10
33
$ sort -rn nums
33
10
9
2
2
1.5

-4
$ sort -fu dup
a
b
c
$ sort -t, -k2n csv
carol,,oslo
name,age,city
nodelim
alice,25,rome
bob,30,paris
$ sort -t, -k2,2n -k1,1r csv
nodelim
name,age,city
carol,,oslo
alice,25,rome
bob,30,paris
$ sort -V ver
file9.txt
file10.txt
v1.2
v1.9
v1.10
$ sort -h sz
500
2K
10K
9M
1G
$ sort -s -k1,1 s1 s2
1 a
1 x
2 b
3 c
3 y
4 z
5 e
5 w
$ sort -k1.2 a
three
one
two
$ sort -g nums

-4
1.5
2
2
9
10
33
$ sort -o out a
$ cat out
one
three
two
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('sort says what is wrong with a key, and checks order', () => {
  const recorded = `
$ sort -c a
sort: a:3: disorder: three
? 1
$ sort -C a
? 1
$ sort -c s1
$ sort -k0 a
sort: field number is zero: invalid field specification '0'
? 2
$ sort -k x a
sort: invalid number at field start: invalid count at start of 'x'
? 2
$ sort -nh a
sort: options '-hn' are incompatible
? 2
$ sort -t ab a
sort: multi-character tab 'ab'
? 2
$ sort x
sort: cannot read: x: No such file or directory
? 2
$ sort d
sort: read failed: d: Is a directory
? 2
$ sort --sort=foo a
sort: invalid argument 'foo' for '--sort'
Valid arguments are:
  - 'general-numeric'
  - 'human-numeric'
  - 'month'
  - 'numeric'
  - 'random'
  - 'version'
Try 'sort --help' for more information.
? 1
$ sort -c a b
sort: extra operand 'b' not allowed with -c
? 2
$ sort -Z
sort: invalid option -- 'Z'
Try 'sort --help' for more information.
? 2
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('paste, join and comm bring files together', () => {
  const recorded = `
$ paste a s1
one	1 a
two	2 b
three	3 c
	5 e
$ paste -s -d, a
one,two,three
$ paste -d, a s1
one,1 a
two,2 b
three,3 c
,5 e
$ cat a | paste - -
one	two
three	
$ join s1 s2
1 a x
3 c y
5 e w
$ join -a1 -a2 -e- -o0,1.2,2.2 s1 s2
1 a x
2 b -
3 c y
4 - z
5 e w
$ join -v1 s1 s2
2 b
$ join -t, csv csv
name,age,city,age,city
bob,30,paris,30,paris
alice,25,rome,25,rome
nodelim
carol,,oslo,,oslo
$ join s1
join: missing operand after 's1'
Try 'join --help' for more information.
? 1
$ join -o x s1 s2
join: invalid file number in field spec: 'x'
? 1
$ comm s1 s2
1 a
	1 x
2 b
3 c
	3 y
	4 z
5 e
	5 w
$ comm -12 s1 s2
$ comm --total s1 s2
1 a
	1 x
2 b
3 c
	3 y
	4 z
5 e
	5 w
4	4	0	total
$ comm a nums
	10
	9
comm: file 2 is not in sorted order
	2
	33
	-4
	1.5
	
	2
one
two
comm: file 1 is not in sorted order
three
comm: input is not in sorted order
? 1
$ comm a
comm: missing operand after 'a'
Try 'comm --help' for more information.
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('tr translates, deletes and squeezes sets', () => {
  const recorded = String.raw`
$ cat text | tr a-z A-Z
HELLO WORLD
HELLO THERE
FOO_BAR BAZ
127.0.0.1 LOCALHOST
ERROR: BAD THING
ERROR AGAIN
LAST LINE
$ cat text | tr -d aeiou
Hll Wrld
hll thr
f_br bz
127.0.0.1 lclhst
ERROR: bd thng
rrr gn
lst ln
$ cat text | tr -s l
Helo World
helo there
foo_bar baz
127.0.0.1 localhost
ERROR: bad thing
error again
last line
$ cat text | tr -cd '[:alnum:]\n'
HelloWorld
hellothere
foobarbaz
127001localhost
ERRORbadthing
erroragain
lastline
$ cat text | tr -s ' ' '\n'
Hello
World
hello
there
foo_bar
baz
127.0.0.1
localhost
ERROR:
bad
thing
error
again
last
line
$ cat text | tr 'a[b*2]' xyz
Hello World
hello there
foo_zxr zxz
127.0.0.1 locxlhost
ERROR: zxd thing
error xgxin
lxst line
$ cat text | tr -c '[:alpha:]' '*'
Hello*World*hello*there*foo*bar*baz***********localhost*ERROR**bad*thing*error*again*last*line*%
$ tr
tr: missing operand
Try 'tr --help' for more information.
? 1
$ tr a
tr: missing operand after 'a'
Two strings must be given when translating.
Try 'tr --help' for more information.
? 1
$ tr -d a b
tr: extra operand 'b'
Only one string may be given when deleting without squeezing repeats.
Try 'tr --help' for more information.
? 1
$ tr '[:foo:]' x
tr: invalid character class 'foo'
? 1
$ tr z-a x
tr: range-endpoints of 'z-a' are in reverse collating sequence order
? 1
$ tr a ''
tr: when not truncating set1, string2 must be non-empty
? 1
$ tr -d '[=ab=]'
tr: ab: equivalence class operand must be a single character
? 1
$ tr x '[:upper:]'
tr: misaligned [:upper:] and/or [:lower:] construct
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
