import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { isProblem, numberRange, type Range } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Length extends Range {
  inverted: boolean;
}

const text = ({ min, max }: Range): string => (min === max ? String(min) : `${min}:${max}`);

/** The length match: of the whole IP packet (net/netfilter/xt_length.c). */
export const length: MatchExtension<Length> = {
  name: 'length',
  options: [{ name: 'length', mandatory: true, invert: true }],
  parse(given) {
    const option = given.find('length') as { values: readonly string[]; inverted: boolean };
    const range = numberRange('length', 'length', option.values[0] as string, 65_535);
    return isProblem(range) ? range : { ...range, inverted: option.inverted };
  },
  save: (data) => `${data.inverted ? ' !' : ''} --length ${text(data)}`,
  list: (data) => ` length ${data.inverted ? '!' : ''}${text(data)}`,
  matches({ min, max, inverted }, skb, { family }) {
    const bytes = family === 4 ? ip.totalLength(skb.bytes, skb.network) : ip6.payloadLength(skb.bytes, skb.network) + ip6.IPV6_HEADER;
    return (bytes >= min && bytes <= max) !== inverted;
  },
};
