import type { RouteType, Scope } from '../../host/netlink/messages.ts';
import { parseUnsigned } from './values.ts';

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

const ROUTE_TYPE_NUMBER: Record<RouteType, number> = {
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

function nameOf(names: Record<string, number>, number: number): string | undefined {
  return Object.keys(names).find((name) => names[name] === number);
}

function numberOf(names: Record<string, number>, text: string, max: number): number | undefined {
  return Object.hasOwn(names, text) ? names[text] : parseUnsigned(text, max);
}

export function tableNumber(text: string): number | undefined {
  return numberOf(TABLES, text, 0xffff_ffff);
}

export function tableName(table: number, numeric: boolean): string {
  return (numeric ? undefined : nameOf(TABLES, table)) ?? String(table);
}

/** The protocol's name, or the number as text for one without a name; undefined for neither. */
export function protocolOf(text: string): string | undefined {
  const number = numberOf(PROTOCOLS, text, 255);
  return number === undefined ? undefined : (nameOf(PROTOCOLS, number) ?? String(number));
}

export function protocolName(protocol: string, numeric: boolean): string {
  return numeric && Object.hasOwn(PROTOCOLS, protocol) ? String(PROTOCOLS[protocol]) : protocol;
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

export function groupOf(text: string): number | undefined {
  return text === 'default' ? 0 : parseUnsigned(text);
}

export function groupName(group: number, numeric: boolean): string {
  return group === 0 && !numeric ? 'default' : String(group);
}

/** The DS field: a number, always taken as hexadecimal when it has no name. */
export function dsfieldOf(text: string): number | undefined {
  if (text === 'default') return 0;
  return /^(0x)?[0-9a-fA-F]{1,2}$/.test(text) ? Number.parseInt(text, 16) : undefined;
}

export function dsfieldName(tos: number): string {
  return `0x${tos.toString(16).padStart(2, '0')}`;
}

const ARP_TYPE: Record<string, number> = { ether: 1, loopback: 772, none: 65_534, ipip: 768 };

/** What follows `link/`: the ARPHRD type's name, or its number in brackets. */
export function linkTypeName(type: string, numeric: boolean): string {
  return numeric ? `[${ARP_TYPE[type] ?? 65_535}]` : type;
}

/** Protocols that rules and routes name, by number (/etc/protocols). */
const IP_PROTOCOLS: readonly (readonly [number, string])[] = [
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [47, 'gre'],
  [58, 'ipv6-icmp'],
  [89, 'ospf'],
  [132, 'sctp'],
];

/** `tcp`, `udp`, or the number. */
export function ipProtocolName(protocol: number): string {
  return IP_PROTOCOLS.find(([number]) => number === protocol)?.[1] ?? String(protocol);
}

export function ipProtocolOf(text: string): number | undefined {
  const named = IP_PROTOCOLS.find(([, name]) => name === text)?.[0];
  return named ?? (/^[0-9]+$/.test(text) && Number(text) < 256 ? Number(text) : undefined);
}
