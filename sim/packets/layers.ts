import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6, parseMac } from '../base/address.ts';

/** The headers that packet scripts can name, as tables: one gives reading, writing and comparing. */

export type FieldKind = 'number' | 'mac' | 'ip4' | 'ip6' | 'flags' | 'operation' | 'hex';

export interface Field {
  /** Bytes from the header's start. */
  at: number;
  /** Bytes. */
  size: number;
  kind: FieldKind;
  /** Bits of the bytes that are the field's, the lowest one's place being its unit. */
  mask?: number;
  /** What one of the field counts, such as 8 bytes for a fragment's offset. */
  unit?: number;
}

export interface LayerTable {
  fields: Readonly<Record<string, Field>>;
  /** Bytes, without options. */
  length: number;
  /** Values of fields that a script doesn't give. */
  defaults: Readonly<Record<string, string>>;
  /** Fields that stand for options behind the fixed part (options.ts). */
  options?: readonly string[];
}

const number = (at: number, size: number, mask?: number, unit?: number): Field => ({
  at,
  size,
  kind: 'number',
  ...(mask === undefined ? {} : { mask }),
  ...(unit === undefined ? {} : { unit }),
});
const mac = (at: number): Field => ({ at, size: 6, kind: 'mac' });
const ip4 = (at: number): Field => ({ at, size: 4, kind: 'ip4' });
const ip6 = (at: number): Field => ({ at, size: 16, kind: 'ip6' });

const hex = (at: number, size: number): Field => ({ at, size, kind: 'hex' });

/** The end under test and the script's end of cable n (0, 1, …). */
export function hereMac(cable: number): string {
  return `02:00:00:00:0${cable + 1}:01`;
}
export function thereMac(cable: number): string {
  return `02:00:00:00:0${cable + 1}:02`;
}

const ICMP_FIELDS = { type: number(0, 1), code: number(1, 1), sum: number(2, 2) };

export const LAYERS: Readonly<Record<string, LayerTable>> = {
  eth: { length: 14, fields: { dst: mac(0), src: mac(6), type: number(12, 2) }, defaults: {} },
  vlan: {
    length: 4,
    fields: { pcp: number(0, 1, 0xe0), dei: number(0, 1, 0x10), id: number(0, 2, 0xfff), type: number(2, 2) },
    defaults: {},
  },
  arp: {
    length: 28,
    fields: {
      htype: number(0, 2),
      ptype: number(2, 2),
      hlen: number(4, 1),
      plen: number(5, 1),
      op: { at: 6, size: 2, kind: 'operation' },
      sha: mac(8),
      spa: ip4(14),
      tha: mac(18),
      tpa: ip4(24),
    },
    defaults: { htype: '1', ptype: '0x800', hlen: '6', plen: '4', tha: '00:00:00:00:00:00' },
  },
  ip: {
    length: 20,
    fields: {
      version: number(0, 1, 0xf0),
      ihl: number(0, 1, 0x0f, 4),
      tos: number(1, 1),
      len: number(2, 2),
      id: number(4, 2),
      df: number(6, 1, 0x40),
      mf: number(6, 1, 0x20),
      off: number(6, 2, 0x1fff, 8),
      ttl: number(8, 1),
      proto: number(9, 1),
      sum: number(10, 2),
      src: ip4(12),
      dst: ip4(16),
    },
    defaults: { version: '4', ttl: '64', id: '1', src: '10.0.0.2', dst: '10.0.0.1' },
    options: ['options'],
  },
  ip6: {
    length: 40,
    fields: {
      version: number(0, 1, 0xf0),
      tclass: number(0, 2, 0xff0),
      flow: number(1, 3, 0xfffff),
      len: number(4, 2),
      next: number(6, 1),
      hlim: number(7, 1),
      src: ip6(8),
      dst: ip6(24),
    },
    defaults: { version: '6', hlim: '64', src: 'fd00::2', dst: 'fd00::1' },
  },
  /** Hop-by-hop and destination options: eight bytes a unit more than one, which `data` behind it gives. */
  hbh: { length: 8, fields: { next: number(0, 1), units: number(1, 1), body: hex(2, 6) }, defaults: { body: '0x010400000000' } },
  dopt: { length: 8, fields: { next: number(0, 1), units: number(1, 1), body: hex(2, 6) }, defaults: { body: '0x010400000000' } },
  rthdr: {
    length: 8,
    fields: { next: number(0, 1), units: number(1, 1), kind: number(2, 1), left: number(3, 1), body: hex(4, 4) },
    defaults: {},
  },
  frag: {
    length: 8,
    fields: { next: number(0, 1), off: number(2, 2, 0xfff8, 8), more: number(3, 1, 1), id: number(4, 4) },
    defaults: {},
  },
  icmp: {
    length: 8,
    fields: { ...ICMP_FIELDS, id: number(4, 2), seq: number(6, 2), mtu: number(6, 2), gw: ip4(4), pointer: number(4, 1) },
    defaults: {},
  },
  icmp6: {
    length: 8,
    fields: {
      ...ICMP_FIELDS,
      id: number(4, 2),
      seq: number(6, 2),
      mtu: number(4, 4),
      pointer: number(4, 4),
      flags: number(4, 1),
      hlim: number(4, 1),
      bits: number(5, 1),
      lifetime: number(6, 2),
      records: number(6, 2),
    },
    defaults: {},
  },
  /** Router advertisements: what stands between ICMPv6's first eight bytes and the options. */
  ra: { length: 8, fields: { reachable: number(0, 4), retrans: number(4, 4) }, defaults: {} },
  prefix: {
    length: 32,
    fields: {
      kind: number(0, 1),
      units: number(1, 1),
      length: number(2, 1),
      bits: number(3, 1),
      valid: number(4, 4),
      preferred: number(8, 4),
      address: ip6(16),
    },
    defaults: { kind: '3', units: '4', length: '64', bits: '0xc0', valid: '86400', preferred: '14400' },
  },
  mtu: { length: 8, fields: { kind: number(0, 1), units: number(1, 1), mtu: number(4, 4) }, defaults: { kind: '5', units: '1' } },
  /** A route of RFC 4191 with sixteen bytes of prefix. */
  route: {
    length: 24,
    fields: { kind: number(0, 1), units: number(1, 1), length: number(2, 1), bits: number(3, 1), lifetime: number(4, 4), address: ip6(8) },
    defaults: { kind: '24', units: '3', length: '64', lifetime: '1800' },
  },
  /** Behind a redirect's first eight bytes. */
  redirect: { length: 32, fields: { target: ip6(0), destination: ip6(16) }, defaults: {} },
  /** A record of an MLDv2 report, and a query's group. */
  record: { length: 20, fields: { kind: number(0, 1), aux: number(1, 1), sources: number(2, 2), group: ip6(4) }, defaults: {} },
  igmp: { length: 8, fields: { type: number(0, 1), delay: number(1, 1), sum: number(2, 2), group: ip4(4) }, defaults: {} },
  /** Neighbour solicitations and advertisements: what ICMPv6 has behind its first eight bytes. */
  target: { length: 16, fields: { address: ip6(0) }, defaults: {} },
  /** A link-layer address option of neighbour discovery: kind 1 is the sender's, 2 the target's. */
  lladdr: { length: 8, fields: { kind: number(0, 1), units: number(1, 1), mac: mac(2) }, defaults: { units: '1' } },
  udp: {
    length: 8,
    fields: { sport: number(0, 2), dport: number(2, 2), len: number(4, 2), sum: number(6, 2) },
    defaults: { sport: '40000' },
  },
  tcp: {
    length: 20,
    fields: {
      sport: number(0, 2),
      dport: number(2, 2),
      seq: number(4, 4),
      ack: number(8, 4),
      hlen: number(12, 1, 0xf0, 4),
      flags: { at: 13, size: 1, kind: 'flags' },
      win: number(14, 2),
      sum: number(16, 2),
      urg: number(18, 2),
    },
    defaults: { sport: '40000', win: '65535', flags: '.' },
    options: ['mss', 'sackok', 'tsval', 'tsecr', 'wscale', 'options', ...[1, 2, 3, 4].flatMap((n) => [`sackl${n}`, `sackr${n}`])],
  },
  vxlan: { length: 8, fields: { flags: number(0, 1), vni: number(4, 3), reserved: number(7, 1) }, defaults: { flags: '8' } },
};

