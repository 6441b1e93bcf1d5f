/** Sequence numbers: unsigned 32-bit, compared around the circle (include/net/tcp.h before, after). */

export function add(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}

/** How far `to` is ahead of `from`; negative when it is behind. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}
