import { createCipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { blake2s, deriveKeys, hmacBlake2s } from './blake2s.ts';
import { open, seal, TAG_LENGTH } from './chacha20-poly1305.ts';
import { clamp, publicKeyOf, x25519 } from './x25519.ts';

const random = new Random('seed', 'crypto');
const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256));
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

test('BLAKE2s and its HMAC are those of OpenSSL, whatever the length', () => {
  for (const length of [0, 1, 63, 64, 65, 127, 128, 129, 1000]) {
    const data = bytes(length);
    expect(hex(blake2s(data))).toBe(createHash('blake2s256').update(data).digest('hex'));
    const key = bytes(32);
    expect(hex(hmacBlake2s(key, data))).toBe(createHmac('blake2s256', key).update(data).digest('hex'));
  }
});

test('a keyed, shortened BLAKE2s', () => {
  // Python: hashlib.blake2s(b'abc', digest_size=16, key=bytes(range(32))).hexdigest()
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(hex(blake2s(Buffer.from('abc'), 16, key))).toBe('61ba5f165c194692e09d12520cc4c74a');
});

test('keys derived one after the other depend on the ones before', () => {
  const chaining = bytes(32);
  const input = bytes(32);
  const [first, second] = deriveKeys(chaining, input, 2) as [Uint8Array, Uint8Array];
  const secret = createHmac('blake2s256', chaining).update(input).digest();
  expect(hex(first)).toBe(createHmac('blake2s256', secret).update(Uint8Array.of(1)).digest('hex'));
  expect(hex(second)).toBe(createHmac('blake2s256', secret).update(first).update(Uint8Array.of(2)).digest('hex'));
});

test('X25519: public keys and shared secrets are those of OpenSSL, and of RFC 7748', () => {
  const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
  for (let i = 0; i < 4; i++) {
    const [mine, other] = [bytes(32), bytes(32)];
    const keys = [mine, other].map((key) => createPrivateKey({ key: Buffer.concat([prefix, key]), format: 'der', type: 'pkcs8' })) as [
      ReturnType<typeof createPrivateKey>,
      ReturnType<typeof createPrivateKey>,
    ];
    const theirs = createPublicKey(keys[1]);
    expect(hex(publicKeyOf(other))).toBe(theirs.export({ format: 'der', type: 'spki' }).subarray(12).toString('hex'));
    expect(hex(x25519(mine, publicKeyOf(other)))).toBe(diffieHellman({ privateKey: keys[0], publicKey: theirs }).toString('hex'));
    expect(hex(publicKeyOf(clamp(mine)))).toBe(hex(publicKeyOf(mine)));
  }
  const scalar = Buffer.from('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4', 'hex');
  const point = Buffer.from('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c', 'hex');
  expect(hex(x25519(scalar, point))).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
  expect(hex(x25519(scalar, new Uint8Array(32)))).toBe('00'.repeat(32));
});

test('ChaCha20-Poly1305 seals as OpenSSL does, and opens only what is whole and of the same key', () => {
  for (const length of [0, 1, 16, 64, 100, 1420]) {
    const [key, plain, associated] = [bytes(32), bytes(length), bytes(length % 40)];
    const counter = 7 + length * 2 ** 33;
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64LE(BigInt(counter), 4);
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(associated, { plaintextLength: length });
    const wanted = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    const sealed = seal(key, counter, plain, associated);
    expect(hex(sealed)).toBe(wanted.toString('hex'));
    expect(open(key, counter, sealed, associated)).toEqual(plain);
    expect(open(bytes(32), counter, sealed, associated)).toBeUndefined();
    expect(open(key, counter + 1, sealed, associated)).toBeUndefined();
    sealed[length >> 1] = (sealed[length >> 1] as number) ^ 1;
    expect(open(key, counter, sealed, associated)).toBeUndefined();
  }
});
