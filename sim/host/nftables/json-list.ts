import type { NftRule } from '../../kernel/netfilter/nftables/rule.ts';
import type { NftSet, SetElement } from '../../kernel/netfilter/nftables/set.ts';
import type { NftObject } from '../../kernel/netfilter/nftables/statement.ts';
import type { ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { elementJson, type Json } from './json.ts';
import { statementJson } from './json-rule.ts';
import { objectJson, statefulJson } from './json-stateful.ts';
import type { ListStyle } from './list.ts';
import { type KnownChain, type KnownRuleset, type KnownTable, rulesetOf } from './ruleset.ts';
import type { EventVerb, RulesetEvent } from './ruleset-events.ts';
import { reject, unmodelled } from './source.ts';
import type { Command, Listed, Target } from './syntax.ts';
import { wordsJson, xtablesJson } from './json-words.ts';

/** What each list in JSON begins with. */
const HEAD: Json = {
  metainfo: { version: '1.1.7', release_name: 'Commodore Bullmoose #8', json_schema_version: 1 },
};

/** `list …` with -j (src/json.c `do_command_list_json`). Throws what is wrong with the command. */
export function listJson(net: NetNamespace, command: Command, style: ListStyle): Json {
  const { target } = command;
  const what = command.what as Listed;
  if (command.op === 'reset') return unmodelled('"reset" in JSON', command.at);
  const tables = wanted(rulesetOf(net), target).sort((a, b) => a.handle - b.handle);
  if (target.table && tables.length === 0) reject('No such file or directory', target.table.at);
  const found = tables.flatMap((table) => [...partsOf(table, what, target, style)]);
  if (target.name && found.length === 0) reject('No such file or directory', target.name.at);
  return { nftables: [HEAD, ...found] };
}

function wanted(ruleset: KnownRuleset, { family, familyGiven, table }: Target): KnownTable[] {
  const there = [...ruleset.values()].filter((each) => each.chains.size + each.sets.size + each.objects.size > 0 || !isTwin(ruleset, each));
  if (table) return there.filter((each) => each.family === family && each.name === table.text);
  return there.filter((each) => !familyGiven || each.family === family);
}

/** Whether the same table has another part, which iptables or nft has made. */
function isTwin(ruleset: KnownRuleset, { family, name, handle }: KnownTable): boolean {
  return [...ruleset.values()].filter((each) => each.family === family && each.name === name && each.handle === handle).length > 1;
}

function* partsOf(table: KnownTable, what: Listed, target: Target, style: ListStyle): Generator<Json> {
  const whole = what === 'ruleset' || what === 'table' || what === 'rules';
  const named = (name: string) => target.name === undefined || target.name.text === name;
  if (whole || what === 'tables') yield tableJson(table);
  const chains = [...table.chains.values()].filter(({ name }) => named(name));
  if (whole || what === 'chains' || what === 'chain') for (const chain of chains) yield chainJson(table, chain);
  for (const [object, type] of table.objects)
    if (whole || what === `${type}s` || (what === type && named(object.name))) yield namedObjectJson(table, type, object);
  for (const set of table.sets.keys()) {
    const word = set.isMap ? 'map' : 'set';
    if (whole || what === `${word}s` || (what === word && named(set.name))) yield setObjectJson(table, set, style);
  }
  if (whole || what === 'chain') for (const chain of chains) for (const { rule } of chain.rules) yield ruleJson(table, chain, rule, style);
}

function tableJson({ family, name, handle, dormant, comment }: KnownTable): Json {
  return {
    table: { family, name, handle, ...(dormant ? { flags: ['dormant'] } : {}), ...(comment === undefined ? {} : { comment }) },
  };
}

function chainJson(table: KnownTable, { name, handle, hook, comment }: KnownChain): Json {
  const head = { family: table.family, table: table.name, name, handle, ...(comment === undefined ? {} : { comment }) };
  if (!hook) return { chain: head };
  return { chain: { ...head, type: hook.type, hook: hook.hook, prio: hook.priority, policy: hook.policy } };
}

function namedObjectJson(table: KnownTable, type: ObjectType, { name, handle, comment, state }: NftObject): Json {
  const head = { family: table.family, name, table: table.name, handle, ...(comment === undefined ? {} : { comment }) };
  return { [type]: { ...head, ...objectJson(state) } };
}

const FLAGS = ['constant', 'interval', 'timeout', 'dynamic'] as const;

function setObjectJson(table: KnownTable, set: NftSet, style: ListStyle): Json {
  const { spec, name, handle } = set;
  const members: Record<string, Json> = { family: table.family, name, table: table.name };
  if (spec.typeOf) members.type = { typeof: wordsJson(spec.typeOf.key, table.family, style) };
  else members.type = spec.key.length === 1 ? (spec.key[0] as string) : [...spec.key];
  members.handle = handle;
  if (set.isMap) members.map = spec.objects ?? (spec.data?.length === 1 ? (spec.data[0] as string) : [...(spec.data ?? [])]);
  if (spec.comment !== undefined) members.comment = spec.comment;
  if (spec.policy === 'memory') members.policy = 'memory';
  if (spec.size !== undefined) members.size = spec.size;
  const flags = FLAGS.filter((flag) => spec.flags.has(flag));
  if (flags.length > 0) members.flags = flags;
  if (spec.timeout !== undefined) members.timeout = Math.floor(spec.timeout / 1_000_000);
  if (spec.gcInterval !== undefined) members['gc-interval'] = Math.floor(spec.gcInterval / 1_000_000);
  if (spec.autoMerge) members['auto-merge'] = true;
  const elements = style.terse ? [] : set.elements();
  if (elements.length > 0) members.elem = elements.map((element) => elementJson(element, set, style, style.net.kernel.events.now));
  if (spec.stateful.length > 0) members.stmt = spec.stateful.map((state) => statefulJson(state, { stateless: true }));
  return { [set.isMap ? 'map' : 'set']: members };
}

function ruleJson(table: KnownTable, chain: KnownChain, rule: Rule | NftRule, style: ListStyle): Json {
  const native = 'statements' in rule;
  const comment = native ? rule.comment : undefined;
  const expr = native ? rule.statements.map((statement) => statementJson(statement, style)) : xtablesJson(rule, table.family, style);
  const head = { family: table.family, table: table.name, chain: chain.name, handle: rule.handle };
  return { rule: { ...head, ...(comment === undefined ? {} : { comment }), expr } };
}

/** A change as `nft monitor json` tells it. */
export function eventJson(event: RulesetEvent, style: ListStyle): Json {
  return { [event.verb satisfies EventVerb]: subjectJson(event, style) };
}

function subjectJson(event: RulesetEvent, style: ListStyle): Json {
  const { table } = event;
  switch (event.kind) {
    case 'table':
      return tableJson(table);
    case 'chain':
      return chainJson(table, event.verb === 'delete' ? { ...event.chain, hook: undefined } : event.chain);
    case 'rule':
      return ruleJson(table, event.chain, event.rule.rule, style);
    case 'set':
      return setObjectJson(table, event.set, { ...style, terse: true });
    case 'element':
      return elementEvent(table, event.set, event.element, event.now, style);
    case 'object':
      return namedObjectJson(table, event.type, event.object);
  }
}

function elementEvent(table: KnownTable, set: NftSet, element: SetElement, now: number, style: ListStyle): Json {
  const elem: Json = { set: [elementJson(element, set, style, now)] };
  return { element: { family: table.family, table: table.name, name: set.name, elem } };
}
