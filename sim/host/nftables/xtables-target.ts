import type { Family } from '../../kernel/netfilter/hooks.ts';
import type { SavedOptions } from './xtables-options.ts';

/** A target of iptables in nft's words; `foreign` when it is one of xtables. */
export function translateTarget(name: string, options: SavedOptions, family: Family): { text: string; foreign: boolean } {
  if (name === 'TRACE') return { text: 'meta nftrace set 1', foreign: false };
  if (name === 'NFLOG') return { text: nflog(options), foreign: false };
  return { text: wordsOfTarget(name, options, family) ?? `xt target "${name}"`, foreign: true };
}

/** The translation that a target of xtables has (its `xlate` function), or `undefined`. */
export function wordsOfTarget(name: string, options: SavedOptions, family: Family): string | undefined {
  if (name === 'TRACE') return 'nftrace set 1';
  return name === 'NFLOG' ? nflog(options) : TRANSLATED[name]?.(options, family);
}

type Translate = (options: SavedOptions, family: Family) => string | undefined;

function nflog(options: SavedOptions): string {
  let text = 'log';
  if (options.has('nflog-prefix')) text += ` prefix "${options.value('nflog-prefix')}"`;
  text += ` group ${options.value('nflog-group') ?? 0}`;
  if (options.has('nflog-size')) text += ` snaplen ${options.value('nflog-size')}`;
  if (options.has('nflog-threshold') && options.value('nflog-threshold') !== '0')
    text += ` queue-threshold ${options.value('nflog-threshold')}`;
  return text;
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

const ICMP: Record<string, string> = {
  'icmp-net-unreachable': 'net-unreachable',
  'icmp-host-unreachable': 'host-unreachable',
  'icmp-proto-unreachable': 'prot-unreachable',
  'icmp-net-prohibited': 'net-prohibited',
  'icmp-host-prohibited': 'host-prohibited',
  'icmp-admin-prohibited': 'admin-prohibited',
  'icmp6-no-route': 'no-route',
  'icmp6-adm-prohibited': 'admin-prohibited',
  'icmp6-addr-unreachable': 'addr-unreachable',
  'icmp6-policy-fail': 'policy-fail',
  'icmp6-reject-route': 'reject-route',
};

const TRANSLATED: Record<string, Translate> = {
  REJECT(options, family) {
    const how = options.value('reject-with') ?? '';
    if (how === 'tcp-reset') return 'reject with tcp reset';
    return how.endsWith('port-unreachable') ? 'reject' : `reject with ${family === 4 ? 'icmp' : 'icmpv6'} type ${ICMP[how]}`;
  },
  LOG(options) {
    let text = 'log';
    if (options.has('log-prefix')) text += ` prefix "${options.value('log-prefix')}"`;
    if (options.has('log-level')) text += ` level ${LEVELS[Number(options.value('log-level'))]}`;
    const tcp = [options.has('log-tcp-sequence') ? 'sequence' : '', options.has('log-tcp-options') ? 'options' : ''].filter(
      (word) => word !== '',
    );
    const [ip, uid, ether] = ['log-ip-options', 'log-uid', 'log-macdecode'].map((name) => options.has(name));
    if (tcp.length === 2 && ip && uid && ether) return `${text} flags all`;
    if (tcp.length > 0) text += ` flags tcp ${tcp.join(',')}`;
    if (ip) text += ' flags ip options';
    if (uid) text += ' flags skuid';
    return ether ? `${text} flags ether` : text;
  },
  MARK: (options) => `meta mark set ${change(options.value('set-xmark') ?? '0', 'mark', true)}`,
  CONNMARK(options) {
    const set = options.value('set-xmark');
    if (set !== undefined) return `ct mark set ${change(set, 'ct mark', false)}`;
    const mask = options.value('nfmask');
    const masked = mask === undefined || Number(mask) === 0xffff_ffff ? '' : ` and ${mask}`;
    return options.has('save-mark') ? `ct mark set mark${masked}` : `meta mark set ct mark${masked}`;
  },
  CT: (options) => (options.has('notrack') ? 'notrack' : undefined),
  NOTRACK: () => 'notrack',
  DNAT: (options) => nat('dnat', options, options.value('to-destination')),
  SNAT: (options) => nat('snat', options, options.value('to-source')),
  MASQUERADE: (options) => nat('masquerade', options, colon(options.value('to-ports'))),
  REDIRECT: (options) => nat('redirect', options, colon(options.value('to-ports'))),
  DSCP: (options, family) => `${family === 4 ? 'ip' : 'ip6'} dscp set ${options.value('set-dscp')}`,
  // It takes every packet for one of IPv6, and leaves the mask out.
  TOS: (options) => `ip6 dscp set 0x${(Number((options.value('set-tos') ?? '0').split('/')[0]) >> 2).toString(16).padStart(2, '0')}`,
  CLASSIFY(options) {
    const value = (options.value('set-class') ?? '').split(':').map((text) => Number.parseInt(text, 16).toString(16));
    const text = value.join(':');
    return `meta priority set ${{ '0:0': 'none', 'ffff:ffff': 'root' }[text] ?? text}`;
  },
  NFQUEUE(options) {
    const text = `queue num ${options.value('queue-num') ?? options.value('queue-balance')?.replace(':', '-') ?? 0}`;
    const flags = [options.has('queue-bypass') ? 'bypass' : '', options.has('queue-cpu-fanout') ? 'fanout' : ''].filter(Boolean);
    return [text, flags.join(',')].filter(Boolean).join(' ');
  },
  TEE: (options) => `dup to ${options.value('gateway')}${options.has('oif') ? ` device ${options.value('oif')}` : ''}`,
  AUDIT: () => 'log level audit',
  TPROXY(options, family) {
    const address = options.value('on-ip') ?? '';
    const any = address === '' || address === '0.0.0.0' || address === '::';
    const mark = options.value('tproxy-mark');
    const to = `${any ? '' : family === 4 ? address : `[${address}]`}:${options.value('on-port')}`;
    return `tproxy to ${to}${mark === undefined || /^0x0(\/|$)/.test(mark) ? '' : ` meta mark set ${change(mark, 'meta mark', true)}`} accept`;
  },
  SYNPROXY(options) {
    const words = options.all.map(({ name, values: [value] }) => (value === undefined ? name : `${name} ${Number(value)}`));
    return ['synproxy', ...words].join(' ');
  },
  TCPMSS: (options) => `tcp option maxseg size set ${options.has('clamp-mss-to-pmtu') ? 'rt mtu' : options.value('set-mss')}`,
};

const colon = (ports: string | undefined): string | undefined => (ports === undefined ? undefined : `:${ports}`);

function nat(word: string, options: SavedOptions, to: string | undefined): string | undefined {
  // A base for shifted ports has no words in nft.
  if (to?.includes('/')) return undefined;
  const flags = [
    ['random', 'random'],
    ['random-fully', 'fully-random'],
    ['persistent', 'persistent'],
  ].flatMap(([option, flag]) => (options.has(option as string) ? [flag] : []));
  return `${word}${to === undefined || to === '' ? '' : ` to ${to}`}${flags.length > 0 ? ` ${flags.join(',')}` : ''}`;
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** `VALUE/MASK`: the bits of the mask go, then those of the value are turned over. */
function change(text: string, old: string, andFirst: boolean): string {
  const slash = text.indexOf('/');
  const value = Number(slash < 0 ? text : text.slice(0, slash));
  const mask = slash < 0 ? 0xffff_ffff : Number(text.slice(slash + 1));
  if (mask === 0xffff_ffff) return hex(value);
  if (value === 0) return `${old} and ${hex(~mask)}`;
  if (value === mask) return `${old} or ${hex(value)}`;
  if (mask === 0) return `${old} xor ${hex(value)}`;
  return andFirst ? `${old} and ${hex(~mask)} xor ${hex(value)}` : `${old} xor ${hex(value)} and ${hex(~mask)}`;
}
