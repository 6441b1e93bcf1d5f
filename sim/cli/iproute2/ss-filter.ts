import { type IP, type Prefix, parsePrefix, samePrefix } from '../../base/address.ts';
import { Pattern, patternChars } from '../shell-pattern.ts';
import { ALL_STATES, statesOf } from './ss-states.ts';
import type { Family } from './ss-tables.ts';

/** What a filter looks at of a socket; `device` and `mark` are 0 where there is none. */
export interface Subject {
  family: 4 | 6 | 'unix' | 'packet';
  local: IP | undefined;
  localPort: number;
  remote: IP | undefined;
  remotePort: number;
  device: number;
  mark: number;
  /** Of Unix sockets. */
  name?: string | undefined;
  /** Its port was the kernel's choice, or what stands for that in other families. */
  autobound: boolean;
}

/** Why a filter can't be read; ends the program, with its usage text where that may help. */
export class FilterError extends Error {
  readonly text: string;
  readonly usage: boolean;
  readonly status: number;

  constructor(text: string, { usage = false, status = 255 } = {}) {
    super(text);
    this.text = text;
    this.usage = usage;
    this.status = status;
  }
}

type Test = (entry: Subject) => boolean;

const SYNTAX = 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n';
const syntaxError = () => new FilterError(SYNTAX, { usage: true });

const OPERATORS: Readonly<Record<string, (a: number, b: number) => boolean>> = (() => {
  const table: Record<string, (a: number, b: number) => boolean> = {};
  const put = (names: string, test: (a: number, b: number) => boolean) => {
    for (const name of names.split(' ')) table[name] = test;
  };
  put('= == eq', (a, b) => a === b);
  put('!= ne neq', (a, b) => a !== b);
  put('> gt', (a, b) => a > b);
  put('< lt', (a, b) => a < b);
  put('>= ge geq', (a, b) => a >= b);
  put('<= le leq', (a, b) => a <= b);
  return table;
})();

/** What names mean on this machine: ports, devices, control groups. */
export interface Names {
  port: (name: string) => number | undefined;
  device: (name: string) => number | undefined;
  /** The family of addresses that don't say theirs. */
  family: Family | undefined;
  /** Called with the family of each address; sockets of others aren't shown. */
  narrow: (family: Family) => void;
}

/** The states that the first operands name, and the operands behind them. */
export function readStates(
  operands: readonly string[],
  given: ReadonlySet<string> | undefined,
): { states: Set<string> | undefined; rest: string[] } {
  const words = [...operands];
  let states: Set<string> | undefined = given && new Set(given);
  let seen = false;
  while (['state', 'exclude', 'excl'].includes(words[0] ?? '')) {
    const kind = words.shift();
    const name = words.shift();
    if (name === undefined) throw new FilterError('Command line is not complete. Try option "help"\n');
    const named = statesOf(name);
    if (!named) throw new FilterError(`ss: wrong state name: ${name}\n`);
    const base: readonly string[] = seen ? [...(states ?? [])] : kind === 'state' ? [] : ALL_STATES;
    states = new Set(kind === 'state' ? [...base, ...named] : base.filter((state) => !named.includes(state)));
    seen = true;
  }
  return { states, rest: words };
}

/** Reads an expression, operands or lines of a file: words with space between them (ssfilter.y). */
export function readFilter(words: readonly string[], names: Names): (entry: Subject) => boolean {
  const tokens = words.flatMap((word) => word.split(/[ \t]+/).filter((token) => token !== ''));
  if (tokens.length === 0) return () => true;
  const parser = new Parser(tokens, names);
  const matches = parser.list();
  if (!parser.done) throw syntaxError();
  return matches;
}

/** `and`, `or` and mere succession bind alike, from left to right; `not` and parentheses bind tighter. */
class Parser {
  readonly #tokens: string[];
  readonly #names: Names;

  constructor(tokens: readonly string[], names: Names) {
    this.#tokens = [...tokens];
    this.#names = names;
  }

  get done(): boolean {
    return this.#tokens.length === 0;
  }

  #take(...words: string[]): boolean {
    if (!words.includes(this.#tokens[0] ?? '')) return false;
    this.#tokens.shift();
    return true;
  }

  list(): Test {
    let left = this.#one();
    while (!this.done && this.#tokens[0] !== ')') {
      const or = this.#take('or', '|', '||');
      if (!or) this.#take('and', '&', '&&');
      const [a, b] = [left, this.#one()];
      left = or ? (entry) => a(entry) || b(entry) : (entry) => a(entry) && b(entry);
    }
    return left;
  }

  #one(): Test {
    if (this.#take('not', '!')) {
      const test = this.#one();
      return (entry) => !test(entry);
    }
    if (this.#take('(')) {
      const test = this.list();
      if (!this.#take(')')) throw syntaxError();
      return test;
    }
    return this.#term();
  }

  #term(): Test {
    const word = this.#tokens.shift();
    if (word === 'dport' || word === 'sport') return this.#portTest(word === 'sport');
    if (word === 'dst' || word === 'src') return this.#addressTest(word === 'src');
    if (word === 'dev') return this.#equality((text) => this.#device(text));
    if (word === 'fwmark') return this.#equality(markTest);
    if (word === 'cgroup') return this.#equality(groupTest);
    if (word === 'autobound') return ({ autobound }) => autobound;
    // Any other word is read as an address before it is found to be in the wrong place.
    if (word !== undefined && !Object.hasOwn(OPERATORS, word) && word !== ')') this.#hostTest(word, true);
    throw syntaxError();
  }

  #value(): string {
    const word = this.#tokens.shift();
    if (word === undefined || Object.hasOwn(OPERATORS, word)) throw syntaxError();
    return word;
  }

