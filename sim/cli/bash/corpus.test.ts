import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runMerged, shellMachine } from './test-programs.ts';

/** What a script printed and how it ended on a real bash. */
interface Recorded {
  script: string;
  output: string;
  status: number;
}

const folder = new URL('./testdata/', import.meta.url);

function parseRecordings(text: string): Recorded[] {
  const cases: Recorded[] = [];
  let current: Recorded | undefined;
  for (const line of text.split('\n')) {
    const body = line.slice(2);
    if (line.startsWith('$ ')) {
      current = { script: body, output: '', status: 0 };
      cases.push(current);
    }
    if (!current || line.startsWith('$ ')) continue;
    if (line.startsWith('>')) current.script += `\n${body}`;
    else if (line.startsWith('|')) current.output += `${body}\n`;
    else if (line.startsWith('~')) current.output += body;
    else if (line.startsWith('?')) current.status = Number(body);
  }
  return cases;
}

for (const file of readdirSync(folder).sort()) {
  describe(`bash does what the recorded bash did: ${file.replace('.txt', '')}`, () => {
    const cases = parseRecordings(readFileSync(new URL(file, folder), 'utf8'));
    it.each(cases)('$script', ({ script, output, status }) => {
      expect(runMerged(shellMachine(), ['bash', '-c', script])).toEqual({ output, status });
    });
  });
}

describe('the recordings', () => {
  it('are many', () => {
    const all = readdirSync(folder).flatMap((file) => parseRecordings(readFileSync(new URL(file, folder), 'utf8')));
    expect(all.length).toBeGreaterThan(400);
  });
});
