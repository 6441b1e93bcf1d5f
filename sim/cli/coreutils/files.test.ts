import { expect, test } from 'vitest';
import { commands } from './index.ts';
import { replay } from '../tool/transcript.ts';

const files: Record<string, string> = {
  a: 'one\ntwo\nthree\n',
  b: 'x y z\n  lead\t tab\nlast without newline',
  'd/f1': 'in f1 hello\n',
  'd/sub/f3.txt': 'hello deep\n',
};

test('ls lists names, one per line where nobody looks', () => {
  const recorded = `
$ ls
a
b
d
$ ls -F
a
b
d/
$ ls -d d
d
$ ls -R d
d:
f1
sub

d/sub:
f3.txt
$ ls x
ls: cannot access 'x': No such file or directory
? 2
$ ls x a d
ls: cannot access 'x': No such file or directory
a

d:
f1
sub
? 2
$ ls -r
d
b
a
$ ls -S
d
b
a
$ ls -m
a, b, d
$ ls -C -w 30
a  b  d
$ ls -Q a
"a"
$ ls --color=foo
ls: invalid argument 'foo' for '--color'
Valid arguments are:
  - 'always', 'yes', 'force'
  - 'never', 'no', 'none'
  - 'auto', 'tty', 'if-tty'
Try 'ls --help' for more information.
? 1
$ ls --foo
ls: unrecognized option '--foo'
Try 'ls --help' for more information.
? 2
$ ln -s nope l
$ ls l
l
$ ls -l --time-style=+T a
-rw-r--r-- 1 root root 14 T a
$ ls -ld --time-style=+T d/sub
drwxr-xr-x 2 root root 4096 T d/sub
$ chmod 4755 a
$ ls -lF --time-style=+T a l
-rwsr-xr-x 1 root root 14 T a*
lrwxrwxrwx 1 root root  4 T l -> nope
$ ls -l --time-style=long-iso b
-rw-r--r-- 1 root root 38 2026-01-01 00:00 b
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('mkdir, rmdir and rm make and remove', () => {
  const recorded = `
$ mkdir d
mkdir: cannot create directory 'd': File exists
? 1
$ mkdir -p q/r/s
$ mkdir -v q/t
mkdir: created directory 'q/t'
$ mkdir no/such
mkdir: cannot create directory 'no/such': No such file or directory
? 1
$ mkdir -m 700 p
$ stat -c %a:%A p
700:drwx------
$ rmdir q
rmdir: failed to remove 'q': Directory not empty
? 1
$ rmdir q/r/s
$ rmdir x
rmdir: failed to remove 'x': No such file or directory
? 1
$ rm x
rm: cannot remove 'x': No such file or directory
? 1
$ rm -f x
$ rm d
rm: cannot remove 'd': Is a directory
? 1
$ rm -rv q/r
removed directory 'q/r'
$ rm -r .
rm: refusing to remove '.' or '..' directory: skipping '.'
? 1
$ rm -rf /
rm: it is dangerous to operate recursively on '/'
rm: use --no-preserve-root to override this failsafe
? 1
$ rm
rm: missing operand
Try 'rm --help' for more information.
? 1
$ rm -v a
removed 'a'
$ ls
b
d
p
q
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('cp and mv name what stands in their way', () => {
  const recorded = `
$ cp x y
cp: cannot stat 'x': No such file or directory
? 1
$ cp a
cp: missing destination file operand after 'a'
Try 'cp --help' for more information.
? 1
$ cp d e
cp: -r not specified; omitting directory 'd'
? 1
$ cp a a
cp: 'a' and 'a' are the same file
? 1
$ cp a q
$ cat q
one
two
three
$ cp a b x
cp: target 'x': No such file or directory
? 1
$ cp a a/b
cp: cannot stat 'a/b': Not a directory
? 1
$ cp -r d d
cp: cannot copy a directory, 'd', into itself, 'd/d'
? 1
$ cp -r d e
$ cat e/sub/f3.txt
hello deep
$ mv x y
mv: cannot stat 'x': No such file or directory
? 1
$ mv a
mv: missing destination file operand after 'a'
Try 'mv --help' for more information.
? 1
$ mv q q2
$ mv a a
mv: 'a' and 'a' are the same file
? 1
$ mv d d
mv: cannot move 'd' to a subdirectory of itself, 'd/d'
? 1
$ mv e d/sub
$ ls d/sub
e
f3.txt
$ mv -v b b2
renamed 'b' -> 'b2'
$ mv d a
mv: cannot overwrite non-directory 'a' with directory 'd'
? 1
$ mv -T b2 d
mv: cannot overwrite directory 'd' with non-directory 'b2'
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('ln makes both kinds of links', () => {
  const recorded = `
$ ln -s a a
ln: failed to create symbolic link 'a': File exists
? 1
$ ln x y
ln: failed to access 'x': No such file or directory
? 1
$ ln d e
ln: d: hard link not allowed for directory
? 1
$ ln -s a l
$ readlink l
a
$ cat l
one
two
three
$ readlink -f l
/t/a
$ ln a h
$ stat -c %h a
2
$ rm h
$ stat -c %h a
1
$ ln -sf b l
$ readlink l
b
$ ln -sv a m
'm' -> 'a'
$ ln -sr a d/n
$ readlink d/n
../a
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('chmod and stat agree on modes', () => {
  const recorded = `
$ chmod u+x,go-r a
$ stat -c %A a
-rwx------
$ chmod a=rw a
$ stat -c %a a
666
$ chmod +x a
$ stat -c %a:%F a
777:regular file
$ chmod g=u a
$ stat -c %a a
777
$ chmod -v 600 a
mode of 'a' changed from 0777 (rwxrwxrwx) to 0600 (rw-------)
$ chmod 999 a
chmod: invalid mode: '999'
Try 'chmod --help' for more information.
? 1
$ chmod zz a
chmod: invalid mode: 'zz'
Try 'chmod --help' for more information.
? 1
$ chmod 644 x
chmod: cannot access 'x': No such file or directory
? 1
$ chmod
chmod: missing operand
Try 'chmod --help' for more information.
? 1
$ stat -c '%n %s %F %U %u' a d
a 14 regular file root 0
d 4096 directory root 0
$ stat x
stat: cannot statx 'x': No such file or directory
? 1
$ touch -d 2020-01-02 a
$ stat -c %y a
2020-01-02 00:00:00.000000000 +0000
$ touch no/such
touch: cannot touch 'no/such': No such file or directory
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('truncate changes sizes', () => {
  const recorded = `
$ truncate -s 10 t1 t2
$ truncate -s +5 t1
$ truncate -s -3 t2
$ stat -c '%n %s' t1 t2
t1 15
t2 7
$ truncate -s '<4' t1
$ truncate -s '>8' t2
$ stat -c '%n %s' t1 t2
t1 4
t2 8
$ truncate -s %6 t1
$ truncate -s /6 t2
$ stat -c '%n %s' t1 t2
t1 6
t2 6
$ truncate -s 2K t1
$ truncate -r t1 -s +1 t2
$ stat -c '%n %s' t1 t2
t1 2048
t2 2049
$ truncate -c -s 4 t3
$ truncate -s 1 no/such
truncate: cannot open 'no/such' for writing: No such file or directory
? 1
$ truncate -r t1 -s 1 t2
truncate: you must specify a relative '--size' with '--reference'
Try 'truncate --help' for more information.
? 1
$ truncate -s x t1
truncate: Invalid number: 'x'
? 1
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});

test('names are taken apart without looking at files', () => {
  const recorded = `
$ basename /a/b.c .c
b
$ basename -a a/b c/d
b
d
$ basename /
/
$ basename
basename: missing operand
Try 'basename --help' for more information.
? 1
$ basename a b c
basename: extra operand 'c'
Try 'basename --help' for more information.
? 1
$ dirname /a/b a/b a / a/b/
/a
a
.
/
a
$ realpath d/../a
/t/a
$ realpath x/y
realpath: x/y: No such file or directory
? 1
$ realpath -e x
realpath: x: No such file or directory
? 1
$ readlink a
? 1
$ readlink -f x/y
? 1
$ pwd
/t
`.slice(1);
  expect(replay(commands, files, recorded)).toBe(recorded);
});
