import type { MatchExtension } from '../../kernel/netfilter/match/match.ts';
import { interfaceWarning } from '../../kernel/netfilter/options.ts';
import { matchExtension } from '../../kernel/netfilter/match/registry.ts';
import type { TargetExtension } from '../../kernel/netfilter/target/target.ts';
import type { AddressSpec, InterfaceSpec } from '../../kernel/netfilter/tables/rule.ts';
import { isTableName } from '../../kernel/netfilter/tables/table.ts';
import { checkInversion, parseAddresses } from './address.ts';
import { type Command, type CommandName, type Ignored, LETTERS, type Shown } from './command.ts';
import { checkDirections, findOption, finishParts, helpTopics, type Loaded, loadMatch, loadTarget, unknownOption } from './extensions.ts';
import { type Failure, failure, isFailure } from './failure.ts';
import type { Lookup } from './lookup.ts';
import {
  checkInterface,
  checkNatDrop,
  checkNewName,
  checkTargetName,
  MAX_CHAIN,
  meaningful,
  protocolExtension,
  protocolNumber,
  VERDICTS,
} from './names.ts';
import { ALLOWED, BY_LETTER, BY_NAME, checkSeconds, type GlobalOption, OPTION_TITLES, parseCounters } from './options.ts';

/** How arguments are to be read. */
export interface ParseSettings {
  family: 4 | 6;
  lookup: Lookup;
  /** A line of iptables-restore, in this table. */
  table?: string;
  /** Tables that don't exist will do. */
  anyTable?: boolean;
  setFamily?(name: string): 4 | 6 | 0 | undefined;
}

/** Reads the arguments of one call (do_parse of xshared.c). */
export function parseCommand(args: readonly string[], settings: ParseSettings): Command | Shown | Ignored | Failure {
  return new Parser(args, settings).run();
}

const ANY: readonly (AddressSpec | undefined)[] = [undefined];

class Parser {
  readonly #args: readonly string[];
  readonly #settings: ParseSettings;
  #at = 0;
  /** The rest of a bundle of short options. */
  #bundle = '';
  #inverted = false;
  #given = '';
  #name: CommandName | undefined;
  #chain: string | undefined;
  #number = 0;
  #newName = '';
  #policy = '';
  #table: string;
  #verbose = 0;
  #zeroAfterwards = false;
  #wait = false;
  #interval = false;
  readonly #warnings: string[] = [];
  #sources = '';
  #sourcesInverted = false;
  #destinations = '';
  #destinationsInverted = false;
  #input: InterfaceSpec | undefined;
  #output: InterfaceSpec | undefined;
  #protocol = 0;
  #protocolInverted = false;
  #protocolName = '';
  #protocolLoaded = false;
  #fragment: { inverted: boolean } | undefined;
  #jump = '';
  #goto = false;
  #counters: { packets: number; bytes: number } | undefined;
  readonly #loaded: Loaded[] = [];
  readonly #matches: Loaded<MatchExtension>[] = [];
  #target: Loaded<TargetExtension> | undefined;

  constructor(args: readonly string[], settings: ParseSettings) {
    this.#args = args;
    this.#settings = settings;
    this.#table = settings.table ?? 'filter';
  }

  run(): Command | Shown | Ignored | Failure {
    const outcome = this.#all();
    return isFailure(outcome) && this.#warnings.length > 0 ? { ...outcome, warnings: this.#warnings } : outcome;
  }

