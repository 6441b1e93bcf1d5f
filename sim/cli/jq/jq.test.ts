import { describe, expect, test } from 'vitest';
import { runBriefly } from '../brief-run.ts';
import { run, testMachine } from '../harness.ts';
import { parseRecordings } from '../recorded.ts';
import { commands } from '../registry.ts';
import recorded from './recorded.txt?raw';

const JQ = '/usr/bin/jq';

function jq(args: string[], stdin = '', files: Record<string, string> = {}) {
  const { stdout, stderr, status } = run(testMachine(commands, files), JQ, args, { stdin });
  return { stdout, stderr, status };
}

describe('jq prints what jq 1.8.2 prints', () => {
  const { files, cases } = parseRecordings(recorded);
  const placed = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/root/${name}`, text]));
  test.each(cases.map((one) => [`line ${one.line}: jq ${one.args.join(' ')}`, one] as const))('%s', (_name, one) => {
    expect(jq(one.args, one.stdin, placed)).toEqual({ stdout: one.stdout, stderr: one.stderr, status: one.status });
  });
});

// The manual's, which jq 1.8.2 leaves out or does otherwise.
test.each([
  ['1 | [limit(4; repeat(. * 2))]', '[1,2,4,8]'],
  ['{a: [1]} | [leaf_paths]', '[["a",0]]'],
  ['1, [1] | toarray', '[1]\n[1]'],
  ['0 | dateadd("seconds"; 60) | todate', '"1970-01-01T00:01:00Z"'],
  ['65 | ascii', '"A"'],
])('%s', (program, expected) => {
  expect(jq(['-nc', program])).toEqual({ stdout: `${expected}\n`, stderr: '', status: 0 });
});

describe('streams', () => {
  test('a value is printed as soon as it is there', () => {
    const { stdout } = run(testMachine(commands), '/usr/bin/bash', ['-c', `yes '{"a":1}' | jq .a | head -2`]);
    expect(stdout).toBe('1\n1\n');
  });

  test('inputs are read while the program runs', () => {
    const { stdout } = run(testMachine(commands), '/usr/bin/bash', ['-c', "yes 1 | jq -n 'first(inputs)'"]);
    expect(stdout).toBe('1\n');
  });

  test('time is the time of the simulation', () => {
    expect(jq(['-n', 'now | floor | todate']).stdout).toBe('"2026-01-01T00:00:00Z"\n');
  });
});

describe('limits', () => {
  test.each(['def f: f; f', 'last(repeat(1))', '[range(infinite)] | length', 'until(false; . + 1)', '[recurse(1)] | 1'])(
    '%s can be stopped',
    (program) => {
      expect(runBriefly(testMachine(commands), JQ, ['-n', program], '', 20).status).toBeUndefined();
    },
  );

  test('a function that calls itself last may do so for ever', () => {
    expect(jq(['-n', 'def f: if . >= 100000 then . else . + 1 | f end; 0 | f']).stdout).toBe('100000\n');
  });

  test('other recursion ends with a message', () => {
    expect(jq(['-n', 'def f: 1 + f; f'])).toEqual({ stdout: '', stderr: 'jq: error (at <unknown>): recursion too deep\n', status: 5 });
  });
});

test('what is not modelled is named', () => {
  expect(jq(['--seq', '.']).stderr).toBe('jq: --seq is not modelled (see sim/FIDELITY.md)\n');
  expect(jq(['import "m" as m; .']).stderr).toContain('modules (import, include) are not modelled');
});
