import { encode } from '../base/bytes.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

/**
 * Domain names as text: absolute, with the final dot (`web.default.svc.cluster.local.`; the root is `.`). Dots and backslashes inside a
 * label, and bytes that aren't printable ASCII, are escaped as in master files (`\.`, `\\`, `\195`; RFC 1035 §5.1).
 */
export type DnsName = string;

const DOT = 0x2e;
const BACKSLASH = 0x5c;
const MAX_LABEL = 63;
/** On the wire, with length bytes and the root's zero. */
const MAX_NAME = 255;

/** What can be wrong with a name that someone typed, worded as dig has it. */
export type NameError = 'empty label' | 'label too long' | 'name too long' | 'bad escape';

/** Splits a name into its labels' bytes; characters beyond ASCII count as UTF-8. A missing final dot is supplied. */
export function nameLabels(name: DnsName): number[][] | { error: NameError } {
  const labels: number[][] = [];
  if (name === '.') return labels;
  const text = encode(name.endsWith('.') && !/(?<!\\)(\\\\)*\\\.$/.test(name) ? name : `${name}.`);
  let label: number[] = [];
  for (let i = 0; i < text.length; i++) {
    let byte = text[i] as number;
    if (byte === DOT) {
      if (label.length === 0) return { error: 'empty label' };
      labels.push(label);
      label = [];
      continue;
    }
    if (byte === BACKSLASH) {
      const literal = escaped(text, i + 1);
      if (!literal) return { error: 'bad escape' };
      byte = literal.byte;
      i += literal.length;
    }
    label.push(byte);
    if (label.length > MAX_LABEL) return { error: 'label too long' };
  }
  if (label.length > 0) return { error: 'bad escape' };
  return labels.reduce((total, each) => total + each.length + 1, 1) > MAX_NAME ? { error: 'name too long' } : labels;
}

/** What stands after a backslash: three decimal digits, or any other byte for itself. */
function escaped(text: Uint8Array, at: number): { byte: number; length: number } | undefined {
  const digit = (i: number): number => (text[i] ?? 0) - 0x30;
  const isDigit = (i: number): boolean => digit(i) >= 0 && digit(i) <= 9;
  if (at >= text.length) return undefined;
  if (!isDigit(at)) return { byte: text[at] as number, length: 1 };
  if (!isDigit(at + 1) || !isDigit(at + 2)) return undefined;
  const byte = digit(at) * 100 + digit(at + 1) * 10 + digit(at + 2);
  return byte > 255 ? undefined : { byte, length: 3 };
}

/** Escapes one label's bytes. */
function labelText(b: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = b[i] as number;
    if (byte === DOT || byte === BACKSLASH) text += `\\${String.fromCharCode(byte)}`;
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
}

/**
 * Reads a name, following compression pointers (RFC 1035 §4.1.4). A pointer must lead to before the place it was reached from, so that
 * loops can't be.
 *
 * @param message where the DNS message starts; pointers count from there
 * @returns the name, and where what follows it starts
 */
export function parseName(b: Uint8Array, at: number, end: number, message: number): { name: DnsName; next: number } | WireError {
  let name = '';
  let next = -1;
  let offset = at;
  let barrier = at;
  let size = 1;
  for (;;) {
    if (offset >= end) return truncated('a domain name', at, 1, 0);
    const length = b[offset] as number;
    if (length === 0) return { name: name || '.', next: next < 0 ? offset + 1 : next };
    if (length >= 0xc0) {
      if (offset + 2 > end) return truncated('a compression pointer', offset, 2, end - offset);
      const target = message + (((length & 0x3f) << 8) | (b[offset + 1] as number));
      if (target >= barrier) return wireError('a compression pointer does not point backwards', offset);
      if (next < 0) next = offset + 2;
      barrier = target;
      offset = target;
      continue;
    }
    if (length > MAX_LABEL) return wireError(`label type 0x${(length & 0xc0).toString(16)} is unknown`, offset);
    if (offset + 1 + length > end) return truncated('a label', offset, length + 1, end - offset);
    size += length + 1;
    if (size > MAX_NAME) return wireError('the domain name is longer than 255 bytes', at);
    name += `${labelText(b, offset + 1, offset + 1 + length)}.`;
    offset += 1 + length;
  }
}

/** Whether two names are the same; ASCII letters compare without regard to case (RFC 4343). */
export function sameName(a: DnsName, b: DnsName): boolean {
  return lowerName(a) === lowerName(b);
}

/** ASCII letters in lower case: the form to look names up by. */
export function lowerName(name: DnsName): DnsName {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
