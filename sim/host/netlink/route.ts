import { type IP, type IPv4, networkOf } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import type { FibTable, Ipv4NextHop, Ipv4Route } from '../../kernel/ipv4/fib.ts';
import { SCOPE } from '../../kernel/ipv4/interface.ts';
import { type Ipv4Destination, routeInput, routeOutput } from '../../kernel/ipv4/route.ts';
import { type Flow, TABLE } from '../../kernel/ipv4/rules.ts';
import { hopsOf } from '../../kernel/nexthop.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { scopeName } from './address.ts';
import type { NetlinkError, RouteAnswer, RouteInfo, RouteQuery, RouteSpec } from './messages.ts';
import type { NewMode } from './rtnetlink.ts';
import * as route6 from './route6.ts';

/** Routes over rtnetlink (net/ipv4/fib_frontend.c, fib_semantics.c). */

function ignoresLinkdown(device: NetDevice): boolean {
  return device.net.ipv4.confMax(device, 'ignore_routes_with_linkdown') !== 0;
}

export function list(net: NetNamespace, family: 4 | 6): RouteInfo[] {
  if (family === 6) return route6.list(net);
  // The kernel keeps tables in a hash of 256 chains by id.
  const ids = [...net.ipv4.tables.keys()].sort((a, b) => (a & 255) - (b & 255) || b - a);
  return ids.flatMap((id) => (net.ipv4.tables.get(id) as FibTable).list().map((route) => describe(route, id)));
}

export function describe(route: Ipv4Route, table: number): RouteInfo {
  const info: RouteInfo = {
    family: 4,
    type: route.type,
    destination: { address: route.network, length: route.length },
    table,
    protocol: route.protocol,
    scope: scopeName(route.scope),
    priority: route.priority,
    tos: route.tos,
    metrics: { ...route.metrics },
    nexthops: route.nexthops.map((hop) => ({
      ifindex: hop.device.ifindex,
      weight: hop.weight,
      onlink: hop.onlink,
      linkdown: hop.linkdown || hop.dead,
      dead: hop.dead || (hop.linkdown && ignoresLinkdown(hop.device)),
      ...gatewayOf(hop),
      ...(hop.realms ? { realms: hop.realms } : {}),
    })),
  };
  if (route.nhid !== undefined) info.nhid = route.nhid;
  if (route.preferredSource !== undefined) info.preferredSource = route.preferredSource;
  return info;
}

function gatewayOf({ gateway, gateway6 }: Pick<Ipv4NextHop, 'gateway' | 'gateway6'>): { gateway?: IP } {
  const router = gateway ?? gateway6;
  return router === undefined ? {} : { gateway: router };
}

const ALL_HOSTS = 0xe0000001;
/** What the recorded kernel was built with; TCP here takes Reno whatever a route says. */
export const CONGESTION_CONTROLS = ['reno', 'cubic', 'bbr'];
const REFUSING = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

/** Checks a request and makes the route (fib_create_info). */
function build(net: NetNamespace, spec: RouteSpec): Ipv4Route | NetlinkError {
  const { address, length } = spec.destination as { address: IPv4; length: number };
  if (networkOf(address, length) !== address) return { errno: 'EINVAL', message: 'Invalid prefix for given prefix length' };
  const object = spec.nhid === undefined ? undefined : net.nexthops.find(spec.nhid);
  if (spec.nhid !== undefined && !object) return { errno: 'EINVAL', message: 'Nexthop id does not exist' };
  const { congestion } = spec.metrics ?? {};
  if (congestion !== undefined && !CONGESTION_CONTROLS.includes(congestion))
    return { errno: 'EINVAL', message: 'Unknown tcp congestion algorithm' };
  const members = object ? net.nexthops.members(object) : [];
  const type = members.some(({ hop }) => hop.blackhole) ? 'blackhole' : (spec.type ?? 'unicast');
  const scope = spec.scope === undefined ? defaultScope(spec) : SCOPE[spec.scope];
  const nexthops: Ipv4NextHop[] = [];
  if (object) nexthops.push(...hopsOf(net, object, 4));
  else if (!REFUSING.has(type)) {
    if (spec.nexthops.length === 0) return { errno: 'ENODEV' };
    for (const wanted of spec.nexthops) {
      const hop = nextHop(net, wanted, scope);
      if ('errno' in hop) return hop;
      nexthops.push(hop);
    }
  }
  const preferredSource = spec.preferredSource as IPv4 | undefined;
  if (preferredSource !== undefined && !(type === 'local' && preferredSource === address) && !net.ipv4.isLocal(preferredSource)) {
    return { errno: 'EINVAL', message: 'Invalid prefsrc address' };
  }
  return {
    network: address,
    length,
    tos: spec.tos ?? 0,
    type,
    scope,
    protocol: spec.protocol ?? 'boot',
    priority: spec.priority ?? 0,
    preferredSource,
    nexthops,
    ...(spec.nhid === undefined ? {} : { nhid: spec.nhid }),
    metrics: { ...spec.metrics },
  };
}

