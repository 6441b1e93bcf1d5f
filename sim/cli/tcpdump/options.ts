import { SNAPLEN_MAX } from '../../wire/pcap.ts';
import { notModelled } from '../command.ts';
import { getopt, isFailure, type OptionSpec } from '../getopt.ts';
import type { DumpOptions } from './printers/packet.ts';
import type { PrintOptions } from './printers/printout.ts';
import { USAGE, VERSION } from './usage.ts';

/** What the command line asks for. */
export interface Settings {
  print: PrintOptions;
  dump: DumpOptions | undefined;
  /** -t, as often as given. */
  time: number;
  nanoseconds: boolean;
  /** -N: names without their domain. */
  shortNames: boolean;
  numbered: boolean;
  device: string | undefined;
  promiscuous: boolean;
  immediate: boolean;
  /** -I. */
  monitor: boolean;
  direction: 'in' | 'out' | 'inout';
  /** -c; `undefined` for no end. */
  count: number | undefined;
  /** --count: only how many. */
  countOnly: boolean;
  lineBuffered: boolean;
  snapshotLength: number;
  /** -y. */
  linkType: string | undefined;
  readFile: string | undefined;
  writeFile: string | undefined;
  /** -w also prints. */
  alsoPrint: boolean;
  /** -U. */
  packetBuffered: boolean;
  /** -C in bytes, -G in seconds, -W. */
  rotateBytes: number | undefined;
  rotateSeconds: number | undefined;
  rotateFiles: number | undefined;
  filterFile: string | undefined;
  expression: string;
  listDevices: boolean;
  listLinkTypes: boolean;
  listTimeTypes: boolean;
}

/** What is said instead of capturing. */
export interface Refusal {
  stdout: string;
  stderr: string;
  status: number;
}

const flag = (short: string, long?: string): OptionSpec => ({ name: short, short, ...(long ? { long } : {}) });
const value = (short: string, long?: string): OptionSpec => ({ ...flag(short, long), argument: 'required' });
const unmodelled = (spec: OptionSpec): OptionSpec => ({ ...spec, unmodelled: true });

export const OPTIONS: readonly OptionSpec[] = [
  ...['a', 'A', 'e', 'f', 'n', 'N', 'l', 'q', 't', 'u', 'v', 'x', 'X', 'm'].map((letter) => (letter === 'm' ? value('m') : flag(letter))),
  ...['b', 'd', 'H', 'Y'].map((letter) => (letter === 'Y' ? flag('Y', 'debug-filter-parser') : unmodelled(flag(letter)))),
  ...['E', 'M', 'T', 'V', 'z'].map((letter) => unmodelled(value(letter))),
  value('B', 'buffer-size'),
  flag('D', 'list-interfaces'),
  flag('h', 'help'),
  value('i', 'interface'),
  flag('I', 'monitor-mode'),
  value('j', 'time-stamp-type'),
  flag('J', 'list-time-stamp-types'),
  { name: 'micro', long: 'micro' },
  { name: 'nano', long: 'nano' },
  { name: 'precision', long: 'time-stamp-precision', argument: 'required' },
  flag('K', 'dont-verify-checksums'),
  flag('L', 'list-data-link-types'),
  flag('O', 'no-optimize'),
  flag('p', 'no-promiscuous-mode'),
  value('Q', 'direction'),
  value('s', 'snapshot-length'),
  flag('S', 'absolute-tcp-sequence-numbers'),
  flag('U', 'packet-buffered'),
  value('y', 'linktype'),
  { name: 'immediate', long: 'immediate-mode' },
  value('Z', 'relinquish-privileges'),
  { name: 'count', long: 'count' },
  { name: 'print', long: 'print' },
  { name: 'version', long: 'version' },
  flag('#', 'number'),
  flag('g', 'ip-oneline'),
  ...['c', 'C', 'F', 'G', 'r', 'w', 'W'].map((letter) => value(letter)),
];

/** The number at a text's start, as atoi(3) reads it. */
function atoi(text: string): number {
  return Number.parseInt(/^\s*[-+]?\d+/.exec(text)?.[0] ?? '0', 10);
}

