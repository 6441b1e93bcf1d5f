import type { Errno } from '../../../base/errno.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookName, HookState } from '../hooks.ts';
import type { Given, ListContext, OptionSpec, ParseContext, Problem } from '../options.ts';

/** Where a rule stands, for what the kernel checks when it is added (struct xt_mtchk_param). */
export interface Placement {
  table: string;
  family: Family;
  /** The hooks that its chain is reached from; a user chain that nothing leads to has none. */
  hooks: ReadonlySet<HookName>;
  protocol: number;
  protocolInverted: boolean;
}

/**
 * A kind of match (struct xtables_match, struct xt_match): how it is written and what it tests. `T` is what its options become.
 */
export interface MatchExtension<T = unknown> {
  readonly name: string;
  /** Exists for one family only. */
  readonly family?: Family;
  readonly options: readonly OptionSpec[];
  /** Its test needs connection tracking. */
  readonly conntrack?: boolean;
  /** It looks at what connections carried, so a rule with it turns net.netfilter.nf_conntrack_acct on. */
  readonly accounting?: boolean;
  parse(given: Given, context: ParseContext): T | Problem;
  /** Several of them in one rule become one, whose words are the last given (what iptables makes of expressions that it reads back). */
  join?(first: T, second: T): T;
  /** What the kernel refuses when the rule is added. */
  check?(data: T, place: Placement): Errno | undefined;
  /** The options as a rule is saved, with a space before each; without `-m NAME`. */
  save(data: T): string;
  /** As `-L` shows it, with a space before. */
  list(data: T, context: ListContext): string;
  /** The ipsets that it asks, by name. */
  sets?(data: T): string[];
  matches(data: T, skb: Skb, state: HookState): boolean;
}

/** A match of a rule. */
export interface Match {
  readonly extension: MatchExtension;
  readonly data: unknown;
}
