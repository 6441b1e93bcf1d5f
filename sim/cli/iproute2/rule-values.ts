import type { PortRangeInfo, RuleInfo } from '../../host/netlink/messages.ts';
import { dscpOf } from './names.ts';
import { parseUnsigned } from './values.ts';
import { invalid, type Words } from './words.ts';

/** The values of a rule's selectors, which adding and listing read alike (ip/iprule.c). */

/** The argument of a keyword, or the end of the command with `message`. */
export function argument<T>(words: Words, parse: (text: string) => T | undefined, message: string): T {
  const text = words.value();
  const value = parse(text);
  if (value === undefined) throw invalid(message, text);
  return value;
}

/** `80`, `1000-2000`, or a port and the bits of it that count: `0x50/0xf0`. */
export function portRange(text: string): PortRangeInfo {
  const part = (given: string, message: string): number => {
    const value = parseUnsigned(given, 65_535);
    if (value === undefined) throw invalid(message, given);
    return value;
  };
  const dash = text.indexOf('-');
  if (dash >= 0) {
    const from = part(text.slice(0, dash), 'invalid port range start');
    return { from, to: part(text.slice(dash + 1), 'invalid port range end') };
  }
  const [port = '', mask] = text.split('/');
  const bits = mask === undefined ? 0xffff : part(mask, 'invalid mask');
  const value = part(port, 'invalid port');
  return { from: value, to: value, mask: bits };
}

/** `1000-2000`, as sscanf(3) reads it. */
export function userRange(text: string): RuleInfo['users'] {
  const match = /^\s*([0-9]+)-([0-9]+)/.exec(text);
  return match ? { from: Number(match[1]) >>> 0, to: Number(match[2]) >>> 0 } : undefined;
}

/** `0x10` or `0x10/0xff`; without a mask every bit of a mark that isn't 0 counts. */
export function fwmark(text: string): { value: number; mask: number | undefined } {
  const [mark = '', mask] = text.split('/');
  const value = parseUnsigned(mark);
  if (value === undefined) throw invalid('fwmark value is invalid\n', mark);
  const bits = mask === undefined ? undefined : parseUnsigned(mask);
  if (mask !== undefined && bits === undefined) throw invalid('fwmask value is invalid\n', mask);
  return { value, mask: bits };
}

/** A code point by name or number, and the bits of it that count. */
export function dscp(text: string): NonNullable<RuleInfo['dscp']> {
  const [point = '', mask] = text.split('/');
  const value = dscpOf(point);
  if (value === undefined) throw invalid('invalid dscp', point);
  const bits = mask === undefined ? 0x3f : parseUnsigned(mask);
  if (bits === undefined) throw invalid('invalid dscp mask', mask ?? '');
  return { value, mask: bits };
}

export function flowLabel(text: string): NonNullable<RuleInfo['flowLabel']> {
  const [label = '', mask] = text.split('/');
  const value = parseUnsigned(label);
  if (value === undefined) throw invalid('invalid flowlabel', label);
  const bits = mask === undefined ? 0xfffff : parseUnsigned(mask);
  if (bits === undefined) throw invalid('invalid flowlabel mask', mask ?? '');
  return { value, mask: bits };
}

/** `3`, `3/4`, or a number for both at once. */
export function realms(text: string): number | undefined {
  const parts = text.split('/');
  const [first, second] = parts.map((part) => (part === 'cosmos' ? 0 : parseUnsigned(part, 255)));
  if (parts.length === 1 && first !== undefined) return first;
  if (parts.length === 2 && first !== undefined && second !== undefined) return first * 0x10000 + second;
  return parseUnsigned(text);
}

/** A 64-bit number in any of C's notations. */
export function tunnelId(text: string): bigint | undefined {
  if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) return undefined;
  const value = /^0[0-7]+$/.test(text) ? BigInt(`0o${text.slice(1)}`) : BigInt(text);
  return value < 1n << 64n ? value : undefined;
}