function defaultScope(spec: RouteSpec): number {
  if (spec.type === 'local') return SCOPE.host;
  const direct = spec.nexthops.length > 0 && spec.nexthops.every((hop) => hop.gateway === undefined);
  return direct && (spec.type ?? 'unicast') === 'unicast' ? SCOPE.link : spec.type === 'broadcast' ? SCOPE.link : SCOPE.global;
}

/** A next hop's router must be reached directly, by a device that is up (fib_check_nh). */
function nextHop(net: NetNamespace, wanted: RouteSpec['nexthops'][number], scope: number): Ipv4NextHop | NetlinkError {
  const given = wanted.ifindex === undefined || wanted.ifindex === 0 ? undefined : net.deviceByIndex(wanted.ifindex);
  if (wanted.ifindex && !given) return { errno: 'ENODEV' };
  if (typeof wanted.gateway === 'bigint') return nextHopByIpv6(net, wanted);
  const gateway = wanted.gateway as IPv4 | undefined;
  const make = (device: NetDevice): Ipv4NextHop => ({
    device,
    gateway,
    weight: wanted.weight ?? 1,
    onlink: wanted.onlink ?? false,
    dead: false,
    linkdown: device.up && !device.carrier && device !== net.loopback,
    ...(wanted.realms ? { realms: wanted.realms } : {}),
  });
  if (gateway === undefined) {
    if (!given) return { errno: 'ENODEV' };
    if (!given.up && scope !== SCOPE.host) return { errno: 'ENETDOWN', message: 'Device for nexthop is not up' };
    return make(given);
  }
  if (scope >= SCOPE.link) return { errno: 'EINVAL', message: 'Nexthop has invalid scope' };
  if (wanted.onlink) {
    if (!given) return { errno: 'ENODEV', message: 'Nexthop device required for onlink' };
    if (net.ipv4.addressType(gateway) !== 'unicast') return { errno: 'EINVAL', message: 'Nexthop has invalid gateway' };
    if (!given.up) return { errno: 'ENETDOWN', message: 'Nexthop device is not up' };
    return make(given);
  }
  const way = routeOutput(net.ipv4, { destination: gateway, source: 0, iif: 0, oif: given?.ifindex ?? 0, mark: 0, tos: 0 });
  if (typeof way === 'string' || way.route === undefined) return { errno: 'ENETUNREACH', message: 'Nexthop has invalid gateway' };
  // The gateway may be one of our own addresses, odd as that is (fib_check_nh_v4_gw).
  if ((way.type !== 'unicast' && way.type !== 'local') || way.route.scope <= scope)
    return { errno: 'EINVAL', message: 'Nexthop has invalid gateway' };
  return make(way.local ? (way.route.nexthops[0] as Ipv4NextHop).device : way.device);
}

/** A router that is known by an IPv6 address (fib_check_nh_v6_gw). */
function nextHopByIpv6(net: NetNamespace, wanted: RouteSpec['nexthops'][number]): Ipv4NextHop | NetlinkError {
  const hop = route6.nextHop(net, wanted);
  if ('errno' in hop) return hop;
  const { gateway: gateway6, ...rest } = hop;
  return {
    ...rest,
    gateway: undefined,
    ...(gateway6 === undefined ? {} : { gateway6 }),
    ...(wanted.realms ? { realms: wanted.realms } : {}),
  };
}

function sameHops(a: readonly Ipv4NextHop[], b: readonly Ipv4NextHop[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      (hop, i) =>
        hop.device === b[i]?.device &&
        hop.gateway === b[i]?.gateway &&
        hop.gateway6 === b[i]?.gateway6 &&
        hop.weight === b[i]?.weight &&
        hop.onlink === b[i]?.onlink,
    )
  );
}

/** fib_table_insert. */
export function add(net: NetNamespace, spec: RouteSpec, mode: NewMode): NetlinkError | undefined {
  if (spec.family === 6) return route6.add(net, spec, mode);
  const route = build(net, spec);
  if ('errno' in route) return route;
  const table = net.ipv4.table(spec.table ?? (route.type === 'local' || route.type === 'broadcast' ? TABLE.local : TABLE.main));
  const equals = table.at(route.network, route.length).filter((other) => other.tos === route.tos && other.priority === route.priority);
  const first = equals[0];
  const identical = equals.find(
    (other) =>
      other.type === route.type &&
      other.scope === route.scope &&
      other.protocol === route.protocol &&
      other.preferredSource === route.preferredSource &&
      sameHops(other.nexthops, route.nexthops),
  );
  if (mode === 'add' && first) return { errno: 'EEXIST' };
  if (mode === 'test' && first) return { errno: 'EEXIST' };
  if ((mode === 'change' || mode === 'test') && !first) return { errno: 'ENOENT' };
  if ((mode === 'append' || mode === 'prepend') && identical) return { errno: 'EEXIST' };
  if ((mode === 'replace' || mode === 'change') && first) {
    if (identical && identical !== first) return { errno: 'EEXIST' };
    table.remove(first, true);
    table.insert(route, true);
    return undefined;
  }
  table.insert(route, mode === 'prepend');
  return undefined;
}

