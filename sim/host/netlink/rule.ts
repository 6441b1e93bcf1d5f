import { gotoTarget, needsPorts, type Rule } from '../../kernel/ipv4/rules.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError, RuleInfo } from './messages.ts';

/** Policy rules over rtnetlink (net/core/fib_rules.c). */

function rulesOf(net: NetNamespace, family: 4 | 6): Rule[] {
  return family === 4 ? net.ipv4.rules : net.ipv6.rules;
}

export function list(net: NetNamespace, family: 4 | 6): RuleInfo[] {
  const rules = rulesOf(net, family);
  return rules.map((rule) => {
    const info = describe(rule, family);
    if (rule.goto !== undefined && gotoTarget(rules, rule) < 0) info.unresolved = true;
    return info;
  });
}

/** The selectors that a request and a rule have under the same name. */
const SHARED = [
  'iif',
  'oif',
  'mark',
  'goto',
  'suppressPrefixLength',
  'suppressGroup',
  'realms',
  'tunnelId',
  'l3mdev',
  'dscp',
  'flowLabel',
  'protocol',
  'sourcePorts',
  'destinationPorts',
  'users',
] as const;

export function describe(rule: Rule, family: 4 | 6): RuleInfo {
  const info: RuleInfo = { family, priority: rule.priority, inverted: rule.inverted, action: rule.action, table: rule.table };
  if (rule.source) info.source = { address: rule.source.network, length: rule.source.length };
  if (rule.destination) info.destination = { address: rule.destination.network, length: rule.destination.length };
  if (rule.tos !== 0) info.tos = rule.tos;
  if (rule.routingProtocol !== undefined) info.routingProtocol = rule.routingProtocol;
  copyShared(info, rule);
  return info;
}

function copyShared(to: Partial<Rule> | RuleInfo, from: Rule | RuleInfo): void {
  const target = to as Record<string, unknown>;
  for (const key of SHARED) if (from[key] !== undefined) target[key] = from[key];
}

/**
 * `priority` below 0 lets the kernel choose: one before the second rule of the list.
 * @param exclusive false adds a rule that is there already once more, as restoring does
 */
export function add(net: NetNamespace, info: RuleInfo, exclusive = true): NetlinkError | undefined {
  const refused = check(info);
  if (refused) return refused;
  const rules = rulesOf(net, info.family);
  const rule = build(info, info.priority >= 0 ? info.priority : chosenPriority(rules));
  if (rule.goto !== undefined && rule.goto <= rule.priority) return { errno: 'EINVAL', message: 'Backward goto not supported' };
  if (rule.action === 'lookup' && rule.table === 0 && !rule.l3mdev) rule.table = emptyTable(net, info.family);
  // IPv6 has a table as soon as a rule asks for it (fib6_rule_configure).
  if (info.family === 6 && rule.action === 'lookup' && rule.table !== 0) net.ipv6.table(rule.table);
  if (exclusive && rules.some((known) => keyOf(known) === keyOf(rule))) return { errno: 'EEXIST' };
  const at = rules.findIndex((known) => known.priority > rule.priority);
  if (at < 0) rules.push(rule);
  else rules.splice(at, 0, rule);
  if (net.notices.heard) net.notices.tell({ kind: 'rule', family: info.family, rule, gone: false });
  rulesChanged(net, info.family);
  return undefined;
}

/** What the kernel refuses in a rule, in its order (fib_nl2rule, fib4_rule_configure, fib6_rule_configure). */
function check(info: Partial<RuleInfo> & { family: 4 | 6 }): NetlinkError | undefined {
  const refuse = (message: string): NetlinkError => ({ errno: 'EINVAL', message });
  const fits = (address: bigint | number | undefined) => address === undefined || (typeof address === 'bigint') === (info.family === 6);
  if (info.dscp && info.dscp.value > 63) return refuse('Error parsing msg');
  if (!fits(info.source?.address)) return refuse('Invalid source address');
  if (!fits(info.destination?.address)) return refuse('Invalid dst address');
  if (info.action === 'goto' && info.goto === undefined) return refuse('Missing goto target for action goto');
  const { users, sourcePorts, destinationPorts, dscp, flowLabel } = info;
  if (users && (users.from > users.to || users.to === 0xffff_ffff)) return refuse('Invalid uid range');
  if (sourcePorts && !isPortRange(sourcePorts)) return refuse('Invalid sport range');
  if (destinationPorts && !isPortRange(destinationPorts)) return refuse('Invalid dport range');
  if (info.tos && (info.tos & 3) !== 0) return refuse('Invalid dsfield (tos): ECN bits must be 0');
  // IPv4 compares the bits of the old type of service alone (IPTOS_TOS_MASK).
  if (info.family === 4 && info.tos && (info.tos & ~0x1e) !== 0) return refuse('Invalid tos');
  if (dscp && info.tos) return refuse('Cannot specify both TOS and DSCP');
  if (dscp && (dscp.value & ~dscp.mask) !== 0) return refuse('Invalid DSCP mask');
  if (!flowLabel) return undefined;
  if (info.family === 4) return refuse('Flow label cannot be specified for IPv4 FIB rules');
  return (flowLabel.value & ~flowLabel.mask) === 0 && flowLabel.mask <= 0xfffff ? undefined : refuse('Flow label and mask do not match');
}

