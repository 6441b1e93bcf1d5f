import { hasTransport } from '../locate.ts';
import { not, problem, type Problem, type Range, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

const MOBILITY = 135;
const NAMES: readonly (readonly [name: string, alias: string])[] = [
  ['binding-refresh-request', 'brr'],
  ['home-test-init', 'hoti'],
  ['careof-test-init', 'coti'],
  ['home-test', 'hot'],
  ['careof-test', 'cot'],
  ['binding-update', 'bu'],
  ['binding-acknowledgement', 'ba'],
  ['binding-error', 'be'],
];

interface Mobility {
  types: (Range & { inverted: boolean }) | undefined;
}

function parseType(text: string): number | Problem {
  const word = text.toLowerCase();
  const named = NAMES.findIndex(([name, alias]) => alias === word || name.startsWith(word));
  const number = named >= 0 ? named : unsigned(text, 255);
  return number ?? problem(`Invalid MH type \`${text}'`);
}

const text = ({ min, max }: Range, show: (type: number) => string): string => (min === max ? show(min) : `${show(min)}:${show(max)}`);

/** The mh match: messages of Mobile IPv6 (net/ipv6/netfilter/ip6t_mh.c). */
export const mh: MatchExtension<Mobility> = {
  name: 'mh',
  family: 6,
  options: [{ name: 'mh-type', invert: true }],
  parse(given) {
    const option = given.find('mh-type');
    if (!option) return { types: undefined };
    const [first = '', last = first] = (option.values[0] as string).split(':');
    const ends = [first === '' ? 0 : parseType(first), last === '' ? 255 : parseType(last)];
    const wrong = ends.find((end) => typeof end !== 'number');
    if (wrong !== undefined) return wrong as Problem;
    const [min, max] = ends as [number, number];
    return min > max ? problem('Invalid MH type range (min > max)') : { types: { min, max, inverted: option.inverted } };
  },
  check: (_data, place) => (place.protocol === MOBILITY && !place.protocolInverted ? undefined : 'EINVAL'),
  save: ({ types }) => (types ? `${not(types.inverted)} --mh-type ${text(types, String)}` : ''),
  list({ types }, { numeric }) {
    if (!types) return ' mh';
    const show = (type: number) => (numeric ? String(type) : (NAMES[type]?.[0] ?? String(type)));
    return ` mh ${types.inverted ? '!' : ''}${text(types, show)}`;
  },
  matches({ types }, skb, state) {
    if (!hasTransport(skb, state, 6)) return false;
    const type = skb.bytes[state.transport + 2] as number;
    return !types || (type >= types.min && type <= types.max) !== types.inverted;
  },
};
