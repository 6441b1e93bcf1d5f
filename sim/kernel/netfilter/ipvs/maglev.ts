import { formatIP, type IP } from '../../../base/address.ts';
import { usable } from './load.ts';
import type { Scheduler } from './schedulers.ts';
import type { Destination } from './service.ts';

/** Places of the table, a prime (CONFIG_IP_VS_MH_TAB_INDEX=12). */
const PLACES = 4093;

/** A number of 32 bits for a text (FNV-1a); the kernel's is HSipHash. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Every server has its own order of the places, and they take places by turns, as many as their weights say (ip_vs_mh_populate). */
function fill(destinations: readonly Destination[]): Destination[] {
  const takers = destinations.filter(({ weight }) => weight > 0);
  if (takers.length === 0) return [];
  const step = takers.reduce((sum, { weight }) => gcd(sum, weight), 0);
  const orders = takers.map(({ address, port }) => {
    const name = `${formatIP(address)} ${port}`;
    return { at: hash(name, 1) % PLACES, skip: (hash(name, 2) % (PLACES - 1)) + 1 };
  });
  const table = new Array<Destination | undefined>(PLACES);
  for (let filled = 0; ; ) {
    for (const [i, taker] of takers.entries()) {
      const order = orders[i] as (typeof orders)[number];
      for (let turns = taker.weight / step; turns > 0; turns--) {
        while (table[order.at]) order.at = (order.at + order.skip) % PLACES;
        table[order.at] = taker;
        if (++filled === PLACES) return table as Destination[];
      }
    }
  }
}

/** Tables are made anew when servers or weights have changed. */
const tables = new WeakMap<object, { made: string; table: Destination[] }>();

function tableOf(destinations: readonly Destination[]): Destination[] {
  const made = destinations.map(({ address, port, weight }) => `${formatIP(address)} ${port} ${weight}`).join();
  const known = tables.get(destinations);
  if (known?.made === made) return known.table;
  const table = fill(destinations);
  tables.set(destinations, { made, table });
  return table;
}

const place = (client: IP): number => hash(formatIP(client), 0) % PLACES;

/** Maglev hashing: a client's server stays the same for nearly all of them when others come and go (ip_vs_mh.c). */
export const mh: Scheduler = ({ destinations }, { client }) => {
  const chosen = tableOf(destinations)[place(client)];
  return chosen && usable(chosen) ? chosen : undefined;
};
