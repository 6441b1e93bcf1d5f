import { addressBits, formatIP, type Prefix, samePrefix } from '../../base/address.ts';
import type { RuleInfo } from '../../host/netlink/messages.ts';
import { dsfieldName, dsfieldOf, ipProtocolName, ipProtocolOf, routeTypeOf, TABLE_MAIN, tableName, tableNumber } from './names.ts';
import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { RULE_USAGE } from './usage/rule.ts';
import { type Family, familyOf, isDeviceName, parseUnsigned, prefix } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(RULE_USAGE, EXIT_MINUS_ONE);

/** `ip rule`: its commands in the order that abbreviations are tried. */
export const ruleCommands: readonly Subcommand[] = [
  { names: ['list', 'lst', 'show'], run: list },
  { names: ['save', 'restore'], run: (tool) => tool.refuse(tool.unmodelled('saving and restoring rules')) },
  { names: ['add'], run: add },
  { names: ['delete'], run: remove },
  { names: ['flush'], run: flush },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

/** What the words of a rule say; what isn't said is absent. */
interface Wanted extends Partial<RuleInfo> {
  addressFamily: Family;
}

function parseRule(tool: Tool, words: Words): Wanted {
  const wanted: Wanted = { addressFamily: tool.family };
  while (!words.empty) {
    const word = words.take();
    if (!parseSelector(tool, words, word, wanted)) parseAction(tool, words, word, wanted);
  }
  return wanted;
}

function parseSelector(tool: Tool, words: Words, word: string, wanted: Wanted): boolean {
  if (word === 'not') wanted.inverted = true;
  else if (word === 'from') assignPrefix(wanted, 'source', words.value());
  else if (word === 'to') assignPrefix(wanted, 'destination', words.value());
  else if (['preference', 'order', 'priority'].some((keyword) => abbreviates(word, keyword))) {
    wanted.priority = argument(words, parseUnsigned, 'preference value is invalid\n');
  } else if (word === 'tos' || abbreviates(word, 'dsfield')) wanted.tos = argument(words, dsfieldOf, 'TOS value is invalid\n');
  else if (word === 'fwmark') wanted.mark = parseMark(words.value());
  else if (word === 'dev' || word === 'iif') wanted.iif = deviceName(words, '"iif"/"dev" not a valid ifname');
  else if (word === 'oif') wanted.oif = deviceName(words, '"oif" not a valid ifname');
  else if (word === 'ipproto') wanted.protocol = argument(words, ipProtocolOf, 'Invalid "ipproto" value\n');
  else if (word === 'sport') wanted.sourcePorts = argument(words, (text) => parseRange(text, '-', 65_535), 'invalid port range\n');
  else if (word === 'dport') wanted.destinationPorts = argument(words, (text) => parseRange(text, '-', 65_535), 'invalid port range\n');
  else if (word === 'uidrange') wanted.users = argument(words, (text) => parseRange(text, '-', 0xffff_ffff, true), 'invalid UID range\n');
  else if (UNMODELLED.some((keyword) => keyword === word)) throw tool.unmodelled(`ip rule's argument ${word}`);
  else return false;
  return true;
}

const UNMODELLED = ['realms', 'protocol', 'tun_id', 'l3mdev', 'nat', 'map-to', 'dscp', 'flowlabel', 'suppress_ifgroup', 'sup_group'];

function argument<T>(words: Words, parse: (text: string) => T | undefined, message: string): T {
  const text = words.value();
  const value = parse(text);
  if (value === undefined) throw invalid(message, text);
  return value;
}

/** `80` or `1000-2000`. */
function parseRange(text: string, separator: string, most: number, both = false): { from: number; to: number } | undefined {
  const [first = '', second] = text.split(separator);
  const from = parseUnsigned(first, most);
  const to = second === undefined ? (both ? undefined : from) : parseUnsigned(second, most);
  return from === undefined || to === undefined || from > to ? undefined : { from, to };
}

function assignPrefix(wanted: Wanted, key: 'source' | 'destination', text: string): void {
  const { address, length, wildcard } = prefix(text, wanted.addressFamily);
  if (wildcard) return;
  wanted[key] = { address, length };
  wanted.addressFamily = wanted.addressFamily || familyOf(address);
}

function parseMark(text: string): RuleInfo['mark'] {
  const [mark = '', mask] = text.split('/');
  const value = parseUnsigned(mark);
  if (value === undefined) throw invalid('fwmark value is invalid\n', mark);
  const bits = mask === undefined ? 0xffff_ffff : parseUnsigned(mask);
  if (bits === undefined) throw invalid('fwmask value is invalid\n', mask ?? '');
  return { value, mask: bits };
}

function deviceName(words: Words, message: string): string {
  const name = words.value();
  if (!isDeviceName(name)) throw invalid(message, name);
  return name;
}

/** What is to happen: a table to look in, or an end. */
function parseAction(tool: Tool, words: Words, first: string, wanted: Wanted): void {
  if (first === 'lookup' || abbreviates(first, 'table')) {
    wanted.table = argument(words, tableNumber, 'invalid table ID\n');
    return;
  }
  if (first === 'sup_pl' || abbreviates(first, 'suppress_prefixlength')) {
    wanted.suppressPrefixLength = argument(words, (text) => parseUnsigned(text, 0x7fff_ffff), 'suppress_prefixlength value is invalid\n');
    return;
  }
  const word = first === 'type' ? words.value() : first;
  if (abbreviates(word, 'help')) throw usage();
  if (abbreviates(word, 'goto')) {
    wanted.action = 'goto';
    wanted.goto = argument(words, parseUnsigned, 'invalid target\n');
    return;
  }
  if (abbreviates(word, 'nop')) {
    wanted.action = 'nop';
    return;
  }
  const type = routeTypeOf(word);
  if (type === undefined) throw invalid('Failed to parse rule type', word);
  if (type !== 'blackhole' && type !== 'unreachable' && type !== 'prohibit') throw tool.unmodelled(`the rule action ${word}`);
  wanted.action = type;
}

/** A rule without a preference goes right before the second one of the list; the kernel looks. */
const KERNEL_CHOOSES = -1;

function add(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('"ip rule add" requires arguments.\n', 1);
  const { addressFamily, ...wanted } = parseRule(tool, words);
  const family = addressFamily === 0 ? 4 : addressFamily;
  const action = wanted.action ?? 'lookup';
  const rule: RuleInfo = {
    inverted: false,
    ...wanted,
    family,
    action,
    table: wanted.table ?? (action === 'lookup' ? TABLE_MAIN : 0),
    priority: wanted.priority ?? KERNEL_CHOOSES,
  };
  return tool.outcome(tool.netlink.newRule(rule));
}

function remove(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('"ip rule del" requires arguments.\n', 1);
  const { addressFamily, ...wanted } = parseRule(tool, words);
  return tool.outcome(tool.netlink.delRule({ ...wanted, family: addressFamily === 0 ? 4 : addressFamily }));
}

/** The rules that the words select; a rule must have everything that is said. */
function selected(tool: Tool, words: Words): RuleInfo[] {
  const { addressFamily, ...wanted } = parseRule(tool, words);
  const same = (a: Prefix | undefined, b: Prefix | undefined) =>
    !a || (b !== undefined && b.length >= a.length && samePrefix(a.address, b.address, a.length));
  return tool.netlink
    .rules(addressFamily === 0 ? 4 : addressFamily)
    .filter(
      (rule) =>
        (wanted.priority === undefined || rule.priority === wanted.priority) &&
        (wanted.table === undefined || rule.table === wanted.table) &&
        (wanted.mark === undefined || (rule.mark !== undefined && ((rule.mark.value ^ wanted.mark.value) & wanted.mark.mask) === 0)) &&
        (wanted.iif === undefined || rule.iif === wanted.iif) &&
        (wanted.oif === undefined || rule.oif === wanted.oif) &&
        (wanted.tos === undefined || rule.tos === wanted.tos) &&
        (!wanted.inverted || rule.inverted) &&
        same(wanted.source, rule.source) &&
        same(wanted.destination, rule.destination),
    );
}

function list(tool: Tool, words: Words): number {
  const report = tool.report();
  for (const rule of selected(tool, words)) report.object('', () => printRule(tool, report, rule));
  report.end();
  return 0;
}

/** Deletes all but the rule of preference 0. */
function flush(tool: Tool, words: Words): number {
  for (const rule of selected(tool, words)) {
    if (rule.priority === 0) continue;
    const refused = tool.netlink.delRule(rule);
    if (refused) return tool.outcome(refused);
  }
  return 0;
}

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
  if (rule.users) {
    report.field('uid_start', rule.users.from, ` uidrange ${rule.users.from}`);
    report.field('uid_end', rule.users.to, `-${rule.users.to}`);
  }
  if (rule.protocol !== undefined) report.field('ipproto', ipProtocolName(rule.protocol), ` ipproto ${ipProtocolName(rule.protocol)}`);
  if (rule.sourcePorts) printPorts(report, 'sport', rule.sourcePorts);
  if (rule.destinationPorts) printPorts(report, 'dport', rule.destinationPorts);
  printAction(tool, report, rule);
  report.text('\n');
}

