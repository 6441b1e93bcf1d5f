import type { NftChain } from '../../kernel/netfilter/nftables/chain.ts';
import type { NftRule } from '../../kernel/netfilter/nftables/rule.ts';
import type { NftSet, SetElement } from '../../kernel/netfilter/nftables/set.ts';
import type { NftObject } from '../../kernel/netfilter/nftables/statement.ts';
import { type NftFamily, type NftTable, OBJECT_TYPES, type ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { Chain } from '../../kernel/netfilter/tables/chain.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import { priorityOf, type Table } from '../../kernel/netfilter/tables/table.ts';
import type { NetNamespace } from '../../kernel/netns.ts';

/** A base chain's place. */
export interface ChainHook {
  type: string;
  /** As nft writes it: `prerouting`. */
  hook: string;
  priority: number;
  policy: 'accept' | 'drop';
}

/** A rule of either kind, as it stood in its chain. */
export interface KnownRule {
  rule: Rule | NftRule;
  handle: number;
}

export interface KnownChain {
  name: string;
  handle: number;
  hook: ChainHook | undefined;
  comment: string | undefined;
  rules: readonly KnownRule[];
  /** Whether its policy was set as it came to life. */
  policyGiven: boolean;
  exclusive: boolean;
  /** How often its counters were set to zero. */
  zeroed: number;
  /** Rules and elements that lead to it. */
  references: number;
}

/** A table with what is in it, as it was at one moment. iptables' tables and those of nft are alike here. */
export interface KnownTable {
  family: NftFamily;
  name: string;
  handle: number;
  dormant: boolean;
  exclusive: boolean;
  comment: string | undefined;
  chains: ReadonlyMap<object, KnownChain>;
  sets: ReadonlyMap<NftSet, readonly SetElement[]>;
  objects: ReadonlyMap<NftObject, ObjectType>;
}

/** All tables by the objects that they are. */
export type KnownRuleset = ReadonlyMap<object, KnownTable>;

/** What the rules of a namespace are now. */
export function rulesetOf({ netfilter }: NetNamespace): KnownRuleset {
  const tables = new Map<object, KnownTable>();
  for (const family of [4, 6] as const)
    for (const table of netfilter.tablesMade(family)) tables.set(table.incarnation, knownXtables(table));
  if (netfilter.hasNftables)
    for (const table of netfilter.nftables.list()) {
      const twin = [...tables.values()].find(({ family, name }) => family === table.family && name === table.name);
      tables.set(table, { ...knownTable(table), handle: twin?.handle ?? table.handle });
    }
  return tables;
}

function knownXtables(table: Table): KnownTable {
  const chains = new Map<object, KnownChain>();
  const chainsByAge = table.age().filter((chain) => chain.active);
  // Those at hooks go first.
  const isUser = (chain: Chain) => (chain.hook === undefined ? 1 : 0);
  for (const chain of chainsByAge.sort((a, b) => isUser(a) - isUser(b))) chains.set(chain, knownXtablesChain(table, chain));
  return {
    family: table.family === 4 ? 'ip' : 'ip6',
    name: table.name,
    handle: table.handle,
    dormant: false,
    exclusive: false,
    comment: undefined,
    chains,
    sets: new Map(),
    objects: new Map(),
  };
}

function knownXtablesChain(table: Table, chain: Chain): KnownChain {
  const { name, handle, hook, policyGiven, exclusive, references, zeroed } = chain;
  const type = table.name === 'nat' ? 'nat' : table.name === 'mangle' && hook === 'OUTPUT' ? 'route' : 'filter';
  return {
    name,
    handle,
    comment: undefined,
    hook: hook && {
      type,
      hook: hook.toLowerCase(),
      priority: priorityOf(table.name, hook),
      policy: chain.policy === 'ACCEPT' ? 'accept' : 'drop',
    },
    rules: chain.rules.map((rule) => ({ rule, handle: rule.handle })),
    policyGiven,
    exclusive,
    references,
    zeroed,
  };
}

function knownTable(table: NftTable): KnownTable {
  const { family, name, handle, dormant, exclusive, comment } = table;
  const chains = new Map<object, KnownChain>();
  for (const chain of table.chains.values()) chains.set(chain, knownChain(chain));
  const sets = new Map<NftSet, readonly SetElement[]>();
  for (const set of table.sets.values()) if (!set.anonymous) sets.set(set, told(set));
  const objects = new Map<NftObject, ObjectType>();
  for (const type of OBJECT_TYPES) for (const object of table.objects[type].values()) objects.set(object, type);
  return { family, name, handle, dormant, exclusive, comment, chains, sets, objects };
}

function knownChain({ name, handle, base, rules, exclusive, references, comment }: NftChain): KnownChain {
  return {
    name,
    handle,
    comment,
    hook: base && { type: base.type, hook: base.hook.toLowerCase(), priority: base.priority, policy: base.policy },
    rules: rules.map((rule) => ({ rule, handle: rule.handle })),
    policyGiven: false,
    exclusive,
    references,
    zeroed: 0,
  };
}

/** Elements that commands have put there; of those that rules add nobody is told. */
function told(set: NftSet): SetElement[] {
  return set.elements().filter(({ learned }) => !learned);
}
