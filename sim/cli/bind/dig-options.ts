import { type IP, parseIP } from '../../base/address.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import { reverseName } from '../../host/resolver.ts';
import { DNS_TYPE } from '../../wire/dns.ts';
import { classByName, typeByName } from '../../wire/dns-text.ts';
import { EDNS_SIZE, type Lookup, PLAIN_LOOKUP } from './lookup.ts';

/** What dig shows, per lookup. */
export interface Display {
  comments: boolean;
  question: boolean;
  answer: boolean;
  authority: boolean;
  additional: boolean;
  stats: boolean;
  ttl: boolean;
  class: boolean;
  ttlUnits: boolean;
  multiline: boolean;
  identify: boolean;
  /** Show the query, too (+qr). */
  query: boolean;
  showSearch: boolean;
}

export interface DigLookup {
  ask: Lookup;
  display: Display;
  /** `@server`, as given; the name servers of resolv.conf without. */
  servers: string[];
  /** Set by +time, +tries, +ndots; resolv.conf's otherwise. */
  timeout?: number | undefined;
  tries?: number | undefined;
}

export interface DigRun {
  lookups: DigLookup[];
  /** The command line, shown in front of the first answer; off by +nocmd, also for lookups before it. */
  command: boolean;
  short: boolean;
  microseconds: boolean;
  family: 0 | 4 | 6;
  ndots?: number | undefined;
  domain?: string | undefined;
  /** Lines before anything is asked. */
  warnings: string[];
}

/** Ends dig before it asks anything. */
export class DigFailure {
  readonly kind: 'usage' | 'unmodelled' | 'fatal' | 'help' | 'version' | 'batch';
  readonly text: string;
  readonly status: number;
  constructor(kind: DigFailure['kind'], text = '', status = 1) {
    this.kind = kind;
    this.text = text;
    this.status = status;
  }
}

const DEFAULT: DigLookup = {
  ask: { ...PLAIN_LOOKUP, edns: EDNS_SIZE, cookie: true, authenticData: true },
  display: {
    comments: true,
    question: true,
    answer: true,
    authority: true,
    additional: true,
    stats: true,
    ttl: true,
    class: true,
    ttlUnits: false,
    multiline: false,
    identify: false,
    query: false,
    showSearch: false,
  },
  servers: [],
};

/** A copy that later options don't change. */
function copied(lookup: DigLookup): DigLookup {
  return { ...lookup, ask: { ...lookup.ask }, display: { ...lookup.display }, servers: [...lookup.servers] };
}

type Setting = (lookup: DigLookup, on: boolean, run: DigRun) => void;

const show =
  (name: keyof Display): Setting =>
  (lookup, on) => {
    lookup.display[name] = on;
  };
const ask =
  (
    name: 'tcp' | 'keepTruncated' | 'recurse' | 'authenticData' | 'checkingDisabled' | 'authoritativeOnly' | 'dnssec' | 'cookie' | 'search',
  ): Setting =>
  (lookup, on) => {
    lookup.ask[name] = on;
  };

/** `+[no]NAME`. */
const FLAGS: Readonly<Record<string, Setting>> = {
  aaflag: ask('authoritativeOnly'),
  aaonly: ask('authoritativeOnly'),
  additional: show('additional'),
  adflag: ask('authenticData'),
  all: (lookup, on, run) => {
    for (const name of ['comments', 'question', 'answer', 'authority', 'additional', 'stats'] as const) lookup.display[name] = on;
    run.command = on;
  },
  answer: show('answer'),
  authority: show('authority'),
  cdflag: ask('checkingDisabled'),
  class: show('class'),
  cmd: (_lookup, on, run) => {
    run.command = on;
  },
  comments: show('comments'),
  cookie: ask('cookie'),
  defname: ask('search'),
  dnssec: (lookup, on) => {
    lookup.ask.dnssec = on;
    if (on && lookup.ask.edns === 0) lookup.ask.edns = EDNS_SIZE;
  },
  edns: (lookup, on) => {
    lookup.ask.edns = on ? EDNS_SIZE : 0;
  },
  fail: (lookup, on) => {
    lookup.ask.passOnFailure = !on;
  },
  identify: show('identify'),
  ignore: ask('keepTruncated'),
  multiline: (lookup, on) => {
    lookup.display.multiline = on;
  },
  qr: show('query'),
  question: show('question'),
  rdflag: ask('recurse'),
  recurse: ask('recurse'),
  search: ask('search'),
  short: (lookup, on, run) => {
    run.short = on;
    if (!on) return;
    for (const name of ['comments', 'question', 'authority', 'additional', 'stats'] as const) lookup.display[name] = false;
    lookup.display.answer = true;
    run.command = false;
  },
  showsearch: (lookup, on) => {
    lookup.display.showSearch = on;
    lookup.ask.search = on;
  },
  stats: show('stats'),
  tcp: ask('tcp'),
  ttlid: show('ttl'),
  ttlunits: (lookup, on) => {
    lookup.display.ttlUnits = on;
    lookup.display.ttl = true;
  },
  vc: ask('tcp'),
  // What changes nothing here: there is nothing to decode, negotiate or keep open.
  besteffort: () => {},
  crypto: () => {},
  idn: () => {},
  keepopen: () => {},
  badcookie: () => {},
};

