import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { RegularFile } from '../../host/inode.ts';
import { describe } from '../../host/nftables/describe.ts';
import { echo } from '../../host/nftables/echo.ts';
import { dump } from '../../host/nftables/json.ts';
import { eventJson, listJson } from '../../host/nftables/json-list.ts';
import { echoJson, readJson } from '../../host/nftables/read-json.ts';
import type { ListStyle } from '../../host/nftables/list.ts';
import { areComplaints, parse } from '../../host/nftables/nftables.ts';
import type { Include, Variables } from '../../host/nftables/parser.ts';
import { type KnownRuleset, rulesetOf } from '../../host/nftables/ruleset.ts';
import { rulesetEvents } from '../../host/nftables/ruleset-events.ts';
import { show } from '../../host/nftables/show.ts';
import { type Complaint, complaintText, Rejected, type Source } from '../../host/nftables/source.ts';
import type { Command as NftCommand, Node } from '../../host/nftables/syntax.ts';
import { commit, type Transaction } from '../../host/nftables/transaction.ts';
import type { Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, optionValue, type OptionSpec, type Parsed } from '../getopt.ts';
import { Pattern, patternChars } from '../shell-pattern.ts';
import { listDirectory, stat } from '../tool/filesystem.ts';
import { fileLookup } from '../tool/lookup.ts';
import { writeLines } from '../tool/write-lines.ts';
import { monitor } from './monitor.ts';
import { LONG_VERSION, USAGE, VERSION } from './usage.ts';

const option = (short: string, long: string, argument: OptionSpec['argument'] = 'none'): OptionSpec => ({
  name: long,
  short,
  long,
  argument,
});

const OPTIONS: readonly OptionSpec[] = [
  option('h', 'help'),
  option('v', 'version'),
  { name: 'long-version', short: 'V' },
  option('f', 'file', 'required'),
  option('D', 'define', 'required'),
  option('i', 'interactive'),
  option('I', 'includepath', 'required'),
  option('c', 'check'),
  { ...option('o', 'optimize'), unmodelled: true },
  option('a', 'handle'),
  option('s', 'stateless'),
  option('t', 'terse'),
  option('S', 'service'),
  option('N', 'reversedns'),
  option('u', 'guid'),
  option('n', 'numeric'),
  option('y', 'numeric-priority'),
  option('p', 'numeric-protocol'),
  option('T', 'numeric-time'),
  option('e', 'echo'),
  option('j', 'json'),
  option('d', 'debug', 'required'),
];

function* main(process: Process): Blocking<number> {
  const args = process.argv.slice(1);
  const parsed = getopt(OPTIONS, args, true);
  if (isFailure(parsed)) {
    if (parsed.unmodelled !== undefined) yield* process.write(2, notModelled('nft', `option "${parsed.unmodelled}"`));
    else yield* process.write(2, `nft: ${parsed.error}\n`);
    return 1;
  }
  for (const [name, text] of [
    ['help', USAGE],
    ['version', VERSION],
    ['long-version', LONG_VERSION],
  ] as const) {
    if (!hasOption(parsed, name)) continue;
    yield* process.write(1, text);
    return 0;
  }
  const late = lateOption(args, parsed);
  if (late !== undefined) {
    yield* process.write(2, late);
    return 1;
  }
  if (hasOption(parsed, 'define') && !hasOption(parsed, 'file')) {
    yield* process.write(2, 'Error: -D/--define can only be used with -f/--filename\n');
    return 1;
  }
  const debug = debugError(parsed);
  if (debug !== undefined) {
    yield* process.write(2, debug);
    return 1;
  }
  if (hasOption(parsed, 'interactive')) return yield* interactive(process, parsed);
  const source = yield* sourceOf(process, parsed);
  if (typeof source === 'string') {
    yield* process.write(2, source);
    return 1;
  }
  return yield* runSource(process, parsed, source);
}

const DEBUG_LEVELS: readonly string[] = ['all', 'scanner', 'parser', 'eval', 'netlink', 'mnl', 'proto-ctx', 'segtree'];

/** Levels that exist are refused as not modelled, others as nft does. */
function debugError(parsed: Parsed): string | undefined {
  for (const level of optionValue(parsed, 'debug')?.split(',') ?? []) {
    if (!DEBUG_LEVELS.includes(level)) return `Error: invalid debug parameter \`${level}'\n`;
    return notModelled('nft', `option "-d ${level}"`);
  }
  return undefined;
}

const PROMPT = 'nft> ';

