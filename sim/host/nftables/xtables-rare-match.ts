import type { Translate } from './xtables-match.ts';
import { masked, not, type SavedOption, type SavedOptions, span } from './xtables-options.ts';

const COMPARED: Record<string, string> = { lt: 'lt ', gt: 'gt ' };

/** `--hl-lt 5` and its like. */
function compared(left: string, option: SavedOption | undefined): string {
  return `${left} ${COMPARED[option?.name.slice(-2) ?? ''] ?? not(option)}${option?.values[0]}`;
}

/** Words and what they say, in the order in which they are said. */
const said = (options: SavedOptions, words: Record<string, (option: SavedOption) => string>): string =>
  Object.entries(words)
    .flatMap(([name, say]) => {
      const option = options.get(name);
      return option ? [say(option)] : [];
    })
    .join(' ');

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const UNITS: Record<string, [string, number]> = { sec: ['second', 1], min: ['minute', 60], hour: ['hour', 3600], day: ['day', 86_400] };
const EXPIRE_OF_BYTES = 15;

/** What the less common matches of xtables say in nft's words; as the rest of them, by their extensions' `xlate` functions. */
export const RARE: Record<string, Translate> = {
  connlabel(options) {
    const option = options.get('label');
    const label = option?.values[0] ?? '';
    if (!options.has('set')) return `ct label ${option?.inverted ? `and ${label} != ` : ''}${label}`;
    return `ct label set ${label} ct label ${option?.inverted ? `and ${label} != ` : ''}${label}`;
  },
  hl: (options) => compared('ip6 hoplimit', options.all[0]),
  dscp: (options, { family }) => `${family === 4 ? 'ip' : 'ip6'} dscp ${not(options.get('dscp'))}${options.value('dscp')}`,
  cpu: (options) => `cpu ${not(options.get('cpu'))}${options.value('cpu')}`,
  realm: (options) => masked('rtclassid', options.get('realm')),
  devgroup: (options) =>
    said(options, { 'src-group': (option) => masked('iifgroup', option), 'dst-group': (option) => masked('oifgroup', option) }),
  helper: (options) => `ct helper ${not(options.get('helper'))}"${options.value('helper')}"`,
  quota: (options) => `quota ${options.get('quota')?.inverted ? 'over ' : ''}${options.value('quota')} bytes`,
  policy: (options) => (options.value('dir') === 'in' && options.value('pol') === 'ipsec' ? 'meta secpath exists' : undefined),
  cgroup: (options) => (options.has('cgroup') ? `meta cgroup ${not(options.get('cgroup'))}${options.value('cgroup')}` : undefined),
  tcpmss: (options) => `tcp option maxseg size ${not(options.get('mss'))}${span(options.value('mss'))}`,
  ah: (options) => (options.has('ahspi') ? `ah spi ${not(options.get('ahspi'))}${span(options.value('ahspi'))}` : 'meta l4proto ah'),
  esp: (options) => (options.has('espspi') ? `esp spi ${not(options.get('espspi'))}${span(options.value('espspi'))}` : 'meta l4proto esp'),
  ipcomp: (options) => `comp cpi ${not(options.get('ipcompspi'))}${span(options.value('ipcompspi') ?? '0')}`,
  rpfilter: (options) =>
    `fib saddr${options.has('validmark') ? ' . mark' : ''}${options.has('loose') ? '' : ' . iif'} oif ${options.has('invert') ? '' : '!= '}0`,
  socket(options) {
    const wildcard = `socket wildcard ${options.has('nowildcard') ? 'le 1' : '0'}`;
    return `${wildcard}${options.has('transparent') ? ' socket transparent 1' : ''}`;
  },
  ecn: (options) =>
    said(options, {
      'ecn-tcp-ece': (option) => `tcp flags ${not(option)}ecn`,
      'ecn-tcp-cwr': (option) => `tcp flags ${not(option)}cwr`,
      'ecn-ip-ect': (option) => `ip ecn ${not(option)}${['not-ect', 'ect1', 'ect0', 'ce'][Number(option.values[0])]}`,
    }),
  frag: (options) =>
    said(options, {
      fragid: (option) => `frag id ${not(option)}${span(option.values[0])}`,
      fragres: () => 'frag reserved 1',
      fragfirst: () => 'frag frag-off 0',
      fragmore: () => 'frag more-fragments 1',
      fraglast: () => 'frag more-fragments 0',
    }),
  rt: (options) =>
    said(options, {
      'rt-type': (option) => `rt type ${not(option)}${option.values[0]}`,
      'rt-segsleft': (option) => `rt seg-left ${not(option)}${span(option.values[0])}`,
      'rt-len': (option) => `rt hdrlength ${not(option)}${option.values[0]}`,
    }),
  mh: (options) =>
    options.has('mh-type') ? `mh type ${not(options.get('mh-type'))}${span(options.value('mh-type'))}` : 'exthdr mh exists',
  dccp: (options) =>
    said(options, {
      sport: (option) => `dccp sport ${not(option)}${span(option.values[0])}`,
      dport: (option) => `dccp dport ${not(option)}${span(option.values[0])}`,
      'dccp-types'(option) {
        const types = (option.values[0] ?? '').toLowerCase().split(',');
        return `dccp type ${not(option)}${types.length === 1 ? types[0] : `{${types.join(', ')}}`}`;
      },
    }),
  connbytes,
  time,
  hashlimit,
};

