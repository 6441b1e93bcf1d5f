import { parseIPv6 } from '../../../base/address.ts';
import { type FilterError, SYNTAX_ERROR } from './syntax.ts';

export type Token =
  | { kind: 'keyword'; text: string }
  | { kind: 'symbol'; text: string }
  | { kind: 'number'; value: number }
  | { kind: 'ipv4' | 'ipv6' | 'mac' | 'name'; text: string }
  /** What can't be read, met by the parser only if it gets that far. */
  | { kind: 'error'; error: FilterError };

/** Spellings that mean the same as another keyword. */
const SAME: Readonly<Record<string, string>> = {
  ether: 'link',
  ppp: 'link',
  slip: 'link',
  fddi: 'link',
  tr: 'link',
  wlan: 'link',
  and: '&&',
  or: '||',
  not: '!',
  length: 'len',
  dir: 'direction',
  on: 'ifname',
  rset: 'ruleset',
  rnr: 'rulenum',
  srnr: 'subrulenum',
};

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['dst', 'src', 'link', 'ether', 'ppp', 'slip', 'fddi', 'tr', 'wlan', 'arp', 'rarp', 'ip', 'sctp', 'tcp', 'udp', 'icmp'],
  ...['igmp', 'igrp', 'pim', 'vrrp', 'carp', 'ip6', 'icmp6', 'ah', 'esp', 'atalk', 'aarp', 'decnet', 'lat', 'sca', 'moprc'],
  ...['mopdl', 'iso', 'stp', 'ipx', 'netbeui', 'host', 'net', 'mask', 'port', 'portrange', 'proto', 'protochain', 'gateway'],
  ...['type', 'subtype', 'direction', 'dir', 'less', 'greater', 'byte', 'broadcast', 'multicast', 'and', 'or', 'not', 'len'],
  ...['length', 'inbound', 'outbound', 'ifindex', 'vlan', 'mpls', 'pppoed', 'pppoes', 'geneve', 'vxlan', 'llc', 'on', 'ifname'],
  ...['rset', 'ruleset', 'rnr', 'rulenum', 'srnr', 'subrulenum', 'reason', 'action', 'radio', 'esis', 'isis', 'clnp'],
]);

/** Whether a name would be read as something else, so that it needs a backslash. */
export function isKeyword(text: string): boolean {
  return KEYWORDS.has(text) || text in CONSTANTS;
}

/** Names of numbers: offsets and values of ICMP types and TCP flags. */
const CONSTANTS: Readonly<Record<string, number>> = {
  icmptype: 0,
  icmpcode: 1,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp-tstamp': 13,
  'icmp-tstampreply': 14,
  'icmp-ireq': 15,
  'icmp-ireqreply': 16,
  'icmp-maskreq': 17,
  'icmp-maskreply': 18,
  icmp6type: 0,
  icmp6code: 1,
  'icmp6-destinationunreach': 1,
  'icmp6-packettoobig': 2,
  'icmp6-timeexceeded': 3,
  'icmp6-parameterproblem': 4,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-multicastlistenerquery': 130,
  'icmp6-multicastlistenerreportv1': 131,
  'icmp6-multicastlistenerdone': 132,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
  'icmp6-redirect': 137,
  'icmp6-routerrenum': 138,
  'icmp6-nodeinformationquery': 139,
  'icmp6-nodeinformationresponse': 140,
  'icmp6-multicastlistenerreportv2': 143,
  tcpflags: 13,
  'tcp-fin': 0x01,
  'tcp-syn': 0x02,
  'tcp-rst': 0x04,
  'tcp-push': 0x08,
  'tcp-ack': 0x10,
  'tcp-urg': 0x20,
  'tcp-ece': 0x40,
  'tcp-cwr': 0x80,
};

