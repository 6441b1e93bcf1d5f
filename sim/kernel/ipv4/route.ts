import { type IPv4, type IPv6, IPV4_BROADCAST, isLoopbackIPv4, isMulticastIPv4, type Mac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { TraceKind } from '../../base/trace.ts';
import { formatIPv4 } from '../../base/address.ts';
import * as ip from '../../wire/ipv4.ts';
import * as udp from '../../wire/udp.ts';
import { IFF, type NetDevice } from '../dev/device.ts';
import type { Skb } from '../skb.ts';
import type { Neighbour } from '../neigh/neighbour.ts';
import type { DropReason } from '../drop.ts';
import { type Ipv4NextHop, type Ipv4Route, MOST_REMEMBERED, type RouteType } from './fib.ts';
import { SCOPE } from './interface.ts';
import { type Flow, gotoTarget, type Rule, ruleMatches, TOS_BITS } from './rules.ts';
import { PROTOCOL } from '../../wire/protocol.ts';
import type { Ipv4Stack } from './stack.ts';

/** Where a packet goes (`struct rtable`). */
export interface Ipv4Destination {
  type: RouteType;
  /** Delivered to this host. */
  local: boolean;
  /** The way out; for local delivery, loopback. */
  device: NetDevice;
  /** The next router, or `undefined` when the destination is on the link. */
  gateway: IPv4 | undefined;
  /** The next router when it is reached by IPv6. */
  gateway6: IPv6 | undefined;
  /** The source this host would use. */
  source: IPv4;
  /** Largest packet, header included: the device's, the route's, or a learned one. */
  mtu: number;
  /** A learned path MTU may not be exceeded by fragmenting locally (mtu lock). */
  mtuLocked: boolean;
  route: Ipv4Route | undefined;
  table: number;
  /** The packet goes out where it came in, to a router on the same link: its sender should know (RTCF_DOREDIRECT). */
  redirect: boolean;
  /** What the trace calls it, by the number of the text. */
  textIndex: number | undefined;
  /** Who was next on the link when a packet last went this way. */
  neighbour: Neighbour | undefined;
}

/** Why there is no way, for packets that came in: what the sender is told (`ip_error`), or a silent discard. */
export interface NoRoute {
  error: Errno;
  drop: DropReason;
  /** Which of the addresses can't be. */
  martian?: 'source' | 'destination';
}

export interface FibResult {
  route: Ipv4Route;
  hop: Ipv4NextHop | undefined;
  table: number;
}

/** The error of a route that refuses (fib_props). */
const REFUSALS: Partial<Record<RouteType, Errno>> = { blackhole: 'EINVAL', unreachable: 'EHOSTUNREACH', prohibit: 'EACCES' };

/**
 * Policy rules in order, then the longest prefix (fib_lookup).
 * @returns the route, or the errno of a refusing route or rule, or ENETUNREACH
 */
export function fibLookup(stack: Ipv4Stack, flow: Flow, ignoreLinkdown = false): FibResult | Errno {
  const { rules } = stack;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as Rule;
    if (!ruleMatches(rule, flow, stack.net)) continue;
    if (rule.action === 'lookup') {
      const result = tableLookup(stack, rule.table, flow, ignoreLinkdown);
      if (result === 'EAGAIN') continue;
      if (typeof result !== 'string' && suppresses(rule, result)) continue;
      return result;
    }
    if (rule.action === 'nop') continue;
    // A rule that says unreachable means the network, a route the host (fib4_rule_action).
    if (rule.action === 'unreachable') return 'ENETUNREACH';
    if (rule.action !== 'goto') return REFUSALS[rule.action] ?? 'EINVAL';
    const target = gotoTarget(rules, rule);
    if (target > i) i = target - 1;
  }
  return 'ENETUNREACH';
}

/** Whether a rule doesn't want what it has found (fib4_rule_suppress). */
function suppresses({ suppressPrefixLength, suppressGroup }: Rule, { route, hop }: FibResult): boolean {
  if (suppressPrefixLength !== undefined && route.length <= suppressPrefixLength) return true;
  return suppressGroup !== undefined && hop?.device.group === suppressGroup;
}

