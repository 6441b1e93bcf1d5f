import type { Errno } from '../../../base/errno.ts';
import { type Family, type HookFunction, type HookName, PRIORITY } from '../hooks.ts';
import { Chain } from './chain.ts';
import type { Rule } from './rule.ts';

/** The five tables: their built-in chains, in the order of the hooks, and at which priority they stand. */
export const TABLES = {
  mangle: { hooks: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] },
  security: { hooks: ['INPUT', 'FORWARD', 'OUTPUT'] },
  raw: { hooks: ['PREROUTING', 'OUTPUT'] },
  filter: { hooks: ['INPUT', 'FORWARD', 'OUTPUT'] },
  nat: { hooks: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'] },
} as const satisfies Record<string, { hooks: readonly HookName[] }>;
export type TableName = keyof typeof TABLES;

/** In the order in which iptables-save lists them. */
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

export function isTableName(name: string): name is TableName {
  return Object.hasOwn(TABLES, name);
}

/** At which priority a table's chain for a hook runs. */
export function priorityOf(table: TableName, hook: HookName): number {
  if (table === 'nat') return hook === 'PREROUTING' || hook === 'OUTPUT' ? PRIORITY.destinationNat : PRIORITY.sourceNat;
  return PRIORITY[table];
}

/** A table of one family: its chains, and who refers to whom. Whether the rules make sense together is `validate`'s to say. */
export class Table {
  readonly name: TableName;
  readonly family: Family;
  #chains = new Map<string, Chain>();
  /** What stands at the hooks for its built-in chains. */
  readonly hookFunctions = new Map<Chain, HookFunction>();
  /** Its number among all tables, those of nft too. */
  handle = 0;
  #lastHandle = 0;
  /** Another object each time the table is made anew, so that those who listen see that it is another. */
  incarnation: object = {};
  /** Rules in it that look at connections. */
  conntrackRules = 0;
  /** A rule was added that looks at what connections carried. */
  accounting = false;

  constructor(name: TableName, family: Family) {
    this.name = name;
    this.family = family;
    for (const hook of TABLES[name].hooks) this.#chains.set(hook, new Chain(name, hook, hook));
  }

  chain(name: string): Chain | undefined {
    return this.#chains.get(name);
  }

  /** Built-in chains by hook, then the others by name. */
  chains(): Chain[] {
    const user = [...this.#chains.values()].filter((chain) => chain.hook === undefined);
    return [...this.builtin(), ...user.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** Chains in the order in which they came to be. */
  age(): Chain[] {
    return [...this.#chains.values()].sort((a, b) => a.handle - b.handle);
  }

  /** A number for a chain or rule that comes to be now. */
  takeHandle(): number {
    return ++this.#lastHandle;
  }

  builtin(): Chain[] {
    return TABLES[this.name].hooks.map((hook) => this.#chains.get(hook) as Chain);
  }

  /** Whether any chain of it has come to be: once there, a table stays when its chains go. */
  get exists(): boolean {
    return this.#lastHandle > 0;
  }

  /** @returns EEXIST */
  newChain(name: string): Chain | Errno {
    if (this.#chains.has(name)) return 'EEXIST';
    const chain = new Chain(this.name, name);
    chain.handle = this.takeHandle();
    this.#chains.set(name, chain);
    return chain;
  }

  /** @returns EBUSY while rules lead to it; its own rules go with it */
  deleteChain(chain: Chain): Errno | undefined {
    if (chain.references > 0) return 'EBUSY';
    this.flush(chain);
    this.#chains.delete(chain.name);
    return undefined;
  }

  /** @returns EEXIST */
  renameChain(chain: Chain, name: string): Errno | undefined {
    if (this.#chains.has(name)) return 'EEXIST';
    this.#chains.delete(chain.name);
    chain.name = name;
    this.#chains.set(name, chain);
    for (const other of this.#chains.values()) other.renamed();
    return undefined;
  }

  /** Adds a rule before position `at`. A jump to a chain that is not there yet waits for `resolve`. */
  insert(chain: Chain, rule: Rule, at: number): void {
    if (rule.action.kind === 'chain') rule.action.chain = this.#chains.get(rule.action.name);
    this.#account(rule, 1);
    if (rule.handle === 0) rule.handle = this.takeHandle();
    chain.insert(rule, at);
  }

  remove(chain: Chain, at: number): void {
    this.#account(chain.remove(at), -1);
  }

  flush(chain: Chain): void {
    for (const rule of chain.clear()) this.#account(rule, -1);
  }

  /** Begins anew under another number. Its chains must be gone. */
  renew(handle: number): void {
    this.handle = handle;
    this.#lastHandle = 0;
    this.incarnation = {};
  }

  /** Finds the chain of a jump that had none when it was added; false if there is still none. */
  resolve(rule: Rule): boolean {
    if (rule.action.kind !== 'chain' || rule.action.chain) return true;
    rule.action.chain = this.#chains.get(rule.action.name);
    if (rule.action.chain) rule.action.chain.references++;
    return rule.action.chain !== undefined;
  }

  #account(rule: Rule, sign: 1 | -1): void {
    if (rule.action.kind === 'chain' && rule.action.chain) rule.action.chain.references += sign;
    if (!rule.usesConntrack) return;
    this.conntrackRules += sign;
    if (sign > 0 && rule.matches.some(({ extension }) => extension.accounting)) this.accounting = true;
  }

  /** Remembers everything; calling the result brings it back. */
  snapshot(): () => void {
    const chains = new Map(this.#chains);
    const { conntrackRules, handle, incarnation } = this;
    const lastHandle = this.#lastHandle;
    const restores = [...chains].map(([name, chain]) => {
      const restore = chain.snapshot();
      return () => {
        restore();
        chain.name = name;
      };
    });
    return () => {
      this.#chains = chains;
      this.conntrackRules = conntrackRules;
      this.handle = handle;
      this.incarnation = incarnation;
      this.#lastHandle = lastHandle;
      for (const restore of restores) restore();
    };
  }
}
