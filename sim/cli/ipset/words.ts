import { isRefusal, type Refusal, syntaxError, usageError } from './refusal.ts';

/** A command with its words, the options taken out from wherever they stood (ipset_parse_argv of lib/ipset.c). */
export interface Request {
  command: CommandName;
  words: readonly string[];
  exist: boolean;
  quiet: boolean;
  names: boolean;
  terse: boolean;
  sorted: boolean;
  output: string | undefined;
  file: string | undefined;
}

/** Every command: its spellings, of which the beginning is enough, and how many words it must and may have. */
const COMMANDS = {
  create: { spellings: ['create', 'new', '-N', '--create'], least: 2, most: Number.POSITIVE_INFINITY },
  add: { spellings: ['add', '-A', '--add'], least: 2, most: Number.POSITIVE_INFINITY },
  del: { spellings: ['del', '-D', '--del'], least: 2, most: Number.POSITIVE_INFINITY },
  test: { spellings: ['test', '-T', '--test'], least: 2, most: Number.POSITIVE_INFINITY },
  destroy: { spellings: ['destroy', 'x', '-X', '--destroy'], least: 0, most: 1 },
  list: { spellings: ['list', '-L', '--list'], least: 0, most: 1 },
  save: { spellings: ['save', '-S', '--save'], least: 0, most: 1 },
  restore: { spellings: ['restore', '-R', '--restore'], least: 0, most: 0 },
  flush: { spellings: ['flush', '-F', '--flush'], least: 0, most: 1 },
  rename: { spellings: ['rename', 'e', '-E', '--rename'], least: 2, most: 2 },
  swap: { spellings: ['swap', 'w', '-W', '--swap'], least: 2, most: 2 },
  help: { spellings: ['help', '-h', '-H', '--help'], least: 0, most: 1 },
  version: { spellings: ['version', '-v', '-V', '--version'], least: 0, most: Number.POSITIVE_INFINITY },
  quit: { spellings: ['quit'], least: 0, most: 0 },
} as const;

export type CommandName = keyof typeof COMMANDS;

type Flag = 'exist' | 'quiet' | 'names' | 'terse' | 'sorted' | 'resolve';

const FLAGS: Readonly<Record<string, Flag>> = {
  '-!': 'exist',
  '-exist': 'exist',
  '-q': 'quiet',
  '-quiet': 'quiet',
  '-n': 'names',
  '-name': 'names',
  '-t': 'terse',
  '-terse': 'terse',
  '-s': 'sorted',
  '-sorted': 'sorted',
  '-r': 'resolve',
  '-resolve': 'resolve',
};

const VALUED: Readonly<Record<string, 'output' | 'file'>> = { '-o': 'output', '-output': 'output', '-f': 'file', '-file': 'file' };

/** Takes options out of the words. */
export function parseWords(args: readonly string[]): Request | (Refusal & { quiet: boolean }) {
  const flags = new Set<Flag>();
  const values: { output?: string; file?: string } = {};
  const words: string[] = [];
  let wrong: Refusal | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const option = arg.startsWith('--') ? arg.slice(1) : arg;
    const flag = FLAGS[option];
    const valued = VALUED[option];
    if (flag) flags.add(flag);
    else if (valued) {
      const value = args[++i];
      if (value === undefined) wrong ??= usageError(`Missing mandatory argument to option ${arg}`);
      else values[valued] = value;
    } else words.push(arg);
  }
  const quiet = flags.has('quiet');
  if (values.output !== undefined && !['plain', 'save', 'xml', 'json'].includes(values.output))
    wrong ??= syntaxError(`unknown output mode '${values.output}'`);
  const command = wrong ?? commandOf(words);
  if (isRefusal(command)) return { ...command, quiet };
  return {
    command,
    words: words.slice(1),
    exist: flags.has('exist'),
    quiet,
    names: flags.has('names'),
    terse: flags.has('terse'),
    sorted: flags.has('sorted'),
    output: values.output,
    file: values.file,
  };
}

function commandOf(words: readonly string[]): CommandName | Refusal {
  const [word, ...rest] = words;
  if (word === undefined) return usageError('No command specified.');
  const found = Object.entries(COMMANDS).find(([, { spellings }]) => spellings.some((spelling) => spelling.startsWith(word)));
  if (!found || word === '-' || word === '--') return usageError(`No command specified: unknown argument ${word}`);
  const [name, { least, most }] = found as [CommandName, { least: number; most: number }];
  if (rest.length < least) {
    const which = rest.length === 0 ? 'mandatory' : 'second mandatory';
    return usageError(`Missing ${which} argument to command ${name}`);
  }
  const extra = rest[most];
  return extra === undefined ? name : usageError(`Unknown argument ${extra}`);
}

/** A line of `ipset restore`: words with double quotes around some; the backslash means nothing. */
export function splitLine(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? (match[2] as string));
}
