import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6, parseMac } from '../../base/address.ts';
import type { Atom } from '../../kernel/netfilter/nftables/expression.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Lookup } from '../iptables/lookup.ts';
import { nearest } from './misspell.ts';
import * as symbols from './symbols.ts';

/** What names are looked up in. */
export interface NameContext {
  lookup: Lookup;
  net: NetNamespace;
}

/** How values are shown. */
export interface ShowContext extends NameContext {
  /** `-n` */
  numeric: boolean;
  /** `-p`, and part of `-n`. */
  numericProtocols: boolean;
  /** `-S` */
  services: boolean;
  /** `-u` */
  accounts: boolean;
  /** `-N` */
  hostNames?: boolean;
  /** `-T`: times in seconds. */
  seconds?: boolean;
}

/** Why a word is no value of a type. */
export interface BadValue {
  bad: string;
}

/** A data type (src/datatype.c): how its values are written and shown. */
export interface DataType {
  readonly name: string;
  readonly description: string;
  readonly bits: number;
  /** Lists of its values are sets of bits. */
  readonly flags?: boolean;
  /** Its ranges may be prefixes. */
  readonly prefixes?: boolean;
  /** How many elements a listing has in a line. */
  readonly perLine: number;
  parse(text: string, context: NameContext): Atom | BadValue;
  show(value: Atom, context: ShowContext): string;
}

const bad = (text: string): BadValue => ({ bad: text });

/** A number as C reads it with base 0. */
export function integerOf(text: string): number | bigint | undefined {
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return undefined;
  const value = BigInt(/^0[0-7]+$/.test(text) ? `0o${text}` : text);
  return value > 0xffff_ffff_ffffn ? value : Number(value);
}

type SymbolTable = readonly (readonly [string, number])[];

function nameIn(table: SymbolTable, value: Atom): string | undefined {
  return table.find(([, number]) => number === value)?.[0];
}

interface Shape {
  bits: number;
  flags?: boolean;
  perLine?: number;
  /** Written in hexadecimal, to the full width if it is `wide`. */
  base?: 'decimal' | 'hex' | 'wide';
  /** Its names can be written, but are not shown. */
  nameless?: boolean;
  /** Names are shown between quotes. */
  quoted?: boolean;
}

