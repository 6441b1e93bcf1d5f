import type { Micros } from '../../base/time.ts';
import { SECOND } from '../../base/time.ts';
import { getopt, hasOption, isFailure, type OptionSpec, optionValue } from '../getopt.ts';
import { Failure } from './failure.ts';
import type { RelayOptions } from './relay.ts';
import { USAGE } from './usage.ts';

const FLAGS = '46CDdFhklNnrStUuvZzb';
const VALUED = 'IiMmOPpqsTVWwXx';
const OPTIONS: readonly OptionSpec[] = [
  ...[...FLAGS].map((short) => ({ name: short, short })),
  ...[...VALUED].map((short) => ({ name: short, short, argument: 'required' as const })),
];

export interface ProxyServer {
  host: string;
  port: string;
  kind: 'connect' | '4' | '4A' | '5';
  user: string | undefined;
}

/** What nc was asked for, read and checked. */
export interface Settings extends RelayOptions {
  has: (letter: string) => boolean;
  operands: readonly string[];
  listen: boolean;
  keep: boolean;
  tried: boolean;
  udp: boolean;
  unix: boolean;
  verbose: boolean;
  numeric: boolean;
  random: boolean;
  family: 0 | 4 | 6;
  /** The device that the other end is behind, as a zone names it. */
  scope?: number;
  timeout: Micros | undefined;
  source: string | undefined;
  localPort: string | undefined;
  tos: number | undefined;
  ttl: number | undefined;
  broadcast: boolean;
  /** -F: give the connection to whoever holds standard output; no program here takes one. */
  passes: boolean;
  /** -Z: DCCP, which the kernel doesn't have. */
  dccp: boolean;
  proxy: ProxyServer | undefined;
}

/** strtonum(3): the number, or which limit it broke. */
function strtonum(text: string, least: number, most: number): number | 'invalid' | 'too small' | 'too large' {
  if (!/^\s*[+-]?\d+$/.test(text)) return 'invalid';
  const value = Number(text);
  return value < least ? 'too small' : value > most ? 'too large' : value;
}

const INT_MAX = 2 ** 31 - 1;

/** Values as the real tool checks them: each before the next option is looked at. */
const LIMITS: Record<string, { what: string; least: number; most: number; bare?: boolean }> = {
  I: { what: 'TCP receive window', least: 1, most: 65_536 << 14 },
  i: { what: 'interval', least: 0, most: INT_MAX },
  O: { what: 'TCP send window', least: 1, most: 65_536 << 14 },
  q: { what: 'quit timer', least: -(2 ** 31), most: INT_MAX },
  W: { what: 'receive limit', least: 1, most: INT_MAX },
  w: { what: 'timeout', least: 0, most: INT_MAX / 1000 },
  M: { what: 'ttl is', least: 0, most: 255, bare: true },
  m: { what: 'minttl is', least: 0, most: 255, bare: true },
};

/** DSCP and the old TOS by name (map_tos). */
const TOS: Record<string, number> = {
  ...Object.fromEntries(
    [11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43].map((n) => [`af${n}`, (Math.floor(n / 10) * 8 + (n % 10) * 2) << 2]),
  ),
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`cs${n}`, n << 5])),
  critical: 0xa0,
  ef: 0xb8,
  inetcontrol: 0xc0,
  lowdelay: 0x10,
  netcontrol: 0xe0,
  reliability: 0x04,
  throughput: 0x08,
};

