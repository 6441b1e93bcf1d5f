// `npm run fuzz`: generated inputs for every parser; what it tries and prints is sim/fuzz/run.ts.
import { ensureInstalled, handOver } from './bootstrap.mjs';

ensureInstalled();
handOver('sim/fuzz/run.ts', process.argv.slice(2));
