import { expect, test } from 'vitest';
import { decode } from './bytes.ts';
import { percentDecode, percentEncode } from './percent.ts';

test('what a URI may not hold is written as bytes', () => {
  expect(percentEncode('a b/é%')).toBe('a%20b%2F%C3%A9%25');
  expect(percentDecode('a%20b%2f%C3%A9%25')).toBe('a b/é%');
});

test('bytes that are no text come back as they were, and a lone percent sign is itself', () => {
  const odd = decode(Uint8Array.of(0x61, 0xff, 0x80));
  expect(percentEncode(odd)).toBe('a%FF%80');
  expect(percentDecode('a%FF%80')).toBe(odd);
  expect(percentDecode('100%, %zz, %4')).toBe('100%, %zz, %4');
});
