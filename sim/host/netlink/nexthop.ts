import { type IPv4, isLinkLocalIPv6 } from '../../base/address.ts';
import type { NextHopObject } from '../../kernel/nexthop.ts';
import { routeOutput } from '../../kernel/ipv4/route.ts';
import { routeOutput6 } from '../../kernel/ipv6/route.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError, NexthopInfo, NexthopSpec } from './messages.ts';

/** Next hop objects over rtnetlink (rtm_new_nexthop and its like in net/ipv4/nexthop.c). */

export function list(net: NetNamespace): NexthopInfo[] {
  return net.nexthops.list().map(describe);
}

export function describe(object: NextHopObject): NexthopInfo {
  const { id, family, protocol, blackhole, device, gateway, onlink, group } = object;
  const info: NexthopInfo = { id, family, protocol, blackhole, onlink, scope: 'global', linkdown: false, dead: false };
  if (group) info.group = group.map((member) => ({ ...member }));
  else if (!blackhole) {
    info.scope = gateway !== undefined || family === 6 ? 'link' : 'host';
    info.linkdown = device?.up === true && !device.carrier;
  }
  if (device && !blackhole) info.ifindex = device.ifindex;
  if (gateway !== undefined) info.gateway = gateway;
  return info;
}

const invalid = (message: string): NetlinkError => ({ errno: 'EINVAL', message });

export function add(net: NetNamespace, spec: NexthopSpec, mode: 'add' | 'replace'): NetlinkError | undefined {
  const { nexthops } = net;
  const known = spec.id === undefined ? undefined : nexthops.find(spec.id);
  const object = spec.group ? buildGroup(net, spec) : buildSingle(net, spec);
  if ('errno' in object) return object;
  if (known && mode === 'add') return { errno: 'EEXIST' };
  if (known && (known.group !== undefined) !== (object.group !== undefined)) {
    return invalid(known.group ? 'Can not replace a nexthop group with a nexthop.' : 'Can not replace a nexthop with a nexthop group.');
  }
  nexthops.set(object);
  return undefined;
}

function buildGroup(net: NetNamespace, spec: NexthopSpec): NextHopObject | NetlinkError {
  const group = spec.group as { id: number; weight: number }[];
  for (const [at, { id }] of group.entries()) {
    if (group.findIndex((other) => other.id === id) < at) return invalid('Nexthop id can not be used twice in a group');
    const member = net.nexthops.find(id);
    if (!member) return invalid('Invalid nexthop id');
    if (member.group) return invalid('Hash-threshold group can not be a nexthop within a group');
    if (member.blackhole && group.length > 1) return invalid('Blackhole nexthop can not be used in a group with more than 1 path');
  }
  const first = net.nexthops.find(group[0]?.id ?? 0);
  return { ...empty(net, spec), family: first?.family ?? 4, group: group.map((member) => ({ ...member })) };
}

function empty(net: NetNamespace, spec: NexthopSpec): NextHopObject {
  return {
    id: spec.id ?? net.nexthops.unused,
    family: spec.family,
    protocol: spec.protocol ?? 'unspec',
    blackhole: spec.blackhole ?? false,
    device: undefined,
    gateway: undefined,
    onlink: spec.onlink ?? false,
    group: undefined,
  };
}

function buildSingle(net: NetNamespace, spec: NexthopSpec): NextHopObject | NetlinkError {
  const object = empty(net, spec);
  if (object.blackhole)
    return spec.gateway !== undefined || spec.ifindex
      ? invalid('Blackhole attribute can not be used with gateway, oif, encap or fdb')
      : object;
  if (!spec.ifindex) return invalid('Device attribute required for non-blackhole and non-fdb nexthops');
  const device = net.deviceByIndex(spec.ifindex);
  if (!device) return invalid('Invalid device index');
  if (!device.up) return { errno: 'ENETDOWN', message: 'Nexthop device is not up' };
  if (!device.running && device !== net.loopback) return { errno: 'ENETDOWN', message: 'Carrier for nexthop device is down' };
  object.device = device;
  object.gateway = spec.gateway;
  return reachable(net, object) ?? object;
}

/** A router must be a neighbour on the device (fib_check_nh, fib6_nh_init). */
function reachable(net: NetNamespace, { gateway, device, onlink }: NextHopObject): NetlinkError | undefined {
  if (gateway === undefined || onlink) return undefined;
  const oif = device?.ifindex ?? 0;
  if (typeof gateway === 'bigint') {
    if (net.ipv6.isLocal(gateway)) return invalid('Gateway can not be a local address');
    if (isLinkLocalIPv6(gateway)) return undefined;
    const way = routeOutput6(net.ipv6, { destination: gateway, source: 0n, iif: 0, oif, mark: 0 });
    return typeof way === 'string' || way.gateway !== undefined ? { errno: 'EHOSTUNREACH' } : undefined;
  }
  const way = routeOutput(net.ipv4, { destination: gateway as IPv4, source: 0, iif: 0, oif, mark: 0, tos: 0 });
  if (typeof way === 'string' || way.route === undefined) return { errno: 'ENETUNREACH', message: 'Nexthop has invalid gateway' };
  return way.type !== 'unicast' || way.gateway !== undefined ? invalid('Nexthop has invalid gateway') : undefined;
}

export function remove(net: NetNamespace, id: number): NetlinkError | undefined {
  const known = net.nexthops.find(id);
  if (!known) return { errno: 'ENOENT' };
  net.nexthops.remove(known);
  return undefined;
}
