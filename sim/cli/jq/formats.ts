import { encode, decode } from '../../base/bytes.ts';
import { fail, shown } from './error.ts';
import { withoutStrayBytes } from './json-parser.ts';
import { jsonText } from './json-text.ts';
import { isArray, isNumber, type Value } from './value.ts';

/** `tostring`: texts as they are, everything else as JSON. */
export function textOf(value: Value): string {
  return typeof value === 'string' ? value : jsonText(value);
}

/** What `@name` makes of a value. @throws JqError */
export function formatString(name: string, value: Value): string {
  switch (name) {
    case 'text':
      return textOf(value);
    case 'json':
      return jsonText(value);
    case 'csv':
      return row(name, value, ',', (text) => `"${text.replaceAll('"', '""')}"`);
    case 'tsv':
      return row(name, value, '\t', (text) => text.replace(/[\\\t\n\r]/g, (char) => TSV[char] as string));
    case 'html':
      return textOf(value).replace(/[<>&'"]/g, (char) => HTML[char] as string);
    case 'uri':
      return [...encode(textOf(value))].map(uriByte).join('');
    case 'urid':
      return decodeUri(textOf(value));
    case 'sh':
      return isArray(value) ? value.map(shellWord).join(' ') : shellWord(value);
    case 'base64':
      return toBase64(encode(textOf(value)));
    case 'base64d':
      return fromBase64(textOf(value));
    case 'base32':
      return toBase32(encode(textOf(value)));
    case 'base32d':
      return fromBase32(textOf(value));
    default:
      return fail(`${name} is not a valid format`);
  }
}

const TSV: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const HTML: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&apos;', '"': '&quot;' };

function row(name: string, value: Value, separator: string, quote: (text: string) => string): string {
  if (!isArray(value)) return fail(`${shown(value)} cannot be ${name}-formatted, only array`);
  const cells = value.map((cell) => {
    if (cell === null) return '';
    if (typeof cell === 'boolean' || isNumber(cell)) return jsonText(cell);
    return typeof cell === 'string' ? quote(cell) : fail(`${shown(cell)} is not valid in a csv row`);
  });
  return cells.join(separator);
}

function shellWord(value: Value): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "'\\''")}'`;
  if (isArray(value) || value instanceof Map) return fail(`${shown(value)} can not be escaped for shell`);
  return jsonText(value);
}

function uriByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9\-_.~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function decodeUri(text: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '%') {
      const char = String.fromCodePoint(text.codePointAt(i) as number);
      bytes.push(...encode(char));
      i += char.length - 1;
      continue;
    }
    const hex = /^[0-9a-fA-F]{2}/.exec(text.slice(i + 1, i + 3))?.[0];
    if (hex === undefined) return fail(`${shown(text)} is not a valid uri encoding`);
    bytes.push(Number.parseInt(hex, 16));
    i += 2;
  }
  return withoutStrayBytes(decode(Uint8Array.from(bytes)));
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function toBase64(bytes: Uint8Array): string {
  return toBase(bytes, BASE64, 6, 4);
}

function toBase32(bytes: Uint8Array): string {
  return toBase(bytes, BASE32, 5, 8);
}

/** Groups of `bits` bits as letters, padded to whole groups of `unit` letters (RFC 4648). */
function toBase(bytes: Uint8Array, alphabet: string, bits: number, unit: number): string {
  let text = '';
  let held = 0;
  let count = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    count += 8;
    while (count >= bits) {
      count -= bits;
      text += alphabet[(held >> count) & (2 ** bits - 1)];
    }
    held &= 2 ** count - 1;
  }
  if (count > 0) text += alphabet[(held << (bits - count)) & (2 ** bits - 1)];
  return text.padEnd(Math.ceil(text.length / unit) * unit, '=');
}

function fromBase64(text: string): string {
  const letters = text.replace(/=+$/, '');
  if (/[^A-Za-z0-9+/]/.test(letters)) return fail(`${shown(text)} is not valid base64 data`);
  if (letters.length % 4 === 1) return fail(`${shown(text)} trailing base64 byte found`);
  return fromBase(letters, BASE64, 6);
}

function fromBase32(text: string): string {
  const letters = text.replace(/=+$/, '');
  if (/[^A-Z2-7]/.test(letters)) return fail(`${shown(text)} is not valid base32 data`);
  return fromBase(letters, BASE32, 5);
}

function fromBase(letters: string, alphabet: string, bits: number): string {
  const bytes: number[] = [];
  let held = 0;
  let count = 0;
  for (const letter of letters) {
    held = (held << bits) | alphabet.indexOf(letter);
    count += bits;
    if (count < 8) continue;
    count -= 8;
    bytes.push((held >> count) & 0xff);
    held &= 2 ** count - 1;
  }
  return withoutStrayBytes(decode(Uint8Array.from(bytes)));
}
