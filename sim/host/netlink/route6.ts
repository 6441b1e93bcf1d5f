import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError, RouteAnswer, RouteInfo, RouteQuery, RouteSpec } from './messages.ts';
import type { NewMode } from './rtnetlink.ts';

/** IPv6 routes over rtnetlink (net/ipv6/route.c). */

export function list(_net: NetNamespace): RouteInfo[] {
  return [];
}

export function add(_net: NetNamespace, _spec: RouteSpec, _mode: NewMode): NetlinkError | undefined {
  return { errno: 'EOPNOTSUPP' };
}

export function remove(_net: NetNamespace, _spec: RouteSpec): NetlinkError | undefined {
  return { errno: 'ESRCH' };
}

export function get(_net: NetNamespace, _query: RouteQuery): RouteAnswer | NetlinkError {
  return { errno: 'ENETUNREACH' };
}
