import { formatIP, type IP, parseIP } from '../../../base/address.ts';
import { type Micros, SECOND } from '../../../base/time.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { NetNamespace } from '../../netns.ts';
import { problem, unsigned } from '../options.ts';
import { destinationOf, sourceOf } from './addresses.ts';
import type { MatchExtension } from './match.ts';

const ACTIONS = ['set', 'rcheck', 'update', 'remove'] as const;
type Action = (typeof ACTIONS)[number];

interface Recent {
  action: Action;
  inverted: boolean;
  seconds: number | undefined;
  reap: boolean;
  hits: number | undefined;
  ttl: boolean;
  name: string;
  destination: boolean;
  mask: IP;
}

/** Addresses that a list remembers at most, and moments per address (ip_list_tot, ip_pkt_list_tot). */
const MAX_ENTRIES = 100;
const MAX_STAMPS = 255;

/** What a list knows of an address. */
export interface RecentEntry {
  stamps: Micros[];
  ttl: number;
}

const lists = new WeakMap<NetNamespace, Map<string, Map<IP, RecentEntry>>>();

/** The lists that a namespace's rules name (/proc/net/xt_recent); what no rule names any more is forgotten. */
export function recentLists(net: NetNamespace): ReadonlyMap<string, Map<IP, RecentEntry>> {
  const named = new Set<string>();
  for (const { data } of net.netfilter.matchesOf(recent.name)) named.add((data as Recent).name);
  for (const name of lists.get(net)?.keys() ?? []) if (!named.has(name)) lists.get(net)?.delete(name);
  for (const name of named) recentList(net, name);
  return lists.get(net) ?? new Map();
}

/** Enters an address, or notes that it was seen again. */
export function rememberRecent(net: NetNamespace, name: string, address: IP, hops: number): void {
  const list = recentList(net, name);
  const { now } = net.kernel.events;
  const entry = list.get(address) ?? { stamps: [], ttl: hops };
  if (list.size >= MAX_ENTRIES && !list.has(address)) list.delete(list.keys().next().value as IP);
  entry.stamps.push(now);
  if (entry.stamps.length > MAX_STAMPS) entry.stamps.shift();
  entry.ttl = hops;
  list.delete(address);
  list.set(address, entry);
}

/** Takes an address from a list, or all of them. */
export function forgetRecent(net: NetNamespace, name: string, address: IP | undefined): void {
  if (address === undefined) recentList(net, name).clear();
  else recentList(net, name).delete(address);
}

/** A namespace's list, made when first named; least recently seen addresses come first. */
export function recentList(net: NetNamespace, name: string): Map<IP, RecentEntry> {
  const known = lists.get(net) ?? new Map<string, Map<IP, RecentEntry>>();
  lists.set(net, known);
  const list = known.get(name) ?? new Map<IP, RecentEntry>();
  known.set(name, list);
  return list;
}

const WORDS = { set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' } as const;

/** The recent match: remembers addresses and when they were seen (net/netfilter/xt_recent.c). */
export const recent: MatchExtension<Recent> = {
  name: 'recent',
  options: [
    ...ACTIONS.map((name) => ({ name, arguments: 0 as const, invert: true, excludes: ACTIONS.filter((other) => other !== name) })),
    { name: 'seconds' },
    { name: 'reap', arguments: 0, also: 'seconds' },
    { name: 'hitcount' },
    { name: 'rttl', arguments: 0 },
    { name: 'name' },
    { name: 'rsource', arguments: 0, excludes: ['rdest'] },
    { name: 'rdest', arguments: 0 },
    { name: 'mask' },
  ],
  parse(given, { family }) {
    const action = ACTIONS.find((name) => given.has(name));
    if (!action) return problem("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'");
    const number = (name: string) => {
      const text = given.value(name);
      return text === undefined ? undefined : (unsigned(text, 0xffff_ffff, 1) ?? Number.NaN);
    };
    const seconds = number('seconds');
    const hits = number('hitcount');
    if (Number.isNaN(seconds)) return problem('recent: bad value for option "--seconds", or out of range (1-4294967295).\n');
    if (Number.isNaN(hits)) return problem('recent: bad value for option "--hitcount", or out of range (1-4294967295).\n');
    const maskText = given.value('mask');
    const mask = maskText === undefined ? (family === 4 ? 0xffff_ffff : 2n ** 128n - 1n) : parseIP(maskText);
    if (mask === undefined || (typeof mask === 'bigint') !== (family === 6))
      return problem(`recent: Bad value for "--mask" option: "${maskText}"`);
    return {
      action,
      inverted: given.find(action)?.inverted ?? false,
      seconds,
      reap: given.has('reap'),
      hits,
      ttl: given.has('rttl'),
      name: given.value('name') ?? 'DEFAULT',
      destination: given.has('rdest'),
      mask,
    };
  },
  check({ name, action, seconds, hits, ttl, reap }) {
    if (name === '' || name.includes('/')) return 'EINVAL';
    const asks = seconds !== undefined || hits !== undefined || ttl || reap;
    return (action === 'set' || action === 'remove') && asks ? 'EINVAL' : undefined;
  },
  save(data) {
    let text = `${data.inverted ? ' !' : ''} --${data.action}`;
    if (data.seconds !== undefined) text += ` --seconds ${data.seconds}`;
    if (data.reap) text += ' --reap';
    if (data.hits !== undefined) text += ` --hitcount ${data.hits}`;
    if (data.ttl) text += ' --rttl';
    return `${text} --name ${data.name} --mask ${formatIP(data.mask)} ${data.destination ? '--rdest' : '--rsource'}`;
  },
  list(data) {
    let text = `${data.inverted ? ' !' : ''} recent: ${WORDS[data.action]}`;
    if (data.seconds !== undefined) text += ` seconds: ${data.seconds}`;
    if (data.reap) text += ' reap';
    if (data.hits !== undefined) text += ` hit_count: ${data.hits}`;
    if (data.ttl) text += ' TTL-Match';
    return `${text} name: ${data.name} side: ${data.destination ? 'dest' : 'source'} mask: ${formatIP(data.mask)}`;
  },
  matches(data, skb, state) {
    const list = recentList(state.net, data.name);
    const seen = data.destination ? destinationOf(skb, state.family) : sourceOf(skb, state.family);
    const address = typeof seen === 'bigint' ? seen & (data.mask as bigint) : (seen & (data.mask as number)) >>> 0;
    const hops = state.family === 4 ? ip.ttl(skb.bytes, skb.network) : ip6.hopLimit(skb.bytes, skb.network);
    const { now } = state.net.kernel.events;
    const entry = list.get(address);
    if (!entry || (data.ttl && entry.ttl !== hops)) {
      if (data.action !== 'set') return data.inverted;
      rememberRecent(state.net, data.name, address, hops);
      return !data.inverted;
    }
    let hit = data.action === 'set' || data.action === 'remove';
    if (data.action === 'remove') list.delete(address);
    else if (!hit) {
      const since = data.seconds === undefined ? Number.NEGATIVE_INFINITY : now - data.seconds * SECOND;
      const recentHits = entry.stamps.filter((stamp) => stamp >= since).length;
      hit = recentHits >= (data.hits ?? 1);
      if (data.reap) for (const [other, { stamps }] of list) if ((stamps.at(-1) as Micros) < since) list.delete(other);
    }
    if (data.action === 'set' || (data.action === 'update' && hit)) rememberRecent(state.net, data.name, address, hops);
    return hit !== data.inverted;
  },
};
