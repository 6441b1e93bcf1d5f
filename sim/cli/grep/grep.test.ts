import { expect, test } from 'vitest';
import { commands as coreutils } from '../coreutils/index.ts';
import { commands as own } from './index.ts';
import { replay } from '../tool/transcript.ts';

const commands = [...own, ...coreutils];
const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  s1: '1 a\n2 b\n3 c\n5 e\n',
  text: 'Hello World\nhello there\nfoo_bar baz\n127.0.0.1 localhost\nERROR: bad thing\nerror again\nlast line\n',
  bin: 'abc\u0000def\nxyz\n',
  empty: '',
  'd/f1': 'in f1 hello\n',
  'd/f2.txt': 'in f2 nope\n',
  'd/sub/f3.txt': 'hello deep\n',
};

test('grep prints the lines that match', () => {
  const recorded = `
$ grep hello text
hello there
$ grep -i hello text
Hello World
hello there
$ grep -v e text
foo_bar baz
127.0.0.1 localhost
ERROR: bad thing
$ grep -c e text
4
$ grep -n e a
1:one
3:three
$ grep -l o a text
a
text
$ grep -L o a s1
s1
$ grep -w foo text
? 1
$ grep -x two a
two
$ grep -E 'one|two' a
one
two
$ grep -F . text
127.0.0.1 localhost
$ grep -e one -e three a
one
three
$ grep -H o a
a:one
a:two
$ grep -m1 e text
Hello World
$ grep -q hello text
$ grep nosuch text
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('only what matches, with its place', () => {
  const recorded = String.raw`
$ grep -o l text
l
l
l
l
l
l
l
l
l
$ grep -on e a
1:e
3:e
3:e
$ grep -ob l text
2:l
3:l
9:l
14:l
15:l
46:l
50:l
85:l
90:l
$ grep -oE '[0-9]+' text
127
0
0
1
$ grep -oE 'foo|foobar' text
foo
$ grep -oP '(?<=_)\w+' text
bar
$ grep -wo bar text
? 1
$ grep --color=always o a
[01;31m[Ko[m[Kne
tw[01;31m[Ko[m[K
$ grep --color=always -n o a text
[35m[Ka[m[K[36m[K:[m[K[32m[K1[m[K[36m[K:[m[K[01;31m[Ko[m[Kne
[35m[Ka[m[K[36m[K:[m[K[32m[K2[m[K[36m[K:[m[Ktw[01;31m[Ko[m[K
[35m[Ktext[m[K[36m[K:[m[K[32m[K1[m[K[36m[K:[m[KHell[01;31m[Ko[m[K W[01;31m[Ko[m[Krld
[35m[Ktext[m[K[36m[K:[m[K[32m[K2[m[K[36m[K:[m[Khell[01;31m[Ko[m[K there
[35m[Ktext[m[K[36m[K:[m[K[32m[K3[m[K[36m[K:[m[Kf[01;31m[Ko[m[K[01;31m[Ko[m[K_bar baz
[35m[Ktext[m[K[36m[K:[m[K[32m[K4[m[K[36m[K:[m[K127.0.0.1 l[01;31m[Ko[m[Kcalh[01;31m[Ko[m[Kst
[35m[Ktext[m[K[36m[K:[m[K[32m[K6[m[K[36m[K:[m[Kerr[01;31m[Ko[m[Kr again
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('context has separators', () => {
  const recorded = `
$ grep -A1 -i error text
ERROR: bad thing
error again
last line
$ grep -B1 two a
one
two
$ grep -C1 two a
one
two
three
$ grep -nA1 -i error text
5:ERROR: bad thing
6:error again
7-last line
$ grep -A0 -i e text
Hello World
hello there
--
ERROR: bad thing
error again
last line
$ grep --no-group-separator -A0 -i e text
Hello World
hello there
ERROR: bad thing
error again
last line
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('files in directories', () => {
  const recorded = `
$ grep -r hello d/sub
d/sub/f3.txt:hello deep
$ grep -rn deep d
d/sub/f3.txt:1:hello deep
$ grep -r --include='*.txt' hello d
d/sub/f3.txt:hello deep
$ grep -rl nope d
d/f2.txt
$ grep a d
grep: d: Is a directory
? 2
$ grep o a x
a:one
a:two
grep: x: No such file or directory
? 2
$ grep -s o a x
a:one
a:two
? 2
$ grep -s o x
? 2
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('bytes that are no text', () => {
  const recorded = `
$ grep abc bin
grep: bin: binary file matches
$ grep -c abc bin
1
$ grep -a xyz bin
xyz
$ grep -I abc bin
? 1
$ grep -z -c abc bin
1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test("patterns that make no sense, in glibc's words", () => {
  const recorded = String.raw`
$ grep '\(a' a
grep: Unmatched ( or \(
? 2
$ grep -E '(a' a
grep: Unmatched ( or \(
? 2
$ grep 'a\)' a
grep: Unmatched ) or \)
? 2
$ grep '[a' a
grep: Unmatched [, [^, [:, [., or [=
? 2
$ grep '[b-a]' a
grep: Invalid range end
? 2
$ grep '[[:foo:]]' a
grep: Invalid character class name
? 2
$ grep '[:space:]' a
grep: character class syntax is [[:space:]], not [:space:]
? 2
$ grep -E 'a{2,1}' a
grep: Invalid content of \{\}
? 2
$ grep 'a\{1' a
grep: Unmatched \{
? 2
$ grep 'a\' a
grep: Trailing backslash
? 2
$ grep '\1' a
grep: Invalid back reference
? 2
$ grep -P '(a' a
grep: missing closing parenthesis
? 2
$ grep -E '*e' a
grep: warning: * at start of expression
one
three
$ grep -E 'a{' a
? 1
$ grep
Usage: grep [OPTION]... PATTERNS [FILE]...
Try 'grep --help' for more information.
? 2
$ grep -E -F a a
grep: conflicting matchers specified
? 2
$ grep -A x a a
grep: x: invalid context length argument
? 2
$ grep --foo a
grep: unrecognized option '--foo'
Usage: grep [OPTION]... PATTERNS [FILE]...
Try 'grep --help' for more information.
? 2
$ grep -m x a a
grep: invalid max count
? 2
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('regular expressions', () => {
  const recorded = String.raw`
$ grep '^t' a
two
three
$ grep -E '(e)\1' a
three
$ grep '\<two\>' a
two
$ grep -E '^.{3}$' a
one
two
$ grep '[[:digit:]]' text
127.0.0.1 localhost
$ grep -c '' empty
0
? 1
$ grep -E 'o{1,2}$' a
two
$ grep 'o\{1\}$' a
two
$ egrep 'one|two' a
one
two
$ fgrep . text
127.0.0.1 localhost
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