/** EAGAIN means: nothing here, on to the next rule. */
function tableLookup(stack: Ipv4Stack, id: number, flow: Flow, ignoreLinkdown: boolean): FibResult | Errno {
  const table = stack.tables.get(id);
  if (!table) return 'EAGAIN';
  const { levels } = table;
  for (let i = 0; i < levels.length; i++) {
    const { mask, routes } = levels[i] as (typeof levels)[number];
    const list = routes.get((flow.destination & mask) >>> 0);
    if (!list) continue;
    for (let j = 0; j < list.length; j++) {
      const route = list[j] as Ipv4Route;
      if (route.tos !== 0 && route.tos !== (flow.tos & TOS_BITS)) continue;
      if (route.type === 'throw') return 'EAGAIN';
      const refusal = REFUSALS[route.type];
      if (refusal) return refusal;
      const hop = selectHop(stack, route, flow, ignoreLinkdown);
      if (hop) return { route, hop, table: id };
    }
  }
  return 'EAGAIN';
}

/** The first usable next hop, or the one the flow's hash falls on (fib_select_multipath). */
function selectHop(stack: Ipv4Stack, route: Ipv4Route, flow: Flow, ignoreLinkdown: boolean): Ipv4NextHop | undefined {
  const { nexthops } = route;
  if (nexthops.length === 1) {
    const only = nexthops[0] as Ipv4NextHop;
    return isUsable(stack, only, flow, ignoreLinkdown) ? only : undefined;
  }
  const usable = nexthops.filter((hop) => isUsable(stack, hop, flow, ignoreLinkdown));
  if (usable.length <= 1) return usable[0];
  const total = usable.reduce((sum, hop) => sum + hop.weight, 0);
  let at = flowHash(flow, stack.settings.fib_multipath_hash_policy) % total;
  for (const hop of usable) {
    if (at < hop.weight) return hop;
    at -= hop.weight;
  }
  return usable[0];
}

function isUsable(stack: Ipv4Stack, hop: Ipv4NextHop, flow: Flow, ignoreLinkdown: boolean): boolean {
  if (hop.dead || (flow.oif !== 0 && hop.device.ifindex !== flow.oif)) return false;
  return !hop.linkdown || ignoreLinkdown || stack.confMax(hop.device, 'ignore_routes_with_linkdown') === 0;
}

/** A hash of the addresses (policy 0), and of the ports as well (policy 1); which way a flow falls is ours, that it stays is Linux's. */
function flowHash(flow: Flow, policy: number): number {
  let hash = mix(mix(0x9e3779b9, flow.source), flow.destination);
  if (policy === 1) hash = mix(mix(hash, flow.protocol ?? 0), ((flow.sourcePort ?? 0) << 16) | (flow.destinationPort ?? 0));
  return hash >>> 0;
}

function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The route of what this host sends (ip_route_output_key).
 * @returns ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL (bad source), ENODEV, ENETDOWN
 */
export function routeOutput(stack: Ipv4Stack, query: Flow): Ipv4Destination | Errno {
  const { net } = stack;
  const flow = { ...query };
  const out = flow.oif === 0 ? undefined : net.deviceByIndex(flow.oif);
  if (flow.oif !== 0 && !out) return 'ENODEV';
  if (flow.source !== 0 && (isMulticastIPv4(flow.source) || flow.source === IPV4_BROADCAST)) return 'EINVAL';
  // net.ipv4.ip_nonlocal_bind lets sockets have an address that isn't here, not send from it.
  if (flow.source !== 0 && !stack.isLocal(flow.source)) return 'ENETUNREACH';
  if (out && !out.up) return 'ENETUNREACH';
  const linkWide = flow.destination === IPV4_BROADCAST || (flow.destination & 0xffffff00) >>> 0 === 0xe0000000;
  if (out && (linkWide || (flow.protocol === PROTOCOL.IGMP && isMulticastIPv4(flow.destination)))) {
    if (flow.source === 0) flow.source = selectSource(stack, out, 0, SCOPE.link);
    return onLink(stack, flow, out);
  }
  if (flow.destination === 0) {
    flow.destination = flow.source !== 0 ? flow.source : 0x7f000001;
    if (flow.source === 0) flow.source = flow.destination;
    return toLocal(stack, flow, undefined, 255);
  }
  const found = fibLookup(stack, flow);
  if (typeof found === 'string') {
    if (!out || found !== 'ENETUNREACH') return found;
    // With a device given and no route, the destination is taken to be on that link.
    if (flow.source === 0) flow.source = selectSource(stack, out, 0, SCOPE.link);
    return onLink(stack, flow, out);
  }
  const { route, hop, table } = found;
  if (route.type === 'local') {
    if (flow.source === 0) flow.source = route.preferredSource ?? flow.destination;
    return toLocal(stack, flow, route, table);
  }
  const device = (hop as Ipv4NextHop).device;
  const { gateway, gateway6 } = hop as Ipv4NextHop;
  const source =
    flow.source !== 0 ? flow.source : (route.preferredSource ?? selectSource(stack, device, gateway ?? flow.destination, route.scope));
  // A loopback address has no business on a wire (__mkroute_output).
  if (isLoopbackIPv4(source) && device !== net.loopback && stack.confMax(device, 'route_localnet') === 0) return 'EINVAL';
  return destination(stack, flow.destination, {
    type: kindOf(flow.destination, route.type),
    device,
    gateway,
    gateway6,
    source,
    route,
    table,
  });
}

