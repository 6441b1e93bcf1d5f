import { compilePosix } from '../posix-regex.ts';

/** A regular expression of a script; `undefined` stands for the empty one, which means the last one used. */
export interface SedRegex {
  expression: RegExp | undefined;
}

export interface RegexOptions {
  extended: boolean;
  ignoreCase: boolean;
  /** Flag M: `^` and `$` match at every line of the pattern space. */
  multiline: boolean;
  /** --posix: no escapes beyond `\n`. */
  posix: boolean;
}

/** Compiles what stands between the delimiters; an error in glibc's words. */
export function compileRegex(text: string, options: RegexOptions): SedRegex | { error: string } {
  if (text === '') return { expression: undefined };
  const pattern = options.posix ? withoutGnuOperators(text, options.extended) : resolveEscapes(text);
  const compiled = compilePosix(pattern, { extended: options.extended, ignoreCase: options.ignoreCase });
  if (!(compiled instanceof RegExp)) return compiled;
  return { expression: new RegExp(compiled.source, `${compiled.flags}g${options.multiline ? 'm' : ''}`) };
}

/** In POSIX basic expressions `\+`, `\?` and `\|` are no operators but the characters. */
function withoutGnuOperators(text: string, extended: boolean): string {
  return extended ? text : text.replace(/\\([\s\S])/g, (whole, char: string) => ('+?|'.includes(char) ? `[${char}]` : whole));
}

/** How many parenthesised groups it has. */
export function groupCount(expression: RegExp): number {
  return (new RegExp(`${expression.source}|`, expression.flags).exec('')?.length ?? 1) - 1;
}

const CONTROLS: Record<string, string | undefined> = { a: '\x07', f: '\f', t: '\t', v: '\v', r: '\r' };

/**
 * Replaces GNU's character escapes (`\t`, `\cX`, `\d065`, `\o101`, `\x41` …) by the characters, leaving all other escapes as
 * they are. A character that is an operator is one also when it was written as a number (`\x5e` is an anchor), as in sed 4.9.
 */
function resolveEscapes(text: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\' || i + 1 >= text.length) {
      result += text[i];
      continue;
    }
    const named = characterEscape(text, i + 1);
    if (named) {
      result += named.char;
      i += named.length;
    } else result += `\\${text[++i]}`;
  }
  return result;
}

/** The character that an escape names; `at` is the letter after the backslash, `length` counts from it. */
export function characterEscape(text: string, at: number): { char: string; length: number } | undefined {
  const letter = text[at] as string;
  const control = CONTROLS[letter];
  if (control !== undefined) return { char: control, length: 1 };
  if (letter === 'c' && at + 1 < text.length) {
    const code = (text[at + 1] as string).toUpperCase().charCodeAt(0) ^ 0x40;
    return { char: String.fromCharCode(code & 0x7f), length: 2 };
  }
  const digits = { d: /^\d{1,3}/, o: /^[0-7]{1,3}/, x: /^[0-9a-fA-F]{1,2}/ }[letter]?.exec(text.slice(at + 1, at + 4))?.[0];
  if (digits === undefined) return undefined;
  const code = Number.parseInt(digits, { d: 10, o: 8, x: 16 }[letter]) & 0xff;
  return { char: byteCharacter(code), length: 1 + digits.length };
}

/** A byte in the simulation's text: those above 127 are no characters of their own (see `encode`). */
function byteCharacter(code: number): string {
  return String.fromCharCode(code < 0x80 ? code : 0xdc00 + code);
}
