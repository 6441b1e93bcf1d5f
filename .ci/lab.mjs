// `npm run -s lab -- …`: the simulation without a browser; the command itself is sim/node/lab.ts.
import { ensureInstalled, handOver, isInstalled, isModern } from './bootstrap.mjs';

if (!isInstalled() || !isModern()) {
  ensureInstalled();
  // Relative file names are the caller's: npm runs scripts in the project's folder and keeps where it was called in INIT_CWD.
  handOver('sim/node/lab.ts', process.argv.slice(2));
} else {
  await import('../sim/node/lab.ts');
}
