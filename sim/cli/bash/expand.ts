import type { Blocking } from '../../host/wait.ts';
import { ExpansionError } from './control.ts';
import { expandBraces, TooManyWords } from './braces.ts';
import { expandPath, hasPattern } from './glob.ts';
import { expandParameter } from './parameter.ts';
import { Pattern, type PatternChar } from '../shell-pattern.ts';
import type { Shell } from './shell.ts';
import { type Part, parseWord, type WordMode } from './word.ts';

/** Expanded text, or the border between two words that `$@` makes. */
export type Piece = TextPiece | 'break';

export interface TextPiece {
  text: string;
  /** Came from quotes: no splitting, no patterns. */
  quoted: boolean;
  /** Came from an unquoted expansion: split at IFS. */
  split: boolean;
}

/** In which surroundings parts are expanded. */
export interface Surroundings {
  quoted: boolean;
  /** Words may come apart here; not in assignments, redirections and `case`. */
  fields: boolean;
  /** Unquoted literal text is split too: the word of `${x:-a b}`. */
  splitLiterals?: boolean;
}

/** Expands words to arguments: braces, tilde, parameters, commands, arithmetic, splitting, path names, quotes. */
export function* expandWords(shell: Shell, sources: readonly string[]): Blocking<string[]> {
  const words: string[] = [];
  for (const source of sources) {
    if (/^[\w./:=,%@+-]+$/.test(source)) {
      words.push(source);
      continue;
    }
    for (const text of braces(shell, source)) {
      const pieces = yield* expandParts(shell, parseWord(text), { quoted: false, fields: true });
      for (const field of splitFields(pieces, shell.ifs)) words.push(...finish(shell, field));
    }
  }
  return words;
}

function braces(shell: Shell, source: string): string[] {
  if (!shell.option('B') || !source.includes('{')) return [source];
  try {
    return expandBraces(source);
  } catch (error) {
    if (error instanceof TooManyWords) {
      throw new ExpansionError(`${source.slice(0, 60)}: brace expansion makes too many words for this simulation (see sim/FIDELITY.md)`);
    }
    throw error;
  }
}

/** Expands to one text: no splitting, no path names. */
export function* expandText(shell: Shell, source: string, mode: WordMode = 'word'): Blocking<string> {
  if (mode !== 'heredoc' && /^[\w./:=,%@+-]*$/.test(source)) return source;
  return yield* joinParts(shell, parseWord(source, mode), mode === 'double' || mode === 'heredoc' || mode === 'arithmetic');
}

/** Expands parts to one text. */
export function* joinParts(shell: Shell, parts: readonly Part[], quoted: boolean): Blocking<string> {
  const pieces = yield* expandParts(shell, parts, { quoted, fields: false });
  return pieces.map((piece) => (piece === 'break' ? ' ' : piece.text)).join('');
}

/** Expands to a pattern's source, in which quoted characters stay marked. */
export function* expandPattern(shell: Shell, parts: readonly Part[]): Blocking<PatternChar[]> {
  const pieces = yield* expandParts(shell, parts, { quoted: false, fields: false });
  return pieces.flatMap((piece) => (piece === 'break' ? [{ char: ' ', quoted: false }] : chars(piece)));
}

function chars(piece: TextPiece): PatternChar[] {
  return [...piece.text].map((char) => ({ char, quoted: piece.quoted }));
}

/** A compiled pattern from expanded parts, with the shell's options. */
export function* compilePattern(shell: Shell, parts: readonly Part[], ignoreCase = false): Blocking<Pattern> {
  return new Pattern(yield* expandPattern(shell, parts), { extglob: true, ignoreCase });
}

