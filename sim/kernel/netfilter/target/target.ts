import type { Errno } from '../../../base/errno.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookState } from '../hooks.ts';
import type { Placement } from '../match/match.ts';
import type { Given, ListContext, OptionSpec, ParseContext, Problem } from '../options.ts';

/** What becomes of the packet: `continue` with the next rule, or a verdict. */
export type TargetVerdict = 'continue' | 'accept' | 'drop' | 'return' | 'stolen';

/** A kind of target (struct xtables_target, struct xt_target). `T` is what its options become. */
export interface TargetExtension<T = unknown> {
  readonly name: string;
  readonly family?: Family;
  readonly options: readonly OptionSpec[];
  readonly conntrack?: boolean;
  /** The name that `-L` shows, where it is another. */
  readonly listedAs?: string;
  parse(given: Given, context: ParseContext): T | Problem;
  /** What the kernel refuses when the rule is added. */
  check?(data: T, place: Placement): Errno | undefined;
  /** The options as a rule is saved, with a space before each; without `-j NAME`. */
  save(data: T): string;
  /** As `-L` shows it, with a space before. */
  list(data: T, context: ListContext): string;
  /** The ipsets that it changes, by name. */
  sets?(data: T): string[];
  evaluate(data: T, skb: Skb, state: HookState): TargetVerdict;
}

/** A target of a rule that is neither a chain nor empty. */
export interface Target {
  readonly extension: TargetExtension;
  readonly data: unknown;
}
