import type { RouteType, Scope } from '../../host/netlink/messages.ts';
import { parseUnsigned } from './values.ts';
import { invalid } from './words.ts';

/** The names that iproute2 ships in /usr/share/iproute2 (rt_tables, rt_protos, rt_scopes, group …). */

const TABLES: Record<string, number> = { unspec: 0, default: 253, main: 254, local: 255 };

export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;

const PROTOCOLS: Record<string, number> = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  keepalived: 18,
  ovn: 84,
  babel: 42,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
};

const SCOPES: Record<string, number> = { global: 0, universe: 0, site: 200, link: 253, host: 254, nowhere: 255 };

const ROUTE_TYPES: Record<string, RouteType> = {
  unicast: 'unicast',
  local: 'local',
  broadcast: 'broadcast',
  brd: 'broadcast',
  anycast: 'anycast',
  multicast: 'multicast',
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibit',
  throw: 'throw',
};

export const ROUTE_TYPE_NUMBER: Record<RouteType, number> = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
};

/** The files of names that are kept in /etc/iproute2; what they add comes to the names that are known anyway. */
export type NameFile = 'rt_tables' | 'rt_protos' | 'group' | 'rt_realms';

/** Who can read them. */
export interface NameFiles {
  names(file: NameFile): Readonly<Record<string, number>>;
}

function nameOf(names: Readonly<Record<string, number>>, number: number): string | undefined {
  return Object.keys(names).find((name) => names[name] === number);
}

function numberOf(names: Readonly<Record<string, number>>, text: string, max: number, more: Readonly<Record<string, number>> = {}) {
  if (Object.hasOwn(more, text)) return more[text];
  return Object.hasOwn(names, text) ? names[text] : parseUnsigned(text, max);
}

export function tableNumber(text: string, files?: NameFiles): number | undefined {
  return numberOf(TABLES, text, 0xffff_ffff, files?.names('rt_tables'));
}

export function tableName(table: number, numeric: boolean, files?: NameFiles): string {
  if (numeric) return String(table);
  return nameOf(files?.names('rt_tables') ?? {}, table) ?? nameOf(TABLES, table) ?? String(table);
}

/** The protocol's name, or the number as text for one without a name; undefined for neither. */
export function protocolOf(text: string, files?: NameFiles): string | undefined {
  const number = numberOf(PROTOCOLS, text, 255, files?.names('rt_protos'));
  return number === undefined ? undefined : (nameOf(PROTOCOLS, number) ?? String(number));
}

export function protocolName(protocol: string, numeric: boolean, files?: NameFiles): string {
  const number = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
  if (numeric) return String(number ?? protocol);
  return nameOf(files?.names('rt_protos') ?? {}, number ?? Number(protocol)) ?? protocol;
}

/** A scope by name or number. Numbers without a name travel as text, which the messages' type does not list. */
export function scopeOf(text: string): Scope | undefined {
  const number = numberOf(SCOPES, text, 255);
  return number === undefined ? undefined : ((nameOf(SCOPES, number) ?? String(number)) as Scope);
}

export function scopeName(scope: Scope, numeric: boolean): string {
  return numeric && Object.hasOwn(SCOPES, scope) ? String(SCOPES[scope]) : scope;
}

export function routeTypeOf(text: string): RouteType | undefined {
  if (Object.hasOwn(ROUTE_TYPES, text)) return ROUTE_TYPES[text];
  const number = parseUnsigned(text, 255);
  return (Object.keys(ROUTE_TYPE_NUMBER) as RouteType[]).find((type) => ROUTE_TYPE_NUMBER[type] === number);
}

export function routeTypeName(type: RouteType, numeric: boolean): string {
  return numeric ? String(ROUTE_TYPE_NUMBER[type]) : type;
}

export function groupOf(text: string, files?: NameFiles): number | undefined {
  return numberOf({ default: 0 }, text, 0xffff_ffff, files?.names('group'));
}

export function groupName(group: number, numeric: boolean, files?: NameFiles): string {
  if (numeric) return String(group);
  return nameOf({ default: 0, ...files?.names('group') }, group) ?? String(group);
}

export function realmOf(text: string, files?: NameFiles): number | undefined {
  return numberOf({ cosmos: 0 }, text, 255, files?.names('rt_realms'));
}

export function realmName(realm: number, files?: NameFiles): string {
  return nameOf({ cosmos: 0, ...files?.names('rt_realms') }, realm) ?? String(realm);
}

