const UNREACHABLE: readonly string[] = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
  'Source address failed ingress/egress policy',
  'Reject route to destination',
];

/** The words for an ICMPv6 message about a packet (ping/ping6_common.c `print_icmp`). `info` is the MTU or the pointer it carries. */
export function icmp6Text(type: number, code: number, info: number): string {
  switch (type) {
    case 1:
      return `Destination unreachable: ${UNREACHABLE[code] ?? `Unknown code ${code}`}`;
    case 2:
      return `Packet too big: mtu=${info}${code === 0 ? '' : `, code=${code}`}`;
    case 3:
      return `Time exceeded: ${['Hop limit', 'Defragmentation failure'][code] ?? `code ${code}`}`;
    case 4:
      return `Parameter problem: ${['Wrong header field', 'Unknown header', 'Unknown option'][code] ?? `code ${code}`} at ${info}`;
    default:
      return `unknown icmp type: ${type}`;
  }
}