/** Expands the parts of one word. */
export function* expandParts(shell: Shell, parts: readonly Part[], where: Surroundings): Blocking<Piece[]> {
  const pieces: Piece[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'literal': {
        const quoted = part.quoted || where.quoted;
        pieces.push({ text: part.text, quoted, split: !quoted && where.splitLiterals === true });
        break;
      }
      case 'double': {
        const inner = yield* expandParts(shell, part.parts, { quoted: true, fields: where.fields });
        // "$@" without arguments is no word at all; any other quotes are at least an empty one.
        if (inner.length === 0 && !isEmptyList(part.parts)) pieces.push({ text: '', quoted: true, split: false });
        pieces.push(...inner);
        break;
      }
      case 'tilde':
        pieces.push({ text: expandTilde(shell, part.user), quoted: true, split: false });
        break;
      case 'parameter':
        pieces.push(...(yield* expandParameter(shell, part, where)));
        break;
      case 'command': {
        if (part.error) throw new ExpansionError(part.error);
        const text = yield* shell.interpreter.substitute(shell, part.source, shell.line + part.line);
        pieces.push({ text, quoted: where.quoted, split: !where.quoted });
        break;
      }
      case 'arithmetic': {
        const text = yield* joinParts(shell, part.parts, true);
        pieces.push({ text: String(shell.arithmetic(text)), quoted: where.quoted, split: !where.quoted });
        break;
      }
      case 'process': {
        const path = yield* shell.interpreter.processSubstitution(shell, part.operator, part.source, shell.line + part.line);
        pieces.push({ text: path, quoted: true, split: false });
      }
    }
  }
  return pieces;
}

/** Whether quotes hold nothing but lists such as `$@`, which may be empty. */
function isEmptyList(parts: readonly Part[]): boolean {
  return parts.length > 0 && parts.every((part) => part.type === 'parameter' && (part.name === '@' || part.subscript === '@'));
}

/** `~` is HOME, `~+` PWD, `~-` OLDPWD; `~root` is root's home, the only user whose name is known. */
export function expandTilde(shell: Shell, user: string): string {
  if (user === '') return shell.variables.get('HOME') ?? '/root';
  if (user === '+') return shell.variables.get('PWD') ?? '~+';
  if (user === '-') return shell.variables.get('OLDPWD') ?? '~-';
  return user === 'root' ? '/root' : `~${user}`;
}

/** Cuts pieces into fields at IFS characters in what expansions gave, and at breaks. */
export function splitFields(pieces: readonly Piece[], ifs: string): TextPiece[][] {
  const fields: TextPiece[][] = [];
  let current: TextPiece[] | undefined;
  let afterBlank = false;
  const flush = (): void => {
    if (current) fields.push(current);
    current = undefined;
  };
  for (const piece of pieces) {
    if (piece === 'break') {
      flush();
      afterBlank = false;
      continue;
    }
    if (!piece.split) {
      if (piece.quoted || piece.text !== '') {
        current ??= [];
        current.push(piece);
      }
      continue;
    }
    let start = 0;
    for (let i = 0; i <= piece.text.length; i++) {
      const char = piece.text[i];
      const isSeparator = char !== undefined && ifs.includes(char);
      if (char !== undefined && !isSeparator) continue;
      if (i > start) {
        current ??= [];
        current.push({ text: piece.text.slice(start, i), quoted: false, split: true });
        afterBlank = false;
      }
      start = i + 1;
      if (char === undefined) break;
      const blank = char === ' ' || char === '\t' || char === '\n';
      if (blank) {
        if (current) {
          flush();
          afterBlank = true;
        }
      } else if (current) {
        flush();
        afterBlank = false;
      } else if (afterBlank) afterBlank = false;
      else fields.push([{ text: '', quoted: true, split: false }]);
    }
  }
  flush();
  return fields;
}

/** Path names for one field, then its text without the marks. */
function finish(shell: Shell, field: TextPiece[]): string[] {
  const text = field.length === 1 ? (field[0] as TextPiece).text : field.map((piece) => piece.text).join('');
  if (shell.option('f')) return [text];
  if (!field.some((piece) => !piece.quoted && /[*?[(]/.test(piece.text))) return [text];
  const source = field.flatMap(chars);
  const extglob = shell.shopt('extglob');
  if (!hasPattern(source, extglob)) return [text];
  const ignored = shell.shopt('nocaseglob');
  const found = expandPath(shell.process, source, {
    extglob,
    ignoreCase: ignored,
    dotglob: shell.shopt('dotglob'),
    globstar: shell.shopt('globstar'),
  });
  if (found.length > 0) return found;
  if (shell.shopt('failglob')) throw new ExpansionError(`no match: ${text}`);
  return shell.shopt('nullglob') ? [] : [text];
}
