import type { Family } from '../hooks.ts';
import { addrtype } from './addrtype.ts';
import { comment } from './comment.ts';
import { conntrack, state } from './conntrack.ts';
import { hashlimit } from './hashlimit.ts';
import { icmp, icmp6 } from './icmp.ts';
import { iprange } from './iprange.ts';
import { length } from './length.ts';
import { limit } from './limit.ts';
import { mac } from './mac.ts';
import { connmark, mark } from './mark.ts';
import type { MatchExtension } from './match.ts';
import { multiport } from './multiport.ts';
import { owner } from './owner.ts';
import { physdev } from './physdev.ts';
import { pkttype } from './pkttype.ts';
import { recent } from './recent.ts';
import { set } from './set.ts';
import { statistic } from './statistic.ts';
import { tcp } from './tcp.ts';
import { hl, ttl } from './ttl.ts';
import { sctp, udp } from './udp.ts';

/** Every match extension. Adding one: its file, an import and a line here. */
export const MATCHES: readonly MatchExtension[] = [
  addrtype,
  comment,
  connmark,
  conntrack,
  hashlimit,
  hl,
  icmp,
  icmp6,
  iprange,
  length,
  limit,
  mac,
  mark,
  multiport,
  owner,
  physdev,
  pkttype,
  recent,
  sctp,
  set,
  state,
  statistic,
  tcp,
  ttl,
  udp,
] as MatchExtension[];

const byName = new Map(MATCHES.flatMap((m) => (m.family ? [m.family] : [4, 6]).map((family) => [`${family}${m.name}`, m] as const)));

export function matchExtension(name: string, family: Family): MatchExtension | undefined {
  return byName.get(`${family}${name}`);
}

/** Matches of the real iptables that are not modelled: named, so that nobody takes them for typing errors. */
export const UNMODELLED_MATCHES: ReadonlySet<string> = new Set([
  'ah',
  'bpf',
  'cgroup',
  'cluster',
  'connbytes',
  'connlabel',
  'connlimit',
  'cpu',
  'dccp',
  'devgroup',
  'dscp',
  'dst',
  'ecn',
  'esp',
  'eui64',
  'frag',
  'hbh',
  'helper',
  'ipcomp',
  'ipv6header',
  'ipvs',
  'mh',
  'nfacct',
  'osf',
  'policy',
  'quota',
  'rateest',
  'realm',
  'rpfilter',
  'rt',
  'socket',
  'srh',
  'string',
  'tcpmss',
  'time',
  'tos',
  'u32',
  'udplite',
]);
