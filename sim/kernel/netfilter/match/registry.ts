import type { Family } from '../hooks.ts';
import { ah, esp, ipcomp } from './ipsec.ts';
import { connbytes } from './connbytes.ts';
import { connlabel } from './connlabel.ts';
import { connlimit } from './connlimit.ts';
import { dscp, tos } from './dscp.ts';
import { ecn } from './ecn.ts';
import { dst, eui64, frag, hbh, ipv6header } from './extension-headers.ts';
import { quota } from './quota.ts';
import { rpfilter } from './rpfilter.ts';
import { string } from './string.ts';
import { tcpmss } from './tcpmss.ts';
import { time } from './time.ts';
import { u32 } from './u32.ts';
import { addrtype } from './addrtype.ts';
import { bpf } from './bpf.ts';
import { cgroup } from './cgroup.ts';
import { cluster } from './cluster.ts';
import { cpu } from './cpu.ts';
import { devgroup } from './devgroup.ts';
import { helper } from './helper.ts';
import { nfacct } from './nfacct.ts';
import { osf } from './osf.ts';
import { policy } from './policy.ts';
import { realm } from './realm.ts';
import { socket } from './socket.ts';
import { comment } from './comment.ts';
import { conntrack, state } from './conntrack.ts';
import { hashlimit } from './hashlimit.ts';
import { icmp, icmp6 } from './icmp.ts';
import { iprange } from './iprange.ts';
import { ipvs } from './ipvs.ts';
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
import { dccp } from './dccp.ts';
import { mh } from './mobility.ts';
import { rt } from './routing-header.ts';
import { sctp } from './sctp.ts';
import { udp } from './udp.ts';

/** Every match extension. Adding one: its file, an import and a line here. */
export const MATCHES: readonly MatchExtension[] = [
  addrtype,
  ah,
  bpf,
  cgroup,
  cluster,
  comment,
  connbytes,
  connlabel,
  connlimit,
  connmark,
  conntrack,
  cpu,
  dccp,
  devgroup,
  dscp,
  dst,
  ecn,
  esp,
  eui64,
  frag,
  hashlimit,
  hbh,
  helper,
  hl,
  icmp,
  icmp6,
  ipcomp,
  iprange,
  ipv6header,
  ipvs,
  length,
  limit,
  mac,
  mark,
  mh,
  multiport,
  nfacct,
  osf,
  owner,
  physdev,
  pkttype,
  policy,
  quota,
  realm,
  recent,
  rpfilter,
  rt,
  sctp,
  set,
  socket,
  state,
  statistic,
  string,
  tcp,
  tcpmss,
  time,
  tos,
  ttl,
  u32,
  udp,
] as MatchExtension[];

const byName = new Map(MATCHES.flatMap((m) => (m.family ? [m.family] : [4, 6]).map((family) => [`${family}${m.name}`, m] as const)));

export function matchExtension(name: string, family: Family): MatchExtension | undefined {
  return byName.get(`${family}${name}`);
}

/** Matches of the real iptables that are not modelled: named, so that nobody takes them for typing errors. */
export const UNMODELLED_MATCHES: ReadonlySet<string> = new Set(['rateest', 'srh']);
