import type { Family } from '../../kernel/netfilter/hooks.ts';
import * as symbols from './symbols.ts';
import { RARE } from './xtables-rare-match.ts';
import { masked, not, type SavedOption, type SavedOptions } from './xtables-options.ts';

/** A match in nft's words. */
export interface TranslatedMatch {
  text: string;
  foreign: boolean;
  /** It names the transport protocol. */
  saysProtocol?: boolean;
}

/** The rule that a match stands in. */
export interface Place {
  family: Family;
  protocol: number;
}

export type Translate = (options: SavedOptions, place: Place) => string | undefined;

/** What a match of iptables is to nft: an expression of its own, or the match of xtables in the words of its translation. */
export function translateMatch(name: string, options: SavedOptions, place: Place): TranslatedMatch {
  const own = NATIVE[name]?.(options, place);
  if (own !== undefined) return { text: own, foreign: false, saysProtocol: name === 'tcp' || name === 'udp' };
  return { text: wordsOfMatch(name, options, place) ?? `xt match "${name}"`, foreign: true };
}

/** The translation that a match of xtables has (its `xlate` function), or `undefined`. */
export function wordsOfMatch(name: string, options: SavedOptions, place: Place): string | undefined {
  return (TRANSLATED[name] ?? RARE[name])?.(options, place);
}

/** iptables-nft writes these as expressions of nf_tables. */
const NATIVE: Record<string, Translate> = {
  tcp: (options) =>
    options.all.length === 0 || options.has('tcp-option') ? undefined : [...ports('tcp', options, true), ...tcpFlags(options)].join(' '),
  udp: (options) => (options.all.length === 0 ? undefined : ports('udp', options, true).join(' ')),
  mark(options) {
    const option = options.get('mark');
    const [value = '0', mask] = (option?.values[0] ?? '').split('/');
    if (mask === undefined) return `meta mark ${not(option)}${wide(value)}`;
    return `meta mark & ${wide(mask)} ${option?.inverted ? '!=' : '=='} ${wide(value)}`;
  },
  limit(options) {
    const [rate = '3', unit = 'hour'] = (options.value('limit') ?? '3/hour').split('/');
    return `limit rate ${rate}/${{ sec: 'second', min: 'minute' }[unit] ?? unit} burst ${options.value('limit-burst') ?? 5} packets`;
  },
};

const wide = (value: string): string => `0x${Number(value).toString(16).padStart(8, '0')}`;

function ports(header: string, options: SavedOptions, native: boolean): string[] {
  return ['sport', 'dport'].flatMap((name) => {
    const option = options.get(name);
    if (!option) return [];
    const [from = '0', to] = (option.values[0] as string).split(':');
    if (to === undefined) return [`${header} ${name} ${not(option)}${from}`];
    if (native && from === '0') return [`${header} ${name} ${option.inverted ? '>' : '<='} ${to}`];
    return [`${header} ${name} ${not(option)}${from}-${to}`];
  });
}

const FLAG_ORDER = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

function tcpFlags(options: SavedOptions): string[] {
  const option = options.get('tcp-flags') ?? options.get('syn');
  if (!option) return [];
  const [mask = 'FIN,SYN,RST,ACK', set = 'SYN'] = option.name === 'syn' ? [] : option.values;
  const list = (text: string) =>
    (text === 'ALL' ? FLAG_ORDER : FLAG_ORDER.filter((flag) => text.split(',').includes(flag))).map((flag) => flag.toLowerCase());
  const masked = list(mask);
  const wanted = list(set);
  if (wanted.length === 0) return [`tcp flags ${option.inverted ? '' : '! '}${masked.join(',')}`];
  const left = masked.length === 1 ? masked[0] : `(${masked.join(' | ')})`;
  return [`tcp flags & ${left} ${option.inverted ? '!=' : '=='} ${wanted.join(' | ')}`];
}

/** As the extension's own translation writes them. */
function translatedFlags(options: SavedOptions): string[] {
  const option = options.get('tcp-flags') ?? options.get('syn');
  if (!option) return [];
  const [mask = 'FIN,SYN,RST,ACK', set = 'SYN'] = option.name === 'syn' ? [] : option.values;
  const list = (text: string) =>
    FLAG_ORDER.filter((flag) => text === 'ALL' || text.split(',').includes(flag))
      .map((flag) => flag.toLowerCase())
      .join(',') || '0x0';
  return [`tcp flags ${not(option)}${list(set)} / ${list(mask)}`];
}

const PROTOCOL_NAMES: Record<number, string> = { 6: 'tcp', 17: 'udp', 132: 'sctp', 136: 'udplite', 33: 'dccp' };

