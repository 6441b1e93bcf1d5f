import type { Value } from './expression.ts';

const GOLDEN = 0xdeadbeef;

const rotate = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;

/**
 * Jenkins' hash of 32-bit words, as rules' `jhash` mixes them (include/linux/jhash.h `jhash2`). Every field of a concatenation
 * takes whole words, as in the kernel's registers.
 */
export function jhash(words: readonly number[], seed: number): number {
  let a = (GOLDEN + words.length * 4 + seed) >>> 0;
  let b = a;
  let c = a;
  let i = 0;
  for (; words.length - i > 3; i += 3) {
    a = (a + (words[i] as number)) >>> 0;
    b = (b + (words[i + 1] as number)) >>> 0;
    c = (c + (words[i + 2] as number)) >>> 0;
    a = (((a - c) >>> 0) ^ rotate(c, 4)) >>> 0;
    c = (c + b) >>> 0;
    b = (((b - a) >>> 0) ^ rotate(a, 6)) >>> 0;
    a = (a + c) >>> 0;
    c = (((c - b) >>> 0) ^ rotate(b, 8)) >>> 0;
    b = (b + a) >>> 0;
    a = (((a - c) >>> 0) ^ rotate(c, 16)) >>> 0;
    c = (c + b) >>> 0;
    b = (((b - a) >>> 0) ^ rotate(a, 19)) >>> 0;
    a = (a + c) >>> 0;
    c = (((c - b) >>> 0) ^ rotate(b, 4)) >>> 0;
    b = (b + a) >>> 0;
  }
  const left = words.length - i;
  if (left === 0) return c;
  if (left >= 3) c = (c + (words[i + 2] as number)) >>> 0;
  if (left >= 2) b = (b + (words[i + 1] as number)) >>> 0;
  a = (a + (words[i] as number)) >>> 0;
  c = ((c ^ b) - rotate(b, 14)) >>> 0;
  a = ((a ^ c) - rotate(c, 11)) >>> 0;
  b = ((b ^ a) - rotate(a, 25)) >>> 0;
  c = ((c ^ b) - rotate(b, 16)) >>> 0;
  a = ((a ^ c) - rotate(c, 4)) >>> 0;
  b = ((b ^ a) - rotate(a, 14)) >>> 0;
  return ((c ^ b) - rotate(b, 24)) >>> 0;
}

/** A value as the words of registers. */
export function wordsOf(value: Value): number[] {
  if (typeof value === 'object') return value.flatMap((part) => wordsOf(part));
  if (typeof value === 'bigint') return [96n, 64n, 32n, 0n].map((shift) => swap(Number((value >> shift) & 0xffff_ffffn)));
  if (typeof value === 'number') return value > 0xffff_ffff ? [swap(Math.floor(value / 65_536)), value % 65_536] : [swap(value)];
  const words = [0, 0, 0, 0];
  for (let i = 0; i < Math.min(15, value.length); i++) words[i >> 2] = (words[i >> 2] as number) + value.charCodeAt(i) * 2 ** (8 * (i & 3));
  return words;
}

/** Packets' bytes are read by a little-endian machine. */
function swap(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
