import { formatIPv6, type IPv6, isLinkLocalIPv6, isMulticastIPv6, samePrefix } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { TraceKind } from '../../base/trace.ts';
import type { NetDevice } from '../dev/device.ts';
import type { DropReason } from '../drop.ts';
import type { RouteType } from '../ipv4/fib.ts';
import { gotoTarget, type Rule, ruleMatches, TABLE } from '../ipv4/rules.ts';
import type { Ipv6NextHop, Ipv6Route } from './fib.ts';
import { selectSource6 } from './source.ts';
import type { Ipv6Stack } from './stack.ts';

/** What a lookup asks (`struct flowi6`); 0n and 0 mean not given. */
export interface Flow6 {
  destination: IPv6;
  source: IPv6;
  iif: number;
  oif: number;
  mark: number;
  /** The traffic class. */
  tos?: number;
  flowLabel?: number;
  protocol?: number;
  sourcePort?: number;
  destinationPort?: number;
  user?: number;
}

/** Where a packet goes (`struct rt6_info`). */
export interface Ipv6Destination {
  type: RouteType;
  local: boolean;
  device: NetDevice;
  gateway: IPv6 | undefined;
  source: IPv6;
  mtu: number;
  route: Ipv6Route | undefined;
  table: number;
}

/** No way; `code` is that of the ICMPv6 unreachable, `undefined` for silence. */
export interface NoRoute6 {
  error: Errno;
  code: number | undefined;
  drop: DropReason;
}

const REFUSALS: Partial<Record<RouteType, { error: Errno; code: number | undefined }>> = {
  blackhole: { error: 'EINVAL', code: undefined },
  unreachable: { error: 'EHOSTUNREACH', code: 0 },
  prohibit: { error: 'EACCES', code: 1 },
};

interface Found {
  route: Ipv6Route;
  hop: Ipv6NextHop | undefined;
  table: number;
}

/**
 * Policy rules in order, then the longest prefix (fib6_rule_lookup).
 * @returns the errno of a rule that refuses, or `undefined` when nothing leads there
 */
export function fib6Lookup(stack: Ipv6Stack, flow: Flow6): Found | RuleRefusal | undefined {
  const { rules } = stack;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as Rule;
    if (!ruleMatches(rule, flow, stack.net) || rule.action === 'nop') continue;
    if (rule.action === 'goto') {
      const target = gotoTarget(rules, rule);
      if (target > i) i = target - 1;
      continue;
    }
    if (rule.action !== 'lookup') return { refusedBy: rule, error: RULE_ERRORS[rule.action] ?? 'EINVAL' };
    let hop: Ipv6NextHop | undefined;
    const route = stack.tables.get(rule.table)?.lookup(flow.destination, (candidate) => {
      if (candidate.from && !samePrefix(flow.source, candidate.from.network, candidate.from.length)) return false;
      if (candidate.type === 'throw' || REFUSALS[candidate.type]) return true;
      hop = selectHop(candidate, flow, stack.settings.fib_multipath_hash_policy);
      return hop !== undefined;
    });
    if (!route || route.type === 'throw') continue;
    if (rule.suppressPrefixLength !== undefined && route.length <= rule.suppressPrefixLength) continue;
    if (rule.suppressGroup !== undefined && hop?.device.group === rule.suppressGroup) continue;
    return { route, hop, table: rule.table };
  }
  return undefined;
}

/** A rule that ends the search (fib6_rule_action). */
interface RuleRefusal {
  refusedBy: Rule;
  error: Errno;
}

const RULE_ERRORS: Partial<Record<Rule['action'], Errno>> = { unreachable: 'ENETUNREACH', prohibit: 'EACCES', blackhole: 'EINVAL' };

/** A hop by the wanted device; several usable ones share flows by a hash of the addresses, by policy 1 of the ports too. */
function selectHop(route: Ipv6Route, flow: Flow6, policy: number): Ipv6NextHop | undefined {
  // The address of an interface is reached whichever interface the flow names.
  const usable = route.nexthops.filter((hop) => !hop.dead && (flow.oif === 0 || hop.device.ifindex === flow.oif || route.type === 'local'));
  if (usable.length <= 1) return usable[0];
  const total = usable.reduce((sum, hop) => sum + hop.weight, 0);
  const ports = policy === 1 ? BigInt((flow.sourcePort ?? 0) * 0x10000 + (flow.destinationPort ?? 0)) * 0x85ebca6b97n : 0n;
  let at = Number(((flow.source ^ ports ^ (flow.destination * 0x9e3779b97f4a7c15n)) >> 7n) & 0xffffffn) % total;
  for (const hop of usable) {
    if (at < hop.weight) return hop;
    at -= hop.weight;
  }
  return usable[0];
}

