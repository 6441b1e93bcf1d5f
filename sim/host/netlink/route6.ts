import { type IPv6, ipv6Mask } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import { isLinkLocalIPv6 } from '../../base/address.ts';
import type { Fib6Table, Ipv6NextHop, Ipv6Route } from '../../kernel/ipv6/fib.ts';
import { type Ipv6Destination, routeInput6, routeOutput6 } from '../../kernel/ipv6/route.ts';
import { selectSource6 } from '../../kernel/ipv6/source.ts';
import { TABLE } from '../../kernel/ipv4/rules.ts';
import { hopsOf } from '../../kernel/nexthop.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError, RouteAnswer, RouteInfo, RouteQuery, RouteSpec } from './messages.ts';
import type { NewMode } from './rtnetlink.ts';
import { CONGESTION_CONTROLS } from './route.ts';

/** IPv6 routes over rtnetlink (net/ipv6/route.c). */

/** IP6_RT_PRIO_USER. */
const USER_METRIC = 1024;
const REFUSING = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

export function list(net: NetNamespace): RouteInfo[] {
  const ids = [...net.ipv6.tables.keys()].sort((a, b) => (a & 255) - (b & 255) || b - a);
  return ids.flatMap((id) => (net.ipv6.tables.get(id) as Fib6Table).list().map((route) => describe(net, route, id)));
}

/** What was learned of paths, as routes of their own (RTM_F_CLONED, rt6_dump_route): to one address each, for a while. */
export function listLearned(net: NetNamespace): RouteInfo[] {
  const { ipv6: stack } = net;
  return [...stack.exceptions.keys()].flatMap((destination) => {
    const learned = stack.exceptionFor(destination);
    const way = routeOutput6(stack, { destination, source: 0n, iif: 0, oif: 0, mark: 0 });
    if (!learned || typeof way === 'string' || !way.route) return [];
    const { gateway, device, route } = way;
    const hop = { device, gateway, weight: 1, onlink: false, dead: false, linkdown: false };
    const clone = { ...route, network: destination, length: 128, nexthops: [hop], metrics: { ...route.metrics, mtu: learned.mtu } };
    return [describe(net, { ...clone, protocol: 'boot', expires: learned.expires }, way.table)];
  });
}

export function describe(net: NetNamespace, route: Ipv6Route, table: number): RouteInfo {
  const hops = route.nexthops.map((hop) => ({
    ifindex: hop.device.ifindex,
    weight: hop.weight,
    onlink: hop.onlink,
    linkdown: hop.device.up && !hop.device.carrier && hop.device !== net.loopback && route.type !== 'local' && route.type !== 'anycast',
    dead: hop.dead,
    ...(hop.gateway === undefined ? {} : { gateway: hop.gateway }),
  }));
  const info: RouteInfo = {
    family: 6,
    type: route.type,
    destination: { address: route.network, length: route.length },
    table,
    protocol: route.protocol,
    scope: 'global',
    priority: route.priority,
    nexthops: hops,
    tos: 0,
    metrics: { ...route.metrics },
    preference: route.preference ?? 'medium',
  };
  if (route.nhid !== undefined) info.nhid = route.nhid;
  if (route.from) info.from = { address: route.from.network, length: route.from.length };
  if (route.expires !== undefined) info.expires = route.expires;
  if (route.preferredSource !== undefined) info.preferredSource = route.preferredSource;
  return info;
}

function build(net: NetNamespace, spec: RouteSpec): Ipv6Route | NetlinkError {
  const { address, length } = spec.destination as { address: IPv6; length: number };
  const object = spec.nhid === undefined ? undefined : net.nexthops.find(spec.nhid);
  if (spec.nhid !== undefined && !object) return { errno: 'EINVAL', message: 'Nexthop id does not exist' };
  const members = object ? net.nexthops.members(object) : [];
  if (members.some(({ hop }) => hop.family === 4 && !hop.blackhole))
    return { errno: 'EINVAL', message: 'IPv6 routes can not use an IPv4 nexthop' };
  const type = members.some(({ hop }) => hop.blackhole) ? 'blackhole' : (spec.type ?? 'unicast');
  const nexthops: Ipv6NextHop[] = [];
  if (object) nexthops.push(...hopsOf(net, object, 6));
  else if (REFUSING.has(type))
    nexthops.push({ device: net.loopback, gateway: undefined, weight: 1, onlink: false, dead: false, linkdown: false });
  else {
    if (spec.nexthops.length === 0) return { errno: 'ENODEV' };
    for (const wanted of spec.nexthops) {
      const hop = nextHop(net, wanted);
      if ('errno' in hop) return hop;
      nexthops.push(hop);
    }
  }
  const preferredSource = spec.preferredSource as IPv6 | undefined;
  if (preferredSource !== undefined && !net.ipv6.isLocal(preferredSource)) return { errno: 'EINVAL', message: 'Invalid source address' };
  return {
    network: address & ipv6Mask(length),
    length,
    type,
    protocol: spec.protocol ?? 'boot',
    priority: spec.priority || USER_METRIC,
    preferredSource,
    nexthops,
    ...(spec.nhid === undefined ? {} : { nhid: spec.nhid }),
    metrics: { ...spec.metrics },
    ...(spec.from?.length ? { from: { network: (spec.from.address as IPv6) & ipv6Mask(spec.from.length), length: spec.from.length } } : {}),
    ...(spec.preference === undefined ? {} : { preference: spec.preference }),
  };
}

