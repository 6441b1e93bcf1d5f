import type { Trace } from '../../../base/trace.ts';
import type { Rule } from './rule.ts';
import { MISMATCH } from './rule.ts';
import { saveRule } from './save.ts';

/** What an index tells rules apart by. */
export type RunKey = 'source' | 'destination' | 'port';

/**
 * Neighbouring rules that each ask for one exact address or port: only those with the packet's own can match, and the others need
 * not be looked at. This changes neither counters nor order.
 */
export interface Run {
  key: RunKey;
  /** The first rule and the one behind the last. */
  from: number;
  to: number;
  /** Rules by address or by `protocol << 16 | port`, ascending. */
  rules: Map<number, number[]>;
  /** What the trace calls stretches of it that were passed over. */
  skipped: Map<number, number>;
  /** The latest of them. */
  lastFrom: number;
  lastTo: number;
  lastIndex: number;
}

/** Fewer rules than this are walked one by one. */
const MIN_RUN = 8;

/** A chain as packets run through it. */
export class Program {
  readonly rules: readonly Rule[];
  /** For each rule the run that it is part of; absent when the chain has none. */
  readonly runs: readonly (Run | undefined)[] | undefined;
  readonly #table: string;
  readonly #chain: string;
  readonly #matched: (string | undefined)[] = [];
  readonly #unmatched = new Map<number, Map<number, number>>();
  /** The numbers that the trace has given the texts above. */
  readonly #matchedIndexes: number[] = [];
  #lastFrom = -1;
  #lastReasons = -1;
  #lastIndex = 0;

  constructor(table: string, chain: string, rules: readonly Rule[]) {
    this.rules = rules;
    this.#table = table;
    this.#chain = chain;
    this.runs = rules.length < MIN_RUN ? undefined : findRuns(rules);
  }

  /** `TABLE CHAIN INDEX: RULE`. */
  matchedText(index: number): string {
    let text = this.#matched[index];
    if (text === undefined) {
      text = `${this.#table} ${this.#chain} ${index + 1}: ${saveRule(this.rules[index] as Rule)}`;
      this.#matched[index] = text;
    }
    return text;
  }

  /** The number of `matchedText` in a trace. */
  matchedIndex(trace: Trace, index: number): number {
    return this.#matchedIndexes[index] ?? this.#matchedIndex(trace, index);
  }

  #matchedIndex(trace: Trace, index: number): number {
    const made = trace.textIndex(this.matchedText(index));
    this.#matchedIndexes[index] = made;
    return made;
  }

  /** The number of `unmatchedText` in a trace. */
  unmatchedIndex(trace: Trace, from: number, reasons: number): number {
    return from === this.#lastFrom && reasons === this.#lastReasons ? this.#lastIndex : this.#unmatchedIndex(trace, from, reasons);
  }

  #unmatchedIndex(trace: Trace, from: number, reasons: number): number {
    let byReasons = this.#unmatched.get(from);
    if (!byReasons) {
      byReasons = new Map();
      this.#unmatched.set(from, byReasons);
    }
    let index = byReasons.get(reasons);
    if (index === undefined) {
      index = trace.textIndex(this.unmatchedText(from, reasons));
      byReasons.set(reasons, index);
    }
    this.#lastFrom = from;
    this.#lastReasons = reasons;
    this.#lastIndex = index;
    return index;
  }

  /**
   * A line for each rule from `from` on that did not match, and why.
   * @param reasons `MISMATCH` values as hexadecimal digits, the first rule's highest, behind a leading 1
   */
  unmatchedText(from: number, reasons: number): string {
    return [...reasons.toString(16).slice(1)]
      .map((digit, i) => `${this.matchedText(from + i)} (no match: ${this.#reason(from + i, Number.parseInt(digit, 16))})`)
      .join('\n');
  }

  /** The number of `skippedText` in a trace. */
  skippedIndex(trace: Trace, from: number, to: number, run: Run): number {
    return from === run.lastFrom && to === run.lastTo ? run.lastIndex : this.#skippedIndex(trace, from, to, run);
  }

  #skippedIndex(trace: Trace, from: number, to: number, run: Run): number {
    const key = from * 0x100_0000 + to;
    let index = run.skipped.get(key);
    if (index === undefined) {
      index = trace.textIndex(this.skippedText(from, to, run.key));
      run.skipped.set(key, index);
    }
    run.lastFrom = from;
    run.lastTo = to;
    run.lastIndex = index;
    return index;
  }

  /** One line for rules [from, to) that an index passed over. */
  skippedText(from: number, to: number, key: RunKey): string {
    const range = to - from === 1 ? String(from + 1) : `${from + 1}-${to}`;
    return `${this.#table} ${this.#chain} ${range}: (no match: ${key === 'port' ? 'protocol or port' : key})`;
  }

  #reason(index: number, code: number): string {
    if (code >= MISMATCH.match) return this.rules[index]?.matches[code - MISMATCH.match]?.extension.name ?? 'match';
    return Object.entries(MISMATCH).find(([, value]) => value === code)?.[0] ?? '';
  }
}

export function programOf(table: string, chain: string, rules: readonly Rule[]): Program {
  return new Program(table, chain, rules);
}

function findRuns(rules: readonly Rule[]): (Run | undefined)[] | undefined {
  const runs: (Run | undefined)[] = new Array(rules.length).fill(undefined);
  let any = false;
  for (let from = 0; from < rules.length; ) {
    const run = longestRun(rules, from);
    if (!run) {
      from++;
      continue;
    }
    any = true;
    for (let i = run.from; i < run.to; i++) runs[i] = run;
    from = run.to;
  }
  return any ? runs : undefined;
}

function longestRun(rules: readonly Rule[], from: number): Run | undefined {
  let best: Run | undefined;
  for (const key of ['destination', 'source', 'port'] as const) {
    let to = from;
    while (to < rules.length && keyOf(rules[to] as Rule, key) !== undefined) to++;
    if (to - from >= MIN_RUN && to - from > (best ? best.to - best.from : 0))
      best = { key, from, to, rules: new Map(), skipped: new Map(), lastFrom: -1, lastTo: -1, lastIndex: 0 };
  }
  if (!best) return undefined;
  for (let i = best.from; i < best.to; i++) {
    const value = keyOf(rules[i] as Rule, best.key) as number;
    const list = best.rules.get(value);
    if (list) list.push(i);
    else best.rules.set(value, [i]);
  }
  return best;
}

/** The one value that a rule asks for, or `undefined` if it could match others. */
function keyOf(rule: Rule, key: RunKey): number | undefined {
  if (key === 'source') return rule.sourceMask === -1 && !rule.sourceInverted ? rule.source : undefined;
  if (key === 'destination') return rule.destinationMask === -1 && !rule.destinationInverted ? rule.destination : undefined;
  if (rule.protocolInverted || (rule.protocol !== 6 && rule.protocol !== 17)) return undefined;
  for (const { extension, data } of rule.matches) {
    if (extension.name !== 'tcp' && extension.name !== 'udp') continue;
    const { destinationPorts } = data as { destinationPorts?: { min: number; max: number; inverted: boolean } };
    if (destinationPorts && !destinationPorts.inverted && destinationPorts.min === destinationPorts.max)
      return (rule.protocol << 16) | destinationPorts.min;
  }
  return undefined;
}
