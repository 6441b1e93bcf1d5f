import type { Micros } from '../../../base/time.ts';
import { type Connection, STATUS } from './connection.ts';

const DONE: ReadonlySet<string> = new Set(['TIME_WAIT', 'CLOSE']);

/** Whether a connection no longer counts: it never got anywhere, is gone, or is closed (find_or_evict, already_closed). */
function over(connection: Connection, now: Micros): boolean {
  if (!connection.has(STATUS.CONFIRMED) || connection.has(STATUS.DYING) || connection.expires <= now) return true;
  return DONE.has(connection.tcpState);
}

/** Adds a packet's connection to those that were seen, and says how many of them there still are (net/netfilter/nf_conncount.c). */
export function countOf(seen: Set<Connection>, own: Connection | undefined, now: Micros): number {
  for (const connection of seen) if (connection !== own && over(connection, now)) seen.delete(connection);
  if (own) seen.add(own);
  return seen.size;
}
