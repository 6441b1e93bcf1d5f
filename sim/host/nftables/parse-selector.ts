import type { CtKey, Expression, FibFlag, MetaKey } from '../../kernel/netfilter/nftables/expression.ts';
import { BOOLEAN, type DataType, integer, typeNamed } from './datatype.ts';
import { EXPECTED, EXPECTED_FIELDS } from './expected.ts';
import { FIELDS, TCP_OPTIONS } from './fields.ts';
import { MOMENT } from './moment.ts';
import type { Parser } from './parser.ts';
import { type Span, unmodelled } from './source.ts';
import type { Node } from './syntax.ts';

/** Types of what `meta` finds. */
export const META_TYPES: Record<MetaKey, DataType> = {
  length: integer(32),
  protocol: typeNamed('ether_type'),
  priority: integer(32),
  mark: typeNamed('mark'),
  iif: typeNamed('iface_index'),
  iifname: typeNamed('ifname'),
  iiftype: typeNamed('iface_type'),
  oif: typeNamed('iface_index'),
  oifname: typeNamed('ifname'),
  oiftype: typeNamed('iface_type'),
  skuid: typeNamed('uid'),
  skgid: typeNamed('gid'),
  nftrace: integer(1),
  cpu: integer(32),
  pkttype: typeNamed('pkt_type'),
  nfproto: typeNamed('nf_proto'),
  l4proto: typeNamed('inet_proto'),
  ibrname: typeNamed('ifname'),
  obrname: typeNamed('ifname'),
  iifgroup: typeNamed('devgroup'),
  oifgroup: typeNamed('devgroup'),
  random: integer(32),
  hour: typeNamed('hour'),
  day: typeNamed('day'),
  time: MOMENT,
};

/** Those that may stand without the word `meta`, which is how they are listed. */
export const UNQUALIFIED: ReadonlySet<string> = new Set(['iif', 'iifname', 'iiftype', 'oif', 'oifname', 'oiftype', 'iifgroup', 'oifgroup']);
/** Those that may be written without it, but are listed with it. */
const SHORT: ReadonlySet<string> = new Set([...UNQUALIFIED, 'mark', 'skuid', 'skgid', 'nftrace', 'pkttype', 'cpu', 'ibrname', 'obrname']);

const UNMODELLED_META = new Set([
  'rtclassid',
  'cgroup',
  'secmark',
  'iifkind',
  'oifkind',
  'sdif',
  'sdifname',
  'ibrpvid',
  'ibrvproto',
  'broute',
  'ibrhwaddr',
  'ipsec',
]);

export const CT_TYPES: Record<CtKey, DataType> = {
  state: typeNamed('ct_state'),
  direction: typeNamed('ct_dir'),
  status: typeNamed('ct_status'),
  mark: typeNamed('mark'),
  expiration: typeNamed('time'),
  id: integer(32),
  l3proto: typeNamed('nf_proto'),
  protocol: typeNamed('inet_proto'),
  saddr: typeNamed('ipv4_addr'),
  daddr: typeNamed('ipv4_addr'),
  'ip saddr': typeNamed('ipv4_addr'),
  'ip daddr': typeNamed('ipv4_addr'),
  'ip6 saddr': typeNamed('ipv6_addr'),
  'ip6 daddr': typeNamed('ipv6_addr'),
  'proto-src': typeNamed('inet_service'),
  'proto-dst': typeNamed('inet_service'),
  packets: integer(64),
  bytes: integer(64),
  avgpkt: integer(64),
  zone: integer(16),
  label: typeNamed('ct_label'),
  helper: typeNamed('string'),
};

const UNMODELLED_CT = new Set(['event', 'secmark', 'timeout', 'expectation', 'count']);

export const FIB_TYPES = {
  type: typeNamed('fib_addrtype'),
  oif: typeNamed('iface_index'),
  oifname: typeNamed('ifname'),
  check: BOOLEAN,
} as const;

function selector(expression: Expression, type: DataType, at: Span): Node {
  return { kind: 'selector', expression, type, at };
}

