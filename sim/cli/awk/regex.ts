import { compilePosix } from '../posix-regex.ts';

const CLASSES: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \t\n\r\f\v',
  blank: ' \t',
  punct: '!-/:-@[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\x01-\x1f\x7f',
  xdigit: '0-9A-Fa-f',
};

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Why an expression is refused, in mawk's words. */
export interface RegexError {
  error: string;
}

const cache = new Map<string, RegExp | RegexError>();

/**
 * Compiles an extended regular expression over byte strings, with awk's escapes (`\t`, `\/`, `\101`). The result has the flags
 * `g` and `u`; set `lastIndex` before using it.
 */
export function compileRegex(source: string): RegExp | RegexError {
  const known = cache.get(source);
  if (known) return known;
  const compiled = compilePosix(withoutEscapes(source), { extended: true, lenient: true, bracketEscapes: true });
  const result = compiled instanceof RegExp ? new RegExp(compiled.source, `${compiled.flags}g`) : { error: mawksWords(compiled.error) };
  if (cache.size > 500) cache.clear();
  cache.set(source, result);
  return result;
}

function mawksWords(error: string): string {
  if (error.startsWith('Unmatched ( ')) return "missing ')'";
  if (error.startsWith('Unmatched ) ')) return "missing '('";
  if (error.startsWith('Unmatched [')) return 'bad class -- [], [sS] or [';
  if (error.startsWith('Trailing')) return 'missing operand';
  return error.toLowerCase();
}

/** Escapes become the characters that they stand for, literal; named classes become their ASCII members. */
function withoutEscapes(source: string): string {
  let result = '';
  let bracket = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i] as string;
    if (char === '\\') {
      const { text, length } = escaped(source, i + 1);
      result += bracket ? literalInBracket(text) : literal(text);
      i += length;
    } else if (bracket) {
      const named = /^\[:([a-z]+):\]/.exec(source.slice(i, i + 12));
      const members = named && CLASSES[named[1] as string];
      if (members) {
        result += members.replace(/[[\]\\]/g, (special) => `\\${special}`);
        i += named[0].length - 1;
      } else {
        if (char === ']') bracket = false;
        result += char;
      }
    } else {
      result += char;
      if (char !== '[') continue;
      bracket = true;
      if (source[i + 1] === '^') result += source[++i];
      if (source[i + 1] === ']') result += source[++i];
    }
  }
  return result;
}

function escaped(source: string, at: number): { text: string; length: number } {
  const char = source[at];
  if (char === undefined) return { text: '\\', length: 0 };
  const octal = /^[0-7]{1,3}/.exec(source.slice(at, at + 3))?.[0];
  if (octal !== undefined) return { text: String.fromCharCode(Number.parseInt(octal, 8) & 0xff), length: octal.length };
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(source.slice(at, at + 3))?.[1];
  if (hex !== undefined) return { text: String.fromCharCode(Number.parseInt(hex, 16)), length: 1 + hex.length };
  return { text: ESCAPES[char] ?? char, length: 1 };
}

function literal(text: string): string {
  return /[\\^$.*+?()[\]{}|]/.test(text) ? `\\${text}` : text;
}

function literalInBracket(text: string): string {
  return /[\\\]^-]/.test(text) ? `\\${text}` : text;
}
