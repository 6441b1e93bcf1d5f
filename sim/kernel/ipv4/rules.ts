import { type IP, type IPv4, samePrefix } from '../../base/address.ts';

/** What a lookup asks (`struct flowi4`). */
export interface Flow {
  destination: IPv4;
  /** 0 when not yet chosen. */
  source: IPv4;
  /** ifindex it came in by; 0 for what this host sends. */
  iif: number;
  /** ifindex it must leave by; 0 for any. */
  oif: number;
  mark: number;
  tos: number;
  protocol?: number;
  sourcePort?: number;
  destinationPort?: number;
}

/** Numbers from one to another, both included. */
export interface NumberRange {
  from: number;
  to: number;
}

export type RuleAction = 'lookup' | 'blackhole' | 'unreachable' | 'prohibit' | 'goto' | 'nop';

/** A policy rule (`struct fib_rule`, ip-rule(8)). */
export interface Rule {
  priority: number;
  inverted: boolean;
  source: { network: IP; length: number } | undefined;
  destination: { network: IP; length: number } | undefined;
  iif: string | undefined;
  oif: string | undefined;
  mark: { value: number; mask: number } | undefined;
  tos: number;
  action: RuleAction;
  table: number;
  goto: number | undefined;
  suppressPrefixLength: number | undefined;
  protocol?: number | undefined;
  sourcePorts?: NumberRange | undefined;
  destinationPorts?: NumberRange | undefined;
  /** Whose packets; those that came in are nobody's and root's are 0's. */
  users?: NumberRange | undefined;
}

export const TABLE = { default: 253, main: 254, local: 255 } as const;

/** The three rules every namespace starts with (fib_default_rules_init). */
export function defaultRules(): Rule[] {
  const rule = (priority: number, table: number): Rule => ({
    priority,
    inverted: false,
    source: undefined,
    destination: undefined,
    iif: undefined,
    oif: undefined,
    mark: undefined,
    tos: 0,
    action: 'lookup',
    table,
    goto: undefined,
    suppressPrefixLength: undefined,
  });
  return [rule(0, TABLE.local), rule(32_766, TABLE.main), rule(32_767, TABLE.default)];
}

/** What knows the devices that rules name. */
interface Devices {
  deviceByIndex(ifindex: number): { name: string } | undefined;
}

export function ruleMatches(rule: Rule, flow: Flow, devices: Devices): boolean {
  return selectorMatches(rule, flow, devices) !== rule.inverted;
}

function selectorMatches(rule: Rule, flow: Flow, devices: Devices): boolean {
  if (rule.iif !== undefined && devices.deviceByIndex(flow.iif)?.name !== rule.iif) return false;
  if (rule.oif !== undefined && devices.deviceByIndex(flow.oif)?.name !== rule.oif) return false;
  if (rule.mark && ((flow.mark ^ rule.mark.value) & rule.mark.mask) !== 0) return false;
  if (rule.tos !== 0 && rule.tos !== flow.tos) return false;
  if (rule.protocol !== undefined && rule.protocol !== flow.protocol) return false;
  if (rule.sourcePorts && !inside(rule.sourcePorts, flow.sourcePort)) return false;
  if (rule.destinationPorts && !inside(rule.destinationPorts, flow.destinationPort)) return false;
  if (rule.users && rule.users.from > 0) return false;
  if (rule.source && !samePrefix(flow.source, rule.source.network, rule.source.length)) return false;
  return !(rule.destination && !samePrefix(flow.destination, rule.destination.network, rule.destination.length));
}

function inside({ from, to }: NumberRange, value: number | undefined): boolean {
  return value !== undefined && value >= from && value <= to;
}

/** Whether routing has to look past the IP header of what comes in (fib_rule_requires_fldissect). */
export function needsPorts(rule: Rule): boolean {
  return rule.protocol !== undefined || rule.sourcePorts !== undefined || rule.destinationPorts !== undefined;
}
