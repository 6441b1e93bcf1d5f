import { EVENTS, Template, UNTRACKED } from '../conntrack/connection.ts';
import { type Given, isProblem, problem, type Problem, unsigned } from '../options.ts';
import type { TargetExtension } from './target.ts';

const ZONES = ['zone', 'zone-orig', 'zone-reply'] as const;

interface Ct {
  notrack: boolean;
  helper: string;
  timeout: string;
  /** Sets of events; `undefined` for all. */
  events: number | undefined;
  expectEvents: number | undefined;
  /** The last of the zone options, which is the one that counts. */
  zone: { name: (typeof ZONES)[number]; value: number | 'mark' } | undefined;
  template: Template | undefined;
}

/** The kernel's helpers, and the protocols whose connections they know. */
const HELPERS: Readonly<Record<string, readonly number[]>> = {
  ftp: [6],
  irc: [6],
  sip: [6, 17],
  tftp: [17],
  pptp: [6],
  RAS: [17],
  'Q.931': [6],
  'H.245': [17],
  amanda: [17],
  'netbios-ns': [17],
  snmp: [17],
  sane: [6],
};

function parseZone(given: Given): Ct['zone'] | Problem {
  const option = given.options.findLast(({ name }) => (ZONES as readonly string[]).includes(name));
  if (!option) return undefined;
  const text = option.values[0] as string;
  const value = text === 'mark' ? text : unsigned(text, 0xffff);
  return value === undefined ? problem(`Cannot parse ${text} as a zone ID`) : { name: option.name as (typeof ZONES)[number], value };
}

function parseEvents(text: string | undefined, names: readonly string[]): number | undefined | Problem {
  if (text === undefined) return undefined;
  let bits = 0;
  for (const word of text.split(',')) {
    const bit = names.indexOf(word);
    if (bit < 0) return problem(`Unknown event type "${word}"`);
    bits |= 1 << bit;
  }
  return bits;
}

const eventsText = (bits: number, names: readonly string[]): string => names.filter((_name, bit) => bits & (1 << bit)).join(',');

const EXPECT_EVENTS = ['new'] as const;

function templateOf(zone: Ct['zone'], helper: string, events: number | undefined): Template | undefined {
  if (!zone && helper === '' && events === undefined) return undefined;
  const value = zone?.value ?? 0;
  return new Template(zone?.name === 'zone-reply' ? 0 : value, zone?.name === 'zone-orig' ? 0 : value, helper || undefined, events);
}

/** The words, with what stands before each. */
function words({ notrack, helper, timeout, events, expectEvents, zone }: Ct, dashes: string): string {
  let text = notrack ? ` ${dashes}notrack` : '';
  if (helper !== '') text += ` ${dashes}helper ${helper}`;
  if (timeout !== '') text += ` ${dashes}timeout ${timeout}`;
  if (events !== undefined) text += ` ${dashes}ctevents ${eventsText(events, EVENTS)}`;
  if (expectEvents !== undefined) text += ` ${dashes}expevents ${eventsText(expectEvents, EXPECT_EVENTS)}`;
  return zone ? `${text} ${dashes}${zone.name} ${zone.value}` : text;
}

/**
 * CT: whether, and how, the packet's connection is tracked (net/netfilter/xt_CT.c). A helper is kept and shown, but reads nothing of its
 * connections; policies of timeouts can't be made, so that none is found.
 */
export const ct: TargetExtension<Ct> = {
  name: 'CT',
  conntrack: true,
  options: [
    { name: 'notrack', arguments: 0 },
    { name: 'helper' },
    { name: 'timeout' },
    { name: 'ctevents' },
    { name: 'expevents' },
    ...ZONES.map((name) => ({ name })),
  ],
  parse(given) {
    const zone = parseZone(given);
    if (isProblem(zone)) return zone;
    const events = parseEvents(given.value('ctevents'), EVENTS);
    if (isProblem(events)) return events;
    const expectEvents = parseEvents(given.value('expevents'), EXPECT_EVENTS);
    if (isProblem(expectEvents)) return expectEvents;
    const helper = given.value('helper') ?? '';
    const template = templateOf(zone, helper, events);
    return { notrack: given.has('notrack'), helper, timeout: given.value('timeout') ?? '', events, expectEvents, zone, template };
  },
  check({ notrack, helper, timeout }, place) {
    if (place.table !== 'raw') return 'EINVAL';
    if (notrack) return undefined;
    const known = !place.protocolInverted && HELPERS[helper]?.includes(place.protocol);
    return (helper !== '' && !known) || timeout !== '' ? 'ENOENT' : undefined;
  },
  save: (data) => words(data, '--'),
  list: (data) => ` CT${words(data, '')}`,
  evaluate({ notrack, template }, skb) {
    if (skb.conntrack === undefined) skb.conntrack = notrack ? UNTRACKED : template;
    return 'continue';
  },
};
