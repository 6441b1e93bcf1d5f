/** Text and bytes. The simulation's text is UTF-8; bytes that are not survive a round trip through files and pipes as bytes. */

declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (
  label: string,
  options?: { fatal?: boolean; ignoreBOM?: boolean },
) => {
  decode(bytes: Uint8Array, options?: { stream?: boolean }): string;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A byte that is no valid UTF-8 travels in a string as a lone low surrogate, 0xDC00 + byte (Python's PEP 383). */
const ESCAPED_BYTE = 0xdc00;
const LONE_ESCAPE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

/** Text → UTF-8 bytes; escaped bytes become themselves again. */
export function encode(text: string): Uint8Array {
  if (text.length <= SHORT) {
    const bytes = encodeAscii(text);
    if (bytes) return bytes;
  }
  if (!LONE_ESCAPE.test(text)) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xdc00) i++;
    else if (code >= 0xdc80 && code <= 0xdcff) {
      parts.push(encoder.encode(text.slice(start, i)), Uint8Array.of(code - ESCAPED_BYTE));
      start = i + 1;
    }
  }
  parts.push(encoder.encode(text.slice(start)));
  return concat(parts);
}

/** Texts up to this length are tried as ASCII first: for a word or a line the encoder's call costs more than the characters. */
const SHORT = 64;

function encodeAscii(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

/** UTF-8 bytes → text; a byte that is not part of a valid sequence is escaped, so that `encode` gives it back. */
export function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return decodeEscaping(bytes);
  }
}

function decodeEscaping(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i);
    if (length === 0) text += String.fromCharCode(ESCAPED_BYTE + (bytes[i++] as number));
    else {
      text += decoder.decode(bytes.subarray(i, i + length));
      i += length;
    }
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `at`, or 0 (Unicode standard, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] as number;
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  return length;
}

/** Decodes a stream of chunks, holding back a character that a chunk boundary splits. */
export class StreamDecoder {
  #held: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): string {
    const all = this.#held.length > 0 ? concat([this.#held, bytes]) : bytes;
    const whole = all.length - splitTail(all);
    this.#held = all.slice(whole);
    return decode(all.subarray(0, whole));
  }

  end(): string {
    const text = decode(this.#held);
    this.#held = new Uint8Array(0);
    return text;
  }
}

/** How many bytes at the end may be the start of a sequence that goes on in the next chunk. */
function splitTail(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

/** Joins chunks into one array. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