/** The others stay matches of xtables, which nft shows by their translation, where they have one. */
const TRANSLATED: Record<string, Translate> = {
  tcp(options) {
    if (options.all.length === 0) return 'meta l4proto tcp';
    const option = options.get('tcp-option');
    const parts = [...ports('tcp', options, false), ...translatedFlags(options)];
    if (option) parts.push(`tcp option ${option.values[0]} ${option.inverted ? 'missing' : 'exists'}`);
    return parts.join(' ');
  },
  udp: (options) => (options.all.length === 0 ? 'meta l4proto udp' : ports('udp', options, false).join(' ')),
  sctp(options) {
    if (options.has('chunk-types')) return undefined;
    return options.all.length === 0 ? 'meta l4proto sctp' : ports('sctp', options, false).join(' ');
  },
  mark: (options) => masked('mark', options.get('mark')),
  limit: (options, place) => NATIVE.limit?.(options, place),
  icmp: (options) => icmp(options.get('icmp-type'), 'icmp', symbols.ICMP_TYPES, '255'),
  icmp6: (options) => icmp(options.get('icmpv6-type'), 'icmpv6', symbols.ICMPV6_TYPES, undefined),
  multiport,
  conntrack,
  state: (options) => `ct state ${options.get('state')?.inverted ? '! ' : ''}${options.value('state')?.toLowerCase()}`,
  connmark: (options) => masked('ct mark', options.get('mark')),
  comment: (options) => `comment "${options.value('comment')}"`,
  addrtype(options) {
    // A rule that asks for both is translated as if it asked for the source alone.
    const option = options.get('src-type') ?? options.get('dst-type');
    const limit = options.has('limit-iface-in') ? ' . iif' : options.has('limit-iface-out') ? ' . oif' : '';
    const types = (option?.values[0] ?? '').toLowerCase().split(',');
    const list = types.length === 1 ? types[0] : `{ ${types.join(', ')} }`;
    return `fib ${option?.name === 'src-type' ? 'saddr' : 'daddr'}${limit} type ${not(option)}${list}`;
  },
  statistic(options) {
    const probability = options.get('probability');
    if (probability)
      return `meta random & 2147483647 ${probability.inverted ? '>=' : '<'} ${Math.round(Number(probability.values[0]) * 2 ** 31)}`;
    const every = options.get('every');
    return `numgen inc mod ${every?.values[0]} ${not(every)}${options.value('packet') ?? 0}`;
  },
  iprange(options, { family }) {
    const ip = family === 4 ? 'ip' : 'ip6';
    return options.all
      .map((option) => `${ip} ${option.name === 'src-range' ? 'saddr' : 'daddr'} ${not(option)}${option.values[0]}`)
      .join(' ');
  },
  mac: (options) => `ether saddr ${not(options.get('mac-source'))}${options.value('mac-source')?.toLowerCase()}`,
  length: (options) => `meta length ${not(options.get('length'))}${options.value('length')?.replace(':', '-')}`,
  owner(options) {
    if (options.has('socket-exists')) return undefined;
    return options.all.map((option) => `${option.name === 'uid-owner' ? 'skuid' : 'skgid'} ${not(option)}${option.values[0]}`).join(' ');
  },
  ttl(options) {
    const [option] = options.all;
    const word = { 'ttl-lt': 'lt ', 'ttl-gt': 'gt ' }[option?.name ?? ''] ?? not(option);
    return `ip ttl ${word}${option?.values[0]}`;
  },
  pkttype: (options) => `pkttype ${not(options.get('pkt-type'))}${options.value('pkt-type')}`,
};

function icmp(
  option: SavedOption | undefined,
  header: string,
  table: readonly (readonly [string, number])[],
  any: string | undefined,
): string | undefined {
  const text = option?.values[0] ?? '';
  if (text === 'any' || text === any) return 'ip protocol icmp';
  if (text.includes('/')) return undefined;
  const name = table.find(([, number]) => number === Number(text))?.[0];
  return `${header} type ${not(option)}${name ?? text}`;
}

function multiport(options: SavedOptions, { protocol }: Place): string | undefined {
  const [option] = options.all;
  const header = PROTOCOL_NAMES[protocol];
  if (!option || !header) return undefined;
  const list = (option.values[0] as string).split(',').map((one) => one.replace(':', '-'));
  if (option.name === 'ports')
    return `${header} sport . ${header} dport ${not(option)}{ ${list.flatMap((one) => [`0-65535 . ${one}`, `${one} . 0-65535`]).join(', ')} }`;
  return `${header} ${option.name === 'sports' ? 'sport' : 'dport'} ${not(option)}${list.length === 1 && !list[0]?.includes('-') ? list[0] : `{ ${list.join(', ')} }`}`;
}

const CT_NAMES: Record<string, string> = {
  ctorigsrc: 'ct original saddr',
  ctorigdst: 'ct original daddr',
  ctreplsrc: 'ct reply saddr',
  ctrepldst: 'ct reply daddr',
  ctorigsrcport: 'ct original proto-src',
  ctorigdstport: 'ct original proto-dst',
  ctreplsrcport: 'ct reply proto-src',
  ctrepldstport: 'ct reply proto-dst',
};

const CT_ORDER = ['ctdir', 'ctproto', 'ctstate', 'ctstatus', 'ctexpire'];
const ctRank = ({ name }: SavedOption) => (CT_ORDER.includes(name) ? CT_ORDER.indexOf(name) : CT_ORDER.length);

function conntrack(options: SavedOptions): string {
  return [...options.all]
    .sort((a, b) => ctRank(a) - ctRank(b))
    .map((option) => {
      const value = option.values[0] ?? '';
      switch (option.name) {
        case 'ctstate': {
          const states = value.toLowerCase().split(',');
          // The translation knows one of them, and nothing else beside it.
          const translated = states.find((one) => one === 'snat' || one === 'dnat');
          return translated
            ? `ct status ${states.includes('snat') ? 'snat' : 'dnat'}`
            : `ct state ${option.inverted ? '! ' : ''}${states.join(',')}`;
        }
        case 'ctproto':
          return `ct original protocol ${not(option)}${value}`;
        case 'ctstatus':
          return `ct status ${option.inverted ? '!' : ''}${value === 'NONE' ? '' : `${option.inverted ? ' ' : ''}${value.toLowerCase()}`}`;
        case 'ctexpire':
          return `ct expiration ${not(option)}${value.replace(':', '-')}`;
        case 'ctdir':
          return `ct direction ${value.toLowerCase()}`;
        default:
          return `${CT_NAMES[option.name]} ${not(option)}${value.replace(/:(?=\d+$)/, option.name.endsWith('port') ? '-' : ':')}`;
      }
    })
    .join(' ')
    .trim();
}
