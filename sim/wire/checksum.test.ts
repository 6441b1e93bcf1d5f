import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captured, fromHex } from './captured.ts';
import {
  checksum,
  checksumUpdate16,
  checksumUpdate32,
  checksumUpdate128,
  fold,
  pseudoHeaderIPv4,
  pseudoHeaderIPv6,
  sum,
} from './checksum.ts';
import { be16, be32, be128, setBe16, setBe32, setBe128 } from './endian.ts';
import * as ipv4 from './ipv4.ts';

/** The sum as RFC 1071 defines it, one word and one end-around carry at a time. */
function slowChecksum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    total += (bytes[i] as number) * 256 + (bytes[i + 1] ?? 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return 0xffff - total;
}

const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });

describe('the Internet checksum', () => {
  it('adds up the example of RFC 1071 §3', () => {
    const data = fromHex('0001 f203 f4f5 f6f7');
    expect(fold(sum(data, 0, data.length))).toBe(0xddf2);
    expect(checksum(data, 0, data.length)).toBe(0x220d);
  });

  it('is what its definition says, for any bytes and any length', () => {
    fc.assert(
      fc.property(bytes(0, 200), (b) => {
        expect(checksum(b, 0, b.length)).toBe(slowChecksum(b));
      }),
    );
    const largest = new Uint8Array(65535).fill(0xff);
    expect(checksum(largest, 0, largest.length)).toBe(slowChecksum(largest));
  });

  it('can be taken in two parts, cut at an even offset', () => {
    fc.assert(
      fc.property(bytes(0, 100), fc.nat(50), (b, words) => {
        const cut = Math.min(words * 2, b.length & ~1);
        expect(checksum(b, cut, b.length, sum(b, 0, cut))).toBe(checksum(b, 0, b.length));
      }),
    );
  });

  it('follows a change of 16, 32 or 128 bits without looking at the rest (RFC 1624)', () => {
    fc.assert(
      fc.property(bytes(40, 80), bytes(16, 16), (b, change) => {
        b[1] = 1; // some other word isn't zero, as in any packet: over all zeros, 0 and 0xffff are the same sum
        const before = checksum(b, 0, b.length);
        const after = (width: number): number => {
          const copy = b.slice();
          copy.set(change.subarray(0, width), 2);
          return checksum(copy, 0, copy.length);
        };
        expect(checksumUpdate16(before, be16(b, 2), be16(change, 0))).toBe(after(2));
        expect(checksumUpdate32(before, be32(b, 2), be32(change, 0))).toBe(after(4));
        expect(checksumUpdate128(before, be128(b, 2), be128(change, 0))).toBe(after(16));
      }),
    );
  });

  it('covers the pseudo headers as if they stood before the segment', () => {
    const v4 = fromHex('0a000102 0a000202 0006 0028');
    expect(fold(pseudoHeaderIPv4(be32(v4, 0), be32(v4, 4), 6, 40))).toBe(fold(sum(v4, 0, 12)));
    const v6 = fromHex('fd000001000000000000000000000002 fd000002000000000000000000000002 00012345 0000003a');
    expect(fold(pseudoHeaderIPv6(be128(v6, 0), be128(v6, 16), 58, 0x12345))).toBe(fold(sum(v6, 0, 40)));
  });

  it('a router keeps it right while it counts the TTL down', () => {
    const frame = captured('echoRequest');
    for (let ttl = 63; ttl >= 0; ttl--) {
      expect(ipv4.decreaseTtl(frame, 14)).toBe(ttl);
      expect(ipv4.checksumValid(frame, 14)).toBe(true);
    }
  });
});

describe('numbers in network order', () => {
  it('read what was written, whatever stands around them', () => {
    fc.assert(
      fc.property(bytes(32, 32), fc.nat(16), (b, at) => {
        const copy = new Uint8Array(32);
        setBe16(copy, at, be16(b, at));
        setBe32(copy, at + 2, be32(b, at + 2));
        expect(copy.slice(at, at + 6)).toEqual(b.slice(at, at + 6));
        setBe128(copy, at, be128(b, at));
        expect(copy.slice(at, at + 16)).toEqual(b.slice(at, at + 16));
      }),
    );
  });
});
