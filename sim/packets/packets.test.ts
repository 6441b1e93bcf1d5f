import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScript } from './script.ts';
import { playSimulated } from './simulated.ts';

const FOLDER = new URL('scripts/', import.meta.url);
const scripts = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.packets'))
  .sort()
  .map((file) => ({ name: file.replace('.packets', ''), script: parseScript(readFileSync(new URL(file, FOLDER), 'utf8')) }));

describe('packet scripts in the simulation', () => {
  it.each(scripts)('$name', ({ script }) => {
    expect(playSimulated(script)).toBeUndefined();
  });
});

describe('the player', () => {
  const wrong = (text: string) => playSimulated(parseScript(`$ ip addr add 10.0.0.1/24 dev eth0\n${text}`));

  it('says what came instead, and where the script expected it', () => {
    expect(wrong('> arp op=request spa=10.0.0.2 tpa=10.0.0.1\n< arp op=reply spa=10.0.0.7')).toMatch(
      /^line 3: arp spa=10\.0\.0\.1 instead of 10\.0\.0\.7:\neth dst=02:00:00:00:01:02 .* \/ arp op=reply/,
    );
    expect(wrong('> arp op=request spa=10.0.0.2 tpa=10.0.0.3\n< arp op=reply')).toBe('line 3: nothing was sent');
  });

  it('minds silence, leftovers, times and what commands print', () => {
    expect(wrong('> arp op=request spa=10.0.0.2 tpa=10.0.0.1\nnothing 100ms')).toMatch(/^line 3: not nothing, but eth0 < /);
    expect(wrong('> arp op=request spa=10.0.0.2 tpa=10.0.0.1')).toMatch(/^at the end: eth0 < /);
    expect(wrong('> arp op=request spa=10.0.0.2 tpa=10.0.0.1\n+1s < arp')).toMatch(/^line 3: it came after \S+ ms$/);
    expect(wrong('$ echo b\n| a')).toBe('line 2: $ echo b\nprinted\nb');
  });

  it('refuses lines that make no sense', () => {
    expect(() => parseScript('> nosuch a=1')).toThrow("line 1: no layer is named 'nosuch'");
    expect(() => parseScript('> ip nosuch=1')).toThrow("line 1: ip has no field 'nosuch=1'");
    expect(() => parseScript('< ip')).not.toThrow();
    expect(() => parseScript('nothing soon')).toThrow("line 1: 'soon' is no time");
  });
});
