import type { Process, Program } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, isFailure, type OptionSpec, type Parsed } from '../getopt.ts';
import { Call } from './call.ts';
import { type Dialect, GNU } from './dialect.ts';

/** An option with what `--help` says about it. */
export interface ToolOption extends OptionSpec {
  help: string;
  /** The argument's name in `--help`. */
  metavar?: string;
}

/**
 * A text or system tool. Its table of options gives the parser, `--help`, completion and unknown-option errors; `main` does the
 * work; the dialect decides wording where GNU and busybox differ.
 */
export interface Tool {
  name: string;
  /** Where Debian installs it; `/usr/bin/NAME` if absent. */
  paths?: readonly string[];
  /** The package that `--version` names, as `GNU coreutils`. */
  suite: string;
  /** What may follow the name on the command line, one entry per form. */
  usage: readonly string[];
  /** A sentence or two on what it does. */
  about: string;
  options: readonly ToolOption[];
  /** What `--help` prints, where it isn't made of the table; tools that have it print it after wrong arguments too. */
  helpText?: string;
  /** Exit status after a usage error; 1 if absent. */
  usageStatus?: number;
  /** The usage line stands before the pointer to the help, as grep has it. */
  usageOnError?: boolean;
  /** The first operand ends the options, because what follows is another command. */
  stopAtOperand?: boolean;
  /** Arguments are not parsed at all (`echo`, `test`, `printf`, `expr`): they are all operands. */
  verbatim?: boolean;
  /** Turns obsolete forms such as `head -5` into today's before parsing. */
  rewrite?: (args: string[]) => string[];
  main: (call: Call) => Blocking<number>;
}

/** The package of mount, nsenter and their kin: the release whose behaviour was recorded. */
export const UTIL_LINUX = 'util-linux 2.42.4';

/** An option without an argument. */
export function flag(short: string, long: string, help: string): ToolOption {
  return { ...names(short, long), help };
}

/** An option with an argument. */
export function valued(short: string, long: string, metavar: string, help: string): ToolOption {
  return { ...names(short, long), argument: 'required', metavar, help };
}

/** An option whose argument may be left out. */
export function optional(short: string, long: string, metavar: string, help: string): ToolOption {
  return { ...names(short, long), argument: 'optional', metavar, help };
}

/** An option that the real tool has and this one refuses by name. */
export function unmodelled(short: string, long: string): ToolOption {
  return { ...names(short, long), unmodelled: true, help: 'not modelled' };
}

function names(short: string, long: string): { name: string; short?: string; long?: string } {
  return { name: long || short, ...(short === '' ? {} : { short }), ...(long === '' ? {} : { long }) };
}

/** `-h` and `-V` beside their long names, as util-linux and procps have them. */
export const HELP_AND_VERSION: readonly ToolOption[] = [flag('h', 'help', 'display this help'), flag('V', 'version', 'display version')];

const STANDARD: readonly ToolOption[] = [
  flag('', 'help', 'display this help and exit'),
  flag('', 'version', 'output version information and exit'),
];

/** The tool's options in a flavour, with `--help` and `--version`. */
export function optionTable(tool: Tool, dialect: Dialect): readonly ToolOption[] {
  const options = dialect.options(tool);
  return [...options, ...STANDARD.filter((standard) => !options.some((option) => option.long === standard.long))];
}

/** The program that runs a tool in a flavour. */
export function toolProgram(tool: Tool, dialect: Dialect): Program {
  return function* (process: Process): Blocking<number> {
    const given = process.argv.slice(1);
    const parsed = parse(tool, dialect, given);
    const call = new Call(process, tool, dialect, isFailure(parsed) ? { options: [], operands: [] } : parsed);
    const status = yield* begin(tool, call, parsed);
    return yield* call.finish(status);
  };
}

function parse(tool: Tool, dialect: Dialect, given: string[]): ReturnType<typeof getopt> {
  if (tool.verbatim) return { options: [], operands: given };
  return getopt(optionTable(tool, dialect), tool.rewrite?.(given) ?? given, tool.stopAtOperand);
}

function* begin(tool: Tool, call: Call, parsed: Parsed | { error: string; unmodelled?: string }): Blocking<number> {
  if (isFailure(parsed)) {
    if (parsed.unmodelled === undefined) return yield* call.badUsage(parsed.error);
    yield* call.complain(notModelled(call.name, `option '${parsed.unmodelled}'`));
    return tool.usageStatus ?? 1;
  }
  if (!tool.verbatim && call.has('help')) {
    yield* call.out.text(call.dialect.help(tool, call.name));
    return 0;
  }
  if (!tool.verbatim && call.has('version')) {
    yield* call.out.text(call.dialect.version(tool));
    return 0;
  }
  return yield* tool.main(call);
}

/** The command that a Debian machine has: the tool in its GNU flavour. */
export function commandOf(tool: Tool): Command {
  return { name: tool.name, paths: tool.paths ?? [`/usr/bin/${tool.name}`], run: toolProgram(tool, GNU) };
}
