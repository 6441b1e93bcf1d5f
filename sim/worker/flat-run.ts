import { type Limits, RUN_LIMITS, type World } from '../index.ts';
import type { CellRun } from './cell-run.ts';

/** Why a cell didn't end by itself: it took too long, or waits for what can't come. */
export type Hindrance = 'limit' | 'stuck';

/** What a cell gets to end after its Ctrl-C, in microseconds. */
const AFTER_INTERRUPT = 1_000_000;

/**
 * Runs a cell flat, batch by batch. Past `RUN_LIMITS`, or when nothing can happen any more, it gets a Ctrl-C, so that the cells after
 * it find the shell ready; a second later it is given up.
 *
 * @param hindered hears why before the Ctrl-C; and once more, with `over`, when even that didn't end it
 * @returns runs a batch of so many events; true when there is nothing more to run
 */
export function flatRun(
  world: World,
  run: CellRun,
  hindered: (why: Hindrance, over: boolean) => void,
  limits: Required<Limits> = RUN_LIMITS,
): (budget: number) => boolean {
  let spentUntil = world.spent + limits.events;
  let until = world.now + limits.virtual;
  let interrupted = false;
  return (budget) => {
    const result = world.runUntil(() => run.poll(), { events: budget, virtual: until - world.now });
    if (result === 'wanting') return false;
    if (result === 'idle') run.idle();
    if (result === 'done' || (result === 'idle' && run.poll())) return true;
    if (result === 'limit' && world.spent < spentUntil && world.now < until && (world.events.nextDue ?? 0) <= until) return false;
    const why = result === 'idle' ? 'stuck' : 'limit';
    if (interrupted) {
      hindered(why, true);
      return true;
    }
    interrupted = true;
    spentUntil = world.spent + limits.events;
    until = world.now + AFTER_INTERRUPT;
    hindered(why, false);
    run.interrupt();
    return false;
  };
}