/** `-i`: a command a line; a backslash at its end continues it, `quit` ends. */
function* interactive(process: Process, parsed: Parsed): Blocking<number> {
  const input = new Input(process, 0);
  const terminal = terminalOf(process.fds.get(0)) !== undefined;
  const variables = definitions(parsed);
  let text = '';
  for (;;) {
    if (terminal) yield* process.write(1, PROMPT);
    const line = yield* input.line();
    if (line === undefined) return 0;
    text += line;
    if (text.endsWith('\\')) {
      text = text.slice(0, -1);
      continue;
    }
    if (text.trim() === 'quit') return 0;
    if (text.trim() !== '') yield* runSource(process, parsed, { name: undefined, text }, variables);
    text = '';
  }
}

/** Options belong before commands. */
function lateOption(args: readonly string[], { operands }: Parsed): string | undefined {
  const at = operands.findIndex((word) => word.startsWith('-') && word.length > 1 && !/^-\d/.test(word));
  const option = operands[at];
  if (option === undefined) return undefined;
  const line = `nft ${args.join(' ')} `;
  const first = `nft ${args.slice(0, args.length - operands.length).join(' ')}`.trimEnd().length;
  const found = line.indexOf(` ${option}`, first) + 1;
  return `Error: syntax error, options must be specified before commands\n${line}\n${' '.repeat(first)}^${' '.repeat(found - first - 1)}${'~'.repeat(option.length)}\n`;
}

const STDIN = '/dev/stdin';

/** The text to carry out, or what is wrong. */
function* sourceOf(process: Process, parsed: Parsed): Blocking<Source | string> {
  const file = optionValue(parsed, 'file');
  if (file === undefined) {
    if (parsed.operands.length === 0) return 'nft: no command specified\n';
    return { name: undefined, text: parsed.operands.join(' ') };
  }
  if (file === '-' || file === STDIN) {
    const input = new Input(process, 0);
    let text = '';
    for (let line = yield* input.line(); line !== undefined; line = yield* input.line()) text += `${line}\n`;
    return { name: STDIN, text };
  }
  const bytes = yield* process.readFile(file);
  if (typeof bytes === 'string') return `internal:0:0-0: Error: Could not open file "${file}": ${strerror(bytes)}\n\n\n`;
  return { name: file, text: decode(bytes) };
}

function* runSource(process: Process, parsed: Parsed, source: Source, variables = definitions(parsed)): Blocking<number> {
  const lookup = fileLookup(process);
  const json = hasOption(parsed, 'json');
  const input = json ? readJson({ ...source, name: source.name === STDIN ? undefined : source.name }, lookup) : undefined;
  if (input && !('commands' in input)) return yield* complain(process, input);
  const commands = input?.commands ?? parse(source, lookup, variables, includes(process, parsed));
  if (areComplaints(commands)) return yield* complain(process, commands);
  if (!process.capable('NET_ADMIN')) {
    yield* process.write(
      2,
      'netlink: Error: cache initialization failed: Operation not permitted\nError: Operation not permitted (perhaps you must be root?)\n',
    );
    return 1;
  }
  const { net } = process.namespaces;
  const style = styleOf(process, parsed);
  const changing = (commands as NftCommand[]).filter((command) => !READING.has(command.op));
  yield* process.spend(200 + 5 * changing.length);
  const before = hasOption(parsed, 'echo') && json && !input ? rulesetOf(net) : undefined;
  const result = commit(net, changing, lookup, hasOption(parsed, 'check'));
  if (areComplaints(result)) return yield* complain(process, result);
  if (changing.length > 0 && !hasOption(parsed, 'check')) net.netfilter.committed({ pid: process.pid, name: process.name });
  const { changes } = result as Transaction;
  if (hasOption(parsed, 'echo') && json && input) yield* process.write(1, `${dump(echoJson(input, changes))}\n`);
  else if (before) yield* echoEvents(process, before, style);
  else if (hasOption(parsed, 'echo')) yield* echoChanges(process, result as Transaction, style);
  for (const command of commands as NftCommand[]) {
    if (!READING.has(command.op)) continue;
    if (command.op === 'describe') {
      for (const line of describe(command.node)) yield* process.write(1, `${line}\n`);
      continue;
    }
    if (command.op === 'monitor') return yield* monitor(process, json ? { ...command, format: 'json' } : command, style);
    if (json && (command.op === 'list' || command.op === 'reset')) {
      const failed = yield* showJson(process, command, style);
      if (failed) return yield* complain(process, failed);
      continue;
    }
    const failed = yield* showOne(process, command, style);
    if (failed) return yield* complain(process, failed);
  }
  return 0;
}

const READING: ReadonlySet<string> = new Set(['list', 'get', 'reset', 'monitor', 'describe']);

