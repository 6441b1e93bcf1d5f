import type { Micros } from '../../base/time.ts';
import type { NftSet, SetElement } from '../../kernel/netfilter/nftables/set.ts';
import { type NftObject, setsOf } from '../../kernel/netfilter/nftables/statement.ts';
import type { ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { KnownChain, KnownRule, KnownRuleset, KnownTable } from './ruleset.ts';

/** How something came or went, in the words of `nft monitor`. */
export type EventVerb = 'add' | 'insert' | 'create' | 'delete';

/** A change of the rules as NFNLGRP_NFTABLES tells it: NFT_MSG_NEW… or, with the verb `delete`, NFT_MSG_DEL…. */
export type RulesetEvent = { verb: EventVerb; table: KnownTable } & (
  | { kind: 'table' }
  | { kind: 'chain'; chain: KnownChain }
  /** `position`: the handle of the rule before it, if it is neither the first nor the last. */
  | { kind: 'rule'; chain: KnownChain; rule: KnownRule; position: number | undefined }
  | { kind: 'set'; set: NftSet }
  /** `now`: when it was told, since elements show how long they will stay. */
  | { kind: 'element'; set: NftSet; element: SetElement; now: Micros }
  | { kind: 'object'; type: ObjectType; object: NftObject }
);

/**
 * What has changed between two moments, nearly in the order in which the kernel tells it: what is gone first, then what is new by the
 * numbers that it was given, so in the order of the commands.
 */
export function rulesetEvents(before: KnownRuleset, after: KnownRuleset, now: Micros): RulesetEvent[] {
  const events: RulesetEvent[] = [];
  const gone = [...before].filter(([key]) => !after.has(key));
  for (const [, table] of gone) {
    const twin = twinOf(after, table);
    events.push(...tableGone(table, !twin || twin.handle !== table.handle));
  }
  for (const [key, table] of after) {
    const old = before.get(key);
    if (!old) events.push(...tableNew(table, !twinOf(before, table) || twinGone(gone, table), now));
    else events.push(...tableChanged(old, table, now));
  }
  return events;
}

function twinGone(gone: readonly (readonly [object, KnownTable])[], { family, name, handle }: KnownTable): boolean {
  return gone.some(([, table]) => table.family === family && table.name === name && table.handle !== handle);
}

/** iptables' part and nft's part of one table are one to those who listen. */
function twinOf(ruleset: KnownRuleset, { family, name }: KnownTable): KnownTable | undefined {
  for (const table of ruleset.values()) if (table.family === family && table.name === name) return table;
  return undefined;
}

function* tableGone(table: KnownTable, whole: boolean): Generator<RulesetEvent> {
  for (const chain of table.chains.values()) yield* rulesGone(table, chain, chain.rules);
  for (const set of table.sets.keys()) yield { verb: 'delete', kind: 'set', table, set };
  for (const [object, type] of table.objects) yield { verb: 'delete', kind: 'object', table, type, object };
  for (const chain of table.chains.values()) yield { verb: 'delete', kind: 'chain', table, chain };
  if (whole) yield { verb: 'delete', kind: 'table', table };
}

function* rulesGone(table: KnownTable, chain: KnownChain, rules: readonly KnownRule[]): Generator<RulesetEvent> {
  for (const rule of rules) {
    yield { verb: 'delete', kind: 'rule', table, chain, rule, position: undefined };
    if ('statements' in rule.rule)
      for (const set of rule.rule.statements.flatMap(setsOf)) if (set.anonymous) yield { verb: 'delete', kind: 'set', table, set };
  }
}

function* tableNew(table: KnownTable, whole: boolean, now: Micros): Generator<RulesetEvent> {
  if (whole) yield { verb: table.exclusive ? 'create' : 'add', kind: 'table', table };
  yield* inOrder(table, { ...table, chains: new Map(), sets: new Map(), objects: new Map() }, now);
}

function* tableChanged(old: KnownTable, table: KnownTable, now: Micros): Generator<RulesetEvent> {
  if (old.dormant !== table.dormant) yield { verb: 'add', kind: 'table', table };
  for (const [key, chain] of old.chains) {
    const now = table.chains.get(key);
    const replaced = new Set(now?.rules.map(({ handle }) => handle));
    const kept = new Set(now?.rules.map(({ rule }) => rule));
    // One that another took the place of goes just before the other comes.
    const gone = chain.rules.filter(({ rule, handle }) => !kept.has(rule) && (!now || !replaced.has(handle)));
    yield* rulesGone(old, chain, gone);
  }
  for (const [set, elements] of old.sets) {
    const kept = new Set(table.sets.get(set));
    if (!table.sets.has(set)) yield { verb: 'delete', kind: 'set', table: old, set };
    else {
      // Those whose time is up go without a word.
      const gone = elements.filter((element) => !kept.has(element) && (element.expires ?? now) >= now);
      for (const element of gone) yield { verb: 'delete', kind: 'element', table: old, set, element, now };
    }
  }
  for (const [object, type] of old.objects)
    if (!table.objects.has(object)) yield { verb: 'delete', kind: 'object', table: old, type, object };
  for (const [key, chain] of old.chains) if (!table.chains.has(key)) yield { verb: 'delete', kind: 'chain', table: old, chain };
  yield* inOrder(table, old, now);
}

/** What a table has that it had not, by handle: chains, rules, sets and objects are numbered in one row. */
function* inOrder(table: KnownTable, old: KnownTable, now: Micros): Generator<RulesetEvent> {
  const events: { order: number; event: RulesetEvent }[] = [];
  const push = (order: number, event: RulesetEvent) => events.push({ order, event });
  for (const [object, type] of table.objects)
    if (!old.objects.has(object)) push(object.handle, { verb: 'add', kind: 'object', table, type, object });
  for (const [set, elements] of table.sets) {
    const had = old.sets.get(set);
    if (!had) push(set.handle, { verb: set.exclusive ? 'create' : 'add', kind: 'set', table, set });
    const known = new Set(had);
    const fresh = elements.filter((element) => !known.has(element)).sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
    const order = had ? Number.MAX_SAFE_INTEGER : set.handle;
    for (const element of fresh) push(order, { verb: 'add', kind: 'element', table, set, element, now });
  }
  for (const [key, chain] of table.chains) {
    const had = old.chains.get(key);
    for (const event of chainEvents(table, chain, had)) push(had ? 0 : chain.handle, event);
    for (const { order, event } of newRules(table, chain, had?.rules ?? [])) push(order, event);
  }
  yield* events.sort((a, b) => a.order - b.order).map(({ event }) => event);
}

function* chainEvents(table: KnownTable, chain: KnownChain, had: KnownChain | undefined): Generator<RulesetEvent> {
  const { hook } = chain;
  if (!had) {
    // iptables makes the chain and sets its policy in two steps.
    if (hook && chain.policyGiven) yield { verb: 'add', kind: 'chain', table, chain: { ...chain, hook: { ...hook, policy: 'accept' } } };
    yield { verb: chain.exclusive ? 'create' : 'add', kind: 'chain', table, chain };
  } else if (had.name !== chain.name || had.hook?.policy !== hook?.policy || (hook && had.zeroed !== chain.zeroed))
    yield { verb: 'add', kind: 'chain', table, chain };
}

function* newRules(table: KnownTable, chain: KnownChain, had: readonly KnownRule[]): Generator<{ order: number; event: RulesetEvent }> {
  const known = new Set(had.map(({ rule }) => rule));
  for (const [at, rule] of chain.rules.entries()) {
    if (known.has(rule.rule)) continue;
    const replaced = had.find(({ handle }) => handle === rule.handle);
    if (replaced) {
      const event: RulesetEvent = { verb: 'delete', kind: 'rule', table, chain, rule: replaced, position: undefined };
      yield { order: Number.MAX_SAFE_INTEGER, event };
    }
    const position = at > 0 && at < chain.rules.length - 1 ? chain.rules[at - 1]?.handle : undefined;
    const verb = rule.rule.inserted ? 'insert' : 'add';
    yield { order: replaced ? Number.MAX_SAFE_INTEGER : rule.handle, event: { verb, kind: 'rule', table, chain, rule, position } };
  }
}
