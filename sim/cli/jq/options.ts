import type { Value } from './value.ts';
import { JsonSyntaxError, parseTexts } from './json-parser.ts';

/** What the command line says. */
export interface Options {
  program: string | undefined;
  fromFile: string | undefined;
  files: string[];
  nullInput: boolean;
  rawInput: boolean;
  slurp: boolean;
  stream: boolean;
  raw: boolean;
  join: boolean;
  raw0: boolean;
  ascii: boolean;
  colour: boolean;
  sortKeys: boolean;
  exitStatus: boolean;
  /** Spaces per level, 0 for none but still line breaks; `undefined` for one line. */
  indent: string | undefined;
  named: Map<string, Value>;
  positional: Value[];
  /** Files of --slurpfile and --rawfile, read before the program runs. */
  fileVariables: { name: string; file: string; raw: boolean }[];
  show: 'help' | 'version' | 'usage' | undefined;
}

/** A mistake: the words after `jq: `; `usage` says whether the hint at --help follows. */
export interface OptionError {
  error: string;
  usage: boolean;
  unmodelled?: string;
}

const FLAGS: Record<string, (options: Options) => void> = {
  'null-input': (o) => (o.nullInput = true),
  'raw-input': (o) => (o.rawInput = true),
  slurp: (o) => (o.slurp = true),
  'compact-output': (o) => (o.indent = undefined),
  'raw-output': (o) => (o.raw = true),
  'raw-output0': (o) => (o.raw = o.raw0 = true),
  'join-output': (o) => (o.raw = o.join = true),
  'ascii-output': (o) => (o.ascii = true),
  'sort-keys': (o) => (o.sortKeys = true),
  'color-output': (o) => (o.colour = true),
  'monochrome-output': (o) => (o.colour = false),
  tab: (o) => (o.indent = '\t'),
  unbuffered: () => {},
  stream: (o) => (o.stream = true),
  'exit-status': (o) => (o.exitStatus = true),
  help: (o) => (o.show = 'help'),
  version: (o) => (o.show = 'version'),
};

const SHORT: Record<string, string> = {
  n: 'null-input',
  R: 'raw-input',
  s: 'slurp',
  c: 'compact-output',
  r: 'raw-output',
  j: 'join-output',
  a: 'ascii-output',
  S: 'sort-keys',
  C: 'color-output',
  M: 'monochrome-output',
  e: 'exit-status',
  h: 'help',
  V: 'version',
};

const UNMODELLED = ['seq', 'stream-errors', 'build-configuration', 'library-path', 'binary'];

/** Parses arguments as jq does: options anywhere, the first operand the program, the others files or positional values. */
export function parseOptions(args: readonly string[]): Options | OptionError {
  return new OptionParser(args).parse();
}

class OptionParser {
  readonly #args: readonly string[];
  #at = 0;
  #rest: 'files' | 'args' | 'jsonargs' = 'files';
  readonly #options: Options = {
    program: undefined,
    fromFile: undefined,
    files: [],
    nullInput: false,
    rawInput: false,
    slurp: false,
    stream: false,
    raw: false,
    join: false,
    raw0: false,
    ascii: false,
    colour: false,
    sortKeys: false,
    exitStatus: false,
    indent: '  ',
    named: new Map(),
    positional: [],
    fileVariables: [],
    show: undefined,
  };
  #fileWanted = false;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  parse(): Options | OptionError {
    let onlyOperands = false;
    for (; this.#at < this.#args.length; this.#at++) {
      const arg = this.#args[this.#at] as string;
      if (onlyOperands || !/^-(?:-|[a-zA-Z])/.test(arg)) {
        const failed = this.#operand(arg);
        if (failed) return failed;
      } else if (arg === '--') onlyOperands = true;
      else {
        const failed = arg.startsWith('--') ? this.#long(arg.slice(2)) : this.#short(arg.slice(1));
        if (failed) return failed;
      }
    }
    const options = this.#options;
    if (this.#fileWanted) {
      // With -f the first operand is the file of the program.
      options.fromFile = options.program;
      options.program = undefined;
    }
    if (options.program === undefined && options.fromFile === undefined) options.show ??= 'usage';
    return options;
  }

  #operand(arg: string): OptionError | undefined {
    const options = this.#options;
    if (options.program === undefined) options.program = arg;
    else if (this.#rest === 'files') options.files.push(arg);
    else if (this.#rest === 'args') options.positional.push(arg);
    else {
      const value = parseOne(arg);
      if (value === undefined) return { error: `invalid JSON text passed to --jsonargs`, usage: true };
      options.positional.push(value);
    }
    return undefined;
  }

  #short(letters: string): OptionError | undefined {
    for (const letter of letters) {
      if (letter === 'f') {
        this.#fileWanted = true;
        continue;
      }
      if (letter === 'L' || letter === 'b') return { error: `-${letter}`, usage: false, unmodelled: `-${letter}` };
      const name = SHORT[letter];
      if (name === undefined) return { error: `Unknown option -${letter}`, usage: true };
      FLAGS[name]?.(this.#options);
    }
    return undefined;
  }

  #long(name: string): OptionError | undefined {
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag) {
      flag(this.#options);
      return undefined;
    }
    switch (name) {
      case 'from-file':
        this.#fileWanted = true;
        return undefined;
      case 'args':
      case 'jsonargs':
        this.#rest = name;
        return undefined;
      case 'indent':
        return this.#indent();
      case 'arg':
      case 'argjson':
      case 'slurpfile':
      case 'rawfile':
        return this.#named(name);
    }
    if (UNMODELLED.includes(name)) return { error: `--${name}`, usage: false, unmodelled: `--${name}` };
    return { error: `Unknown option --${name}`, usage: true };
  }

  #indent(): OptionError | undefined {
    const value = this.#args[++this.#at];
    if (value === undefined) return { error: '--indent takes one parameter', usage: true };
    const size = Number.parseInt(value, 10);
    if (!(size >= -1 && size <= 7)) return { error: '--indent takes a number between -1 and 7', usage: true };
    this.#options.indent = size === -1 ? '\t' : ' '.repeat(size);
    return undefined;
  }

  #named(option: 'arg' | 'argjson' | 'slurpfile' | 'rawfile'): OptionError | undefined {
    const [name, text] = this.#args.slice(this.#at + 1, this.#at + 3);
    this.#at += 2;
    if (name === undefined || text === undefined) {
      const example = { arg: 'varname value', argjson: 'varname text', slurpfile: 'varname filename', rawfile: 'varname filename' }[option];
      return { error: `--${option} takes two parameters (e.g. --${option} ${example})`, usage: true };
    }
    if (option === 'slurpfile' || option === 'rawfile') {
      this.#options.fileVariables.push({ name, file: text, raw: option === 'rawfile' });
      return undefined;
    }
    const value = option === 'arg' ? text : parseOne(text);
    if (value === undefined) return { error: 'invalid JSON text passed to --argjson', usage: true };
    if (!this.#options.named.has(name)) this.#options.named.set(name, value);
    return undefined;
  }
}

/** The one value of a text, or `undefined`. */
function parseOne(text: string): Value | undefined {
  try {
    const values = parseTexts(text);
    return values.length === 1 ? values[0] : undefined;
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) return undefined;
    throw thrown;
  }
}
