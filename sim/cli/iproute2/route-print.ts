import { formatIP } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { NextHop, RouteInfo } from '../../host/netlink/messages.ts';
import { dsfieldName, protocolName, realmName, routeTypeName, scopeName, TABLE_MAIN, tableName } from './names.ts';
import { printNexthop } from './nexthop.ts';
import { printMetrics } from './route-metrics.ts';
import { familyColor, type Report } from './report.ts';
import type { Tool } from './tool.ts';
import { showPrefix } from './values.ts';

/** Fields that a filter has pinned to one value, and that are therefore not printed. */
export interface HiddenFields {
  type?: boolean;
  tos?: boolean;
  gateway?: boolean;
  device?: boolean;
  table?: boolean;
  protocol?: boolean;
  scope?: boolean;
  source?: boolean;
  metric?: boolean;
}

/** One route of `ip route` (ip/iproute.c `print_route`). */
export function printRoute(tool: Tool, report: Report, route: RouteInfo, hidden: HiddenFields = {}): void {
  const { details, numeric } = tool.options;
  if (route.type !== 'unicast' || details) {
    const type = routeTypeName(route.type, numeric);
    report.field('type', type, `${type} `);
  }
  const destination = showPrefix(route.destination);
  report.field('dst', destination, `${destination} `, route.destination.length === 0 ? undefined : familyColor(route.destination.address));
  if (route.from) report.field('from', showPrefix(route.from), `from ${showPrefix(route.from)} `, familyColor(route.from.address));
  if (route.tos !== 0 && !hidden.tos) report.field('tos', dsfieldName(route.tos), `tos ${dsfieldName(route.tos)} `);
  if (route.nhid !== undefined) report.field('nhid', route.nhid, `nhid ${route.nhid} `);
  const only = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  if (only) printHop(tool, report, route, only, hidden);
  if ((route.table !== TABLE_MAIN || details) && !hidden.table) {
    const table = tableName(route.table, numeric, tool);
    report.field('table', table, `table ${table} `);
  }
  printOrigin(tool, report, route, hidden);
  printFlags(report, only);
  if (only?.realms) printFlow(tool, report, only.realms);
  if (route.expires !== undefined) printExpiry(tool, report, route.expires);
  printMetrics(report, route.metrics);
  if (route.preference !== undefined) report.field('pref', route.preference, `pref ${route.preference}`);
  if (route.nexthops.length > 1) report.list('nexthops', () => printMultipath(tool, report, route));
  const shared = details && route.nhid !== undefined ? tool.netlink.nexthops().find(({ id }) => id === route.nhid) : undefined;
  if (shared) {
    report.text(`${tool.newline}\tnh_info `);
    report.object('nh_info', () => printNexthop(tool, report, shared));
  } else report.text('\n');
}

function printHop(tool: Tool, report: Report, route: RouteInfo, hop: NextHop, hidden: HiddenFields): void {
  if (hop.gateway !== undefined && !hidden.gateway) printGateway(report, route.family, hop);
  if (hop.ifindex !== 0 && !hidden.device) {
    const device = tool.deviceName(hop.ifindex);
    report.text('dev ');
    report.field('dev', device, `${device} `, 'ifname');
  }
}

/** A gateway of the other family is written with the family (RFC 5549). */
function printGateway(report: Report, family: 4 | 6, hop: NextHop): void {
  if (hop.gateway === undefined) return;
  const gateway = formatIP(hop.gateway);
  if ((typeof hop.gateway === 'bigint') === (family === 6)) {
    report.text('via ');
    return report.field('gateway', gateway, `${gateway} `, familyColor(hop.gateway));
  }
  const other = family === 4 ? 'inet6' : 'inet';
  report.text(`via ${other} `);
  report.field('via', { family: other, host: gateway }, `${gateway} `, familyColor(hop.gateway));
}

function printOrigin(tool: Tool, report: Report, route: RouteInfo, hidden: HiddenFields): void {
  const { details, numeric } = tool.options;
  if ((route.protocol !== 'boot' || details) && !hidden.protocol) {
    const protocol = protocolName(route.protocol, numeric, tool);
    report.field('protocol', protocol, `proto ${protocol} `);
  }
  if ((route.scope !== 'global' || details) && !hidden.scope) {
    const scope = scopeName(route.scope, numeric);
    report.field('scope', scope, `scope ${scope} `);
  }
  if (route.preferredSource !== undefined && !hidden.source) {
    report.text('src ');
    report.field('prefsrc', formatIP(route.preferredSource), `${formatIP(route.preferredSource)} `, familyColor(route.preferredSource));
  }
  // IPv6 routes always carry a metric, IPv4 routes only one that isn't zero.
  if ((route.priority !== 0 || route.family === 6) && !hidden.metric) report.field('metric', route.priority, `metric ${route.priority} `);
}

function printFlags(report: Report, hop: NextHop | undefined): void {
  report.list('flags', () => {
    if (hop?.dead) report.item('dead', 'dead ');
    if (hop?.onlink) report.item('onlink', 'onlink ');
    if (hop?.linkdown) report.item('linkdown', 'linkdown ');
  });
}

/** The routing classes, where from and where to. */
function printFlow(tool: Tool, report: Report, realms: number): void {
  const [from, to] = [realms >>> 16, realms & 0xffff];
  report.object('flow', () => {
    if (from > 0) report.data('from', realmName(from, tool));
    report.data('to', realmName(to, tool));
  });
  report.text(from > 0 ? `realms ${realmName(from, tool)}/${realmName(to, tool)} ` : `realm ${realmName(to, tool)} `);
}

function printExpiry(tool: Tool, report: Report, expires: number): void {
  const seconds = Math.max(0, Math.floor((expires - tool.process.host.now) / SECOND));
  report.field('expires', seconds, `expires ${seconds}sec `);
}

function printMultipath(tool: Tool, report: Report, route: RouteInfo): void {
  for (const hop of route.nexthops) {
    report.object('', () => {
      report.text(`${tool.newline}\tnexthop `);
      printGateway(report, route.family, hop);
      if (hop.realms) printFlow(tool, report, hop.realms);
      const device = tool.deviceName(hop.ifindex);
      report.field('dev', device, `dev ${device} `);
      report.field('weight', hop.weight, `weight ${hop.weight} `);
      printFlags(report, hop);
    });
  }
}