/**
 * The route of what this host sends (ip6_route_output).
 * @returns ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, EADDRNOTAVAIL when there is no source to send from
 */
export function routeOutput6(stack: Ipv6Stack, flow: Flow6): Ipv6Destination | Errno {
  const out = flow.oif === 0 ? undefined : stack.net.deviceByIndex(flow.oif);
  if (flow.oif !== 0 && !out) return 'ENODEV';
  const found = fib6Lookup(stack, flow);
  if (!found) return 'ENETUNREACH';
  if ('error' in found) return found.error;
  const refused = REFUSALS[found.route.type];
  if (refused) return refused.error;
  const hop = found.hop as Ipv6NextHop;
  const local = found.route.type === 'local' || found.route.type === 'anycast';
  const device = local ? stack.net.loopback : hop.device;
  const source = flow.source !== 0n ? flow.source : (found.route.preferredSource ?? selectSource6(stack, flow.destination, hop.device));
  if (source === undefined) return 'EADDRNOTAVAIL';
  return build(stack, flow.destination, found, device, local, source);
}

function build(stack: Ipv6Stack, destination: IPv6, found: Found, device: NetDevice, local: boolean, source: IPv6): Ipv6Destination {
  const learned = stack.exceptions.size > 0 ? stack.exceptionFor(destination)?.mtu : undefined;
  const mtu = Math.min(learned ?? found.route.metrics.mtu ?? device.ipv6.conf.mtu, device.mtu, 65_575);
  const type = isMulticastIPv6(destination) ? 'multicast' : found.route.type;
  return { type, local, device, gateway: found.hop?.gateway, source, mtu, route: found.route, table: found.table };
}

/** A blackhole is silent; the others answer as a route of their kind does. */
function refusedByRule(error: Errno): NoRoute6 {
  if (error === 'EINVAL') return { error, code: undefined, drop: 'BLACKHOLE' };
  return { error, code: error === 'EACCES' ? 1 : 0, drop: 'IP_INNOROUTES' };
}

/** The route of a packet that came in (ip6_route_input): for this host, onward, or nowhere. */
export function routeInput6(stack: Ipv6Stack, flow: Flow6, device: NetDevice, packet: number): Ipv6Destination | NoRoute6 {
  if (isMulticastIPv6(flow.destination)) {
    if (!stack.listensTo(device, flow.destination)) return { error: 'EINVAL', code: undefined, drop: 'IP_INADDRERRORS' };
    return {
      type: 'multicast',
      local: true,
      device,
      gateway: undefined,
      source: 0n,
      mtu: device.mtu,
      route: undefined,
      table: TABLE.local,
    };
  }
  const found = fib6Lookup(stack, flow);
  if (!found) return { error: 'ENETUNREACH', code: 0, drop: 'IP_INNOROUTES' };
  if ('error' in found) return refusedByRule(found.error);
  const refused = REFUSALS[found.route.type];
  if (refused) return { ...refused, drop: found.route.type === 'blackhole' ? 'BLACKHOLE' : 'IP_INNOROUTES' };
  const hop = found.hop as Ipv6NextHop;
  const local = found.route.type === 'local' || found.route.type === 'anycast';
  if (local) {
    // An address of the loopback device, or a link-local one of another link, is not reachable from outside.
    const wrongLink = isLinkLocalIPv6(flow.destination) && hop.device !== device && device !== stack.net.loopback;
    if (wrongLink) return { error: 'EINVAL', code: undefined, drop: 'IP_INADDRERRORS' };
    return build(stack, flow.destination, found, stack.net.loopback, true, 0n);
  }
  const way = build(stack, flow.destination, found, hop.device, false, 0n);
  traceRoute6(stack, way, packet);
  return way;
}

/** Leaves the decision in the trace. */
export function traceRoute6(stack: Ipv6Stack, way: Ipv6Destination, packet: number): void {
  const { net } = stack;
  if (!net.kernel.trace.enabled || !way.route) return;
  const { network, length, type } = way.route;
  const prefix = length === 0 ? 'default' : `${formatIPv6(network)}${length === 128 ? '' : `/${length}`}`;
  const via = way.gateway === undefined ? '' : ` via ${formatIPv6(way.gateway)}`;
  net.kernel.trace.emit(
    TraceKind.Route,
    way.device.uid,
    net.uid,
    packet,
    way.table,
    `${type === 'unicast' ? '' : `${type} `}${prefix}${via} dev ${way.device.name}`,
  );
}
