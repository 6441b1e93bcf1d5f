import { checksum as internetChecksum } from './checksum.ts';
import { be16, setBe16 } from './endian.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

export const UDP_HEADER = 8;

/** Well-known ports that the simulation's programs use. */
export const UDP_PORT = {
  DNS: 53,
  DHCPServer: 67,
  DHCPClient: 68,
  NTP: 123,
  MDNS: 5353,
  VXLAN: 4789,
  FlannelVXLAN: 8472,
  WireGuard: 51_820,
} as const;

export function sourcePort(b: Uint8Array, at: number): number {
  return be16(b, at);
}
export function setSourcePort(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at, value);
}
export function destinationPort(b: Uint8Array, at: number): number {
  return be16(b, at + 2);
}
export function setDestinationPort(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 2, value);
}
/** Header and payload, in bytes. */
export function length(b: Uint8Array, at: number): number {
  return be16(b, at + 4);
}
export function setLength(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 4, value);
}
/** 0 over IPv4 means that the sender computed none. */
export function checksum(b: Uint8Array, at: number): number {
  return be16(b, at + 6);
}
export function setChecksum(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 6, value);
}

/** @param pseudo the sum of the pseudo header, with the UDP length; a checksum of 0 counts as absent and valid */
export function checksumValid(b: Uint8Array, at: number, end: number, pseudo: number): boolean {
  return checksum(b, at) === 0 || internetChecksum(b, at, end, pseudo) === 0;
}

/** Computes the checksum; one that comes out as 0 is sent as 0xffff (RFC 768). */
export function fillChecksum(b: Uint8Array, at: number, end: number, pseudo: number): void {
  setChecksum(b, at, 0);
  setChecksum(b, at, internetChecksum(b, at, end, pseudo) || 0xffff);
}

export interface UdpHeader {
  sourcePort: number;
  destinationPort: number;
  /** Header and payload, in bytes. */
  length: number;
}

/**
 * @param end where the IP payload ends
 * @param pseudo the sum of the pseudo header for a check of the checksum; without it the checksum isn't looked at, as for quoted or
 *   fragmented packets, whose length may then also reach past `end`
 */
export function parseUdp(b: Uint8Array, at: number, end: number, pseudo?: number): UdpHeader | WireError {
  const have = end - at;
  if (have < UDP_HEADER) return truncated('a UDP header', at, UDP_HEADER, have);
  const claimed = length(b, at);
  if (claimed < UDP_HEADER) return wireError(`UDP length ${claimed} is below 8`, at + 4);
  if (pseudo !== undefined) {
    if (claimed > have) return truncated('the UDP datagram', at + 4, claimed, have);
    if (!checksumValid(b, at, at + claimed, pseudo)) return wireError('the UDP checksum is wrong', at + 6);
  }
  return { sourcePort: sourcePort(b, at), destinationPort: destinationPort(b, at), length: claimed };
}

/** Writes the header with checksum 0; `fillChecksum` follows when the payload stands. */
export function emitUdp(b: Uint8Array, at: number, header: UdpHeader): void {
  setSourcePort(b, at, header.sourcePort);
  setDestinationPort(b, at, header.destinationPort);
  setLength(b, at, header.length);
  setChecksum(b, at, 0);
}
