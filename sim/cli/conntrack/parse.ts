import { PROTOCOLS } from '../../kernel/netfilter/conntrack/describe.ts';
import { ALLOWED, ALLOWED_EXPECT, COMMANDS, OPTIONS, type OptionSpec, PROTOCOL_OPTIONS } from './options.ts';
import { bad, type BadUsage, isBadUsage, type Request, requestOf, stateOf } from './request.ts';

export { type BadUsage, isBadUsage, type Request } from './request.ts';

/** The number of a protocol by its name in protocols(5). */
export type ProtocolLookup = (name: string) => number | undefined;

/** The labels that a file names, the usual one if no path is given; `undefined` if it isn't there. */
export type LabelLookup = (path?: string) => ReadonlyMap<string, number> | undefined;

const needed = (option: string) => bad(`You need to supply the \`--${option}' option for this command`);
const specify = (first: string, second: string) => bad(`you have to specify \`--${first}' and \`--${second}'`);
/** What the library says when it looks for the names of labels. */
export const NO_LABELS = 'nfct_labelmap_new: No such file or directory\n';
const TABLES = ['conntrack', 'expect', 'dying', 'unconfirmed'];

/** Reads the arguments of conntrack(8). */
export function parseRequest(args: readonly string[], lookup: ProtocolLookup, labels: LabelLookup): Request | BadUsage {
  return new Reader(args, lookup, labels).read();
}

class Reader {
  readonly #args: readonly string[];
  #at = 0;
  #command: string | undefined;
  #table = 'conntrack';
  readonly #values = new Map<string, string | undefined>();
  readonly #numbers = new Map<string, number>();
  #state: string | undefined;
  readonly #lookup: ProtocolLookup;
  readonly #labelLookup: LabelLookup;
  /** Bits by the option that names them. */
  readonly #labels = new Map<string, bigint>();
  /** Its name, if it is one of those that are tracked, and its number. */
  #protocol: string | undefined;
  #protocolNumber: number | undefined;
  #file: string | undefined;

  constructor(args: readonly string[], lookup: ProtocolLookup, labels: LabelLookup) {
    this.#labelLookup = labels;
    this.#args = args;
    this.#lookup = lookup;
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
      // The message names the word that is done with.
      if (!spec) return bad(`unknown option \`${i + 1 === word.length ? word : (this.#args[this.#at - 2] ?? word)}'`);
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
    this.#state = stateOf(this.#protocol, value);
    return this.#state === undefined ? bad(`unknown ${(this.#protocol as string).toUpperCase()} state \`${value}'`) : undefined;
  }

  #take(spec: OptionSpec, written: string, attached: string | undefined, mayHaveOperand: boolean): BadUsage | undefined {
    let value = attached;
    const next = this.#args[this.#at];
    if (spec.argument === 'required' && value === undefined) {
      if (next === undefined)
        return bad(spec.letter === 'R' ? `unknown option \`${written}'` : `option \`${written}' requires an argument`);
      value = next;
      this.#at++;
    } else if (spec.argument === 'optional' && value === undefined && mayHaveOperand && next !== undefined && !next.startsWith('-')) {
      value = next;
      this.#at++;
    }
    if (COMMANDS.includes(spec)) return this.#setCommand(spec.letter, value);
    if (spec.letter === 'p') {
      const failed = this.#setProtocol(value as string);
      if (failed) return failed;
    }
    if ('l<>'.includes(spec.letter)) {
      const failed = this.#takeLabels(spec.letter, value as string);
      if (failed) return failed;
    }
    this.#values.set(spec.letter, value);
    return undefined;
  }

  #takeLabels(letter: string, text: string): BadUsage | undefined {
    const map = this.#labelLookup(this.#values.get('%'));
    let bits = 0n;
    for (const name of text.split(',')) {
      const bit = map?.get(name);
      if (bit === undefined) return { ...bad(`unknown label '${name}'`), ...(map ? {} : { before: NO_LABELS }) };
      bits |= 1n << BigInt(bit);
    }
    this.#labels.set(letter, bits);
    return undefined;
  }

  #setProtocol(text: string): BadUsage | undefined {
    const number = /^\d+$/.test(text) ? Number(text) : (PROTOCOLS[text] ?? this.#lookup(text));
    if (number === undefined || number > 255) return bad(`\`${text}' unsupported protocol`);
    this.#protocol = Object.entries(PROTOCOLS).find(([, known]) => known === number)?.[0];
    this.#protocolNumber = number;
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
    const request = requestOf({
      command,
      table: this.#table,
      values: this.#values,
      numbers: this.#numbers,
      state: this.#state,
      protocol: this.#protocolNumber,
      file: this.#file,
      labels: this.#labels,
    });
    if (isBadUsage(request) || command === 'h' || command === 'V') return request;
    if ((this.#table === 'dying' || this.#table === 'unconfirmed') && command !== 'L')
      return bad("Can't do that command with tables `dying' and `unconfirmed'");
    if (this.#labels.has('<') && this.#labels.has('>')) return bad('cannot use --label-add and --label-del at the same time', 1);
    const expect = this.#table === 'expect';
    if (expect && command === 'U') return bad("Can't do --update on expectations");
    const allowed = (expect ? ALLOWED_EXPECT : ALLOWED)[command ?? ''] ?? '';
    for (const letter of this.#values.keys()) {
      if (command !== undefined && allowed.includes(letter)) continue;
      const name = OPTIONS.find((spec) => spec.letter === letter)?.names[0];
      return bad(`Illegal option \`--${name}' with this command`);
    }
    return (expect ? this.#expectation() : this.#complete()) ?? request;
  }

  /** What making and getting an entry can't do without. */
  #complete(): BadUsage | undefined {
    const command = this.#command;
    const makes = command === 'I' || command === 'A';
    if (command !== 'G' && !makes) return undefined;
    const has = (key: string) => this.#values.has(key);
    if (this.#protocolNumber === undefined) return needed('protonum');
    if (makes && !has('t')) return needed('timeout');
    const protocol = this.#protocol ?? '';
    if (makes && (protocol === 'tcp' || protocol === 'sctp') && this.#state === undefined) return needed('state');
    if (!(has('s') && has('d')) && !(has('r') && has('q'))) return specify('src', 'dst');
    if (protocol === 'icmp' || protocol === 'icmpv6') {
      if (!this.#numbers.has('icmp-type')) return needed(`${protocol}-type`);
      return this.#numbers.has('icmp-code') ? undefined : needed(`${protocol}-code`);
    }
    const own = PROTOCOL_OPTIONS[protocol];
    if (own === undefined || (this.#numbers.has('sport') && this.#numbers.has('dport'))) return undefined;
    if (this.#numbers.has('reply-sport') && this.#numbers.has('reply-dport')) return undefined;
    return protocol === 'gre' ? specify('srckey', 'dstkey') : specify('sport', 'dport');
  }

  #expectation(): BadUsage | undefined {
    const command = this.#command as string;
    if (!'IDG'.includes(command)) return undefined;
    if (!this.#values.has('s')) return needed('src');
    if (!this.#values.has('d')) return needed('dst');
    if (this.#protocolNumber === undefined) return needed('protonum');
    if (command === 'I' && !this.#values.has('t')) return needed('timeout');
    return { problem: 'the table of expectations', status: 2, unmodelled: true };
  }
}
