import { expect, test } from 'vitest';
import { KernelLog } from './log.ts';

test('what packets from outside can cause is written ten times in five seconds, and then how often it was not', () => {
  const clock = { now: 0 };
  const log = new KernelLog(clock);
  const written = Array.from({ length: 12 }, () => log.writeLimited(4, 'martian'));
  expect(written.filter(Boolean)).toHaveLength(10);
  clock.now = 5_000_001;
  expect(log.writeLimited(4, 'martian')).toBe(true);
  expect(log.lines().map(({ text }) => text)).toEqual([...Array(10).fill('martian'), 'net_ratelimit: 2 callbacks suppressed', 'martian']);
});
