// `npm run bench`: what the simulation costs; the measurements are sim/bench/bench.ts.
import { ensureInstalled, handOver } from './bootstrap.mjs';

ensureInstalled();
handOver('sim/bench/bench.ts', process.argv.slice(2));
