import { describe, expect, it } from 'vitest';
import { shares, TARGETS } from './registry.ts';
import { target } from './target.ts';
import fc from 'fast-check';

/** `npm run fuzz` tries many more. */
const INPUTS = 2_000;
const SEED = 20260101;

describe('no input crashes the world', () => {
  it.each([...shares(INPUTS)].map(([{ name, fuzz }, runs]) => ({ name, fuzz, runs })))(
    '$name',
    ({ fuzz, runs }) => {
      const { failure } = fuzz({ runs, seed: SEED });
      if (failure) expect.fail(`${failure.input}\n${failure.message}`);
    },
    60_000,
  );
});

describe('the fuzzer', () => {
  it('finds the smallest input that breaks a parser, and finds it again from its seed and path', () => {
    const fragile = target('fragile', 1, fc.nat, (n) => {
      if (n > 1000) throw new Error('too big');
    });
    const { failure } = fragile.fuzz({ runs: 1000, seed: 1 });
    expect(failure).toMatchObject({ input: '1001', message: expect.stringContaining('too big') });
    const tried: string[] = [];
    const again = fragile.fuzz({ runs: 1, seed: 1, path: failure?.path, before: (input) => tried.push(input) });
    expect(again.failure?.input).toBe('1001');
    expect(tried[0]).toBe('1001');
  });

  it('gives every family a part of the inputs', () => {
    expect(Math.min(...shares(100).values())).toBeGreaterThan(0);
    expect([...shares(100_000).values()].reduce((sum, n) => sum + n)).toBeGreaterThan(99_900);
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length);
  });
});
