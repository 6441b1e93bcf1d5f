import type { HookName } from '../hooks.ts';
import { Program } from './program.ts';
import type { Rule } from './rule.ts';

/** A chain of rules. Those with a hook are built in and have a policy. */
export class Chain {
  name: string;
  readonly table: string;
  readonly hook: HookName | undefined;
  policy: 'ACCEPT' | 'DROP' = 'ACCEPT';
  /** Built-in chains stand at their hooks only from the first use on. */
  active: boolean;
  /** Its number among the chains and rules of its table, which are counted in one row. */
  handle = 0;
  /** Of packets that the policy decided about. */
  packets = 0;
  bytes = 0;
  /** Made only because there was none of this name (NLM_F_EXCL), as those who listen are told. */
  exclusive = false;
  /** Its policy was set when it came to life. */
  policyGiven = false;
  /** How often its counters were set to zero. */
  zeroed = 0;
  /** Rules that jump or go here. */
  references = 0;
  #rules: Rule[] = [];
  #program: Program | undefined;

  constructor(table: string, name: string, hook?: HookName) {
    this.table = table;
    this.name = name;
    this.hook = hook;
    this.active = hook === undefined;
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Adds a rule before the one at `at`, which may be the end. */
  insert(rule: Rule, at: number): void {
    if (at === this.#rules.length) this.#rules.push(rule);
    else this.#rules.splice(at, 0, rule);
    this.#program = undefined;
  }

  remove(at: number): Rule {
    this.#program = undefined;
    return this.#rules.splice(at, 1)[0] as Rule;
  }

  /** Takes all rules out. */
  clear(): Rule[] {
    const rules = this.#rules;
    this.#rules = [];
    this.#program = undefined;
    return rules;
  }

  /** Remembers rules, policy and counters; calling the result brings them back. */
  snapshot(): () => void {
    const rules = [...this.#rules];
    const { policy, packets, bytes, references } = this;
    return () => {
      this.#rules = rules;
      this.#program = undefined;
      Object.assign(this, { policy, packets, bytes, references });
    };
  }

  /** To be called when something that its trace texts show has changed: a chain's name. */
  renamed(): void {
    this.#program = undefined;
  }

  /** The rules in the form that packets run through; made when the first packet comes after a change. */
  get program(): Program {
    this.#program ??= new Program(this.table, this.name, this.#rules);
    return this.#program;
  }
}
