import { type IP, parseIP, parsePrefix } from '../../base/address.ts';
import { TCP_STATES } from '../../kernel/netfilter/conntrack/tcp-states.ts';

/** An address or network that a flow's end must be in. */
export interface AddressFilter {
  address: IP;
  length: number;
}

/** What `-n`, `-g` and `-j` take: `ADDRESS` or `ADDRESS:PORT`. */
export interface NatAddress {
  address: IP;
  port: number | undefined;
}

/** One call of conntrack, understood. */
export interface Request {
  /** The command's letter; absent if none was given. */
  command: string | undefined;
  /** `conntrack`, `expect`, `dying` or `unconfirmed`. */
  table: string;
  family: 4 | 6 | undefined;
  protocol: number | undefined;
  addresses: Partial<Record<'s' | 'd' | 'r' | 'q', AddressFilter>>;
  /** Ports and ICMP fields by option name. */
  numbers: ReadonlyMap<string, number>;
  state: string | undefined;
  mark: { value: number; mask: number } | undefined;
  /** `-w`, `--orig-zone`, `--reply-zone`. */
  zone: number | undefined;
  originalZone: number | undefined;
  replyZone: number | undefined;
  status: readonly string[];
  /** `-n`, `-g`, `-j`, with the address if one was given. */
  nat: ReadonlyMap<string, NatAddress | undefined>;
  events: readonly string[];
  output: ReadonlySet<string>;
  zero: boolean;
  timeout: number | undefined;
  /** `-b`, in bytes. */
  bufferSize: number | undefined;
  /** What goes to standard error first. */
  warnings: readonly string[];
  /** What `-R` reads. */
  file: string | undefined;
  /** Bits of labels by option: `l` to choose by, `<` to add, `>` to take away. */
  labels: ReadonlyMap<string, bigint>;
  /** The file that names labels, where it isn't the usual. */
  labelmap: string | undefined;
}

/** What is wrong with the arguments, and the exit status. `unmodelled` names what the real tool has and ours doesn't. */
export interface BadUsage {
  problem: string;
  status: number;
  unmodelled?: true;
  /** What stands before the message. */
  before?: string;
}

export function isBadUsage(value: Request | BadUsage): value is BadUsage {
  return 'problem' in value;
}

export const bad = (problem: string, status = 2): BadUsage => ({ problem, status });
const STATUSES = [
  'ASSURED',
  'SEEN_REPLY',
  'UNREPLIED',
  'UNSET',
  'FIXED_TIMEOUT',
  'EXPECTED',
  'OFFLOAD',
  'HW_OFFLOAD',
  'SRC_NAT',
  'DST_NAT',
];
const EVENTS = ['ALL', 'NEW', 'UPDATES', 'DESTROY'];
const OUTPUTS = ['xml', 'extended', 'timestamp', 'id', 'ktimestamp', 'labels', 'userspace', 'save'];

/** The words of a call, taken apart. */
export interface Words {
  command: string | undefined;
  table: string;
  /** Options by letter. */
  values: ReadonlyMap<string, string | undefined>;
  numbers: ReadonlyMap<string, number>;
  state: string | undefined;
  protocol: number | undefined;
  file: string | undefined;
  labels: ReadonlyMap<string, bigint>;
}

/** SCTP's states as they are tracked (enum sctp_conntrack). */
const SCTP_STATES = [
  'NONE',
  'CLOSED',
  'COOKIE_WAIT',
  'COOKIE_ECHOED',
  'ESTABLISHED',
  'SHUTDOWN_SENT',
  'SHUTDOWN_RECD',
  'SHUTDOWN_ACK_SENT',
  'HEARTBEAT_SENT',
];

/** A state of `--state` as entries show it; `undefined` if the protocol has none of the name. */
export function stateOf(protocol: string | undefined, name: string): string | undefined {
  if (protocol === 'sctp') return SCTP_STATES.includes(name) ? name : undefined;
  // Its old name, which is still taken.
  if (name === 'LISTEN') return 'SYN_SENT2';
  return (TCP_STATES as readonly string[]).includes(name) ? name : undefined;
}

/** Makes the request from its words. */
export function requestOf(words: Words): Request | BadUsage {
  const { command, values } = words;
  const addresses = addressesOf(values);
  if ('problem' in addresses) return addresses as BadUsage;
  const nat = natOf(values);
  if ('problem' in nat) return nat;
  const family = values.get('f');
  if (family !== undefined && family !== 'ipv4' && family !== 'ipv6') return bad(`\`${family}' unsupported protocol`);
  const given = family === undefined ? undefined : family === 'ipv4' ? 4 : 6;
  const kinds = new Set(Object.values(addresses).map(({ address }) => (typeof address === 'number' ? 4 : 6)));
  if (given !== undefined) kinds.add(given);
  if (kinds.size > 1) return bad('mismatched address family');
  const mark = parseMark(values.get('m'));
  if (mark && 'problem' in mark) return mark;
  const lists = listsOf(values);
  if ('problem' in lists) return lists;
  const zones: (number | undefined)[] = [];
  for (const letter of ['w', '(', ')']) {
    const zone = parseZone(values.get(letter), letter);
    if (typeof zone === 'object') return zone;
    zones.push(zone);
  }
  const number = (letter: string) => {
    const text = values.get(letter);
    // As strtoul takes it, minus signs included.
    return text === undefined ? undefined : (Number.parseInt(text, 10) || 0) >>> 0;
  };
  return {
    command,
    labels: words.labels,
    labelmap: values.get('%'),
    table: words.table,
    family: given,
    protocol: words.protocol,
    addresses,
    numbers: words.numbers,
    state: words.state,
    mark,
    zone: zones[0],
    originalZone: zones[1],
    replyZone: zones[2],
    status: lists.status.filter((name) => !name.endsWith('_NAT')),
    nat,
    events: lists.events,
    output: new Set(lists.output),
    zero: values.has('z'),
    timeout: number('t'),
    bufferSize: number('b'),
    warnings: lists.status
      .filter((name) => name.endsWith('_NAT'))
      .map((name) => `WARNING: ignoring ${name}, use --${name.toLowerCase().replace('_', '-')} instead`),
    file: words.file,
  };
}

