import type { IP, Prefix } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import type { PortRangeInfo, RuleInfo } from '../../host/netlink/messages.ts';
import type { Blocking } from '../../host/wait.ts';
import {
  addressBytes,
  type Asked,
  attribute,
  message,
  MULTI,
  readAddress,
  readAttributes,
  readText,
  readUnsigned,
  textBytes,
  unsigned,
} from './message-bytes.ts';
import { protocolName, protocolOf } from './names.ts';
import { asked, refuseTerminal, type Saving, save, saved } from './saved-messages.ts';
import type { Tool } from './tool.ts';

/** `rule_dump_magic`. */
const RULES: Saving = { what: 'rule', magic: 0x71706986, status: 255 };

/** RTM_NEWRULE. */
const NEW_RULE = 32;

/** A rule without a preference goes right before the second one of the list; the kernel looks. */
export const PRIORITY_UNSAID = -1;

/** FRA_* of include/uapi/linux/fib_rules.h. */
const FRA = {
  ...{ dst: 1, src: 2, iif: 3, goto: 4, priority: 6, mark: 10, flow: 11, tunnel: 12, suppressGroup: 13, suppressLength: 14, table: 15 },
  ...{ markMask: 16, oif: 17, l3mdev: 19, users: 20, protocol: 21, ipProtocol: 22, sourcePorts: 23, destinationPorts: 24, dscp: 25 },
  ...{ flowLabel: 26, flowLabelMask: 27, sourcePortMask: 28, destinationPortMask: 29, dscpMask: 30 },
} as const;
/** FIB_RULE_*. */
const FLAG = { inverted: 2, unresolved: 4, noIif: 8, noOif: 16 };
/** FR_ACT_*. */
const ACTIONS: Readonly<Record<RuleInfo['action'], number>> = {
  ...{ lookup: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8, throw: 9 },
};
const FAMILY = { 4: 2, 6: 10 } as const;
/** RT_TABLE_COMPAT: the table's number stands in an attribute alone. */
const TABLE_COMPAT = 252;
const NONE = 0xffff_ffff;

/** `ip rule save`: all rules of a family as the kernel's own messages. */
export function saveRules(tool: Tool, rules: readonly RuleInfo[]): number {
  refuseTerminal(tool);
  save(tool, [unsigned(RULES.magic, 4), ...rules.map((rule) => ruleMessage(tool, rule, asked(tool, MULTI)))]);
  return 0;
}

/** A rule as fib_nl_fill_rule writes it. */
function ruleMessage(tool: Tool, rule: RuleInfo, request: Asked): Uint8Array {
  const { family, source, destination, table } = rule;
  const fixed = Uint8Array.from([
    FAMILY[family],
    destination?.length ?? 0,
    source?.length ?? 0,
    rule.tos ?? 0,
    table < 256 ? table : TABLE_COMPAT,
    0,
    0,
    ACTIONS[rule.action],
    ...unsigned(flagsOf(tool, rule), 4),
  ]);
  const protocol = Number(protocolName(rule.routingProtocol ?? 'unspec', true));
  const attributes = [
    attribute(FRA.table, unsigned(table, 4)),
    attribute(FRA.suppressLength, unsigned(rule.suppressPrefixLength ?? NONE, 4)),
    attribute(FRA.protocol, unsigned(protocol, 1)),
    ...generalAttributes(rule),
    ...(rule.dscp ? [attribute(FRA.dscp, unsigned(rule.dscp.value, 1)), attribute(FRA.dscpMask, unsigned(rule.dscp.mask, 1))] : []),
    ...(rule.flowLabel
      ? [attribute(FRA.flowLabel, addressBytes(rule.flowLabel.value)), attribute(FRA.flowLabelMask, addressBytes(rule.flowLabel.mask))]
      : []),
    ...prefixAttribute(FRA.dst, destination),
    ...prefixAttribute(FRA.src, source),
    ...number(FRA.flow, rule.realms),
  ];
  return message(NEW_RULE, fixed, attributes, request);
}

function flagsOf(tool: Tool, { inverted, unresolved, iif, oif }: RuleInfo): number {
  const missing = (name: string | undefined) => name !== undefined && !tool.netlink.link(name);
  return (
    (inverted ? FLAG.inverted : 0) | (unresolved ? FLAG.unresolved : 0) | (missing(iif) ? FLAG.noIif : 0) | (missing(oif) ? FLAG.noOif : 0)
  );
}

const number = (type: number, value: number | undefined): Uint8Array[] => (value ? [attribute(type, unsigned(value, 4))] : []);
const prefixAttribute = (type: number, prefix: Prefix | undefined): Uint8Array[] =>
  prefix && prefix.length > 0 ? [attribute(type, addressBytes(prefix.address))] : [];

