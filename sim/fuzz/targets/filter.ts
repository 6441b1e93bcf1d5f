import fc from 'fast-check';
import { parseIPv4 } from '../../base/address.ts';
import { compileFilter, isUnmodelled } from '../../cli/tcpdump/filter/compile.ts';
import { parseFilter } from '../../cli/tcpdump/filter/parse.ts';
import { printFilter } from '../../cli/tcpdump/filter/print.ts';
import { isFilterError } from '../../cli/tcpdump/filter/syntax.ts';
import { LINKTYPE } from '../../wire/pcap.ts';
import { nearText } from '../mutate.ts';
import { demandSame, target } from '../target.ts';
import { frames } from '../valid.ts';

/** From pcap-filter(7)'s grammar: one of every kind. */
const FILTERS = [
  ...['host 10.0.1.2 and port 80', 'src net 10.0.0.0/8 or dst net 10.1', 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0', 'not (arp or icmp6)'],
  ...[
    'ether host 02:00:00:00:01:01',
    'ether proto 0x86dd',
    'ip proto \\icmp',
    'vlan 5 and ip',
    'portrange 80-90',
    'greater 100 and less 1500',
  ],
  ...[
    'icmp[icmptype] == icmp-echo',
    'ip[6:2] & 0x1fff = 0',
    'udp port domain',
    'ip6 proto 58',
    'ip broadcast',
    'ether multicast',
    'inbound',
  ],
  ...[
    '(ip[2:2] - ((ip[0]&0xf)<<2) - ((tcp[12]&0xf0)>>2)) != 0',
    'dst host fd00:1::2',
    'net 10.0.0.0 mask 255.0.0.0',
    'ifindex 2',
    'len > 60',
  ],
  ...[
    'ip6 protochain 6',
    'vxlan 5',
    'geneve',
    'mpls',
    'pppoes',
    'src or dst port 53',
    'tcp src port 1 and 2 or 3',
    'gateway client',
    'ip host a',
  ],
  ...[
    'ether[0] & 1 = 0 and ip[16] >= 224',
    '-ip[0] < 3 * (2 - 1) / 1 % 5 ^ 7',
    'type mgt',
    'iso',
    'stp',
    'ip and not net localnet',
    'proto 17',
  ],
];
const NAMES = {
  hosts: new Map([['client', [parseIPv4('10.0.1.2') as number]]]),
  services: new Map([['domain', { port: 53, protocol: undefined }]]),
  protocols: new Map([['icmp', 1]]),
  networks: new Map([['loopback', 127]]),
};

function check(text: string): void {
  const parsed = parseFilter(text);
  if (isFilterError(parsed)) return;
  if (parsed !== undefined) demandSame(parseFilter(printFilter(parsed)), parsed, printFilter(parsed));
  for (const linkType of [LINKTYPE.Ethernet, LINKTYPE.LinuxSll2, LINKTYPE.Raw]) {
    const filter = compileFilter(parsed, { linkType, live: true, names: NAMES });
    if (typeof filter !== 'function' || isUnmodelled(filter)) continue;
    for (const frame of frames().slice(0, 8)) {
      for (const cut of [frame, frame.subarray(0, 20)]) filter(cut, { length: frame.length, outgoing: false, ifindex: 2 });
    }
  }
}

/** The pcap filter language: parse → print → parse, and a run over packets. */
export const filter = target('pcap filter', 10, () => fc.oneof(nearText(FILTERS), nearText(FILTERS, 12)), check);
