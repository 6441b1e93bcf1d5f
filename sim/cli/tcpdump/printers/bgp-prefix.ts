import { formatIPv4, formatIPv6 } from '../../../base/address.ts';
import { be32, be128 } from '../../../wire/endian.ts';
import { type Printout, Truncated } from './printout.ts';

/** Prints the prefixes in [start, end), each after `indent`. @param size bytes of a whole address */
export function printPrefixes(out: Printout, start: number, end: number, size: 4 | 16, indent: string): void {
  for (let at = start; at < end; ) {
    const length = out.u8(at);
    const bytes = Math.ceil(length / 8);
    if (length > size * 8) return out.write(`${indent}(illegal prefix length)`);
    if (at + 1 + bytes > end) throw new Truncated();
    out.need(at + 1, bytes);
    const padded = new Uint8Array(size);
    padded.set(out.b.subarray(at + 1, at + 1 + bytes));
    // Bits beyond the prefix are noise.
    if (length % 8 !== 0) padded[bytes - 1] = (padded[bytes - 1] as number) & (0xff00 >>> (length % 8));
    out.write(`${indent}${size === 4 ? formatIPv4(be32(padded, 0)) : formatIPv6(be128(padded, 0))}/${length}`);
    at += 1 + bytes;
  }
}
