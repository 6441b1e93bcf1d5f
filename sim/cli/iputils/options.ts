import { type IPv4, type IPv6, parseIPv4, parseIPv6 } from '../../base/address.ts';
import type { PathMtuDiscovery } from '../../kernel/socket/socket.ts';
import { getopt, isFailure, type OptionSpec } from '../getopt.ts';
import { NODE_INFORMATION_HELP, type NodeInformation, readNodeInformation } from './node-information.ts';
import { PING_USAGE, VERSION_LINES } from './usage.ts';

/** What the command line asks for; times in the units of the real program's variables. */
export interface PingOptions {
  target: string;
  /** What the IP header holds beside the usual: -R, -T, or names before the destination. */
  header: 'record-route' | 'source-route' | 'tsonly' | 'tsandaddr' | 'tsprespec' | undefined;
  hops: readonly string[];
  nodeInformation: NodeInformation | undefined;
  family: 0 | 4 | 6;
  count: number | undefined;
  /** Milliseconds between packets. */
  interval: number;
  intervalGiven: boolean;
  /** Microseconds to wait for the last answer when none has come. */
  linger: number;
  /** Seconds; 0 is none. */
  deadline: number;
  size: number;
  ttl: number | undefined;
  tos: number;
  mark: number | undefined;
  preload: number;
  /** The socket binds to this device. */
  device: string | undefined;
  source: IPv4 | undefined;
  source6: IPv6 | undefined;
  identifier: number | undefined;
  pathMtuDiscovery: PathMtuDiscovery | undefined;
  pattern: Uint8Array | undefined;
  adaptive: boolean;
  audible: boolean;
  broadcast: boolean;
  connect: boolean;
  flood: boolean;
  forceLookup: boolean;
  noLoop: boolean;
  numeric: boolean;
  outstanding: boolean;
  precise: boolean;
  quiet: boolean;
  strictSource: boolean;
  timestamps: boolean;
  /** -r: only to hosts on a link. */
  onLink: boolean;
  verbose: boolean;
}

/** The program ends before it starts: what goes where, and the exit status. */
export interface EarlyEnd {
  stdout: string;
  stderr: string;
  status: number;
}

/** Warnings and notes that come before the first line. */
export interface ParsedPing {
  options: PingOptions;
  notes: EarlyEnd;
}

const ARGUMENT = 'required';
const SPECS: readonly OptionSpec[] = [
  ...[...('h?4b6' + '3aABCdDfHLnOqrUvV')].map((letter): OptionSpec => ({ name: letter, short: letter })),
  ...[...'ceiIlmMpQsStTwWFN'].map((letter): OptionSpec => ({ name: letter, short: letter, argument: ARGUMENT })),
  { name: 'R', short: 'R' },
];

export const MAX_SIZE_V4 = 65_507;
export const MAX_SIZE_V6 = 65_527;

/** The real ping's own limit on a duplicate's sequence number, and of `-l`. */
const MAX_PRELOAD = 65_536;
const INT_MAX = 2_147_483_647;
const LONG_MAX = 9_223_372_036_854_775_807n;

/** Parses the command line as ping(8) does: one option after the other, the first bad one ends it. */
export function parsePing(args: readonly string[], program: string): ParsedPing | EarlyEnd {
  const parsed = getopt(SPECS, args);
  if (isFailure(parsed)) {
    // It has no long options: the second dash is an unknown letter.
    const error = parsed.error.startsWith('unrecognized') ? "invalid option -- '-'" : parsed.error;
    return { stdout: '', stderr: `${program}: ${error}\n${PING_USAGE}`, status: 2 };
  }
  const options = defaults();
  const notes: EarlyEnd = { stdout: '', stderr: '', status: 0 };
  if (program.endsWith('4')) options.family = 4;
  if (program.endsWith('6')) options.family = 6;
  let version = false;
  for (const { name, value } of parsed.options) {
    if (name === 'V') version = true;
    else if (name === 'h' || name === '?') return { stdout: '', stderr: PING_USAGE, status: 2 };
    else {
      const end = SETTERS[name]?.(options, value, notes);
      if (end) return { stdout: notes.stdout, stderr: `${notes.stderr}${end.text.replaceAll('%P', program)}`, status: end.status };
    }
  }
  if (version) return { stdout: `ping ${VERSION_LINES}`, stderr: '', status: 0 };
  const target = parsed.operands.at(-1);
  if (target === undefined) return { stdout: '', stderr: `${program}: usage error: Destination address required\n`, status: 2 };
  if (parsed.operands.length > 1 && !setHops(options, parsed.operands.slice(0, -1)))
    return { stdout: notes.stdout, stderr: `${notes.stderr}${PING_USAGE}`, status: 2 };
  options.target = target;
  const limit = sizeLimit(options);
  if (options.size > limit) {
    return {
      ...notes,
      stderr: `${notes.stderr}${program}: invalid -s value: '${options.size}': out of range: 0 <= value <= ${limit}\n`,
      status: 1,
    };
  }
  return { options, notes };
}

