import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

/** What the set match asks of a namespace's ipsets; whoever has them registers itself as `Netfilter.sets`. */
export interface SetLookup {
  has(name: string): boolean;
  /** @param directions `src` or `dst` for each part of an element */
  test(name: string, directions: readonly ('src' | 'dst')[], skb: Skb, state: HookState): boolean;
}

interface SetTest {
  name: string;
  directions: readonly ('src' | 'dst')[];
  inverted: boolean;
}

/** The set match: whether addresses and ports are in an ipset (net/netfilter/xt_set.c). */
export const set: MatchExtension<SetTest> = {
  name: 'set',
  options: [
    { name: 'match-set', arguments: 2, mandatory: true, invert: true },
    { name: 'return-nomatch', arguments: 0, unmodelled: true },
    { name: 'update-counters', arguments: 0, unmodelled: true },
    { name: 'update-subcounters', arguments: 0, unmodelled: true },
    { name: 'packets-eq', unmodelled: true },
    { name: 'packets-lt', unmodelled: true },
    { name: 'packets-gt', unmodelled: true },
    { name: 'bytes-eq', unmodelled: true },
    { name: 'bytes-lt', unmodelled: true },
    { name: 'bytes-gt', unmodelled: true },
  ],
  parse(given, context) {
    const option = given.find('match-set') as { values: readonly string[]; inverted: boolean };
    const [name = '', flags = ''] = option.values;
    if (!context.setExists(name)) return problem(`Set ${name} doesn't exist.\n`);
    const directions = flags.split(',');
    for (const word of directions)
      if (word !== 'src' && word !== 'dst') return problem("You must spefify (the comma separated list of) 'src' or 'dst'.");
    return { name, directions: directions as ('src' | 'dst')[], inverted: option.inverted };
  },
  save: ({ name, directions, inverted }) => `${inverted ? ' !' : ''} --match-set ${name} ${directions.join(',')}`,
  list: ({ name, directions, inverted }) => `${inverted ? ' !' : ''} match-set ${name} ${directions.join(',')}`,
  matches: ({ name, directions, inverted }, skb, state) =>
    (state.net.netfilter.sets?.test(name, directions, skb, state) ?? false) !== inverted,
};
