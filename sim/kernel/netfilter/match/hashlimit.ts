import type { Micros } from '../../../base/time.ts';
import { formatIP } from '../../../base/address.ts';
import { be16 } from '../../../wire/endian.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookState } from '../hooks.ts';
import type { NetNamespace } from '../../netns.ts';
import { hasTransport } from '../locate.ts';
import { problem, unsigned } from '../options.ts';
import { destinationOf, maskTo, sourceOf } from './addresses.ts';
import type { MatchExtension } from './match.ts';
import { parseRate, rateText } from './rate.ts';

const SCALE = 1_000_000;
const MODES = ['srcip', 'dstip', 'srcport', 'dstport'] as const;

interface Hashlimit {
  above: boolean;
  /** Microseconds between packets. */
  average: number;
  burst: number;
  modes: readonly string[];
  name: string;
  sourceMask: number;
  destinationMask: number;
  bits: number;
  buckets: Map<string, { credit: number; last: Micros }>;
}

/** What /proc/net/ipt_hashlimit shows of a table. */
export interface HashlimitTable {
  average: number;
  burst: number;
  /** Its entries: `SRC:PORT->DST:PORT`, credit as it was left, and microseconds to live. */
  live(now: Micros): { ends: string; credit: number; left: Micros }[];
}

/** A namespace's tables by name: those that its rules name. */
export function hashlimitTables(net: NetNamespace, family: Family): ReadonlyMap<string, HashlimitTable> {
  const tables = new Map<string, HashlimitTable>();
  for (const rule of net.netfilter.rules([family])) {
    for (const { extension, data } of rule.matches) {
      if (extension.name !== hashlimit.name) continue;
      const limit = data as Hashlimit;
      tables.set(limit.name, { average: limit.average, burst: limit.burst, live: (now) => liveEntries(limit, now) });
    }
  }
  return tables;
}

/** Entries live as long as the unit of the rate: a second, a minute, an hour, a day. */
function liveEntries(limit: Hashlimit, now: Micros): { ends: string; credit: number; left: Micros }[] {
  const unit = [86_400, 3_600, 60].find((seconds) => rateText(limit.average, SCALE).endsWith(UNITS[seconds] as string)) ?? 1;
  const any = limit.bits === 32 ? '0.0.0.0' : '::';
  return [...limit.buckets].flatMap(([key, { credit, last }]) => {
    const left = last + unit * SCALE - now;
    if (left <= 0) return [];
    const values = key.split(' ');
    const part = (mode: string, absent: string) => (limit.modes.includes(mode) ? (values.shift() ?? absent) : absent);
    const [source, destination] = [part('srcip', any), part('dstip', any)];
    const [sourcePort, destinationPort] = [part('srcport', '0'), part('dstport', '0')];
    return [{ ends: `${source}:${sourcePort || 0}->${destination}:${destinationPort || 0}`, credit, left }];
  });
}

const UNITS: Readonly<Record<number, string>> = { 86400: '/day', 3600: '/hour', 60: '/min' };

/** Whom a packet counts for. */
function keyOf(data: Hashlimit, skb: Skb, state: HookState): string {
  const parts: string[] = [];
  if (data.modes.includes('srcip')) parts.push(formatIP(maskTo(sourceOf(skb, state.family), data.sourceMask)));
  if (data.modes.includes('dstip')) parts.push(formatIP(maskTo(destinationOf(skb, state.family), data.destinationMask)));
  const ports = hasTransport(skb, state, 4);
  if (data.modes.includes('srcport')) parts.push(ports ? String(be16(skb.bytes, state.transport)) : '');
  if (data.modes.includes('dstport')) parts.push(ports ? String(be16(skb.bytes, state.transport + 2)) : '');
  return parts.join(' ');
}

