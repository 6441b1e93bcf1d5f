import type { IPv4, IPv6 } from '../base/address.ts';

/**
 * The Internet checksum (RFC 1071): the one's complement of the one's-complement sum of 16-bit words.
 *
 * Sums are passed around unfolded, as plain numbers: `checksum(b, start, end, pseudoHeaderIPv4(…))`.
 */

/** Adds up [start, end) as big-endian 16-bit words; an odd last byte counts as the high half of a word. Not folded. */
export function sum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  let total = initial;
  const even = start + ((end - start) & ~1);
  let at = start;
  for (; at < even; at += 2) total += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  if (at < end) total += (bytes[at] as number) << 8;
  return total;
}

/** Adds the carries back in: a sum below 2³², that of 128 KB at the most → 16 bits. */
export function fold(total: number): number {
  const once = (total & 0xffff) + (total >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/**
 * The checksum of [start, end), 16 bits. Over data that holds its own right checksum it is 0.
 *
 * @param initial an unfolded sum to start from, such as a pseudo header's
 */
export function checksum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  return ~fold(sum(bytes, start, end, initial)) & 0xffff;
}

/** A checksum after one 16-bit word under it changed (RFC 1624, equation 3: HC' = ~(~HC + ~m + m')). */
export function checksumUpdate16(check: number, before: number, after: number): number {
  return ~fold((~check & 0xffff) + (~before & 0xffff) + (after & 0xffff)) & 0xffff;
}

/** As `checksumUpdate16` for a 32-bit field at an even offset, such as an IPv4 address. */
export function checksumUpdate32(check: number, before: number, after: number): number {
  const total = (~check & 0xffff) + (~(before >>> 16) & 0xffff) + (~before & 0xffff) + ((after >>> 16) & 0xffff) + (after & 0xffff);
  return ~fold(total) & 0xffff;
}

/** As `checksumUpdate16` for an IPv6 address. */
export function checksumUpdate128(check: number, before: IPv6, after: IPv6): number {
  return ~fold((~check & 0xffff) + (~fold(sumIPv6(before)) & 0xffff) + fold(sumIPv6(after))) & 0xffff;
}

/** The sum of the pseudo header that UDP and TCP checksums cover (RFC 768, RFC 9293 §3.1). */
export function pseudoHeaderIPv4(source: IPv4, destination: IPv4, protocol: number, length: number): number {
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length;
}

/** The sum of IPv6's pseudo header (RFC 8200 §8.1). */
export function pseudoHeaderIPv6(source: IPv6, destination: IPv6, protocol: number, length: number): number {
  return sumIPv6(source) + sumIPv6(destination) + (length >>> 16) + (length & 0xffff) + protocol;
}

function sumIPv6(address: IPv6): number {
  let total = 0;
  for (let shift = 0n; shift < 128n; shift += 32n) {
    const word = Number((address >> shift) & 0xffff_ffffn);
    total += (word >>> 16) + (word & 0xffff);
  }
  return total;
}
