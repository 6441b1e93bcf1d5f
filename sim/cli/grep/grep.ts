import { strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { stat } from '../tool/filesystem.ts';
import { globMatcher } from '../tool/glob.ts';
import type { Tool } from '../tool/tool.ts';
import { Matcher, type Syntax } from './matcher.ts';
import { options } from './options.ts';
import { type Plan, Search } from './search.ts';

const SYNTAXES: Record<string, Syntax> = {
  'basic-regexp': 'basic',
  'extended-regexp': 'extended',
  'fixed-strings': 'fixed',
  'perl-regexp': 'perl',
};

/** Patterns from -e, -f and the first operand; what is left of the operands are files. */
function* patterns(call: Call): Blocking<{ list: string[]; files: string[] } | undefined> {
  const list = call.values('regexp').flatMap((text) => text.split('\n'));
  for (const path of call.values('file')) {
    const file = call.open(path);
    if (typeof file === 'string') {
      yield* call.about(path, file, 2);
      return undefined;
    }
    for (const line of yield* file.reader.lines()) list.push(textOf(line));
    call.close(file.fd);
  }
  const files = [...call.operands];
  if (!call.has('regexp', 'file')) {
    const first = files.shift();
    if (first === undefined) {
      yield* call.badUsage('');
      return undefined;
    }
    list.push(...first.split('\n'));
  }
  return { list, files };
}

function count(call: Call, name: string, otherwise: number): number | string {
  const text = call.value(name);
  if (text === undefined) return otherwise;
  if (name === 'max-count')
    return /^-?\d+$/.test(text) ? (text.startsWith('-') ? Number.POSITIVE_INFINITY : Number(text)) : 'invalid max count';
  return /^\d+$/.test(text) ? Number(text) : `${text}: invalid context length argument`;
}

/** grep's matcher options exclude one another, except that a repeated one is harmless. */
function syntaxOf(call: Call, otherwise: Syntax): Syntax | undefined {
  const given = new Set(call.parsed.options.map((option) => SYNTAXES[option.name]).filter((syntax) => syntax !== undefined));
  if (given.has('perl') && given.size > 1) return undefined;
  if (given.size > 1 && call.has('fixed-strings') && call.has('extended-regexp')) return undefined;
  return SYNTAXES[call.last(...Object.keys(SYNTAXES)) ?? ''] ?? otherwise;
}

function* makePlan(call: Call, list: string[], syntax: Syntax, names: boolean): Blocking<Plan | undefined> {
  const numbers = [
    count(call, 'before-context', -1),
    count(call, 'after-context', -1),
    count(call, 'context', 0),
    count(call, 'max-count', Number.POSITIVE_INFINITY),
  ];
  const wrong = numbers.find((number) => typeof number === 'string');
  if (wrong !== undefined) {
    yield* call.warn(String(wrong), 2);
    return undefined;
  }
  const [before, after, context, limit] = numbers as [number, number, number, number];
  const warnings = new Set<string>();
  const ignoreCase = call.last('ignore-case', 'no-ignore-case') === 'ignore-case';
  const matcher = Matcher.compile(list, {
    syntax,
    ignoreCase,
    words: call.has('word-regexp'),
    lines: call.has('line-regexp'),
    warn: (text) => warnings.add(text),
  });
  for (const text of warnings) yield* call.warn(`warning: ${text}`, 0);
  if (typeof matcher === 'string') {
    yield* call.complain(`${call.name}: ${matcher}\n`);
    return undefined;
  }
  const when = call.has('color') ? call.value('color') || 'auto' : 'never';
  const binary = call.has('text') ? 'text' : call.has('I') ? 'without-match' : (call.value('binary-files') ?? 'binary');
  if (!/^(binary|text|without-match)$/.test(binary)) {
    yield* call.warn('unknown binary-files type', 2);
    return undefined;
  }
  return {
    matcher,
    before: before >= 0 ? before : context,
    after: after >= 0 ? after : context,
    context: call.has('before-context', 'after-context', 'context'),
    limit,
    names,
    color: when === 'always' || (when === 'auto' && call.terminal !== undefined && call.process.env.get('TERM') !== 'dumb'),
    separator: call.has('no-group-separator') ? undefined : (call.value('group-separator') ?? '--'),
    end: call.has('null-data') ? '\0' : '\n',
    binary: binary as Plan['binary'],
    printed: false,
  };
}

/** Every file to search with the name it is printed under. */
function* expand(call: Call, files: readonly string[]): Blocking<string[]> {
  if (!call.has('recursive', 'dereference-recursive') && call.value('directories') !== 'recurse') {
    return files.filter((path) => path === '-' || !excluded(call, path));
  }
  const found: string[] = [];
  const walk = function* (path: string, named: boolean): Blocking<void> {
    const inode = stat(call.process, path, named || call.has('dereference-recursive'));
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!(inode instanceof Directory)) {
      if (typeof inode === 'string' ? named : inode.kind === 'file' && (named || !excluded(call, path))) found.push(path);
      return;
    }
    if (!named && call.values('exclude-dir').some((glob) => globMatcher(glob)(name))) return;
    yield* call.process.spend(2);
    for (const child of inode.names(call.process)) yield* walk(path === '' ? child : `${path.replace(/\/+$/, '')}/${child}`, false);
  };
  if (files.length === 0) for (const child of (stat(call.process, '.') as Directory).names(call.process)) yield* walk(child, false);
  for (const path of files) {
    if (path === '-') found.push(path);
    else yield* walk(path, true);
  }
  return found;
}

