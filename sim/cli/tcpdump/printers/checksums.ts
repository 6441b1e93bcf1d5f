import { checksum, pseudoHeaderIPv4, pseudoHeaderIPv6 } from '../../../wire/checksum.ts';
import { be16, be32, be128 } from '../../../wire/endian.ts';
import type { IpContext, Printout } from './printout.ts';

/** What a checksum should be, when it is wrong; `undefined` when it is right. */
export type Verdict = { found: number; expected: number } | undefined;

/** Judges the checksum at `field` over [at, at + length). @param pseudo the pseudo header's sum */
export function judge(out: Printout, at: number, length: number, field: number, pseudo = 0): Verdict {
  const { b } = out;
  if (checksum(b, at, at + length, pseudo) === 0) return undefined;
  const found = be16(b, field);
  // Taking the field out of the sum is the same as adding its complement (RFC 1624).
  return { found, expected: checksum(b, at, at + length, pseudo + (~found & 0xffff)) };
}

/** The pseudo header's sum of what an IP header carries; a source route's last hop counts as the destination. */
export function pseudoHeader(out: Printout, { version, header }: IpContext, protocol: number, length: number): number {
  const { b } = out;
  if (version === 6) return pseudoHeaderIPv6(be128(b, header + 8), be128(b, header + 24), protocol, length);
  return pseudoHeaderIPv4(be32(b, header + 12), be32(b, header + 16), protocol, length);
}
