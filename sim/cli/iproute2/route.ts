import type { NextHop, RouteInfo, RouteSpec, RouteType } from '../../host/netlink/messages.ts';
import type { NewMode } from '../../host/netlink/rtnetlink.ts';
import { TABLE_LOCAL, TABLE_MAIN } from './names.ts';
import { hiddenBy, parseRouteFilter, type RouteFilter, routePasses, routeUsage } from './route-filter.ts';
import { getRoute } from './route-get.ts';
import { printRoute } from './route-print.ts';
import { beginSaving, restoreRoutes, saveRoutes, showSavedRoutes } from './save-route.ts';
import { parseRoute } from './route-arguments.ts';
import type { Subcommand, Tool } from './tool.ts';
import { Quit, type Words } from './words.ts';

/** `ip route`: its commands in the order that abbreviations are tried. */
export const routeCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: ['change'], exact: ['chg'], run: (tool, words) => modify(tool, words, 'change') },
  { names: ['replace'], run: (tool, words) => modify(tool, words, 'replace') },
  { names: ['prepend'], run: (tool, words) => modify(tool, words, 'prepend') },
  { names: ['append'], run: (tool, words) => modify(tool, words, 'append') },
  { names: ['test'], run: (tool, words) => modify(tool, words, 'test') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['list', 'show', 'lst'], run: list },
  { names: ['get'], run: getRoute },
  { names: ['flush'], run: flush },
  { names: ['save'], run: save },
  { names: ['restore'], run: restoreRoutes },
  { names: ['showdump'], run: showSavedRoutes },
  { names: ['help'], run: (tool) => tool.refuse(routeUsage()) },
];

/** Route types that live in the local table unless told otherwise. */
const LOCAL_TYPES: readonly RouteType[] = ['local', 'broadcast', 'anycast'];

function modify(tool: Tool, words: Words, mode: NewMode | 'delete'): number {
  const given = parseRoute(tool, words);
  if (!given.destination) throw routeUsage();
  const { wildcard, address, length } = given.destination;
  const family = given.family === 0 ? 4 : given.family;
  const nexthops = hops(tool, given);
  const type = given.type ?? (mode === 'delete' ? undefined : 'unicast');
  const spec: RouteSpec = {
    family,
    destination: { address: wildcard && family === 6 ? 0n : address, length },
    table: given.table ?? (type && LOCAL_TYPES.includes(type) ? TABLE_LOCAL : TABLE_MAIN),
    nexthops,
  };
  if (type !== undefined) spec.type = type;
  if (given.nhid !== undefined) spec.nhid = given.nhid;
  if (given.tos !== undefined) spec.tos = given.tos;
  if (given.priority !== undefined) spec.priority = given.priority;
  if (given.source !== undefined) spec.preferredSource = given.source;
  const protocol = given.protocol ?? (mode === 'delete' ? undefined : 'boot');
  if (protocol !== undefined) spec.protocol = protocol;
  const scope = given.scope ?? usualScope(spec, given.hasGateway || given.hops.length > 0 || given.nhid !== undefined, mode === 'delete');
  if (scope !== undefined) spec.scope = scope;
  if (Object.keys(given.metrics).length > 0) spec.metrics = given.metrics;
  if (given.hops.length > 0) spec.multipath = true;
  if (given.from !== undefined && family === 6) spec.from = given.from;
  if (given.expires !== undefined) spec.expires = given.expires;
  if (given.preference !== undefined) spec.preference = given.preference;
  return tool.outcome(mode === 'delete' ? tool.netlink.delRoute(spec) : tool.netlink.newRoute(spec, mode));
}

function hops(tool: Tool, given: ReturnType<typeof parseRoute>): RouteSpec['nexthops'] {
  const device = given.device === undefined ? undefined : tool.device(given.device).ifindex;
  if (given.hops.length > 0) return given.hops;
  if (given.gateway === undefined && device === undefined && !given.onlink) return [];
  return [
    {
      ...(given.gateway === undefined ? {} : { gateway: given.gateway }),
      ...(device === undefined ? {} : { ifindex: device }),
      ...(given.onlink ? { onlink: true } : {}),
      ...(given.realms ? { realms: given.realms } : {}),
    },
  ];
}

