import { byteString, type ByteString, isAscii, textOf } from '../tool/byte-string.ts';
import { compilePosix, escapeLiteral, isPosixError } from '../posix-regex.ts';

export type Syntax = 'basic' | 'extended' | 'fixed' | 'perl';

export interface MatcherOptions {
  syntax: Syntax;
  ignoreCase: boolean;
  words: boolean;
  lines: boolean;
  warn: (text: string) => void;
}

/** A match's place in a line, in bytes. */
export interface Span {
  start: number;
  end: number;
}

const WORD = /[\p{L}\p{N}_]/u;

/** Finds matches of several patterns in lines: the leftmost, and of those that begin there the longest. */
export class Matcher {
  readonly #regexes: RegExp[];
  readonly #words: boolean;

  private constructor(regexes: RegExp[], words: boolean) {
    this.#regexes = regexes;
    this.#words = words;
  }

  /** @returns the matcher, or grep's words for the pattern that is wrong */
  static compile(patterns: readonly string[], options: MatcherOptions): Matcher | string {
    const regexes: RegExp[] = [];
    // Plain patterns without alternatives of their own become one regular expression, the longest first.
    const plain = options.syntax === 'fixed' ? [...new Set(patterns)].sort((a, b) => b.length - a.length) : undefined;
    const sources = plain ? (plain.length > 0 ? [plain.map(escapeLiteral).join('|')] : []) : patterns;
    for (const source of sources) {
      const regex = plain ? new RegExp(source, options.ignoreCase ? 'uis' : 'us') : compileOne(source, options);
      if (typeof regex === 'string') return regex;
      const whole = options.lines ? `^(?:${regex.source})$` : regex.source;
      regexes.push(new RegExp(whole, `${regex.flags.replace(/[dgy]/g, '')}g`));
    }
    return new Matcher(regexes, options.words && !options.lines);
  }

  matches(line: ByteString): boolean {
    return this.#find(textOf(line), 0) !== undefined;
  }

  /** All matches that are not empty, from left to right. */
  spans(line: ByteString): Span[] {
    const text = textOf(line);
    const spans: Span[] = [];
    const ascii = isAscii(text);
    const bytes = (index: number) => (ascii ? index : byteString(text.slice(0, index)).length);
    for (let at = 0; at <= text.length; ) {
      const found = this.#find(text, at);
      if (!found) break;
      if (found.end > found.start) spans.push({ start: bytes(found.start), end: bytes(found.end) });
      at = found.end > found.start ? found.end : found.end + 1;
    }
    return spans;
  }

  #find(text: string, from: number): Span | undefined {
    let best: Span | undefined;
    for (const regex of this.#regexes) {
      const found = this.#words ? this.#findWord(regex, text, from) : exec(regex, text, from);
      if (found && (!best || found.start < best.start || (found.start === best.start && found.end > best.end))) best = found;
    }
    return best;
  }

  /** `-w`: a match with no word character beside it; a shorter one at the same place is tried before going on. */
  #findWord(regex: RegExp, text: string, from: number): Span | undefined {
    for (let at = from; at <= text.length; ) {
      const found = exec(regex, text, at);
      if (!found) return undefined;
      const startsWord = found.start > 0 && WORD.test(text[found.start - 1] as string);
      for (let { end } = found; end >= found.start && !startsWord; ) {
        if (end >= text.length || !WORD.test(text[end] as string)) return { start: found.start, end };
        const shorter = end > found.start ? exec(regex, text.slice(0, end - 1), found.start) : undefined;
        if (!shorter || shorter.start !== found.start) break;
        end = shorter.end;
      }
      at = found.start + 1;
    }
    return undefined;
  }
}

function exec(regex: RegExp, text: string, from: number): Span | undefined {
  regex.lastIndex = from;
  const match = regex.exec(text);
  return match ? { start: match.index, end: match.index + match[0].length } : undefined;
}

function compileOne(pattern: string, options: MatcherOptions): RegExp | string {
  if (options.syntax === 'perl') return compilePerl(pattern, options.ignoreCase);
  const regex = compilePosix(pattern, {
    extended: options.syntax === 'extended',
    ignoreCase: options.ignoreCase,
    lenient: true,
    warn: options.warn,
  });
  return isPosixError(regex) ? regex.error : regex;
}

/** Perl's syntax where JavaScript's differs: `\A`, `\z`, `\h`, `(?P<n>`, `(?i)` in front, possessive and atomic groups not at all. */
function compilePerl(pattern: string, ignoreCase: boolean): RegExp | string {
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  const fold = ignoreCase || (inline?.[1] ?? '').includes('i');
  const source = (inline ? pattern.slice(inline[0].length) : pattern)
    .replace(
      /\\(.)/gs,
      (whole, letter: string) =>
        ({ A: '^', z: '$', Z: '$', h: '[ \\t]', R: '(?:\\r\\n|\\n|\\r)', a: '\\x07', e: '\\x1b' })[letter] ?? whole,
    )
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(
      /\[:(\w+):\]/g,
      (whole, name: string) =>
        ({
          alpha: 'A-Za-z',
          digit: '0-9',
          alnum: 'A-Za-z0-9',
          space: '\\s',
          upper: 'A-Z',
          lower: 'a-z',
          punct: '!-\\/:-@\\[-`{-~',
          xdigit: '0-9A-Fa-f',
          blank: ' \\t',
        })[name] ?? whole,
    );
  // Perl drops what `\K` has matched before it.
  const kept = /^(.*)\\K(.*)$/s.exec(source);
  try {
    return new RegExp(kept ? `(?<=${kept[1]})${kept[2]}` : source, fold ? 'is' : 's');
  } catch {
    return perlError(pattern);
  }
}

/** pcre2's words for the common mistakes. */
function perlError(pattern: string): string {
  const bare = pattern.replace(/\\./gs, '').replace(/\[\^?\]?[^\]]*\]/g, '');
  if (/\[[^\]]*$/.test(bare)) return 'missing terminating ] for character class';
  const open = (bare.match(/\(/g)?.length ?? 0) - (bare.match(/\)/g)?.length ?? 0);
  if (open > 0) return 'missing closing parenthesis';
  if (open < 0) return 'unmatched closing parenthesis';
  if (pattern.endsWith('\\')) return '\\ at end of pattern';
  return /^[*+?]|[(|][*+?]/.test(pattern)
    ? 'quantifier does not follow a repeatable item'
    : 'this pattern is not modelled (see sim/FIDELITY.md)';
}
