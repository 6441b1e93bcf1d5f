/**
 * Plays packet scripts: `node sim/packets/run.ts [--real] FILE…`; prints what went wrong, exit status 1 when anything did.
 */
import { readFileSync } from 'node:fs';
import { playReal, unavailable } from './real.ts';
import { parseScript } from './script.ts';
import { playSimulated } from './simulated.ts';

const words = process.argv.slice(2);
const real = words.includes('--real');
const hindrance = real ? unavailable() : undefined;
if (hindrance !== undefined) {
  console.error(hindrance);
  process.exit(2);
}
for (const file of words.filter((word) => word !== '--real')) {
  const script = parseScript(readFileSync(file, 'utf8'));
  const skipped = real && script.simulatedOnly !== undefined;
  const wrong = skipped ? undefined : real ? await playReal(script, console.log) : playSimulated(script, console.log);
  console.log(`${skipped ? '-' : wrong === undefined ? '✓' : '✗'} ${file}${wrong === undefined ? '' : `\n${wrong}`}`);
  if (wrong !== undefined) process.exitCode = 1;
}