function kindOf(address: IPv4, type: RouteType): RouteType {
  if (address === IPV4_BROADCAST) return 'broadcast';
  return isMulticastIPv4(address) ? 'multicast' : type;
}

function onLink(stack: Ipv4Stack, flow: Flow, device: NetDevice): Ipv4Destination {
  const type = kindOf(flow.destination, 'unicast');
  return destination(stack, flow.destination, { type, device, gateway: undefined, source: flow.source, route: undefined, table: 254 });
}

function toLocal(stack: Ipv4Stack, flow: Flow, route: Ipv4Route | undefined, table: number): Ipv4Destination {
  const device = stack.net.loopback;
  return {
    type: 'local',
    local: true,
    device,
    gateway: undefined,
    gateway6: undefined,
    source: flow.source,
    mtu: device.mtu,
    mtuLocked: false,
    route,
    table,
    redirect: false,
    textIndex: undefined,
    neighbour: undefined,
  };
}

function destination(
  stack: Ipv4Stack,
  address: IPv4,
  found: Pick<Ipv4Destination, 'type' | 'device' | 'gateway' | 'source' | 'route' | 'table'> & { gateway6?: IPv6 | undefined },
): Ipv4Destination {
  const exception = stack.exceptions.size > 0 ? stack.exceptionFor(address) : undefined;
  const fixed = found.route?.metrics.mtu;
  const mtu = Math.min(exception?.mtu ?? fixed ?? found.device.mtu, found.device.mtu, 65_535);
  // Groups and broadcasts are for the link, whatever route led there (__mkroute_output).
  const routed = found.type === 'unicast';
  // Written out in the order of the interface: every packet reads these, and objects of one shape are read faster.
  return {
    type: found.type,
    local: false,
    device: found.device,
    gateway: routed ? (exception?.gateway ?? found.gateway) : undefined,
    gateway6: routed ? found.gateway6 : undefined,
    source: found.source,
    mtu,
    mtuLocked: exception?.mtuLocked ?? found.route?.metrics.mtuLock ?? false,
    route: found.route,
    table: found.table,
    redirect: false,
    textIndex: undefined,
    neighbour: undefined,
  };
}

/** The address a host uses on a device towards `target` (inet_select_addr): the primary of its subnet, else the first of enough scope. */
export function selectSource(stack: Ipv4Stack, device: NetDevice, target: IPv4, scope: number): IPv4 {
  let fallback = 0;
  // Loopback's own addresses serve elsewhere only where 127.0.0.0/8 may be routed.
  const widest = stack.confMax(device, 'route_localnet') ? SCOPE.link : SCOPE.host;
  for (const address of device.ipv4.addresses) {
    if (address.secondary || Math.min(address.scope, widest) > scope) continue;
    if (target === 0 || ((address.peer ^ target) & mask(address.length)) === 0) return address.local;
    if (fallback === 0) fallback = address.local;
  }
  if (fallback !== 0) return fallback;
  for (const other of stack.net.devices.values()) {
    for (const address of other.ipv4.addresses) if (address.scope !== SCOPE.link && address.scope <= scope) return address.local;
  }
  return 0;
}

function mask(length: number): number {
  return length === 0 ? 0 : 0xffff_ffff << (32 - length);
}

/** What `Ipv4Stack.inputRoutes` remembers. */
interface Remembered {
  source: IPv4;
  device: NetDevice;
  mark: number;
  tos: number;
  way: Ipv4Destination;
}

/**
 * The route of a packet that came in. The answer for the destination's latest packet is kept until anything changes, which spares most
 * packets of a flow the search.
 */
export function routeIncoming(
  stack: Ipv4Stack,
  device: NetDevice,
  source: IPv4,
  destination: IPv4,
  mark: number,
  tos: number,
  packet: number,
  skb?: Skb,
): Ipv4Destination | NoRoute {
  if (skb && (stack.rulesNeedPorts || stack.settings.fib_multipath_hash_policy === 1)) {
    return routeInput(stack, { destination, source, iif: device.ifindex, oif: 0, mark, tos, ...portsOf(skb) }, device, packet);
  }
  const known = stack.inputRoutes.get(destination) as Remembered | undefined;
  if (
    known &&
    known.source === source &&
    known.device === device &&
    known.mark === mark &&
    known.tos === tos &&
    stack.exceptions.size === 0
  ) {
    if (!known.way.local) traceRoute(stack, known.way, packet);
    return known.way;
  }
  const way = routeInput(stack, { destination, source, iif: device.ifindex, oif: 0, mark, tos }, device, packet);
  if (!('error' in way) && stack.exceptions.size === 0) {
    if (stack.inputRoutes.size >= MOST_REMEMBERED) stack.inputRoutes.clear();
    stack.inputRoutes.set(destination, { source, device, mark, tos, way } satisfies Remembered);
  }
  return way;
}