/** The scope that goes without saying: by type, and `link` for an IPv4 route without a router. */
function usualScope(spec: RouteSpec, routed: boolean, deleting: boolean): RouteSpec['scope'] {
  if (spec.family === 6) return 'global';
  if (spec.type === 'local') return 'host';
  if (spec.type === 'broadcast' || spec.type === 'multicast' || spec.type === 'anycast') return 'link';
  if (spec.type !== undefined && spec.type !== 'unicast') return 'global';
  if (deleting) return undefined;
  return routed ? 'global' : 'link';
}

/** `ip route show`. */
function list(tool: Tool, words: Words): number {
  const filter = parseRouteFilter(tool, words);
  const routes = selected(tool, filter);
  const missing = missingTable(tool, filter);
  if (missing) {
    tool.warn(`Error: ${missing}: FIB table does not exist.\nDump terminated\n`);
    return 2;
  }
  const report = tool.report();
  const hidden = hiddenBy(filter);
  for (const route of routes) report.object('', () => printRoute(tool, report, route, hidden));
  report.end();
  return 0;
}

function save(tool: Tool, words: Words): number {
  beginSaving(tool);
  const filter = parseRouteFilter(tool, words);
  const missing = missingTable(tool, filter);
  saveRoutes(tool, missing ? [] : selected(tool, filter));
  if (!missing) return 0;
  tool.warn(`Error: ${missing}: FIB table does not exist.\nDump terminated\n`);
  return 2;
}

function selected(tool: Tool, filter: RouteFilter): RouteInfo[] {
  if (filter.cached) return filter.family === 6 ? tool.netlink.learnedRoutes() : [];
  const families = filter.family === 0 ? ([4, 6] as const) : ([filter.family] as const);
  return families.flatMap((family) => tool.netlink.routes(family)).filter((route) => routePasses(filter, route));
}

const TABLE_DEFAULT = 253;

/** The family whose tables don't include the wanted one. The main and local tables always exist. */
function missingTable(tool: Tool, filter: RouteFilter): 'ipv4' | 'ipv6' | undefined {
  const { table, family, cached } = filter;
  if (cached || table === undefined || table === TABLE_MAIN || table === TABLE_LOCAL || family === 0) return undefined;
  // The default table is made with its first route.
  const exists = table === TABLE_DEFAULT ? false : tool.netlink.tables(family).includes(table);
  if (exists || tool.netlink.routes(family).some((route) => route.table === table)) return undefined;
  return family === 4 ? 'ipv4' : 'ipv6';
}

/** `ip route flush`: in rounds, until nothing passes the filter. */
function flush(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('"ip route flush" requires arguments.\n', 1);
  const filter = parseRouteFilter(tool, words);
  const { stats } = tool.options;
  if (filter.cached) {
    tool.netlink.forgetLearned(filter.family === 6 ? 6 : 4);
    if (stats > 0 && filter.family !== 6) tool.print('*** IPv4 routing cache is flushed.\n');
    return 0;
  }
  const report = tool.report();
  for (let round = 0; round < ROUNDS; round++) {
    const doomed = selected(tool, filter);
    if (doomed.length === 0) {
      if (stats > 0)
        tool.print(round === 0 ? 'Nothing to flush.\n' : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`);
      return 0;
    }
    for (const route of doomed) {
      if (stats > 1) printRoute(tool, report, route);
      const refused = tool.netlink.delRoute(specOf(route));
      if (refused) return tool.outcome(refused, 1);
    }
    if (stats > 0) tool.print(`\n*** Round ${round + 1}, deleting ${doomed.length} entries ***\n`);
  }
  return 1;
}

const ROUNDS = 10;

/** The request that deletes exactly this route. */
function specOf(route: RouteInfo): RouteSpec {
  const { family, destination, from, table, type, tos, priority, scope, protocol } = route;
  const hop = ({ gateway, ifindex, weight, onlink }: NextHop) => ({
    ifindex,
    weight,
    onlink,
    ...(gateway === undefined ? {} : { gateway }),
  });
  const multipath = route.nexthops.length > 1;
  return {
    family,
    destination,
    ...(from ? { from } : {}),
    table,
    type,
    tos,
    priority,
    scope,
    protocol,
    multipath,
    nexthops: route.nexthops.map(hop),
  };
}
