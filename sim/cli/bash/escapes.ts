import { decode, encode } from '../../base/bytes.ts';

/** What a backslash begins, and how many characters it takes including the backslash. */
export interface Escape {
  text: string;
  length: number;
  /** `\c` of `echo -e` and `%b`: nothing more is printed. */
  stop?: boolean;
  /** A `\x` or `\u` without digits: the word that bash's message uses. */
  missing?: 'hex' | 'unicode';
}

/** Which dialect of escapes: `$'…'`, `echo -e`, the argument of `%b`, or a printf format. */
export type EscapeDialect = 'ansi' | 'echo' | '%b' | 'format';

const SIMPLE: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** A byte as text: ASCII as it is, others as an escaped byte (base/bytes.ts) that `normalize` may join to characters. */
export function byteText(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}

/** Joins escaped bytes that make up valid UTF-8 to the characters they mean. */
export function normalize(text: string): string {
  return /[\udc80-\udcff]/.test(text) ? decode(encode(text)) : text;
}

/** Reads the escape at `at`, where `text[at]` is a backslash. */
export function readEscape(text: string, at: number, dialect: EscapeDialect): Escape {
  const char = text[at + 1];
  if (char === undefined) return { text: '\\', length: 1 };
  const simple = SIMPLE[char];
  if (simple !== undefined) return { text: simple, length: 2 };
  if (char === 'x') return hexEscape(text, at);
  if (char === 'u') return unicodeEscape(text, at, 4);
  if (char === 'U') return unicodeEscape(text, at, 8);
  if (char >= '0' && char <= '7') return octalEscape(text, at, dialect);
  if (char === 'c' && (dialect === 'echo' || dialect === '%b')) return { text: '', length: 2, stop: true };
  if (char === 'c' && dialect === 'ansi') return controlEscape(text, at);
  if ((char === "'" || char === '"' || char === '?') && dialect !== 'echo') {
    if (dialect !== '%b' || char !== '?') return { text: char, length: 2 };
  }
  return { text: `\\${char}`, length: 2 };
}

function controlEscape(text: string, at: number): Escape {
  const char = text[at + 2];
  if (char === undefined) return { text: '\\c', length: 2 };
  return { text: String.fromCharCode(char === '?' ? 0x7f : char.toUpperCase().charCodeAt(0) & 0x1f), length: 3 };
}

function hexEscape(text: string, at: number): Escape {
  const digits = /^[0-9a-fA-F]{1,2}/.exec(text.slice(at + 2, at + 4))?.[0];
  if (!digits) return { text: '\\x', length: 2, missing: 'hex' };
  return { text: byteText(Number.parseInt(digits, 16)), length: 2 + digits.length };
}

function unicodeEscape(text: string, at: number, most: number): Escape {
  const digits = /^[0-9a-fA-F]+/.exec(text.slice(at + 2, at + 2 + most))?.[0];
  if (!digits) return { text: text.slice(at, at + 2), length: 2, missing: 'unicode' };
  const code = Number.parseInt(digits, 16);
  return { text: code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code), length: 2 + digits.length };
}

/** `\nnn` everywhere; `echo -e` and `%b` take `\0nnn`, and `%b` also `\nnn`. */
function octalEscape(text: string, at: number, dialect: EscapeDialect): Escape {
  const zero = text[at + 1] === '0' && (dialect === 'echo' || dialect === '%b');
  if (dialect === 'echo' && !zero) return { text: `\\${text[at + 1]}`, length: 2 };
  const start = zero ? at + 2 : at + 1;
  const digits = /^[0-7]*/.exec(text.slice(start, start + 3))?.[0] ?? '';
  return { text: byteText(digits === '' ? 0 : Number.parseInt(digits, 8) & 0xff), length: start + digits.length - at };
}

/** Expands all escapes of a text; `stop` when `\c` ended it. */
export function expandEscapes(text: string, dialect: EscapeDialect): { text: string; stop: boolean; missing: ('hex' | 'unicode')[] } {
  const missing: ('hex' | 'unicode')[] = [];
  if (!text.includes('\\')) return { text, stop: false, missing };
  const parts: string[] = [];
  for (let i = 0; i < text.length; ) {
    const next = text.indexOf('\\', i);
    if (next < 0) {
      parts.push(text.slice(i));
      break;
    }
    parts.push(text.slice(i, next));
    const read = readEscape(text, next, dialect);
    if (read.missing) missing.push(read.missing);
    if (read.stop) return { text: parts.join(''), stop: true, missing };
    // In $'…' a NUL ends the string: C strings can't hold it.
    if (dialect === 'ansi' && read.text === '\0') break;
    parts.push(read.text);
    i = next + read.length;
  }
  return { text: parts.join(''), stop: false, missing };
}
