import type { Trace } from '../../../base/trace.ts';
import { MISMATCH, type Rule } from './rule.ts';
import type { RunKey } from './run.ts';
import { saveRule } from './save.ts';

/**
 * Rules that a packet met one after the other without matching, as one number: behind a leading 1 a hexadecimal digit for each rule, what
 * of it did not fit (a `MISMATCH`); a 0 and five digits for rules that an index passed over, how many. The number stays exact up to 13
 * digits.
 */
export type Passage = number;

export const NONE_PASSED: Passage = 1;

const DIGIT = 16;
const SKIP = 16 ** 6;
/** Rules that one step of a passage may skip. */
export const MOST_SKIPPED = 16 ** 5 - 1;
/** Passages from these sizes on have no room for another rule, or for another stretch of skipped ones. */
export const FULL: Passage = 16 ** 12 * 2;
export const FULL_FOR_SKIP: Passage = 16 ** 7 * 2;

/** A passage and one more rule that did not match. */
export function withMismatch(passage: Passage, mismatch: number): Passage {
  return passage * DIGIT + (mismatch < DIGIT ? mismatch : DIGIT - 1);
}

/** A passage and some more rules that an index passed over. */
export function withSkipped(passage: Passage, rules: number): Passage {
  return passage * SKIP + rules;
}

/** The texts under which a passage was told last, by the rule that it ends before: most packets come in flows that take the same way. */
class Told {
  readonly #passages: Passage[] = [];
  readonly #last: number[] = [];
  readonly #indexes: (Map<Passage, number> | undefined)[] = [];

  /** The number of the text in the trace, or -1. */
  find(end: number, passage: Passage): number {
    if (this.#passages[end] === passage) return this.#last[end] as number;
    return this.#indexes[end]?.get(passage) ?? -1;
  }

  add(end: number, passage: Passage, index: number): number {
    const before = this.#passages[end];
    if (before !== undefined) {
      this.#indexes[end] ??= new Map([[before, this.#last[end] as number]]);
      this.#indexes[end]?.set(passage, index);
    }
    this.#passages[end] = passage;
    this.#last[end] = index;
    return index;
  }
}

/** What a trace says about the rules of one chain. */
export class PassageTexts {
  readonly #table: string;
  readonly #chain: string;
  readonly #rules: readonly Rule[];
  /** What the index that passes over a rule goes by. */
  readonly #keyAt: (index: number) => RunKey | undefined;
  readonly #texts: (string | undefined)[] = [];
  readonly #unmatched = new Told();
  readonly #matched = new Told();

  constructor(table: string, chain: string, rules: readonly Rule[], keyAt: (index: number) => RunKey | undefined) {
    this.#table = table;
    this.#chain = chain;
    this.#rules = rules;
    this.#keyAt = keyAt;
  }

  /** The number in a trace of the text for a rule that matched behind a passage: a line for each. */
  matched(trace: Trace, index: number, passage: Passage): number {
    const told = this.#matched.find(index, passage);
    if (told >= 0) return told;
    const lines = [...this.#linesOf(index, passage), this.#ruleText(index)];
    return this.#matched.add(index, passage, trace.textIndex(lines.join('\n')));
  }

  /** The number in a trace of the text for a passage that ends before a rule. */
  unmatched(trace: Trace, end: number, passage: Passage): number {
    const told = this.#unmatched.find(end, passage);
    if (told >= 0) return told;
    return this.#unmatched.add(end, passage, trace.textIndex(this.#linesOf(end, passage).join('\n')));
  }

  #linesOf(end: number, passage: Passage): string[] {
    const steps = stepsOf(passage);
    let index = end - steps.reduce((sum, { rules }) => sum + rules, 0);
    return steps.map(({ rules, mismatch }) => {
      const line = mismatch === MISMATCH.none ? this.#skippedText(index, index + rules) : this.#unmatchedText(index, mismatch);
      index += rules;
      return line;
    });
  }

  /** `TABLE CHAIN NUMBER: RULE`. */
  #ruleText(index: number): string {
    this.#texts[index] ??= `${this.#table} ${this.#chain} ${index + 1}: ${saveRule(this.#rules[index] as Rule)}`;
    return this.#texts[index] as string;
  }

  #unmatchedText(index: number, mismatch: number): string {
    return `${this.#ruleText(index)} (no match: ${this.#reason(index, mismatch)})`;
  }

  #skippedText(from: number, to: number): string {
    const range = to - from === 1 ? String(from + 1) : `${from + 1}-${to}`;
    const key = this.#keyAt(from);
    return `${this.#table} ${this.#chain} ${range}: (no match: ${key === 'port' ? 'protocol or port' : key})`;
  }

  #reason(index: number, code: number): string {
    if (code >= MISMATCH.match) return this.#rules[index]?.matches[code - MISMATCH.match]?.extension.name ?? 'match';
    return Object.entries(MISMATCH).find(([, value]) => value === code)?.[0] ?? '';
  }
}

/** A passage, step by step: one rule and what of it did not fit, or a stretch that was skipped (`MISMATCH.none`). */
function stepsOf(passage: Passage): { rules: number; mismatch: number }[] {
  const steps = [];
  for (let rest = passage.toString(16).slice(1); rest !== ''; ) {
    const mismatch = Number.parseInt(rest.slice(0, 1), 16);
    const skipped = mismatch === MISMATCH.none;
    steps.push({ rules: skipped ? Number.parseInt(rest.slice(1, 6), 16) : 1, mismatch });
    rest = rest.slice(skipped ? 6 : 1);
  }
  return steps;
}
