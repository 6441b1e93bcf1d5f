import { type IP, parsePrefix } from '../../base/address.ts';
import { TCP_STATES } from '../../kernel/netfilter/conntrack/tcp-states.ts';
import { PROTOCOLS } from '../../kernel/netfilter/conntrack/describe.ts';
import { ALLOWED, COMMANDS, OPTIONS, type OptionSpec, PROTOCOL_OPTIONS } from './options.ts';

/** An address or network that a flow's end must be in. */
export interface AddressFilter {
  address: IP;
  length: number;
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
  nat: ReadonlyMap<string, AddressFilter | undefined>;
  events: readonly string[];
  output: ReadonlySet<string>;
  zero: boolean;
  timeout: number | undefined;
  /** What `-R` reads. */
  file: string | undefined;
}

/** What is wrong with the arguments, and the exit status. `unmodelled` names what the real tool has and ours doesn't. */
export interface BadUsage {
  problem: string;
  status: number;
  unmodelled?: true;
}

export function isBadUsage(value: Request | BadUsage): value is BadUsage {
  return 'problem' in value;
}

const bad = (problem: string, status = 2): BadUsage => ({ problem, status });
const needed = (option: string) => bad(`You need to supply the \`--${option}' option for this command`);
const TABLES = ['conntrack', 'expect', 'dying', 'unconfirmed'];
const STATUSES = ['ASSURED', 'SEEN_REPLY', 'UNSET', 'FIXED_TIMEOUT', 'EXPECTED', 'OFFLOAD', 'HW_OFFLOAD'];
const EVENTS = ['ALL', 'NEW', 'UPDATES', 'DESTROY'];
const OUTPUTS = ['xml', 'extended', 'timestamp', 'id', 'ktimestamp', 'labels', 'userspace', 'save'];
const UNMODELLED = new Set(['l', 'c']);

/** Reads the arguments of conntrack(8). */
export function parseRequest(args: readonly string[]): Request | BadUsage {
  return new Reader(args).read();
}

