import { concat } from '../bytes.ts';

/** BLAKE2s (RFC 7693), HMAC over it (RFC 2104) and the key derivation that the Noise protocols make of that (HKDF). */

const BLOCK = 64;
const INITIAL = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const SIGMA = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
].map((row) => [...row].map((digit) => Number.parseInt(digit, 16)));

function rotate(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits));
}

function mix(v: Int32Array, places: readonly [number, number, number, number], x: number, y: number): void {
  const [a, b, c, d] = places;
  const at = (place: number) => v[place] as number;
  v[a] = at(a) + at(b) + x;
  v[d] = rotate(at(d) ^ at(a), 16);
  v[c] = at(c) + at(d);
  v[b] = rotate(at(b) ^ at(c), 12);
  v[a] = at(a) + at(b) + y;
  v[d] = rotate(at(d) ^ at(a), 8);
  v[c] = at(c) + at(d);
  v[b] = rotate(at(b) ^ at(c), 7);
}

/** The columns, then the diagonals. */
const PLACES: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

function compress(state: Int32Array, block: DataView, offset: number, counter: number, last: boolean): void {
  const v = new Int32Array(16);
  v.set(state);
  v.set(INITIAL, 8);
  v[12] = (v[12] as number) ^ counter;
  if (last) v[14] = ~(v[14] as number);
  const word = (index: number) => block.getInt32(offset + index * 4, true);
  for (const row of SIGMA) {
    for (const [i, places] of PLACES.entries()) mix(v, places, word(row[2 * i] as number), word(row[2 * i + 1] as number));
  }
  for (let i = 0; i < 8; i++) state[i] = (state[i] as number) ^ (v[i] as number) ^ (v[i + 8] as number);
}

/**
 * @param length bytes of the digest, at most 32
 * @param key at most 32 bytes; none makes a plain hash
 */
export function blake2s(data: Uint8Array, length = 32, key: Uint8Array = new Uint8Array(0)): Uint8Array {
  const keyed = key.length > 0 ? BLOCK : 0;
  const total = keyed + data.length;
  const blocks = Math.max(1, Math.ceil(total / BLOCK));
  const message = new Uint8Array(blocks * BLOCK);
  message.set(key);
  message.set(data, keyed);
  const view = new DataView(message.buffer);
  const state = new Int32Array(INITIAL);
  state[0] = (state[0] as number) ^ 0x01010000 ^ (key.length << 8) ^ length;
  for (let i = 0; i < blocks; i++) compress(state, view, i * BLOCK, Math.min((i + 1) * BLOCK, total), i === blocks - 1);
  return new Uint8Array(state.buffer).slice(0, length);
}

/** @param key at most a block long */
export function hmacBlake2s(key: Uint8Array, data: Uint8Array): Uint8Array {
  const inner = new Uint8Array(BLOCK).fill(0x36);
  const outer = new Uint8Array(BLOCK).fill(0x5c);
  for (const [i, byte] of key.entries()) {
    inner[i] = 0x36 ^ byte;
    outer[i] = 0x5c ^ byte;
  }
  return blake2s(concat([outer, blake2s(concat([inner, data]))]));
}

/** `count` keys of 32 bytes from a chaining key and new input (RFC 5869 with HMAC-BLAKE2s and no info). */
export function deriveKeys(chaining: Uint8Array, input: Uint8Array, count: number): Uint8Array[] {
  const secret = hmacBlake2s(chaining, input);
  const keys: Uint8Array[] = [];
  let previous: Uint8Array = new Uint8Array(0);
  for (let i = 1; i <= count; i++) {
    previous = hmacBlake2s(secret, concat([previous, Uint8Array.of(i)]));
    keys.push(previous);
  }
  return keys;
}