/** A router must be a neighbour, and not ourselves (ip6_route_check_nh). */
export function nextHop(net: NetNamespace, wanted: RouteSpec['nexthops'][number]): Ipv6NextHop | NetlinkError {
  if (typeof wanted.gateway === 'number') return { errno: 'EINVAL', message: 'IPv6 does not support RTA_VIA attribute' };
  const gateway = wanted.gateway as IPv6 | undefined;
  let device = wanted.ifindex ? net.deviceByIndex(wanted.ifindex) : undefined;
  if (wanted.ifindex && !device) return { errno: 'ENODEV' };
  if (gateway !== undefined) {
    if (net.ipv6.isLocal(gateway)) return { errno: 'EINVAL', message: 'Gateway can not be a local address' };
    if (isLinkLocalIPv6(gateway)) {
      if (!device) return { errno: 'EINVAL', message: 'Egress device not specified' };
    } else if (!wanted.onlink) {
      const way = routeOutput6(net.ipv6, { destination: gateway, source: 0n, iif: 0, oif: device?.ifindex ?? 0, mark: 0 });
      if (typeof way === 'string' || way.gateway !== undefined) return { errno: 'EHOSTUNREACH' };
      device = way.device;
    }
  }
  if (!device) return { errno: 'ENODEV' };
  if (!device.up) return { errno: 'ENETDOWN', message: 'Nexthop device is not up' };
  return { device, gateway, weight: wanted.weight ?? 1, onlink: wanted.onlink ?? false, dead: false, linkdown: false };
}

function sameSource(a: Ipv6Route['from'], b: Ipv6Route['from']): boolean {
  return a?.network === b?.network && a?.length === b?.length;
}

function sameHop(a: Ipv6NextHop, b: Ipv6NextHop): boolean {
  return a.device === b.device && a.gateway === b.gateway;
}

/** fib6_add: a second router for the same prefix and metric joins the first as multipath when appended. */
export function add(net: NetNamespace, spec: RouteSpec, mode: NewMode): NetlinkError | undefined {
  const route = build(net, spec);
  if ('errno' in route) return route;
  const { congestion } = route.metrics;
  if (congestion !== undefined && !CONGESTION_CONTROLS.includes(congestion))
    return { errno: 'EINVAL', message: 'Unknown tcp congestion algorithm' };
  const table = net.ipv6.table(spec.table ?? (route.type === 'local' ? TABLE.local : TABLE.main));
  if (spec.expires !== undefined) table.expireAt(net.kernel.events, route, net.kernel.events.now + spec.expires * SECOND);
  const equals = table
    .at(route.network, route.length)
    .filter((other) => other.priority === route.priority && sameSource(other.from, route.from));
  const first = equals[0];
  if (mode === 'add' && first) return { errno: 'EEXIST' };
  if (mode === 'test' && first) return { errno: 'EEXIST' };
  if (mode === 'change' && !first) return { errno: 'ENOENT', message: 'Can not replace route - no match found' };
  if ((mode === 'replace' || mode === 'change') && first) {
    for (const other of equals) table.remove(other, true);
    table.insert(route);
    return undefined;
  }
  const sibling = equals.find(
    (other) =>
      other.nhid === undefined &&
      route.nhid === undefined &&
      other.nexthops.every((hop) => hop.gateway !== undefined) &&
      route.nexthops.every((hop) => hop.gateway !== undefined),
  );
  // Whatever else they say, two routes by the same way are one (rt6_duplicate_nexthop); those that lead nowhere all go by lo.
  if (!sibling && equals.some((other) => sameWays(other, route))) return { errno: 'EEXIST' };
  if (sibling) {
    if (route.nexthops.some((hop) => sibling.nexthops.some((known) => sameHop(known, hop)))) return { errno: 'EEXIST' };
    sibling.nexthops.push(...route.nexthops);
    table.onRoute(sibling, false);
    return undefined;
  }
  table.insert(route);
  return undefined;
}