/** By -4 or -6, and more surely by an address of one family. */
function sizeLimit({ family, target }: PingOptions): number {
  if (parseIPv4(target) !== undefined) return MAX_SIZE_V4;
  if (parseIPv6(target) !== undefined) return MAX_SIZE_V6;
  return family === 4 ? MAX_SIZE_V4 : MAX_SIZE_V6;
}

/** Names before the destination are the places whose time is wanted, or a source route; false where neither can be. */
function setHops(options: PingOptions, hops: readonly string[]): boolean {
  const { header } = options;
  if (header === 'record-route' || header === 'tsonly' || header === 'tsandaddr') return false;
  if (hops.length > (header === 'tsprespec' ? 4 : 9)) return false;
  options.header ??= 'source-route';
  options.hops = hops;
  return true;
}

function defaults(): PingOptions {
  return {
    target: '',
    header: undefined,
    hops: [],
    onLink: false,
    nodeInformation: undefined,
    family: 0,
    count: undefined,
    interval: 1000,
    intervalGiven: false,
    linger: 10_000_000,
    deadline: 0,
    size: 56,
    ttl: undefined,
    tos: 0,
    mark: undefined,
    preload: 1,
    device: undefined,
    source: undefined,
    source6: undefined,
    identifier: undefined,
    pathMtuDiscovery: undefined,
    pattern: undefined,
    adaptive: false,
    audible: false,
    broadcast: false,
    connect: false,
    flood: false,
    forceLookup: false,
    noLoop: false,
    numeric: false,
    outstanding: false,
    precise: false,
    quiet: false,
    strictSource: false,
    timestamps: false,
    verbose: false,
  };
}

/** `%P` stands for the program's name. */
interface Bad {
  text: string;
  status: number;
}

type Setter = (options: PingOptions, value: string, notes: EarlyEnd) => Bad | undefined;

const fatal = (text: string, status = 2): Bad => ({ text: `%P: ${text}\n`, status });

/** An integer between two limits (strtol_or_err); hands the value on. */
function integer(text: string, least: number, most: number | bigint, take: (value: number) => void): Bad | undefined {
  if (!/^\s*[-+]?[0-9]+$/.test(text)) return fatal(`invalid argument: '${text}'`, 1);
  const value = Number(text);
  if (value < least || value > most) return fatal(`invalid argument: '${text}': out of range: ${least} <= value <= ${most}`, 1);
  take(value);
  return undefined;
}

/** A decimal number; garbage after it is complained about and passed over. */
function decimal(text: string, notes: EarlyEnd): number {
  const match = /^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?/i.exec(text);
  const read = match?.[0] ?? '';
  if (read.length !== text.length) {
    notes.stderr += `ping: option argument contains garbage: ${text.slice(read.length)}\nping: this will become fatal error in the future\n`;
  }
  return Number(read || '0');
}

const flag =
  (name: keyof { [K in keyof PingOptions as PingOptions[K] extends boolean ? K : never]: true }): Setter =>
  (options) => {
    options[name] = true;
    return undefined;
  };

/** An option that is an integer between two limits. */
const number =
  (name: 'count' | 'identifier' | 'preload' | 'mark' | 'size' | 'ttl' | 'deadline', least: number, most: number | bigint): Setter =>
  (options, value) =>
    integer(value, least, most, (read) => {
      options[name] = read;
    });

const ignored: Setter = () => undefined;
/** -R and -T: there is room for one of them. */
function setHeader(options: PingOptions, header: NonNullable<PingOptions['header']>): Bad | undefined {
  if (options.header !== undefined && (options.header === 'record-route') !== (header === 'record-route'))
    return fatal('only one of -T or -R may be used');
  options.header = header;
  return undefined;
}

function setFamily(options: PingOptions, family: 4 | 6): Bad | undefined {
  if (options.family !== 0 && options.family !== family) return fatal('only one -4 or -6 option may be specified');
  options.family = family;
  return undefined;
}

