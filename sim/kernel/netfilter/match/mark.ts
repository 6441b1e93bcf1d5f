import { Tracked } from '../conntrack/connection.ts';
import { badMark, markText, markValue } from '../options.ts';
import type { Skb } from '../../skb.ts';
import type { MatchExtension } from './match.ts';

interface Mark {
  value: number;
  mask: number;
  inverted: boolean;
}

function markMatch(
  name: string,
  heading: string,
  gap: string,
  markOf: (skb: Skb) => number | undefined,
  conntrack: boolean,
): MatchExtension<Mark> {
  return {
    name,
    conntrack,
    options: [{ name: 'mark', mandatory: true, invert: true }],
    parse(given) {
      const option = given.find('mark') as { values: readonly string[]; inverted: boolean };
      const mark = markValue(option.values[0] as string);
      return mark ? { ...mark, inverted: option.inverted } : badMark(name, 'mark', option.values[0] as string);
    },
    save: ({ value, mask, inverted }) => `${inverted ? ' !' : ''} --mark ${markText(value, mask)}`,
    list: ({ value, mask, inverted }) => ` ${heading} ${inverted ? '! ' : gap}${markText(value, mask)}`,
    matches({ value, mask, inverted }, skb) {
      const mark = markOf(skb);
      return mark !== undefined && ((mark & mask) >>> 0 === value) !== inverted;
    },
  };
}

/** The mark match: the packet's mark under a mask (net/netfilter/xt_mark.c). */
export const mark = markMatch('mark', 'mark match', '', (skb) => skb.mark, false);

/** The connmark match: its connection's (net/netfilter/xt_connmark.c). */
export const connmark = markMatch(
  'connmark',
  'connmark match',
  ' ',
  (skb) => (skb.conntrack instanceof Tracked ? skb.conntrack.connection?.mark : undefined),
  true,
);
