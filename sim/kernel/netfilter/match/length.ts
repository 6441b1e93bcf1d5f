import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { problem, type Range, unsigned } from '../options.ts';
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
    const value = option.values[0] as string;
    const parts = value.split(':');
    if (parts.length > 2) return problem('length: Too many components for option "--length" (max: 2)\n');
    const [first = '', last = first] = parts as [string, string?];
    const min = first === '' && parts.length > 1 ? 0 : unsigned(first, 65_535);
    if (min === undefined) return problem(`length: bad value for option "--length" near "${first}", or out of range (0-65535).\n`);
    const max = last === '' && parts.length > 1 ? 65_535 : unsigned(last, 65_535, min);
    if (max === undefined) return problem(`length: bad value for option "--length" near "${last}", or out of range (${min}-65535).\n`);
    return { min, max, inverted: option.inverted };
  },
  save: (data) => `${data.inverted ? ' !' : ''} --length ${text(data)}`,
  list: (data) => ` length ${data.inverted ? '!' : ''}${text(data)}`,
  matches({ min, max, inverted }, skb, { family }) {
    const bytes = family === 4 ? ip.totalLength(skb.bytes, skb.network) : ip6.payloadLength(skb.bytes, skb.network) + ip6.IPV6_HEADER;
    return (bytes >= min && bytes <= max) !== inverted;
  },
};
