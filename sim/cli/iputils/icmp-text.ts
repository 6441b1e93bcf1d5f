import { formatIPv4 } from '../../base/address.ts';

const UNREACHABLE: readonly string[] = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  'Frag needed and DF set',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];

const REDIRECT: readonly string[] = [
  'Redirect Network',
  'Redirect Host',
  'Redirect Type of Service and Network',
  'Redirect Type of Service and Host',
];

/** The words for an ICMP message about a packet (ping/ping.c `pr_icmph`). `info` is the MTU, the router or the pointer it carries. */
export function icmpText(type: number, code: number, info: number): string {
  switch (type) {
    case 3: {
      const text = UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
      return code === 4 ? `${text} (mtu = ${info})` : text;
    }
    case 4:
      return 'Source Quench';
    case 5:
      return `${REDIRECT[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${formatIPv4(info)})`;
    case 11:
      return ['Time to live exceeded', 'Frag reassembly time exceeded'][code] ?? `Time exceeded, Bad Code: ${code}`;
    case 12:
      return `Parameter problem: pointer = ${info}`;
    default:
      return `Bad ICMP type: ${type}`;
  }
}