/** Deletes the first route that has all that is given (fib_table_delete). */
export function remove(net: NetNamespace, spec: RouteSpec): NetlinkError | undefined {
  if (spec.family === 6) return route6.remove(net, spec);
  const table = net.ipv4.tables.get(spec.table ?? (spec.type === 'local' || spec.type === 'broadcast' ? TABLE.local : TABLE.main));
  const { address, length } = spec.destination as { address: IPv4; length: number };
  const found = table?.at(address, length).find((route) => matches(route, spec));
  if (!table || !found) return { errno: 'ESRCH' };
  table.remove(found);
  return undefined;
}

function matches(route: Ipv4Route, spec: RouteSpec): boolean {
  if (spec.tos !== undefined && spec.tos !== 0 && route.tos !== spec.tos) return false;
  if (spec.type !== undefined && route.type !== spec.type) return false;
  if (spec.scope !== undefined && route.scope !== SCOPE[spec.scope]) return false;
  if (spec.protocol !== undefined && route.protocol !== spec.protocol) return false;
  if (spec.priority !== undefined && spec.priority !== 0 && route.priority !== spec.priority) return false;
  if (spec.preferredSource !== undefined && route.preferredSource !== spec.preferredSource) return false;
  if (spec.nhid !== undefined && route.nhid !== spec.nhid) return false;
  return hopsMatch(route.nexthops, spec);
}

/** A single hop is compared with the route's first, a list with each of the route's in turn (fib_nh_match). */
function hopsMatch(hops: readonly Ipv4NextHop[], { nexthops: wanted, multipath }: RouteSpec): boolean {
  if (wanted.length === 0) return true;
  if (!multipath && wanted.length === 1) return hops[0] === undefined ? false : hopMatches(hops[0], wanted[0]);
  return hops.every((hop, i) => wanted[i] !== undefined && hopMatches(hop, wanted[i]));
}

function hopMatches(hop: Ipv4NextHop, wanted: RouteSpec['nexthops'][number] | undefined): boolean {
  if (!wanted) return false;
  if (wanted.weight !== undefined && wanted.weight > 1 && wanted.weight !== hop.weight) return false;
  if (wanted.ifindex !== undefined && wanted.ifindex !== hop.device.ifindex) return false;
  return wanted.gateway === undefined || wanted.gateway === (hop.gateway ?? hop.gateway6);
}

/** RTM_GETROUTE (inet_rtm_getroute). */
export function get(net: NetNamespace, query: RouteQuery): RouteAnswer | NetlinkError {
  if (typeof query.destination === 'bigint') return route6.get(net, query);
  const destination = query.destination as IPv4;
  const source = (query.source as IPv4 | undefined) ?? 0;
  const flow: Flow = { destination, source, iif: query.iif ?? 0, oif: query.oif ?? 0, mark: query.mark ?? 0, tos: query.tos ?? 0 };
  if (query.user !== undefined) flow.user = query.user;
  if (query.protocol !== undefined) flow.protocol = query.protocol;
  if (query.sourcePort !== undefined) flow.sourcePort = query.sourcePort;
  if (query.destinationPort !== undefined) flow.destinationPort = query.destinationPort;
  if (query.iif === undefined) {
    const way = routeOutput(net.ipv4, flow);
    return typeof way === 'string' ? { errno: way } : answer(net, query, way);
  }
  const device = net.deviceByIndex(query.iif);
  if (!device) return { errno: 'ENODEV' };
  const way = routeInput(net.ipv4, flow, device, 0);
  return 'error' in way ? { errno: way.error } : answer(net, query, way);
}

function answer(net: NetNamespace, query: RouteQuery, way: Ipv4Destination): RouteAnswer {
  const reply: RouteAnswer = {
    type: way.type,
    destination: query.destination,
    ifindex: way.device.ifindex,
    // Until somebody makes rules of his own, the local table is looked up as part of the main one (fib_unmerge).
    table: way.table === TABLE.local && !net.ipv4.customRules ? TABLE.main : way.table,
    // Every host listens to 224.0.0.1.
    cache: {
      local: way.local || way.device === net.loopback || query.destination === ALL_HOSTS,
      broadcast: way.type === 'broadcast',
      multicast: way.type === 'multicast',
      redirected: false,
    },
  };
  if (way.route) reply.match = describe(way.route, reply.table);
  if (query.source !== undefined) reply.source = query.source;
  if (query.iif !== undefined) reply.iif = query.iif;
  if (query.mark) reply.mark = query.mark;
  Object.assign(reply, gatewayOf(way as Ipv4NextHop & Ipv4Destination));
  if (query.iif === undefined && way.source !== 0) reply.preferredSource = way.source;
  const exception = net.ipv4.exceptionFor(query.destination as IPv4);
  if (exception) {
    if (exception.mtu !== undefined) reply.cache.mtu = exception.mtu;
    reply.cache.redirected = exception.gateway !== undefined;
    reply.cache.expiresSeconds = Math.floor((exception.expires - net.kernel.events.now) / SECOND);
  }
  return reply;
}