class Reader {
  readonly #args: readonly string[];
  #at = 0;
  #command: string | undefined;
  #table = 'conntrack';
  readonly #values = new Map<string, string | undefined>();
  readonly #numbers = new Map<string, number>();
  #state: string | undefined;
  #protocol: string | undefined;
  #file: string | undefined;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  read(): Request | BadUsage {
    while (this.#at < this.#args.length) {
      const failed = this.#word(this.#args[this.#at++] as string);
      if (failed) return failed;
    }
    return this.#finish();
  }

  #word(word: string): BadUsage | undefined {
    if (word.startsWith('--')) return this.#long(word);
    if (!word.startsWith('-') || word === '-') return bad(`unknown argument \`${word}'`);
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string;
      const spec = [...COMMANDS, ...OPTIONS].find((candidate) => candidate.letter === letter);
      if (!spec) return bad(`unknown option \`-${letter}'`);
      const isCommand = COMMANDS.includes(spec);
      // After a command's letter more letters may follow; after others the rest is the argument.
      const attached = !isCommand && spec.argument !== 'none' && i + 1 < word.length ? word.slice(i + 1) : undefined;
      const failed = isCommand
        ? this.#take(spec, `-${letter}`, undefined, i + 1 === word.length)
        : this.#take(spec, `-${letter}`, attached, true);
      if (failed || attached !== undefined) return failed;
    }
    return undefined;
  }

  #long(word: string): BadUsage | undefined {
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const own = (PROTOCOL_OPTIONS[this.#protocol ?? ''] ?? []).find(([, names]) => names.split(' ').includes(name));
    if (own) return this.#protocolOption(own[0], name, attached ?? this.#args[this.#at++]);
    const spec = [...COMMANDS, ...OPTIONS].find(({ names }) => names.includes(name));
    if (!spec) return bad(`unknown option \`--${name}'`);
    return this.#take(spec, `--${name}`, attached, true);
  }

  #protocolOption(key: string, name: string, value: string | undefined): BadUsage | undefined {
    if (value === undefined) return bad(`option \`--${name}' requires an argument`);
    if (key !== 'state') {
      // Whatever strtoul makes of it, cut to the field's width.
      this.#numbers.set(key, (Number.parseInt(value, 10) || 0) & (key === 'icmp-type' || key === 'icmp-code' ? 0xff : 0xffff));
      return undefined;
    }
    if (!(TCP_STATES as readonly string[]).includes(value)) return bad(`unknown TCP state \`${value}'`);
    this.#state = value;
    return undefined;
  }

  #take(spec: OptionSpec, written: string, attached: string | undefined, mayHaveOperand: boolean): BadUsage | undefined {
    let value = attached;
    const next = this.#args[this.#at];
    if (spec.argument === 'required' && value === undefined) {
      if (next === undefined) return bad(`option \`${written}' requires an argument`);
      value = next;
      this.#at++;
    } else if (spec.argument === 'optional' && value === undefined && mayHaveOperand && next !== undefined && !next.startsWith('-')) {
      value = next;
      this.#at++;
    }
    if (COMMANDS.includes(spec)) return this.#setCommand(spec.letter, value);
    if (spec.letter === 'p') {
      const protocol =
        PROTOCOLS[value as string] === undefined ? Object.entries(PROTOCOLS).find(([, number]) => String(number) === value)?.[0] : value;
      if (protocol === undefined) return bad(`\`${value}' unsupported protocol`);
      this.#protocol = protocol;
    }
    if (UNMODELLED.has(spec.letter)) return { problem: `option '${written}'`, status: 2, unmodelled: true };
    this.#values.set(spec.letter, value);
    return undefined;
  }

  #setCommand(letter: string, table: string | undefined): BadUsage | undefined {
    if (this.#command !== undefined) return bad('Invalid commands combination');
    this.#command = letter;
    if (letter === 'R') {
      this.#file = table;
      return undefined;
    }
    if (table === undefined) return undefined;
    if (!TABLES.includes(table)) return bad(`unknown type \`${table}'`);
    this.#table = table;
    return undefined;
  }

  #finish(): Request | BadUsage {
    const command = this.#command;
    if (command === 'h' || command === 'V') return this.#request(command);
    const makes = command === 'I' || command === 'A';
    for (const letter of this.#values.keys()) {
      if (command !== undefined && (ALLOWED[command] as string).includes(letter)) continue;
      const name = OPTIONS.find((spec) => spec.letter === letter)?.names[0];
      return bad(`Illegal option \`--${name}' with this command`);
    }
    if ((command === 'G' || makes) && this.#protocol === undefined) return needed('protonum');
    if (makes && !this.#values.has('t')) return needed('timeout');
    if (makes && this.#protocol === 'tcp' && this.#state === undefined) return needed('state');
    return this.#request(command);
  }

  #request(command: string | undefined): Request | BadUsage {
    const addresses: Request['addresses'] = {};
    for (const letter of ['s', 'd', 'r', 'q'] as const) {
      const text = this.#values.get(letter);
      if (text === undefined) continue;
      const filter = parseAddress(text);
      if ('problem' in filter) return filter;
      addresses[letter] = filter;
    }
    const nat = new Map<string, AddressFilter | undefined>();
    for (const letter of ['n', 'g', 'j']) {
      if (!this.#values.has(letter)) continue;
      const text = this.#values.get(letter);
      const filter = text === undefined ? undefined : parseAddress(text);
      if (filter && 'problem' in filter) return filter;
      nat.set(letter, filter);
    }
    const family = this.#values.get('f');
    if (family !== undefined && family !== 'ipv4' && family !== 'ipv6') return bad(`\`${family}' unsupported protocol`);
    const mark = parseMark(this.#values.get('m'));
    if (mark && 'problem' in mark) return mark;
    const lists: Record<string, string[]> = {};
    for (const [letter, known] of [
      ['u', STATUSES],
      ['e', EVENTS],
      ['o', OUTPUTS],
    ] as const) {
      const words = (this.#values.get(letter) ?? '').split(',').filter((part) => part !== '');
      const wrong = words.find((part) => !known.includes(part));
      if (wrong !== undefined) return bad(`Bad parameter \`${wrong}'`);
      lists[letter] = words;
    }
    const zones: (number | undefined)[] = [];
    for (const letter of ['w', '(', ')']) {
      const zone = parseZone(this.#values.get(letter), letter);
      if (typeof zone === 'object') return zone;
      zones.push(zone);
    }
    for (const kind of ['labels', 'userspace']) {
      if (lists.o?.includes(kind)) return { problem: `output format ${kind}`, status: 2, unmodelled: true };
    }
    const timeout = this.#values.get('t');
    return {
      command,
      table: this.#table,
      family: family === undefined ? undefined : family === 'ipv4' ? 4 : 6,
      protocol: this.#protocol === undefined ? undefined : PROTOCOLS[this.#protocol],
      addresses,
      numbers: this.#numbers,
      state: this.#state,
      mark,
      zone: zones[0],
      originalZone: zones[1],
      replyZone: zones[2],
      status: lists.u ?? [],
      nat,
      events: lists.e ?? [],
      output: new Set(lists.o),
      zero: this.#values.has('z'),
      timeout: timeout === undefined ? undefined : Number.parseInt(timeout, 10) || 0,
      file: this.#file,
    };
  }
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
