import { fail, shown } from './error.ts';
import { isArray, type JsonObject, kindOf, type Value } from './value.ts';

/** A match with what its replacement sees: the named captures. Positions are in UTF-16 units. */
export interface Match {
  start: number;
  end: number;
  captures: JsonObject;
}

interface Compiled {
  regex: RegExp;
  global: boolean;
  skipEmpty: boolean;
}

const cache = new Map<string, Compiled>();

/** Every match of a pattern (or `[pattern, flags]`) in an input, all of them only with flag `g`. @throws JqError */
export function matchesOf(input: Value, pattern: Value, flags: Value): { text: string; matches: RegExpExecArray[] } {
  if (typeof input !== 'string') return fail(`${shown(input)} cannot be matched, as it is not a string`);
  const { regex, global, skipEmpty } = compiledOf(pattern, flags);
  const matches: RegExpExecArray[] = [];
  regex.lastIndex = 0;
  for (let match = regex.exec(input); match; match = regex.exec(input)) {
    if (match[0] !== '' || !skipEmpty) matches.push(match);
    if (!global) break;
    if (match[0] === '') regex.lastIndex += (input.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1;
    if (regex.lastIndex > input.length) break;
  }
  return { text: input, matches };
}

export function allMatches(input: Value, pattern: Value, flags: Value): [string, Match[]] {
  const { text, matches } = matchesOf(input, pattern, flags);
  const found = matches.map((match) => {
    const captures: JsonObject = new Map();
    for (const [name, part] of Object.entries(match.groups ?? {})) captures.set(name, part ?? null);
    return { start: match.index, end: match.index + match[0].length, captures };
  });
  return [text, found];
}

/** A match as `match` describes it: offsets and lengths in code points. */
export function describeMatch(text: string, match: RegExpExecArray): Value {
  const names = groupNames(match);
  const captures = match.slice(1).map((part: string | undefined, i): Value => {
    const span = match.indices?.[i + 1];
    return new Map<string, Value>(
      part === undefined || !span
        ? [
            ['offset', -1],
            ['string', null],
            ['length', 0],
            ['name', names[i] ?? null],
          ]
        : [
            ['offset', points(text.slice(0, span[0]))],
            ['length', points(part)],
            ['string', part],
            ['name', names[i] ?? null],
          ],
    );
  });
  return new Map<string, Value>([
    ['offset', points(text.slice(0, match.index))],
    ['length', points(match[0])],
    ['string', match[0]],
    ['captures', captures],
  ]);
}

function points(text: string): number {
  return [...text].length;
}

/** The names of groups by their number: groups with the same span as a named one can't be told apart by value, so by source. */
function groupNames(match: RegExpExecArray): (string | undefined)[] {
  return sourceNames.get(match) ?? [];
}

const sourceNames = new WeakMap<RegExpExecArray, (string | undefined)[]>();

/** The names that a pattern gives its groups, in order. */
export function namesIn(source: string): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  let bracket = false;
  for (let i = 0; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (bracket) bracket = source[i] !== ']';
    else if (source[i] === '[') bracket = true;
    else if (source[i] === '(') {
      const named = /^\(\?<([a-zA-Z_]\w*)>/.exec(source.slice(i, i + 64));
      if (named) names.push(named[1]);
      else if (source[i + 1] !== '?') names.push(undefined);
    }
  }
  return names;
}

/** All matches, described. */
export function describeMatches(input: Value, pattern: Value, flags: Value): Value[] {
  const { text, matches } = matchesOf(input, pattern, flags);
  const names = matches.length > 0 ? namesIn(compiledOf(pattern, flags).regex.source) : [];
  return matches.map((match) => {
    sourceNames.set(match, names);
    return describeMatch(text, match);
  });
}

function compiledOf(pattern: Value, flags: Value): Compiled {
  if (isArray(pattern)) return compiledOf(pattern[0] ?? null, pattern[1] ?? null);
  if (typeof pattern !== 'string') return fail(`${kindOf(pattern)} not a string or array`);
  if (flags !== null && typeof flags !== 'string') return fail(`${shown(flags)} is not a string`);
  const key = `${flags ?? ''}/${pattern}`;
  const known = cache.get(key);
  if (known) return known;
  const compiled = compile(pattern, flags ?? '');
  if (cache.size > 300) cache.clear();
  cache.set(key, compiled);
  return compiled;
}

function compile(pattern: string, flags: string): Compiled {
  if (/[^gimnpslx]/.test(flags)) fail(`${flags} is not a valid modifier string`);
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  const own = inline?.[1] ?? '';
  const dotAll = flags.includes('p') || flags.includes('s') || own.includes('m') || own.includes('s');
  const extended = flags.includes('x') || own.includes('x');
  const source = translate(pattern.slice(inline?.[0].length ?? 0), extended);
  try {
    const regex = new RegExp(source, `dgu${flags.includes('i') || own.includes('i') ? 'i' : ''}${dotAll ? 's' : ''}`);
    return { regex, global: flags.includes('g'), skipEmpty: flags.includes('n') };
  } catch {
    return fail(`Regex failure: ${reason(pattern)}`);
  }
}

/** Oniguruma's words for the commonest mistakes. */
function reason(pattern: string): string {
  const plain = pattern.replace(/\\./g, '').replace(/\[\^?\]?[^\]]*\]/g, '');
  if (/\\$/.test(pattern.replace(/\\\\/g, ''))) return 'end pattern at escape';
  if (plain.includes('[')) return 'premature end of char-class';
  if (plain.split('(').length > plain.split(')').length) return 'end pattern with unmatched parenthesis';
  if (plain.split('(').length < plain.split(')').length) return 'unmatched close parenthesis';
  return /^[*+?]|[(|][*+?]/.test(plain) ? 'target of repeat operator is not specified' : 'invalid pattern';
}

