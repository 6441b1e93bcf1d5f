import type { Destination, Service } from './service.ts';

/** An active connection is worth this many inactive ones. */
const ACTIVE = 256;

export const usable = (destination: Destination): boolean => destination.weight > 0 && !destination.overloaded;
export const overhead = ({ active, inactive }: Destination): number => active * ACTIVE + inactive;
/** What a server has to do, by its weight. */
export const burden = (destination: Destination): number => overhead(destination) / destination.weight;

/** The one with the least load; the first of equals. */
export function least(destinations: readonly Destination[], load: (destination: Destination) => number): Destination | undefined {
  let best: Destination | undefined;
  for (const destination of destinations) if (usable(destination) && (!best || load(destination) < load(best))) best = destination;
  return best;
}

/** A server with more active connections than its weight, while another has not half of its own (is_overloaded). */
export const overrun = (one: Destination, { destinations }: Service): boolean =>
  one.active > one.weight && destinations.some(({ active, weight }) => active * 2 < weight);
