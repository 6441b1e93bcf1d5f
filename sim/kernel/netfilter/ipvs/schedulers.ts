import type { IPv4 } from '../../../base/address.ts';
import type { Destination, Service } from './service.ts';

/** A client and whom it asked for. */
export interface Asking {
  client: IPv4;
  virtual: IPv4;
}

type Scheduler = (service: Service, asking: Asking) => Destination | undefined;

/** An active connection is worth this many inactive ones. */
const ACTIVE = 256;
const TABLE = 256;

const usable = (destination: Destination) => destination.weight > 0 && !destination.overloaded;
const overhead = ({ active, inactive }: Destination) => active * ACTIVE + inactive;

/** The one with the least load; the first of equals. */
function least(service: Service, load: (destination: Destination) => number): Destination | undefined {
  let best: Destination | undefined;
  for (const destination of service.destinations) if (usable(destination) && (!best || load(destination) < load(best))) best = destination;
  return best;
}

/** One after the other (ip_vs_rr.c). */
const rr: Scheduler = ({ destinations, memory }) => {
  const from = memory.last ? destinations.indexOf(memory.last) + 1 : 0;
  for (let i = 0; i < destinations.length; i++) {
    const destination = destinations[(from + i) % destinations.length] as Destination;
    if (!usable(destination)) continue;
    memory.last = destination;
    return destination;
  }
  return undefined;
};

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** By turns, each as often as its weight says: rounds with a falling bar that weights must reach (ip_vs_wrr.c). */
const wrr: Scheduler = ({ destinations, memory }) => {
  const weights = destinations.map(({ weight }) => weight).filter((weight) => weight > 0);
  if (weights.length === 0) return undefined;
  const step = weights.reduce(gcd);
  const most = Math.max(...weights);
  let at = memory.last ? destinations.indexOf(memory.last) : -1;
  if (at < 0) memory.current = most;
  for (let turns = 0; turns <= destinations.length * (most / step + 1); turns++) {
    at++;
    if (at >= destinations.length) {
      at = 0;
      memory.current -= step;
      if (memory.current <= 0) memory.current = most;
    }
    const destination = destinations[at] as Destination;
    if (destination.weight < memory.current || !usable(destination)) continue;
    memory.last = destination;
    return destination;
  }
  return undefined;
};

/** Clients or addresses always at the same server: a table with as many places for each as its weight (ip_vs_sh.c, ip_vs_dh.c). */
const hashed =
  (key: (asking: Asking) => IPv4): Scheduler =>
  ({ destinations }, asking) => {
    const places = destinations.flatMap((destination) => new Array<Destination>(Math.max(destination.weight, 0)).fill(destination));
    if (places.length === 0) return undefined;
    const slot = Math.imul(key(asking), 0x9e3779b1) >>> (32 - Math.log2(TABLE));
    const chosen = places[slot % places.length] as Destination;
    return usable(chosen) ? chosen : undefined;
  };

/** The shortest expected wait: what its load would be with one connection more (ip_vs_sed.c). */
const expected = ({ active, weight }: Destination) => (active + 1) / weight;

const SCHEDULERS = {
  rr,
  wrr,
  lc: (service) => least(service, overhead),
  wlc: (service) => least(service, (one) => overhead(one) / one.weight),
  sed: (service) => least(service, expected),
  nq: (service) => service.destinations.find((one) => usable(one) && one.active === 0) ?? least(service, expected),
  sh: hashed(({ client }) => client),
  dh: hashed(({ virtual }) => virtual),
  fo: (service) => least(service, ({ weight }) => -weight),
  ovf: (service) =>
    least(
      { ...service, destinations: service.destinations.filter(({ active, weight }) => active < weight) } as Service,
      (one) => -one.weight,
    ),
} satisfies Record<string, Scheduler>;

export type SchedulerName = keyof typeof SCHEDULERS;

export function isScheduler(name: string): name is SchedulerName {
  return Object.hasOwn(SCHEDULERS, name);
}

/** Chooses a server for a new connection; `undefined` when there is none. */
export function schedule(service: Service, asking: Asking): Destination | undefined {
  return SCHEDULERS[service.settings.scheduler](service, asking);
}
