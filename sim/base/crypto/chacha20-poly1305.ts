import { littleEndian } from './x25519.ts';

/** Authenticated encryption of RFC 8439: the ChaCha20 stream cipher with a Poly1305 tag. */

export const TAG_LENGTH = 16;

const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

function quarter(x: Int32Array, a: number, b: number, c: number, d: number): void {
  let value: number;
  x[a] = (x[a] as number) + (x[b] as number);
  value = (x[d] as number) ^ (x[a] as number);
  x[d] = (value << 16) | (value >>> 16);
  x[c] = (x[c] as number) + (x[d] as number);
  value = (x[b] as number) ^ (x[c] as number);
  x[b] = (value << 12) | (value >>> 20);
  x[a] = (x[a] as number) + (x[b] as number);
  value = (x[d] as number) ^ (x[a] as number);
  x[d] = (value << 8) | (value >>> 24);
  x[c] = (x[c] as number) + (x[d] as number);
  value = (x[b] as number) ^ (x[c] as number);
  x[b] = (value << 7) | (value >>> 25);
}

function rounds(x: Int32Array): void {
  for (let i = 0; i < 10; i++) {
    quarter(x, 0, 4, 8, 12);
    quarter(x, 1, 5, 9, 13);
    quarter(x, 2, 6, 10, 14);
    quarter(x, 3, 7, 11, 15);
    quarter(x, 0, 5, 10, 15);
    quarter(x, 1, 6, 11, 12);
    quarter(x, 2, 7, 8, 13);
    quarter(x, 3, 4, 9, 14);
  }
}

/** One cipher stream, a block of 64 bytes at a time, from the block with number 0 on. */
class Stream {
  readonly #state = new Int32Array(16);
  readonly #block = new Int32Array(16);
  readonly #bytes = new Uint8Array(64);
  readonly #view = new DataView(this.#bytes.buffer);

  /** @param counter the message's number: the low 64 bits of the nonce */
  constructor(key: Uint8Array, counter: number) {
    const words = new DataView(key.buffer, key.byteOffset, key.byteLength);
    this.#state.set(CONSTANTS);
    for (let i = 0; i < 8; i++) this.#state[4 + i] = words.getInt32(i * 4, true);
    this.#state[14] = counter | 0;
    this.#state[15] = Math.floor(counter / 2 ** 32) | 0;
  }

  next(): Uint8Array {
    this.#block.set(this.#state);
    rounds(this.#block);
    for (let i = 0; i < 16; i++) this.#view.setInt32(i * 4, (this.#block[i] as number) + (this.#state[i] as number), true);
    this.#state[12] = (this.#state[12] as number) + 1;
    return this.#bytes;
  }

  /** Encrypts, or decrypts, in place. */
  apply(data: Uint8Array): void {
    for (let at = 0; at < data.length; at += 64) {
      const block = this.next();
      const end = Math.min(64, data.length - at);
      for (let i = 0; i < end; i++) data[at + i] = (data[at + i] as number) ^ (block[i] as number);
    }
  }
}

const PRIME = (1n << 130n) - 5n;

/** Poly1305 over the parts, each filled up with zeros to whole blocks, and their lengths (RFC 8439 §2.8). */
function authenticate(key: Uint8Array, associated: Uint8Array, data: Uint8Array): Uint8Array {
  const r = littleEndian(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  const block = new Uint8Array(16);
  const words = new DataView(block.buffer);
  const add = () => {
    const value = (1n << 128n) | (words.getBigUint64(8, true) << 64n) | words.getBigUint64(0, true);
    sum = ((sum + value) * r) % PRIME;
  };
  for (const part of [associated, data]) {
    for (let at = 0; at < part.length; at += 16) {
      block.fill(0);
      block.set(part.subarray(at, at + 16));
      add();
    }
  }
  words.setBigUint64(0, BigInt(associated.length), true);
  words.setBigUint64(8, BigInt(data.length), true);
  add();
  const tag = (sum + littleEndian(key.subarray(16, 32))) & ((1n << 128n) - 1n);
  words.setBigUint64(0, tag & 0xffff_ffff_ffff_ffffn, true);
  words.setBigUint64(8, tag >> 64n, true);
  return block;
}

/** @returns the ciphertext, followed by the tag */
export function seal(key: Uint8Array, counter: number, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(plain.length + TAG_LENGTH);
  sealed.set(plain);
  const stream = new Stream(key, counter);
  const oneTime = stream.next().slice(0, 32);
  const cipher = sealed.subarray(0, plain.length);
  stream.apply(cipher);
  sealed.set(authenticate(oneTime, associated, cipher), plain.length);
  return sealed;
}

/** @returns the plaintext, or `undefined` if the key is another one or a bit has changed on the way */
export function open(key: Uint8Array, counter: number, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
  if (sealed.length < TAG_LENGTH) return undefined;
  const plain = sealed.slice(0, sealed.length - TAG_LENGTH);
  const stream = new Stream(key, counter);
  const tag = authenticate(stream.next().slice(0, 32), associated, plain);
  let difference = 0;
  for (let i = 0; i < TAG_LENGTH; i++) difference |= (tag[i] as number) ^ (sealed[plain.length + i] as number);
  if (difference !== 0) return undefined;
  stream.apply(plain);
  return plain;
}
