import type { Micros } from '../../../base/time.ts';
import { formatIP } from '../../../base/address.ts';
import { be16 } from '../../../wire/endian.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookState } from '../hooks.ts';
import type { NetNamespace } from '../../netns.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, numberOf, problem, type Problem, TOO_SHORT, unsigned } from '../options.ts';
import { destinationOf, maskTo, sourceOf } from './addresses.ts';
import { type ByteBucket, bytesOf, bytesText, costOf, newByteBucket, parseBytes, takeBytes, U32 } from './byte-rate.ts';
import type { MatchExtension } from './match.ts';
import { parseRate, rateText } from './rate.ts';

const SCALE = 1_000_000;
/** NAME_MAX without the byte that ends it. */
const LONGEST_NAME = 254;
const MODES = ['srcip', 'dstip', 'srcport', 'dstport'] as const;

interface Bucket {
  credit: number;
  last: Micros;
  byBytes: ByteBucket | undefined;
}

/** In the order in which they are printed. */
const TABLE_OPTIONS = ['size', 'max', 'gcinterval', 'expire'] as const;
type TableOption = (typeof TABLE_OPTIONS)[number];

interface Hashlimit {
  above: boolean;
  /** Microseconds between packets; the price of a chunk where bytes count. */
  average: number;
  burst: number;
  bytes: boolean;
  /** `--hashlimit-htable-…` as it was given: buckets, entries, milliseconds between cleanings and that an entry lives. */
  table: Readonly<Partial<Record<TableOption, number>>>;
  modes: readonly string[];
  name: string;
  sourceMask: number;
  destinationMask: number;
  bits: number;
  buckets: Map<string, Bucket>;
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

/** How long entries live unused: as long as the unit of the rate, a second, a minute, an hour, a day; 10 seconds where bytes count. */
function lifetime(limit: Hashlimit): Micros {
  if (limit.table.expire !== undefined) return limit.table.expire * 1_000;
  if (limit.bytes) return 10 * SCALE;
  return ([86_400, 3_600, 60].find((seconds) => rateText(limit.average, SCALE).endsWith(UNITS[seconds] as string)) ?? 1) * SCALE;
}

function liveEntries(limit: Hashlimit, now: Micros): { ends: string; credit: number; left: Micros }[] {
  const life = lifetime(limit);
  const any = limit.bits === 32 ? '0.0.0.0' : '::';
  return [...limit.buckets].flatMap(([key, { credit, last }]) => {
    const left = last + life - now;
    if (left <= 0) return [];
    const values = key.split(' ');
    const part = (mode: string, absent: string) => (limit.modes.includes(mode) ? (values.shift() ?? absent) : absent);
    const [source, destination] = [part('srcip', any), part('dstip', any)];
    const [sourcePort, destinationPort] = [part('srcport', '0'), part('dstport', '0')];
    return [{ ends: `${source}:${sourcePort || 0}->${destination}:${destinationPort || 0}`, credit, left }];
  });
}

const UNITS: Readonly<Record<number, string>> = { 86400: '/day', 3600: '/hour', 60: '/min' };

type Rate = Pick<Hashlimit, 'average' | 'burst' | 'bytes'>;

/** Reads the rate and how much may come at once: packets, or bytes. */
function parseAverage(text: string, option: string, burstGiven: string | undefined): Rate | Problem {
  const written = /^(.*)\/s(?:ec(?:ond)?)?$/i.exec(text)?.[1];
  const bytes = written === undefined ? undefined : parseBytes(written);
  if (bytes !== undefined) {
    const average = costOf(bytes);
    const rate = bytesOf(average);
    if (burstGiven === undefined) return { average, burst: 1, bytes: true };
    const burst = parseBurst(burstGiven, U32);
    if (burst === undefined) return BAD_BURST;
    if (burst < rate) return problem(`burst cannot be smaller than ${rate}b`);
    return { average, burst: Math.ceil(burst / rate), bytes: true };
  }
  if (/^0+(\/|$)/.test(text)) return problem(`hashlimit: Bad value for "--${option}" option: "${text}"`);
  const average = parseRate(text, SCALE);
  if (average === undefined) return problem(`bad rate "${text}"'`);
  if (average === 'fast') return problem(`Rate too fast "${text}"`);
  const burst = parseBurst(burstGiven ?? '5', MOST_PACKETS);
  return burst === undefined ? BAD_BURST : { average, burst, bytes: false };
}

const MOST_PACKETS = 1_000_000;
const BAD_BURST = problem(`bad value for option "--hashlimit-burst", or out of range (1-${MOST_PACKETS}).`);

/** A number, of thousands or millions when `k` or `m` follows; what else follows means nothing (parse_burst of libxt_hashlimit). */
function parseBurst(text: string, most: number): number | undefined {
  const [, digits = '', rest = ''] = /^(\d+)(.*)$/s.exec(text) ?? [];
  const value = Number(digits);
  if (digits === '' || value < 1 || value > U32 || (rest === '' && value > MOST_PACKETS)) return undefined;
  const burst = (value * (rest.startsWith('k') ? 1024 : rest.startsWith('m') ? 1024 * 1024 : 1)) % (U32 + 1);
  return burst > most ? undefined : burst;
}

const averageText = ({ average, bytes }: Rate): string => (bytes ? `${bytesText(bytesOf(average))}/s` : rateText(average, SCALE));

function burstText({ average, burst, bytes }: Rate, word: string): string {
  if (!bytes) return ` ${word} ${burst}`;
  return burst > 1 ? ` ${word} ${bytesText(bytesOf(average) * burst)}` : '';
}

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

/** The hashlimit match: a limit for each sender, receiver or port (net/netfilter/xt_hashlimit.c). */
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
    ...TABLE_OPTIONS.map((name) => ({ name: `hashlimit-htable-${name}` })),
    { name: 'hashlimit-rate-interval', unmodelled: true },
    { name: 'hashlimit-rate-match', arguments: 0, unmodelled: true },
  ],
  parse(given, { family }) {
    const above = given.has('hashlimit-above');
    const text = given.value(above ? 'hashlimit-above' : 'hashlimit-upto');
    if (given.value('hashlimit-name') === '') return TOO_SHORT;
    if (text === undefined) return problem('You have to specify --hashlimit');
    const rate = parseAverage(text, above ? 'hashlimit-above' : 'hashlimit-upto', given.value('hashlimit-burst'));
    if (isProblem(rate)) return rate;
    const table: Partial<Record<TableOption, number>> = {};
    for (const name of TABLE_OPTIONS) {
      if (!given.has(`hashlimit-htable-${name}`)) continue;
      const number = numberOf('hashlimit', given, `hashlimit-htable-${name}`, 0xffff_ffff);
      if (isProblem(number)) return number;
      table[name] = number;
    }
    const modes = (given.value('hashlimit-mode') ?? '').split(',').filter((mode) => mode !== '');
    for (const mode of modes)
      if (!(MODES as readonly string[]).includes(mode))
        return problem(`hashlimit: Bad value for "--hashlimit-mode" option: "${given.value('hashlimit-mode')}"`);
    const bits = family === 4 ? 32 : 128;
    const sourceMask = unsigned(given.value('hashlimit-srcmask') ?? String(bits), bits);
    const destinationMask = unsigned(given.value('hashlimit-dstmask') ?? String(bits), bits);
    if (sourceMask === undefined || destinationMask === undefined)
      return problem(`hashlimit: bad value for a mask, or out of range (0-${bits}).\n`);
    return {
      above,
      ...rate,
      table,
      modes,
      name: (given.value('hashlimit-name') as string).slice(0, LONGEST_NAME),
      sourceMask,
      destinationMask,
      bits,
      buckets: new Map(),
    };
  },
  // The table is a file under /proc/net.
  check: ({ name }) => (name.includes('/') ? 'EINVAL' : undefined),
  save(data) {
    let text = ` --hashlimit-${data.above ? 'above' : 'upto'} ${averageText(data)}${burstText(data, '--hashlimit-burst')}`;
    if (data.modes.length > 0) text += ` --hashlimit-mode ${MODES.filter((mode) => data.modes.includes(mode)).join(',')}`;
    text += ` --hashlimit-name ${data.name}`;
    for (const name of TABLE_OPTIONS) if (data.table[name] !== undefined) text += ` --hashlimit-htable-${name} ${data.table[name]}`;
    if (data.sourceMask !== data.bits) text += ` --hashlimit-srcmask ${data.sourceMask}`;
    if (data.destinationMask !== data.bits) text += ` --hashlimit-dstmask ${data.destinationMask}`;
    return text;
  },
  list(data) {
    let text = ` limit: ${data.above ? 'above' : 'up to'} ${averageText(data)}${burstText(data, 'burst')}`;
    if (data.modes.length > 0) text += ` mode ${MODES.filter((mode) => data.modes.includes(mode)).join('-')}`;
    for (const name of TABLE_OPTIONS) if (data.table[name] !== undefined) text += ` htable-${name} ${data.table[name]}`;
    if (data.sourceMask !== data.bits) text += ` srcmask ${data.sourceMask}`;
    if (data.destinationMask !== data.bits) text += ` dstmask ${data.destinationMask}`;
    return text;
  },
  matches(data, skb, state) {
    const { now } = state.net.kernel.events;
    const key = keyOf(data, skb, state);
    const most = data.average * data.burst;
    let bucket = data.buckets.get(key);
    if (!bucket || now - bucket.last >= lifetime(data)) {
      bucket = { credit: most, last: now, byBytes: data.bytes ? newByteBucket(data.burst) : undefined };
      data.buckets.set(key, bucket);
    }
    if (bucket.byBytes) {
      const fits = takeBytes(bucket.byBytes, data.average, skb.end - skb.network, now - bucket.last);
      bucket.last = now;
      return fits !== data.above;
    }
    bucket.credit = Math.min(most, bucket.credit + now - bucket.last);
    bucket.last = now;
    if (bucket.credit < data.average) return data.above;
    bucket.credit -= data.average;
    return !data.above;
  },
};
