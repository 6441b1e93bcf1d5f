import { be16, setBe16 } from './endian.ts';

/** What ICMP and ICMPv6 have at the same places (RFC 792, RFC 4443). */

export function type(b: Uint8Array, at: number): number {
  return b[at] as number;
}
export function setType(b: Uint8Array, at: number, value: number): void {
  b[at] = value;
}
export function code(b: Uint8Array, at: number): number {
  return b[at + 1] as number;
}
export function setCode(b: Uint8Array, at: number, value: number): void {
  b[at + 1] = value;
}
export function checksum(b: Uint8Array, at: number): number {
  return be16(b, at + 2);
}
export function setChecksum(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 2, value);
}
/** Of echoes and timestamps. */
export function identifier(b: Uint8Array, at: number): number {
  return be16(b, at + 4);
}
export function setIdentifier(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 4, value);
}
/** Of echoes and timestamps. */
export function sequence(b: Uint8Array, at: number): number {
  return be16(b, at + 6);
}
export function setSequence(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 6, value);
}
