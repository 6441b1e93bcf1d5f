import { be16, setBe16 } from './endian.ts';
import { truncated, type WireError } from './wire-error.ts';

/**
 * IEEE 802.1Q: the four bytes after an Ethernet header whose EtherType is `ETHERTYPE.VLAN` or `QinQ`. `at` is where the tag control
 * information starts, which is offset 14 of the frame.
 */
export const VLAN_HEADER = 4;

/** 1 … 4094; 0 is a frame that has a priority and no VLAN. */
export function vid(b: Uint8Array, at: number): number {
  return be16(b, at) & 0xfff;
}
export function priority(b: Uint8Array, at: number): number {
  return (b[at] as number) >>> 5;
}
export function dropEligible(b: Uint8Array, at: number): boolean {
  return ((b[at] as number) & 0x10) !== 0;
}
/** Of what the tag stands before. */
export function etherType(b: Uint8Array, at: number): number {
  return be16(b, at + 2);
}

export interface VlanHeader {
  vid: number;
  priority: number;
  dropEligible: boolean;
  etherType: number;
}

export function parseVlan(b: Uint8Array, at: number, end: number): VlanHeader | WireError {
  if (end - at < VLAN_HEADER) return truncated('a VLAN tag', at, VLAN_HEADER, end - at);
  return { vid: vid(b, at), priority: priority(b, at), dropEligible: dropEligible(b, at), etherType: etherType(b, at) };
}

export function emitVlan(b: Uint8Array, at: number, header: VlanHeader): void {
  setBe16(b, at, (header.priority << 13) | (header.dropEligible ? 0x1000 : 0) | header.vid);
  setBe16(b, at + 2, header.etherType);
}
