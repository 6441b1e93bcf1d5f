import type { NetNamespace } from '../../kernel/netns.ts';
import { MPTCP_EXT, TCP_EXT } from './snmp-names.ts';

/** The files of protocol counters: /proc/net/snmp, netstat and snmp6 (net/ipv4/proc.c, net/ipv6/proc.c). */

type Row = [name: string, value: number];

function table(title: string, rows: readonly Row[]): string {
  return `${title}: ${rows.map(([name]) => name).join(' ')}\n${title}: ${rows.map(([, value]) => value).join(' ')}\n`;
}

/** ICMP's messages with counters of their own. */
const ICMP: readonly [string, number][] = [
  ['DestUnreachs', 3],
  ['TimeExcds', 11],
  ['ParmProbs', 12],
  ['SrcQuenchs', 4],
  ['Redirects', 5],
  ['Echos', 8],
  ['EchoReps', 0],
  ['Timestamps', 13],
  ['TimestampReps', 14],
  ['AddrMasks', 17],
  ['AddrMaskReps', 18],
];

const named = (prefix: 'In' | 'Out', names: readonly [string, number][], counts: ReadonlyMap<number, number>): Row[] =>
  names.map(([name, type]) => [`${prefix}${name}`, counts.get(type) ?? 0]);

/** Every type that has been seen, by number. */
const byType = (prefix: 'In' | 'Out', counts: ReadonlyMap<number, number>): Row[] =>
  [...counts].sort(([a], [b]) => a - b).map(([type, count]) => [`${prefix}Type${type}`, count]);

function icmp(net: NetNamespace): string {
  const { icmp: counts, icmpIn, icmpOut } = net.counters;
  const rows: Row[] = [
    ['InMsgs', counts.InMsgs],
    ['InErrors', counts.InErrors],
    ['InCsumErrors', counts.InCsumErrors],
    ...named('In', ICMP, icmpIn),
    ['OutMsgs', counts.OutMsgs],
    ['OutErrors', counts.OutErrors],
    ['OutRateLimitGlobal', counts.OutRateLimitGlobal],
    ['OutRateLimitHost', counts.OutRateLimitHost],
    ...named('Out', ICMP, icmpOut),
  ];
  const types = [...byType('In', icmpIn), ...byType('Out', icmpOut)];
  return table('Icmp', rows) + (types.length > 0 ? table('IcmpMsg', types) : '');
}

/** Connections that are there now. */
function established(net: NetNamespace): number {
  let count = 0;
  for (const { state } of net.sockets.tcp.sockets) if (state === 'ESTAB' || state === 'CLOSE-WAIT') count++;
  return count;
}

export function snmp(net: NetNamespace): string {
  const { counters, ipv4 } = net;
  const ip: Row[] = [
    ['Forwarding', ipv4.all.forwarding ? 1 : 2],
    ['DefaultTTL', ipv4.settings.ip_default_ttl],
    ...Object.entries(counters.ip),
  ];
  const { ActiveOpens, PassiveOpens, AttemptFails, EstabResets, ...rest } = counters.tcp;
  const tcp: Row[] = [
    ['RtoAlgorithm', 1],
    ['RtoMin', 200],
    ['RtoMax', 120_000],
    ['MaxConn', -1],
    ...Object.entries({ ActiveOpens, PassiveOpens, AttemptFails, EstabResets, CurrEstab: established(net), ...rest }),
  ];
  const lite: Row[] = Object.keys(counters.udp).map((name) => [name, 0]);
  return table('Ip', ip) + icmp(net) + table('Tcp', tcp) + table('Udp', Object.entries(counters.udp)) + table('UdpLite', lite);
}

export function netstat(net: NetNamespace): string {
  const { tcpExt, ipExt } = net.counters;
  return (
    table(
      'TcpExt',
      TCP_EXT.map((name) => [name, tcpExt[name] ?? 0]),
    ) +
    table('IpExt', Object.entries(ipExt)) +
    table(
      'MPTcpExt',
      MPTCP_EXT.map((name) => [name, 0]),
    )
  );
}

/** ICMPv6's messages with counters of their own. */
const ICMP6: readonly [string, number][] = [
  ['DestUnreachs', 1],
  ['PktTooBigs', 2],
  ['TimeExcds', 3],
  ['ParmProblems', 4],
  ['Echos', 128],
  ['EchoReplies', 129],
  ['GroupMembQueries', 130],
  ['GroupMembResponses', 131],
  ['GroupMembReductions', 132],
  ['RouterSolicits', 133],
  ['RouterAdvertisements', 134],
  ['NeighborSolicits', 135],
  ['NeighborAdvertisements', 136],
  ['Redirects', 137],
  ['MLDv2Reports', 143],
];

export function snmp6(net: NetNamespace): string {
  const { ip6, icmp6, icmp6In, icmp6Out, udp6 } = net.counters;
  const { IgnoredMulti: _ignored, ...lite } = udp6;
  const rows: Row[] = [
    ...Object.entries(ip6).map(([name, value]): Row => [`Ip6${name}`, value]),
    ...[
      ...Object.entries(icmp6),
      ...named('In', ICMP6, icmp6In),
      ...named('Out', ICMP6, icmp6Out),
      ...byType('In', icmp6In),
      ...byType('Out', icmp6Out),
    ].map(([name, value]): Row => [`Icmp6${name}`, value]),
    ...Object.entries(udp6).map(([name, value]): Row => [`Udp6${name}`, value]),
    ...Object.keys(lite).map((name): Row => [`UdpLite6${name}`, 0]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(32)}\t${value}\n`).join('');
}