/** Per-hop behaviours by the DS field that means them. */
const DSFIELDS: Readonly<Record<string, number>> = {
  default: 0,
  AF11: 0x28,
  AF12: 0x30,
  AF13: 0x38,
  AF21: 0x48,
  AF22: 0x50,
  AF23: 0x58,
  AF31: 0x68,
  AF32: 0x70,
  AF33: 0x78,
  AF41: 0x88,
  AF42: 0x90,
  AF43: 0x98,
  CS1: 0x20,
  CS2: 0x40,
  CS3: 0x60,
  CS4: 0x80,
  CS5: 0xa0,
  CS6: 0xc0,
  CS7: 0xe0,
  EF: 0xb8,
};

/** The DS field: a number, always taken as hexadecimal when it has no name. */
export function dsfieldOf(text: string): number | undefined {
  if (Object.hasOwn(DSFIELDS, text)) return DSFIELDS[text];
  return /^(0x)?[0-9a-fA-F]{1,2}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}

export function dsfieldName(tos: number): string {
  return nameOf(DSFIELDS, tos) ?? `0x${tos.toString(16).padStart(2, '0')}`;
}

/** A code point: the upper six bits of the DS field, as a number or by name. */
export function dscpOf(text: string): number | undefined {
  const number = parseUnsigned(text);
  if (number !== undefined) return number;
  const field = dsfieldOf(text);
  return field === undefined ? undefined : field >> 2;
}

export function dscpName(point: number): string {
  return nameOf(DSFIELDS, point << 2) ?? String(point);
}

const ARP_TYPE: Record<string, number> = { ether: 1, loopback: 772, none: 65_534, ipip: 768 };

/** What follows `link/`: the ARPHRD type's name, or its number in brackets. */
export function linkTypeName(type: string, numeric: boolean): string {
  return numeric ? `[${ARP_TYPE[type] ?? 65_535}]` : type;
}

/** Protocols that rules and routes name, by number (/etc/protocols; the first name of a number is the one that shows). */
const IP_PROTOCOLS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'ip 0, icmp 1, igmp 2, ggp 3, ipencap 4, st 5, tcp 6, egp 8, igp 9, pup 12, udp 17, hmp 20, xns-idp 22, rdp 27, ' +
    'iso-tp4 29, dccp 33, xtp 36, ddp 37, idpr-cmtp 38, ipv6 41, ipv6-route 43, ipv6-frag 44, idrp 45, rsvp 46, gre 47, ' +
    'esp 50, ah 51, skip 57, ipv6-icmp 58, ipv6-nonxt 59, ipv6-opts 60, rspf 73, vmtp 81, eigrp 88, ospf 89, ax.25 93, ' +
    'ipip 94, etherip 97, encap 98, pim 103, ipcomp 108, vrrp 112, l2tp 115, isis 124, sctp 132, fc 133, ' +
    'mobility-header 135, udplite 136, mpls-in-ip 137, manet 138, hip 139, shim6 140, wesp 141, rohc 142, ethernet 143'
  )
    .split(', ')
    .map((entry) => entry.split(' '))
    .map(([name = '', number]) => [name, Number(number)]),
);

/** `tcp`, `udp`, or `ipproto-253`. */
export function ipProtocolName(protocol: number, numeric = false): string {
  return (numeric ? undefined : nameOf(IP_PROTOCOLS, protocol)) ?? `ipproto-${protocol}`;
}

export function ipProtocolOf(text: string): number | undefined {
  if (/^[0-9]+$/.test(text)) return Number(text) < 256 ? Number(text) : undefined;
  return Object.hasOwn(IP_PROTOCOLS, text) ? IP_PROTOCOLS[text] : undefined;
}

const ADDRESS_PROTOCOLS = ['unspec', 'kernel_lo', 'kernel_ra', 'kernel_ll'];

/** The number of who gave an address, from what `addressProtocol` says. */
export function addressProtocolNumber(name: string): number {
  return ADDRESS_PROTOCOLS.includes(name) ? ADDRESS_PROTOCOLS.indexOf(name) : Number(name);
}

/** Who gave an address: a name, or a number, which shows in hexadecimal. */
export function addressProtocol(text: string): string {
  const number = ADDRESS_PROTOCOLS.includes(text) ? ADDRESS_PROTOCOLS.indexOf(text) : parseUnsigned(text, 255);
  if (number === undefined) throw invalid('"proto" value is invalid\n', text);
  return ADDRESS_PROTOCOLS[number] ?? `0x${number.toString(16)}`;
}
