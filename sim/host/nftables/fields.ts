import type { Guard, PayloadField } from '../../kernel/netfilter/nftables/expression.ts';
import { type DataType, integer, typeNamed } from './datatype.ts';

/** A field of a header, with the type of its values. */
export interface Field extends PayloadField {
  type: DataType;
}

/** Offset and width in bits, and the type; numbers without a name are decimal, `hex` otherwise. */
type Row = readonly [name: string, offset: number, bits: number, type?: string];

const PORTS: readonly Row[] = [
  ['sport', 0, 16, 'inet_service'],
  ['dport', 16, 16, 'inet_service'],
];

const HEADERS: Record<string, { base: PayloadField['base']; guard?: Guard; fields: readonly Row[] }> = {
  ether: {
    base: 'link',
    fields: [
      ['daddr', 0, 48, 'ether_addr'],
      ['saddr', 48, 48, 'ether_addr'],
      ['type', 96, 16, 'ether_type'],
    ],
  },
  vlan: {
    base: 'link',
    guard: { etherType: 0x8100 },
    fields: [
      ['pcp', 112, 3],
      ['dei', 115, 1],
      ['id', 116, 12],
      ['type', 128, 16, 'ether_type'],
    ],
  },
  arp: {
    base: 'network',
    guard: { etherType: 0x0806 },
    fields: [
      ['htype', 0, 16],
      ['ptype', 16, 16, 'ether_type'],
      ['hlen', 32, 8],
      ['plen', 40, 8],
      ['operation', 48, 16, 'arp_op'],
      ['saddr ether', 64, 48, 'ether_addr'],
      ['saddr ip', 112, 32, 'ipv4_addr'],
      ['daddr ether', 144, 48, 'ether_addr'],
      ['daddr ip', 192, 32, 'ipv4_addr'],
    ],
  },
  ip: {
    base: 'network',
    guard: { family: 4 },
    fields: [
      ['version', 0, 4],
      ['hdrlength', 4, 4],
      ['dscp', 8, 6, 'dscp'],
      ['ecn', 14, 2, 'ecn'],
      ['length', 16, 16],
      ['id', 32, 16],
      ['frag-off', 48, 16, 'hex'],
      ['ttl', 64, 8],
      ['protocol', 72, 8, 'inet_proto'],
      ['checksum', 80, 16],
      ['saddr', 96, 32, 'ipv4_addr'],
      ['daddr', 128, 32, 'ipv4_addr'],
    ],
  },
  ip6: {
    base: 'network',
    guard: { family: 6 },
    fields: [
      ['version', 0, 4],
      ['dscp', 4, 6, 'dscp'],
      ['ecn', 10, 2, 'ecn'],
      ['flowlabel', 12, 20],
      ['length', 32, 16],
      ['nexthdr', 48, 8, 'inet_proto'],
      ['hoplimit', 56, 8],
      ['saddr', 64, 128, 'ipv6_addr'],
      ['daddr', 192, 128, 'ipv6_addr'],
    ],
  },
  tcp: {
    base: 'transport',
    guard: { protocol: 6 },
    fields: [
      ...PORTS,
      ['seq', 32, 32],
      ['ackseq', 64, 32],
      ['doff', 96, 4],
      ['reserved', 100, 4],
      ['flags', 104, 8, 'tcp_flag'],
      ['window', 112, 16],
      ['checksum', 128, 16],
      ['urgptr', 144, 16],
    ],
  },
  udp: { base: 'transport', guard: { protocol: 17 }, fields: [...PORTS, ['length', 32, 16], ['checksum', 48, 16]] },
  udplite: { base: 'transport', guard: { protocol: 136 }, fields: [...PORTS, ['checksum', 48, 16]] },
  sctp: { base: 'transport', guard: { protocol: 132 }, fields: [...PORTS, ['vtag', 32, 32], ['checksum', 64, 32]] },
  dccp: { base: 'transport', guard: { protocol: 33 }, fields: [...PORTS] },
  th: { base: 'transport', fields: [...PORTS] },
  icmp: {
    base: 'transport',
    guard: { protocol: 1 },
    fields: [
      ['type', 0, 8, 'icmp_type'],
      ['code', 8, 8, 'icmp_code'],
      ['checksum', 16, 16],
      ['id', 32, 16],
      ['sequence', 48, 16],
      ['gateway', 32, 32],
      ['mtu', 48, 16],
    ],
  },
  icmpv6: {
    base: 'transport',
    guard: { protocol: 58 },
    fields: [
      ['type', 0, 8, 'icmpv6_type'],
      ['code', 8, 8, 'icmpv6_code'],
      ['checksum', 16, 16],
      ['parameter-problem', 32, 32],
      ['packet-too-big', 32, 32],
      ['id', 32, 16],
      ['sequence', 48, 16],
      ['max-delay', 32, 16],
    ],
  },
  igmp: {
    base: 'transport',
    guard: { protocol: 2 },
    fields: [
      ['type', 0, 8, 'igmp_type'],
      ['mrt', 8, 8],
      ['checksum', 16, 16],
      ['group', 32, 32, 'ipv4_addr'],
    ],
  },
  ah: {
    base: 'transport',
    guard: { protocol: 51 },
    fields: [
      ['nexthdr', 0, 8, 'inet_proto'],
      ['hdrlength', 8, 8],
      ['reserved', 16, 16],
      ['spi', 32, 32],
      ['sequence', 64, 32],
    ],
  },
  esp: {
    base: 'transport',
    guard: { protocol: 50 },
    fields: [
      ['spi', 0, 32],
      ['sequence', 32, 32],
    ],
  },
};

/** The fields of every header that rules know, by header. */
export const FIELDS: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(HEADERS).map(([header, { base, guard, fields }]) => [
    header,
    fields.map(([name, offset, bits, type]) => ({
      name: `${header} ${name}`,
      base,
      offset,
      bits,
      guard,
      type: type === undefined ? integer(bits) : type === 'hex' ? integer(bits, 'hex') : typeNamed(type),
    })),
  ]),
);

const BY_NAME = new Map([...FIELDS.values()].flat().map((field) => [field.name, field]));

export function fieldNamed(name: string): Field | undefined {
  return BY_NAME.get(name);
}

/** The type of a field's values. */
export function typeOfField(field: PayloadField): DataType {
  return BY_NAME.get(field.name)?.type ?? integer(field.bits, 'hex');
}

/** Options of TCP: their numbers, and their fields as offset and width. */
export const TCP_OPTIONS: Record<string, { number: number; fields: Record<string, readonly [number, number]> }> = {
  eol: { number: 0, fields: {} },
  nop: { number: 1, fields: {} },
  maxseg: { number: 2, fields: { length: [8, 8], size: [16, 16] } },
  window: { number: 3, fields: { length: [8, 8], count: [16, 8] } },
  'sack-perm': { number: 4, fields: { length: [8, 8] } },
  sack: { number: 5, fields: { length: [8, 8], left: [16, 32], right: [48, 32] } },
  timestamp: { number: 8, fields: { length: [8, 8], tsval: [16, 32], tsecr: [48, 32] } },
};
