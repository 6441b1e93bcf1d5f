import { type IP, type Prefix, parsePrefix, samePrefix } from '../../base/address.ts';
import type { SocketEntry } from '../../host/socket-list.ts';

/** The names of `state NAME` and `exclude NAME` (misc/ss.c `sstate_namel`). */
const STATES: Readonly<Record<string, string>> = {
  established: 'ESTAB',
  'syn-sent': 'SYN-SENT',
  'syn-recv': 'SYN-RECV',
  'fin-wait-1': 'FIN-WAIT-1',
  'fin-wait-2': 'FIN-WAIT-2',
  'time-wait': 'TIME-WAIT',
  unconnected: 'UNCONN',
  closed: 'UNCONN',
  'close-wait': 'CLOSE-WAIT',
  'last-ack': 'LAST-ACK',
  listening: 'LISTEN',
  closing: 'CLOSING',
};

export const ALL_STATES: readonly string[] = [...new Set(Object.values(STATES))];
const CONNECTED: readonly string[] = ALL_STATES.filter((state) => state !== 'LISTEN' && state !== 'UNCONN');

/** What is shown unless listeners, all or some states are asked for. */
export const USUAL: readonly string[] = CONNECTED.filter((state) => state !== 'TIME-WAIT' && state !== 'SYN-RECV');

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  all: ALL_STATES,
  connected: CONNECTED,
  synchronized: CONNECTED.filter((state) => state !== 'SYN-SENT'),
  bucket: ['SYN-RECV', 'TIME-WAIT'],
  big: ALL_STATES.filter((state) => state !== 'SYN-RECV' && state !== 'TIME-WAIT'),
};

/** The states of a name, or nothing. */
export function statesOf(name: string): readonly string[] | undefined {
  return GROUPS[name] ?? (STATES[name] === undefined ? undefined : [STATES[name]]);
}

/** What the operands of ss select. */
export interface Filter {
  /** Absent when no state was named. */
  states: Set<string> | undefined;
  matches: (entry: SocketEntry) => boolean;
}

/** Why a filter can't be read; ends the program. */
export class FilterError extends Error {
  readonly text: string;
  readonly usage: boolean;

  constructor(text: string, usage = false) {
    super(text);
    this.text = text;
    this.usage = usage;
  }
}

type Test = (entry: SocketEntry) => boolean;

const SYNTAX = 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n';
const syntaxError = () => new FilterError(SYNTAX, true);

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

/** Reads states and an expression (ss(8), STATE-FILTER and EXPRESSION). */
export function readFilter(operands: readonly string[], port: (name: string) => number | undefined, defaults: readonly string[]): Filter {
  const words = [...operands];
  let states: Set<string> | undefined;
  while (words[0] === 'state' || words[0] === 'exclude') {
    const kind = words.shift();
    const name = words.shift() ?? '';
    const named = statesOf(name);
    if (!named) throw new FilterError(`ss: wrong state name: ${name}\n`);
    if (kind === 'state') states = new Set([...(states ?? []), ...named]);
    else states = new Set([...(states ?? defaults)].filter((state) => !named.includes(state)));
  }
  const tokens = words.join(' ').match(/[()]|[!<>=]=?|&&?|\|\|?|[^\s()!<>=&|]+/g) ?? [];
  if (tokens.length === 0) return { states, matches: () => true };
  const parser = new Parser(tokens, port);
  const matches = parser.or();
  if (!parser.done) throw syntaxError();
  return { states, matches };
}

/** or, and, not, in rising order of binding; terms side by side mean and. */
class Parser {
  readonly #tokens: string[];
  readonly #port: (name: string) => number | undefined;

  constructor(tokens: readonly string[], port: (name: string) => number | undefined) {
    this.#tokens = [...tokens];
    this.#port = port;
  }

  get done(): boolean {
    return this.#tokens.length === 0;
  }

  #take(...words: string[]): boolean {
    if (!words.includes(this.#tokens[0] ?? '')) return false;
    this.#tokens.shift();
    return true;
  }

  or(): Test {
    let left = this.#and();
    while (this.#take('or', '|', '||')) {
      const [a, b] = [left, this.#and()];
      left = (entry) => a(entry) || b(entry);
    }
    return left;
  }

  #and(): Test {
    let left = this.#not();
    while (this.#take('and', '&', '&&') || (!this.done && ![')', 'or', '|', '||'].includes(this.#tokens[0] as string))) {
      const [a, b] = [left, this.#not()];
      left = (entry) => a(entry) && b(entry);
    }
    return left;
  }

  #not(): Test {
    if (this.#take('not', '!')) {
      const test = this.#not();
      return (entry) => !test(entry);
    }
    if (this.#take('(')) {
      const test = this.or();
      if (!this.#take(')')) throw syntaxError();
      return test;
    }
    return this.#term();
  }

  #term(): Test {
    const word = this.#tokens.shift();
    if (word === 'dport' || word === 'sport') return this.#portTest(word === 'sport');
    if (word === 'dst' || word === 'src') return this.#addressTest(word === 'src');
    throw syntaxError();
  }

  #operator(): ((a: number, b: number) => boolean) | undefined {
    const test = Object.hasOwn(OPERATORS, this.#tokens[0] ?? '') ? OPERATORS[this.#tokens[0] as string] : undefined;
    if (test) this.#tokens.shift();
    return test;
  }

  #portTest(local: boolean): Test {
    const compare = this.#operator() ?? ((a: number, b: number) => a === b);
    const word = this.#tokens.shift();
    if (word === undefined) throw syntaxError();
    const wanted = this.#portNumber(word.replace(/^.*:/, ''));
    return (entry) => compare(local ? entry.localPort : entry.remotePort, wanted);
  }

  #portNumber(text: string): number {
    const number = /^[0-9]+$/.test(text) ? Number(text) : this.#port(text);
    if (number === undefined) throw new FilterError(`Error: "${text}" does not look like a port.\nCannot parse dst/src address.\n`);
    return number;
  }

  /** `10.0.0.0/8`, `10.0.0.1:80`, `[::1]:80`, `:80`. */
  #addressTest(local: boolean): Test {
    const equal = this.#operator()?.(0, 0) ?? true;
    const word = this.#tokens.shift();
    if (word === undefined) throw syntaxError();
    const [, bracketed, rest] = /^\[([^\]]*)\](.*)$/.exec(word) ?? [];
    const colons = word.split(':').length - 1;
    const host = bracketed ?? (colons === 1 ? word.slice(0, word.indexOf(':')) : word);
    const port = bracketed !== undefined ? (rest ?? '').replace(/^:/, '') : colons === 1 ? word.slice(word.indexOf(':') + 1) : '';
    const prefix = host === '' || host === '*' ? undefined : parsePrefix(host);
    if (host !== '' && host !== '*' && !prefix)
      throw new FilterError(`Error: an inet prefix is expected rather than "${host}".\nCannot parse dst/src address.\n`);
    const number = port === '' || port === '*' ? undefined : this.#portNumber(port);
    return (entry) => {
      const address = local ? entry.local : entry.remote;
      const fits =
        (!prefix || within(address, entry.family, prefix)) &&
        (number === undefined || number === (local ? entry.localPort : entry.remotePort));
      return fits === equal;
    };
  }
}

function within(address: IP | undefined, family: 4 | 6, prefix: Prefix): boolean {
  const known = address ?? (family === 4 ? 0 : 0n);
  return typeof known === typeof prefix.address && samePrefix(known, prefix.address, prefix.length);
}
