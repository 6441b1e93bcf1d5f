import { decode, encode } from './bytes.ts';

/** Percent-encoding (RFC 3986 §2.1) by bytes, so that text that isn't UTF-8 survives, where `encodeURIComponent` would throw. */

/** Everything but letters, digits and `-_.!~*'()` as `%XX`: one segment of a path, or a value of a query. */
export function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of encode(text)) {
    const c = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-_.!~*'()]/.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The text that `%XX` stand for; a percent sign without two digits behind it stands for itself. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  const given = encode(text);
  for (let at = 0; at < given.length; at++) {
    const digits = String.fromCharCode(...given.subarray(at, at + 3));
    if (/^%[0-9A-Fa-f]{2}$/.test(digits)) {
      bytes.push(Number.parseInt(digits.slice(1), 16));
      at += 2;
    } else bytes.push(given[at] as number);
  }
  return decode(Uint8Array.from(bytes));
}
