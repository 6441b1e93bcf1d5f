/** Message digests of bytes, as hexadecimal text: RFC 1321 (MD5), FIPS 180-4 (SHA). */

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** The message with its padding: 0x80, zeros, and the length in bits at the end. */
function padded(data: Uint8Array, block: number, bigEndian: boolean): DataView {
  const lengthField = block / 8;
  const size = Math.ceil((data.length + 1 + lengthField) / block) * block;
  const whole = new Uint8Array(size);
  whole.set(data);
  whole[data.length] = 0x80;
  const view = new DataView(whole.buffer);
  if (bigEndian) view.setBigUint64(size - 8, BigInt(data.length) * 8n);
  else view.setBigUint64(size - 8, BigInt(data.length) * 8n, true);
  return view;
}

const hex32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const MD5_SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

export function md5(data: Uint8Array): string {
  const view = padded(data, 64, false);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    let [a, b, c, d] = state as [number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      const word = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] as number;
      const sum = (a + mixed + (MD5_SINES[i] as number) + view.getInt32(offset + (word % 16) * 4, true)) | 0;
      [a, d, c, b] = [d, c, b, (b + rotateLeft(sum, MD5_SHIFTS[round * 4 + (i % 4)] as number)) | 0];
    }
    [a, b, c, d].forEach((value, i) => {
      state[i] = ((state[i] as number) + value) | 0;
    });
  }
  return state.map((value) => hex32(((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24))).join('');
}

export function sha1(data: Uint8Array): string {
  const view = padded(data, 64, true);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  const words = new Int32Array(80);
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(offset + i * 4);
    for (let i = 16; i < 80; i++) {
      words[i] = rotateLeft((words[i - 3] as number) ^ (words[i - 8] as number) ^ (words[i - 14] as number) ^ (words[i - 16] as number), 1);
    }
    let [a, b, c, d, e] = state as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const round = Math.floor(i / 20);
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      const constant = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round] as number;
      const sum = (rotateLeft(a, 5) + mixed + e + constant + (words[i] as number)) | 0;
      [e, d, c, b, a] = [d, c, rotateLeft(b, 30), a, sum];
    }
    [a, b, c, d, e].forEach((value, i) => {
      state[i] = ((state[i] as number) + value) | 0;
    });
  }
  return state.map(hex32).join('');
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 64 bits of the fractional part of a root of a prime (`degree` 2 or 3), by Newton's integer method. */
function rootFraction(prime: number, degree: 2 | 3): bigint {
  const target = BigInt(prime) << BigInt(64 * degree);
  let low = 0n;
  let high = 1n << 72n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** BigInt(degree) <= target) low = middle;
    else high = middle - 1n;
  }
  return low & 0xffff_ffff_ffff_ffffn;
}

const PRIMES = primes(80);
const CUBE_ROOTS = PRIMES.map((prime) => rootFraction(prime, 3));
const SQUARE_ROOTS = PRIMES.slice(0, 16).map((prime) => rootFraction(prime, 2));
const K256 = CUBE_ROOTS.slice(0, 64).map((root) => Number(root >> 32n) | 0);

/** SHA-256, or SHA-224 with its own start values. */
export function sha256(data: Uint8Array, bits: 224 | 256 = 256): string {
  const view = padded(data, 64, true);
  const roots =
    bits === 256 ? SQUARE_ROOTS.slice(0, 8).map((root) => root >> 32n) : SQUARE_ROOTS.slice(8).map((root) => root & 0xffff_ffffn);
  const state = roots.map((root) => Number(root) | 0);
  const rotate = (value: number, count: number) => (value >>> count) | (value << (32 - count));
  const words = new Int32Array(64);
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(offset + i * 4);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [words[i - 15] as number, words[i - 2] as number];
      const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      words[i] = ((words[i - 16] as number) + small0 + (words[i - 7] as number) + small1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (h + big1 + ((e & f) ^ (~e & g)) + (K256[i] as number) + (words[i] as number)) | 0;
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i] = ((state[i] as number) + value) | 0;
    });
  }
  return state
    .slice(0, bits / 32)
    .map(hex32)
    .join('');
}

const MASK = 0xffff_ffff_ffff_ffffn;

export function sha512(data: Uint8Array): string {
  const view = padded(data, 128, true);
  const state = SQUARE_ROOTS.slice(0, 8);
  const rotate = (value: bigint, count: bigint) => ((value >> count) | (value << (64n - count))) & MASK;
  for (let offset = 0; offset < view.byteLength; offset += 128) {
    const words = Array.from({ length: 16 }, (_, i) => view.getBigUint64(offset + i * 8));
    for (let i = 16; i < 80; i++) {
      const [x, y] = [words[i - 15] as bigint, words[i - 2] as bigint];
      const small0 = rotate(x, 1n) ^ rotate(x, 8n) ^ (x >> 7n);
      const small1 = rotate(y, 19n) ^ rotate(y, 61n) ^ (y >> 6n);
      words.push(((words[i - 16] as bigint) + small0 + (words[i - 7] as bigint) + small1) & MASK);
    }
    let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    for (let i = 0; i < 80; i++) {
      const big1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
      const t1 = (h + big1 + ((e & f) ^ (~e & MASK & g)) + (CUBE_ROOTS[i] as bigint) + (words[i] as bigint)) & MASK;
      const big0 = rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n);
      const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) & MASK;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i] = ((state[i] as bigint) + value) & MASK;
    });
  }
  return state.map((value) => value.toString(16).padStart(16, '0')).join('');
}
