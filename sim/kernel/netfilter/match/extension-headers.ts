import * as ip6 from '../../../wire/ipv6.ts';
import type { Skb } from '../../skb.ts';
import { isProblem, not, numberOf, numberRange, problem, type Problem, type Range, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

const { HopByHop, Routing, Fragment, DestinationOptions, AH, ESP, NoNext } = ip6.PROTOCOL;

/** Where the extension header of a kind stands in a packet, or -1 (ipv6_find_hdr). */
export function findHeader(skb: Skb, wanted: number): number {
  const { bytes, network, end } = skb;
  let protocol = ip6.nextHeader(bytes, network);
  for (let at = network + ip6.IPV6_HEADER; ip6.isExtensionHeader(protocol) && end - at >= 8; ) {
    if (protocol === wanted) return at;
    if (protocol === Fragment && ip6.fragmentOffset(bytes, at) > 0) return -1;
    const next = bytes[at] as number;
    at += ip6.extensionLength(bytes, at, protocol);
    protocol = next;
  }
  return -1;
}

interface Test<T> {
  value: T;
  inverted: boolean;
}

interface Options {
  length: Test<number> | undefined;
  /** Types, each with the length of its data where one was given. */
  options: { type: number; length: number | undefined }[];
}

function parseTypes(text: string): Options['options'] | Problem {
  const types: Options['options'] = [];
  for (const word of text.split(',')) {
    const [type = '', length] = word.split(':');
    const number = unsigned(type, 255);
    if (number === undefined) return problem(`hbh: no valid digits in opt \`${type}'`);
    types.push({ type: number, length: length === undefined ? undefined : unsigned(length, 255) });
  }
  return types;
}

const typesText = (types: Options['options']): string =>
  types.map(({ type, length }) => (length === undefined ? String(type) : `${type}:${length}`)).join(',');

/** Whether the options of a header are, in their order, those that are asked for (hbh_mt6). */
function hasOptions({ length, options }: Options, { bytes, end }: Skb, at: number): boolean {
  const size = ((bytes[at + 1] as number) + 1) * 8;
  if (end - at < size || (length && (length.value === size) === length.inverted)) return false;
  let i = at + 2;
  for (const { type, length: wanted } of options) {
    if (i >= at + size || bytes[i] !== type) return false;
    const data = type === 0 ? 0 : (bytes[i + 1] as number);
    if (wanted !== undefined && type !== 0 && data !== wanted) return false;
    i += type === 0 ? 1 : 2 + data;
  }
  return true;
}

function optionsMatch(name: 'hbh' | 'dst', protocol: number): MatchExtension<Options> {
  return {
    name,
    family: 6,
    options: [{ name: `${name}-len`, invert: true }, { name: `${name}-opts` }],
    parse(given) {
      const length = given.has(`${name}-len`) ? numberOf(name, given, `${name}-len`, 0xffff_ffff) : undefined;
      if (isProblem(length)) return length;
      const text = given.value(`${name}-opts`);
      const options = text === undefined ? [] : parseTypes(text);
      if ('problem' in options) return { problem: options.problem.replace('hbh', name) };
      const inverted = given.find(`${name}-len`)?.inverted ?? false;
      return { length: length === undefined ? undefined : { value: length, inverted }, options };
    },
    save({ length, options }) {
      const text = length ? `${not(length.inverted)} --${name}-len ${length.value}` : '';
      return options.length > 0 ? `${text} --${name}-opts ${typesText(options)}` : text;
    },
    list({ length, options }) {
      const text = ` ${name}${length ? ` length:${length.inverted ? '!' : ''}${length.value}` : ''}`;
      return options.length > 0 ? `${text} opts ${typesText(options)}` : text;
    },
    matches(data, skb) {
      const at = findHeader(skb, protocol);
      return at >= 0 && hasOptions(data, skb, at);
    },
  };
}

/** The hbh match: hop-by-hop options (net/ipv6/netfilter/ip6t_hbh.c). */
export const hbh = optionsMatch('hbh', HopByHop);
/** The dst match: destination options (ip6t_hbh.c too). */
export const dst = optionsMatch('dst', DestinationOptions);

interface FragmentTest {
  id: (Range & { inverted: boolean }) | undefined;
  length: number | undefined;
  reserved: boolean;
  first: boolean;
  end: 'more' | 'last' | undefined;
}

const rangeText = ({ min, max }: Range): string => (min === max ? String(min) : `${min}:${max}`);

/** The frag match: the fragment header (net/ipv6/netfilter/ip6t_frag.c). */
export const frag: MatchExtension<FragmentTest> = {
  name: 'frag',
  family: 6,
  options: [
    { name: 'fragid', invert: true },
    { name: 'fraglen' },
    { name: 'fragres', arguments: 0 },
    { name: 'fragfirst', arguments: 0 },
    { name: 'fragmore', arguments: 0, excludes: ['fraglast'] },
    { name: 'fraglast', arguments: 0, excludes: ['fragmore'] },
  ],
  parse(given) {
    const option = given.find('fragid');
    const range = option && numberRange('frag', 'fragid', option.values[0] as string, 0xffff_ffff);
    if (isProblem(range)) return range;
    const length = given.has('fraglen') ? numberOf('frag', given, 'fraglen', 0xffff_ffff) : undefined;
    if (isProblem(length)) return length;
    const end = (['more', 'last'] as const).find((name) => given.has(`frag${name}`));
    const id = range && { ...range, inverted: option?.inverted ?? false };
    return { id, length, reserved: given.has('fragres'), first: given.has('fragfirst'), end };
  },
  save({ id, length, reserved, first, end }) {
    let text = id ? `${not(id.inverted)} --fragid ${rangeText(id)}` : '';
    if (length !== undefined) text += ` --fraglen ${length}`;
    if (reserved) text += ' --fragres';
    if (first) text += ' --fragfirst';
    return end ? `${text} --frag${end}` : text;
  },
  list({ id, length, reserved, first, end }) {
    let text = ` frag ${id ? `id${id.min === id.max ? '' : 's'}:${id.inverted ? '!' : ''}${rangeText(id)}` : ''}`;
    if (length !== undefined) text += ` length:${length}`;
    if (reserved) text += ' reserved';
    if (first) text += ' first';
    return end ? `${text} ${end}` : text;
  },
  matches({ id, reserved, first, end }, skb) {
    const at = findHeader(skb, Fragment);
    if (at < 0) return false;
    const { bytes } = skb;
    const identification = ip6.fragmentIdentification(bytes, at);
    if (id && (identification >= id.min && identification <= id.max) === id.inverted) return false;
    if (reserved && (bytes[at + 1] !== 0 || ((bytes[at + 3] as number) & 6) !== 0)) return false;
    const more = ip6.moreFragments(bytes, at);
    if (first && ip6.fragmentOffset(bytes, at) !== 0) return false;
    return end === undefined || more === (end === 'more');
  },
};

/** Bits of headers, in the order of their values (ip6t_ipv6header.h). */
const HEADERS: readonly (readonly [bit: number, name: string, alias: string, protocol: number])[] = [
  [0x80, 'hop-by-hop', 'hop', HopByHop],
  [0x40, 'ipv6-opts', 'dst', DestinationOptions],
  [0x20, 'ipv6-route', 'route', Routing],
  [0x10, 'ipv6-frag', 'frag', Fragment],
  [0x08, 'ah', 'auth', AH],
  [0x04, 'esp', 'esp', ESP],
  [0x02, 'ipv6-nonxt', 'none', NoNext],
];
const PROTOCOL_BIT = 0x01;

interface Headers extends Test<number> {
  soft: boolean;
}

function parseHeaders(text: string): number | Problem {
  let bits = 0;
  for (const word of text.split(',')) {
    const known = HEADERS.find(([, name, alias]) => name === word || alias === word);
    if (!known && word !== 'prot') return problem(`unknown header \`${word}' specified`);
    bits |= known?.[0] ?? PROTOCOL_BIT;
  }
  return bits;
}

/** Which headers a packet has. */
function headersOf({ bytes, network, end }: Skb): number {
  let bits = 0;
  let protocol = ip6.nextHeader(bytes, network);
  let at = network + ip6.IPV6_HEADER;
  while (ip6.isExtensionHeader(protocol) || protocol === ESP || protocol === NoNext) {
    bits |= HEADERS.find(([, , , number]) => number === protocol)?.[0] ?? 0;
    if (protocol === ESP || protocol === NoNext || end - at < 8) return bits;
    if (protocol === Fragment && ip6.fragmentOffset(bytes, at) > 0) return bits;
    const next = bytes[at] as number;
    at += ip6.extensionLength(bytes, at, protocol);
    protocol = next;
  }
  return bits | PROTOCOL_BIT;
}

const headersText = (bits: number): string =>
  [...HEADERS.filter(([bit]) => bits & bit).map(([, name]) => name), ...(bits & PROTOCOL_BIT ? ['prot'] : [])].join(',');

/** The ipv6header match: which extension headers there are (net/ipv6/netfilter/ip6t_ipv6header.c). */
export const ipv6header: MatchExtension<Headers> = {
  name: 'ipv6header',
  family: 6,
  options: [
    { name: 'header', mandatory: true, invert: true },
    { name: 'soft', arguments: 0 },
  ],
  parse(given) {
    const value = parseHeaders(given.value('header') as string);
    return isProblem(value) ? value : { value, inverted: given.find('header')?.inverted ?? false, soft: given.has('soft') };
  },
  check: ({ inverted, soft }) => (inverted && soft ? 'EINVAL' : undefined),
  save: ({ value, inverted, soft }) => `${not(inverted)} --header ${headersText(value)}${soft ? ' --soft' : ''}`,
  list({ value, inverted, soft }, { numeric }) {
    const flags = numeric ? `0x${value.toString(16).toUpperCase().padStart(2, '0')}` : headersText(value);
    return ` ipv6header flags:${inverted ? '!' : ''}${flags}${soft ? ' soft' : ''}`;
  },
  matches({ value, inverted, soft }, skb) {
    const found = headersOf(skb);
    return soft ? (found & value) === value : (found === value) !== inverted;
  },
};

/** The eui64 match: whether the source's interface part is made from the sender's MAC (net/ipv6/netfilter/ip6t_eui64.c). */
export const eui64: MatchExtension<undefined> = {
  name: 'eui64',
  family: 6,
  options: [],
  parse: () => undefined,
  check(_data, { hooks }) {
    for (const hook of hooks) if (hook === 'OUTPUT' || hook === 'POSTROUTING') return 'EINVAL';
    return undefined;
  },
  save: () => '',
  list: () => '',
  matches(_data, skb) {
    const { bytes, mac, network } = skb;
    if (mac === 0 || network - mac < 14) return false;
    const from = mac + 6;
    const expected = [
      (bytes[from] as number) ^ 2,
      bytes[from + 1],
      bytes[from + 2],
      0xff,
      0xfe,
      bytes[from + 3],
      bytes[from + 4],
      bytes[from + 5],
    ];
    return expected.every((byte, i) => bytes[network + 16 + i] === byte);
  },
};
