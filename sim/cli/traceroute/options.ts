import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { notModelled } from '../command.ts';
import { USAGE, VERSION } from './usage.ts';

export type MethodName = 'default' | 'udp' | 'icmp' | 'tcp';

/** What the command line asks for. */
export interface Settings {
  family: 0 | 4 | 6;
  method: MethodName;
  dontFragment: boolean;
  mtu: boolean;
  back: boolean;
  numeric: boolean;
  firstHop: number;
  maxHops: number;
  queries: number;
  simultaneous: number;
  port: number | undefined;
  sourcePort: number | undefined;
  tos: number;
  flowLabel: number;
  /** Seconds, and factors of what others took. */
  wait: { max: number; here: number; near: number };
  /** Seconds between probes. */
  sendWait: number;
  mark: number;
  source: IP | undefined;
  device: string | undefined;
  host: string;
  /** Where the host stood, for messages. */
  hostAt: { position: number; argument: number };
  packetLength: number | undefined;
}

/** Ends the program: text for standard output or error, and the exit status. */
export class Stop extends Error {
  readonly text: string;
  readonly status: number;
  readonly fd: 1 | 2;

  constructor(text: string, status = 2, fd: 1 | 2 = 2) {
    super(text);
    this.text = text;
    this.status = status;
    this.fd = fd;
  }
}

/** @returns false when the argument makes no sense */
type Setter = (settings: Settings, value: string) => boolean | undefined;

interface Option {
  names: readonly string[];
  /** The argument's name in messages; absent for a flag. */
  argument?: string;
  set: Setter;
}

