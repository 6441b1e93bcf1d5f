import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Comparison, compare } from './compare.ts';
import { replay } from './replay.ts';
import { isBadLine, parseTranscript } from './transcript.ts';

const CASES = join(import.meta.dirname, 'cases');
const complete: string[] = JSON.parse(readFileSync(join(import.meta.dirname, 'complete.json'), 'utf8'));
const names = readdirSync(CASES)
  .filter((file) => file.endsWith('.console'))
  .map((file) => file.replace(/\.console$/, ''));

function replayed(name: string): Comparison[] {
  const real = readFileSync(join(CASES, `${name}.console`), 'utf8');
  const transcript = parseTranscript(real);
  if (isBadLine(transcript)) throw new Error(`${name}: line ${transcript.number} is no transcript`);
  let simulated = '';
  replay(transcript, (text) => {
    simulated += text;
  });
  return compare(real, simulated);
}

describe('real transcripts, replayed in the simulation', () => {
  const table: string[] = [];

  test.each(names)('%s', { timeout: 60_000 }, (name) => {
    const rows = replayed(name);
    const same = rows.filter((row) => row.same).length;
    table.push(`${same === rows.length ? '✓' : ' '} ${`${same}/${rows.length}`.padStart(7)}  ${name}`);
    if (!complete.includes(name)) return;
    const different = rows
      .filter((row) => !row.same)
      .map(({ host, command, real, simulated }) => ({ command: `${host}$ ${command}`, real, simulated }));
    expect(different).toEqual([]);
  });

  test('complete.json lists only transcripts that exist', () => {
    expect(complete.filter((name) => !names.includes(name))).toEqual([]);
  });

  afterAll(() => {
    console.log(`=== Commands that print what the real ones print\n${table.join('\n')}\n===`);
  });
});
