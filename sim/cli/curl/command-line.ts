import { decode } from '../../base/bytes.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type ParseFailure, type Parsed } from '../getopt.ts';
import { OPTIONS } from './options.ts';

export const TRY = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/** Why nothing is transferred: what to say, and the exit code. */
export interface CommandLineError {
  text: string;
  status: number;
}

type Options = Parsed['options'];

/** Options that hold for all operations, wherever they stand. */
const GLOBAL = ['silent', 'show-error', 'verbose', 'progress-bar', 'no-progress-meter', 'fail-early', 'version', 'help'];

/**
 * The operations of a command line: what stands between `--next`s, with the options of -K's files in their places. URLs are options
 * by the name `url`, in their order. A `.curlrc` comes first, unless -q does.
 */
export function* readCommandLine(process: Process): Blocking<Parsed[] | CommandLineError> {
  const flat: Options = [];
  const args = process.argv.slice(1);
  if (!/^(-q|--disable$)/.test(args[0] ?? '')) {
    const standard = `${process.env.get('HOME') ?? ''}/.curlrc`;
    const target = process.namespaces.mnt.resolve(process, standard);
    if (typeof target !== 'string' && target.inode) {
      const wrong = yield* readConfig(process, standard, flat);
      if (wrong) return wrong;
    }
  }
  const given = inOrder(args);
  if (isFailure(given)) return given.unmodelled ? unmodelled(given.unmodelled) : { text: usageError(given.error, args), status: 2 };
  const wrong = yield* addOptions(process, given.options, flat);
  if (wrong) return wrong;
  return operationsOf(flat);
}

function unmodelled(option: string): CommandLineError {
  return { text: notModelled('curl', `option '${option}'`), status: 2 };
}

/** Options and URLs in the order in which they stand. */
function inOrder(args: readonly string[]): Parsed | ParseFailure {
  const options: Options = [];
  for (let rest = args; rest.length > 0; ) {
    const parsed = getopt(OPTIONS, rest, true);
    if (isFailure(parsed)) return parsed;
    options.push(...parsed.options);
    const behind = parsed.operands.length;
    const literal = rest[rest.length - behind - 1] === '--';
    for (const value of literal ? parsed.operands : parsed.operands.slice(0, 1)) options.push({ name: 'url', value });
    rest = literal ? [] : rest.slice(rest.length - behind + 1);
    if (behind === 0) break;
  }
  return { options, operands: [] };
}

function* addOptions(process: Process, options: Options, flat: Options): Blocking<CommandLineError | undefined> {
  for (const option of options) {
    if (option.name !== 'config') {
      flat.push(option);
      continue;
    }
    const wrong = yield* readConfig(process, option.value, flat);
    if (wrong) return wrong;
  }
  return undefined;
}

/** A file of options, one to a line, `long-name = "value"` or as on the command line (tool_parsecfg.c). */
function* readConfig(process: Process, path: string, flat: Options): Blocking<CommandLineError | undefined> {
  const bad = (why: string, before = '', status = 2) => ({ text: `${before}curl: option -K: ${why}\n${TRY}`, status });
  const bytes = yield* process.readFile(path === '-' ? '/dev/stdin' : path);
  if (typeof bytes === 'string') return bad('error encountered when reading a file', `curl: cannot read config from '${path}'\n`, 26);
  for (const [number, raw] of decode(bytes).split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const dashed = line.startsWith('-');
    const match = (dashed ? /^(\S+)\s*([\s\S]*)$/ : /^([^\s=:]+)[\s=:]*([\s\S]*)$/).exec(line);
    const [, word = '', rest = ''] = match ?? [];
    const name = dashed ? word : `--${word}`;
    const { value, unquoted } = configValue(rest);
    if (unquoted !== undefined && unquoted !== '' && !unquoted.startsWith('#')) {
      yield* process.write(
        2,
        wrapped(
          `${path}:${number + 1} Option '${word}' uses argument with unquoted whitespace. This may cause side-effects. Consider double quotes.`,
        ),
      );
    }
    const alone = getopt(OPTIONS, [name], true);
    const needs = isFailure(alone) && alone.error.includes('requires an argument');
    const parsed = needs && value !== undefined ? getopt(OPTIONS, [name, value], true) : alone;
    if (isFailure(parsed)) {
      if (parsed.unmodelled) return unmodelled(parsed.unmodelled);
      const before = dashed ? '' : `curl: ${path}:${number + 1} config file option '${word}' requires parameter\n`;
      return needs ? bad('requires parameter', before) : bad('found an unknown config option');
    }
    if (!needs && value !== undefined) return bad('had unsupported trailing garbage');
    const wrong = yield* addOptions(process, parsed.options, flat);
    if (wrong) return wrong;
  }
  return undefined;
}

/** A value in quotes, with escapes, or up to the next white space; `unquoted` is what follows then. */
function configValue(text: string): { value: string | undefined; unquoted?: string } {
  if (text === '' || text.startsWith('#')) return { value: undefined };
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)/.exec(text);
  if (quoted) {
    const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', v: '\v' };
    return { value: (quoted[1] as string).replace(/\\([\s\S])/g, (_, char: string) => escapes[char] ?? char) };
  }
  const [value = ''] = text.split(/\s/);
  return { value, unquoted: text.slice(value.length).trim() };
}

/** A warning, in lines of at most 79 columns. */
function wrapped(text: string): string {
  const PREFIX = 'Warning: ';
  let shown = '';
  let left = text;
  while (left.length > 79 - PREFIX.length) {
    const cut = left.lastIndexOf(' ', 79 - PREFIX.length - 1);
    const end = cut > 0 ? cut + 1 : 79 - PREFIX.length;
    shown += `${PREFIX}${left.slice(0, end)}\n`;
    left = left.slice(end);
  }
  return `${shown}${PREFIX}${left}\n`;
}

function operationsOf(flat: Options): Parsed[] | CommandLineError {
  const global = flat.filter(({ name }) => GLOBAL.includes(name));
  const operations: Parsed[] = [];
  let options: Options = [];
  for (const option of flat) {
    if (option.name !== 'next') {
      options.push(option);
      continue;
    }
    if (!options.some(({ name }) => name === 'url'))
      return { text: `curl: missing URL before --next\ncurl: option --next: is badly used here\n${TRY}`, status: 2 };
    operations.push({ options, operands: [] });
    options = [];
  }
  operations.push({ options, operands: [] });
  for (const one of operations) one.options.push(...global.filter(({ name }) => !hasOption(one, name)));
  return operations;
}

/** getopt's words in curl's order. */
function usageError(error: string, args: readonly string[]): string {
  const found = /'(.*?)'/.exec(error)?.[1] ?? '';
  // To curl an equals sign is a part of the name.
  const name = args.find((arg) => found.startsWith('--') && arg.startsWith(`${found}=`)) ?? found;
  const option = name.startsWith('-') ? name : `-${name}`;
  return `curl: option ${option}: ${error.includes('requires an argument') ? 'requires parameter' : 'is unknown'}\n${TRY}`;
}
