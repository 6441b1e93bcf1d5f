import './index.ts';
import { loadEverything } from './load.ts';

/**
 * The simulation's public entry with every part loaded: for what runs worlds without waiting (the lab, the build of the book,
 * tests). A worker loads parts one by one instead (`sim/worker`).
 */
export * from './index.ts';

await loadEverything();
