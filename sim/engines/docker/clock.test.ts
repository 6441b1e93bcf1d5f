import { expect, test } from 'vitest';
import { parseRfc3339, plainDate, rfc3339 } from './clock.ts';
import { humanDuration } from './duration.ts';

test('virtual time zero is the beginning of 2026, and fractions lose their zeros', () => {
  expect(rfc3339(0)).toBe('2026-01-01T00:00:00Z');
  expect(rfc3339(59 * 86_400_000_000 + 1_500_000)).toBe('2026-03-01T00:00:01.5Z');
});

test('dates survive the way there and back, leap days too', () => {
  for (const seconds of [0, 951_782_399, 951_782_400, 1_709_164_800, 1_767_225_600, 4_102_444_800]) {
    expect(parseRfc3339(`${plainDate(seconds).replace(' ', 'T')}Z`)).toBe(seconds);
  }
  expect(plainDate(1_709_164_800)).toBe('2024-02-29 00:00:00');
});

test.each([
  [0.9, 'Less than a second'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, 'About a minute'],
  [150, '2 minutes'],
  [3_600, 'About an hour'],
  [5_400, '2 hours'],
  [47 * 3_600, '47 hours'],
  [48 * 3_600, '2 days'],
  [14 * 86_400, '2 weeks'],
  [60 * 86_400, '2 months'],
  [730 * 86_400, '2 years'],
])('%d seconds are "%s"', (seconds, words) => {
  expect(humanDuration(seconds)).toBe(words);
});
