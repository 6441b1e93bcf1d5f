import { addressBits, type IP } from '../../base/address.ts';
import { concat } from '../../base/bytes.ts';

/** Attributes and headers of netlink(7) messages as bytes, in the order of a little-endian machine, as files of saved messages have them. */

export function unsigned(value: number, octets: 1 | 2 | 4): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => Math.floor(value / 256 ** i) & 0xff);
}

export function readUnsigned(bytes: Uint8Array, at = 0, octets = bytes.length - at): number {
  let value = 0;
  for (let i = octets - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** An address in network order. */
export function addressBytes(address: IP): Uint8Array {
  const length = addressBits(address) / 8;
  const value = BigInt(address);
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
}

export function readAddress(bytes: Uint8Array): IP {
  let value = 0n;
  for (const octet of bytes) value = (value << 8n) | BigInt(octet);
  return bytes.length === 4 ? Number(value) : value;
}

/** Text with its final zero. */
export function textBytes(text: string): Uint8Array {
  return Uint8Array.from([...text, '\0'], (character) => character.charCodeAt(0));
}

export function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}

const aligned = (length: number): number => (length + 3) & ~3;

/** One attribute, filled up to a multiple of four (struct rtattr). */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(4 + value.length));
  bytes.set([...unsigned(4 + value.length, 2), ...unsigned(type, 2)]);
  bytes.set(value, 4);
  return bytes;
}

export function readAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = readUnsigned(bytes, at, 2);
    if (length < 4) break;
    found.set(readUnsigned(bytes, at + 2, 2), bytes.subarray(at + 4, at + length));
    at += aligned(length);
  }
  return found;
}

/** NLM_F_MULTI, and NLM_F_DUMP_FILTERED where the kernel itself left out what wasn't asked for. */
export const MULTI = 0x02;
export const FILTERED = 0x20;

/** Who asked, as the answer repeats it, and the flags that all answers carry. */
export interface Asked {
  sequence: number;
  port: number;
  flags: number;
}

/** A whole message: its header, the fixed part and the attributes. */
export function message(type: number, fixed: Uint8Array, attributes: readonly Uint8Array[], asked: Asked): Uint8Array {
  const body = concat([fixed, ...attributes]);
  const head = [
    unsigned(16 + body.length, 4),
    unsigned(type, 2),
    unsigned(asked.flags, 2),
    unsigned(asked.sequence, 4),
    unsigned(asked.port, 4),
  ];
  return concat([...head, body]);
}

/** The messages of a file, without their headers; what is cut off at the end is left out. */
export function readMessages(bytes: Uint8Array): { type: number; body: Uint8Array }[] {
  const found: { type: number; body: Uint8Array }[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = readUnsigned(bytes, at, 4);
    if (length < 16 || at + length > bytes.length) break;
    found.push({ type: readUnsigned(bytes, at + 4, 2), body: bytes.subarray(at + 16, at + length) });
    at += aligned(length);
  }
  return found;
}
