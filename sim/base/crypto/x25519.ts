/** Diffie-Hellman on Curve25519 (RFC 7748): keys are 32 bytes, little-endian. */

const P = (1n << 255n) - 19n;
const A24 = 121_665n;

function field(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0, rest = value; i < 32; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** The three bits of a private key that are always the same (RFC 7748 §5, decodeScalar25519). */
export function clamp(key: Uint8Array): Uint8Array {
  const clamped = key.slice();
  clamped[0] = (clamped[0] as number) & 0xf8;
  clamped[31] = ((clamped[31] as number) & 0x7f) | 0x40;
  return clamped;
}

/** The shared secret of a private and a public key; all zeros for the few public keys that are of no use (small order). */
export function x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const scalar = littleEndian(clamp(privateKey));
  const u = littleEndian(publicKey) & ((1n << 255n) - 1n);
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n];
  let swapped = 0n;
  for (let bit = 254n; bit >= 0n; bit--) {
    const next = (scalar >> bit) & 1n;
    if (swapped !== next) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    swapped = next;
    const sum = x2 + z2;
    const difference = x2 - z2;
    const squaredSum = (sum * sum) % P;
    const squaredDifference = (difference * difference) % P;
    const e = squaredSum - squaredDifference;
    const da = ((x3 - z3) * sum) % P;
    const cb = ((x3 + z3) * difference) % P;
    x3 = ((da + cb) * (da + cb)) % P;
    z3 = (u * (((da - cb) * (da - cb)) % P)) % P;
    x2 = (squaredSum * squaredDifference) % P;
    z2 = (e * (squaredSum + A24 * e)) % P;
  }
  if (swapped === 1n) [x2, z2] = [x3, z3];
  return bytesOf(field(x2 * power(field(z2), P - 2n)));
}

const BASE_POINT = bytesOf(9n);

/** The public key that belongs to a private one. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  return x25519(privateKey, BASE_POINT);
}
