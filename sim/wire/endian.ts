/** Numbers in network byte order (most significant byte first). Reading past the end gives zeros: callers check lengths. */

export function be16(b: Uint8Array, at: number): number {
  return ((b[at] as number) << 8) | (b[at + 1] as number);
}

export function setBe16(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 8;
  b[at + 1] = value;
}

export function be24(b: Uint8Array, at: number): number {
  return ((b[at] as number) << 16) | ((b[at + 1] as number) << 8) | (b[at + 2] as number);
}

export function setBe24(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 16;
  b[at + 1] = value >>> 8;
  b[at + 2] = value;
}

/** Unsigned, 0 … 2³² - 1. */
export function be32(b: Uint8Array, at: number): number {
  return (((b[at] as number) << 24) | ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number)) >>> 0;
}

export function setBe32(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 24;
  b[at + 1] = value >>> 16;
  b[at + 2] = value >>> 8;
  b[at + 3] = value;
}

export function be64(b: Uint8Array, at: number): bigint {
  return (BigInt(be32(b, at)) << 32n) | BigInt(be32(b, at + 4));
}

export function setBe64(b: Uint8Array, at: number, value: bigint): void {
  setBe32(b, at, Number((value >> 32n) & 0xffffffffn));
  setBe32(b, at + 4, Number(value & 0xffffffffn));
}

export function be128(b: Uint8Array, at: number): bigint {
  return (be64(b, at) << 64n) | be64(b, at + 8);
}

export function setBe128(b: Uint8Array, at: number, value: bigint): void {
  setBe64(b, at, value >> 64n);
  setBe64(b, at + 8, value & 0xffff_ffff_ffff_ffffn);
}
