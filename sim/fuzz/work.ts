import { parentPort, workerData } from 'node:worker_threads';
import { TARGETS } from './registry.ts';
import type { Finding } from './target.ts';

/** What the worker of one target is asked. */
export interface Work {
  target: string;
  runs: number;
  seed: number;
  path: string | undefined;
}

/** What it says: every input before it is tried, so that one that hangs is known by name; then what was found. */
export type Report = { input: string } | { finding: Finding };

const { target: name, runs, seed, path } = workerData as Work;
const target = TARGETS.find((candidate) => candidate.name === name);
if (!target) throw new Error(`no target is named ${name}`);
const say = (report: Report): void => parentPort?.postMessage(report);
say({ finding: target.fuzz({ runs, seed, path, before: (input) => say({ input }) }) });