function sameWays(one: Ipv6Route, other: Ipv6Route): boolean {
  if (one.nhid !== other.nhid) return false;
  const [a, b] = [one.nexthops, other.nexthops];
  return a.length === b.length && a.every((hop, i) => sameHop(hop, b[i] as (typeof b)[number]));
}

export function remove(net: NetNamespace, spec: RouteSpec): NetlinkError | undefined {
  const table = net.ipv6.tables.get(spec.table ?? (spec.type === 'local' ? TABLE.local : TABLE.main));
  const { address, length } = spec.destination as { address: IPv6; length: number };
  const found = table?.at(address & ipv6Mask(length), length).find((route) => matches(route, spec));
  if (!table || !found) return { errno: 'ESRCH' };
  const named = spec.nexthops.filter((hop) => hop.gateway !== undefined);
  if (found.nexthops.length > 1 && named.length > 0) {
    found.nexthops = found.nexthops.filter((hop) => !named.some((wanted) => wanted.gateway === hop.gateway));
    if (found.nexthops.length > 0) return undefined;
  }
  table.remove(found);
  return undefined;
}

function matches(route: Ipv6Route, spec: RouteSpec): boolean {
  if (spec.type !== undefined && spec.type !== 'unicast' && route.type !== spec.type) return false;
  if (spec.protocol !== undefined && route.protocol !== spec.protocol) return false;
  if (spec.priority && route.priority !== spec.priority) return false;
  if ((spec.from?.length ?? 0) !== (route.from?.length ?? 0)) return false;
  if (spec.from?.length && ((spec.from.address as IPv6) & ipv6Mask(spec.from.length)) !== route.from?.network) return false;
  if (spec.nhid !== undefined && route.nhid !== spec.nhid) return false;
  return spec.nexthops.every((wanted) =>
    route.nexthops.some(
      (hop) =>
        (wanted.ifindex === undefined || wanted.ifindex === hop.device.ifindex) &&
        (wanted.gateway === undefined || wanted.gateway === hop.gateway),
    ),
  );
}

/** RTM_GETROUTE (inet6_rtm_getroute). */
export function get(net: NetNamespace, query: RouteQuery): RouteAnswer | NetlinkError {
  const flow = {
    destination: query.destination as IPv6,
    source: (query.source as IPv6 | undefined) ?? 0n,
    iif: query.iif ?? 0,
    oif: query.oif ?? 0,
    mark: query.mark ?? 0,
    tos: query.tos ?? 0,
    ...(query.flowLabel === undefined ? {} : { flowLabel: query.flowLabel }),
    ...(query.protocol === undefined ? {} : { protocol: query.protocol }),
    ...(query.sourcePort === undefined ? {} : { sourcePort: query.sourcePort }),
    ...(query.destinationPort === undefined ? {} : { destinationPort: query.destinationPort }),
    ...(query.user === undefined ? {} : { user: query.user }),
  };
  if (query.iif !== undefined) {
    const device = net.deviceByIndex(query.iif);
    if (!device) return { errno: 'ENODEV' };
    const way = routeInput6(net.ipv6, flow, device, 0);
    return 'error' in way ? { errno: way.error } : answer(net, query, way);
  }
  // Unlike sending, asking for a link-local destination is answered without a device.
  const way = routeOutput6(net.ipv6, flow);
  if (way === 'EINVAL' && isLinkLocalIPv6(flow.destination)) {
    for (const device of net.listDevices()) {
      if (device === net.loopback) continue;
      const by = routeOutput6(net.ipv6, { ...flow, oif: device.ifindex });
      if (typeof by !== 'string') return answer(net, query, by);
    }
  }
  return typeof way === 'string' ? { errno: way } : answer(net, query, way);
}

function answer(net: NetNamespace, query: RouteQuery, way: Ipv6Destination): RouteAnswer {
  const reply: RouteAnswer = {
    type: way.type,
    destination: query.destination,
    ifindex: way.device.ifindex,
    table: way.table,
    protocol: way.route?.protocol ?? 'boot',
    priority: way.route?.priority ?? 0,
    cache: { local: way.local, broadcast: false, multicast: way.type === 'multicast', redirected: false },
  };
  if (query.source !== undefined) reply.source = query.source;
  if (query.iif !== undefined) reply.iif = query.iif;
  if (way.gateway !== undefined) reply.gateway = way.gateway;
  const source = way.route?.preferredSource ?? (way.local ? way.source : selectSource6(net.ipv6, query.destination as IPv6, way.device));
  if (query.iif === undefined && source) reply.preferredSource = source;
  if (way.route) reply.match = describe(net, way.route, way.table);
  const exception = net.ipv6.exceptionFor(query.destination as IPv6);
  if (exception) {
    reply.cache.mtu = exception.mtu;
    reply.cache.expiresSeconds = Math.floor((exception.expires - net.kernel.events.now) / SECOND);
  }
  return reply;
}
