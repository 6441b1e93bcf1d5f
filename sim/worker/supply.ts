import type { World } from '../index.ts';
import { load, type Part, parts } from '../load.ts';

/** Loads what a world wants, until it goes on. @throws Error when a part can't be loaded */
export async function supply(world: World): Promise<void> {
  for (let part = world.wanted; part; part = world.wanted) {
    try {
      await load(part);
    } catch (error) {
      throw new Error(`the code of '${part.name}' could not be loaded (${error instanceof Error ? error.message : String(error)})`);
    }
    world.resume();
  }
}

/** Starts to load parts by name; those that only a loaded part tells of, when it has come. One that doesn't come is tried again when it is wanted. */
export function expectParts(names: readonly string[]): void {
  const started = new Set<Part>();
  const start = (): void => {
    for (const part of parts) {
      if (started.has(part) || !names.includes(part.name)) continue;
      started.add(part);
      load(part).then(start, () => {});
    }
  };
  start();
}

/** Before the first and between two of the parts that nobody waits for, in wall milliseconds. */
const REST = 2_000;
const PAUSE = 50;
let prefetching = false;

/**
 * Loads all the rest, bit by bit, so that the page needs no network from then on; not for a reader who wants to save data. Parts
 * that don't come now are tried again when they are wanted.
 */
export function prefetch(): void {
  if (prefetching || savesData()) return;
  prefetching = true;
  let index = 0;
  const next = (): void => {
    const part = parts[index++];
    if (!part) return;
    load(part).then(pause, pause);
  };
  const pause = (): void => {
    setTimeout(next, PAUSE);
  };
  setTimeout(next, REST);
}

function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}