type ValueSetting = { most: number; set: (lookup: DigLookup, value: number, run: DigRun) => void };

/** `+NAME=number`. */
const NUMBERS: Readonly<Record<string, ValueSetting>> = {
  bufsize: {
    most: 65_535,
    set: (lookup, value) => {
      lookup.ask.edns = value;
    },
  },
  ndots: {
    most: 255,
    set: (_lookup, value, run) => {
      run.ndots = value;
    },
  },
  qid: {
    most: 65_535,
    set: (lookup, value) => {
      lookup.ask.id = value;
    },
  },
  retry: {
    most: 0xffff_fffe,
    set: (lookup, value) => {
      lookup.tries = value + 1;
    },
  },
  timeout: {
    most: 65_535,
    set: (lookup, value) => {
      lookup.timeout = Math.max(1, value);
    },
  },
  tries: {
    most: 0xffff_ffff,
    set: (lookup, value) => {
      lookup.tries = Math.max(1, value);
    },
  },
};

/** Keywords that the real dig has besides. */
const UNMODELLED = [
  ...[
    'coflag',
    'dns64prefix',
    'domain',
    'ednsflags',
    'ednsnegotiation',
    'ednsopt',
    'expandaaaa',
    'expire',
    'header-only',
    'https',
    'https-get',
  ],
  ...['http-plain', 'http-plain-get', 'keepalive', 'nsid', 'nssearch', 'onesoa', 'opcode', 'padding', 'proxy', 'proxy-plain', 'raflag'],
  ...['rrcomments', 'showbadcookie', 'showbadvers', 'split', 'subnet', 'tcflag', 'tls', 'tls-ca', 'tls-hostname', 'tls-certfile'],
  ...['tls-keyfile', 'trace', 'unknownformat', 'yaml', 'zflag'],
];

function keyword(run: DigRun, lookup: DigLookup, word: string): DigFailure | undefined {
  const equals = word.indexOf('=');
  const typed = (equals < 0 ? word : word.slice(0, equals)).toLowerCase();
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const invalid = new DigFailure('usage', `Invalid option: +${equals >= 0 && value === '' ? typed : word}\n`);
  const numbered = found(NUMBERS, typed);
  if (numbered && !typed.startsWith('no')) {
    if (value === undefined || value === '') return invalid;
    const setting = NUMBERS[numbered] as ValueSetting;
    if (!/^\d+$/.test(value)) return wrongNumber(numbered, value, 'not a valid number');
    if (Number(value) > setting.most) return wrongNumber(numbered, value, 'out of range');
    setting.set(lookup, Number(value), run);
    return undefined;
  }
  const on = !typed.startsWith('no') || typed in FLAGS;
  const bare = on ? typed : typed.slice(2);
  const name = found(FLAGS, bare);
  const known = name ?? (UNMODELLED.includes(bare) ? undefined : UNMODELLED.find((each) => bare.length >= 4 && each.startsWith(bare)));
  if (UNMODELLED.includes(bare) || (name === undefined && known !== undefined)) return new DigFailure('unmodelled', `the option +${word}`);
  if (name === undefined) return invalid;
  if (name === 'edns' && value !== undefined && value !== '0') return new DigFailure('unmodelled', `the option +${word}`);
  (FLAGS[name] as Setting)(lookup, on, run);
  return undefined;
}

function wrongNumber(name: string, value: string, why: string): DigFailure {
  return new DigFailure('fatal', `invalid ${name} '${value}': ${why}\ndig: Couldn't parse ${name}\n`, 10);
}

/** A whole name, or the only one that begins so. */
function found(table: Readonly<Record<string, unknown>>, typed: string): string | undefined {
  if (Object.hasOwn(table, typed)) return typed;
  const names = Object.keys(table).filter((name) => typed.length >= 3 && name.startsWith(typed));
  return names.length === 1 ? names[0] : undefined;
}

const VALUED_LETTERS = 'bcfkpqtxy';
const FLAG_LETTERS = '46dhimruv';

/**
 * Reads a command line: what stands before the first name is for all lookups, what stands after a name is for that one.
 *
 * @param previous the settings that a batch file's lines start from
 */
export function parseDig(args: readonly string[], previous?: DigRun): DigRun | DigFailure {
  const run: DigRun = previous
    ? { ...previous, lookups: [], warnings: [] }
    : { lookups: [], command: true, short: false, microseconds: false, family: 0, warnings: [] };
  const general = copied(previous?.lookups[0] ?? DEFAULT);
  let current: DigLookup | undefined;
  const target = () => current ?? general;
  const named = { type: false, class: false };
  const begin = (name: string): DigLookup => {
    const lookup = copied(general);
    lookup.ask.name = name;
    named.type = false;
    named.class = false;
    run.lookups.push(lookup);
    current = lookup;
    return lookup;
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg.startsWith('@')) {
      target().servers.push(arg.slice(1));
    } else if (arg.startsWith('+')) {
      const failure = keyword(run, target(), arg.slice(1));
      if (failure) return failure;
    } else if (arg.startsWith('-') && arg.length > 1) {
      const used = letter(run, arg, args[i + 1], { target, begin, named });
      if (used instanceof DigFailure) return used;
      i += used;
    } else if (!wordOfLookup(run, current, named, general, arg)) begin(arg);
  }
  if (run.lookups.length === 0) {
    const lookup = begin('.');
    if (!namedGlobally.has(general)) lookup.ask.type = DNS_TYPE.NS;
  }
  return run;
}

