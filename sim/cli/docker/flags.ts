import { parseGoDuration } from '../../engines/docker/build/go-duration.ts';

/** One flag of a docker command; the table of them gives the parser, the help text and completion. */
export interface Flag {
  long: string;
  short?: string;
  /** What the help calls its value; a `bool` takes none. */
  type: string;
  usage: string;
  /** Its value when it isn't given and the help shows one. */
  initial?: string;
  /** The real command has it, ours does not. */
  unmodelled?: true;
  /** Not in the help. */
  hidden?: true;
  /** What the deprecation notice advises. */
  deprecated?: string;
  /** Why a value is no good, or `undefined`; run as the flag is read. */
  check?: (value: string) => string | undefined;
}

/** Tables as one, in the order in which help lists them. */
export function byName(...tables: readonly (readonly Flag[])[]): Flag[] {
  return tables.flat().sort((a, b) => (a.long < b.long ? -1 : 1));
}

/** Values of the flags that were given, by long name, in order. */
export class FlagValues {
  readonly #values = new Map<string, string[]>();

  add(long: string, value: string): void {
    const values = this.#values.get(long);
    if (values) values.push(value);
    else this.#values.set(long, [value]);
  }

  /** Whether a boolean flag is on. */
  on(long: string, initial = false): boolean {
    const value = this.last(long);
    return value === undefined ? initial : value === 'true';
  }

  /** The last value given. */
  last(long: string): string | undefined {
    return this.#values.get(long)?.at(-1);
  }

  all(long: string): readonly string[] {
    return this.#values.get(long) ?? [];
  }

  given(long: string): boolean {
    return this.#values.has(long);
  }
}

export interface ParsedFlags {
  values: FlagValues;
  operands: string[];
  /** Notices for standard error, such as of deprecated flags. */
  notices: string[];
}

/** Why parsing failed: pflag's sentence, or the flag that isn't modelled. */
export interface FlagFailure {
  error: string;
  unmodelled?: string;
}

/**
 * Parses arguments as pflag does: `--name value`, `--name=value`, bundled short flags, no abbreviations.
 *
 * @param interspersed whether flags may follow operands; `docker run` and `exec` stop at the first operand
 */
export function parseFlags(flags: readonly Flag[], args: readonly string[], interspersed: boolean): ParsedFlags | FlagFailure {
  const parsed: ParsedFlags = { values: new FlagValues(), operands: [], notices: [] };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      parsed.operands.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      if (!interspersed) {
        parsed.operands.push(...args.slice(i));
        break;
      }
      parsed.operands.push(arg);
      continue;
    }
    const next = (): string | undefined => args[++i];
    const failure = arg.startsWith('--') ? readLong(flags, arg, next, parsed) : readShort(flags, arg, next, parsed);
    if (failure) return failure;
  }
  return parsed;
}

function readLong(flags: readonly Flag[], arg: string, next: () => string | undefined, parsed: ParsedFlags): FlagFailure | undefined {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  if (name === '' || name.startsWith('-')) return { error: `bad flag syntax: ${arg}` };
  const flag = flags.find((candidate) => candidate.long === name);
  if (!flag) return { error: `unknown flag: --${name}` };
  if (equals >= 0) return set(flag, arg.slice(equals + 1), parsed);
  if (flag.type === 'bool') return set(flag, 'true', parsed);
  const value = next();
  return value === undefined ? { error: `flag needs an argument: --${name}` } : set(flag, value, parsed);
}

