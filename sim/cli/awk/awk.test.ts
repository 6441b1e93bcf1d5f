import { describe, expect, test } from 'vitest';
import { runBriefly } from '../brief-run.ts';
import { run, testMachine } from '../harness.ts';
import { parseRecordings } from '../recorded.ts';
import { commands } from '../registry.ts';
import recorded from './recorded.txt?raw';

const AWK = '/usr/bin/awk';

function awk(args: string[], stdin = '', files: Record<string, string> = {}) {
  const { stdout, stderr, status } = run(testMachine(commands, files), AWK, args, { stdin });
  return { stdout, stderr, status };
}

function prints(args: string[], stdin = '', files: Record<string, string> = {}): string {
  const { stdout, stderr, status } = awk(args, stdin, files);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

describe('awk prints what mawk 1.3.4 prints', () => {
  const { files, cases } = parseRecordings(recorded);
  const placed = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/root/${name}`, text]));
  test.each(cases.map((one) => [`line ${one.line}: awk ${one.args.join(' ')}`, one] as const))('%s', (_name, one) => {
    expect(awk(one.args, one.stdin, { '/etc/hostname': 'vm\n', ...placed })).toEqual({
      stdout: one.stdout,
      stderr: one.stderr,
      status: one.status,
    });
  });
});

// Each of these was compared with mawk too; they need a shell beside it.
describe('commands and files', () => {
  test.each([
    ['reads a command line by line', 'BEGIN { while (("echo a; echo b" | getline x) > 0) print "got", x }', 'got a\ngot b\n'],
    ['splits what a command says', 'BEGIN { "echo hi there" | getline; print $2, NR, NF }', 'there 0 2\n'],
    [
      'writes to a command and waits for it when closing',
      '{ print | "sort -r" } END { close("sort -r"); print "end" }',
      'c 2\nb 1\na 3\nend\n',
    ],
    ['commands finish before what was printed last', '{ print | "sort" } END { print "end" }', 'a 3\nb 1\nc 2\nend\n'],
    [
      'gives the status of a command',
      'BEGIN { print system("exit 3"), system("kill -9 $$"); print "z" | "exit 5"; print close("exit 5") }',
      '3 265\n5\n',
    ],
    ['flushes before a command prints', 'BEGIN { printf "a"; system("echo b"); print "c" }', 'ab\nc\n'],
    [
      'writes a file and reads it back',
      '{ print > "out" } END { close("out"); while ((getline l < "out") > 0) print "r", l }',
      'r a 3\nr b 1\nr c 2\n',
    ],
    ['names the file by the data', '{ print $1 > ($2 ".txt") } END { close("2.txt"); getline q < "2.txt"; print q }', 'c\n'],
    ['reads ahead in its own input', 'NR == 1 { while ((getline line) > 0) n++; print n, NR, $0 }', '2 3 a 3\n'],
    ['knows the environment', 'BEGIN { "echo $HOME" | getline h; print h, ENVIRON["HOME"] }', '/root /root\n'],
    ['getline from a missing file', 'BEGIN { print (getline x < "/nowhere"), close("nope") }', '-1 -1\n'],
    ['a local array is fresh in every call', 'function f(x,  l) { l[x]; return length(l) } BEGIN { f(1); print f(2) }', '1\n'],
    [
      'sorts with a recursive function',
      'function q(A, l, r,  i, last, t) { if (l >= r) return; last = l; for (i = l + 1; i <= r; i++) if (A[i] < A[l]) { last++; t = A[last]; A[last] = A[i]; A[i] = t } t = A[l]; A[l] = A[last]; A[last] = t; q(A, l, last - 1); q(A, last + 1, r) } { v[++n] = $2 } END { q(v, 1, n); print v[1] v[2] v[3] }',
      '123\n',
    ],
  ])('%s', (_name, program, expected) => {
    expect(prints([program], 'a 3\nb 1\nc 2\n')).toBe(expected);
  });

  test('what goes to a command through standard error arrives', () => {
    expect(awk(['BEGIN { print "x" > "/dev/stderr"; print "y" | "cat 1>&2" }'])).toEqual({ stdout: '', stderr: 'x\ny\n', status: 0 });
  });
});

describe('limits', () => {
  test('recursion is as deep as memory allows, then ends with a message', () => {
    expect(prints(['function r(n) { return n == 0 ? 0 : 1 + r(n - 1) } BEGIN { print r(10000) }'])).toBe('10000\n');
    const { stderr, status } = awk(['function r(n) { return 1 + r(n + 1) } BEGIN { print r(0) }']);
    expect(stderr).toContain('function call nesting too deep');
    expect(status).toBe(2);
  });

  test.each(['BEGIN { while (1); }', 'BEGIN { for (;;) x++ }', 'function f() { return f() } BEGIN { do { f2 = 1 } while (1) }'])(
    '%s can be stopped',
    (program) => {
      expect(runBriefly(testMachine(commands), AWK, [program], '').status).toBeUndefined();
    },
  );

  test('a text that doubles for ever is given up', () => {
    expect(awk(['BEGIN { x = "ab"; while (1) x = x x }'])).toEqual({ stdout: '', stderr: 'awk: out of memory\n', status: 2 });
  });

  test('a pipeline ends with its reader', () => {
    const { stdout } = run(testMachine(commands), '/usr/bin/bash', ['-c', "yes | awk '{ print NR }' | head -2"]);
    expect(stdout).toBe('1\n2\n');
  });
});

test('rand gives the numbers of glibc for a seed', () => {
  expect(prints(['BEGIN { srand(42); print rand(), rand(); srand(1); print rand() }'])).toBe('0.0334699 0.329964\n0.840188\n');
});

test('for-in goes in the order in which elements were made', () => {
  expect(prints(['BEGIN { a["z"]; a["a"]; a[10]; for (k in a) printf "%s ", k }'])).toBe('z a 10 ');
});

test('time is the time of the simulation', () => {
  expect(prints(['BEGIN { print systime(), strftime("%Y-%m-%d", 0), mktime("1970 01 02 00 00 00") }'])).toBe(
    '1767225600 1970-01-01 86400\n',
  );
});