function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}

function printPorts(report: Report, key: 'sport' | 'dport', { from, to }: { from: number; to: number }): void {
  if (from === to) report.field(key, from, ` ${key} ${from}`);
  else {
    report.field(`${key}_start`, from, ` ${key} ${from}`);
    report.field(`${key}_end`, to, `-${to}`);
  }
}

/** A rule about a device that isn't there says so. */
function printDevice(tool: Tool, report: Report, key: 'iif' | 'oif', name: string): void {
  report.field(key, name, ` ${key} ${name}`);
  if (!tool.netlink.link(name)) report.field(`${key}_detached`, null, ' [detached]');
}

function printPrefix(report: Report, key: 'src' | 'dst', word: string, shown: Prefix): void {
  report.field(key, formatIP(shown.address), `${word}${formatIP(shown.address)}`);
  if (shown.length !== addressBits(shown.address)) report.field(`${key}len`, shown.length, `/${shown.length}`);
}

function printAction(tool: Tool, report: Report, rule: RuleInfo): void {
  if (rule.action === 'lookup') {
    const table = tableName(rule.table, tool.options.numeric);
    report.field('table', table, ` lookup ${table}`);
    const length = rule.suppressPrefixLength;
    if (length !== undefined) report.field('suppress_prefixlen', length, ` suppress_prefixlength ${length}`);
  } else if (rule.action === 'goto') report.field('goto', rule.goto ?? 0, ` goto ${rule.goto ?? 'none'}`);
  else if (rule.action === 'nop') report.field('nop', null, ' nop');
  else report.field('action', rule.action, ` ${rule.action}`);
}
