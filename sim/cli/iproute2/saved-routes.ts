import type { IP, Prefix } from '../../base/address.ts';
import { concat } from '../../base/bytes.ts';
import { SECOND } from '../../base/time.ts';
import type { NextHop, RouteInfo, RouteSpec, RouteType, Scope } from '../../host/netlink/messages.ts';
import { addressBytes, type Asked, attribute, message, readAddress, readAttributes, readUnsigned, unsigned } from './message-bytes.ts';
import { protocolName, protocolOf, ROUTE_TYPE_NUMBER, scopeName, scopeOf } from './names.ts';
import { metricsBytes, readMetrics } from './route-metrics.ts';

/** RTM_NEWROUTE. */
export const NEW_ROUTE = 24;

/** RTA_*, RTNH_F_* of include/uapi/linux/rtnetlink.h. */
const RTA = {
  dst: 1,
  src: 2,
  oif: 4,
  gateway: 5,
  priority: 6,
  prefsrc: 7,
  metrics: 8,
  multipath: 9,
  flow: 11,
  cacheinfo: 12,
  table: 15,
  via: 18,
  pref: 20,
  nhid: 30,
};
const FLAG = { dead: 1, onlink: 4, linkdown: 16 };
const FAMILY = { 4: 2, 6: 10 } as const;
/** RT_TABLE_COMPAT: the table's number stands in an attribute alone. */
const TABLE_COMPAT = 252;
const PREFERENCES = ['medium', 'high', undefined, 'low'] as const;

/** A route as the kernel dumps it (fib_dump_info, rt6_fill_node). */
export function routeMessage(route: RouteInfo, asked: Asked, now: number): Uint8Array {
  const { family, destination, from, tos, table, nexthops } = route;
  const only = nexthops.length === 1 ? nexthops[0] : undefined;
  const fixed = Uint8Array.from([
    FAMILY[family],
    destination.length,
    from?.length ?? 0,
    tos,
    table < 256 ? table : TABLE_COMPAT,
    Number(protocolName(route.protocol, true)),
    Number(scopeName(route.scope, true)),
    ROUTE_TYPE_NUMBER[route.type],
    ...unsigned(only ? flagsOf(only) : 0, 4),
  ]);
  const priority = route.priority > 0 ? [attribute(RTA.priority, unsigned(route.priority, 4))] : [];
  const source = route.preferredSource === undefined ? [] : [attribute(RTA.prefsrc, addressBytes(route.preferredSource))];
  const metrics = metricsBytes(route.metrics);
  const measured = metrics.length > 0 ? [attribute(RTA.metrics, metrics)] : [];
  const attributes = [
    attribute(RTA.table, unsigned(table, 4)),
    ...(destination.length > 0 ? [attribute(RTA.dst, addressBytes(destination.address))] : []),
    ...(from ? [attribute(RTA.src, addressBytes(from.address))] : []),
    ...(family === 4 ? [...priority, ...measured, ...source] : [...source, ...measured, ...priority]),
    ...(route.nhid === undefined ? [] : [attribute(RTA.nhid, unsigned(route.nhid, 4))]),
    ...(only ? hopAttributes(family, only, true) : []),
    ...(nexthops.length > 1 ? [attribute(RTA.multipath, concat(nexthops.map((hop) => multipathHop(family, hop))))] : []),
    ...(family === 6
      ? [cacheInfo(route, now), attribute(RTA.pref, unsigned(Math.max(0, PREFERENCES.indexOf(route.preference ?? 'medium')), 1))]
      : []),
  ];
  return message(NEW_ROUTE, fixed, attributes, asked);
}

function flagsOf(hop: NextHop): number {
  return (hop.dead ? FLAG.dead : 0) | (hop.onlink ? FLAG.onlink : 0) | (hop.linkdown ? FLAG.linkdown : 0);
}

function hopAttributes(family: 4 | 6, { gateway, ifindex, realms }: NextHop, device: boolean): Uint8Array[] {
  const via = gateway === undefined ? [] : [gatewayAttribute(family, gateway)];
  return [
    ...via,
    ...(device && ifindex > 0 ? [attribute(RTA.oif, unsigned(ifindex, 4))] : []),
    ...(realms ? [attribute(RTA.flow, unsigned(realms, 4))] : []),
  ];
}

/** A router of the other family goes with the number of its own. */
function gatewayAttribute(family: 4 | 6, gateway: IP): Uint8Array {
  const bytes = addressBytes(gateway);
  if ((typeof gateway === 'bigint') === (family === 6)) return attribute(RTA.gateway, bytes);
  return attribute(RTA.via, concat([unsigned(FAMILY[typeof gateway === 'bigint' ? 6 : 4], 2), bytes]));
}

/** struct rtnexthop with its attributes. */
function multipathHop(family: 4 | 6, hop: NextHop): Uint8Array {
  const attributes = concat(hopAttributes(family, hop, false));
  return concat([
    unsigned(8 + attributes.length, 2),
    Uint8Array.from([flagsOf(hop), hop.weight - 1]),
    unsigned(hop.ifindex, 4),
    attributes,
  ]);
}

/** struct rta_cacheinfo: of a route in a table only the end counts, in hundredths of a second. */
function cacheInfo({ expires }: RouteInfo, now: number): Uint8Array {
  const bytes = new Uint8Array(32);
  if (expires !== undefined) bytes.set(unsigned(Math.max(0, Math.floor((expires - now) / (SECOND / 100))), 4), 8);
  return attribute(RTA.cacheinfo, bytes);
}

