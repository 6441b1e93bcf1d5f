import type { Micros } from '../../../base/time.ts';
import type { Connection } from '../conntrack/connection.ts';
import { countOf } from '../conntrack/count.ts';

export interface Counter {
  kind: 'counter';
  packets: number;
  bytes: number;
}

/** So much, then no more; `over` matches only what is beyond (struct nft_quota). */
export interface Quota {
  kind: 'quota';
  bytes: number;
  used: number;
  over: boolean;
}

/** A token bucket (struct nft_limit_priv). */
export interface Limit {
  kind: 'limit';
  rate: number;
  /** Seconds. */
  unit: number;
  /** What is counted: packets, or bytes. */
  bytes: boolean;
  /** As it was written: `kbytes`. */
  burst: number;
  over: boolean;
  /** Microseconds' worth of tokens, and when they were last counted. */
  tokens: number | undefined;
  last: Micros;
}

/** How many connections there are (struct nft_connlimit). */
export interface Connections {
  kind: 'connections';
  limit: number;
  over: boolean;
  counted: Set<Connection>;
}

/** What may have a name of its own in a table. */
export type ObjectState = Counter | Quota | Limit;

/** What remembers something between packets: in a rule, in an element of a set, or as an object with a name. */
export type Stateful = ObjectState | Connections;

/** A fresh copy, for an element of a set that all start alike. */
export function fresh(state: Stateful): Stateful {
  if (state.kind === 'counter') return { ...state, packets: 0, bytes: 0 };
  if (state.kind === 'connections') return { ...state, counted: new Set() };
  return state.kind === 'quota' ? { ...state, used: 0 } : { ...state, tokens: undefined };
}

/**
 * Takes account of a packet, of which `own` is the connection.
 * @returns false when the rule does not match
 */
export function account(state: Stateful, length: number, now: Micros, own: Connection | undefined): boolean {
  switch (state.kind) {
    case 'counter':
      state.packets++;
      state.bytes += length;
      return true;
    case 'quota':
      state.used += length;
      return state.used >= state.bytes === state.over;
    case 'limit':
      return spend(state, length, now) !== state.over;
    case 'connections':
      return own !== undefined && countOf(state.counted, own, now) > state.limit === state.over;
  }
}

/** nft_limit_eval: a token is the time that one packet, or one byte, takes at the rate. */
function spend(limit: Limit, length: number, now: Micros): boolean {
  const each = (limit.unit * 1_000_000) / limit.rate;
  const most = limit.bytes ? (limit.rate + limit.burst) * each : limit.burst * each;
  const tokens = Math.min(most, (limit.tokens ?? most) + (limit.tokens === undefined ? 0 : now - limit.last));
  const cost = limit.bytes ? length * each : each;
  limit.last = now;
  limit.tokens = tokens >= cost ? tokens - cost : tokens;
  return tokens >= cost;
}
