import { Directory } from '../../../host/inode.ts';
import { type Blocking, whenLoaded } from '../../../host/wait.ts';
import { BUILTIN_NAMES } from '../builtins/names-list.ts';
import { expandTilde } from '../expand.ts';
import { listNames } from '../glob.ts';
import { kindOf } from '../lookup.ts';
import { backslashQuote } from '../quote.ts';
import type { Shell } from '../shell.ts';

/** What could stand at the cursor. */
export interface Completion {
  /** Where the word being completed begins, in characters. */
  start: number;
  /** Whole words, sorted, as they go into the line. */
  candidates: string[];
  /** The same as they are listed: file names without their directory. */
  labels: string[];
  /** What follows a sole candidate. */
  suffix: (candidate: string) => string;
}

const KEYWORDS = 'if then else elif fi case esac for select while until do done in function time'.split(' ');

/** Finds completions for the text before the cursor. */
export function* complete(shell: Shell, before: string): Blocking<Completion> {
  const { words, word, start, quote } = splitCommand(before);
  const place = [...before.slice(0, start)].length;
  const variable = /\$\{?([A-Za-z_][A-Za-z0-9_]*)?$/.exec(word);
  if (variable && quote !== "'") return variables(shell, word, variable, place);
  if (words.length === 0 && !word.includes('/') && quote === '') return commands(shell, word, place);
  const program = words.length > 0 ? yield* shell.interpreter.completer((words[0] ?? '').replace(/.*\//, '')) : undefined;
  if (program) {
    const found = (yield* whenLoaded(() => program(shell.process, words, word))).filter((candidate) => candidate.startsWith(word));
    if (found.length > 0) return list(place, found, found, () => ' ');
  }
  return files(shell, word, place, quote, words.length === 0, words[0] === 'cd' || words[0] === 'pushd');
}

/** The words of the simple command at the end of a text, and the unfinished word. */
export function splitCommand(before: string): { words: string[]; word: string; start: number; quote: string } {
  let words: string[] = [];
  let word = '';
  let start = 0;
  let quote = '';
  let began = false;
  const finish = (): void => {
    if (began && !(words.length === 0 && /^[A-Za-z_][A-Za-z0-9_]*=/.test(word))) words.push(word);
    word = '';
    began = false;
  };
  for (let i = 0; i < before.length; i++) {
    const char = before[i] as string;
    if (!began && !/[\s|&;()<>]/.test(char)) {
      began = true;
      start = i;
    }
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && i + 1 < before.length) word += before[++i];
      else word += char;
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '\\') word += before[++i] ?? '';
    else if (/\s/.test(char)) finish();
    else if (/[|&;(]/.test(char)) {
      finish();
      words = [];
    } else if (/[<>)]/.test(char)) finish();
    else word += char;
    if (
      words.length === 1 &&
      !began &&
      /^(?:then|else|elif|do|if|while|until|time|!|\{|exec|sudo|command|builtin)$/.test(words[0] as string)
    )
      words = [];
  }
  if (!began) start = before.length;
  return { words, word, start, quote };
}

function list(start: number, candidates: string[], labels: string[], suffix: Completion['suffix']): Completion {
  const pairs = candidates.map((candidate, i) => [candidate, labels[i] as string] as const);
  const unique = new Map(pairs);
  const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1));
  return { start, candidates: sorted.map(([candidate]) => candidate), labels: sorted.map(([, label]) => label), suffix };
}

function commands(shell: Shell, word: string, start: number): Completion {
  const found = [...BUILTIN_NAMES, ...KEYWORDS, ...shell.functions.keys(), ...shell.aliases.keys()];
  for (const directory of (shell.variables.get('PATH') ?? '').split(':')) {
    for (const name of listNames(shell.process, `${directory}/`)) {
      if (name.startsWith(word) && kindOf(shell, `${directory}/${name}`) === 'program') found.push(name);
    }
  }
  const matching = found.filter((name) => name.startsWith(word));
  return list(start, matching, matching, () => ' ');
}

function variables(shell: Shell, word: string, match: RegExpExecArray, start: number): Completion {
  const head = word.slice(0, match.index);
  const brace = match[0].startsWith('${') ? '}' : '';
  const names = [...shell.variables.visible().keys(), ...shell.variables.dynamic.keys()].filter((name) => name.startsWith(match[1] ?? ''));
  const candidates = names.map((name) => `${head}${brace ? '${' : '$'}${name}${brace}`);
  return list(start, candidates, names, () => ' ');
}

function files(shell: Shell, word: string, start: number, quote: string, programs: boolean, directories: boolean): Completion {
  const slash = word.lastIndexOf('/') + 1;
  const typed = word.slice(0, slash);
  const prefix = word.slice(slash);
  const folder = typed.startsWith('~') ? typed.replace(/^~([^/]*)/, (_, user: string) => expandTilde(shell, user)) : typed;
  const matching = listNames(shell.process, folder).filter(
    (name) => name.startsWith(prefix) && (prefix.startsWith('.') || !name.startsWith('.')),
  );
  const isDirectory = (name: string): boolean => {
    const found = shell.process.namespaces.mnt.resolve(shell.process, folder + name);
    return typeof found !== 'string' && found.inode instanceof Directory;
  };
  const wanted = matching.filter(
    (name) => (!directories && !programs) || isDirectory(name) || (programs && kindOf(shell, folder + name) === 'program'),
  );
  const shown = (name: string): string =>
    quote !== '' ? `${quote}${typed}${name}` : (typed.startsWith('~') ? typed : quoted(typed)) + quoted(name);
  const kinds = new Map(wanted.map((name) => [shown(name), isDirectory(name)]));
  return list(
    start,
    wanted.map(shown),
    wanted.map((name) => (isDirectory(name) ? `${name}/` : name)),
    (candidate) => (kinds.get(candidate) ? '/' : `${quote} `),
  );
}

function quoted(name: string): string {
  return name === '' ? '' : backslashQuote(name).replace(/\\([,{}~!^])/g, '$1');
}

/** The longest beginning that all have in common. */
export function commonPrefix(words: readonly string[]): string {
  let prefix = [...(words[0] ?? '')];
  for (const word of words) {
    const chars = [...word];
    let same = 0;
    while (same < prefix.length && prefix[same] === chars[same]) same++;
    prefix = prefix.slice(0, same);
  }
  return prefix.join('');
}
