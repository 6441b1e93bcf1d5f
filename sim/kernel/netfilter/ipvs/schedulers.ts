import type { IP } from '../../../base/address.ts';
import { burden, least, overhead, usable } from './load.ts';
import { lblc, lblcr } from './locality.ts';
import { mh } from './maglev.ts';
import type { Destination, Service } from './service.ts';

/** A client and whom it asked for. */
export interface Asking {
  client: IP;
  virtual: IP;
  now: number;
  /** A number from 0 to one less than `below`. */
  random(below: number): number;
}

export type Scheduler = (service: Service, asking: Asking) => Destination | undefined;

const TABLE = 256;

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

/** An address in 32 bits (ip_vs_sh_hashkey folds those of IPv6). */
const folded = (address: IP): number =>
  typeof address === 'number' ? address : [96n, 64n, 32n, 0n].reduce((sum, shift) => sum ^ Number((address >> shift) & 0xffff_ffffn), 0);

/** Clients or addresses always at the same server: a table with as many places for each as its weight (ip_vs_sh.c, ip_vs_dh.c). */
const hashed =
  (key: (asking: Asking) => IP): Scheduler =>
  ({ destinations }, asking) => {
    const places = destinations.flatMap((destination) => new Array<Destination>(Math.max(destination.weight, 0)).fill(destination));
    if (places.length === 0) return undefined;
    const slot = Math.imul(folded(key(asking)), 0x9e3779b1) >>> (32 - Math.log2(TABLE));
    const chosen = places[slot % places.length] as Destination;
    return usable(chosen) ? chosen : undefined;
  };

/** The shortest expected wait: what its load would be with one connection more (ip_vs_sed.c). */
const expected = ({ active, weight }: Destination) => (active + 1) / weight;

/** The less burdened of two that are drawn by their weights (ip_vs_twos.c). */
const twos: Scheduler = ({ destinations }, { random }) => {
  const candidates = destinations.filter(usable);
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return undefined;
  const draw = () => {
    let left = random(total);
    return candidates.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
  };
  return least(
    [draw(), draw()].filter((one) => one !== undefined),
    burden,
  );
};

const SCHEDULERS = {
  rr,
  wrr,
  lc: (service) => least(service.destinations, overhead),
  wlc: (service) => least(service.destinations, burden),
  sed: (service) => least(service.destinations, expected),
  nq: (service) => service.destinations.find((one) => usable(one) && one.active === 0) ?? least(service.destinations, expected),
  sh: hashed(({ client }) => client),
  dh: hashed(({ virtual }) => virtual),
  fo: (service) => least(service.destinations, ({ weight }) => -weight),
  ovf: (service) =>
    least(
      service.destinations.filter(({ active, weight }) => active < weight),
      (one) => -one.weight,
    ),
  lblc,
  lblcr,
  mh,
  twos,
} satisfies Record<string, Scheduler>;

export type SchedulerName = keyof typeof SCHEDULERS;

export function isScheduler(name: string): name is SchedulerName {
  return Object.hasOwn(SCHEDULERS, name);
}

/** Chooses a server for a new connection; `undefined` when there is none. */
export function schedule(service: Service, asking: Asking): Destination | undefined {
  return SCHEDULERS[service.settings.scheduler](service, asking);
}
