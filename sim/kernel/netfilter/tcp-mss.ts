import * as tcp from '../../wire/tcp.ts';

const OPTION_BYTES = 4;

/**
 * Where a segment's MSS option stands, or -1.
 *
 * @param at where the TCP header starts
 * @param end where it ends
 */
export function findMss(b: Uint8Array, at: number, end: number): number {
  for (let i = at + tcp.TCP_HEADER; i < end; ) {
    const kind = b[i] as number;
    if (kind === tcp.TCP_OPTION.End) return -1;
    if (kind === tcp.TCP_OPTION.Nop) i++;
    else if (kind === tcp.TCP_OPTION.Mss && b[i + 1] === OPTION_BYTES && i + OPTION_BYTES <= end) return i;
    else i += Math.max(2, b[i + 1] as number);
  }
  return -1;
}
