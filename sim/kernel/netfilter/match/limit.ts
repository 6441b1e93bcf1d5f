import type { Micros } from '../../../base/time.ts';
import { problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';
import { parseRate, rateText } from './rate.ts';

/** XT_LIMIT_SCALE: rates are kept in ten-thousandths of a second. */
const SCALE = 10_000;
const TICK: Micros = 1_000_000 / SCALE;

interface Limit {
  /** Ticks between packets. */
  average: number;
  burst: number;
  /** Microseconds saved up, and when they were last counted; absent before the first packet. */
  bucket: { credit: number; last: Micros } | undefined;
}

/** The limit match: so many packets in a time, after a burst (net/netfilter/xt_limit.c). */
export const limit: MatchExtension<Limit> = {
  name: 'limit',
  options: [{ name: 'limit' }, { name: 'limit-burst' }],
  parse(given) {
    const text = given.value('limit') ?? '3/hour';
    const average = parseRate(text, SCALE);
    if (average === undefined) return problem(`bad rate "${text}"'`);
    if (average === 'fast') return problem(`Rate too fast "${text}"`);
    const burst = unsigned(given.value('limit-burst') ?? '5', 10_000);
    if (burst === undefined) return problem('limit: bad value for option "--limit-burst", or out of range (0-10000).\n');
    return { average, burst, bucket: undefined };
  },
  save: ({ average, burst }) => ` --limit ${rateText(average, SCALE)}${burst === 5 ? '' : ` --limit-burst ${burst}`}`,
  list: ({ average, burst }) => ` limit: avg ${rateText(average, SCALE)} burst ${burst}`,
  matches(data, _skb, state) {
    const { now } = state.net.kernel.events;
    const cost = data.average * TICK;
    const most = cost * data.burst;
    data.bucket ??= { credit: most, last: now };
    const { bucket } = data;
    bucket.credit = Math.min(most, bucket.credit + now - bucket.last);
    bucket.last = now;
    if (bucket.credit < cost) return false;
    bucket.credit -= cost;
    return true;
  },
};
