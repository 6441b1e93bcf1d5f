import type { Expression } from '../../kernel/netfilter/nftables/expression.ts';
import { type DataType, findType } from './datatype.ts';
import * as symbols from './symbols.ts';
import type { Node } from './syntax.ts';

type SymbolTable = readonly (readonly [string, number])[];

/** The names of a type's values, and how their numbers are shown. */
interface Constants {
  table: SymbolTable;
  base: 'decimal' | 'hexadecimal';
  /** The file that they stand in, where it is one of iproute2's. */
  from?: string;
}

const decimal = (table: SymbolTable): Constants => ({ table, base: 'decimal' });
const hexadecimal = (table: SymbolTable): Constants => ({ table, base: 'hexadecimal' });

/** As nft's tables have them: states as the kernel counts them in its own enumeration. */
const CT_STATES = ['invalid', 'new', 'established', 'related', 'untracked'].map(
  (name) => symbols.CT_STATE.find(([state]) => state === name) as readonly [string, number],
);

/** What only `describe` knows, since numbers of bits stand where bits should (src/ct.c). */
const CT_STATUSES: SymbolTable = [...symbols.CT_STATUS, ['helper', 13], ['offload', 14], ['hw-offload', 15]];

const CT_EVENTS: SymbolTable = [
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'seqadj',
  'secmark',
  'label',
].map((name, bit) => [name, 1 << bit] as const);

const CONSTANTS: Record<string, Constants> = {
  ct_state: hexadecimal(CT_STATES),
  ct_status: hexadecimal(CT_STATUSES),
  ct_event: hexadecimal(CT_EVENTS),
  ct_dir: decimal(symbols.CT_DIRECTION),
  tcp_flag: hexadecimal(symbols.TCP_FLAGS),
  icmp_type: decimal(symbols.ICMP_TYPES),
  icmpv6_type: decimal(symbols.ICMPV6_TYPES),
  igmp_type: decimal(symbols.IGMP_TYPES),
  ether_type: hexadecimal(symbols.ETHER_TYPES),
  arp_op: hexadecimal(symbols.ARP_OPERATIONS),
  nf_proto: decimal(symbols.NF_PROTOCOLS),
  pkt_type: decimal(symbols.PACKET_TYPES),
  dscp: hexadecimal(symbols.DSCP),
  ecn: hexadecimal(symbols.ECN),
  fib_addrtype: decimal(symbols.FIB_TYPES),
  iface_type: hexadecimal(symbols.INTERFACE_TYPES),
  boolean: decimal(symbols.BOOLEAN),
  day: decimal(symbols.DAYS),
  devgroup: { ...decimal(symbols.DEVICE_GROUPS), from: '/usr/share/iproute2/group' },
  realm: { ...decimal([['cosmos', 0]]), from: '/usr/share/iproute2/rt_realms' },
};

/** What a type is made of, from the next to the last. */
function basesOf({ name, flags }: DataType): readonly string[] {
  if (name === 'integer' || name === 'string' || name === 'verdict') return [];
  if (name === 'ifname') return ['string'];
  if (name === 'ether_addr') return ['link layer address', 'integer'];
  return flags ? ['bitmask', 'integer'] : ['integer'];
}

/** Types that have names but no expression here. */
function typeOnly(name: string, description: string, bits: number, flags = false): DataType {
  return { name, description, bits, flags, perLine: 1, parse: () => ({ bad: description }), show: String };
}

const MORE_TYPES: readonly DataType[] = [
  typeOnly('verdict', 'netfilter verdict', 0),
  typeOnly('bitmask', 'bitmask', 0),
  typeOnly('integer', 'integer', 0),
  typeOnly('ll_addr', 'link layer address', 0),
  typeOnly('classid', 'TC classid', 32),
  typeOnly('ct_label', 'conntrack label', 128, true),
  typeOnly('ct_event', 'conntrack event bits', 32, true),
  typeOnly('cgroupsv2', 'cgroupsv2 path', 64),
];

