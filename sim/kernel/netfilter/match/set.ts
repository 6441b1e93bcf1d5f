import { PLAIN_MATCH, type MatchOptions } from '../ipset/sets.ts';
import { type Given, problem, type Problem, unsigned } from '../options.ts';
import { type SetReference, setReference } from '../set-reference.ts';
import type { MatchExtension } from './match.ts';

/** `--packets-gt 5` and its kin. */
interface Comparison {
  what: 'packets' | 'bytes';
  how: 'eq' | 'lt' | 'gt';
  value: number;
  inverted: boolean;
}

interface SetTest extends SetReference {
  inverted: boolean;
  returnNomatch: boolean;
  updateCounters: boolean;
  updateSubcounters: boolean;
  comparisons: readonly Comparison[];
  options: MatchOptions;
}

const COMPARISONS = ['eq', 'lt', 'gt'] as const;

/** The set match: whether addresses and ports are in an ipset (net/netfilter/xt_set.c). */
export const set: MatchExtension<SetTest> = {
  name: 'set',
  options: [
    { name: 'match-set', arguments: 2, invert: true, onlyOnce: '--match-set can be specified only once' },
    { name: 'set', arguments: 2, invert: true },
    { name: 'return-nomatch', arguments: 0 },
    { name: 'update-counters', arguments: 0, invert: true },
    { name: 'update-subcounters', arguments: 0, invert: true },
    ...(['packets', 'bytes'] as const).flatMap((what) => COMPARISONS.map((how) => ({ name: `${what}-${how}`, invert: how === 'eq' }))),
  ],
  parse(given, context) {
    const old = given.find('set');
    if (old) context.warn('--set option deprecated, please use --match-set');
    const option = given.find('match-set') ?? old;
    if (!option) return problem("You must specify `--match-set' with proper arguments");
    const reference = setReference(option.values, context);
    if ('problem' in reference) return reference;
    const comparisons = parseComparisons(given);
    if ('problem' in comparisons) return comparisons;
    const returnNomatch = given.has('return-nomatch');
    const updateCounters = !given.find('update-counters')?.inverted;
    return {
      ...reference,
      inverted: option.inverted,
      returnNomatch,
      updateCounters,
      updateSubcounters: !given.find('update-subcounters')?.inverted,
      comparisons,
      options: matchOptions(returnNomatch, updateCounters, comparisons),
    };
  },
  sets: ({ name }) => [name],
  save: (data) => `${data.inverted ? ' !' : ''} --match-set ${text(data, '--')}`,
  list: (data) => `${data.inverted ? ' !' : ''} match-set ${text(data, '')}`,
  matches: ({ name, directions, inverted, options }, skb, state) =>
    state.net.netfilter.sets.matches(name, directions, skb, state, options) !== inverted,
};

function text(data: SetTest, dashes: string): string {
  let words = `${data.name} ${data.directions.join(',')}`;
  if (data.returnNomatch) words += ` ${dashes}return-nomatch`;
  if (!data.updateCounters) words += ` ! ${dashes}update-counters`;
  if (!data.updateSubcounters) words += ` ! ${dashes}update-subcounters`;
  for (const { what, how, value, inverted } of data.comparisons) words += `${inverted ? ' !' : ''} ${dashes}${what}-${how} ${value}`;
  return words;
}

function parseComparisons(given: Given): Comparison[] | Problem {
  const comparisons: Comparison[] = [];
  for (const what of ['packets', 'bytes'] as const) {
    const options = given.options.filter(({ name }) => name.startsWith(`${what}-`));
    if (options.length > 1) return problem(`only one of the --${what}-[eq|lt|gt] is allowed`);
    const option = options[0];
    if (!option) continue;
    const value = unsigned(option.values[0] as string, Number.MAX_SAFE_INTEGER);
    if (value === undefined) return problem(`can't parse the value for --${option.name}`);
    comparisons.push({ what, how: option.name.slice(what.length + 1) as Comparison['how'], value, inverted: option.inverted });
  }
  return comparisons;
}

function matchOptions(returnNomatch: boolean, updateCounters: boolean, comparisons: readonly Comparison[]): MatchOptions {
  if (!returnNomatch && updateCounters && comparisons.length === 0) return PLAIN_MATCH;
  if (comparisons.length === 0) return { returnNomatch, updateCounters };
  return {
    returnNomatch,
    updateCounters,
    counters: (packets, bytes) => comparisons.every((comparison) => holds(comparison, comparison.what === 'packets' ? packets : bytes)),
  };
}

function holds({ how, value, inverted }: Comparison, counter: number): boolean {
  if (how === 'eq') return (counter === value) !== inverted;
  return how === 'lt' ? counter < value : counter > value;
}