function connbytes(options: SavedOptions): string {
  const option = options.get('connbytes');
  const [from = '0', to = ''] = (option?.values[0] ?? '').split(':');
  const direction = options.value('connbytes-dir') ?? 'both';
  const left = `ct ${direction === 'both' ? '' : `${direction} `}${options.value('connbytes-mode')}`;
  if (to === '') return `${left} ${option?.inverted ? 'lt' : 'ge'} ${from}`;
  return `${left} ${not(option)}${from === to ? from : `${from}-${to}`}`;
}

function time(options: SavedOptions): string | undefined {
  if (options.has('monthdays')) return undefined;
  const parts: string[] = [];
  const moment = (text: string | undefined) => text?.replace('T', ' ');
  const [first, last] = [moment(options.value('datestart')), moment(options.value('datestop'))];
  const never = last === '2038-01-19 03:14:07' ? undefined : last;
  if (first !== undefined && last !== undefined) parts.push(`meta time "${first}"-"${last}"`);
  else if (first !== undefined) parts.push(`meta time >= "${first}"`);
  else if (never !== undefined) parts.push(`meta time <= "${never}"`);
  if (options.has('timestart') || options.has('timestop'))
    parts.push(` meta hour "${options.value('timestart') ?? '00:00:00'}"-"${options.value('timestop') ?? '23:59:59'}"`);
  const days = options.get('weekdays');
  if (days) {
    const named = (days.values[0] ?? '').split(',');
    const numbers = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].filter((day) => named.includes(day)).map((day) => DAYS.indexOf(day));
    const list = numbers.length === 1 ? String(numbers[0]) : `{ ${numbers.join(', ')} }`;
    parts.push(`${parts.length === 0 ? ' ' : ''}meta day ${not(days)}${list}`);
  }
  return parts.join(' ');
}

/** What it counts by is said in an order of its own; ports are taken for those of TCP. */
function hashlimit(options: SavedOptions, { family }: { family: 4 | 6 }): string | undefined {
  const over = options.value('hashlimit-above');
  const limit = over ?? options.value('hashlimit-upto');
  const mode = options.value('hashlimit-mode')?.split(',');
  if (limit === undefined || mode === undefined) return undefined;
  const ip = family === 4 ? 'ip' : 'ip6';
  const under = (name: string) => {
    const bits = options.value(name);
    return bits === undefined || family !== 4 ? '' : ` and ${dotted(Number(bits))}`;
  };
  const keys = {
    dstip: `${ip} daddr${under('hashlimit-dstmask')}`,
    dstport: 'tcp dport',
    srcip: `${ip} saddr${under('hashlimit-srcmask')}`,
    srcport: 'tcp sport',
  };
  const key = Object.entries(keys).flatMap(([name, text]) => (mode.includes(name) ? [text] : []));
  const bytes = /^(\d+)([kmg]?)b\/s$/.exec(limit);
  const [rate = '', unit = 'sec'] = limit.split('/');
  const [word, seconds] = bytes ? ['second', EXPIRE_OF_BYTES] : (UNITS[unit] ?? [unit, 1]);
  const given = options.value('hashlimit-htable-expire');
  const expire = given === undefined ? seconds : Math.floor(Number(given) / 1000);
  const burst = options.value('hashlimit-burst') ?? '5';
  const amount = bytes ? `${bytes[1]} ${bytes[2]}bytes/${word}` : `${rate}/${word}`;
  const after = burst === '5' || bytes ? '' : ` burst ${burst} packets`;
  const until = expire === 1 ? '' : ` timeout ${expire}s`;
  return `meter ${options.value('hashlimit-name')} { ${key.join(' . ')}${until} limit rate ${over === undefined ? '' : 'over '}${amount}${after} }`;
}

function dotted(bits: number): string {
  const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff).join('.');
}