const KINDS: Record<Expression['kind'] & string, string> = {
  'tcp-option': 'exthdr',
} as Record<Expression['kind'] & string, string>;

/** How wide a selector's value is, where its type leaves that open. */
function widthOf(expression: Expression | undefined, type: DataType): number {
  if (expression?.kind === 'payload') return expression.field.bits;
  if (expression?.kind === 'tcp-option') return expression.exists ? 8 : expression.bits;
  return type.bits;
}

/** Its names, one a line. */
function* constantLines(type: DataType, swapped: boolean): Generator<string> {
  if (type.name === 'inet_proto') {
    // The first name of each number, as getprotobynumber(3) finds it.
    const seen = new Set<number>();
    for (const [name, number] of symbols.PROTOCOLS) {
      if (!seen.has(number)) yield `\t${name.padEnd(30)}\t${number}`;
      seen.add(number);
    }
    return;
  }
  const constants = CONSTANTS[type.name];
  if (!constants) return;
  const { table, base, from } = constants;
  yield '';
  yield `pre-defined symbolic constants ${from === undefined ? '' : `from ${from} `}(in ${base}):`;
  const digits = 2 * Math.ceil(type.bits / 8);
  for (const [name, number] of table) {
    const value = swapped ? ((number & 0xff) << 8) | (number >> 8) : number;
    yield `\t${name.padEnd(30)}\t${base === 'decimal' ? String(value).padStart(20) : `0x${value.toString(16).padStart(digits, '0')}`}`;
  }
}

/** Types in network order whose numbers are shown as they lie in memory when only the type is named. */
const SWAPPED: ReadonlySet<string> = new Set(['ether_type', 'arp_op']);

/** What `nft describe` says of an expression, or of a type's name (src/expression.c `expr_describe`). */
export function* describe(node: Node): Generator<string> {
  if (node.kind === 'word' || node.kind === 'wildcard') {
    const name = node.kind === 'word' && !node.quoted ? node.text : '';
    const type = MORE_TYPES.find((one) => one.name === name) ?? findType(name);
    if (!type) {
      yield 'symbol expression, datatype invalid (invalid)';
      return;
    }
    const bases = basesOf(type);
    yield `datatype ${type.name} (${type.description})${bases.length > 0 ? ` (basetype ${bases.join(', ')})` : ''}, ${type.bits} bits`;
    yield* constantLines(type, SWAPPED.has(name));
    return;
  }
  const expression = node.kind === 'selector' ? node.expression : undefined;
  const kind = expression ? (KINDS[expression.kind] ?? expression.kind) : 'hash';
  const type = node.kind === 'selector' ? described(node) : (MORE_TYPES.find(({ name }) => name === 'integer') as DataType);
  if (type === undefined) {
    yield `${kind} expression, datatype invalid (invalid)`;
    return;
  }
  const bases = basesOf(type);
  const bits = expression ? widthOf(expression, type) : 32;
  const raw = expression?.kind === 'payload' && expression.field.name.startsWith('@') ? ['integer'] : bases;
  const width = type.name === 'string' ? '16 characters' : type.name === 'ifname' ? `${bits / 8} characters` : `${bits} bits`;
  yield `${kind} expression, datatype ${type.name} (${type.description})${raw.length > 0 ? ` (basetype ${raw.join(', ')})` : ''}, ${width}`;
  yield* constantLines(type, false);
}

/** The type of a selector; `undefined` where it depends on the rule. */
function described({ expression, type }: Node & { kind: 'selector' }): DataType | undefined {
  if (expression.kind === 'ct' && (expression.key === 'saddr' || expression.key === 'daddr')) return undefined;
  if (expression.kind === 'ct' && expression.key === 'expiration') return { ...type, description: 'relative time', bits: 32 };
  if (expression.kind === 'meta' && expression.key === 'priority') return MORE_TYPES.find(({ name }) => name === 'classid');
  if (expression.kind === 'tcp-option' && expression.exists) return typeOnly('integer', 'integer', 8);
  return type;
}
