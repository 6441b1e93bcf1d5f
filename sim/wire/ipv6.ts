import type { IPv6 } from '../base/address.ts';
import { be16, be32, be128, setBe16, setBe32, setBe128 } from './endian.ts';
import { PROTOCOL } from './protocol.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

export { PROTOCOL } from './protocol.ts';

export const IPV6_HEADER = 40;
export const IPV6_MIN_MTU = 1280;
/** Of the fragment extension header. */
export const FRAGMENT_HEADER = 8;

export function version(b: Uint8Array, at: number): number {
  return (b[at] as number) >>> 4;
}
/** DSCP and ECN. */
export function trafficClass(b: Uint8Array, at: number): number {
  return (be16(b, at) >>> 4) & 0xff;
}
export function setTrafficClass(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at, (be16(b, at) & 0xf00f) | (value << 4));
}
export function flowLabel(b: Uint8Array, at: number): number {
  return be32(b, at) & 0xfffff;
}
/** Everything after the 40 bytes, extension headers included. */
export function payloadLength(b: Uint8Array, at: number): number {
  return be16(b, at + 4);
}
export function setPayloadLength(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 4, value);
}
/** One of `PROTOCOL`. */
export function nextHeader(b: Uint8Array, at: number): number {
  return b[at + 6] as number;
}
export function setNextHeader(b: Uint8Array, at: number, value: number): void {
  b[at + 6] = value;
}
export function hopLimit(b: Uint8Array, at: number): number {
  return b[at + 7] as number;
}
export function setHopLimit(b: Uint8Array, at: number, value: number): void {
  b[at + 7] = value;
}
export function source(b: Uint8Array, at: number): IPv6 {
  return be128(b, at + 8);
}
export function setSource(b: Uint8Array, at: number, value: IPv6): void {
  setBe128(b, at + 8, value);
}
export function destination(b: Uint8Array, at: number): IPv6 {
  return be128(b, at + 24);
}
export function setDestination(b: Uint8Array, at: number, value: IPv6): void {
  setBe128(b, at + 24, value);
}

export interface Ipv6Header {
  trafficClass: number;
  flowLabel: number;
  /** Everything after the 40 bytes, extension headers included. */
  payloadLength: number;
  nextHeader: number;
  hopLimit: number;
  source: IPv6;
  destination: IPv6;
}

/** The checks of Linux's ip6_rcv_core. @param quoted the packet is quoted in an ICMPv6 error, where its payload may be cut off */
export function parseIpv6(b: Uint8Array, at: number, end: number, quoted = false): Ipv6Header | WireError {
  const have = end - at;
  if (have < IPV6_HEADER) return truncated('an IPv6 header', at, IPV6_HEADER, have);
  if (version(b, at) !== 6) return wireError(`version ${version(b, at)} is not 6`, at);
  if (!quoted && have - IPV6_HEADER < payloadLength(b, at)) {
    return truncated('the IPv6 payload', at + 4, payloadLength(b, at), have - IPV6_HEADER);
  }
  return {
    trafficClass: trafficClass(b, at),
    flowLabel: flowLabel(b, at),
    payloadLength: payloadLength(b, at),
    nextHeader: nextHeader(b, at),
    hopLimit: hopLimit(b, at),
    source: source(b, at),
    destination: destination(b, at),
  };
}

export function emitIpv6(b: Uint8Array, at: number, header: Ipv6Header): void {
  setBe32(b, at, 0x60000000 | (header.trafficClass << 20) | header.flowLabel);
  setPayloadLength(b, at, header.payloadLength);
  setNextHeader(b, at, header.nextHeader);
  setHopLimit(b, at, header.hopLimit);
  setSource(b, at, header.source);
  setDestination(b, at, header.destination);
}

/** Whether a next-header value is an extension header that the walk can skip (ipv6_ext_hdr, without ESP and NoNext). */
export function isExtensionHeader(protocol: number): boolean {
  return (
    protocol === PROTOCOL.HopByHop ||
    protocol === PROTOCOL.Routing ||
    protocol === PROTOCOL.Fragment ||
    protocol === PROTOCOL.DestinationOptions ||
    protocol === PROTOCOL.AH
  );
}

/** Length of the extension header of that kind at `at`, in bytes. */
export function extensionLength(b: Uint8Array, at: number, protocol: number): number {
  if (protocol === PROTOCOL.Fragment) return FRAGMENT_HEADER;
  if (protocol === PROTOCOL.AH) return ((b[at + 1] as number) + 2) * 4;
  return ((b[at + 1] as number) + 1) * 8;
}

/** Where the walk over extension headers ended. */
export interface UpperLayer {
  /** The first header that isn't an extension, or `Fragment` itself when the walk met a fragment other than the first. */
  protocol: number;
  /** Where that header starts. */
  offset: number;
  /** Where the next-header byte that names it stands (for a parameter problem, or to insert a fragment header). */
  named: number;
  /** Offset of the fragment header, 0 when there is none. */
  fragment: number;
}

/**
 * Walks the extension headers of the IPv6 packet at `at` (ipv6_skip_exthdr). Beyond a fragment header with an offset lies the middle
 * of something, so the walk stops there.
 */
export function upperLayer(b: Uint8Array, at: number, end: number): UpperLayer | WireError {
  let protocol = nextHeader(b, at);
  let named = at + 6;
  let offset = at + IPV6_HEADER;
  let fragment = 0;
  while (isExtensionHeader(protocol)) {
    if (end - offset < 8) return truncated(`extension header ${protocol}`, offset, 8, end - offset);
    const length = extensionLength(b, offset, protocol);
    if (end - offset < length) return truncated(`extension header ${protocol}`, offset + 1, length, end - offset);
    if (protocol === PROTOCOL.Fragment) {
      fragment = offset;
      if (fragmentOffset(b, offset) > 0) break;
    }
    protocol = b[offset] as number;
    named = offset;
    offset += length;
  }
  return { protocol, offset, named, fragment };
}

// The fragment extension header (RFC 8200 §4.5). `at` is where that header starts.

/** In bytes, a multiple of 8. */
export function fragmentOffset(b: Uint8Array, at: number): number {
  return be16(b, at + 2) & 0xfff8;
}
export function moreFragments(b: Uint8Array, at: number): boolean {
  return ((b[at + 3] as number) & 1) !== 0;
}
export function fragmentIdentification(b: Uint8Array, at: number): number {
  return be32(b, at + 4);
}

export interface FragmentHeader {
  nextHeader: number;
  /** In bytes, a multiple of 8. */
  offset: number;
  more: boolean;
  identification: number;
}

export function parseFragment(b: Uint8Array, at: number, end: number): FragmentHeader | WireError {
  if (end - at < FRAGMENT_HEADER) return truncated('a fragment header', at, FRAGMENT_HEADER, end - at);
  return {
    nextHeader: b[at] as number,
    offset: fragmentOffset(b, at),
    more: moreFragments(b, at),
    identification: fragmentIdentification(b, at),
  };
}

export function emitFragment(b: Uint8Array, at: number, header: FragmentHeader): void {
  b[at] = header.nextHeader;
  b[at + 1] = 0;
  setBe16(b, at + 2, header.offset | (header.more ? 1 : 0));
  setBe32(b, at + 4, header.identification);
}
