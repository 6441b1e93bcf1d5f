import { SECOND } from '../../../base/time.ts';
import { burden, least, overrun } from './load.ts';
import type { Scheduler } from './schedulers.ts';
import type { Destination, Memory } from './service.ts';

/** How long an address is remembered that nobody asks for, and a set of servers that doesn't change (sysctl_lblc_expiration). */
const FORGOTTEN = 24 * 3600 * SECOND;

type Remembered = NonNullable<Memory['sets']> extends Map<unknown, infer Entry> ? Entry : never;

/** What is remembered of an address; servers that are gone are forgotten. */
function recall(memory: Memory, address: number | bigint, now: number): Remembered | undefined {
  memory.sets ??= new Map();
  const found = memory.sets.get(address);
  if (!found || now - found.used > FORGOTTEN) {
    memory.sets.delete(address);
    return undefined;
  }
  found.used = now;
  found.servers = found.servers.filter(({ available }) => available);
  return found;
}

function remember(memory: Memory, address: number | bigint, servers: Destination[], now: number): void {
  memory.sets?.set(address, { servers, used: now, changed: now });
}

/** What was asked for stays at one server while that isn't overrun: for caches (ip_vs_lblc.c). */
export const lblc: Scheduler = (service, { virtual, now }) => {
  const found = recall(service.memory, virtual, now)?.servers[0];
  if (found && found.weight > 0 && !overrun(found, service)) return found;
  const chosen = least(service.destinations, burden);
  if (chosen) remember(service.memory, virtual, [chosen], now);
  return chosen;
};

/** As lblc, with a set of servers that grows when all of it is overrun, and shrinks when it has long been the same (ip_vs_lblcr.c). */
export const lblcr: Scheduler = (service, { virtual, now }) => {
  const found = recall(service.memory, virtual, now);
  if (!found) {
    const chosen = least(service.destinations, burden);
    if (chosen) remember(service.memory, virtual, [chosen], now);
    return chosen;
  }
  const best = least(found.servers, burden);
  if (found.servers.length > 1 && now - found.changed > FORGOTTEN) {
    const busiest = found.servers.reduce((most, one) => (burden(one) > burden(most) ? one : most));
    found.servers = found.servers.filter((one) => one !== busiest);
    found.changed = now;
  }
  if (best && !overrun(best, service)) return best;
  const chosen = least(service.destinations, burden);
  if (chosen && !found.servers.includes(chosen)) {
    found.servers.push(chosen);
    found.changed = now;
  }
  return chosen;
};