const CLASSES: Record<string, string> = {
  alpha: '\\p{L}',
  digit: '\\p{Nd}',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '\\p{P}\\p{S}',
  cntrl: '\\p{Cc}',
  xdigit: '0-9A-Fa-f',
  word: '\\p{L}\\p{N}_',
  print: ' -~\\u00a0-\\u{10ffff}',
  graph: '!-~\\u00a1-\\u{10ffff}',
};

/** Oniguruma's syntax in JavaScript's: what both have stays, the rest is rewritten where an equivalent exists. */
function translate(pattern: string, extended: boolean): string {
  let result = '';
  let bracket = 0;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === '\\') {
      result += escaped(pattern[++i], bracket > 0);
    } else if (bracket > 0) {
      const named = /^\[:(\^?)([a-z]+):\]/.exec(pattern.slice(i, i + 12));
      const members = named && CLASSES[named[2] as string];
      if (named && members) {
        result += members;
        i += named[0].length - 1;
      } else {
        if (char === ']') bracket--;
        result += char === '[' ? '\\[' : char;
      }
    } else if (char === '[') {
      bracket++;
      result += char;
      if (pattern[i + 1] === '^') result += pattern[++i];
      if (pattern[i + 1] === ']') result += `\\${pattern[++i]}`;
    } else if (extended && /\s/.test(char)) continue;
    else if (extended && char === '#') while (i + 1 < pattern.length && pattern[i + 1] !== '\n') i++;
    else if (pattern.startsWith('(?>', i)) {
      result += '(?:';
      i += 2;
    } else if (char === '$') result += '(?=\\n?$)';
    else if ('*+?}'.includes(char) && pattern[i + 1] === '+') {
      // Possessive repetition is approximated by the greedy one.
      result += char;
      i++;
    } else result += literalBrace(pattern, i) ? `\\${char}` : char;
  }
  return result;
}

/** A brace that begins no interval is a character; JavaScript wants it escaped. */
function literalBrace(pattern: string, at: number): boolean {
  if (pattern[at] === '{') return !/^\{\d*,?\d*\}/.test(pattern.slice(at, at + 16)) || /^\{,?\}/.test(pattern.slice(at, at + 3));
  if (pattern[at] === '}') return !/\{\d*,?\d*$/.test(pattern.slice(0, at));
  return pattern[at] === ']';
}

function escaped(char: string | undefined, inBracket: boolean): string {
  if (char === undefined) return '\\';
  if (char === 'h') return inBracket ? '0-9a-fA-F' : '[0-9a-fA-F]';
  if (char === 'H') return '[^0-9a-fA-F]';
  if (char === 'A') return '^';
  if (char === 'z') return '$';
  if (char === 'Z') return '(?=\\n?$)';
  if (char === 'a') return '\\x07';
  if (char === 'e') return '\\x1b';
  if (char === 'w') return inBracket ? '\\p{L}\\p{N}_' : '[\\p{L}\\p{N}_]';
  if (char === 'W') return '[^\\p{L}\\p{N}_]';
  if (char === 'd') return inBracket ? '\\p{Nd}' : '\\p{Nd}';
  if (/[a-zA-Z0-9]/.test(char)) return `\\${char}`;
  return /[\^$\\.*+?()[\]{}|/]/.test(char) || (inBracket && char === '-') ? `\\${char}` : char;
}
