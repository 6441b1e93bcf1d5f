import { needsPorts, type Rule } from '../../kernel/ipv4/rules.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError, RuleInfo } from './messages.ts';

/** Policy rules over rtnetlink (net/core/fib_rules.c). */

function rulesOf(net: NetNamespace, family: 4 | 6): Rule[] {
  return family === 4 ? net.ipv4.rules : net.ipv6.rules;
}

export function list(net: NetNamespace, family: 4 | 6): RuleInfo[] {
  return rulesOf(net, family).map((rule) => describe(rule, family));
}

export function describe(rule: Rule, family: 4 | 6): RuleInfo {
  const info: RuleInfo = { family, priority: rule.priority, inverted: rule.inverted, action: rule.action, table: rule.table };
  if (rule.source) info.source = { address: rule.source.network, length: rule.source.length };
  if (rule.destination) info.destination = { address: rule.destination.network, length: rule.destination.length };
  if (rule.iif !== undefined) info.iif = rule.iif;
  if (rule.oif !== undefined) info.oif = rule.oif;
  if (rule.mark) info.mark = rule.mark;
  if (rule.tos !== 0) info.tos = rule.tos;
  if (rule.goto !== undefined) info.goto = rule.goto;
  if (rule.suppressPrefixLength !== undefined) info.suppressPrefixLength = rule.suppressPrefixLength;
  if (rule.protocol !== undefined) info.protocol = rule.protocol;
  if (rule.sourcePorts) info.sourcePorts = rule.sourcePorts;
  if (rule.destinationPorts) info.destinationPorts = rule.destinationPorts;
  if (rule.users) info.users = rule.users;
  return info;
}

/** `priority` below 0 lets the kernel choose: one before the first rule that is not 0. */
export function add(net: NetNamespace, info: RuleInfo): NetlinkError | undefined {
  const rules = rulesOf(net, info.family);
  const rule = build(info, info.priority >= 0 ? info.priority : chosenPriority(rules));
  if (rules.some((known) => same(known, rule))) return { errno: 'EEXIST' };
  const at = rules.findIndex((known) => known.priority > rule.priority);
  if (at < 0) rules.push(rule);
  else rules.splice(at, 0, rule);
  if (net.notices.heard) net.notices.tell({ kind: 'rule', family: info.family, rule, gone: false });
  rulesChanged(net);
  return undefined;
}

function rulesChanged(net: NetNamespace): void {
  net.ipv4.rulesNeedPorts = net.ipv4.rules.some(needsPorts);
  net.ipv4.routesChanged();
}

function chosenPriority(rules: readonly Rule[]): number {
  const second = rules[1];
  return second && second.priority > 0 ? second.priority - 1 : 0;
}

function build(info: RuleInfo, priority: number): Rule {
  const prefix = (p: RuleInfo['source']) => (p ? { network: p.address, length: p.length } : undefined);
  return {
    priority,
    inverted: info.inverted,
    source: prefix(info.source),
    destination: prefix(info.destination),
    iif: info.iif,
    oif: info.oif,
    mark: info.mark,
    tos: info.tos ?? 0,
    action: info.action,
    table: info.table,
    goto: info.goto,
    suppressPrefixLength: info.suppressPrefixLength,
    protocol: info.protocol,
    sourcePorts: info.sourcePorts,
    destinationPorts: info.destinationPorts,
    users: info.users,
  };
}

function same(a: Rule, b: Rule): boolean {
  const key = (rule: Rule) =>
    [
      rule.priority,
      rule.inverted,
      rule.source?.network,
      rule.source?.length,
      rule.destination?.network,
      rule.destination?.length,
      rule.iif,
      rule.oif,
      rule.mark?.value,
      rule.mark?.mask,
      rule.tos,
      rule.action,
      rule.table,
      rule.goto,
      rule.suppressPrefixLength,
      rule.protocol,
      ...[rule.sourcePorts, rule.destinationPorts, rule.users].flatMap((range) => [range?.from, range?.to]),
    ].join(',');
  return key(a) === key(b);
}

/** Deletes the first rule that has all that is given. */
export function remove(net: NetNamespace, wanted: Partial<RuleInfo> & { family: 4 | 6 }): NetlinkError | undefined {
  const rules = rulesOf(net, wanted.family);
  const at = rules.findIndex((rule) => {
    const info = describe(rule, wanted.family);
    return (Object.keys(wanted) as (keyof RuleInfo)[]).every((key) => JSON.stringify(info[key], big) === JSON.stringify(wanted[key], big));
  });
  if (at < 0) return { errno: 'ENOENT' };
  const [rule] = rules.splice(at, 1) as [Rule];
  if (net.notices.heard) net.notices.tell({ kind: 'rule', family: wanted.family, rule, gone: true });
  rulesChanged(net);
  return undefined;
}

function big(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
