/**
 * `npm run bench`: what the simulation costs, as multiples of a fixed piece of work measured in the same run, so that numbers from
 * different machines can be compared. Each figure is the best of several rounds.
 */
import { World } from '../index.ts';

const ROUNDS = 5;

/** Wall milliseconds of the fastest of some rounds. */
function best(work: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
}

/** The unit: Internet checksums over frames of 1,500 bytes, 20,000 of them. */
function unit(): number {
  const frame = Uint8Array.from({ length: 1500 }, (_, index) => index & 255);
  let sink = 0;
  const milliseconds = best(() => {
    for (let round = 0; round < 20_000; round++) {
      let sum = 0;
      for (let at = 0; at < frame.length; at += 2) sum += ((frame[at] as number) << 8) | (frame[at + 1] as number);
      sink ^= sum;
    }
  });
  if (sink === 1) throw new Error('unreachable; keeps the loop from being left out');
  return milliseconds;
}

function run(world: World, command: string): void {
  const started = world.console('host1').run(command, () => {});
  const outcome = world.runUntil(() => started.done);
  if (outcome !== 'done') throw new Error(`${command}: ${outcome}`);
}

interface Figure {
  what: string;
  milliseconds: number;
  /** Events that the world ran, for those that run in one. */
  events?: number;
}

function command(what: string, scenario: string, text: string): Figure {
  let events = 0;
  const milliseconds = best(() => {
    const world = World.create(scenario);
    const before = world.events.executed;
    run(world, text);
    events = world.events.executed - before;
  });
  const empty = best(() => run(World.create(scenario), ':'));
  return { what, milliseconds: Math.max(milliseconds - empty, 0), events };
}

const one = unit();
const figures: Figure[] = [
  { what: 'making the world linux', milliseconds: best(() => World.create('linux')) },
  { what: 'making the world lan', milliseconds: best(() => World.create('lan')) },
  command('1,000 pings across the LAN', 'lan', 'ping -q -c 1000 -i 0.01 192.168.50.12'),
  command('1,000 rounds of a shell loop', 'linux', 'for ((i = 0; i < 1000; i++)); do :; done'),
  command('100 pipelines of three processes', 'linux', 'for i in $(seq 100); do echo a b | tr a-z A-Z | wc -c; done'),
  command('sorting 10,000 lines', 'linux', 'seq 10000 | sort -rn | tail -1'),
];

console.log(`${'unit of work'.padEnd(36)}${one.toFixed(1).padStart(9)} ms${'1.00'.padStart(9)}`);
for (const { what, milliseconds, events } of figures) {
  const rate = events ? `${Math.round(events / milliseconds)} events/ms` : '';
  console.log(`${what.padEnd(36)}${milliseconds.toFixed(1).padStart(9)} ms${(milliseconds / one).toFixed(2).padStart(9)}  ${rate}`);
}
