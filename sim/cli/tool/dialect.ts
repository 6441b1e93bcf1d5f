import type { Process } from '../../host/process.ts';
import { quoteAlways, quoteIfNeeded } from './quote.ts';
import { type Tool, type ToolOption, UTIL_LINUX } from './tool.ts';

/**
 * Where the same tool speaks differently: the GNU programs of a Debian machine, and busybox's applets. A tool asks its dialect
 * for wording; the few places where behaviour differs ask for `flavour`.
 */
export interface Dialect {
  readonly flavour: 'gnu' | 'busybox';
  /** What messages start with. */
  programName(process: Process, tool: Tool): string;
  /** The options that the tool has in this flavour. */
  options(tool: Tool): readonly ToolOption[];
  help(tool: Tool, name: string): string;
  version(tool: Tool): string;
  /** The whole text (on stderr) after wrong arguments; `error` is without the program's name, or empty. */
  badUsage(tool: Tool, name: string, error: string): string;
  badUsageStatus(tool: Tool): number;
  /** `cannot remove 'x'` or `can't remove 'x'`. */
  cannot(action: string, path: string): string;
  /** A file name at the start of a message: quoted if it needs it, or as it is. */
  fileName(path: string): string;
}

/** The releases whose behaviour was recorded. */
const VERSIONS: Record<string, string> = {
  'GNU coreutils': '9.10',
  'GNU findutils': '4.11.0',
  'GNU grep': '3.12',
  'GNU diffutils': '3.12',
};

/** GNU coreutils, findutils, grep … and the tools of Debian that follow their ways. */
export const GNU: Dialect = {
  flavour: 'gnu',
  programName: (process, tool) => process.argv[0] ?? tool.name,
  options: (tool) => tool.options,
  help: (tool, name) =>
    tool.helpText ?? (tool.suite === PROCPS ? procpsHelp(tool) : `${usageText(tool, name)}\n${tool.about}\n\n${optionList(tool.options)}`),
  version: versionText,
  badUsage: (tool, name, error) =>
    tool.suite !== UTIL_LINUX && (tool.suite === PROCPS || tool.helpText !== undefined)
      ? `${error === '' ? '' : `${name}: ${error}\n`}${tool.helpText ?? procpsHelp(tool)}`
      : `${error === '' ? '' : `${name}: ${error}\n`}${tool.usageOnError ? usageText(tool, name) : ''}Try '${name} --help' for more information.\n`,
  badUsageStatus: (tool) => tool.usageStatus ?? 1,
  cannot: (action, path) => `cannot ${action} ${quoteAlways(path)}`,
  fileName: quoteIfNeeded,
};

/** `NAME (SUITE) VERSION` as GNU has it; procps and packages of one tool have ways of their own. */
function versionText({ name, suite }: Tool): string {
  if (suite === PROCPS) return `${name} from procps-ng 4.0.7\n`;
  if (suite.startsWith(`${name} `)) return `${suite}\n`;
  if (suite === UTIL_LINUX) return `${name} from ${suite}\n`;
  return `${name} (${suite}) ${VERSIONS[suite] ?? ''}`.trimEnd().concat('\n');
}

/** Its tools don't write out what waits in the buffer of standard output before they complain. */
export const PROCPS = 'procps-ng';

/** procps' layout of usage and options, which it also prints after wrong arguments. */
function procpsHelp(tool: Tool): string {
  const forms = tool.usage.map((form) => ` ${tool.name} ${form}\n`).join('');
  return `\nUsage:\n${forms}\nOptions:\n${optionList(tool.options)}\nFor more details see ${tool.name}(1).\n`;
}

/** What a busybox has to say about its applets beyond the messages below. */
export interface BusyboxTexts {
  /** The first line of every usage text. */
  banner: string;
  /** The text after the banner and an empty line, from `Usage: ` on; absent for an unknown applet. */
  usage(applet: string): string | undefined;
  /** The options that the applet has; absent means the tool's own. */
  options?(applet: string, all: readonly ToolOption[]): readonly ToolOption[];
}

/** busybox's wording (libbb: bb_error_msg, bb_show_usage): `can't open 'x': …`, and the full usage after wrong arguments. */
export function busyboxDialect(texts: BusyboxTexts): Dialect {
  const usage = (tool: Tool) => `${texts.banner}\n\n${texts.usage(tool.name) ?? `${usageText(tool, tool.name)}\n${tool.about}\n`}`;
  return {
    flavour: 'busybox',
    programName: (_process, tool) => tool.name,
    options: (tool) => texts.options?.(tool.name, tool.options) ?? tool.options,
    help: usage,
    version: () => `${texts.banner}\n`,
    badUsage: (tool, name, error) => `${error === '' ? '' : `${name}: ${error}\n`}${usage(tool)}`,
    badUsageStatus: () => 1,
    cannot: (action, path) => `can't ${action} '${path}'`,
    fileName: (path) => path,
  };
}

function usageText(tool: Tool, name: string): string {
  return tool.usage.map((form, index) => `${index === 0 ? 'Usage:' : '  or: '} ${name}${form === '' ? '' : ` ${form}`}\n`).join('');
}

function optionList(options: readonly ToolOption[]): string {
  const all = options.some((option) => option.long === 'help') ? options : [...options, ...ENDING];
  return all.map((option) => `  ${optionNames(option).padEnd(26)}  ${option.help}\n`).join('');
}

const ENDING: readonly ToolOption[] = [
  { name: 'help', long: 'help', help: 'display this help and exit' },
  { name: 'version', long: 'version', help: 'output version information and exit' },
];

function optionNames(option: ToolOption): string {
  const value = option.metavar ?? 'ARG';
  const kind = option.argument ?? 'none';
  const longValue = kind === 'none' ? '' : kind === 'optional' ? `[=${value}]` : `=${value}`;
  if (option.long === undefined) return `-${option.short}${kind === 'none' ? '' : kind === 'optional' ? `[${value}]` : ` ${value}`}`;
  return `${option.short === undefined ? '   ' : `-${option.short},`} --${option.long}${longValue}`;
}