const FLAG_LETTERS = 'FSRP.UEW';
const OPERATIONS = ['', 'request', 'reply'];

/** Where the lowest bit of a mask stands. */
function shiftOf(mask: number): number {
  return mask === 0 ? 0 : Math.log2(mask & -mask);
}

/** A field's value as a script writes it, or `undefined` when the bytes end before it. */
export function readField(b: Uint8Array, start: number, { at, size, kind, mask, unit }: Field): string | undefined {
  const from = start + at;
  if (from + size > b.length) return undefined;
  let value = 0n;
  for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(b[from + i] as number);
  switch (kind) {
    case 'mac':
      return formatMac(Number(value));
    case 'ip4':
      return formatIPv4(Number(value));
    case 'ip6':
      return formatIPv6(value);
    case 'flags':
      return [...FLAG_LETTERS].filter((_, bit) => (Number(value) >> bit) & 1).join('');
    case 'operation':
      return OPERATIONS[Number(value)] || String(value);
    case 'hex':
      return `0x${value.toString(16)}`;
    case 'number': {
      const plain = mask === undefined ? Number(value) : (Number(value) & mask) >>> shiftOf(mask);
      return String(plain * (unit ?? 1));
    }
  }
}

/** The value of a field's text as a number. @throws Error when it is none */
export function fieldValue(text: string, kind: FieldKind): bigint {
  const parsed = parsers[kind](text);
  if (parsed === undefined || Number.isNaN(parsed)) throw new Error(`'${text}' is no ${kind}`);
  return BigInt(parsed);
}

const parsers: Readonly<Record<FieldKind, (text: string) => number | bigint | undefined>> = {
  mac: parseMac,
  ip4: parseIPv4,
  ip6: parseIPv6,
  flags: (text) => [...text].reduce((sum, letter) => sum | (1 << FLAG_LETTERS.indexOf(letter)), 0),
  operation: (text) => (OPERATIONS.includes(text) ? OPERATIONS.indexOf(text) : Number(text)),
  number: Number,
  hex: BigInt,
};

/** What kind of value a field of a layer has, options included. */
export function fieldKind(layer: string, field: string): FieldKind {
  return LAYERS[layer]?.fields[field]?.kind ?? (field === 'options' ? 'hex' : 'number');
}

/** Writes a field; the other bits of its bytes stay. */
export function writeField(b: Uint8Array, start: number, field: Field, text: string): void {
  const { at, size, kind, mask, unit } = field;
  let value = fieldValue(text, kind);
  if (mask !== undefined) {
    let old = 0;
    for (let i = 0; i < size; i++) old = old * 256 + (b[start + at + i] as number);
    value = BigInt((old & ~mask) | ((Number(value) / (unit ?? 1)) << shiftOf(mask)));
  }
  for (let i = size - 1; i >= 0; i--) {
    b[start + at + i] = Number(value & 0xffn);
    value >>= 8n;
  }
}
