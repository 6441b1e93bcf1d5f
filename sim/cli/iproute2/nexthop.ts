import { formatIP } from '../../base/address.ts';
import type { NexthopInfo, NexthopSpec } from '../../host/netlink/messages.ts';
import { protocolName, protocolOf, scopeName } from './names.ts';
import { familyColor, type Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { NEXTHOP_USAGE } from './usage/nexthop.ts';
import { address, familyOf, parseUnsigned } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(NEXTHOP_USAGE, EXIT_MINUS_ONE);

/** `ip nexthop`: next hops that routes share by number (ip/ipnexthop.c). */
export const nexthopCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: ['replace'], run: (tool, words) => modify(tool, words, 'replace') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['list', 'show', 'lst'], run: list },
  { names: ['get'], run: get },
  { names: ['flush'], run: flush },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
  { names: ['bucket'], run: (tool) => tool.refuse(tool.unmodelled('resilient groups')) },
];

function idArgument(words: Words): number {
  const text = words.value();
  const id = parseUnsigned(text);
  if (id === undefined) throw invalid('invalid id value\n', text);
  return id;
}

function deviceArgument(tool: Tool, words: Words): number {
  const name = words.value();
  const link = tool.netlink.link(name);
  if (!link) throw invalid('Device does not exist\n', name);
  return link.ifindex;
}

function modify(tool: Tool, words: Words, mode: 'add' | 'replace' | 'delete'): number {
  const spec: NexthopSpec = { family: 4 };
  let familyKnown = tool.family !== 0;
  if (tool.family !== 0) spec.family = tool.family;
  while (!words.empty) {
    const word = words.take();
    if (word === 'id') spec.id = idArgument(words);
    else if (word === 'dev') spec.ifindex = deviceArgument(tool, words);
    else if (word === 'via') {
      const text = words.value();
      spec.gateway =
        text === 'inet' ? address(words.value(), 4) : text === 'inet6' ? address(words.value(), 6) : address(text, tool.family);
      spec.family = familyOf(spec.gateway);
      familyKnown = true;
    } else if (word === 'blackhole') spec.blackhole = true;
    else if (word === 'onlink') spec.onlink = true;
    else if (word === 'group') spec.group = groupArgument(words);
    else if (abbreviates(word, 'protocol')) {
      const text = words.value();
      const protocol = protocolOf(text);
      if (protocol === undefined) throw invalid('"protocol" value is invalid\n', text);
      spec.protocol = protocol;
    } else if (word === 'type') {
      if (words.value() !== 'mpath') throw tool.unmodelled('resilient groups');
    } else if (word === 'fdb' || word === 'encap' || word === 'hw_stats') throw tool.unmodelled(`${word} of next hops`);
    else if (word === 'help') throw usage();
    else throw invalid('', word);
  }
  if (mode === 'delete') return tool.outcome(spec.id === undefined ? { errno: 'EINVAL' } : tool.netlink.delNexthop(spec.id));
  familyKnown ||= spec.blackhole === true || spec.ifindex !== undefined || spec.group !== undefined;
  if (!familyKnown) return tool.outcome({ errno: 'EINVAL', message: 'Invalid address family' });
  return tool.outcome(tool.netlink.newNexthop(spec, mode));
}

/** `1/2,3`: numbers, each with what it weighs. */
function groupArgument(words: Words): NonNullable<NexthopSpec['group']> {
  const text = words.value();
  return text.split('/').map((member) => {
    const [number = '', weight = '1'] = member.split(',');
    const id = parseUnsigned(number);
    const heavy = parseUnsigned(weight, 65_536);
    if (id === undefined || !id || !heavy) throw invalid('"group" value is invalid\n', text);
    return { id, weight: heavy };
  });
}

interface Filter {
  id?: number;
  ifindex?: number;
  groups?: boolean;
  protocol?: string;
}