/** A list in JSON, on one line. */
function* showJson(process: Process, command: NftCommand, style: ListStyle): Blocking<readonly Complaint[] | undefined> {
  try {
    yield* process.write(1, `${dump(listJson(process.namespaces.net, command, style))}\n`);
  } catch (error) {
    if (error instanceof Rejected) return error.complaints;
    throw error;
  }
  return undefined;
}

/** What is wrong is found before anything is printed. */
function* showOne(process: Process, command: NftCommand, style: ListStyle): Blocking<readonly Complaint[] | undefined> {
  try {
    const listed: string[] = [];
    // Warnings go to standard error at once, the list when it is whole.
    for (const line of show(process.namespaces.net, command, style, style.lookup)) {
      if (line.startsWith('# Warning: ')) yield* process.write(2, line);
      else listed.push(line);
    }
    yield* writeLines(process, listed);
  } catch (error) {
    if (error instanceof Rejected) return error.complaints;
    throw error;
  }
  return undefined;
}

/** `-j -e`: what has come to be, as `monitor` tells it. */
function* echoEvents(process: Process, before: KnownRuleset, style: ListStyle): Blocking<void> {
  const events = rulesetEvents(before, rulesetOf(style.net), style.net.kernel.events.now).filter(({ verb }) => verb !== 'delete');
  if (events.length > 0) yield* process.write(1, `${dump({ nftables: events.map((event) => eventJson(event, style)) })}\n`);
}

function* echoChanges(process: Process, { changes, net }: Transaction, style: ListStyle): Blocking<void> {
  if (changes.length === 0) return;
  for (const change of changes) yield* writeLines(process, echo(change, style));
  yield* process.write(1, `# new generation ${net.netfilter.generation} by process ${process.pid} (nft)\n`);
}

function* complain(process: Process, complaints: readonly Complaint[]): Blocking<number> {
  for (const complaint of complaints) {
    yield* process.write(2, complaint.unmodelled ? notModelled('nft', complaint.message) : complaintText(complaint));
  }
  return 1;
}

function styleOf(process: Process, parsed: Parsed): ListStyle {
  const has = (name: string) => hasOption(parsed, name);
  const numeric = has('numeric');
  return {
    net: process.namespaces.net,
    lookup: fileLookup(process),
    numeric,
    numericProtocols: numeric || has('numeric-protocol'),
    numericPriority: numeric || has('numeric-priority'),
    services: has('service'),
    accounts: has('guid'),
    hostNames: has('reversedns'),
    seconds: numeric || has('numeric-time'),
    stateless: has('stateless'),
    handles: has('handle'),
    terse: has('terse'),
  };
}

/** `-D NAME=VALUE` */
function definitions(parsed: Parsed): Variables {
  const variables: Variables = new Map();
  for (const { name, value } of parsed.options) {
    if (name !== 'define') continue;
    const equals = value.indexOf('=');
    if (equals < 0) continue;
    const source = { name: undefined, text: value };
    const node: Node = { kind: 'word', text: value.slice(equals + 1), quoted: false, at: { source, start: equals + 1, end: value.length } };
    variables.set(value.slice(0, equals), node);
  }
  return variables;
}

/** Files for `include`: by their path, or below the directories of `-I`.. */
function includes(process: Process, parsed: Parsed): Include {
  const below = [...parsed.options.filter(({ name }) => name === 'includepath').map(({ value }) => value), '/etc'];
  return (path) => {
    const candidates = /^\.{0,2}\//.test(path) ? [path] : below.map((directory) => `${directory}/${path}`);
    if (/[*?[]/.test(path)) return candidates.flatMap((candidate) => matching(process, candidate));
    for (const candidate of candidates) {
      const inode = stat(process, candidate);
      if (inode instanceof RegularFile) return [{ name: candidate, text: decode(inode.bytes) }];
    }
    return undefined;
  };
}

/** The files of a directory whose names fit the last part of a path (glob(3)). */
function matching(process: Process, path: string): Source[] {
  const slash = path.lastIndexOf('/');
  const directory = path.slice(0, slash);
  const pattern = new Pattern(patternChars(path.slice(slash + 1)));
  const names = listDirectory(process, directory === '' ? '/' : directory);
  if (typeof names === 'string') return [];
  return names
    .filter((name) => !name.startsWith('.') && pattern.matches(name))
    .toSorted()
    .flatMap((name) => {
      const inode = stat(process, `${directory}/${name}`);
      return inode instanceof RegularFile ? [{ name: `${directory}/${name}`, text: decode(inode.bytes) }] : [];
    });
}

/** nft(8). */
export const nft: Command = { name: 'nft', paths: ['/usr/sbin/nft'], run: main };