/** strtoul(3) with base 0, to the end of the text. */
function whole(text: string): number | undefined {
  if (!/^[-+]?(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return undefined;
  return /^[-+]?0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

const number =
  (put: (settings: Settings, value: number) => void): Setter =>
  (settings, text) => {
    const value = whole(text);
    if (value === undefined) return false;
    put(settings, value);
    return true;
  };

const refuse =
  (what: string): Setter =>
  () => {
    throw new Stop(notModelled('traceroute', what));
  };

const method =
  (name: string): Setter =>
  (settings) => {
    if (name !== 'default' && name !== 'udp' && name !== 'icmp' && name !== 'tcp') {
      if (['udplite', 'dccp', 'raw', 'tcpconn'].includes(name)) throw new Stop(notModelled('traceroute', `method ${name}`));
      throw new Stop(`Unknown traceroute module ${name}\n`);
    }
    settings.method = name;
    return true;
  };

function setWait(settings: Settings, text: string): boolean {
  const parts = text.split(',');
  if (parts.length > 3 || parts.some((part) => !/^-?[0-9]*\.?[0-9]*$/.test(part) || part === '')) return false;
  const [max = '5', here, near] = parts;
  settings.wait.max = Number(max);
  // A single number turns the adaptive waiting off.
  settings.wait.here = here === undefined ? 0 : Number(here);
  settings.wait.near = near === undefined ? 0 : Number(near);
  return true;
}

function setSource(settings: Settings, text: string): boolean {
  settings.source = parseIP(text);
  return settings.source !== undefined;
}

const OPTIONS: readonly Option[] = [
  {
    names: ['-4'],
    set: (s) => {
      s.family = 4;
    },
  },
  {
    names: ['-6'],
    set: (s) => {
      s.family = 6;
    },
  },
  { names: ['-d', '--debug'], set: () => {} },
  {
    names: ['-F', '--dont-fragment'],
    set: (s) => {
      s.dontFragment = true;
    },
  },
  {
    names: ['-f', '--first'],
    argument: 'first_ttl',
    set: number((s, n) => {
      s.firstHop = n;
    }),
  },
  { names: ['-g', '--gateway'], argument: 'gate,...', set: refuse('loose source routing (-g)') },
  { names: ['-I', '--icmp'], set: method('icmp') },
  { names: ['-T', '--tcp'], set: method('tcp') },
  { names: ['-U', '--udp'], set: method('udp') },
  { names: ['-UL'], set: method('udplite') },
  { names: ['-D', '--dccp'], set: method('dccp') },
  { names: ['-P', '--protocol'], argument: 'prot', set: method('raw') },
  {
    names: ['-i', '--interface'],
    argument: 'device',
    set: (s, text) => {
      s.device = text;
    },
  },
  {
    names: ['-m', '--max-hops'],
    argument: 'max_ttl',
    set: number((s, n) => {
      s.maxHops = n;
    }),
  },
  {
    names: ['-N', '--sim-queries'],
    argument: 'squeries',
    set: number((s, n) => {
      s.simultaneous = n;
    }),
  },
  {
    names: ['-n'],
    set: (s) => {
      s.numeric = true;
    },
  },
  {
    names: ['-p', '--port'],
    argument: 'port',
    set: number((s, n) => {
      s.port = n;
    }),
  },
  {
    names: ['-t', '--tos'],
    argument: 'tos',
    set: number((s, n) => {
      s.tos = n & 0xff;
    }),
  },
  {
    names: ['-l', '--flowlabel'],
    argument: 'flow_label',
    set: number((s, n) => {
      s.flowLabel = n & 0xfffff;
    }),
  },
  { names: ['-w', '--wait'], argument: 'MAX,HERE,NEAR', set: setWait },
  {
    names: ['-q', '--queries'],
    argument: 'nqueries',
    set: number((s, n) => {
      s.queries = n;
    }),
  },
  { names: ['-r'], set: refuse('bypassing the routing tables (-r)') },
  { names: ['-s', '--source'], argument: 'src_addr', set: setSource },
  {
    names: ['-z', '--sendwait'],
    argument: 'sendwait',
    set: (s, text) => {
      if (!/^-?[0-9]*\.?[0-9]+$/.test(text)) return false;
      s.sendWait = Number(text);
      return true;
    },
  },
  { names: ['-e', '--extensions'], set: refuse('showing ICMP extensions (-e)') },
  { names: ['-A', '--as-path-lookups'], set: refuse('AS path lookup (-A)') },
  { names: ['-M', '--module'], argument: 'name', set: (s, text) => method(text)(s, text) },
  { names: ['-O', '--options'], argument: 'OPTS,...', set: refuse('module options (-O)') },
  {
    names: ['--sport'],
    argument: 'num',
    set: number((s, n) => {
      s.sourcePort = n;
      s.simultaneous = 1;
    }),
  },
  {
    names: ['--fwmark'],
    argument: 'num',
    set: number((s, n) => {
      s.mark = n >>> 0;
    }),
  },
  {
    names: ['--mtu'],
    set: (s) => {
      s.mtu = true;
      s.dontFragment = true;
      s.simultaneous = 1;
    },
  },
  {
    names: ['--back'],
    set: (s) => {
      s.back = true;
    },
  },
  {
    names: ['-V', '--version'],
    set: () => {
      throw new Stop(VERSION, 0, 1);
    },
  },
  {
    names: ['--help'],
    set: () => {
      throw new Stop(USAGE, 0);
    },
  },
];

function find(name: string): Option | undefined {
  return OPTIONS.find((option) => option.names.includes(name));
}

/** Reads the command line, one argument after the other (libsupp/clif.c); throws `Stop`. */
export function readOptions(args: readonly string[]): Settings {
  const settings: Settings = {
    family: 0,
    method: 'default',
    dontFragment: false,
    mtu: false,
    back: false,
    numeric: false,
    firstHop: 1,
    maxHops: 30,
    queries: 3,
    simultaneous: 16,
    port: undefined,
    sourcePort: undefined,
    tos: 0,
    flowLabel: 0,
    wait: { max: 5, here: 3, near: 10 },
    sendWait: 0,
    mark: 0,
    source: undefined,
    device: undefined,
    host: '',
    hostAt: { position: 0, argument: 0 },
    packetLength: undefined,
  };
  if (args.length === 0) throw new Stop(USAGE, 0);
  const operands: { text: string; argument: number }[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      for (let j = i + 1; j < args.length; j++) operands.push({ text: args[j] as string, argument: j + 1 });
      break;
    }
    if (arg.startsWith('-') && arg !== '-') i = option(settings, args, i);
    else operands.push({ text: arg, argument: i + 1 });
  }
  takeOperands(settings, operands);
  return settings;
}

/** Reads the option at `i`; returns the index of the last argument that it took. */
function option(settings: Settings, args: readonly string[], i: number): number {
  const arg = args[i] as string;
  const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
  const name = equals < 0 ? arg : arg.slice(0, equals);
  const found = find(name);
  if (found) {
    if (found.argument === undefined) return apply(found, name, '', settings, i, i);
    if (equals >= 0) return apply(found, name, arg.slice(equals + 1), settings, i, i);
    const next = args[i + 1];
    if (next === undefined) throw new Stop(`Option \`${name}' (argc ${i + 1}) requires an argument: \`${name} ${found.argument}'\n`);
    return apply(found, name, next, settings, i + 1, i + 1);
  }
  if (arg.startsWith('--')) throw new Stop(`Bad option \`${name}' (argc ${i + 1})\n`);
  return letters(settings, args, i);
}

/** `-q1`, or a bundle of flags of which the last may take the next argument. */
function letters(settings: Settings, args: readonly string[], i: number): number {
  const arg = args[i] as string;
  const first = find(arg.slice(0, 2));
  if (first?.argument !== undefined) return apply(first, arg.slice(0, 2), arg.slice(2), settings, i, i);
  let last = i;
  for (let at = 1; at < arg.length; at++) {
    const name = `-${arg[at]}`;
    const found = find(name);
    if (!found) throw new Stop(`Bad option \`${name}' (argc ${i + 1})\n`);
    const next = at === arg.length - 1 ? args[i + 1] : undefined;
    if (found.argument !== undefined && next === undefined) {
      throw new Stop(`Option \`${name}' (argc ${i + 1}) requires an argument: \`${name} ${found.argument}'\n`);
    }
    if (found.argument === undefined) apply(found, name, '', settings, i, i);
    else last = apply(found, name, next as string, settings, i + 1, i + 1);
  }
  return last;
}

function apply({ set }: Option, name: string, value: string, settings: Settings, at: number, last: number): number {
  if (set(settings, value) === false) throw new Stop(`Cannot handle \`${name}' option with arg \`${value}' (argc ${at + 1})\n`);
  return last;
}

function takeOperands(settings: Settings, operands: readonly { text: string; argument: number }[]): void {
  const [host, length, extra] = operands;
  if (!host) throw new Stop('Specify "host" missing argument.\n');
  settings.host = host.text;
  settings.hostAt = { position: 1, argument: host.argument };
  if (length) {
    settings.packetLength = whole(length.text);
    if (settings.packetLength === undefined)
      throw new Stop(`Cannot handle "packetlen" cmdline arg \`${length.text}' on position 2 (argc ${length.argument})\n`);
  }
  if (extra) throw new Stop(`Extra arg \`${extra.text}' (position 3, argc ${extra.argument})\n`);
}

/** What can't be, once everything is known (main in traceroute.c). */
export function checkSettings(settings: Settings, destination: IP): void {
  const { firstHop, maxHops, queries, wait, packetLength, source } = settings;
  if (firstHop < 1 || firstHop > maxHops) throw new Stop('first hop out of range\n');
  if (maxHops > 255) throw new Stop('max hops cannot be more than 255\n');
  if (queries < 1 || queries > 10) throw new Stop('no more than 10 probes per hop\n');
  if (wait.max < 0 || wait.here < 0 || wait.near < 0)
    throw new Stop(`bad wait specifications \`${wait.max},${wait.here},${wait.near}' used\n`);
  if (packetLength !== undefined && packetLength > 65_000) throw new Stop(`too big packetlen ${packetLength} specified\n`);
  if (source !== undefined && typeof source !== typeof destination) throw new Stop(`IP version mismatch in addresses specified\n`);
  if (settings.sendWait < 0) throw new Stop(`bad sendtime \`${settings.sendWait}' specified\n`);
  if (settings.sendWait >= 10) settings.sendWait /= 1000;
  if (settings.simultaneous < 1) settings.simultaneous = 1;
}

/** `traceroute to NAME (ADDRESS), 30 hops max, 60 byte packets`. */
export function headerLine(settings: Settings, destination: IP, length: number): string {
  return `traceroute to ${settings.host} (${formatIP(destination)}), ${settings.maxHops} hops max, ${length} byte packets`;
}