function addressesOf(values: Words['values']): Request['addresses'] | BadUsage {
  const addresses: Request['addresses'] = {};
  for (const letter of ['s', 'd', 'r', 'q'] as const) {
    const text = values.get(letter);
    if (text === undefined) continue;
    const filter = parseAddress(text);
    if ('problem' in filter) return filter;
    addresses[letter] = filter;
  }
  for (const [letter, end, name] of [
    ['{', 's', 'src'],
    ['}', 'd', 'dst'],
  ] as const) {
    const text = values.get(letter);
    if (text === undefined) continue;
    const mask = parseIP(text);
    if (mask === undefined) return bad(`Invalid IP address \`${text}'`);
    const filter = addresses[end];
    if (!filter) return bad(`Can't use --mask-${name} without --${name}`);
    addresses[end] = { address: filter.address, length: leadingOnes(mask) };
  }
  return addresses;
}

function leadingOnes(mask: IP): number {
  const bits = typeof mask === 'number' ? (mask >>> 0).toString(2).padStart(32, '0') : mask.toString(2).padStart(128, '0');
  return bits.indexOf('0') < 0 ? bits.length : bits.indexOf('0');
}

function natOf(values: Words['values']): Map<string, NatAddress | undefined> | BadUsage {
  const nat = new Map<string, NatAddress | undefined>();
  for (const letter of ['n', 'g', 'j']) {
    if (!values.has(letter)) continue;
    const text = values.get(letter);
    const address = text === undefined ? undefined : parseNat(text);
    if (address && 'problem' in address) return address;
    nat.set(letter, address);
  }
  return nat;
}

/** `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`. */
function parseNat(text: string): NatAddress | BadUsage {
  const whole = parseIP(text);
  if (whole !== undefined) return { address: whole, port: undefined };
  const match = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(text);
  const address = parseIP(match?.[1] ?? match?.[2] ?? text);
  if (address === undefined) {
    // Whatever inet_aton makes of fewer numbers.
    const short = /^(\d+)\.(\d+)\.(\d+)$/.exec(text);
    const filled = short && parseIP(`${short[1]}.${short[2]}.${Number(short[3]) >> 8}.${Number(short[3]) & 0xff}`);
    return filled === undefined || filled === null ? bad(`Invalid IP address \`${text}'`) : { address: filled, port: undefined };
  }
  return { address, port: Number(match?.[3]) };
}

function listsOf(values: Words['values']): { status: string[]; events: string[]; output: string[] } | BadUsage {
  const lists: string[][] = [];
  for (const [letter, known] of [
    ['u', STATUSES],
    ['e', EVENTS],
    ['o', OUTPUTS],
  ] as const) {
    const text = values.get(letter);
    const words = text === undefined ? [] : text.split(',').filter((part, at) => part !== '' || at === 0);
    const wrong = words.find((part) => !known.includes(part));
    if (wrong !== undefined) return bad(`Bad parameter \`${wrong === '' ? text : wrong}'`);
    lists.push(words);
  }
  const [status = [], events = [], output = []] = lists;
  return { status, events, output };
}

function parseAddress(text: string): AddressFilter | BadUsage {
  const slash = text.indexOf('/');
  const prefix = parsePrefix(text);
  if (prefix) return prefix;
  return parsePrefix(slash < 0 ? text : text.slice(0, slash)) ? bad('Invalid netmask') : bad(`Invalid IP address \`${text}'`);
}

function parseMark(text: string | undefined): { value: number; mask: number } | BadUsage | undefined {
  if (text === undefined) return undefined;
  const match = /^(0x[0-9a-f]+|\d+)(?:\/(0x[0-9a-f]+|\d+))?$/i.exec(text);
  if (!match) return bad(`unexpected value '${text}' with -m option`, 1);
  return { value: Number(match[1]) >>> 0, mask: match[2] === undefined ? 0xffff_ffff : Number(match[2]) >>> 0 };
}

function parseZone(text: string | undefined, letter: string): number | BadUsage | undefined {
  if (text === undefined) return undefined;
  const zone = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : 0x1_0000;
  return zone <= 0xffff ? zone : bad(`unexpected value '${text}' with -${letter} option`, 1);
}