function readShort(flags: readonly Flag[], arg: string, next: () => string | undefined, parsed: ParsedFlags): FlagFailure | undefined {
  const letters = arg.slice(1);
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] as string;
    const flag = flags.find((candidate) => candidate.short === letter);
    if (!flag) return { error: `unknown shorthand flag: '${letter}' in -${letters.slice(at)}` };
    const rest = letters.slice(at + 1);
    if (rest.startsWith('=') && rest.length > 1) return set(flag, rest.slice(1), parsed);
    if (flag.type === 'bool') {
      const failure = set(flag, 'true', parsed);
      if (failure) return failure;
      continue;
    }
    if (rest !== '') return set(flag, rest, parsed);
    const value = next();
    return value === undefined ? { error: `flag needs an argument: '${letter}' in -${letters.slice(at)}` } : set(flag, value, parsed);
  }
  return undefined;
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function set(flag: Flag, text: string, parsed: ParsedFlags): FlagFailure | undefined {
  if (flag.unmodelled) return { error: `--${flag.long}`, unmodelled: `--${flag.long}` };
  const problem = flag.check?.(text) ?? typeProblem(flag.type, text);
  if (problem !== undefined) {
    const name = flag.short ? `-${flag.short}, --${flag.long}` : `--${flag.long}`;
    return { error: `invalid argument ${goQuote(text)} for "${name}" flag: ${problem}` };
  }
  if (flag.deprecated) parsed.notices.push(`Flag --${flag.long} has been deprecated, ${flag.deprecated}`);
  parsed.values.add(flag.long, flag.type === 'bool' ? String(TRUE.includes(text)) : text);
  return undefined;
}

function typeProblem(type: string, text: string): string | undefined {
  if (type === 'bool' && ![...TRUE, ...FALSE].includes(text)) return `strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`;
  if (type === 'int' && !/^[+-]?(\d+|0x[0-9a-fA-F]+)$/.test(text)) return `strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`;
  if (type === 'duration') {
    const duration = parseGoDuration(text);
    return typeof duration === 'number' ? undefined : duration.error;
  }
  if (type === 'filter' && text !== '' && !text.includes('=')) return 'bad format of filter (expected name=value)';
  return undefined;
}

/** A string as Go's `%q` writes it. */
export function goQuote(text: string): string {
  return JSON.stringify(text).replaceAll('\\b', '\\b');
}

/**
 * The flags as the help lists them (pflag `FlagUsagesWrapped`).
 *
 * @param columns the width that lines are broken at
 */
export function flagUsages(flags: readonly Flag[], columns: number): string {
  const lines = flags
    .filter((flag) => !flag.hidden && !flag.deprecated)
    .sort((a, b) => (a.long < b.long ? -1 : 1))
    .map((flag) => ({
      left: `${flag.short ? `  -${flag.short}, ` : '      '}--${flag.long}${flag.type === 'bool' ? '' : ` ${flag.type}`}`,
      right: flag.usage + (flag.initial === undefined ? '' : ` (default ${flag.initial})`),
    }));
  const width = Math.max(...lines.map((line) => line.left.length));
  return lines.map(({ left, right }) => `${left}${' '.repeat(width - left.length)}   ${wrap(right, width + 3, columns)}\n`).join('');
}

/** Breaks a usage at `columns`, later lines indented; pflag leaves the text alone where too little room is left. */
function wrap(text: string, indent: number, columns: number): string {
  const room = columns - indent;
  const separator = `\n${' '.repeat(indent)}`;
  if (columns <= 0) return text.replaceAll('\n', separator);
  if (room < 24) return text.replaceAll('\n', separator);
  const slop = 5;
  let line = '';
  let rest = text;
  [line, rest] = wrapOnce(rest, room - slop, slop);
  let out = line.replaceAll('\n', separator);
  while (rest !== '') {
    [line, rest] = wrapOnce(rest, room - slop, slop);
    out += separator + line.replaceAll('\n', separator);
  }
  return out;
}

function wrapOnce(text: string, width: number, slop: number): [string, string] {
  if (width + slop > text.length) return [text, ''];
  const head = text.slice(0, width);
  const at = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (at <= 0) return [text, ''];
  const newline = head.indexOf('\n');
  if (newline > 0 && newline < at) return [text.slice(0, newline), text.slice(newline + 1)];
  return [text.slice(0, at), text.slice(at + 1)];
}