/** A type of numbers, some of which may have names. */
function numbers(name: string, description: string, shape: Shape, table: SymbolTable = []): DataType {
  const { bits, base = 'decimal' } = shape;
  const show = (value: Atom): string => {
    if (base === 'decimal' || typeof value === 'string') return String(value);
    const text = value.toString(16);
    return `0x${base === 'wide' ? text.padStart(Math.ceil(bits / 4), '0') : text}`;
  };
  return {
    name,
    description,
    bits,
    ...(shape.flags ? { flags: true } : {}),
    perLine: shape.perLine ?? 1,
    parse(text) {
      const named = table.find(([symbol]) => symbol === text)?.[1];
      if (named !== undefined) return named;
      const number = integerOf(text);
      if (number === undefined) {
        const meant = nearest(
          text,
          table.map(([symbol]) => ({ name: symbol })),
        );
        return bad(`Could not parse ${description}${meant ? ` expression; did you you mean \`${meant.name}\`?` : ''}`);
      }
      if (bits > 0 && BigInt(number) >= 1n << BigInt(bits)) return bad(`Value ${text} exceeds valid range 0-${(1n << BigInt(bits)) - 1n}`);
      return bits > 48 ? BigInt(number) : number;
    },
    show(value, context) {
      const named = shape.nameless || context.numeric ? undefined : nameIn(table, value);
      if (named !== undefined) return shape.quoted ? `"${named}"` : named;
      if (!shape.flags) return show(value);
      let left = value as number;
      const names: string[] = [];
      for (const [symbol, bit] of table)
        if (left & bit) {
          names.push(context.numeric ? `0x${bit.toString(16)}` : symbol);
          left &= ~bit;
        }
      return left !== 0 || names.length === 0 ? `0x${(value as number).toString(16)}` : names.join(',');
    },
  };
}

function hostNameOf(address: number | bigint, { hostNames, lookup }: ShowContext): string | undefined {
  return hostNames ? lookup.hostName(address) : undefined;
}

const ipv4: DataType = {
  name: 'ipv4_addr',
  description: 'IPv4 address',
  bits: 32,
  prefixes: true,
  perLine: 2,
  parse(text, { lookup }) {
    const address = parseIPv4(text) ?? lookup.host(text, 4)[0];
    if (typeof address === 'number') return address;
    return bad(`Could not resolve hostname: ${unresolved(text, 6)}`);
  },
  show: (value, context) => hostNameOf(value as number, context) ?? formatIPv4(value as number),
};

const ipv6: DataType = {
  name: 'ipv6_addr',
  description: 'IPv6 address',
  bits: 128,
  prefixes: true,
  perLine: 1,
  parse(text, { lookup }) {
    const address = parseIPv6(text) ?? lookup.host(text, 6)[0];
    if (typeof address === 'bigint') return address;
    return bad(`Could not resolve hostname: ${unresolved(text, 4)}`);
  },
  show: (value, context) => hostNameOf(value as bigint, context) ?? formatIPv6(value as bigint),
};

/** What getaddrinfo says of a name without an address. */
function unresolved(text: string, other: 4 | 6): string {
  if ((other === 4 ? parseIPv4(text) : parseIPv6(text)) !== undefined) return 'Address family for hostname not supported';
  return /^[\d.]+$/.test(text) ? 'Name or service not known' : 'Temporary failure in name resolution';
}

const service: DataType = {
  name: 'inet_service',
  description: 'internet network service',
  bits: 16,
  perLine: 5,
  parse(text, { lookup }) {
    const number = integerOf(text);
    if (number !== undefined) return number <= 65_535 ? Number(number) : bad('Service out of range');
    return lookup.port(text) ?? bad('Could not resolve service: Servname not supported for ai_socktype');
  },
  show(value, { services, lookup }) {
    const name = services ? lookup.portName(value as number, undefined) : undefined;
    return name === undefined ? String(value) : `"${name}"`;
  },
};

const protocol: DataType = {
  name: 'inet_proto',
  description: 'Internet protocol',
  bits: 8,
  perLine: 5,
  parse(text) {
    const number = integerOf(text);
    if (number !== undefined) return number <= 255 ? Number(number) : bad('Protocol out of range');
    return symbols.PROTOCOLS.find(([name]) => name === text)?.[1] ?? bad('Could not resolve protocol name');
  },
  show: (value, { numericProtocols }) => (numericProtocols ? undefined : nameIn(symbols.PROTOCOLS, value)) ?? String(value),
};

const ether: DataType = {
  name: 'ether_addr',
  description: 'Ethernet address',
  bits: 48,
  perLine: 1,
  parse: (text) => parseMac(text) ?? bad('Could not parse Ethernet address'),
  show: (value) => formatMac(value as number),
};

const ifname: DataType = {
  name: 'ifname',
  description: 'network interface name',
  bits: 128,
  perLine: 1,
  parse: (text) => (text.length > 15 ? bad('String exceeds maximum length of 16') : text),
  show: (value) => `"${value}"`,
};

const ifindex: DataType = {
  name: 'iface_index',
  description: 'network interface index',
  bits: 32,
  perLine: 1,
  parse(text, { net }) {
    const number = integerOf(text);
    if (number !== undefined) return number;
    return net.deviceByName(text)?.ifindex ?? bad('Interface does not exist');
  },
  show(value, { net }) {
    const device = net.deviceByIndex(value as number);
    return device ? `"${device.name}"` : String(value);
  },
};

function account(
  name: string,
  description: string,
  find: (lookup: Lookup, text: string) => number | undefined,
  nameOf: (lookup: Lookup, id: number) => string | undefined,
): DataType {
  return {
    name,
    description,
    bits: 32,
    perLine: 1,
    parse(text, { lookup }) {
      const number = integerOf(text);
      return number ?? find(lookup, text) ?? bad(`${name === 'uid' ? 'User' : 'Group'} does not exist`);
    },
    show(value, { accounts, lookup }) {
      const found = accounts ? nameOf(lookup, value as number) : undefined;
      return found === undefined ? String(value) : `"${found}"`;
    },
  };
}

/** `1h30m`: days to milliseconds, biggest first. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A duration in milliseconds, or `undefined`. A bare number is seconds. */
export function durationOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const match = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (!match || text === '') return undefined;
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0, rest = 0] = match;
  return (
    (((Number(weeks) * 7 + Number(days)) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000 + Number(rest)
  );
}

/** Milliseconds as `1h30m`; with `-T` as `5400s`. */
export function durationText(milliseconds: number, { seconds = false }: { seconds?: boolean } = {}): string {
  if (seconds) return `${Math.floor(milliseconds / 1000)}s`;
  let left = milliseconds;
  let text = '';
  for (const [unit, length] of UNITS) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

export const TIME: DataType = {
  name: 'time',
  description: 'time',
  bits: 64,
  perLine: 1,
  parse: (text) => durationOf(text) ?? bad('Could not parse time'),
  show: (value, context) => durationText(value as number, context),
};

/** The hour of the day, in seconds since midnight: `"09:00"`, `"09:00:30"` (src/meta.c `hour_type_parse`). */
const hour: DataType = {
  name: 'hour',
  description: 'Hour of day of packet reception',
  bits: 32,
  perLine: 1,
  parse(text) {
    const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
    if (!match) return /^\d+$/.test(text) ? Number(text) : bad('Cannot parse time');
    const [, hours, minutes, seconds = 0] = match;
    return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) % 86_400;
  },
  show(value) {
    const seconds = value as number;
    const two = (part: number): string => String(part).padStart(2, '0');
    const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
    return `"${text}${seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`}"`;
  },
};

const LABELS = 128;

/** Bits of connections, named in a file of their own (src/ct.c `ct_label_type_parse`). */
const label: DataType = {
  name: 'ct_label',
  description: 'conntrack label',
  bits: LABELS,
  flags: true,
  perLine: 1,
  parse(text, { lookup }) {
    const bit = lookup.connlabels()?.get(text) ?? integerOf(text);
    if (bit === undefined) return bad(`/etc/connlabel.conf: could not parse conntrack label "${text}"`);
    return bit >= LABELS ? bad(`${text}: bit ${bit} out of range (${LABELS} max)`) : 1n << BigInt(bit);
  },
  show(value, { lookup, numeric }) {
    const names = numeric ? [] : [...(lookup.connlabels() ?? [])];
    const shown: string[] = [];
    for (let bit = 0; bit < LABELS; bit++) {
      if (((BigInt(value) >> BigInt(bit)) & 1n) === 0n) continue;
      const name = names.find(([, number]) => number === bit)?.[0];
      shown.push(name === undefined ? String(bit) : `"${name}"`);
    }
    return shown.join(',');
  },
};

const string: DataType = {
  name: 'string',
  description: 'string',
  bits: 0,
  perLine: 1,
  parse: (text) => text,
  show: (value) => `"${value}"`,
};

/** Integers of a width, decimal or hexadecimal. */
export function integer(bits: number, base: 'decimal' | 'hex' = 'decimal'): DataType {
  return numbers('integer', 'integer', { bits, base });
}

export const BOOLEAN = numbers('boolean', 'boolean type', { bits: 1 }, symbols.BOOLEAN);

export const TYPES: readonly DataType[] = [
  ipv4,
  ipv6,
  service,
  protocol,
  ether,
  ifname,
  ifindex,
  numbers('mark', 'packet mark', { bits: 32, base: 'wide', perLine: 5 }),
  numbers('ct_state', 'conntrack state', { bits: 32, flags: true }, symbols.CT_STATE),
  numbers('ct_status', 'conntrack status', { bits: 32, flags: true }, symbols.CT_STATUS),
  numbers('ct_dir', 'conntrack direction', { bits: 8 }, symbols.CT_DIRECTION),
  numbers('tcp_flag', 'TCP flag', { bits: 8, flags: true }, symbols.TCP_FLAGS),
  numbers('icmp_type', 'ICMP type', { bits: 8 }, symbols.ICMP_TYPES),
  numbers('icmpv6_type', 'ICMPv6 type', { bits: 8 }, symbols.ICMPV6_TYPES),
  numbers('icmp_code', 'icmp code', { bits: 8, nameless: true }, symbols.ICMP_CODES),
  numbers('icmpv6_code', 'icmpv6 code', { bits: 8, nameless: true }, symbols.ICMPV6_CODES),
  numbers('icmpx_code', 'icmpx code', { bits: 8, nameless: true }, symbols.ICMPX_CODES),
  numbers('igmp_type', 'IGMP type', { bits: 8 }, symbols.IGMP_TYPES),
  numbers('ether_type', 'Ethernet protocol', { bits: 16, base: 'hex' }, symbols.ETHER_TYPES),
  numbers('nf_proto', 'netfilter protocol', { bits: 8 }, symbols.NF_PROTOCOLS),
  numbers('pkt_type', 'packet type', { bits: 8 }, symbols.PACKET_TYPES),
  numbers('dscp', 'Differentiated Services Code Point', { bits: 6, base: 'wide' }, symbols.DSCP),
  numbers('ecn', 'Explicit Congestion Notification', { bits: 2, base: 'wide' }, symbols.ECN),
  numbers('fib_addrtype', 'fib address type', { bits: 32 }, symbols.FIB_TYPES),
  numbers('arp_op', 'ARP operation', { bits: 16 }, symbols.ARP_OPERATIONS),
  numbers('iface_type', 'network interface type', { bits: 16 }, symbols.INTERFACE_TYPES),
  numbers('realm', 'routing realm', { bits: 32 }),
  numbers('devgroup', 'devgroup name', { bits: 32, quoted: true }, symbols.DEVICE_GROUPS),
  account(
    'uid',
    'user ID',
    (lookup, text) => lookup.user(text),
    (lookup, id) => lookup.userName(id),
  ),
  account(
    'gid',
    'group ID',
    (lookup, text) => lookup.group(text),
    (lookup, id) => lookup.groupName(id),
  ),
  numbers('day', 'Day of week of packet reception', { bits: 8, quoted: true }, symbols.DAYS),
  hour,
  TIME,
  BOOLEAN,
  label,
  string,
];

const BY_NAME = new Map(TYPES.map((type) => [type.name, type]));

export function findType(name: string): DataType | undefined {
  return BY_NAME.get(name);
}

export function typeNamed(name: string): DataType {
  return BY_NAME.get(name) ?? integer(32);
}