/** A saved route: what it says, and what decides when it is restored. */
export interface SavedRoute {
  info: RouteInfo;
  /** Routes of this host come first, then those of networks, then what goes by a router (ip/iproute.c `restore_handler`). */
  round: 0 | 1 | 2 | undefined;
}

export function readRoute(body: Uint8Array, now: number): SavedRoute | undefined {
  const family = body[0] === FAMILY[6] ? 6 : 4;
  const attributes = readAttributes(body.subarray(12));
  const number = (type: number) => (attributes.has(type) ? readUnsigned(attributes.get(type) as Uint8Array) : undefined);
  const addressAt = (type: number) => (attributes.has(type) ? readAddress(attributes.get(type) as Uint8Array) : undefined);
  const zero: IP = family === 6 ? 0n : 0;
  const prefixAt = (type: number, length: number): Prefix => ({ address: addressAt(type) ?? zero, length });
  const types = Object.keys(ROUTE_TYPE_NUMBER) as RouteType[];
  const type = types.find((name) => ROUTE_TYPE_NUMBER[name] === body[7]);
  if (type === undefined) return undefined;
  const [gateway, source] = [addressAt(RTA.gateway), addressAt(RTA.prefsrc)];
  const via = attributes.get(RTA.via);
  const router = gateway ?? (via ? readAddress(via.subarray(2)) : undefined);
  const ifindex = number(RTA.oif);
  const list = attributes.get(RTA.multipath);
  const single =
    ifindex === undefined && router === undefined ? [] : [hopOf(router, ifindex ?? 0, 0, readUnsigned(body, 8, 4), number(RTA.flow))];
  const expiry = attributes.get(RTA.cacheinfo);
  const left = expiry ? readUnsigned(expiry, 8, 4) : 0;
  const info: RouteInfo = {
    family,
    type,
    destination: prefixAt(RTA.dst, body[1] ?? 0),
    table: number(RTA.table) ?? body[4] ?? 0,
    protocol: protocolOf(String(body[5])) ?? String(body[5]),
    scope: (scopeOf(String(body[6])) ?? 'global') as Scope,
    priority: number(RTA.priority) ?? 0,
    nexthops: list ? readMultipath(list) : single,
    tos: body[3] ?? 0,
    metrics: attributes.has(RTA.metrics) ? readMetrics(attributes.get(RTA.metrics) as Uint8Array) : {},
    ...((body[2] ?? 0) > 0 ? { from: prefixAt(RTA.src, body[2] ?? 0) } : {}),
    ...(source === undefined ? {} : { preferredSource: source }),
    ...(attributes.has(RTA.nhid) ? { nhid: number(RTA.nhid) as number } : {}),
    ...(family === 6 ? { preference: PREFERENCES[number(RTA.pref) ?? 0] ?? 'medium' } : {}),
    ...(left > 0 ? { expires: now + left * (SECOND / 100) } : {}),
  };
  const own = source === undefined || source === addressAt(RTA.dst);
  return { info, round: gateway !== undefined ? 2 : own ? 0 : 1 };
}

function hopOf(gateway: IP | undefined, ifindex: number, extra: number, flags: number, realms: number | undefined): NextHop {
  return {
    ...(gateway === undefined ? {} : { gateway }),
    ifindex,
    weight: extra + 1,
    onlink: (flags & FLAG.onlink) !== 0,
    linkdown: (flags & FLAG.linkdown) !== 0,
    dead: (flags & FLAG.dead) !== 0,
    ...(realms ? { realms } : {}),
  };
}

function readMultipath(bytes: Uint8Array): NextHop[] {
  const hops: NextHop[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = readUnsigned(bytes, at, 2);
    if (length < 8) break;
    const attributes = readAttributes(bytes.subarray(at + 8, at + length));
    const [gateway, via, flow] = [attributes.get(RTA.gateway), attributes.get(RTA.via), attributes.get(RTA.flow)];
    const router = gateway ? readAddress(gateway) : via ? readAddress(via.subarray(2)) : undefined;
    hops.push(hopOf(router, readUnsigned(bytes, at + 4, 4), bytes[at + 3] ?? 0, bytes[at + 2] ?? 0, flow && readUnsigned(flow)));
    at += (length + 3) & ~3;
  }
  return hops;
}

/** The request that makes a saved route again. */
export function restoringSpec(info: RouteInfo, now: number): RouteSpec {
  const { family, type, destination, from, table, protocol, scope, priority, preferredSource, nhid, tos, metrics, preference, expires } =
    info;
  return {
    family,
    type,
    destination,
    table,
    protocol,
    scope,
    priority,
    tos,
    metrics,
    ...(from ? { from } : {}),
    ...(preferredSource === undefined ? {} : { preferredSource }),
    ...(nhid === undefined ? {} : { nhid }),
    ...(preference === undefined ? {} : { preference }),
    ...(expires === undefined ? {} : { expires: Math.floor((expires - now) / SECOND) }),
    multipath: info.nexthops.length > 1,
    nexthops: info.nexthops.map(({ gateway, ifindex, weight, onlink, realms }) => ({
      ...(gateway === undefined ? {} : { gateway }),
      ifindex,
      weight,
      onlink,
      ...(realms ? { realms } : {}),
    })),
  };
}
