import type { Random } from '../../../base/random.ts';

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';
const BASE = 36n;
/** What 128 and 256 random bits take in base 36. */
const ID_LENGTH = 25;
const DIGEST_LENGTH = 50;

/** The id of a node, network, service or task: 25 digits of base 36 (swarmkit's identity.NewID). */
export function newId(random: Random): string {
  return base36(BigInt(`0x${random.hex(32)}`), ID_LENGTH);
}

function base36(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= BASE) text = DIGITS[Number(rest % BASE)] + text;
  return text;
}

/** What a join token says: whom to trust, and that its bearer may join. */
export interface JoinToken {
  /** The digest of the cluster's root certificate, in base 36. */
  digest: string;
  secret: string;
}

/** The digest of the certificate of a new cluster; certificates themselves aren't simulated. */
export function newDigest(random: Random): string {
  return base36(BigInt(`0x${random.hex(64)}`), DIGEST_LENGTH);
}

export function formatToken({ digest, secret }: JoinToken): string {
  return `SWMTKN-1-${digest}-${secret}`;
}

/** `SWMTKN-1-DIGEST-SECRET`; otherwise `undefined`. */
export function parseToken(text: string): JoinToken | undefined {
  const match = /^SWMTKN-1-([0-9a-z]{50})-([0-9a-z]{25})$/.exec(text);
  return match ? { digest: match[1] as string, secret: match[2] as string } : undefined;
}

/** A digest in hexadecimal, as messages have it. */
export function hexDigest(digest: string): string {
  let value = 0n;
  for (const digit of digest) value = value * BASE + BigInt(DIGITS.indexOf(digit));
  return value.toString(16).padStart(64, '0');
}
