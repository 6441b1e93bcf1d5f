import { formatIPv4, formatMac } from '../../base/address.ts';
import type { LinkInfo } from '../../host/netlink/messages.ts';
import { printDetails } from './link-details.ts';
import { flagNames, IFF } from './link-flags.ts';
import { printStatistics } from './link-statistics.ts';
import { groupName, linkTypeName } from './names.ts';
import { namespaceNameOfId } from './netns-names.ts';
import type { Color, Report } from './report.ts';
import type { Tool } from './tool.ts';

/** How a link is to be shown (ip/ipaddress.c, `filter` and `do_link`). */
export interface LinkView {
  /** `ip link` as opposed to `ip addr`: shows the mode, the alias and, with -s, the statistics. */
  linkCommand: boolean;
  /** The line with the link-layer address: absent when a family was asked for. */
  linkLayer: boolean;
  /** `qlen 1000`; `ip monitor` leaves it out. */
  queueLength: boolean;
  /** As IPv6 dumps links (inet6_fill_ifinfo): without queues, group, master and broadcast address. */
  reduced?: boolean;
}

/** One record of `ip link` or the head of one of `ip addr`. */
export function printLink(tool: Tool, report: Report, link: LinkInfo, view: LinkView): void {
  const { details, stats, numeric } = tool.options;
  report.field('ifindex', link.ifindex, `${link.ifindex}: `);
  const peerDown = printName(tool, report, link, (name) => `${name}: `, view.reduced);
  printFlags(report, link, peerDown);
  report.field('mtu', link.mtu, `mtu ${link.mtu} `);
  if (!view.reduced) report.field('qdisc', link.qdisc, `qdisc ${link.qdisc} `);
  if (link.master && !view.reduced) {
    const master = tool.deviceName(link.master);
    report.field('master', master, `master ${master} `);
  }
  report.text('state ');
  report.field('operstate', link.operstate, `${link.operstate} `, stateColor(link.operstate));
  if (view.linkCommand) {
    const mode = link.dormant ? 'DORMANT' : 'DEFAULT';
    report.field('linkmode', mode, `mode ${mode} `);
  }
  if (!view.reduced) {
    const group = groupName(link.group, numeric, tool);
    report.field('group', group, `group ${group} `);
  }
  if (view.queueLength && !view.reduced) report.field('txqlen', link.txqlen, `qlen ${link.txqlen}`);
  if (view.linkLayer || details) printLinkLayer(tool, report, link, view.reduced ?? false);
  if (!view.reduced) printNamespaceOfLink(tool, report, link);
  if (details && !view.reduced) printDetails(tool, report, link, view.linkCommand);
  if ((view.linkCommand || details) && link.alias) {
    report.field('ifalias', link.alias, `${tool.newline}    alias ${link.alias}`);
  }
  if (view.linkCommand && stats > 0) {
    report.text(tool.newline);
    printStatistics(tool, report, link);
  }
  if (!view.reduced && link.altNames.length > 0) {
    report.list('altnames', () => {
      for (const name of link.altNames) report.item(name, `${tool.newline}    altname ${name}`);
    });
  }
  report.text('\n');
}

/** One line of `ip -br link`, or the beginning of one of `ip -br addr`. */
export function printBriefLink(tool: Tool, report: Report, link: LinkInfo, withAddress: boolean, reduced = false): void {
  const peerDown = printName(tool, report, link, (name) => `${name.padEnd(16)} `, reduced);
  report.field('operstate', link.operstate, `${link.operstate.padEnd(14)} `, stateColor(link.operstate));
  if (!withAddress) return;
  const address = link.type === 'none' ? '' : linkLayerAddress(link, link.address);
  if (address !== '') report.field('address', address, `${address} `, 'mac');
  printFlags(report, link, peerDown);
  report.text('\n');
}

/** The name with what it hangs on: `eth0@if5`, `va@vb`. Returns whether the other end is here and down. */
function printName(tool: Tool, report: Report, link: LinkInfo, format: (name: string) => string, reduced = false): boolean {
  let shown = link.name;
  let peerDown = false;
  // IPv6's dump names the other end only if its index differs, and looks the index up here wherever that end may be.
  if (link.link !== undefined && !link.linkOffMachine && !(reduced && link.link === link.ifindex)) {
    if (link.linkNetnsid !== undefined && !reduced) {
      report.data('link_index', link.link);
      shown = `${link.name}@if${link.link}`;
    } else if (link.link === 0) {
      report.data('link', null);
      shown = `${link.name}@NONE`;
    } else {
      const other = tool.netlink.link(link.link);
      const name = other?.name ?? `if${link.link}`;
      report.data('link', name);
      shown = `${link.name}@${name}`;
      peerDown = other !== undefined && (other.flags & IFF.UP) === 0;
    }
  }
  report.field('ifname', link.name, format(shown), 'ifname');
  return peerDown;
}

function printFlags(report: Report, link: LinkInfo, peerDown: boolean): void {
  const names = flagNames(link.flags, peerDown);
  report.field('flags', names, `<${names.join(',')}> `);
}

function stateColor(state: LinkInfo['operstate']): Color | undefined {
  return state === 'UP' ? 'up' : state === 'DOWN' ? 'down' : undefined;
}

function printLinkLayer(tool: Tool, report: Report, link: LinkInfo, reduced: boolean): void {
  const type = linkTypeName(link.type, tool.options.numeric);
  report.field('link_type', type, `${tool.newline}    link/${type} `);
  if (link.type === 'none') return;
  const address = linkLayerAddress(link, link.address);
  report.field('address', address, address, 'mac');
  if (reduced) return;
  const pointToPoint = (link.flags & IFF.POINTOPOINT) !== 0;
  if (pointToPoint) report.data('link_pointtopoint', true);
  const broadcast = linkLayerAddress(link, link.broadcast);
  report.text(` ${pointToPoint ? 'peer' : 'brd'} `);
  report.field('broadcast', broadcast, broadcast, 'mac');
}

/** An IP tunnel's link-layer addresses are IP addresses. */
function linkLayerAddress(link: LinkInfo, address: number): string {
  return link.type === 'ipip' ? formatIPv4(address) : formatMac(address);
}

function printNamespaceOfLink(tool: Tool, report: Report, link: LinkInfo): void {
  const id = link.linkOffMachine ? undefined : link.linkNetnsid;
  if (id === undefined) return;
  const name = namespaceNameOfId(tool, id);
  report.field('link_netnsid', id, name ? ` link-netns ${name}` : ` link-netnsid ${id}`);
}
