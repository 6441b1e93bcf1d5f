import type { IPv4 } from '../base/address.ts';
import { checksumUpdate16, checksum as internetChecksum } from './checksum.ts';
import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

export { PROTOCOL } from './protocol.ts';

/** Without options. */
export const IPV4_HEADER = 20;

/** The three bits above the fragment offset. */
export const IPV4_FLAG = { MF: 1, DF: 2, Reserved: 4 } as const;

export function version(b: Uint8Array, at: number): number {
  return (b[at] as number) >>> 4;
}
/** In bytes: 20 … 60 (and below 20 when malformed). */
export function headerLength(b: Uint8Array, at: number): number {
  return ((b[at] as number) & 15) * 4;
}
/** DSCP and ECN. */
export function tos(b: Uint8Array, at: number): number {
  return b[at + 1] as number;
}
export function setTos(b: Uint8Array, at: number, value: number): void {
  b[at + 1] = value;
}
/** Header and payload, in bytes. */
export function totalLength(b: Uint8Array, at: number): number {
  return be16(b, at + 2);
}
export function setTotalLength(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 2, value);
}
export function identification(b: Uint8Array, at: number): number {
  return be16(b, at + 4);
}
export function setIdentification(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 4, value);
}
/** `IPV4_FLAG` bits. */
export function flags(b: Uint8Array, at: number): number {
  return (b[at + 6] as number) >>> 5;
}
export function setFlags(b: Uint8Array, at: number, value: number): void {
  b[at + 6] = ((b[at + 6] as number) & 0x1f) | (value << 5);
}
export function dontFragment(b: Uint8Array, at: number): boolean {
  return ((b[at + 6] as number) & 0x40) !== 0;
}
export function moreFragments(b: Uint8Array, at: number): boolean {
  return ((b[at + 6] as number) & 0x20) !== 0;
}
/** In bytes, a multiple of 8. */
export function fragmentOffset(b: Uint8Array, at: number): number {
  return (be16(b, at + 6) & 0x1fff) * 8;
}
/** @param value in bytes, a multiple of 8 */
export function setFragmentOffset(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 6, (be16(b, at + 6) & 0xe000) | (value >>> 3));
}
/** Whether it is one of several fragments, the first included (ip_is_fragment). */
export function isFragment(b: Uint8Array, at: number): boolean {
  return (be16(b, at + 6) & 0x3fff) !== 0;
}
export function ttl(b: Uint8Array, at: number): number {
  return b[at + 8] as number;
}
export function setTtl(b: Uint8Array, at: number, value: number): void {
  b[at + 8] = value;
}
/** One of `PROTOCOL`. */
export function protocol(b: Uint8Array, at: number): number {
  return b[at + 9] as number;
}
export function setProtocol(b: Uint8Array, at: number, value: number): void {
  b[at + 9] = value;
}
export function checksum(b: Uint8Array, at: number): number {
  return be16(b, at + 10);
}
export function setChecksum(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 10, value);
}
export function source(b: Uint8Array, at: number): IPv4 {
  return be32(b, at + 12);
}
/** Leaves the checksum alone. */
export function setSource(b: Uint8Array, at: number, value: IPv4): void {
  setBe32(b, at + 12, value);
}
export function destination(b: Uint8Array, at: number): IPv4 {
  return be32(b, at + 16);
}
/** Leaves the checksum alone. */
export function setDestination(b: Uint8Array, at: number, value: IPv4): void {
  setBe32(b, at + 16, value);
}

export function checksumValid(b: Uint8Array, at: number): boolean {
  return internetChecksum(b, at, at + headerLength(b, at)) === 0;
}

/** Computes the header checksum anew (ip_send_check). */
export function fillChecksum(b: Uint8Array, at: number): void {
  setChecksum(b, at, 0);
  setChecksum(b, at, internetChecksum(b, at, at + headerLength(b, at)));
}

/** One hop less, the checksum kept right (ip_decrease_ttl). Returns the new TTL. */
export function decreaseTtl(b: Uint8Array, at: number): number {
  const before = be16(b, at + 8);
  const left = ttl(b, at) - 1;
  setTtl(b, at, left);
  setChecksum(b, at, checksumUpdate16(checksum(b, at), before, be16(b, at + 8)));
  return left;
}

export interface Ipv4Header {
  tos: number;
  /** Header and payload, in bytes. */
  totalLength: number;
  identification: number;
  /** `IPV4_FLAG` bits. */
  flags: number;
  /** In bytes, a multiple of 8. */
  fragmentOffset: number;
  ttl: number;
  protocol: number;
  source: IPv4;
  destination: IPv4;
  /** As on the wire: a multiple of 4 bytes, at most 40. */
  options: Uint8Array;
}

/**
 * The checks of Linux's ip_rcv_core: version, header length, header checksum, total length.
 *
 * @param quoted the packet is quoted in an ICMP error, where its payload may be cut off
 */
export function parseIpv4(b: Uint8Array, at: number, end: number, quoted = false): Ipv4Header | WireError {
  const have = end - at;
  if (have < IPV4_HEADER) return truncated('an IPv4 header', at, IPV4_HEADER, have);
  if (version(b, at) !== 4) return wireError(`version ${version(b, at)} is not 4`, at);
  const length = headerLength(b, at);
  if (length < IPV4_HEADER) return wireError(`header length ${length} is below 20`, at);
  if (have < length) return truncated('an IPv4 header with options', at, length, have);
  if (!checksumValid(b, at)) return wireError('the header checksum is wrong', at + 10);
  if (totalLength(b, at) < length) return wireError(`total length ${totalLength(b, at)} is below the header's ${length}`, at + 2);
  if (!quoted && have < totalLength(b, at)) return truncated('the IPv4 packet', at + 2, totalLength(b, at), have);
  return {
    tos: tos(b, at),
    totalLength: totalLength(b, at),
    identification: identification(b, at),
    flags: flags(b, at),
    fragmentOffset: fragmentOffset(b, at),
    ttl: ttl(b, at),
    protocol: protocol(b, at),
    source: source(b, at),
    destination: destination(b, at),
    options: b.slice(at + IPV4_HEADER, at + length),
  };
}

/** Writes the header and its checksum. */
export function emitIpv4(b: Uint8Array, at: number, header: Ipv4Header): void {
  b[at] = 0x40 | (ipv4Length(header) / 4);
  setTos(b, at, header.tos);
  setTotalLength(b, at, header.totalLength);
  setIdentification(b, at, header.identification);
  setBe16(b, at + 6, (header.flags << 13) | (header.fragmentOffset >>> 3));
  setTtl(b, at, header.ttl);
  setProtocol(b, at, header.protocol);
  setSource(b, at, header.source);
  setDestination(b, at, header.destination);
  b.set(header.options, at + IPV4_HEADER);
  fillChecksum(b, at);
}

/** Of the header, in bytes. */
export function ipv4Length(header: Ipv4Header): number {
  return IPV4_HEADER + header.options.length;
}