const BYTE = '[0-9A-Fa-f]{1,2}';
const WORD = '[0-9A-Fa-f]{4}';
const MAC = new RegExp(
  `(?:${BYTE}(?::${BYTE}){5}|${BYTE}(?:-${BYTE}){5}|${BYTE}(?:\\.${BYTE}){5}|${WORD}(?:\\.${WORD}){2}|[0-9A-Fa-f]{12})`,
  'y',
);
const NUMBER = /0[xX][0-9A-Fa-f]+|[0-9]+/y;
const IPV4 = /\d+\.\d+(?:\.\d+(?:\.\d+)?)?/y;
const COLONS = /[0-9A-Fa-f]*:[0-9A-Fa-f:.]*/y;
const NAME = /[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y;
const ESCAPED = /\\([^ !()\n\t]+)/y;
const SYMBOL = />=|<=|!=|==|<<|>>|&&|\|\||[+\-*/%:[\]!<>()&|^=]/y;

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Splits an expression into tokens; of several that could stand at a place the longest counts, as for lex. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    if (' \r\n\t'.includes(text[at] as string)) {
      at++;
      continue;
    }
    const { token, length } = tokenAt(text, at);
    tokens.push(token);
    if (token.kind === 'error') break;
    at += length;
  }
  return tokens;
}

function tokenAt(text: string, at: number): { token: Token; length: number } {
  const escaped = match(ESCAPED, text, at);
  if (escaped !== '') return { token: { kind: 'name', text: escaped.slice(1) }, length: escaped.length };
  const name = match(NAME, text, at);
  const colons = colonToken(text, at);
  const candidates: [length: number, make: () => Token][] = [];
  const add = (found: string, make: (found: string) => Token): void => {
    if (found !== '') candidates.push([found.length, () => make(found)]);
  };
  if (KEYWORDS.has(name)) add(name, (found) => keyword(found));
  add(match(MAC, text, at), (found) => ({ kind: 'mac', text: found }));
  add(match(NUMBER, text, at), number);
  add(match(IPV4, text, at), (found) => ({ kind: 'ipv4', text: found }));
  if (colons) candidates.push([colons.length, () => colons.token]);
  if (Object.hasOwn(CONSTANTS, name)) add(name, (found) => ({ kind: 'number', value: CONSTANTS[found] as number }));
  add(name, (found) => ({ kind: 'name', text: found }));
  add(match(SYMBOL, text, at), (found) => ({ kind: 'symbol', text: found === '==' ? '=' : found }));
  let best: [length: number, make: () => Token] | undefined;
  for (const candidate of candidates) if (!best || candidate[0] > best[0]) best = candidate;
  return best ? { token: best[1](), length: best[0] } : { token: { kind: 'error', error: SYNTAX_ERROR }, length: 1 };
}

function keyword(text: string): Token {
  const known = SAME[text] ?? text;
  return known === '&&' || known === '||' || known === '!' ? { kind: 'symbol', text: known } : { kind: 'keyword', text: known };
}

/** IPv6 addresses, and what looks like a MAC address but isn't. */
function colonToken(text: string, at: number): { token: Token; length: number } | undefined {
  const run = match(COLONS, text, at);
  for (let length = run.length; length > 1; length--) {
    const part = run.slice(0, length);
    if (parseIPv6(part) !== undefined) return { token: { kind: 'ipv6', text: part }, length };
  }
  const wrong = /^[0-9A-Fa-f]{1,2}:+(?:[0-9A-Fa-f]{1,2}:+)+/.exec(run)?.[0];
  if (!wrong) return undefined;
  return { token: { kind: 'error', error: { filterError: `invalid Ethernet address ${wrong}` } }, length: wrong.length };
}

function number(text: string): Token {
  const error = (what: string): Token => ({ kind: 'error', error: { filterError: what } });
  const overflow = (base: string): Token => error(`${base} number ${text} overflows 32 bits`);
  if (/^0[xX]/.test(text)) {
    const value = Number.parseInt(text.slice(2), 16);
    return value > 0xffffffff ? overflow('hexadecimal') : { kind: 'number', value };
  }
  if (text.startsWith('0') && text.length > 1) {
    if (/[89]/.test(text)) return error(`number ${text} contains non-octal digit`);
    const value = Number.parseInt(text, 8);
    return value > 0xffffffff ? overflow('octal') : { kind: 'number', value };
  }
  const value = Number(text);
  return value > 0xffffffff ? overflow('decimal') : { kind: 'number', value };
}
