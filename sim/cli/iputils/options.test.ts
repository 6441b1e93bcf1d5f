import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePing } from './options.ts';

const WORDS = [...'34aAbBcCdDefFhHiIlLmMnNOpqQrRsStTUvVwW'].map((letter) => `-${letter}`);
const VALUES = ['1', '0', '-1', '0.2', '65508', '9'.repeat(30), 'x', '', 'eth0', 'fe80::1%eth0', '10.0.0.1', 'do', 'ff', '--', '-'];

test('any arguments end in options or in a message with a status', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...WORDS, ...VALUES), fc.string({ maxLength: 6 })), { maxLength: 8 }), (args) => {
      const parsed = parsePing(args, 'ping');
      if ('options' in parsed) expect(parsed.options.size).toBeLessThanOrEqual(65_527);
      else expect([0, 1, 2]).toContain(parsed.status);
    }),
    { numRuns: 2000, seed: 1 },
  );
});