function parseFilter(tool: Tool, words: Words): Filter {
  const filter: Filter = {};
  while (!words.empty) {
    const word = words.take();
    if (word === 'id') filter.id = idArgument(words);
    else if (word === 'dev') filter.ifindex = deviceArgument(tool, words);
    else if (word === 'groups') filter.groups = true;
    else if (word === 'master' || word === 'vrf' || word === 'fdb') throw tool.unmodelled(`next hops by ${word}`);
    else if (abbreviates(word, 'protocol')) filter.protocol = protocolOf(words.value()) ?? '';
    else if (abbreviates(word, 'help')) throw usage();
    else throw invalid('', word);
  }
  return filter;
}

function selected(tool: Tool, filter: Filter): NexthopInfo[] {
  return tool.netlink
    .nexthops()
    .filter(
      (hop) =>
        (filter.ifindex === undefined || hop.ifindex === filter.ifindex) &&
        (!filter.groups || hop.group !== undefined) &&
        (filter.protocol === undefined || hop.protocol === filter.protocol) &&
        (tool.family === 0 || (hop.group === undefined && hop.family === tool.family)),
    );
}

function list(tool: Tool, words: Words): number {
  const filter = parseFilter(tool, words);
  return filter.id === undefined ? print(tool, selected(tool, filter)) : one(tool, filter.id);
}

function get(tool: Tool, words: Words): number {
  const { id } = parseFilter(tool, words);
  if (id === undefined) throw usage();
  return one(tool, id);
}

function one(tool: Tool, id: number): number {
  const found = tool.netlink.nexthops().find((hop) => hop.id === id);
  return found ? print(tool, [found]) : tool.outcome({ errno: 'ENOENT' });
}

function print(tool: Tool, hops: readonly NexthopInfo[]): number {
  const report = tool.report();
  for (const hop of hops) report.object('', () => printNexthop(tool, report, hop));
  report.end();
  return 0;
}

function flush(tool: Tool, words: Words): number {
  const filter = parseFilter(tool, words);
  let count = 0;
  for (const hop of selected(tool, filter)) {
    if (filter.id !== undefined && hop.id !== filter.id) continue;
    if (!tool.netlink.delNexthop(hop.id)) count++;
  }
  tool.print(count === 0 ? 'Nothing to flush\n' : `Flushed ${count} nexthops\n`);
  return 0;
}

/** One line of `ip nexthop` (`print_nexthop`). */
export function printNexthop(tool: Tool, report: Report, hop: NexthopInfo): void {
  const { details, numeric } = tool.options;
  report.field('id', hop.id, `id ${hop.id} `);
  if (hop.group) printGroup(report, hop.group);
  if (hop.gateway !== undefined) {
    report.text('via ');
    report.field('gateway', formatIP(hop.gateway), `${formatIP(hop.gateway)} `, familyColor(hop.gateway));
  }
  if (hop.ifindex !== undefined) {
    const device = tool.deviceName(hop.ifindex);
    report.text('dev ');
    report.field('dev', device, `${device} `, 'ifname');
  }
  if (hop.scope !== 'global' || details) {
    const scope = scopeName(hop.scope, numeric);
    report.field('scope', scope, `scope ${scope} `);
  }
  if (hop.blackhole) report.field('blackhole', null, 'blackhole ');
  if (hop.protocol !== 'unspec' || details) {
    const protocol = protocolName(hop.protocol, numeric);
    report.field('protocol', protocol, `proto ${protocol} `);
  }
  report.list('flags', () => {
    if (hop.onlink) report.item('onlink', 'onlink ');
    if (hop.linkdown) report.item('linkdown', 'linkdown ');
  });
  report.text('\n');
}

function printGroup(report: Report, group: NonNullable<NexthopInfo['group']>): void {
  report.list('group', () => {
    for (const [at, { id, weight }] of group.entries()) {
      report.object('', () => {
        report.field('id', id, `${at === 0 ? 'group ' : '/'}${id}`);
        if (weight > 1) report.field('weight', weight, `,${weight}`);
      });
    }
  });
  report.text(' ');
}
