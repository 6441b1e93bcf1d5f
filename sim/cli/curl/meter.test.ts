import { expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import { meterLine } from './meter.ts';

// Each line as curl 8.22 printed it.
it('draws the progress meter', () => {
  const nothing = { received: 0, expected: undefined, sent: 0, toSend: 0, elapsed: 0 };
  expect(meterLine(nothing)).toBe('\r  0      0   0      0   0      0      0      0                              0');
  expect(meterLine({ ...nothing, received: 6, expected: 6, elapsed: 1110 })).toBe(
    '\r100      6 100      6   0      0   5405      0                              0',
  );
  expect(meterLine({ ...nothing, received: 228_894, expected: 228_894, elapsed: 1585 })).toBe(
    '\r100 223.5k 100 223.5k   0      0 137.7M      0                              0',
  );
  expect(meterLine({ ...nothing, received: 3, expected: 10, elapsed: 1.001 * SECOND })).toBe(
    '\r 30     10  30      3   0      0      2      0   00:05   00:01   00:04      2',
  );
});
