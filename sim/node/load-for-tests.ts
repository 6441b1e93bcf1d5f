import { beforeAll } from 'vitest';
import { loadEverything } from '../load.ts';

/** Before the tests of a file run, every part that its imports tell of is loaded; what runs while it is read needs `sim/complete.ts`. */
beforeAll(loadEverything);
