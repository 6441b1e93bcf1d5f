import { decode, encode } from '../../base/bytes.ts';

/**
 * Byte strings: text tools work on bytes, and a string with one character (0 to 255) per byte searches, splits and compares
 * like bytes do in the C locale. Everything read from files and pipes has this form until a tool needs characters.
 */
export type ByteString = string;

const SLICE = 8_192;

/** Bytes, or text as UTF-8, as a byte string. */
export function byteString(data: Uint8Array | string): ByteString {
  if (typeof data === 'string') return isAscii(data) ? data : byteString(encode(data));
  if (data.length <= SLICE) return characters(data);
  let text = '';
  for (let i = 0; i < data.length; i += SLICE) text += characters(data.subarray(i, i + SLICE));
  return text;
}

/** `apply` takes an array as it is, many times faster than spreading it. */
function characters(data: Uint8Array): string {
  return String.fromCharCode.apply(null, data as unknown as number[]);
}

/** The bytes of a byte string. */
export function bytesOf(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The text of a byte string: UTF-8, with escapes for bytes that aren't. */
export function textOf(text: ByteString): string {
  return isAscii(text) ? text : decode(bytesOf(text));
}

export function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}

/** strcmp(3) of two byte strings: negative, zero or positive. */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
