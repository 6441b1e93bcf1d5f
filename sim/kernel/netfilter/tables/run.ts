import type { Rule } from './rule.ts';

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
}

/** Fewer rules than this are walked one by one. */
export const MIN_RUN = 8;

/** For each rule the run that it is part of; `undefined` when there is none. */
export function findRuns(rules: readonly Rule[]): (Run | undefined)[] | undefined {
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
    if (to - from >= MIN_RUN && to - from > (best ? best.to - best.from : 0)) best = { key, from, to, rules: new Map() };
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
