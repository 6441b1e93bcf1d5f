import { Template, UNTRACKED } from '../conntrack/connection.ts';
import { type Given, isProblem, problem, type Problem, unsigned } from '../options.ts';
import type { TargetExtension } from './target.ts';

const ZONES = ['zone', 'zone-orig', 'zone-reply'] as const;

interface Ct {
  notrack: boolean;
  /** The last of the zone options, which is the one that counts. */
  zone: { name: (typeof ZONES)[number]; value: number | 'mark' } | undefined;
  template: Template | undefined;
}

function parseZone(given: Given): Ct['zone'] | Problem {
  const option = given.options.findLast(({ name }) => (ZONES as readonly string[]).includes(name));
  if (!option) return undefined;
  const text = option.values[0] as string;
  const value = text === 'mark' ? text : unsigned(text, 0xffff);
  return value === undefined ? problem(`Cannot parse ${text} as a zone ID`) : { name: option.name as (typeof ZONES)[number], value };
}

function templateOf({ name, value }: NonNullable<Ct['zone']>): Template {
  return new Template(name === 'zone-reply' ? 0 : value, name === 'zone-orig' ? 0 : value);
}

/** The words, with what stands before each. */
function words({ notrack, zone }: Ct, dashes: string): string {
  return (notrack ? ` ${dashes}notrack` : '') + (zone ? ` ${dashes}${zone.name} ${zone.value}` : '');
}

/** CT: whether, and how, the packet's connection is tracked (net/netfilter/xt_CT.c). */
export const ct: TargetExtension<Ct> = {
  name: 'CT',
  conntrack: true,
  options: [
    { name: 'notrack', arguments: 0 },
    { name: 'helper', unmodelled: true },
    { name: 'timeout', unmodelled: true },
    { name: 'ctevents', unmodelled: true },
    { name: 'expevents', unmodelled: true },
    ...ZONES.map((name) => ({ name })),
  ],
  parse(given) {
    const zone = parseZone(given);
    if (isProblem(zone)) return zone;
    return { notrack: given.has('notrack'), zone, template: zone && templateOf(zone) };
  },
  check: (_data, place) => (place.table === 'raw' ? undefined : 'EINVAL'),
  save: (data) => words(data, '--'),
  list: (data) => ` CT${words(data, '')}`,
  evaluate({ notrack, template }, skb) {
    if (skb.conntrack === undefined) skb.conntrack = notrack ? UNTRACKED : template;
    return 'continue';
  },
};