/** Protocol and ports of a packet, for rules that ask for them (fib4_rules_early_flow_dissect); of fragments only the first has ports. */
function portsOf({ bytes, network, transport, end }: Skb): Pick<Flow, 'protocol' | 'sourcePort' | 'destinationPort'> {
  const protocol = ip.protocol(bytes, network);
  const ported = (protocol === ip.PROTOCOL.TCP || protocol === ip.PROTOCOL.UDP) && ip.fragmentOffset(bytes, network) === 0;
  if (!ported || end - transport < 4) return { protocol };
  return { protocol, sourcePort: udp.sourcePort(bytes, transport), destinationPort: udp.destinationPort(bytes, transport) };
}

/**
 * The route of a packet that came in (ip_route_input_slow): local delivery, forwarding, or why neither.
 */
export function routeInput(stack: Ipv4Stack, flow: Flow, device: NetDevice, packet: number): Ipv4Destination | NoRoute {
  const martian = checkAddresses(stack, flow, device);
  if (martian) return martian;
  if (flow.destination === IPV4_BROADCAST) return localInput(stack, flow, 'broadcast');
  // ip_route_input_rcu: a group is for this host if somebody here has joined it on the device, and is not routed on.
  if (isMulticastIPv4(flow.destination) && device.ipv4.groups.has(flow.destination)) return localInput(stack, flow, 'multicast');
  const found = fibLookup(stack, flow);
  if (typeof found === 'string') {
    if (!stack.forwards(device)) return { error: 'EHOSTUNREACH', drop: 'IP_INNOROUTES' };
    return { error: found, drop: found === 'EINVAL' ? 'BLACKHOLE' : 'IP_INNOROUTES' };
  }
  const { route, hop, table } = found;
  if (route.type === 'broadcast') return validateSource(stack, flow, device) ?? localInput(stack, flow, 'broadcast');
  if (route.type === 'local') return validateSource(stack, flow, device) ?? localInput(stack, flow, 'local', route, table);
  if (!stack.forwards(device)) return { error: 'EHOSTUNREACH', drop: 'IP_INADDRERRORS' };
  if (route.type !== 'unicast') return { error: 'EINVAL', drop: 'IP_INVALID_DEST', martian: 'destination' };
  const invalid = validateSource(stack, flow, device);
  if (invalid) return invalid;
  const { device: out, gateway, gateway6 } = hop as Ipv4NextHop;
  let way = forwarding(stack, flow.destination, hop as Ipv4NextHop, route, table);
  if (
    out === device &&
    gateway6 === undefined &&
    sendsRedirects(stack, device) &&
    (stack.confMax(device, 'shared_media') !== 0 || onSameLink(device, flow.source, gateway ?? flow.destination))
  )
    way = { ...way, redirect: true };
  traceRoute(stack, way, packet);
  return way;
}

/** The way by a next hop, the same object each time unless something about it has changed. */
function forwarding(stack: Ipv4Stack, address: IPv4, hop: Ipv4NextHop, route: Ipv4Route, table: number): Ipv4Destination {
  const known = hop.forwarding as Ipv4Destination | undefined;
  const mtu = Math.min(route.metrics.mtu ?? hop.device.mtu, hop.device.mtu, 65_535);
  if (known && known.mtu === mtu && known.route === route && known.table === table && stack.exceptions.size === 0) return known;
  const way = destination(stack, address, {
    type: 'unicast',
    device: hop.device,
    gateway: hop.gateway,
    gateway6: hop.gateway6,
    source: 0,
    route,
    table,
  });
  if (stack.exceptions.size === 0) hop.forwarding = way;
  return way;
}

function localInput(stack: Ipv4Stack, flow: Flow, type: RouteType, route?: Ipv4Route, table = 255): Ipv4Destination {
  return { ...toLocal(stack, flow, route, table), type };
}

function sendsRedirects(stack: Ipv4Stack, device: NetDevice): boolean {
  return stack.confMax(device, 'send_redirects') !== 0;
}