/** The hashlimit match: a limit for each sender, receiver or port (net/netfilter/xt_hashlimit.c). Rates in bytes are not modelled. */
export const hashlimit: MatchExtension<Hashlimit> = {
  name: 'hashlimit',
  options: [
    { name: 'hashlimit-upto', aliases: ['hashlimit'], excludes: ['hashlimit-above'] },
    { name: 'hashlimit-above' },
    { name: 'hashlimit-burst' },
    { name: 'hashlimit-mode' },
    { name: 'hashlimit-name', mandatory: true },
    { name: 'hashlimit-srcmask' },
    { name: 'hashlimit-dstmask' },
    { name: 'hashlimit-htable-size', unmodelled: true },
    { name: 'hashlimit-htable-max', unmodelled: true },
    { name: 'hashlimit-htable-expire', unmodelled: true },
    { name: 'hashlimit-htable-gcinterval', unmodelled: true },
    { name: 'hashlimit-rate-match', arguments: 0, unmodelled: true },
  ],
  parse(given, { family }) {
    const above = given.has('hashlimit-above');
    const text = given.value(above ? 'hashlimit-above' : 'hashlimit-upto');
    if (text === undefined) return problem('You have to specify --hashlimit');
    const average = parseRate(text, SCALE);
    if (average === undefined) return problem(`bad rate "${text}"'`);
    if (average === 'fast') return problem(`Rate too fast "${text}"`);
    const burst = unsigned(given.value('hashlimit-burst') ?? '5', 1_000_000, 1);
    if (burst === undefined) return problem('bad value for option "--hashlimit-burst"');
    const modes = (given.value('hashlimit-mode') ?? '').split(',').filter((mode) => mode !== '');
    for (const mode of modes)
      if (!(MODES as readonly string[]).includes(mode))
        return problem(`hashlimit: bad --hashlimit-mode: \`${given.value('hashlimit-mode')}'\n`);
    const bits = family === 4 ? 32 : 128;
    const sourceMask = unsigned(given.value('hashlimit-srcmask') ?? String(bits), bits);
    const destinationMask = unsigned(given.value('hashlimit-dstmask') ?? String(bits), bits);
    if (sourceMask === undefined || destinationMask === undefined)
      return problem(`hashlimit: bad value for a mask, or out of range (0-${bits}).\n`);
    return {
      above,
      average,
      burst,
      modes,
      name: given.value('hashlimit-name') as string,
      sourceMask,
      destinationMask,
      bits,
      buckets: new Map(),
    };
  },
  save(data) {
    let text = ` --hashlimit-${data.above ? 'above' : 'upto'} ${rateText(data.average, SCALE)} --hashlimit-burst ${data.burst}`;
    if (data.modes.length > 0) text += ` --hashlimit-mode ${MODES.filter((mode) => data.modes.includes(mode)).join(',')}`;
    text += ` --hashlimit-name ${data.name}`;
    if (data.sourceMask !== data.bits) text += ` --hashlimit-srcmask ${data.sourceMask}`;
    if (data.destinationMask !== data.bits) text += ` --hashlimit-dstmask ${data.destinationMask}`;
    return text;
  },
  list(data) {
    let text = ` limit: ${data.above ? 'above' : 'up to'} ${rateText(data.average, SCALE)} burst ${data.burst}`;
    if (data.modes.length > 0) text += ` mode ${MODES.filter((mode) => data.modes.includes(mode)).join('-')}`;
    if (data.sourceMask !== data.bits) text += ` srcmask ${data.sourceMask}`;
    if (data.destinationMask !== data.bits) text += ` dstmask ${data.destinationMask}`;
    return text;
  },
  matches(data, skb, state) {
    const { now } = state.net.kernel.events;
    const key = keyOf(data, skb, state);
    const most = data.average * data.burst;
    const bucket = data.buckets.get(key) ?? { credit: most, last: now };
    data.buckets.set(key, bucket);
    bucket.credit = Math.min(most, bucket.credit + now - bucket.last);
    bucket.last = now;
    if (bucket.credit < data.average) return data.above;
    bucket.credit -= data.average;
    return !data.above;
  },
};
