import { be24, be32, setBe24, setBe32 } from './endian.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

/** VXLAN (RFC 7348): eight bytes after the UDP header, then the inner Ethernet frame. */
export const VXLAN_HEADER = 8;
/** IPv4, UDP, VXLAN and the inner Ethernet header: what a VXLAN device's MTU is smaller by. */
export const VXLAN_OVERHEAD_IPV4 = 50;
export const VXLAN_OVERHEAD_IPV6 = 70;

/** "The VNI is valid"; must be set. */
const FLAG_VNI = 0x08000000;

/** VXLAN network identifier, 24 bits. */
export function vni(b: Uint8Array, at: number): number {
  return be24(b, at + 4);
}
export function setVni(b: Uint8Array, at: number, value: number): void {
  setBe24(b, at + 4, value);
}
/** Whether the flags and reserved bits are as the RFC has them; Linux drops anything else on a device without extensions (vxlan_rcv). */
export function isValid(b: Uint8Array, at: number): boolean {
  return be32(b, at) === FLAG_VNI && b[at + 7] === 0;
}

export interface VxlanHeader {
  vni: number;
}

export function parseVxlan(b: Uint8Array, at: number, end: number): VxlanHeader | WireError {
  if (end - at < VXLAN_HEADER) return truncated('a VXLAN header', at, VXLAN_HEADER, end - at);
  if (!isValid(b, at)) return wireError('the VXLAN flags are not 0x08 followed by zeros', at);
  return { vni: vni(b, at) };
}

export function emitVxlan(b: Uint8Array, at: number, header: VxlanHeader): void {
  setBe32(b, at, FLAG_VNI);
  setVni(b, at, header.vni);
  b[at + 7] = 0;
}
