import { be16 } from '../../../wire/endian.ts';
import { hasPorts } from '../conntrack/tuple.ts';
import { hasTransport } from '../locate.ts';
import { type ListContext, portNumber, portText, problem, type Range } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Multiport {
  side: 'sports' | 'dports' | 'ports';
  ranges: Range[];
  inverted: boolean;
}

/** A range counts as two. */
const MAX_PORTS = 15;
const SIDES = { 'source-ports': 'sports', 'destination-ports': 'dports', ports: 'ports' } as const;
const NAMES = Object.keys(SIDES) as (keyof typeof SIDES)[];

function text(ranges: readonly Range[], context?: ListContext): string {
  const show = (port: number) => (context ? portText(port, context) : String(port));
  return ranges.map(({ min, max }) => (min === max ? show(min) : `${show(min)}:${show(max)}`)).join(',');
}

/** The multiport match: any of up to fifteen ports (net/netfilter/xt_multiport.c). */
export const multiport: MatchExtension<Multiport> = {
  name: 'multiport',
  options: [
    { name: 'source-ports', aliases: ['sports'], invert: true, excludes: ['destination-ports', 'ports'] },
    { name: 'destination-ports', aliases: ['dports'], invert: true, excludes: ['source-ports', 'ports'] },
    { name: 'ports', invert: true, excludes: ['source-ports', 'destination-ports'] },
  ],
  parse(given, { protocol, names }) {
    const name = NAMES.find((candidate) => given.has(candidate));
    if (name && protocol === 0) return problem("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    if (name && !hasPorts(protocol)) return problem('multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP');
    if (!name) return problem('no ports specified');
    const option = given.find(name) as { values: readonly string[]; inverted: boolean };
    const ranges: Range[] = [];
    let count = 0;
    for (const part of (option.values[0] as string).split(',')) {
      const ends = part.split(':');
      const numbers = ends.map((end) => portNumber(end, names, protocol));
      const wrong = numbers.indexOf(undefined);
      if (wrong >= 0) return problem(`invalid port/service \`${ends[wrong]}' specified`);
      const [min, max = min] = numbers as [number, number?];
      if (min > max) return problem('invalid portrange specified');
      count += ends.length > 1 ? 2 : 1;
      if (count > MAX_PORTS) return problem('too many ports specified');
      ranges.push({ min, max });
    }
    return { side: SIDES[name], ranges, inverted: option.inverted };
  },
  check: (_data, place) => (hasPorts(place.protocol) && !place.protocolInverted ? undefined : 'EINVAL'),
  save: ({ side, ranges, inverted }) => `${inverted ? ' !' : ''} --${side} ${text(ranges)}`,
  list: ({ side, ranges, inverted }, context) => ` multiport ${side} ${inverted ? ' !' : ''}${text(ranges, context)}`,
  matches({ side, ranges, inverted }, skb, state) {
    if (!hasTransport(skb, state, 4)) return false;
    const source = be16(skb.bytes, state.transport);
    const destination = be16(skb.bytes, state.transport + 2);
    for (const { min, max } of ranges) {
      if (side !== 'dports' && source >= min && source <= max) return !inverted;
      if (side !== 'sports' && destination >= min && destination <= max) return !inverted;
    }
    return inverted;
  },
};