/** Whether two addresses are of one network there (inet_addr_onlink). */
export function onSameLink(device: NetDevice, source: IPv4, gateway: IPv4): boolean {
  return device.ipv4.addresses.some((a) => ((a.peer ^ source) & mask(a.length)) === 0 && ((a.peer ^ gateway) & mask(a.length)) === 0);
}

/** Addresses that can't be on a wire (martians). */
function checkAddresses(stack: Ipv4Stack, flow: Flow, device: NetDevice): NoRoute | undefined {
  const { source, destination: target } = flow;
  if (isMulticastIPv4(source) || source === IPV4_BROADCAST) return { error: 'EINVAL', drop: 'IP_INVALID_SOURCE', martian: 'source' };
  if (source === 0 && target !== IPV4_BROADCAST && !isMulticastIPv4(target))
    return { error: 'EINVAL', drop: 'IP_INVALID_SOURCE', martian: 'source' };
  if (target >>> 24 === 0) return { error: 'EINVAL', drop: 'IP_INVALID_DEST', martian: 'destination' };
  if (device === stack.net.loopback) return undefined;
  if (!isLoopbackIPv4(target) && !isLoopbackIPv4(source)) return undefined;
  if (stack.confMax(device, 'route_localnet') !== 0) return undefined;
  return { error: 'EINVAL', drop: 'IP_LOCALNET', martian: isLoopbackIPv4(target) ? 'destination' : 'source' };
}

/** Reverse path filtering and packets that claim to come from ourselves (fib_validate_source). */
export function validateSource(stack: Ipv4Stack, flow: Flow, device: NetDevice): NoRoute | undefined {
  if (device === stack.net.loopback) return undefined;
  const mode = stack.confMax(device, 'rp_filter');
  const acceptLocal = device.ipv4.conf.accept_local !== 0 || stack.all.accept_local !== 0;
  if (mode === 0) {
    const own = !acceptLocal && stack.locals.has(flow.source) && stack.isLocal(flow.source);
    return own ? { error: 'EINVAL', drop: 'IP_LOCAL_SOURCE', martian: 'source' } : undefined;
  }
  const mark = stack.confMax(device, 'src_valid_mark') !== 0 ? flow.mark : 0;
  const back = fibLookup(stack, { destination: flow.source, source: flow.destination, iif: 0, oif: 0, mark, tos: flow.tos });
  if (typeof back === 'string') return { error: 'EINVAL', drop: 'IP_RPFILTER', martian: 'source' };
  if (back.route.type === 'local' && !acceptLocal) return { error: 'EINVAL', drop: 'IP_LOCAL_SOURCE', martian: 'source' };
  const sameWay = back.route.nexthops.some((hop) => hop.device === device);
  return sameWay || mode === 2 ? undefined : { error: 'EINVAL', drop: 'IP_RPFILTER', martian: 'source' };
}

/** Leaves the decision in the trace. */
export function traceRoute(stack: Ipv4Stack, way: Ipv4Destination, packet: number): void {
  const { net } = stack;
  const { trace } = net.kernel;
  if (!trace.enabled) return;
  way.textIndex ??= textIndexOf(stack, way);
  trace.emitText(TraceKind.Route, way.device.uid, net.uid, packet, way.table, way.textIndex);
}

/** A route has one text unless it has several next hops, or something was learned about a destination. */
function textIndexOf(stack: Ipv4Stack, way: Ipv4Destination): number {
  const { trace } = stack.net.kernel;
  const { route } = way;
  if (route?.nexthops.length !== 1 || stack.exceptions.size > 0) return trace.textIndex(describe(way));
  route.textIndex ??= trace.textIndex(describe(way));
  return route.textIndex;
}

function describe(way: Ipv4Destination): string {
  if (!way.route) return way.local ? 'local' : `dev ${way.device.name}`;
  const { network, length, type } = way.route;
  const prefix = length === 0 ? 'default' : `${formatIPv4(network)}${length === 32 ? '' : `/${length}`}`;
  return `${type === 'unicast' ? '' : `${type} `}${prefix}${way.gateway === undefined ? '' : ` via ${formatIPv4(way.gateway)}`} dev ${way.device.name}`;
}

/** The MAC of whoever is on a link without address resolution: the device's own, or everybody's where two face each other (arp_constructor). */
export function macWithoutResolution(device: NetDevice): Mac {
  return (device.flags & (IFF.NOARP | IFF.LOOPBACK)) !== 0 ? device.address : device.broadcast;
}

/** Whether a device's link needs no address resolution at all. */
export function noResolution(device: NetDevice): boolean {
  return (device.flags & (IFF.LOOPBACK | IFF.NOARP | IFF.POINTOPOINT)) !== 0;
}