function isPortRange({ from, to }: { from: number; to: number }): boolean {
  return from > 0 && to > 0 && from <= to && to < 0xffff;
}

/** A lookup without a table gets the first that nobody uses, which is made (fib_empty_table). */
function emptyTable(net: NetNamespace, family: 4 | 6): number {
  const stack = family === 4 ? net.ipv4 : net.ipv6;
  let id = 1;
  while (stack.tables.has(id)) id++;
  stack.table(id);
  return id;
}

function rulesChanged(net: NetNamespace, family: 4 | 6): void {
  if (family === 4) net.ipv4.customRules = true;
  net.ipv4.rulesNeedPorts = net.ipv4.rules.some(needsPorts);
  net.ipv6.rulesNeedPorts = net.ipv6.rules.some(needsPorts);
  net.ipv4.routesChanged();
}

function chosenPriority(rules: readonly Rule[]): number {
  const second = rules[1];
  return second && second.priority > 0 ? second.priority - 1 : 0;
}

function build(info: RuleInfo, priority: number): Rule {
  const prefix = (p: RuleInfo['source']) => (p && p.length > 0 ? { network: p.address, length: p.length } : undefined);
  const rule: Rule = {
    priority,
    inverted: info.inverted,
    source: prefix(info.source),
    destination: prefix(info.destination),
    iif: undefined,
    oif: undefined,
    mark: undefined,
    tos: info.tos ?? 0,
    action: info.action,
    table: info.table,
    goto: undefined,
    suppressPrefixLength: undefined,
    routingProtocol: info.routingProtocol,
  };
  copyShared(rule, info);
  if (rule.mark?.mask === 0) rule.mark = undefined;
  if (rule.protocol === 0) rule.protocol = undefined;
  return rule;
}

/** What tells a rule from others (rule_exists): not whether it is inverted, and not where it goes to. */
function keyOf(rule: Rule): string {
  return JSON.stringify(
    [
      rule.priority,
      rule.action,
      rule.table,
      rule.tos,
      rule.source,
      rule.destination,
      rule.routingProtocol,
      ...SHARED.filter((key) => key !== 'goto').map((key) => rule[key]),
    ],
    big,
  );
}

/** Deletes the first rule that has all that is given; whether it is inverted doesn't count (rule_find). */
export function remove(net: NetNamespace, wanted: Partial<RuleInfo> & { family: 4 | 6 }): NetlinkError | undefined {
  const refused = check(wanted);
  if (refused) return refused;
  const rules = rulesOf(net, wanted.family);
  const keys = (Object.keys(wanted) as (keyof RuleInfo)[]).filter(
    (key) => key !== 'inverted' && key !== 'unresolved' && given(wanted, key),
  );
  const at = rules.findIndex((rule) => {
    const info = describe(rule, wanted.family);
    return keys.every((key) => JSON.stringify(info[key], big) === JSON.stringify(wanted[key], big));
  });
  if (at < 0) return { errno: 'ENOENT' };
  const [rule] = rules.splice(at, 1) as [Rule];
  if (net.notices.heard) net.notices.tell({ kind: 'rule', family: wanted.family, rule, gone: true });
  rulesChanged(net, wanted.family);
  return undefined;
}

/** Zero stands for "not given" in most of a request's fields. */
function given(wanted: Partial<RuleInfo>, key: keyof RuleInfo): boolean {
  const value = wanted[key];
  if (key === 'source' || key === 'destination') return (wanted[key]?.length ?? 0) > 0;
  return value !== undefined && !((key === 'table' || key === 'tos' || key === 'protocol') && value === 0);
}

function big(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