  #all(): Command | Shown | Ignored | Failure {
    while (this.#bundle !== '' || this.#at < this.#args.length) {
      const outcome = this.#next();
      if (outcome) return outcome;
    }
    return this.#finish();
  }

  #next(): Shown | Ignored | Failure | undefined {
    if (this.#bundle !== '') {
      const letter = this.#bundle[0] as string;
      this.#bundle = this.#bundle.slice(1);
      return this.#short(letter);
    }
    const word = this.#args[this.#at++] as string;
    if (word.startsWith('--') && word.length > 2) return this.#long(word);
    if (word.startsWith('-') && word.length > 1) {
      this.#bundle = word.slice(2);
      return this.#short(word[1] as string);
    }
    if (word !== '!') return failure('argument', `Bad argument \`${word}'`);
    if (this.#inverted) return failure('parameter', 'multiple consecutive ! not allowed');
    this.#inverted = true;
    return undefined;
  }

  #short(letter: string): Shown | Ignored | Failure | undefined {
    const option = letter === '0' || letter === 'M' ? undefined : BY_LETTER.get(letter);
    if (!option) return failure('parameter', `unknown option "-${letter}"`);
    let value: string | undefined;
    if (option.argument !== 'none') {
      value = this.#bundle === '' ? undefined : this.#bundle;
      this.#bundle = '';
      if (value === undefined && option.argument === 'required') {
        value = this.#args[this.#at++];
        if (value === undefined) return failure('parameter', `option "-${letter}" requires an argument`);
      }
    }
    return this.#global(option, value);
  }

  #long(word: string): Shown | Ignored | Failure | undefined {
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const global = BY_NAME.get(name);
    if (global) return this.#longGlobal(global, name, attached);
    let found = findOption(this.#loaded, name, false) ?? this.#protocolMatch(name);
    if (!found) {
      const short = [...BY_NAME].find(([full]) => full.startsWith(name));
      if (short && short[0] !== name) return this.#longGlobal(short[1], name, attached);
      found = findOption(this.#loaded, name, true);
    }
    if (!found) return unknownOption(name, this.#protocolMatchName());
    return this.#extension(found.loaded, found.spec, name, attached);
  }

  #longGlobal(option: GlobalOption, name: string, attached: string | undefined): Shown | Ignored | Failure | undefined {
    let value = attached;
    if (value === undefined && option.argument === 'required') {
      value = this.#args[this.#at++];
      if (value === undefined) return failure('parameter', `option "--${name}" requires an argument`);
    }
    return this.#global(option, value);
  }

  /** An option that nobody knows may be one of the match that belongs to `-p` (load_proto). */
  #protocolMatch(name: string): ReturnType<typeof findOption> {
    if (this.#protocol === 0 || this.#protocolLoaded) return undefined;
    const extension = matchExtension(this.#protocolMatchName(), this.#settings.family);
    if (!extension || this.#matches.some((loaded) => loaded.extension === extension)) return undefined;
    const loaded: Loaded<MatchExtension> = { extension, given: [] };
    const found = findOption([loaded], name, true);
    if (!found) return undefined;
    this.#protocolLoaded = true;
    this.#loaded.push(loaded);
    this.#matches.push(loaded);
    return found;
  }

  #protocolMatchName(): string {
    return this.#protocol === 0 ? '' : protocolExtension(this.#protocolName, this.#protocol);
  }

  #extension(
    loaded: Loaded,
    spec: { name: string; arguments?: 0 | 1 | 2 },
    written: string,
    attached: string | undefined,
  ): Failure | undefined {
    const count = spec.arguments ?? 1;
    const values: string[] = [];
    if (attached !== undefined && count > 0) values.push(attached);
    while (values.length < count) {
      const value = this.#args[this.#at];
      if (value === undefined || (values.length > 0 && (value.startsWith('-') || value === '!'))) {
        return failure('parameter', values.length === 0 ? `option "--${written}" requires an argument` : `--${written} requires two args.`);
      }
      this.#at++;
      values.push(value);
    }
    loaded.given.push({ name: spec.name, values, inverted: this.#takeInversion() });
    return undefined;
  }

  #takeInversion(): boolean {
    const inverted = this.#inverted;
    this.#inverted = false;
    return inverted;
  }

  #global(option: GlobalOption, value: string | undefined): Shown | Ignored | Failure | undefined {
    switch (option.letter) {
      case 'A':
        return this.#command('append', value);
      case 'C':
        return this.#command('check', value);
      case 'D':
        return this.#command('delete', value) ?? this.#ruleNumber('delete-number');
      case 'I':
        this.#number = 1;
        return this.#command('insert', value) ?? this.#ruleNumber();
      case 'R':
        return this.#command('replace', value) ?? this.#replaced();
      case 'L':
        return this.#listing('list', value);
      case 'S':
        return this.#listing('list-rules', value);
      case 'F':
        return this.#command('flush', value ?? this.#operand());
      case 'Z':
        return this.#listing('zero', value);
      case 'N':
        return this.#command('new-chain', value) ?? checkNewName(value as string);
      case 'X':
        return this.#command('delete-chain', value ?? this.#operand());
      case 'E':
        return this.#command('rename-chain', value) ?? this.#renamed();
      case 'P':
        return this.#command('policy', value) ?? this.#withPolicy();
      case 'h':
        return {
          show: 'help',
          topics: helpTopics(this.#matches, this.#target, this.#jump, this.#protocolMatchName(), this.#settings.family),
        };
      case 'V':
        return { show: 'version' };
      case '4':
        return this.#otherFamily(6);
      case '6':
        return this.#otherFamily(4);
      default:
        return this.#setting(option.letter, value);
    }
  }

  #command(name: CommandName, chain: string | undefined): Failure | undefined {
    if (this.#inverted) return failure('parameter', "unexpected '!' flag");
    if (this.#name !== undefined) {
      const pair = [this.#name, name];
      if (pair.includes('zero') && (pair.includes('list') || pair.includes('list-rules'))) {
        this.#zeroAfterwards = true;
        if (this.#name === 'zero') this.#name = name;
        this.#chain ??= chain;
        return undefined;
      }
      return failure('parameter', `Cannot use -${LETTERS[name]} with -${LETTERS[this.#name]}`);
    }
    this.#name = name;
    this.#chain = chain;
    return undefined;
  }

  /** The next word if it isn't an option. */
  #operand(): string | undefined {
    const word = this.#args[this.#at];
    if (word === undefined || word.startsWith('-') || word.startsWith('!')) return undefined;
    this.#at++;
    return word;
  }

  #ruleNumber(name?: CommandName): Failure | undefined {
    const word = this.#operand();
    if (word === undefined) return undefined;
    const number = Number(word);
    if (!/^\d+$/.test(word) || number === 0) return failure('parameter', `Invalid rule number \`${word}'`);
    this.#number = number;
    if (name) this.#name = name;
    return undefined;
  }

  #replaced(): Failure | undefined {
    const next = this.#args[this.#at];
    if (next === undefined || next.startsWith('-') || next.startsWith('!')) return failure('parameter', '-R requires a rule number');
    return this.#ruleNumber();
  }

  #listing(name: CommandName, attached: string | undefined): Failure | undefined {
    const failed = this.#command(name, attached ?? this.#operand());
    if (failed) return failed;
    return this.#chain === undefined ? undefined : this.#ruleNumber();
  }

  #renamed(): Failure | undefined {
    const name = this.#operand();
    if (name === undefined) return failure('parameter', '-E requires old-chain-name and new-chain-name');
    this.#newName = name;
    return checkNewName(name);
  }

  #withPolicy(): Failure | undefined {
    const policy = this.#operand();
    if (policy === undefined) return failure('parameter', '-P requires a chain and a policy');
    this.#policy = policy;
    return undefined;
  }

  #otherFamily(family: 4 | 6): Ignored | Failure | undefined {
    if (this.#settings.family !== family) return undefined;
    // The real tool prints nothing but the hint at its help.
    return this.#settings.table === undefined ? failure('argument', '') : { ignored: true };
  }

  #setting(letter: string, value: string | undefined): Failure | undefined {
    switch (letter) {
      case 'p':
        return this.#protocolOption(value as string);
      case 's':
        this.#sourcesInverted = this.#inverted;
        this.#sources = value as string;
        return this.#once('s', '--source');
      case 'd':
        this.#destinationsInverted = this.#inverted;
        this.#destinations = value as string;
        return this.#once('d', '--destination');
      case 'i':
        this.#input = { name: value as string, inverted: this.#inverted };
        return this.#once('i', '--in-interface') ?? this.#interface(value as string);
      case 'o':
        this.#output = { name: value as string, inverted: this.#inverted };
        return this.#once('o', '--out-interface') ?? this.#interface(value as string);
      case 'j':
        return this.#jumpOption(value as string);
      case 'g':
        this.#goto = true;
        this.#jump = value as string;
        return this.#onlyPlain('--goto') ?? this.#once('j', '--jump') ?? checkTargetName(value as string);
      case 'm': {
        if (this.#inverted) return failure('parameter', 'unexpected ! flag before --match');
        const loaded = loadMatch(value as string, this.#settings.family);
        if (isFailure(loaded)) return loaded;
        this.#loaded.push(loaded);
        this.#matches.push(loaded);
        return undefined;
      }
      case 't':
        if (this.#inverted) return failure('parameter', 'unexpected ! flag before --table');
        if (this.#settings.table !== undefined) return failure('parameter', 'The -t option cannot be used in iptables-restore.\n');
        this.#table = value as string;
        return undefined;
      case 'f':
        if (this.#settings.family === 6) return failure('parameter', "`-f' is not supported in IPv6, use -m frag instead");
        this.#fragment = { inverted: this.#inverted };
        return this.#once('f', '--fragments');
      case 'v':
        this.#verbose++;
        if (!this.#given.includes('v')) this.#given += 'v';
        return undefined;
      case 'n':
        return this.#onlyPlain('--numeric') ?? this.#once('n', '--numeric');
      case 'x':
        return this.#onlyPlain('--exact') ?? this.#once('x', '--exact');
      case '0':
        return this.#onlyPlain('--line-numbers') ?? this.#once('0', '--line-numbers');
      case 'c':
        return this.#onlyPlain('--set-counters') ?? this.#once('c', '--set-counters') ?? this.#takeCounters(value as string);
      case 'w':
        this.#wait = true;
        return checkSeconds(value ?? this.#operand());
      case 'W':
        if (!this.#interval) this.#warnings.push('Ignoring deprecated --wait-interval option.');
        this.#interval = true;
        return checkSeconds(value ?? this.#operand());
      default:
        return undefined;
    }
  }

  #once(letter: string, title: string): Failure | undefined {
    this.#inverted = false;
    if (this.#given.includes(letter)) return failure('parameter', `multiple ${title} options not allowed`);
    this.#given += letter;
    return undefined;
  }

  #onlyPlain(title: string): Failure | undefined {
    return this.#inverted ? failure('parameter', `cannot have ! before ${title}`) : undefined;
  }

  #protocolOption(text: string): Failure | undefined {
    this.#protocolInverted = this.#inverted;
    const again = this.#once('p', '--protocol');
    if (again) return again;
    this.#protocolName = text.toLowerCase();
    const number = protocolNumber(this.#protocolName, this.#settings.lookup);
    if (number === undefined) return failure('parameter', `unknown protocol "${this.#protocolName}" specified`);
    this.#protocol = number;
    if (number === 0 && this.#protocolInverted) return failure('parameter', 'rule would never match protocol');
    return undefined;
  }

  #interface(name: string): Failure | undefined {
    const warning = interfaceWarning(name);
    if (warning !== undefined) this.#warnings.push(warning);
    return checkInterface(name);
  }

  #jumpOption(name: string): Failure | undefined {
    const failed = this.#onlyPlain('--jump') ?? this.#once('j', '--jump') ?? checkTargetName(name);
    if (failed) return failed;
    this.#jump = name;
    if (VERDICTS.has(name)) return undefined;
    const loaded = loadTarget(name, this.#settings.family);
    if (isFailure(loaded)) return loaded;
    if (loaded) {
      this.#loaded.push(loaded);
      this.#target = loaded;
    }
    return undefined;
  }

  #takeCounters(packets: string): Failure | undefined {
    // `-c PACKETS,BYTES` is one word, too.
    const comma = packets.indexOf(',');
    const counters = comma < 0 ? parseCounters(packets, this.#operand()) : parseCounters(packets.slice(0, comma), packets.slice(comma + 1));
    if (isFailure(counters)) return counters;
    this.#counters = counters;
    return undefined;
  }

  #finish(): Command | Failure {
    const name = this.#name;
    if (this.#interval && !this.#wait) return failure('parameter', '--wait-interval only makes sense with --wait\n');
    const { family, lookup, setFamily } = this.#settings;
    const context = {
      family,
      protocol: this.#protocol,
      names: lookup,
      setFamily: setFamily ?? (() => undefined),
      warn: (text: string) => void this.#warnings.push(text),
    };
    const parts = finishParts(this.#matches, this.#target, this.#jump, this.#goto, context);
    if (isFailure(parts)) return parts;
    if (name === undefined) return failure('parameter', 'no command specified');
    if (this.#inverted) return failure('parameter', 'nothing appropriate following !');
    const ruled = name === 'append' || name === 'insert' || name === 'replace' || name === 'delete' || name === 'check';
    const illegal = [...this.#given].find((letter) => !(ALLOWED[name] as string).includes(letter));
    if (illegal) return failure('parameter', `Illegal option \`${OPTION_TITLES[illegal]}' with this command`);
    if (this.#chain !== undefined && this.#chain.length >= MAX_CHAIN)
      return failure('parameter', `chain name \`${this.#chain}' too long (must be under 29 chars)`);
    if (ruled) {
      const wrong = checkDirections(this.#chain, this.#input, this.#output);
      if (wrong) return wrong;
    }
    const sources = this.#given.includes('s') ? parseAddresses(this.#sources, this.#sourcesInverted, family, lookup) : ANY;
    if ('message' in sources) return sources;
    const destinations = this.#given.includes('d') ? parseAddresses(this.#destinations, this.#destinationsInverted, family, lookup) : ANY;
    if ('message' in destinations) return destinations;
    const inversion = checkInversion([sources, destinations], this.#sourcesInverted || this.#destinationsInverted);
    const refused = inversion ?? checkNatDrop(this.#table, this.#policy, this.#jump);
    if (refused) return refused;
    if (!this.#settings.anyTable && !isTableName(this.#table)) {
      return failure('table', `table '${this.#table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`);
    }
    return {
      name,
      table: this.#table,
      family,
      chain: this.#chain,
      number: this.#number,
      newName: this.#newName,
      policy: this.#policy,
      rule: {
        header: {
          input: meaningful(this.#input),
          output: meaningful(this.#output),
          protocol: this.#protocol,
          protocolInverted: this.#protocolInverted,
          fragment: this.#fragment,
        },
        sources,
        destinations,
        ...parts,
        counters: this.#counters,
      },
      zeroAfterwards: this.#zeroAfterwards,
      verbose: this.#verbose,
      numeric: this.#given.includes('n'),
      exact: this.#given.includes('x'),
      lineNumbers: this.#given.includes('0'),
      warnings: this.#warnings,
    };
  }
}
