import { checksum as internetChecksum } from './checksum.ts';
import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { emitTcpOptions, parseTcpOptions, type TcpOption, tcpOptionsLength } from './tcp-options.ts';
import { isWireError, truncated, type WireError, wireError } from './wire-error.ts';

export { layOutOptions, readOptions, TCP_OPTION, type TcpOption, type TcpOptions } from './tcp-options.ts';

/** Without options. */
export const TCP_HEADER = 20;

export const TCP_FLAG = { FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10, URG: 0x20, ECE: 0x40, CWR: 0x80, AE: 0x100 } as const;

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
export function sequence(b: Uint8Array, at: number): number {
  return be32(b, at + 4);
}
export function setSequence(b: Uint8Array, at: number, value: number): void {
  setBe32(b, at + 4, value);
}
export function acknowledgement(b: Uint8Array, at: number): number {
  return be32(b, at + 8);
}
export function setAcknowledgement(b: Uint8Array, at: number, value: number): void {
  setBe32(b, at + 8, value);
}
/** In bytes: 20 … 60 (and below 20 when malformed). */
export function headerLength(b: Uint8Array, at: number): number {
  return ((b[at + 12] as number) >>> 4) * 4;
}
/** `TCP_FLAG` bits, AE and the three reserved bits above it included. */
export function flags(b: Uint8Array, at: number): number {
  return be16(b, at + 12) & 0xfff;
}
/** Sets the data offset and the flags. @param length of the header, in bytes */
export function setHeaderLengthAndFlags(b: Uint8Array, at: number, length: number, value: number): void {
  setBe16(b, at + 12, ((length >>> 2) << 12) | value);
}
export function setFlags(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 12, (be16(b, at + 12) & 0xf000) | value);
}
/** Not scaled. */
export function window(b: Uint8Array, at: number): number {
  return be16(b, at + 14);
}
export function setWindow(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 14, value);
}
export function checksum(b: Uint8Array, at: number): number {
  return be16(b, at + 16);
}
export function setChecksum(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 16, value);
}
export function urgentPointer(b: Uint8Array, at: number): number {
  return be16(b, at + 18);
}
export function setUrgentPointer(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 18, value);
}

/** @param pseudo the sum of the pseudo header, with the segment's length */
export function checksumValid(b: Uint8Array, at: number, end: number, pseudo: number): boolean {
  return internetChecksum(b, at, end, pseudo) === 0;
}

export function fillChecksum(b: Uint8Array, at: number, end: number, pseudo: number): void {
  setChecksum(b, at, 0);
  setChecksum(b, at, internetChecksum(b, at, end, pseudo));
}

export interface TcpHeader {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  /** `TCP_FLAG` bits. */
  flags: number;
  /** Not scaled. */
  window: number;
  urgentPointer: number;
  /** In the header's order, NOPs included; `layOutOptions` makes them as Linux does. */
  options: TcpOption[];
}

/**
 * @param end where the segment ends
 * @param pseudo the sum of the pseudo header for a check of the checksum; without it the checksum isn't looked at
 */
export function parseTcp(b: Uint8Array, at: number, end: number, pseudo?: number): TcpHeader | WireError {
  const have = end - at;
  if (have < TCP_HEADER) return truncated('a TCP header', at, TCP_HEADER, have);
  const length = headerLength(b, at);
  if (length < TCP_HEADER) return wireError(`data offset ${length} is below 20`, at + 12);
  if (have < length) return truncated('a TCP header with options', at + 12, length, have);
  if (pseudo !== undefined && !checksumValid(b, at, end, pseudo)) return wireError('the TCP checksum is wrong', at + 16);
  const options = parseTcpOptions(b, at + TCP_HEADER, at + length);
  if (isWireError(options)) return options;
  return {
    sourcePort: sourcePort(b, at),
    destinationPort: destinationPort(b, at),
    sequence: sequence(b, at),
    acknowledgement: acknowledgement(b, at),
    flags: flags(b, at),
    window: window(b, at),
    urgentPointer: urgentPointer(b, at),
    options,
  };
}

/** Writes the header with checksum 0; `fillChecksum` follows when the payload stands. */
export function emitTcp(b: Uint8Array, at: number, header: TcpHeader): void {
  const length = tcpLength(header);
  setSourcePort(b, at, header.sourcePort);
  setDestinationPort(b, at, header.destinationPort);
  setSequence(b, at, header.sequence);
  setAcknowledgement(b, at, header.acknowledgement);
  setHeaderLengthAndFlags(b, at, length, header.flags);
  setWindow(b, at, header.window);
  setChecksum(b, at, 0);
  setUrgentPointer(b, at, header.urgentPointer);
  b.fill(0, emitTcpOptions(b, at + TCP_HEADER, header.options), at + length);
}

/** Of the header, in bytes. */
export function tcpLength(header: TcpHeader): number {
  return TCP_HEADER + tcpOptionsLength(header.options);
}
