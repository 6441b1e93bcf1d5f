import { samePrefix, type Prefix } from '../../base/address.ts';
import type { RuleInfo } from '../../host/netlink/messages.ts';
import { dsfieldOf, ipProtocolOf, protocolOf, tableNumber } from './names.ts';
import { argument, dscp, flowLabel, fwmark, portRange, tunnelId, userRange } from './rule-values.ts';
import type { Tool } from './tool.ts';
import { isDeviceName, parseUnsigned, prefix, type WrittenPrefix } from './values.ts';
import { abbreviates, invalid, type Words } from './words.ts';

/** Whether a rule is one of those that were asked for. */
type Test = (rule: RuleInfo) => boolean;

/** What `ip rule list` and `flush` select; a rule must have everything that is said (ip/iprule.c `filter_nlmsg`). */
export function parseRuleFilter(tool: Tool, words: Words): Test {
  const tests: Test[] = [];
  while (!words.empty) tests.push(parseTest(tool, words, words.take()));
  return (rule) => tests.every((test) => test(rule));
}

function parseTest(tool: Tool, words: Words, word: string): Test {
  if (['preference', 'order', 'priority'].some((keyword) => abbreviates(word, keyword))) {
    const priority = argument(words, parseUnsigned, 'preference value is invalid\n');
    return (rule) => rule.priority === priority;
  }
  if (word === 'not') return (rule) => rule.inverted;
  if (word === 'tos' || word === 'dsfield') {
    const tos = argument(words, dsfieldOf, 'TOS value is invalid\n');
    return (rule) => (rule.tos ?? 0) === tos;
  }
  if (word === 'fwmark') return markTest(words.value());
  if (word === 'dev' || word === 'iif') return nameTest(words, 'iif', '"iif"/"dev" not a valid ifname');
  if (word === 'oif') return nameTest(words, 'oif', '"oif" not a valid ifname');
  if (word === 'l3mdev') return (rule) => rule.l3mdev === true;
  if (abbreviates(word, 'lookup') || abbreviates(word, 'table')) {
    const table = argument(words, (text) => tableNumber(text, tool), 'table id value is invalid\n');
    return (rule) => table === 0 || rule.table === table;
  }
  if (abbreviates(word, 'from') || abbreviates(word, 'src')) return prefixTest('source', prefix(words.value(), familyOfRules(tool)));
  return parseRareTest(words, word) ?? destinationTest(tool, words, word);
}

function destinationTest(tool: Tool, words: Words, word: string): Test {
  const text = abbreviates(word, 'dst') || abbreviates(word, 'to') ? words.value() : word;
  return prefixTest('destination', prefix(text, familyOfRules(tool)));
}

function familyOfRules(tool: Tool): 4 | 6 {
  return tool.family === 0 ? 4 : tool.family;
}

function parseRareTest(words: Words, word: string): Test | undefined {
  if (abbreviates(word, 'protocol')) {
    const text = words.value();
    const protocol = protocolOf(text);
    if (protocol === undefined && text !== 'all') throw invalid('invalid "protocol"\n', text);
    // Only flushing looks at it.
    return (rule) => protocol === undefined || (rule.routingProtocol ?? 'unspec') === protocol;
  }
  if (word === 'uidrange') return sameTest('users', argument(words, userRange, 'invalid UID range\n'));
  if (abbreviates(word, 'tun_id')) return sameTest('tunnelId', argument(words, tunnelId, '"tun_id" value is invalid\n'));
  if (word === 'ipproto') return sameTest('protocol', argument(words, ipProtocolOf, 'Invalid "ipproto" value\n'));
  if (word === 'sport') return rangeTest('sourcePorts', portRange(words.value()));
  if (word === 'dport') return rangeTest('destinationPorts', portRange(words.value()));
  if (word === 'dscp') return sameTest('dscp', dscp(words.value()));
  if (word === 'flowlabel') return sameTest('flowLabel', flowLabel(words.value()));
  return undefined;
}

function markTest(text: string): Test {
  const { value, mask } = fwmark(text);
  return (rule) => (value === 0 || rule.mark?.value === value) && (!mask || rule.mark?.mask === mask);
}

function nameTest(words: Words, key: 'iif' | 'oif', message: string): Test {
  const name = words.value();
  if (!isDeviceName(name)) throw invalid(message, name);
  return (rule) => rule[key] === name;
}

function prefixTest(key: 'source' | 'destination', wanted: WrittenPrefix): Test {
  const within = (shown: Prefix | undefined) =>
    shown === undefined ? wanted.length === 0 : shown.length >= wanted.length && samePrefix(shown.address, wanted.address, wanted.length);
  return (rule) => within(rule[key]);
}

function rangeTest(key: 'sourcePorts' | 'destinationPorts', wanted: { from: number; to: number; mask?: number }): Test {
  return ({ [key]: range }) => range?.from === wanted.from && range.to === wanted.to && (range.mask ?? 0xffff) === (wanted.mask ?? 0xffff);
}

function sameTest<K extends 'users' | 'tunnelId' | 'protocol' | 'dscp' | 'flowLabel'>(key: K, wanted: RuleInfo[K]): Test {
  const parts = (value: RuleInfo[K]) => (typeof value === 'object' ? Object.values(value).join() : String(value));
  return (rule) => parts(rule[key]) === parts(wanted);
}
