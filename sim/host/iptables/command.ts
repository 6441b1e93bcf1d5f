import type { AddressSpec, RuleAction, RuleHeader } from '../../kernel/netfilter/tables/rule.ts';
import { Rule } from '../../kernel/netfilter/tables/rule.ts';
import type { Match } from '../../kernel/netfilter/match/match.ts';

export type CommandName =
  | 'append'
  | 'check'
  | 'delete'
  | 'delete-number'
  | 'insert'
  | 'replace'
  | 'list'
  | 'list-rules'
  | 'flush'
  | 'zero'
  | 'new-chain'
  | 'delete-chain'
  | 'rename-chain'
  | 'policy';

/** Its letter, and its long name as messages have it. */
export const LETTERS: Record<CommandName, string> = {
  append: 'A',
  check: 'C',
  delete: 'D',
  'delete-number': 'D',
  insert: 'I',
  replace: 'R',
  list: 'L',
  'list-rules': 'S',
  flush: 'F',
  zero: 'Z',
  'new-chain': 'N',
  'delete-chain': 'X',
  'rename-chain': 'E',
  policy: 'P',
};

/** What a rule is made from; one for each pair of source and destination that was given. */
export interface RuleSpec {
  header: Omit<RuleHeader, 'source' | 'destination'>;
  sources: readonly (AddressSpec | undefined)[];
  destinations: readonly (AddressSpec | undefined)[];
  matches: readonly Match[];
  action: RuleAction;
  counters: { packets: number; bytes: number } | undefined;
}

/** One call of iptables, or one line of iptables-restore, understood. */
export interface Command {
  name: CommandName;
  table: string;
  family: 4 | 6;
  /** Absent where it means all chains. */
  chain: string | undefined;
  number: number;
  newName: string;
  policy: string;
  rule: RuleSpec;
  /** `-L -Z` and `-S -Z`: set the counters to zero afterwards. */
  zeroAfterwards: boolean;
  verbose: number;
  numeric: boolean;
  exact: boolean;
  lineNumbers: boolean;
  /** What goes to standard error besides. */
  warnings: readonly string[];
}

/** The rules of a specification. */
export function rulesOf(spec: RuleSpec): Rule[] {
  const rules: Rule[] = [];
  for (const source of spec.sources) {
    for (const destination of spec.destinations) {
      const { action } = spec;
      const rule = new Rule({ ...spec.header, source, destination }, spec.matches, action.kind === 'chain' ? { ...action } : action);
      if (spec.counters) Object.assign(rule, spec.counters);
      rules.push(rule);
    }
  }
  return rules;
}

/** The extensions that were named before help was asked for. */
export interface HelpTopics {
  /** `standard` for a verdict. */
  target: { name: string; standard: boolean } | undefined;
  matches: readonly string[];
}

/** Asks for the version or the help text, which are the caller's. */
export type Shown = { show: 'version' } | { show: 'help'; topics: HelpTopics };

/** A line for the other family, which is left out. */
export interface Ignored {
  ignored: true;
}
