import type { Blocking } from '../../../host/wait.ts';
import { kindOf, lookUp, lookUpAll } from '../lookup.ts';
import { functionText } from '../print.ts';
import { singleQuote } from '../quote.ts';
import type { Shell } from '../shell.ts';
import { fail, options, output, usage } from './builtin.ts';
import { isBuiltin } from './names-list.ts';

const KEYWORDS = new Set('if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc'.split(' '));

interface Meaning {
  kind: 'alias' | 'keyword' | 'function' | 'builtin' | 'file';
  /** The path of a file, the text of an alias. */
  detail: string;
}

/** Everything that a command name may mean, in the order of precedence. */
function meanings(shell: Shell, name: string, skipFunctions = false): Meaning[] {
  const found: Meaning[] = [];
  const alias = shell.aliases.get(name);
  if (alias !== undefined && (shell.interactive || shell.shopt('expand_aliases'))) found.push({ kind: 'alias', detail: alias });
  if (KEYWORDS.has(name)) found.push({ kind: 'keyword', detail: '' });
  if (!skipFunctions && shell.functions.has(name)) found.push({ kind: 'function', detail: '' });
  if (isBuiltin(name) && !shell.disabledBuiltins.has(name)) found.push({ kind: 'builtin', detail: '' });
  const hashed = shell.hashed.get(name)?.path;
  const paths = lookUpAll(shell, name);
  for (const path of paths) found.push({ kind: 'file', detail: path });
  if (hashed !== undefined && paths[0] === hashed) return found;
  return found;
}

function describe(shell: Shell, name: string, meaning: Meaning): string {
  switch (meaning.kind) {
    case 'alias':
      return `${name} is aliased to \`${meaning.detail}'`;
    case 'keyword':
      return `${name} is a shell keyword`;
    case 'function': {
      const called = shell.functions.get(name);
      return `${name} is a function\n${called ? functionText(called.unit, name, called.body) : ''}`;
    }
    case 'builtin':
      return `${name} is a shell builtin`;
    case 'file':
      return shell.hashed.get(name)?.path === meaning.detail ? `${name} is hashed (${meaning.detail})` : `${name} is ${meaning.detail}`;
  }
}

export function* type(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'afptP');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'type [-afptP] name [name ...]');
  const { letters, rest } = parsed;
  let status = 0;
  for (const word of rest) {
    let found = meanings(shell, word, letters.has('f'));
    if (letters.has('P')) found = found.filter((meaning) => meaning.kind === 'file');
    const wanted = letters.has('a') ? found : found.slice(0, 1);
    if (wanted.length === 0) {
      status = 1;
      if (!letters.has('t') && !letters.has('p') && !letters.has('P')) yield* fail(shell, name, `${word}: not found`);
      continue;
    }
    for (const meaning of wanted) {
      if (letters.has('t')) yield* output(shell, name, `${meaning.kind}\n`);
      else if (letters.has('p') || letters.has('P')) {
        if (meaning.kind === 'file') yield* output(shell, name, `${meaning.detail}\n`);
      } else yield* output(shell, name, `${describe(shell, word, meaning)}\n`);
    }
  }
  return status;
}

export function* command(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'pvV');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'command [-pVv] command [arg ...]');
  const { letters, rest } = parsed;
  if (!letters.has('v') && !letters.has('V')) {
    if (rest.length === 0) return 0;
    return yield* shell.interpreter.runWords(shell, rest, { skipFunctions: true, defaultPath: letters.has('p') });
  }
  let status = 0;
  for (const word of rest) {
    const [meaning] = meanings(shell, word);
    if (!meaning) {
      status = 1;
      if (letters.has('V')) yield* fail(shell, name, `${word}: not found`);
    } else if (letters.has('V')) yield* output(shell, name, `${describe(shell, word, meaning)}\n`);
    else if (meaning.kind === 'alias') yield* output(shell, name, `alias ${word}=${singleQuote(meaning.detail)}\n`);
    else yield* output(shell, name, `${meaning.kind === 'file' ? meaning.detail : word}\n`);
  }
  return status;
}