export function parseOptions(args: readonly string[], program: string): Settings | Refusal {
  const parsed = getopt(OPTIONS, args);
  if (isFailure(parsed)) {
    if (parsed.unmodelled) return { stdout: '', stderr: notModelled(program, `option ${parsed.unmodelled}`), status: 1 };
    return { stdout: '', stderr: `${program}: ${parsed.error}\n${USAGE}`, status: 1 };
  }
  const settings = defaults();
  const error = (text: string): Refusal => ({ stdout: '', stderr: `${program}: ${text}\n`, status: 1 });
  const counts = new Map<string, number>();
  for (const option of parsed.options) {
    counts.set(option.name, (counts.get(option.name) ?? 0) + 1);
    // Left over from a build of libpcap with its parser's debugging.
    if (option.name === 'Y') return { stdout: '', stderr: USAGE, status: 1 };
    if (option.name === 'h') return { stdout: USAGE, stderr: '', status: 0 };
    if (option.name === 'version') return { stdout: VERSION, stderr: '', status: 0 };
    const wrong = applyValue(settings, option.name, option.value);
    if (wrong !== undefined) return error(wrong);
  }
  settings.expression = parsed.operands.join(' ');
  applyFlags(settings, (name) => counts.get(name) ?? 0);
  const wrong = contradiction(settings, (name) => counts.get(name) ?? 0);
  return wrong === undefined ? settings : error(wrong);
}

function defaults(): Settings {
  return {
    print: {
      verbose: 0,
      link: false,
      numeric: false,
      quiet: 0,
      absolute: false,
      noChecksums: false,
      noDefaultDump: false,
      oneLine: false,
    },
    dump: undefined,
    time: 0,
    nanoseconds: false,
    shortNames: false,
    numbered: false,
    device: undefined,
    promiscuous: true,
    immediate: false,
    monitor: false,
    direction: 'inout',
    count: undefined,
    countOnly: false,
    lineBuffered: false,
    snapshotLength: SNAPLEN_MAX,
    linkType: undefined,
    readFile: undefined,
    writeFile: undefined,
    alsoPrint: false,
    packetBuffered: false,
    rotateBytes: undefined,
    rotateSeconds: undefined,
    rotateFiles: undefined,
    filterFile: undefined,
    expression: '',
    listDevices: false,
    listLinkTypes: false,
    listTimeTypes: false,
  };
}

/** @returns what is wrong with the value */
function applyValue(settings: Settings, name: string, text: string): string | undefined {
  switch (name) {
    case 'B':
      return atoi(text) > 0 ? undefined : `invalid packet buffer size ${text}`;
    case 'c':
      settings.count = atoi(text);
      return settings.count > 0 ? undefined : `invalid packet count ${text}`;
    case 'C':
      return applySize(settings, text);
    case 'F':
      settings.filterFile = text;
      return undefined;
    case 'G':
      settings.rotateSeconds = atoi(text);
      return settings.rotateSeconds >= 0 ? undefined : `invalid number of seconds ${text}`;
    case 'i':
      settings.device = text;
      return undefined;
    case 'j':
      return TIME_TYPES.includes(text) ? undefined : `invalid time stamp type ${text}`;
    case 'precision':
      if (text !== 'micro' && text !== 'nano') return 'unsupported time stamp precision';
      settings.nanoseconds = text === 'nano';
      return undefined;
    case 'micro':
    case 'nano':
      settings.nanoseconds = name === 'nano';
      return undefined;
    case 'Q': {
      const direction = text.toLowerCase();
      if (direction !== 'in' && direction !== 'out' && direction !== 'inout') return `unknown capture direction '${text}'`;
      settings.direction = direction;
      return undefined;
    }
    case 'r':
      settings.readFile = text;
      return undefined;
    case 's':
      return applySnapshotLength(settings, text);
    case 'w':
      settings.writeFile = text;
      return undefined;
    case 'W':
      settings.rotateFiles = atoi(text);
      return settings.rotateFiles > 0 ? undefined : `invalid number of output files ${text}`;
    case 'y':
      settings.linkType = text.toUpperCase();
      return settings.linkType in LINK_TYPE_NAMES || FOREIGN_LINK_TYPES.has(settings.linkType)
        ? undefined
        : `invalid data link type ${text}`;
  }
  return undefined;
}

/** What libpcap calls the clocks that time stamps may come from. */
const TIME_TYPES = ['host', 'host_lowprec', 'host_hiprec', 'host_hiprec_unsynced', 'adapter', 'adapter_unsynced'];

