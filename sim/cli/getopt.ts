/** One option of a command; the table of them gives the parser, the usage text, completion and fuzz input. */
export interface OptionSpec {
  /** The name under which its value is found; usually the long name. */
  name: string;
  short?: string;
  long?: string;
  /** Whether it takes an argument; `none` if absent. */
  argument?: 'none' | 'required' | 'optional';
  /** The real command has it, ours does not. */
  unmodelled?: boolean;
}

export interface Parsed {
  /** Options in the order given. */
  options: { name: string; value: string }[];
  operands: string[];
}

/** Why parsing failed: the C library's words after `COMMAND: `. */
export interface ParseFailure {
  error: string;
  /** The option's name when it is one of the table that isn't modelled. */
  unmodelled?: string;
}

/**
 * Parses arguments as glibc's getopt_long does: bundled short options, `--long=value`, unambiguous abbreviations, `--`, and
 * operands mixed with options.
 *
 * @param args the arguments without the command's name
 * @param stopAtOperand the first operand ends the options (POSIXLY_CORRECT, or a leading `+` in getopt's string)
 */
export function getopt(specs: readonly OptionSpec[], args: readonly string[], stopAtOperand = false): Parsed | ParseFailure {
  const parsed: Parsed = { options: [], operands: [] };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      parsed.operands.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      if (stopAtOperand) {
        parsed.operands.push(...args.slice(i));
        break;
      }
      parsed.operands.push(arg);
      continue;
    }
    const next = () => args[++i];
    const failure = arg.startsWith('--') ? long(specs, arg, next, parsed) : short(specs, arg, next, parsed);
    if (failure) return failure;
  }
  return parsed;
}

export function isFailure(result: Parsed | ParseFailure): result is ParseFailure {
  return 'error' in result;
}

/** The last value given for an option, `''` for a flag, `undefined` if it wasn't given. */
export function optionValue(parsed: Parsed, name: string): string | undefined {
  return parsed.options.findLast((option) => option.name === name)?.value;
}

export function hasOption(parsed: Parsed, name: string): boolean {
  return parsed.options.some((option) => option.name === name);
}

function long(specs: readonly OptionSpec[], arg: string, next: () => string | undefined, parsed: Parsed): ParseFailure | undefined {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  const exact = specs.filter((spec) => spec.long === name);
  const matches = exact.length > 0 ? exact : specs.filter((spec) => spec.long?.startsWith(name));
  if (matches.length === 0) return { error: `unrecognized option '${arg}'` };
  if (matches.length > 1 && new Set(matches.map((spec) => spec.name)).size > 1) {
    return { error: `option '${arg}' is ambiguous; possibilities: ${matches.map((spec) => `'--${spec.long}'`).join(' ')}` };
  }
  const spec = matches[0] as OptionSpec;
  const kind = spec.argument ?? 'none';
  if (equals >= 0 && kind === 'none' && !spec.unmodelled) return { error: `option '--${spec.long}' doesn't allow an argument` };
  const value = equals >= 0 ? arg.slice(equals + 1) : kind === 'required' ? next() : '';
  if (value === undefined) return { error: `option '--${spec.long}' requires an argument` };
  if (spec.unmodelled) return { error: `option '--${spec.long}' is not modelled`, unmodelled: `--${spec.long}` };
  parsed.options.push({ name: spec.name, value });
  return undefined;
}

function short(specs: readonly OptionSpec[], arg: string, next: () => string | undefined, parsed: Parsed): ParseFailure | undefined {
  const letters = [...arg.slice(1)];
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] as string;
    const spec = specs.find((candidate) => candidate.short === letter);
    if (!spec) return { error: `invalid option -- '${letter}'` };
    const kind = spec.argument ?? 'none';
    const refusal = { error: `option '-${letter}' is not modelled`, unmodelled: `-${letter}` };
    if (kind === 'none') {
      if (spec.unmodelled) return refusal;
      parsed.options.push({ name: spec.name, value: '' });
      continue;
    }
    const rest = letters.slice(at + 1).join('');
    const value = rest !== '' ? rest : kind === 'required' ? next() : '';
    if (value === undefined) return { error: `option requires an argument -- '${letter}'` };
    if (spec.unmodelled) return refusal;
    parsed.options.push({ name: spec.name, value });
    return undefined;
  }
  return undefined;
}
