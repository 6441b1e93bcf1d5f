import { not, quote } from '../options.ts';
import type { MatchExtension } from './match.ts';

/**
 * The helper match: connections that a helper expected (net/netfilter/xt_helper.c). There are no helpers here, so no connection is one of
 * those.
 */
export const helper: MatchExtension<{ name: string; inverted: boolean }> = {
  name: 'helper',
  conntrack: true,
  options: [{ name: 'helper', mandatory: true, invert: true }],
  parse(given) {
    const option = given.find('helper') as { values: readonly string[]; inverted: boolean };
    return { name: option.values[0] as string, inverted: option.inverted };
  },
  save: ({ name, inverted }) => `${not(inverted)} --helper ${quote(name)}`,
  list: ({ name, inverted }) => ` helper match${not(inverted)} "${name}"`,
  matches: ({ inverted }) => inverted,
};