function excluded(call: Call, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const rule = call.parsed.options.findLast(
    (option) => (option.name === 'include' || option.name === 'exclude') && globMatcher(option.value)(name),
  );
  if (rule) return rule.name === 'exclude';
  return call.parsed.options.find((option) => option.name === 'include' || option.name === 'exclude')?.name === 'include';
}

/** Searches one file; true when a line was selected. */
function* searchFile(call: Call, plan: Plan, path: string): Blocking<boolean> {
  const quiet = call.has('no-messages');
  const name = path === '-' ? (call.value('label') ?? '(standard input)') : path;
  const inode = path === '-' ? undefined : stat(call.process, path);
  if (inode instanceof Directory) {
    if (call.value('directories') === 'skip' || call.busybox) return false;
    if (!quiet) yield* call.warn(`${path}: ${strerror('EISDIR')}`, 0);
    call.status = 2;
    return false;
  }
  const file = call.open(path);
  if (typeof file === 'string') {
    if (!quiet) yield* call.warn(`${path}: ${strerror(file)}`, 0);
    call.status = 2;
    return false;
  }
  const selected = yield* new Search(call, plan, name).run(file.reader);
  call.close(file.fd);
  if (file.reader.error) {
    if (!quiet) yield* call.warn(`${name}: ${strerror(file.reader.error)}`, 0);
    call.status = 2;
  }
  const shown = byteString(name);
  if (call.has('quiet')) return selected > 0;
  if (call.has('count')) yield* call.out.write(`${plan.names ? shown + (call.has('null') ? '\0' : ':') : ''}${selected}\n`);
  const listing = call.last('files-with-matches', 'files-without-match');
  if (listing === undefined) return selected > 0;
  if ((listing === 'files-with-matches') === selected > 0) yield* call.out.write(shown + (call.has('null') ? '\0' : '\n'));
  return selected > 0;
}

function grepTool(name: string, otherwise: Syntax): Tool {
  return {
    name,
    suite: 'GNU grep',
    usage: ['[OPTION]... PATTERNS [FILE]...'],
    about: 'Print the lines of files that match patterns. Status 0 if any did, 1 if none, 2 after an error.',
    options,
    usageStatus: 2,
    usageOnError: true,
    rewrite: (args) => args.map((arg) => arg.replace(/^-(\d+)$/, '-C$1')),
    *main(call) {
      const given = yield* patterns(call);
      if (!given) return 2;
      const syntax = syntaxOf(call, otherwise);
      if (!syntax) return yield* call.fail('conflicting matchers specified', 2);
      const recursive = call.has('recursive', 'dereference-recursive');
      const several =
        given.files.length > 1 ||
        (recursive && !(given.files.length === 1 && !(stat(call.process, given.files[0] as string) instanceof Directory)));
      const naming = call.last('with-filename', 'no-filename');
      const plan = yield* makePlan(call, given.list, syntax, naming === undefined ? several : naming === 'with-filename');
      if (!plan) return 2;
      const files = given.files.length === 0 && !recursive ? ['-'] : yield* expand(call, given.files);
      let found = false;
      for (const path of files) {
        if (plan.limit === 0) break;
        const hit = yield* searchFile(call, plan, path);
        found ||= hit;
        if (hit && call.has('quiet')) return 0;
      }
      return call.status === 2 ? 2 : found ? 0 : 1;
    },
  };
}

export const grep = grepTool('grep', 'basic');
export const egrep = grepTool('egrep', 'extended');
export const fgrep = grepTool('fgrep', 'fixed');
