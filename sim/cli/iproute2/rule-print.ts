import { addressBits, formatIP, type Prefix } from '../../base/address.ts';
import type { PortRangeInfo, RuleInfo } from '../../host/netlink/messages.ts';
import { dscpName, dsfieldName, groupName, ipProtocolName, protocolName, tableName } from './names.ts';
import type { Report } from './report.ts';
import type { Tool } from './tool.ts';

/** One line of `ip rule` (ip/iprule.c `print_rule`). */
export function printRule(tool: Tool, report: Report, rule: RuleInfo): void {
  report.field('priority', rule.priority, `${rule.priority}:\t`);
  if (rule.inverted) report.field('not', null, 'not ');
  if (rule.source) printPrefix(report, 'src', 'from ', rule.source);
  else report.field('src', 'all', 'from all');
  if (rule.destination) printPrefix(report, 'dst', ' to ', rule.destination);
  if (rule.tos) report.field('tos', dsfieldName(rule.tos), ` tos ${dsfieldName(rule.tos)}`);
  if (rule.mark) {
    const { value, mask } = rule.mark;
    report.field('fwmark', hex(value), ` fwmark ${hex(value)}`);
    if (mask !== 0xffff_ffff) report.field('fwmask', hex(mask), `/${hex(mask)}`);
  }
  if (rule.iif !== undefined) printDevice(tool, report, 'iif', rule.iif);
  if (rule.oif !== undefined) printDevice(tool, report, 'oif', rule.oif);
  if (rule.l3mdev) report.field('l3mdev', null, ' lookup [l3mdev-table]');
  if (rule.users) {
    report.field('uid_start', rule.users.from, ` uidrange ${rule.users.from}`);
    report.field('uid_end', rule.users.to, `-${rule.users.to}`);
  }
  if (rule.protocol !== undefined) {
    const protocol = ipProtocolName(rule.protocol, tool.options.numeric);
    report.field('ipproto', protocol, ` ipproto ${protocol}`);
  }
  if (rule.sourcePorts) printPorts(report, 'sport', rule.sourcePorts);
  if (rule.destinationPorts) printPorts(report, 'dport', rule.destinationPorts);
  if (rule.tunnelId !== undefined) report.field('tun_id', Number(rule.tunnelId), ` tun_id ${rule.tunnelId}`);
  printTable(tool, report, rule);
  if (rule.realms) printRealms(report, rule.realms);
  printAction(report, rule);
  printEnd(tool, report, rule);
  report.text('\n');
}

function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}

function printPorts(report: Report, key: 'sport' | 'dport', { from, to, mask = 0xffff }: PortRangeInfo): void {
  if (from !== to) {
    report.field(`${key}_start`, from, ` ${key} ${from}`);
    report.field(`${key}_end`, to, `-${to}`);
    return;
  }
  report.data(key, from);
  report.data(`${key}_mask`, hex(mask));
  report.text(mask === 0xffff ? ` ${key} ${from}` : ` ${key} ${hex(from)}/${hex(mask)}`);
}

/** A rule about a device that isn't there says so. */
function printDevice(tool: Tool, report: Report, key: 'iif' | 'oif', name: string): void {
  report.text(` ${key} `);
  report.field(key, name, name, 'ifname');
  if (!tool.netlink.link(name)) report.field(`${key}_detached`, null, ' [detached]');
}

function printPrefix(report: Report, key: 'src' | 'dst', word: string, shown: Prefix): void {
  report.text(word);
  report.field(key, formatIP(shown.address), formatIP(shown.address), typeof shown.address === 'bigint' ? 'inet6' : 'inet');
  if (shown.length !== addressBits(shown.address)) report.field(`${key}len`, shown.length, `/${shown.length}`);
}

function printTable(tool: Tool, report: Report, rule: RuleInfo): void {
  if (rule.table === 0) return;
  const table = tableName(rule.table, tool.options.numeric, tool);
  report.field('table', table, ` lookup ${table}`);
  const { suppressPrefixLength: length, suppressGroup } = rule;
  if (length !== undefined) report.field('suppress_prefixlen', length, ` suppress_prefixlength ${length}`);
  if (suppressGroup === undefined) return;
  const group = groupName(suppressGroup, tool.options.numeric, tool);
  report.field('suppress_ifgroup', group, ` suppress_ifgroup ${group}`);
}

function printRealms(report: Report, realms: number): void {
  const name = (realm: number) => (realm === 0 ? 'cosmos' : String(realm));
  const [from, to] = [realms >>> 16, realms & 0xffff];
  if (from > 0) report.field('flow_from', name(from), ` realms ${name(from)}/`);
  else report.text(' realms ');
  report.field('flow_to', name(to), name(to));
}

function printAction(report: Report, rule: RuleInfo): void {
  if (rule.action === 'lookup') return;
  if (rule.action === 'goto') {
    report.field('goto', rule.goto ?? 'none', ` goto ${rule.goto ?? 'none'}`);
    if (rule.unresolved) report.field('unresolved', null, ' [unresolved]');
  } else if (rule.action === 'nop') report.field('nop', null, ' nop');
  else report.field('action', rule.action, ` ${rule.action}`);
}

function printEnd(tool: Tool, report: Report, rule: RuleInfo): void {
  const { details, numeric } = tool.options;
  const made = rule.routingProtocol ?? 'unspec';
  if (details || (made !== 'unspec' && made !== 'kernel')) {
    const protocol = protocolName(made, numeric);
    report.field('protocol', protocol, ` proto ${protocol}`);
  }
  if (rule.dscp) {
    const { value, mask } = rule.dscp;
    report.data('dscp', dscpName(value));
    report.data('dscp_mask', hex(mask));
    report.text(mask === 0x3f ? ` dscp ${dscpName(value)}` : ` dscp ${hex(value)}/${hex(mask)}`);
  }
  if (!rule.flowLabel) return;
  const { value, mask } = rule.flowLabel;
  report.field('flowlabel', hex(value), ` flowlabel ${hex(value)}`);
  if (mask === 0xfffff) report.data('flowlabel_mask', hex(mask));
  else report.field('flowlabel_mask', hex(mask), `/${hex(mask)}`);
}
