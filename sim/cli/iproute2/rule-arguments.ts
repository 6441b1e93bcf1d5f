import type { Prefix } from '../../base/address.ts';
import type { RuleInfo } from '../../host/netlink/messages.ts';
import { dsfieldOf, groupOf, ipProtocolOf, protocolOf, routeTypeOf, TABLE_MAIN, tableNumber } from './names.ts';
import { argument, dscp, flowLabel, fwmark, portRange, realms, tunnelId, userRange } from './rule-values.ts';
import type { Tool } from './tool.ts';
import { RULE_USAGE } from './usage/rule.ts';
import { isDeviceName, parseUnsigned, prefix } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

export const ruleUsage = () => new Quit(RULE_USAGE, EXIT_MINUS_ONE);

/** What the words of `ip rule add` or `del` say; what isn't said is absent. */
export type WantedRule = Partial<RuleInfo>;

/** Parses the words of a rule to add or delete (ip/iprule.c `iprule_modify`). A table of 0 is one that the kernel chooses. */
export function parseRule(tool: Tool, words: Words, adding: boolean): WantedRule {
  const wanted: WantedRule = {};
  let destined = false;
  while (!words.empty) {
    const word = words.take();
    if (parseSelector(tool, words, word, wanted) || parseRarity(words, word, wanted)) continue;
    if (word === 'l3mdev') {
      wanted.l3mdev = true;
      destined = true;
    } else destined = parseAction(tool, words, word, wanted) || destined;
  }
  if (wanted.l3mdev && wanted.table) throw new Quit('table can not be specified for l3mdev rules\n', 234);
  if (adding) {
    wanted.action ??= 'lookup';
    if (!destined) wanted.table = TABLE_MAIN;
  }
  return wanted;
}

function parseSelector(tool: Tool, words: Words, word: string, wanted: WantedRule): boolean {
  if (word === 'not') wanted.inverted = true;
  else if (word === 'from') wanted.source = ends(tool, words);
  else if (word === 'to') wanted.destination = ends(tool, words);
  else if (['preference', 'order', 'priority'].some((keyword) => abbreviates(word, keyword))) {
    wanted.priority = argument(words, parseUnsigned, 'preference value is invalid\n');
  } else if (word === 'tos' || abbreviates(word, 'dsfield')) wanted.tos = argument(words, dsfieldOf, 'TOS value is invalid\n');
  else if (word === 'fwmark') {
    const { value, mask } = fwmark(words.value());
    wanted.mark = { value, mask: mask ?? (value === 0 ? 0 : 0xffff_ffff) };
  } else if (word === 'dev' || word === 'iif') wanted.iif = deviceName(words, '"iif"/"dev" not a valid ifname');
  else if (word === 'oif') wanted.oif = deviceName(words, '"oif" not a valid ifname');
  else return false;
  return true;
}

function ends(tool: Tool, words: Words): Prefix {
  const { address, length } = prefix(words.value(), tool.family);
  return { address, length };
}

/** The selectors that few know. */
function parseRarity(words: Words, word: string, wanted: WantedRule): boolean {
  if (abbreviates(word, 'realms')) wanted.realms = argument(words, realms, 'invalid realms\n');
  else if (abbreviates(word, 'protocol')) wanted.routingProtocol = argument(words, protocolOf, '"protocol" value is invalid\n');
  else if (abbreviates(word, 'tun_id')) wanted.tunnelId = argument(words, tunnelId, '"tun_id" value is invalid\n');
  else if (word === 'uidrange') wanted.users = argument(words, userRange, 'invalid UID range\n') ?? { from: 0, to: 0 };
  else if (word === 'ipproto') wanted.protocol = argument(words, ipProtocolOf, 'Invalid "ipproto" value\n');
  else if (word === 'sport') wanted.sourcePorts = portRange(words.value());
  else if (word === 'dport') wanted.destinationPorts = portRange(words.value());
  else if (word === 'dscp') wanted.dscp = dscp(words.value());
  else if (word === 'flowlabel') wanted.flowLabel = flowLabel(words.value());
  else return false;
  return true;
}

function deviceName(words: Words, message: string): string {
  const name = words.value();
  if (!isDeviceName(name)) throw invalid(message, name);
  return name;
}

/** What is to happen: a table to look in, what to leave out of it, or an end. Returns whether the table is settled. */
function parseAction(tool: Tool, words: Words, first: string, wanted: WantedRule): boolean {
  if (first === 'lookup' || abbreviates(first, 'table')) {
    wanted.table = argument(words, (text) => tableNumber(text, tool), 'invalid table ID\n');
    return true;
  }
  if (first === 'sup_pl' || abbreviates(first, 'suppress_prefixlength')) {
    wanted.suppressPrefixLength = argument(words, (text) => parseUnsigned(text, 0x7fff_ffff), 'suppress_prefixlength value is invalid\n');
    return false;
  }
  if (first === 'sup_group' || abbreviates(first, 'suppress_ifgroup')) {
    wanted.suppressGroup = argument(words, (text) => groupOf(text, tool), 'Invalid "suppress_ifgroup" value\n');
    return false;
  }
  if (first === 'nat' || abbreviates(first, 'map-to')) throw tool.unmodelled(`the rule action ${first}`);
  const word = first === 'type' ? words.value() : first;
  if (abbreviates(word, 'help')) throw ruleUsage();
  if (abbreviates(word, 'goto')) {
    wanted.action = 'goto';
    wanted.goto = argument(words, parseUnsigned, 'invalid target\n');
  } else if (abbreviates(word, 'nop')) wanted.action = 'nop';
  else wanted.action = typeOf(tool, word);
  return true;
}

/** Types of routes by the numbers of what rules do: a unicast one looks up, a local one is a goto. */
function typeOf(tool: Tool, word: string): NonNullable<RuleInfo['action']> {
  const type = routeTypeOf(word);
  if (type === undefined) throw invalid('Failed to parse rule type', word);
  if (type === 'unicast') return 'lookup';
  if (type === 'local') return 'goto';
  if (type === 'broadcast') return 'nop';
  if (type === 'anycast' || type === 'multicast') throw tool.unmodelled(`the rule action ${word}`);
  return type;
}