/** Names of other hardware's link types, which are understood (pcap_datalink_name_to_val) and then found on no device here. */
const FOREIGN_LINK_TYPES: ReadonlySet<string> = new Set([
  ...['NULL', 'EN3MB', 'AX25', 'PRONET', 'CHAOS', 'IEEE802', 'ARCNET', 'ARCNET_LINUX', 'SLIP', 'PPP', 'FDDI', 'ATM_RFC1483', 'PPP_BSDOS'],
  ...['C_HDLC', 'IEEE802_11', 'IEEE802_11_RADIO', 'PRISM_HEADER', 'LOOP', 'LINUX_IRDA', 'LTALK', 'PFLOG', 'FRELAY', 'DOCSIS', 'PPI'],
  ...['BLUETOOTH_HCI_H4', 'USB_LINUX', 'IEEE802_15_4', 'CAN_SOCKETCAN', 'NETANALYZER', 'IPOIB', 'INFINIBAND', 'SCTP', 'VSOCK', 'PPP_ETHER'],
]);

/** Link types that -y names. */
export const LINK_TYPE_NAMES: Readonly<Record<string, number>> = {
  EN10MB: 1,
  RAW: 101,
  LINUX_SLL: 113,
  IPV4: 228,
  NFLOG: 239,
  LINUX_SLL2: 276,
};

function applySize(settings: Settings, text: string): string | undefined {
  const match = /^\s*(\d+)([kKmMgG]?)$/.exec(text);
  const units: Readonly<Record<string, number>> = { '': 1_000_000, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
  const bytes = match ? Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 0) : 0;
  if (bytes <= 0) return `invalid file size ${text}`;
  settings.rotateBytes = bytes;
  return undefined;
}

function applySnapshotLength(settings: Settings, text: string): string | undefined {
  const match = /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(text);
  const length = text.trim().startsWith('0') && !/^0[xX]/.test(text.trim()) ? Number.parseInt(text, 8) : Number(text);
  if (!match || !(length >= 0 && length <= SNAPLEN_MAX)) return `invalid snaplen ${text} (must be >= 0 and <= ${SNAPLEN_MAX})`;
  settings.snapshotLength = length === 0 ? SNAPLEN_MAX : length;
  return undefined;
}

function applyFlags(settings: Settings, count: (name: string) => number): void {
  const { print } = settings;
  print.verbose = count('v');
  print.link = count('e') > 0;
  print.numeric = count('n') > 0;
  print.quiet = count('q');
  print.absolute = count('S') > 0;
  print.noChecksums = count('K') > 0;
  print.noDefaultDump = count('q') + count('x') + count('X') > 0;
  print.oneLine = count('g') > 0;
  if (count('X') > 0) settings.dump = { kind: 'hex-ascii', level: count('X') };
  else if (count('x') > 0) settings.dump = { kind: 'hex', level: count('x') };
  else if (count('A') > 0) settings.dump = { kind: 'ascii', level: count('A') };
  settings.time = count('t');
  settings.shortNames = count('N') > 0;
  settings.numbered = count('#') > 0;
  settings.promiscuous = count('p') === 0;
  settings.immediate = count('immediate') > 0;
  settings.monitor = count('I') > 0;
  settings.countOnly = count('count') > 0;
  settings.lineBuffered = count('l') > 0;
  settings.alsoPrint = count('print') > 0;
  settings.packetBuffered = count('U') > 0;
  settings.listDevices = count('D') > 0;
  settings.listLinkTypes = count('L') > 0;
  settings.listTimeTypes = count('J') > 0;
}

function contradiction(settings: Settings, count: (name: string) => number): string | undefined {
  if (count('A') > 0 && count('x') > 0) return '-A and -x[x] are mutually exclusive.';
  if (count('A') > 0 && count('X') > 0) return '-A and -X[X] are mutually exclusive.';
  if (count('x') > 0 && count('X') > 0) return '-x[x] and -X[X] are mutually exclusive.';
  if (settings.rotateBytes !== undefined && settings.writeFile === undefined) return '-C cannot be used without -w.';
  if (settings.rotateSeconds && settings.writeFile === undefined) return '-G cannot be used without -w.';
  if (settings.listDevices) return undefined;
  if (settings.time > 5) return 'only -t, -tt, -ttt, -tttt and -ttttt are supported';
  if (count('f') > 0 && settings.readFile !== undefined) return '-f cannot be used with -V or -r.';
  return undefined;
}