/** General settings whose type was given before any name. */
const namedGlobally = new WeakSet<DigLookup>();

/** A type or a class as a word of its own. @returns false when it is a name */
function wordOfLookup(
  run: DigRun,
  current: DigLookup | undefined,
  named: { type: boolean; class: boolean },
  general: DigLookup,
  word: string,
): boolean {
  const type = /^type\d+$/i.test(word) || !/\d{4,}/.test(word) ? typeByName(word) : undefined;
  if (type !== undefined) {
    if (named.type) run.warnings.push(';; Warning, extra type option\n');
    named.type = true;
    setType((current ?? general).ask, type);
    if (!current) namedGlobally.add(general);
    return true;
  }
  const dnsClass = classByName(word);
  if (dnsClass === undefined) return false;
  if (named.class) run.warnings.push(';; Warning, extra class option\n');
  named.class = true;
  (current ?? general).ask.class = dnsClass;
  return true;
}

/** Everything about a name is asked for by TCP: the answer is large. */
function setType(lookup: Lookup, type: number): void {
  lookup.type = type;
  if (type === DNS_TYPE.ANY) lookup.tcp = true;
}

interface Position {
  target: () => DigLookup;
  begin: (name: string) => DigLookup;
  named: { type: boolean; class: boolean };
}

/** @returns how many of the next words belong to the option */
function letter(run: DigRun, arg: string, next: string | undefined, { target, begin, named }: Position): number | DigFailure {
  const [, name] = arg as unknown as [string, string];
  if (FLAG_LETTERS.includes(name)) {
    for (const each of arg.slice(1)) {
      if (each === 'h') return new DigFailure('help');
      if (each === 'v') return new DigFailure('version');
      if (each === 'u') run.microseconds = true;
      if (each === '4' || each === '6') {
        if (run.family !== 0 && run.family !== Number(each)) return new DigFailure('fatal', 'dig: only one of -4 and -6 allowed\n', 1);
        run.family = each === '4' ? 4 : 6;
      }
      if (!FLAG_LETTERS.includes(each)) return new DigFailure('usage', `Invalid option: ${arg}\n`);
    }
    return 0;
  }
  const attached = arg.slice(2);
  const value = attached !== '' ? attached : next;
  if (!VALUED_LETTERS.includes(name) || value === undefined) return new DigFailure('usage', `Invalid option: ${arg}\n`);
  const failure = valued(run, name, value, { target, begin, named });
  return failure ?? (attached === '' ? 1 : 0);
}

function valued(run: DigRun, name: string, value: string, { target, begin, named }: Position): DigFailure | undefined {
  const type = name === 't' ? typeByName(value) : undefined;
  const dnsClass = name === 'c' ? classByName(value) : undefined;
  switch (name) {
    case 'b': {
      const from = sourceOf(value);
      if (!from) return new DigFailure('fatal', `dig: invalid address ${value}\n`, 1);
      target().ask.from = from;
      return undefined;
    }
    case 'c':
      if (dnsClass === undefined) run.warnings.push(`;; Warning, ignoring invalid class ${value}\n`);
      else target().ask.class = dnsClass;
      return undefined;
    case 't':
      if (type === undefined) run.warnings.push(`;; Warning, ignoring invalid type ${value}\n`);
      else {
        setType(target().ask, type);
        namedGlobally.add(target());
        named.type = true;
      }
      return undefined;
    case 'p': {
      const why = !/^\d+$/.test(value) ? 'not a valid number' : Number(value) > 65_535 ? 'out of range' : undefined;
      if (why) return new DigFailure('fatal', `invalid port number '${value}': ${why}\ndig: Couldn't parse port number\n`, 1);
      target().ask.port = Number(value);
      return undefined;
    }
    case 'q':
      begin(value);
      return undefined;
    case 'x': {
      const address = parseIP(value);
      const lookup = begin(address === undefined ? `${value.split('.').reverse().join('.')}.in-addr.arpa.` : reverseName(address));
      lookup.ask.type = DNS_TYPE.PTR;
      return undefined;
    }
    case 'f':
      return new DigFailure('batch', value);
  }
  return new DigFailure('unmodelled', `the option -${name}`);
}

function sourceOf(text: string): Endpoint | undefined {
  const [host = '', port = '0'] = text.split('#');
  const address: IP | undefined = parseIP(host);
  return address === undefined || !/^\d+$/.test(port) ? undefined : { address, port: Number(port) };
}