function tosOf(text: string): number | undefined {
  const value = TOS[text] ?? (/^0x[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : /^\d+$/.test(text) ? Number(text) : undefined);
  return value !== undefined && value <= 255 ? value : undefined;
}

/** @returns what to do, or why not: the help text and status 0 for -h */
export function readOptions(args: readonly string[]): Settings | Failure | 'help' {
  const parsed = getopt(OPTIONS, args);
  if (isFailure(parsed))
    return new Failure(`nc: ${parsed.error.startsWith('unrecognized') ? "invalid option -- '-'" : parsed.error}\n${USAGE}`);
  for (const { name, value } of parsed.options) {
    if (name === 'h') return 'help';
    const wrong = checkValue(name, value);
    if (wrong !== undefined) return new Failure(`nc: ${wrong}\n`);
  }
  const has = (letter: string) => hasOption(parsed, letter);
  const value = (letter: string) => optionValue(parsed, letter);
  const quit = value('q') === undefined ? undefined : Number(value('q'));
  const wait = value('w');
  const timeout = wait === undefined ? undefined : Number(wait) * SECOND;
  const limit = value('W');
  const interval = value('i');
  const [proxyHost, proxyPort] = (value('x') ?? '').split(/:(.*)/s);
  const kind = proxyKind(value('X'));
  const settings: Settings = {
    has,
    operands: parsed.operands,
    listen: has('l'),
    keep: has('k'),
    tried: has('z'),
    udp: has('u'),
    unix: has('U'),
    verbose: has('v'),
    numeric: has('n'),
    random: has('r'),
    family: has('4') ? 4 : has('6') ? 6 : 0,
    timeout,
    source: value('s'),
    localPort: value('p'),
    tos: value('T') === undefined ? undefined : tosOf(value('T') as string),
    ttl: value('M') === undefined ? undefined : Number(value('M')),
    broadcast: has('b'),
    passes: has('F'),
    dccp: has('Z'),
    proxy: has('x')
      ? { host: proxyHost ?? '', port: proxyPort || (kind === 'connect' ? '3128' : '1080'), kind, user: value('P') }
      : undefined,
    detached: has('d'),
    shutdown: has('N') || (quit !== undefined && quit >= 0),
    quit: quit === undefined || quit < 0 ? undefined : quit * SECOND,
    idle: timeout,
    interval: interval === undefined || Number(interval) === 0 ? undefined : Number(interval) * SECOND,
    crlf: has('C'),
    limit: limit === undefined ? undefined : Number(limit),
  };
  if (has('S')) return new Failure('nc: Unable to read TCP MD5SIG password\n');
  return combination(settings) ?? settings;
}

function checkValue(name: string, value: string): string | undefined {
  const limit = LIMITS[name];
  if (limit) {
    const number = strtonum(value, limit.least, limit.most);
    if (typeof number === 'string') return limit.bare ? `${limit.what} ${number}` : `${limit.what} ${number}: ${value}`;
  }
  if (name === 'T' && tosOf(value) === undefined) return `illegal tos value ${value}`;
  if (name === 'V') return 'no alternate routing table support available';
  if (name === 'X' && !['connect', '4', '4A', '5'].includes(value)) return 'unsupported proxy protocol';
  return undefined;
}

function proxyKind(text: string | undefined): ProxyServer['kind'] {
  return text === 'connect' || text === '4' || text === '4A' ? text : '5';
}

/** What doesn't go together, in the real tool's order. */
function combination(settings: Settings): Failure | undefined {
  const { has, operands, listen, proxy } = settings;
  const say = (text: string) => new Failure(`nc: ${text}\n`);
  if (settings.unix) {
    if (operands.length > 1) return say('cannot use port with -U');
    if (operands.length === 0) return listen ? say('missing socket pathname') : new Failure(USAGE);
  } else if (operands.length === 0 && !(listen && settings.localPort !== undefined)) {
    return listen ? say('missing port number') : new Failure(USAGE);
  } else if (!listen && operands.length === 1) return say('missing port number');
  else if (listen && settings.source !== undefined && settings.localPort === undefined) return new Failure(USAGE);
  else if (listen && operands.length > (settings.localPort === undefined ? 2 : 1)) return new Failure(USAGE);
  if (listen && has('z')) return say('cannot use -z and -l');
  if (has('k') && !listen) return say('must use -l with -k');
  if (!proxy) return undefined;
  if (settings.udp) return say('no proxy support for UDP mode');
  if (listen) return say('no proxy support for listen');
  if (settings.unix) return say('no proxy support for unix sockets');
  if (settings.source !== undefined) return say('no proxy support for local source address');
  return undefined;
}