/** What rules of all families select by. */
function generalAttributes(rule: RuleInfo): Uint8Array[] {
  const { iif, oif, mark, tunnelId, users } = rule;
  return [
    ...(iif === undefined ? [] : [attribute(FRA.iif, textBytes(iif))]),
    ...(oif === undefined ? [] : [attribute(FRA.oif, textBytes(oif))]),
    ...number(FRA.priority, rule.priority),
    ...number(FRA.mark, mark?.value),
    ...number(FRA.markMask, mark?.mask),
    ...number(FRA.goto, rule.goto),
    ...(tunnelId === undefined ? [] : [attribute(FRA.tunnel, Uint8Array.from([0, 0, 0, 0, ...addressBytes(Number(tunnelId))]))]),
    ...(rule.l3mdev ? [attribute(FRA.l3mdev, unsigned(1, 1))] : []),
    ...(users ? [attribute(FRA.users, Uint8Array.from([...unsigned(users.from, 4), ...unsigned(users.to, 4)]))] : []),
    ...ports(FRA.sourcePorts, FRA.sourcePortMask, rule.sourcePorts),
    ...ports(FRA.destinationPorts, FRA.destinationPortMask, rule.destinationPorts),
    ...(rule.protocol === undefined ? [] : [attribute(FRA.ipProtocol, unsigned(rule.protocol, 1))]),
    ...(rule.suppressGroup === undefined ? [] : [attribute(FRA.suppressGroup, unsigned(rule.suppressGroup, 4))]),
  ];
}

function ports(type: number, maskType: number, range: PortRangeInfo | undefined): Uint8Array[] {
  if (!range) return [];
  const bytes = Uint8Array.from([...unsigned(range.from, 2), ...unsigned(range.to, 2)]);
  const mask = range.mask ?? (range.from === range.to ? 0xffff : undefined);
  return [attribute(type, bytes), ...(mask === undefined ? [] : [attribute(maskType, unsigned(mask, 2))])];
}

/** `ip rule restore`: makes the rules again, in their order, also those that are there already. The first refusal ends it. */
export function* restoreRules(tool: Tool): Blocking<number> {
  const messages = yield* saved(tool, RULES);
  for (const { type, body } of messages) {
    const rule = type === NEW_RULE ? readRule(body) : undefined;
    if (!rule) continue;
    const failed = tool.netlink.newRule(rule, false);
    if (failed) tool.warn(`RTNETLINK answers: ${strerror(failed.errno)}\n`);
    if (failed && failed.errno !== 'EEXIST') return 254;
  }
  return 0;
}

function readRule(body: Uint8Array): RuleInfo | undefined {
  const found = readAttributes(body.subarray(12));
  const at = (type: number) => found.get(type);
  const value = (type: number) => (found.has(type) ? readUnsigned(found.get(type) as Uint8Array) : undefined);
  const text = (type: number) => (found.has(type) ? readText(found.get(type) as Uint8Array) : undefined);
  const big = (type: number) => (found.has(type) ? (readAddress(found.get(type) as Uint8Array) as number) : 0);
  const action = (Object.keys(ACTIONS) as RuleInfo['action'][]).find((name) => ACTIONS[name] === body[7]);
  if (action === undefined) return undefined;
  const family = body[0] === FAMILY[6] ? 6 : 4;
  const said: { [K in keyof RuleInfo]?: RuleInfo[K] | undefined } = {
    destination: prefixOf(at(FRA.dst), body[1] ?? 0),
    source: prefixOf(at(FRA.src), body[2] ?? 0),
    tos: body[3] || undefined,
    iif: text(FRA.iif),
    oif: text(FRA.oif),
    mark: found.has(FRA.mark) || found.has(FRA.markMask) ? { value: value(FRA.mark) ?? 0, mask: value(FRA.markMask) ?? NONE } : undefined,
    goto: value(FRA.goto),
    suppressPrefixLength: value(FRA.suppressLength) === NONE ? undefined : value(FRA.suppressLength),
    suppressGroup: value(FRA.suppressGroup),
    routingProtocol: value(FRA.protocol) ? protocolOf(String(value(FRA.protocol))) : undefined,
    realms: value(FRA.flow),
    tunnelId: found.has(FRA.tunnel) ? BigInt(readAddress(at(FRA.tunnel) as Uint8Array)) : undefined,
    l3mdev: value(FRA.l3mdev) === 1 ? true : undefined,
    dscp: found.has(FRA.dscp) ? { value: value(FRA.dscp) ?? 0, mask: value(FRA.dscpMask) ?? 0x3f } : undefined,
    flowLabel: found.has(FRA.flowLabel) ? { value: big(FRA.flowLabel), mask: big(FRA.flowLabelMask) } : undefined,
    protocol: value(FRA.ipProtocol),
    sourcePorts: rangeOf(at(FRA.sourcePorts), value(FRA.sourcePortMask)),
    destinationPorts: rangeOf(at(FRA.destinationPorts), value(FRA.destinationPortMask)),
    users: usersOf(at(FRA.users)),
  };
  const settled = Object.fromEntries(Object.entries(said).filter(([, each]) => each !== undefined)) as Partial<RuleInfo>;
  const inverted = (readUnsigned(body, 8, 4) & FLAG.inverted) !== 0;
  return {
    ...settled,
    family,
    action,
    inverted,
    table: value(FRA.table) ?? body[4] ?? 0,
    priority: value(FRA.priority) ?? PRIORITY_UNSAID,
  };
}

function prefixOf(bytes: Uint8Array | undefined, length: number): Prefix | undefined {
  return bytes && { address: readAddress(bytes) as IP, length };
}

function rangeOf(bytes: Uint8Array | undefined, mask: number | undefined): PortRangeInfo | undefined {
  if (!bytes) return undefined;
  const range = { from: readUnsigned(bytes, 0, 2), to: readUnsigned(bytes, 2, 2) };
  return mask === undefined || mask === 0xffff ? range : { ...range, mask };
}

function usersOf(bytes: Uint8Array | undefined): RuleInfo['users'] {
  return bytes && { from: readUnsigned(bytes, 0, 4), to: readUnsigned(bytes, 4, 4) };
}
