/** What nft names as possible where a text goes wrong, by place. */
const SELECTORS =
  'th, ether, vlan, arp, ip, icmp, igmp, ip6, icmpv6, ah, esp, comp, udp, udplite, tcp, dccp, vxlan, gre, gretap, geneve, sctp, rt, rt0, rt2, srh, hbh, frag, dst, mh, meta, mark, iif, iifname, iiftype, oif, oifname, oiftype, skuid, skgid, nftrace, rtclassid, ibrname, obrname, pkttype, cpu, iifgroup, oifgroup, cgroup, time, ct, counter, last, tunnel, log, limit, quota, hour, day, reject, snat, dnat, masquerade, redirect, queue, dup, fwd, numgen, jhash, symhash';
const VALUES =
  "map, reset, destroy, <number>, <string>, <quoted string>, <string with a trailing asterisk>, ether, vlan, arp, ip, ecn, icmp, igmp, ip6, icmpv6, ah, esp, comp, udp, udplite, tcp, dccp, gre, sctp, label, original, reply, last, snat, dnat, redirect, exists, missing, '{', '(', '|', '$'";
const OBJECTS =
  'synproxy, table, chain, rule, set, element, map, flowtable, inet, netdev, <string>, bridge, arp, ip, ip6, ct, counter, last, tunnel, limit, quota, secmark';
const STATEMENTS =
  'accept, drop, continue, jump, goto, return, flow, meter, <number>, <string>, <quoted string>, <string with a trailing asterisk>';

