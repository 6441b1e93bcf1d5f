import type { Trace } from '../../../base/trace.ts';
import type { HookFunction, HookName } from '../hooks.ts';
import type { NftRule } from './rule.ts';
import type { NftTable } from './table.ts';

/** Where a base chain stands. */
export interface BaseHook {
  type: 'filter' | 'nat' | 'route';
  hook: HookName;
  priority: number;
  /** As devices are named; only for hooks that modelled families don't have. */
  policy: 'accept' | 'drop';
}

/** A chain; with a hook it is a base chain (struct nft_chain, struct nft_base_chain). */
export class NftChain {
  readonly table: NftTable;
  name: string;
  handle = 0;
  base: BaseHook | undefined;
  comment: string | undefined;
  /** Made only because there was none of this name (NLM_F_EXCL), as those who listen are told. */
  exclusive = false;
  rules: NftRule[] = [];
  /** Rules and elements of maps that jump or go here. */
  references = 0;
  /** What stands at the hooks for it. */
  run: HookFunction | undefined;
  #policyIndex = 0;
  #label = '';

  constructor(table: NftTable, name: string, base: BaseHook | undefined) {
    this.table = table;
    this.name = name;
    this.base = base;
  }

  /** `FAMILY TABLE CHAIN`, as the trace begins its texts. */
  get label(): string {
    if (this.#label === '') this.#label = `${this.table.family} ${this.table.name} ${this.name}`;
    return this.#label;
  }

  /** To be called when rules, names or the policy have changed. */
  changed(): void {
    this.#label = '';
    this.#policyIndex = 0;
    for (const [index, rule] of this.rules.entries()) rule.moved(index);
  }

  /** The number of the text that says that the policy dropped a packet. */
  policyIndex(trace: Trace): number {
    this.#policyIndex ||= trace.textIndex(`${this.label} policy: policy drop`);
    return this.#policyIndex;
  }
}