  /** `= VALUE`, `VALUE` or `!= VALUE`. */
  #equality(read: (text: string) => Test): Test {
    const unequal = this.#take('!=', 'ne', 'neq');
    if (!unequal) this.#take('=', '==', 'eq');
    const test = read(this.#value());
    return unequal ? (entry) => !test(entry) : test;
  }

  #device(text: string): Test {
    const index = this.#names.device(text) ?? (/^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined);
    if (index === undefined) throw new FilterError('Cannot parse device.\n', { status: 1 });
    return ({ device }) => device === index;
  }

  #portTest(local: boolean): Test {
    const operator = this.#tokens[0] ?? '';
    const compare = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    if (compare) this.#tokens.shift();
    const word = this.#value();
    const text = word.startsWith(':') ? word.slice(1) : word;
    const wanted = text === '' || text === '*' ? -1 : this.#portNumber(text);
    const equal = compare ?? OPERATORS['='];
    return (entry) => equal?.(local ? entry.localPort : entry.remotePort, wanted) ?? false;
  }

  #portNumber(text: string): number {
    const number = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : this.#names.port(text);
    if (number === undefined) throw unreadable(`"${text}" does not look like a port.`);
    return number;
  }

  /** `10.0.0.0/8`, `10.0.0.1:80`, `[::1]:80`, `:80`, `unix:/run/*`; what stands after the last colon is a port. */
  #addressTest(local: boolean): Test {
    if (['!=', 'ne', 'neq'].includes(this.#tokens[0] ?? '')) throw syntaxError();
    this.#take('=', '==', 'eq');
    const given = this.#value();
    const [, named, word = given] = /^(unix|link|netlink|vsock|inet6?):(.*)$/s.exec(given) ?? [];
    const family = (named as Family | undefined) ?? this.#names.family;
    if (family) this.#names.narrow(family);
    if (family === 'unix') {
      const pattern = new Pattern(patternChars(word), { ignoreCase: true });
      return ({ name }) => local && pattern.matches(name ?? '*');
    }
    if (family === 'link') return this.#linkTest(word);
    return this.#hostTest(word, local);
  }

  #linkTest(word: string): Test {
    const colon = word.lastIndexOf(':');
    const port = colon < 0 ? '' : word.slice(colon + 1);
    const index = port === '' || port === '*' ? undefined : this.#names.device(port);
    return ({ device, family }) => family === 'packet' && (index === undefined || index === device);
  }

  #hostTest(word: string, local: boolean): Test {
    const [host, port] = splitHost(word);
    const prefix = host === '' || host === '*' ? undefined : parsePrefix(host);
    const number = port === '' || port === '*' ? undefined : this.#portNumber(port);
    if (host !== '' && host !== '*' && !prefix) throw unreadable(`an inet prefix is expected rather than "${host}".`);
    return (entry) => {
      const address = local ? entry.local : entry.remote;
      if (entry.family === 'unix' || entry.family === 'packet') return false;
      return (
        (!prefix || within(address, entry.family, prefix)) &&
        (number === undefined || number === (local ? entry.localPort : entry.remotePort))
      );
    };
  }
}

function unreadable(why: string): FilterError {
  return new FilterError(`Error: ${why}\nCannot parse dst/src address.\n`, { status: 1 });
}

/** A port stands behind `]`, `*` or the last colon, of a prefix the last behind its slash. */
function splitHost(word: string): [host: string, port: string] {
  if (word.startsWith('[')) {
    const end = word.indexOf(']');
    if (end < 0) throw new FilterError('Cannot parse dst/src address.\n', { status: 1 });
    return [word.slice(1, end), word.slice(end + 1).replace(/^:/, '')];
  }
  if (word.startsWith('*')) return ['*', word.slice(1).replace(/^:/, '')];
  const slash = word.indexOf('/');
  const colon = slash < 0 ? word.lastIndexOf(':') : word.slice(slash).lastIndexOf(':') + (word.slice(slash).includes(':') ? slash : 0);
  return colon < 0 ? [word, ''] : [word.slice(0, colon), word.slice(colon + 1)];
}

/** `1`, `0x1/0xff` (parse_markmask). */
function markTest(text: string): Test {
  const [, value, , mask] = /^\s*(0x[0-9a-f]+|\d+)(\/(0x[0-9a-f]+|\d+))?/i.exec(text) ?? [];
  if (value === undefined || (text.includes('/') && mask === undefined))
    throw new FilterError(`Cannot parse mark ${text}.\n`, { status: 1 });
  return ({ mark }) => (mask === undefined ? mark : mark & Number(mask)) >>> 0 === Number(value);
}

/** Everything here belongs to the root of the control groups. */
function groupTest(path: string): Test {
  if (path !== '/' && path !== '')
    throw new FilterError(`Failed to get cgroup2 ID: No such file or directory\nCannot parse cgroup ${path}.\n`, { status: 1 });
  return () => true;
}

function within(address: IP | undefined, family: 4 | 6, prefix: Prefix): boolean {
  const known = address ?? (family === 4 ? 0 : 0n);
  return typeof known === typeof prefix.address && samePrefix(known, prefix.address, prefix.length);
}