/** What begins with a word that names a header, or the like; `undefined` when the word is none. */
export function parseSelector(parser: Parser): Node | undefined {
  const start = parser.token.at;
  const word = parser.token.kind === 'word' ? parser.token.text : parser.is('@') ? '@' : '';
  if (word === 'meta') {
    parser.next();
    return meta(parser, start, EXPECTED.meta);
  }
  if (SHORT.has(word)) return meta(parser, start, EXPECTED.meta);
  switch (word) {
    case 'ct':
      parser.next();
      return ct(parser, start);
    case 'fib':
      parser.next();
      return fib(parser, start);
    case 'rt':
      parser.next();
      return rt(parser, start);
    case 'numgen':
      parser.next();
      return numgen(parser, start);
    case 'jhash':
    case 'symhash':
      return hash(parser, start);
    case '@':
      return parser.peek().kind === 'word' && parser.peek(2).text === ',' ? raw(parser, start) : undefined;
    case 'socket':
    case 'osf':
    case 'ipsec':
    case 'exthdr':
    case 'tunnel':
    case 'hbh':
    case 'rt0':
    case 'rt2':
    case 'srh':
    case 'frag':
    case 'dst':
    case 'mh':
    case 'vxlan':
    case 'geneve':
    case 'gre':
    case 'gretap':
    case 'comp':
      return unmodelled(`"${word}" in rules`, start);
    case 'hour':
    case 'day':
    case 'time':
    case 'rtclassid':
    case 'cgroup':
      return meta(parser, start, EXPECTED.meta);
    default:
      // The names of protocols are values too: `ip protocol tcp`.
      return fieldFollows(parser, word) ? payload(parser, word, start) : undefined;
  }
}

function meta(parser: Parser, start: Span, expected: string): Node {
  const { token } = parser;
  if (token.kind === 'word' && UNMODELLED_META.has(token.text)) unmodelled(`"meta ${token.text}"`, token.at);
  if (token.kind !== 'word' || !Object.hasOwn(META_TYPES, token.text)) parser.unexpected(expected);
  parser.next();
  const key = token.text as MetaKey;
  return selector({ kind: 'meta', key }, META_TYPES[key], parser.since(start));
}

function ct(parser: Parser, start: Span): Node {
  let direction: 'original' | 'reply' | undefined;
  if (parser.isOneOf('original', 'reply')) direction = parser.next().text as 'original' | 'reply';
  const { token } = parser;
  if (token.kind !== 'word') parser.unexpected(EXPECTED.ct);
  if (UNMODELLED_CT.has(token.text)) unmodelled(`"ct ${token.text}"`, token.at);
  let key = token.text;
  if ((key === 'ip' || key === 'ip6') && (parser.peek().text === 'saddr' || parser.peek().text === 'daddr')) {
    parser.next();
    key = `${key} ${parser.token.text}`;
  }
  if (!Object.hasOwn(CT_TYPES, key)) parser.unexpected(EXPECTED.ct);
  parser.next();
  const known = key as CtKey;
  const expression: Expression = { kind: 'ct', key: known, direction: known === 'protocol' || known === 'l3proto' ? undefined : direction };
  return selector(expression, CT_TYPES[known], parser.since(start));
}

const FIB_FLAGS: readonly string[] = ['saddr', 'daddr', 'mark', 'iif', 'oif'];

function fib(parser: Parser, start: Span): Node {
  const flags: FibFlag[] = [];
  do {
    if (parser.token.kind !== 'word' || !FIB_FLAGS.includes(parser.token.text)) parser.unexpected('mark, iif, oif, saddr, daddr');
    flags.push(parser.next().text as FibFlag);
  } while (parser.accept('.'));
  if (!parser.isOneOf('type', 'oif', 'oifname', 'check')) parser.unexpected('., oif, oifname, check, type');
  let result = parser.next().text as keyof typeof FIB_TYPES;
  // `oif exists` and `oif missing` ask whether there is a way at all.
  const { token } = parser;
  const asks = parser.isOneOf('==', '!=', 'eq', 'ne') ? parser.peek() : token;
  if (result === 'oif' && (asks.text === 'exists' || asks.text === 'missing')) result = 'check';
  return selector({ kind: 'fib', result, flags }, FIB_TYPES[result], parser.since(start));
}

function rt(parser: Parser, start: Span): Node {
  const { token } = parser;
  const family = parser.isOneOf('ip', 'ip6') ? parser.next().text : '';
  const key = parser.token.text;
  if (key !== 'nexthop' && key !== 'classid' && key !== 'mtu') parser.unexpected('ip, ip6, nexthop, classid, mtu, ipsec');
  if (key === 'nexthop' && family === '') unmodelled('"rt nexthop" without a family', token.at);
  parser.next();
  const type =
    key === 'mtu' ? integer(16) : key === 'classid' ? typeNamed('realm') : typeNamed(family === 'ip' ? 'ipv4_addr' : 'ipv6_addr');
  const named = family === '' ? key : `${family} ${key}`;
  return selector({ kind: 'rt', key: named as 'mtu' }, type, parser.since(start));
}