const SETTERS: Record<string, Setter> = {
  '4': (options) => setFamily(options, 4),
  '6': (options) => setFamily(options, 6),
  '3': flag('precise'),
  a: flag('audible'),
  A: flag('adaptive'),
  b: flag('broadcast'),
  B: flag('strictSource'),
  c: number('count', 1, LONG_MAX),
  C: flag('connect'),
  d: ignored,
  D: flag('timestamps'),
  e: number('identifier', 0, 65_535),
  f: (options) => {
    options.flood = true;
    options.numeric = true;
    return undefined;
  },
  F: ignored,
  H: flag('forceLookup'),
  i: (options, value, notes) => {
    const seconds = decimal(value, notes);
    if (seconds < 0 || seconds > INT_MAX / 1000) return fatal(`bad timing interval: ${value}`);
    options.interval = Math.trunc(seconds * 1000);
    options.intervalGiven = true;
    return undefined;
  },
  I: (options, value) => {
    if (value.includes(':')) return setSource6(options, value);
    const source = parseIPv4(value);
    if (source === undefined) options.device = value;
    else {
      options.source = source;
      options.strictSource = true;
    }
    return undefined;
  },
  l: number('preload', 1, MAX_PRELOAD),
  L: flag('noLoop'),
  m: number('mark', 0, 0xffff_ffff),
  M: (options, value) => {
    if (value !== 'do' && value !== 'dont' && value !== 'want' && value !== 'probe') return fatal(`invalid -M argument: ${value}`);
    options.pathMtuDiscovery = value;
    return undefined;
  },
  n: (options) => {
    options.numeric = true;
    options.forceLookup = false;
    return undefined;
  },
  N: (options, value) => {
    const read = readNodeInformation(value, options.nodeInformation);
    if (read === undefined) return { text: NODE_INFORMATION_HELP, status: 2 };
    options.nodeInformation = read;
    return undefined;
  },
  O: flag('outstanding'),
  p: setPattern,
  q: flag('quiet'),
  Q: (options, value) => {
    const tos = /^(0x[0-9a-f]+|[0-9]+)$/i.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(tos)) return fatal(`bad TOS value: ${value}`);
    if (tos > 255) return fatal(`the decimal value of TOS bits must be in range 0-255: ${tos}`);
    options.tos = tos;
    return undefined;
  },
  r: flag('onLink'),
  R: (options) => setHeader(options, 'record-route'),
  s: number('size', 0, INT_MAX),
  S: (_options, value) => integer(value, 1, INT_MAX, () => {}),
  t: number('ttl', 0, 255),
  T: (options, value) => {
    if (value !== 'tsonly' && value !== 'tsandaddr' && value !== 'tsprespec') {
      if (options.header === 'record-route') return setHeader(options, 'tsonly');
      return fatal(`invalid timestamp type: ${value}`);
    }
    return setHeader(options, value);
  },
  U: ignored,
  v: flag('verbose'),
  w: number('deadline', 0, INT_MAX),
  W: (options, value, notes) => {
    const seconds = decimal(value, notes);
    if (seconds < 0 || seconds > 0xffff_ffff / 1_000_000) return fatal(`bad linger time: ${value}`);
    options.linger = Math.trunc(seconds * 1_000_000);
    return undefined;
  },
};

/** `fe80::1%eth0` names the device too. */
function setSource6(options: PingOptions, value: string): Bad | undefined {
  const [address = '', device] = value.split('%');
  options.source6 = parseIPv6(address);
  if (options.source6 === undefined) return fatal(`invalid source address: ${value}`);
  if (device !== undefined) options.device = device;
  options.strictSource = true;
  return undefined;
}

/** Up to 16 bytes in hexadecimal digits, repeated through the packet; said aloud unless -q came first. */
function setPattern(options: PingOptions, value: string, notes: EarlyEnd): Bad | undefined {
  const wrong = value.search(/[^0-9a-fA-F]/);
  if (wrong >= 0) return fatal(`patterns must be specified as hex digits: ${value.slice(wrong)}`);
  const bytes = (value.match(/.{1,2}/g) ?? []).slice(0, 16).map((digits) => Number.parseInt(digits, 16));
  options.pattern = Uint8Array.from(bytes);
  if (!options.quiet) notes.stdout += `PATTERN: 0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}\n`;
  return undefined;
}