export const EXPECTED = {
  command:
    'end of file, newline, semicolon, include, define, redefine, undefine, synproxy, table, chain, rule, set, element, map, flowtable, inet, netdev, add, replace, create, insert, delete, get, list, reset, flush, rename, describe, import, export, destroy, monitor, <string>, bridge, arp, ip, ip6, ct, counter, last, tunnel, limit, quota, secmark',
  chainLine:
    "newline, semicolon, @, include, define, redefine, undefine, fib, socket, tproxy, osf, synproxy, devices, set, add, update, delete, reset, accept, drop, continue, jump, goto, return, policy, flow, meter, <number>, <string>, <quoted string>, <string with a trailing asterisk>, th, ether, type, vlan, arp, ip, icmp, igmp, ip6, icmpv6, ah, esp, comp, flags, udp, udplite, tcp, dccp, vxlan, gre, gretap, geneve, sctp, rt, rt0, rt2, srh, hbh, frag, dst, mh, meta, mark, iif, iifname, iiftype, oif, oifname, oiftype, skuid, skgid, nftrace, rtclassid, ibrname, obrname, pkttype, cpu, iifgroup, oifgroup, cgroup, time, ct, counter, last, tunnel, log, limit, quota, hour, day, reject, snat, dnat, masquerade, redirect, queue, dup, fwd, numgen, jhash, symhash, comment, notrack, exthdr, ipsec, xt, '{', '}', '(', '$'",
  tableLine:
    "newline, semicolon, include, define, redefine, undefine, synproxy, chain, set, map, flowtable, flags, ct, counter, tunnel, limit, quota, secmark, comment, '}'",
  name: '<string>, last',
  family: 'inet, netdev, <string>, bridge, arp, ip, ip6, last',
  end: 'end of file, newline, semicolon',
  endOrBlock: "end of file, newline, semicolon, '{'",
  block: "'{'",
  separator: 'newline, semicolon',
  handle: 'handle',
  add: OBJECTS,
  list: 'synproxy, hooks, table, tables, chain, chains, sets, set, map, maps, flowtable, ruleset, flow, meter, meters, flowtables, ct, counter, tunnel, counters, quotas, limits, tunnels, synproxys, limit, quota, secmark, secmarks',
  ruleset: 'end of file, newline, semicolon, inet, netdev, bridge, arp, ip, ip6',
  rule: `@, fib, socket, tproxy, osf, synproxy, set, handle, add, update, delete, reset, ${STATEMENTS}, ${SELECTORS}, position, index, notrack, exthdr, ipsec, xt, '{', '(', '$'`,
  /** After a word that begins an expression. */
  symbol: `., ==, !=, <, >, >=, <=, <<, >>, &, ^, !, @, vmap, ${VALUES}`,
  payload: `., ==, !=, <, >, >=, <=, <<, >>, &, ^, !, @, vmap, set, ${VALUES}`,
  element: "newline, colon, comma, ., <<, >>, &, ^, /, -, timeout, expires, ct, counter, last, limit, quota, comment, '}', '|'",
  dynamic: "colon, ct, counter, packets, bytes, last, limit, quota, '}'",
  ct: 'timeout, saddr, daddr, id, protocol, count, mark, l3proto, proto-src, proto-dst, zone, direction, event, expectation, expiration, helper, label, state, status, original, reply, packets, bytes, avgpkt, secmark',
  meta: 'length, protocol, priority, mark, iif, iifname, iiftype, oif, oifname, oiftype, skuid, skgid, nftrace, rtclassid, ibrname, obrname, pkttype, cpu, iifgroup, oifgroup, cgroup, time, nfproto, l4proto, iifkind, oifkind, ibrpvid, ibrvproto, sdif, sdifname, broute, ibrhwaddr, secmark, hour, day, random, ipsec',
  /** Where `describe` wants one expression. */
  primary:
    "@, fib, socket, osf, <number>, <string>, <quoted string>, <string with a trailing asterisk>, th, ether, vlan, arp, ip, icmp, igmp, ip6, icmpv6, ah, esp, comp, udp, udplite, tcp, dccp, vxlan, gre, gretap, geneve, sctp, rt, rt0, rt2, srh, hbh, frag, dst, mh, meta, mark, iif, iifname, iiftype, oif, oifname, oiftype, skuid, skgid, nftrace, rtclassid, ibrname, obrname, pkttype, cpu, iifgroup, oifgroup, cgroup, time, ct, tunnel, hour, day, numgen, jhash, symhash, exthdr, ipsec, '(', '$'",
  hooks: 'end of file, newline, semicolon, device, inet, netdev, bridge, arp, ip, ip6',
  hooksOfFamily: 'end of file, newline, semicolon, device',
  chain: "<string>, last, '{', '$'",
  rejectWith: 'icmp, icmpv6, tcp, icmpx',
  rateUnit: '/, bytes, kbytes, mbytes',
  timeUnit: 'second, minute, hour, day, week',
  chainType: 'filter, nat, route',
  priority: 'device, devices, priority',
  policy: "accept, drop, '$'",
  mapData: 'colon, .',
  /** What `set` gives. */
  assigned:
    "@, fib, socket, osf, reset, destroy, <number>, <string>, <quoted string>, <string with a trailing asterisk>, th, ether, vlan, arp, ip, ecn, icmp, igmp, ip6, icmpv6, ah, esp, comp, udp, udplite, tcp, dccp, vxlan, gre, gretap, geneve, sctp, rt, meta, mark, iif, iifname, iiftype, oif, oifname, oiftype, skuid, skgid, nftrace, rtclassid, ibrname, obrname, pkttype, cpu, iifgroup, oifgroup, cgroup, time, ct, label, original, reply, last, tunnel, hour, day, snat, dnat, numgen, jhash, symhash, exists, missing, ipsec, '(', '$'",
  verdict: 'accept, drop, continue, jump, goto, return',
  /** Behind the key of a map of verdicts. */
  verdictKey: "colon, ., <<, >>, &, ^, /, -, timeout, expires, ct, counter, last, limit, quota, comment, '|'",
  setLine:
    "newline, semicolon, include, define, redefine, undefine, type, typeof, flags, timeout, gc-interval, elements, policy, size, auto-merge, ct, counter, last, limit, quota, comment, '}'",
  /** Behind the reference to a set in a match. */
  afterSet: `end of file, newline, semicolon, @, fib, socket, tproxy, osf, synproxy, set, add, update, delete, reset, ${STATEMENTS}, ${SELECTORS}, comment, notrack, exthdr, ipsec, xt, '{', '(', '$'`,
} as const;

/** Fields that may follow a header, in the order in which nft names them. */
export const EXPECTED_FIELDS: Record<string, string> = {
  tcp: 'checksum, seq, reserved, flags, sport, dport, ackseq, doff, window, urgptr, option',
};

/** Words that are more than names wherever they stand. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  `accept drop continue jump goto return table chain rule set element map flowtable inet ip ip6 arp bridge netdev add create insert delete replace
   list flush reset rename include define undefine redefine policy th ether vlan icmp igmp icmpv6 ah esp comp udp udplite tcp dccp sctp rt meta mark
   iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid pkttype cpu iifgroup oifgroup cgroup time ct counter quota log limit hour
   day reject snat dnat masquerade redirect queue dup fwd numgen jhash symhash handle position index comment constant interval timeout flags type
   typeof hook device priority size vmap fib socket notrack export describe monitor gc-interval auto-merge elements expires ecn dynamic`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Words that can't be names of tables, chains and sets. */
export const RESERVED: ReadonlySet<string> = new Set(
  `accept drop continue jump goto return table chain rule set element map inet ip ip6 arp bridge netdev th ether vlan icmp igmp icmpv6 ah esp comp
   udp udplite tcp dccp sctp meta mark iif iifname oif oifname skuid skgid pkttype cpu ct counter quota limit log reject snat dnat masquerade
   redirect queue dup fwd numgen jhash symhash fib notrack`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
