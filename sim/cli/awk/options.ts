/** What the command line says. */
export interface Options {
  separator: string | undefined;
  assignments: string[];
  files: string[];
  /** The program (unless -f gave it) and the arguments for it. */
  operands: string[];
  show: 'version' | 'usage' | undefined;
}

/** A mistake: the words after `awk: `, or the name of an option that isn't modelled. */
export interface OptionError {
  error: string;
  unmodelled?: string;
}

/** Parses mawk's options; the first operand ends them. */
export function parseOptions(args: readonly string[]): Options | OptionError {
  const options: Options = { separator: undefined, assignments: [], files: [], operands: [], show: undefined };
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === '--') {
      at++;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    if (arg === '--version' || arg === '--help') {
      options.show = arg === '--version' ? 'version' : 'usage';
      return options;
    }
    const letter = arg[1] as string;
    if (!'FvfW'.includes(letter)) return { error: `not an option: ${arg}` };
    const value = arg.length > 2 ? arg.slice(2) : args[++at];
    if (value === undefined) return { error: `option -${letter} lacks argument` };
    if (letter === 'F') options.separator = value;
    else if (letter === 'v') options.assignments.push(value);
    else if (letter === 'f') options.files.push(value);
    else {
      const failure = implementationOption(options, value);
      if (failure) return failure;
    }
  }
  options.operands = args.slice(at);
  if (options.operands.length === 0 && options.files.length === 0) options.show ??= 'usage';
  return options;
}

/** -W: mawk's own options, which may be abbreviated. */
function implementationOption(options: Options, value: string): OptionError | undefined {
  const [name = ''] = value.split('=');
  const matches = (full: string) => name !== '' && full.startsWith(name);
  if (matches('version')) options.show = 'version';
  else if (matches('usage') || matches('help')) options.show = 'usage';
  else if (!matches('interactive') && !matches('sprintf')) return { error: `-W ${value}`, unmodelled: `-W ${value}` };
  return undefined;
}

export const VERSION = 'mawk 1.3.4 20260302\n';

/** What mawk prints without a program. */
export const USAGE = `Usage: mawk [Options] [Program] [file ...]

Program:
    The -f option value is the name of a file containing program text.
    If no -f option is given, a "--" ends option processing; the following
    parameters are the program text.

Options:
    -f program-file  Program  text is read from file instead of from the
                     command-line.  Multiple -f options are accepted.
    -F value         sets the field separator, FS, to value.
    -v var=value     assigns value to program variable var.
    --               unambiguous end of options.

    Implementation-specific options are prefixed with "-W".  They can be
    abbreviated:

    -W version       show version information and exit.
    -W dump          show assembler-like listing of program and exit.
    -W help          show this message and exit.
    -W interactive   set unbuffered output, line-buffered input.
    -W exec file     use file as program as well as last option.
    -W posix         stricter POSIX checking.
    -W random=number set initial random seed.
    -W sprintf=number adjust size of sprintf buffer.
    -W traditional   pre-POSIX 2001.
    -W usage         show this message and exit.
`;
