import type { Process } from '../../host/process.ts';
import { fileExists } from './file-name.ts';
import { notModelled } from '../command.ts';
import { getopt, isFailure } from '../getopt.ts';
import { COMMANDS, commandNamed } from './commands.ts';
import { HELP, TRY, USAGE, VERSION_TEXT } from './help.ts';
import { NEGATIONS, OPTIONS } from './options.ts';
import { defaults, ENDLESS, type Settings } from './settings.ts';

/** What to print instead of going on: `stream` 1 is standard output. */
export interface Ending {
  status: number;
  text: string;
  stream: 1 | 2;
}

export interface CommandLine {
  settings: Settings;
  urls: string[];
  /** What is said before anything else. */
  warnings: string[];
}

const GENERIC = 1;
const PARSE = 2;

const failure = (status: number, text: string): Ending => ({ status, text, stream: 2 });

export type Quote = (text: string) => string;

/** Reads the arguments (main in main.c). */
export function readCommandLine(process: Process, quote: Quote): CommandLine | Ending {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed))
    return failure(PARSE, parsed.unmodelled ? notModelled('wget', `option '${parsed.unmodelled}'`) : `wget: ${parsed.error}\n${TRY}`);
  const settings = defaults();
  for (const { name, value } of parsed.options) {
    const ending = apply(settings, name, value, quote);
    if (ending) return ending;
  }
  const warnings: string[] = [];
  const wrong = complaint(process, settings, parsed.operands, warnings, quote);
  return wrong ?? { settings, urls: parsed.operands, warnings };
}

function apply(settings: Settings, name: string, value: string, quote: Quote): Ending | undefined {
  switch (name) {
    case '-help':
      return { status: 0, text: HELP, stream: 1 };
    case '-version':
      return { status: 0, text: VERSION_TEXT, stream: 1 };
    case '-idle':
      return undefined;
    case '-append':
      Object.assign(settings, { logFile: value, appendLog: true });
      return undefined;
    case '-execute':
      return execute(settings, value, quote);
    case '-no':
      for (const letter of value) {
        const [command, word] = NEGATIONS[letter] ?? [];
        if (command === undefined || word === undefined) return failure(GENERIC, `wget: illegal option -- \`-n${letter}'\n${TRY}`);
        COMMANDS[command]?.set(settings, word, quote);
      }
      return undefined;
  }
  const negative = name.startsWith('no ');
  const command = negative ? name.slice(3) : name;
  const spec = COMMANDS[command];
  const wrong = spec?.set(settings, negative ? '0' : spec.kind === 'switch' && value === '' ? '1' : value, quote);
  return wrong === undefined ? undefined : failure(PARSE, `wget: --${longName(name)}: ${wrong}\n`);
}

function longName(name: string): string {
  return OPTIONS.find((option) => option.name === name && option.long !== undefined)?.long ?? name;
}

/** -e: a line of a wgetrc file. */
function execute(settings: Settings, line: string, quote: Quote): Ending | undefined {
  const [, name = '', value = ''] = /^\s*([A-Za-z_-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  const wrong = commandNamed(name)?.set(settings, value, quote);
  if (commandNamed(name) && wrong === undefined) return undefined;
  const why = wrong === undefined ? '' : `wget: ${name}: ${wrong}\n`;
  return failure(PARSE, `${why}wget: Invalid --execute command ${quote(line)}\n`);
}

/** What is wrong with the options as a whole, and what follows from them. */
function complaint(process: Process, settings: Settings, urls: readonly string[], warnings: string[], quote: Quote): Ending | undefined {
  const generic = (text: string) => failure(GENERIC, text);
  if (settings.noClobber && settings.convertLinks) {
    warnings.push('Both --no-clobber and --convert-links were specified, only --convert-links will be used.\n');
    settings.noClobber = false;
  }
  if (settings.level === 0) settings.level = ENDLESS;
  if (settings.spider || settings.deleteAfter) settings.noDirectories = true;
  if (settings.pageRequisites && !settings.recursive) {
    settings.level = 0;
    if (!settings.noDirectories) settings.directories = true;
  }
  if (settings.verbose && settings.quiet) return generic(`Can't be verbose and quiet at the same time.\n${USAGE}`);
  settings.verbose ??= !settings.quiet;
  settings.showProgress ??= settings.verbose;
  if (settings.timestamping && settings.noClobber) return generic(`Can't timestamp and not clobber old files at the same time.\n${USAGE}`);
  if (settings.both) return generic(`Cannot specify both --inet4-only and --inet6-only.\n${USAGE}`);
  const { outputDocument } = settings;
  if (outputDocument !== undefined) {
    const wrong = aboutOutput(process, settings, outputDocument, urls, warnings, quote);
    if (wrong) return wrong;
  }
  if (settings.startPosition !== undefined && settings.resume) {
    warnings.push('Specifying both --start-pos and --continue is not recommended; --continue will be disabled.\n');
    settings.resume = false;
  }
  if (settings.compression !== 'none' && (settings.resume || settings.startPosition !== undefined)) {
    warnings.push('Compression does not work with --continue or --start-pos, they will be disabled.\n');
    Object.assign(settings, { resume: false, startPosition: undefined });
  }
  if (urls.length === 0 && settings.inputFile === undefined) return generic(`wget: missing URL\n${TRY}`);
  return aboutBody(settings);
}

function aboutOutput(
  process: Process,
  settings: Settings,
  output: string,
  urls: readonly string[],
  warnings: string[],
  quote: Quote,
): Ending | undefined {
  const { pageRequisites, recursive, convertLinks, quiet } = settings;
  if (convertLinks && (urls.length > 1 || pageRequisites || recursive)) {
    const why =
      'Cannot specify both -k or --convert-file-only and -O if multiple URLs are given, or in combination\nwith -p or -r. See the manual for details.\n\n';
    return failure(GENERIC, why + USAGE);
  }
  const warn = (text: string): void => {
    if (!quiet) warnings.push(text);
  };
  if (pageRequisites || recursive)
    warn('WARNING: combining -O with -r or -p will mean that all downloaded content\nwill be placed in the single file you specified.\n\n');
  if (settings.timestamping) warn('WARNING: timestamping does nothing in combination with -O. See the manual\nfor details.\n\n');
  settings.timestamping = false;
  if (!settings.noClobber || !fileExists(process, output)) return undefined;
  return failure(GENERIC, settings.verbose ? `File ${quote(output)} already there; not retrieving.\n` : '');
}

/** Data of a request, given in one way or another, becomes --body-data or --body-file. */
function aboutBody(settings: Settings): Ending | undefined {
  const { postData, postFile, method, bodyData, bodyFile } = settings;
  const generic = (text: string) => failure(GENERIC, text);
  const posts = postData !== undefined || postFile !== undefined;
  if (postData !== undefined && postFile !== undefined) return generic('You cannot specify both --post-data and --post-file.\n');
  if (posts && method !== undefined)
    return generic(
      'You cannot use --post-data or --post-file along with --method. --method expects data through --body-data and --body-file options\n',
    );
  if (bodyData !== undefined || bodyFile !== undefined) {
    if (method === undefined)
      return generic('You must specify a method through --method=HTTPMethod to use with --body-data or --body-file.\n');
    if (bodyData !== undefined && bodyFile !== undefined) return generic('You cannot specify both --body-data and --body-file.\n');
  }
  if (method === 'HEAD') settings.spider = true;
  if (posts) Object.assign(settings, { method: 'POST', bodyData: postData, bodyFile: postFile });
  return undefined;
}
