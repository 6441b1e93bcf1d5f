type SymbolTable = readonly (readonly [string, number])[];

/** The protocols of Debian's protocols(5). */
export const PROTOCOLS: SymbolTable = (
  'ip:0 hopopt:0 icmp:1 igmp:2 ggp:3 ipencap:4 st:5 tcp:6 egp:8 igp:9 pup:12 udp:17 hmp:20 xns-idp:22 rdp:27 iso-tp4:29 dccp:33 xtp:36 ' +
  'ddp:37 idpr-cmtp:38 ipv6:41 ipv6-route:43 ipv6-frag:44 idrp:45 rsvp:46 gre:47 esp:50 ah:51 skip:57 ipv6-icmp:58 icmpv6:58 ' +
  'ipv6-nonxt:59 ipv6-opts:60 rspf:73 vmtp:81 eigrp:88 ospf:89 ax.25:93 ipip:94 etherip:97 encap:98 pim:103 ipcomp:108 comp:108 ' +
  'vrrp:112 l2tp:115 isis:124 sctp:132 fc:133 mobility-header:135 udplite:136 mpls-in-ip:137 manet:138 hip:139 shim6:140 wesp:141 ' +
  'rohc:142 ethernet:143'
)
  .split(' ')
  .map((entry) => {
    const [name = '', number] = entry.split(':');
    return [name, Number(number)] as const;
  });

export const BOOLEAN: SymbolTable = [
  ['exists', 1],
  ['missing', 0],
];

export const CT_STATE: SymbolTable = [
  ['invalid', 1],
  ['established', 2],
  ['related', 4],
  ['new', 8],
  ['untracked', 64],
];

export const CT_STATUS: SymbolTable = [
  ['expected', 0x1],
  ['seen-reply', 0x2],
  ['assured', 0x4],
  ['confirmed', 0x8],
  ['snat', 0x10],
  ['dnat', 0x20],
  ['seq-adjust', 0x40],
  ['snat-done', 0x80],
  ['dnat-done', 0x100],
  ['dying', 0x200],
  ['fixed-timeout', 0x400],
];

export const CT_DIRECTION: SymbolTable = [
  ['original', 0],
  ['reply', 1],
];

export const TCP_FLAGS: SymbolTable = [
  ['fin', 0x01],
  ['syn', 0x02],
  ['rst', 0x04],
  ['psh', 0x08],
  ['ack', 0x10],
  ['urg', 0x20],
  ['ecn', 0x40],
  ['cwr', 0x80],
];

export const ICMP_TYPES: SymbolTable = [
  ['echo-reply', 0],
  ['destination-unreachable', 3],
  ['source-quench', 4],
  ['redirect', 5],
  ['echo-request', 8],
  ['router-advertisement', 9],
  ['router-solicitation', 10],
  ['time-exceeded', 11],
  ['parameter-problem', 12],
  ['timestamp-request', 13],
  ['timestamp-reply', 14],
  ['info-request', 15],
  ['info-reply', 16],
  ['address-mask-request', 17],
  ['address-mask-reply', 18],
];

export const ICMPV6_TYPES: SymbolTable = [
  ['destination-unreachable', 1],
  ['packet-too-big', 2],
  ['time-exceeded', 3],
  ['parameter-problem', 4],
  ['echo-request', 128],
  ['echo-reply', 129],
  ['mld-listener-query', 130],
  ['mld-listener-report', 131],
  ['mld-listener-done', 132],
  ['mld-listener-reduction', 132],
  ['nd-router-solicit', 133],
  ['nd-router-advert', 134],
  ['nd-neighbor-solicit', 135],
  ['nd-neighbor-advert', 136],
  ['nd-redirect', 137],
  ['router-renumbering', 138],
  ['ind-neighbor-solicit', 141],
  ['ind-neighbor-advert', 142],
  ['mld2-listener-report', 143],
];

export const ICMP_CODES: SymbolTable = [
  ['net-unreachable', 0],
  ['host-unreachable', 1],
  ['prot-unreachable', 2],
  ['port-unreachable', 3],
  ['frag-needed', 4],
  ['net-prohibited', 9],
  ['host-prohibited', 10],
  ['admin-prohibited', 13],
];

export const ICMPV6_CODES: SymbolTable = [
  ['no-route', 0],
  ['admin-prohibited', 1],
  ['addr-unreachable', 3],
  ['port-unreachable', 4],
  ['policy-fail', 5],
  ['reject-route', 6],
];

export const ICMPX_CODES: SymbolTable = [
  ['no-route', 0],
  ['port-unreachable', 1],
  ['host-unreachable', 2],
  ['admin-prohibited', 3],
];

export const IGMP_TYPES: SymbolTable = [
  ['membership-query', 17],
  ['membership-report-v1', 18],
  ['membership-report-v2', 22],
  ['membership-report-v3', 34],
  ['leave-group', 23],
];

export const ETHER_TYPES: SymbolTable = [
  ['ip', 0x0800],
  ['arp', 0x0806],
  ['ip6', 0x86dd],
  ['8021q', 0x8100],
  ['8021ad', 0x88a8],
  ['vlan', 0x8100],
];

export const NF_PROTOCOLS: SymbolTable = [
  ['ipv4', 2],
  ['ipv6', 10],
];

export const PACKET_TYPES: SymbolTable = [
  ['host', 0],
  ['unicast', 0],
  ['broadcast', 1],
  ['multicast', 2],
  ['other', 3],
];

export const DSCP: SymbolTable = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`cs${n}`, n * 8] as const),
  ['df', 0],
  ['be', 0],
  ['lephb', 1],
  ...[1, 2, 3, 4].flatMap((n) => [1, 2, 3].map((m) => [`af${n}${m}`, n * 8 + m * 2] as const)),
  ['va', 0x2c],
  ['ef', 0x2e],
];

export const ECN: SymbolTable = [
  ['not-ect', 0],
  ['ect1', 1],
  ['ect0', 2],
  ['ce', 3],
];

export const FIB_TYPES: SymbolTable = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
].map((name, number) => [name, number] as const);

export const ARP_OPERATIONS: SymbolTable = [
  ['request', 1],
  ['reply', 2],
  ['rrequest', 3],
  ['rreply', 4],
  ['inrequest', 8],
  ['inreply', 9],
  ['nak', 10],
];

export const INTERFACE_TYPES: SymbolTable = [
  ['ether', 1],
  ['ppp', 512],
  ['ipip', 768],
  ['ipip6', 769],
  ['loopback', 772],
  ['sit', 776],
  ['ipgre', 778],
];

export const DEVICE_GROUPS: SymbolTable = [['default', 0]];

export const DAYS: SymbolTable = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'].map(
  (name, number) => [name, number] as const,
);
