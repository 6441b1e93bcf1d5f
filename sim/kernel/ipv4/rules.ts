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
  /** Whose packet it is; root's unless said otherwise. */
  user?: number;
}

/** What rules of either family look at. */
export interface RuleFlow extends Omit<Flow, 'destination' | 'source' | 'tos'> {
  destination: IP;
  source: IP;
  /** IPv6's traffic class. */
  tos?: number;
  flowLabel?: number;
}

/** Numbers from one to another, both included. */
export interface NumberRange {
  from: number;
  to: number;
}

/** A single port may be looked at in part. */
export interface PortRange extends NumberRange {
  mask?: number;
}

/** A value and the bits of it that count. */
export interface Masked {
  value: number;
  mask: number;
}

export type RuleAction = 'lookup' | 'blackhole' | 'unreachable' | 'prohibit' | 'goto' | 'nop' | 'throw';

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
  /** Who made it, as routes say (FRA_PROTOCOL). */
  routingProtocol?: string | undefined;
  /** Routes by devices of this group don't count. */
  suppressGroup?: number | undefined;
  /** For the routing classes of `tc`; changes nothing here. */
  realms?: number | undefined;
  /** The number of the tunnel that it came by; nothing here has one. */
  tunnelId?: bigint | undefined;
  /** Looks in the table of the VRF that the packet belongs to. */
  l3mdev?: boolean | undefined;
  /** The six upper bits of the DS field, instead of `tos`. */
  dscp?: Masked | undefined;
  /** IPv6's flow label. */
  flowLabel?: Masked | undefined;
  protocol?: number | undefined;
  sourcePorts?: PortRange | undefined;
  destinationPorts?: PortRange | undefined;
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
    routingProtocol: 'kernel',
  });
  return [rule(0, TABLE.local), rule(32_766, TABLE.main), rule(32_767, TABLE.default)];
}

/** What knows the devices that rules name. */
interface Devices {
  deviceByIndex(ifindex: number): { name: string } | undefined;
}

export function ruleMatches(rule: Rule, flow: RuleFlow, devices: Devices): boolean {
  return selectorMatches(rule, flow, devices) !== rule.inverted;
}

/** fib_rule_match and fib4_rule_match, fib6_rule_match. */
function selectorMatches(rule: Rule, flow: RuleFlow, devices: Devices): boolean {
  if (rule.iif !== undefined && !comesBy(rule.iif, flow, devices)) return false;
  if (rule.oif !== undefined && devices.deviceByIndex(flow.oif)?.name !== rule.oif) return false;
  if (rule.mark && ((flow.mark ^ rule.mark.value) & rule.mark.mask) !== 0) return false;
  if (rule.tos !== 0 && rule.tos !== ((flow.tos ?? 0) & (typeof flow.destination === 'bigint' ? 0xfc : TOS_BITS))) return false;
  if (rule.source && !samePrefix(flow.source, rule.source.network, rule.source.length)) return false;
  if (rule.destination && !samePrefix(flow.destination, rule.destination.network, rule.destination.length)) return false;
  return !isParticular(rule) || particularsMatch(rule, flow);
}

/** What this host sends comes by its loopback device (LOOPBACK_IFINDEX). */
function comesBy(name: string, flow: RuleFlow, devices: Devices): boolean {
  return devices.deviceByIndex(flow.iif === 0 ? 1 : flow.iif)?.name === name;
}

/** The bits of IPv4's TOS that rules and routes by TOS look at (IPTOS_RT_MASK); those by DSCP see all six. */
export const TOS_BITS = 0x1c;

/** The selectors that few rules have. */
function isParticular(rule: Rule): boolean {
  return (
    rule.protocol !== undefined ||
    rule.sourcePorts !== undefined ||
    rule.destinationPorts !== undefined ||
    rule.users !== undefined ||
    rule.dscp !== undefined ||
    rule.flowLabel !== undefined ||
    rule.tunnelId !== undefined ||
    rule.l3mdev === true
  );
}

function particularsMatch(rule: Rule, flow: RuleFlow): boolean {
  // No packet here comes out of a tunnel with its number, and no device is a VRF's.
  if (rule.tunnelId !== undefined || rule.l3mdev) return false;
  if (rule.protocol !== undefined && rule.protocol !== flow.protocol) return false;
  if (rule.sourcePorts && !inside(rule.sourcePorts, flow.sourcePort)) return false;
  if (rule.destinationPorts && !inside(rule.destinationPorts, flow.destinationPort)) return false;
  if (rule.users && !inside(rule.users, flow.user ?? 0)) return false;
  if (rule.dscp && (((flow.tos ?? 0) >> 2) ^ rule.dscp.value) & rule.dscp.mask) return false;
  return !rule.flowLabel || (((flow.flowLabel ?? 0) ^ rule.flowLabel.value) & rule.flowLabel.mask) === 0;
}

function inside({ from, to, mask }: PortRange, value: number | undefined): boolean {
  if (value === undefined) return false;
  if (mask !== undefined && from === to) return ((value ^ from) & mask) === 0;
  return value >= from && value <= to;
}

/** Where a `goto` leads, or -1 while there is no such rule: the search then goes on behind it. */
export function gotoTarget(rules: readonly Rule[], rule: Rule): number {
  return rules.findIndex((other) => other.priority === rule.goto);
}

/** Whether routing has to look past the IP header of what comes in (fib_rule_requires_fldissect). */
export function needsPorts(rule: Rule): boolean {
  return rule.protocol !== undefined || rule.sourcePorts !== undefined || rule.destinationPorts !== undefined;
}
