import { type IP, parseIPv4 } from '../../../base/address.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { Skb } from '../../skb.ts';
import { type Connection, Tracked } from '../conntrack/connection.ts';
import { countOf } from '../conntrack/count.ts';
import type { HookState } from '../hooks.ts';
import { isProblem, numberOf, problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Connlimit {
  limit: number;
  /** `--connlimit-upto`. */
  upto: boolean;
  length: number;
  destination: boolean;
  /** The connections of every address that was seen. */
  counted: Map<IP, Set<Connection>>;
}

/** A prefix length; what is too long wraps to 0 as the real tool's arithmetic does. */
function prefix(text: string | undefined, bits: number): number | undefined {
  if (text === undefined) return bits;
  const number = unsigned(text, 0xff);
  if (number !== undefined) return number > bits ? 0 : number;
  const mask = bits === 32 ? parseIPv4(text) : undefined;
  return mask === undefined ? undefined : Math.clz32(~mask);
}

function masked(address: IP, length: number): IP {
  if (typeof address === 'number') return length === 0 ? 0 : (address & (0xffff_ffff << (32 - length))) >>> 0;
  const free = BigInt(128 - length);
  return (address >> free) << free;
}

function addressOf(data: Connlimit, skb: Skb, { family }: HookState): IP {
  const header = family === 4 ? ip : ip6;
  return data.destination ? header.destination(skb.bytes, skb.network) : header.source(skb.bytes, skb.network);
}

/** The connlimit match: how many connections an address, or a network, has (net/netfilter/xt_connlimit.c, nf_conncount.c). */
export const connlimit: MatchExtension<Connlimit> = {
  name: 'connlimit',
  conntrack: true,
  options: [
    { name: 'connlimit-upto', invert: true, excludes: ['connlimit-above'] },
    { name: 'connlimit-above', invert: true },
    { name: 'connlimit-mask' },
    { name: 'connlimit-saddr', arguments: 0, excludes: ['connlimit-daddr'] },
    { name: 'connlimit-daddr', arguments: 0 },
  ],
  parse(given, { family }) {
    const option = given.find('connlimit-upto') ?? given.find('connlimit-above');
    if (!option) return problem('You must specify "--connlimit-above" or "--connlimit-upto".');
    const limit = numberOf('connlimit', given, option.name, 0xffff_ffff);
    if (isProblem(limit)) return limit;
    const length = prefix(given.value('connlimit-mask'), family === 4 ? 32 : 128);
    if (length === undefined)
      return problem('connlimit: bad value for option "--connlimit-mask", neither a valid network mask nor valid CIDR.\n');
    const upto = (option.name === 'connlimit-upto') !== option.inverted;
    return { limit, upto, length, destination: given.has('connlimit-daddr'), counted: new Map() };
  },
  save: ({ limit, upto, length, destination }) =>
    ` --connlimit-${upto ? 'upto' : 'above'} ${limit} --connlimit-mask ${length} --connlimit-${destination ? 'd' : 's'}addr`,
  list: ({ limit, upto, length, destination }) => ` #conn ${destination ? 'dst' : 'src'}/${length} ${upto ? '<=' : '>'} ${limit}`,
  matches(data, skb, state) {
    const own = skb.conntrack instanceof Tracked ? skb.conntrack.connection : undefined;
    const { now } = state.net.kernel.events;
    const key = masked(addressOf(data, skb, state), data.length);
    let connections = data.counted.get(key);
    if (!connections) {
      connections = new Set();
      data.counted.set(key, connections);
    }
    return countOf(connections, own, now) > data.limit !== data.upto;
  },
};
