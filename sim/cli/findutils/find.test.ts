import { expect, test } from 'vitest';
import { commands as coreutils } from '../coreutils/index.ts';
import { commands as own } from './index.ts';
import { replay } from '../tool/transcript.ts';

const commands = [...own, ...coreutils];
const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  empty: '',
  'd/f1': 'in f1 hello\n',
  'd/sub/f3.txt': 'hello deep\n',
};

test('find walks and tests', () => {
  const recorded = String.raw`
$ find d
d
d/f1
d/sub
d/sub/f3.txt
$ find d -type f
d/f1
d/sub/f3.txt
$ find d -name f1
d/f1
$ find d -maxdepth 1 -type d
d
d/sub
$ find d -path '*sub*'
d/sub
d/sub/f3.txt
$ find d -name f1 -o -name 'f3*'
d/f1
d/sub/f3.txt
$ find d ! -name 'f*'
d
d/sub
$ find d -empty
$ find d -size -2 -type f
d/f1
d/sub/f3.txt
$ find d -perm 644
d/f1
d/sub/f3.txt
$ find d -depth
d/f1
d/sub/f3.txt
d/sub
d
$ find d -name sub -prune -o -print
d
d/f1
$ find d -type f -printf '%P|%h|%s|%d\n'
f1|d|12|1
sub/f3.txt|d/sub|11|2
$ find d -name f1 -exec cat {} \;
in f1 hello
$ find d -type f -exec echo got {} +
got d/f1 d/sub/f3.txt
$ find d -type f -execdir echo {} \;
./f1
./f3.txt
$ find d -name f1 -delete
$ find d -type f
d/sub/f3.txt
$ find x d -maxdepth 0
find: 'x': No such file or directory
d
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('find says what it does not understand', () => {
  const recorded = [
    '$ find -foo',
    "find: unknown predicate `-foo'",
    '? 1',
    '$ find . -name',
    "find: missing argument to `-name'",
    '? 1',
    '$ find . -type q',
    'find: Unknown argument to -type: q',
    '? 1',
    '$ find . -exec ls',
    "find: missing argument to `-exec'",
    '? 1',
    '$ find . -maxdepth x',
    "find: Expected a positive decimal integer argument to -maxdepth, but got 'x'",
    '? 1',
    '$ find . \\(',
    "find: invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('",
    '? 1',
    '$ find . -size x',
    "find: invalid -size type `x'",
    '? 1',
    '$ find . -perm zz',
    "find: invalid file mode 'zz'",
    '? 1',
    '$ find d -exec \\;',
    "find: invalid argument `;' to `-exec'",
    '? 1',
    '',
  ].join('\n');
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('xargs makes command lines', () => {
  const recorded = String.raw`
$ printf 'a b\nc "d e"\n' | xargs
a b c d e
$ seq 5 | xargs -n 2 echo x
x 1 2
x 3 4
x 5
$ printf 'a b\n  c\n' | xargs -I{} echo '[{}]'
[a b]
[c]
$ printf 'a\0b c\0' | xargs -0 -n1 echo
a
b c
$ echo a,b,c | xargs -d , echo
a b c

$ printf 'a b\nc\n' | xargs -L1 echo
a b
c
$ cat empty | xargs -r echo no
$ cat empty | xargs echo

$ echo a | xargs -t echo
echo a
a
$ echo a | xargs nosuch
xargs: failed to run command 'nosuch': No such file or directory
? 127
$ echo a | xargs false
? 123
$ echo it\'s | xargs
xargs: unmatched single quote; by default quotes are special to xargs unless you use the -0 option
? 1
$ xargs -n 0
xargs: value 0 for -n option should be >= 1
Try 'xargs --help' for more information.
? 1
$ xargs -n x
xargs: invalid number "x" for -n option
Try 'xargs --help' for more information.
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
