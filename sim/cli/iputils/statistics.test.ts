import { expect, test } from 'vitest';
import { PingStatistics, tripText } from './statistics.ts';

test('round trips are written with three significant digits', () => {
  expect([13, 999, 1000, 9999, 10_049, 99_949, 100_000, 1_234_567].map((trip) => tripText(trip, false))).toEqual([
    '0.013',
    '0.999',
    '1.00',
    '10.0',
    '10.0',
    '99.9',
    '100',
    '1235',
  ]);
  expect(tripText(12_345, true)).toBe('12.345');
});

test('lost and repeated answers are told apart', () => {
  const counts = new PingStatistics();
  counts.sent();
  counts.sent();
  counts.sent();
  expect(counts.receive(1, 100)).toBe(false);
  expect(counts.receive(3, 300)).toBe(false);
  expect(counts.receive(3, 900)).toBe(true);
  counts.last = 2_000_000;
  expect(counts.summary('web', { timing: true, spaced: false })).toBe(`
--- web ping statistics ---
3 packets transmitted, 2 received, +1 duplicates, 33.3333% packet loss, time 2000ms
rtt min/avg/max/mdev = 0.100/0.433/0.900/0.339 ms, pipe 3
`);
});
