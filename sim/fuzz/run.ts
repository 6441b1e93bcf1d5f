/**
 * `npm run fuzz`: tries many generated inputs on every family of parsers, and says which broke it.
 *
 *     npm run fuzz -- [--count=100000] [--seed=N] [--path=P] [TARGET …]
 *
 * A failure names its seed and path: the same target with both tries that input again. Exit status 1 when anything was found.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { shares, TARGETS } from './registry.ts';
import type { Finding, Target } from './target.ts';
import type { Report, Work } from './work.ts';

/** An input that keeps a target busy for so long hangs; a loaded machine needs some patience. */
const PATIENCE = 60_000;

const { values, positionals } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string' }, path: { type: 'string' } },
  allowPositionals: true,
});
const chosen = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.some((prefix) => name.startsWith(prefix)));
const count = Number(values.count);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (chosen.length === 0 || !Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
  console.error(`usage: fuzz [--count=N] [--seed=N] [--path=P] [TARGET …]; there are: ${TARGETS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

console.log(`${count} inputs, seed ${seed}`);
const began = performance.now();
const waiting = [...shares(count, chosen)];
let tried = 0;
let broken = 0;
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
const seconds = (performance.now() - began) / 1000;
console.log(`${tried} inputs in ${seconds.toFixed(0)} s (${Math.round(tried / seconds)}/s), ${broken} of ${chosen.length} targets broken`);
process.exitCode = broken > 0 ? 1 : 0;

async function lane(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [target, runs] = next;
    const start = performance.now();
    const finding = await watched(target, runs);
    tell(target, finding, (performance.now() - start) / 1000);
  }
}

function tell({ name }: Target, { runs, failure }: Finding, took: number): void {
  tried += runs;
  console.log(`${failure ? '✗' : '✓'} ${name}: ${runs} inputs in ${took.toFixed(1)} s (${Math.round(runs / took)}/s)`);
  if (!failure) return;
  broken++;
  console.log(`    input: ${failure.input}`);
  console.log(`    again: npm run fuzz -- --seed=${failure.seed} --path=${failure.path} '${name}'`);
  console.log(failure.message.replaceAll(/^/gm, '    '));
}

/** A target in a thread of its own, which is ended when it says nothing for too long. */
function watched(target: Target, runs: number): Promise<Finding> {
  const work: Work = { target: target.name, runs, seed, path: values.path };
  const worker = new Worker(new URL('./work.ts', import.meta.url), { workerData: work });
  return new Promise((resolve) => {
    let last = '(while starting)';
    let reported = 0;
    const fail = (message: string) => {
      clearInterval(clock);
      void worker.terminate();
      resolve({ runs: reported, failure: { input: last, message, seed, path: '' } });
    };
    let heard = performance.now();
    const clock = setInterval(() => performance.now() - heard > PATIENCE && fail(`no answer within ${PATIENCE / 1000} s`), 1000);
    worker.on('message', (report: Report) => {
      heard = performance.now();
      if ('input' in report) {
        last = report.input;
        reported++;
        return;
      }
      clearInterval(clock);
      resolve(report.finding);
    });
    worker.on('error', (error) => fail(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  });
}
