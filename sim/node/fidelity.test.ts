import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './sources.ts';

test('FIDELITY.md says of each thing once how far it is modelled', () => {
  const subjects = readFileSync(join(ROOT, 'sim/FIDELITY.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (---|what) /.test(line))
    .map((line) => line.split(' | ')[0]);
  expect(subjects.length).toBeGreaterThan(50);
  expect(subjects.filter((subject, index) => subjects.indexOf(subject) !== index)).toEqual([]);
});