function numgen(parser: Parser, start: Span): Node {
  if (!parser.isOneOf('inc', 'random')) parser.unexpected('inc, random');
  const mode = parser.next().text as 'inc' | 'random';
  parser.expect('mod', 'mod');
  const modulus = parser.number().value;
  const offset = parser.accept('offset') ? parser.number().value : 0;
  return selector({ kind: 'numgen', mode, modulus, offset, counter: { value: 0 } }, integer(32), parser.since(start));
}

function hash(parser: Parser, start: Span): Node {
  const symmetric = parser.next().text === 'symhash';
  let input: Node | undefined;
  if (!symmetric) {
    const parts: Node[] = [];
    const first = parser.token.at;
    do {
      const part = parseSelector(parser);
      if (!part) return parser.unexpected(EXPECTED.rule);
      parts.push(part);
    } while (parser.accept('.'));
    input = parts.length === 1 ? parts[0] : { kind: 'concat', parts, at: parser.since(first) };
  }
  parser.expect('mod', 'mod');
  const modulus = parser.number().value;
  const seed = !symmetric && parser.accept('seed') ? parser.number().value : undefined;
  const offset = parser.accept('offset') ? parser.number().value : 0;
  const at = parser.since(start);
  if (input) return { kind: 'hash', input, modulus, seed, offset, at };
  return selector({ kind: 'hash', input: undefined, modulus, seed, offset }, integer(32), at);
}

const BASES: Record<string, 'link' | 'network' | 'transport'> = { ll: 'link', nh: 'network', th: 'transport' };

function fieldFollows(parser: Parser, header: string): boolean {
  const after = parser.peek().text;
  if (header === 'tcp' && after === 'option') return true;
  return FIELDS.get(header)?.some((field) => field.name.split(' ')[1] === after) ?? false;
}

/** Complains of a header at the start of a statement without one of its fields. */
export function checkHeader(parser: Parser): void {
  const { token } = parser;
  if (token.kind !== 'word' || !FIELDS.has(token.text) || fieldFollows(parser, token.text)) return;
  parser.next();
  parser.unexpected(
    EXPECTED_FIELDS[token.text] ?? (FIELDS.get(token.text) ?? []).map((one) => one.name.slice(token.text.length + 1)).join(', '),
  );
}

/** `@nh,96,32`: a field by its place; those that have a name get it, as in listings. */
function raw(parser: Parser, start: Span): Node {
  parser.next();
  const { token } = parser;
  const base = BASES[token.text];
  if (!base) return unmodelled(`"@${token.text}"`, start);
  parser.next();
  parser.expect(',', 'comma');
  const offset = parser.number().value;
  parser.expect(',', 'comma');
  const bits = parser.number().value;
  const field = { name: `@${token.text},${offset},${bits}`, base, offset, bits, guard: undefined };
  const named = base === 'transport' ? FIELDS.get('th')?.find((other) => other.offset === offset && other.bits === bits) : undefined;
  const type = named?.type ?? integer(bits, 'hex');
  return selector({ kind: 'payload', field: named ?? field }, type, parser.since(start));
}

function payload(parser: Parser, header: string, start: Span): Node {
  parser.next();
  if (header === 'tcp' && parser.is('option')) return tcpOption(parser, start);
  const fields = FIELDS.get(header) ?? [];
  let word = parser.token.kind === 'word' ? parser.token.text : '';
  if (header === 'arp' && (word === 'saddr' || word === 'daddr')) word = `${word} ${parser.peek().text}`;
  const field = fields.find((one) => one.name === `${header} ${word}`);
  if (!field) return parser.unexpected(EXPECTED_FIELDS[header] ?? fields.map((one) => one.name.slice(header.length + 1)).join(', '));
  parser.next();
  if (word.includes(' ')) parser.next();
  return selector({ kind: 'payload', field }, field.type, parser.since(start));
}

function tcpOption(parser: Parser, start: Span): Node {
  parser.next();
  const { token } = parser;
  const option = token.text === 'mss' ? 'maxseg' : token.text;
  const known = TCP_OPTIONS[option];
  if (!known && token.kind !== 'number') parser.unexpected(Object.keys(TCP_OPTIONS).join(', '));
  parser.next();
  const number = known?.number ?? Number(token.text);
  const place = known && parser.token.kind === 'word' ? known.fields[parser.token.text] : undefined;
  if (!place)
    return selector({ kind: 'tcp-option', option, number, field: '', offset: 0, bits: 1, exists: true }, BOOLEAN, parser.since(start));
  const field = parser.next().text;
  const [offset, bits] = place;
  return selector({ kind: 'tcp-option', option, number, field, offset, bits, exists: false }, integer(bits), parser.since(start));
}
