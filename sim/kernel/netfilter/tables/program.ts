import { PassageTexts } from './passage.ts';
import type { Rule } from './rule.ts';
import { findRuns, MIN_RUN, type Run } from './run.ts';

/** A chain as packets run through it. */
export class Program {
  readonly rules: readonly Rule[];
  /** For each rule the run that it is part of; absent when the chain has none. */
  readonly runs: readonly (Run | undefined)[] | undefined;
  /** What the trace says about them. */
  readonly texts: PassageTexts;

  constructor(table: string, chain: string, rules: readonly Rule[]) {
    this.rules = rules;
    this.runs = rules.length < MIN_RUN ? undefined : findRuns(rules);
    this.texts = new PassageTexts(table, chain, rules, (index) => this.runs?.[index]?.key);
  }
}