export function* builtin(shell: Shell, args: string[], name: string): Blocking<number> {
  const [word, ...rest] = args[0] === '--' ? args.slice(1) : args;
  if (word === undefined) return 0;
  if (!isBuiltin(word)) return yield* fail(shell, name, `${word}: not a shell builtin`);
  return yield* shell.interpreter.runWords(shell, [word, ...rest], { skipFunctions: true });
}

export function* enable(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'anps');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'enable [-a] [-dnps] [-f filename] [name ...]');
  let status = 0;
  for (const word of parsed.rest) {
    if (!isBuiltin(word)) status = yield* fail(shell, name, `${word}: not a shell builtin`);
    else if (parsed.letters.has('n')) shell.disabledBuiltins.add(word);
    else shell.disabledBuiltins.delete(word);
  }
  return status;
}

export function* hash(shell: Shell, args: string[], name: string): Blocking<number> {
  const parsed = options(args, 'dlp:rt');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, 'hash [-lr] [-p pathname] [-dt] [name ...]');
  const { letters, values, rest } = parsed;
  if (letters.has('r')) shell.hashed.clear();
  if (rest.length === 0) {
    if (letters.has('r')) return 0;
    if (shell.hashed.size === 0) return yield* output(shell, name, 'hash: hash table empty\n');
    const lines = [...shell.hashed].map(([word, { path, hits }]) =>
      letters.has('l') ? `builtin hash -p ${path} ${word}` : `${String(hits).padStart(4)}\t${path}`,
    );
    return yield* output(shell, name, `${letters.has('l') ? '' : 'hits\tcommand\n'}${lines.join('\n')}\n`);
  }
  let status = 0;
  for (const word of rest) {
    const given = values.get('p');
    if (given !== undefined) shell.hashed.set(word, { path: given, hits: 0 });
    else if (letters.has('d')) {
      if (!shell.hashed.delete(word)) status = yield* fail(shell, name, `${word}: not found`);
    } else if (letters.has('t')) {
      const known = shell.hashed.get(word);
      if (!known) status = yield* fail(shell, name, `${word}: not found`);
      else yield* output(shell, name, rest.length > 1 ? `${word}\t${known.path}\n` : `${known.path}\n`);
    } else if (!word.includes('/')) {
      shell.hashed.delete(word);
      const path = lookUp(shell, word, {});
      if (path === undefined || kindOf(shell, path) !== 'program') status = yield* fail(shell, name, `${word}: not found`);
      else shell.hashed.set(word, { path, hits: 0 });
    }
  }
  return status;
}

export function* alias(shell: Shell, args: string[], name: string): Blocking<number> {
  const operands = args.filter((arg) => arg !== '-p' && arg !== '--');
  if (operands.length === 0) {
    const lines = [...shell.aliases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([word, text]) => `alias ${word}=${singleQuote(text)}\n`);
    return yield* output(shell, name, lines.join(''));
  }
  let status = 0;
  for (const operand of operands) {
    const equals = operand.indexOf('=', 1);
    if (equals > 0) {
      const word = operand.slice(0, equals);
      if (/[\s$`/"'\\|&;()<>]/.test(word)) status = yield* fail(shell, name, `\`${word}': invalid alias name`);
      else shell.aliases.set(word, operand.slice(equals + 1));
      continue;
    }
    const text = shell.aliases.get(operand);
    if (text === undefined) status = yield* fail(shell, name, `${operand}: not found`);
    else yield* output(shell, name, `alias ${operand}=${singleQuote(text)}\n`);
  }
  return status;
}

export function* unalias(shell: Shell, args: string[], name: string): Blocking<number> {
  if (args.length === 0) return yield* usage(shell, name, undefined, 'unalias [-a] name [name ...]');
  if (args[0] === '-a') {
    shell.aliases.clear();
    return 0;
  }
  let status = 0;
  for (const word of args) if (!shell.aliases.delete(word)) status = yield* fail(shell, name, `${word}: not found`);
  return status;
}
