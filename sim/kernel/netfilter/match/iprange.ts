import { formatIP, type IP } from '../../../base/address.ts';
import { type Given, type ParseContext, problem, type Problem } from '../options.ts';
import { destinationOf, parseAddress, sourceOf } from './addresses.ts';
import type { MatchExtension } from './match.ts';

interface AddressRange {
  min: IP;
  max: IP;
  inverted: boolean;
}

interface Iprange {
  source: AddressRange | undefined;
  destination: AddressRange | undefined;
}

function parseRange(given: Given, name: string, { family, warn }: ParseContext): AddressRange | Problem | undefined {
  const option = given.find(name);
  if (!option) return undefined;
  const text = option.values[0] as string;
  const [first = '', last = first] = text.split('-') as [string, string?];
  const min = parseAddress(first, family);
  const max = parseAddress(last, family);
  if (min === undefined || max === undefined) return problem(`iprange: Bad value for "--${name}" option: "${text}"`);
  if (min > max) warn(`xt_iprange: range ${textOf({ min, max })} is reversed and will never match`);
  return { min, max, inverted: option.inverted };
}

const textOf = ({ min, max }: { min: IP; max: IP }): string => `${formatIP(min)}-${formatIP(max)}`;
const within = (range: AddressRange | undefined, address: IP): boolean =>
  range === undefined || (address >= range.min && address <= range.max) !== range.inverted;

/** The iprange match: an address between two others (net/netfilter/xt_iprange.c). */
export const iprange: MatchExtension<Iprange> = {
  name: 'iprange',
  options: [
    { name: 'src-range', invert: true },
    { name: 'dst-range', invert: true },
  ],
  parse(given, context) {
    const source = parseRange(given, 'src-range', context);
    const destination = parseRange(given, 'dst-range', context);
    if (source && 'problem' in source) return source;
    if (destination && 'problem' in destination) return destination;
    return source || destination ? { source, destination } : problem("iprange match: You must specify `--src-range' or `--dst-range'");
  },
  save({ source, destination }) {
    const one = (name: string, range: AddressRange | undefined) =>
      range ? `${range.inverted ? ' !' : ''} --${name} ${textOf(range)}` : '';
    return one('src-range', source) + one('dst-range', destination);
  },
  list({ source, destination }) {
    const one = (name: string, range: AddressRange | undefined) =>
      range ? ` ${name} IP range ${range.inverted ? '! ' : ''}${textOf(range)}` : '';
    return one('source', source) + one('destination', destination);
  },
  matches: ({ source, destination }, skb, { family }) =>
    within(source, source ? sourceOf(skb, family) : 0) && within(destination, destination ? destinationOf(skb, family) : 0),
};
