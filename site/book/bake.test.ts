import { expect, test } from 'vitest';
import { BakeError, bakePage, type PlanItem } from './bake.ts';
import { readFence } from './fence.ts';

/** A page in the world `linux` whose cells stand on lines 10, 20, 30 … */
function page(...cells: [meta: string, text: string][]): ReturnType<typeof bakePage> {
  const items = cells.map(([meta, text], index): PlanItem => ({ kind: 'cell', fence: readFence(meta, text), line: 10 * (index + 1) }));
  return bakePage({ world: 'linux', hosts: ['host1'], items });
}

function outputs(items: ReturnType<typeof bakePage>): string[] {
  return items.flatMap((item) => (item.kind === 'cell' ? item.cell.steps.map((step) => step.output) : []));
}

function problem(...cells: [meta: string, text: string][]): { message: string; line: number } {
  try {
    page(...cells);
  } catch (error) {
    if (error instanceof BakeError) return { message: error.message, line: error.line };
    throw error;
  }
  throw new Error('the page was baked');
}

test('cells share one shell: what one sets, the next one sees', () => {
  expect(outputs(page(['', '$ name=one\n$ echo $name'], ['', '$ echo $name and two']))).toEqual(['', 'one\n', 'one and two\n']);
});

test('the same page gives the same result, though computed twice', () => {
  const cell: [string, string] = ['', '$ ip addr\n$ date'];
  expect(outputs(page(cell))).toEqual(outputs(page(cell, ['', '$ true'])).slice(0, 2));
});

test('a command that fails ends the build, with line, command and output', () => {
  expect(problem(['', '$ true'], ['', '$ echo first\n$ ls /nowhere'])).toEqual({
    line: 22,
    message: [
      'ended with status 2, expected 0 (if that is meant, write `fails` or `exit=…` after `console`)',
      '  host1$ ls /nowhere',
      "    ls: cannot access '/nowhere': No such file or directory",
    ].join('\n'),
  });
});

test('a failure that is meant is none; a success that isn’t meant is one', () => {
  expect(() => page(['fails', '$ false\n$ true'], ['exit=3', '$ (exit 3)'])).not.toThrow();
  expect(problem(['fails', '$ true']).message).toContain('everything succeeded, but the cell is marked `fails`');
  expect(problem(['exit=3', '$ false']).message).toContain('ended with status 1, expected 3');
});

test('an output that lacks what the page says it shows ends the build', () => {
  expect(problem(['expect="three"', '$ echo one two']).message).toBe(
    'the output lacks the expected text “three”\n  host1$ echo one two\n    one two',
  );
});

test('a command without an end is not waited for', () => {
  expect(problem(['', '$ while true; do :; done']).message).toContain('did not end after 300 seconds of virtual time or');
  expect(problem(['', '$ sleep 1000 | cat']).message).toContain('did not end');
});

test('what is left running in a terminal shows what it had printed by the end of the page', () => {
  const items = page(['terminal="watch"', '$ while sleep 1; do echo tick; done'], ['', '$ sleep 3']);
  expect(outputs(items)[0]).toMatch(/^tick\ntick\n/);
});
