import type { IPv4 } from '../base/address.ts';
import { checksum as internetChecksum } from './checksum.ts';
import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { emitMulticastRecords, type MulticastRecord, multicastRecordsLength, parseMulticastRecords } from './mld.ts';
import { isWireError, truncated, type WireError, wireError } from './wire-error.ts';

/** Internet Group Management Protocol, versions 1 to 3 (RFC 1112, 2236, 3376). */
export const IGMP_HEADER = 8;

export const IGMP_TYPE = { Query: 0x11, ReportV1: 0x12, ReportV2: 0x16, Leave: 0x17, ReportV3: 0x22 } as const;

export function type(b: Uint8Array, at: number): number {
  return b[at] as number;
}
/** Of queries: tenths of a second, in the wire's code. */
export function maxResponse(b: Uint8Array, at: number): number {
  return b[at + 1] as number;
}
export function checksum(b: Uint8Array, at: number): number {
  return be16(b, at + 2);
}
/** Of everything but a version 3 report. */
export function group(b: Uint8Array, at: number): IPv4 {
  return be32(b, at + 4);
}

export function checksumValid(b: Uint8Array, at: number, end: number): boolean {
  return internetChecksum(b, at, end) === 0;
}
export function fillChecksum(b: Uint8Array, at: number, end: number): void {
  setBe16(b, at + 2, 0);
  setBe16(b, at + 2, internetChecksum(b, at, end));
}

/** A whole message. */
export type Igmp =
  | { kind: 'report-v3'; records: MulticastRecord[] }
  /** Query, version 1 and 2 report, leave and any other; `rest` is what follows the group, as in a version 3 query. */
  | { kind: 'group'; type: number; maxResponse: number; group: IPv4; rest: Uint8Array };

export function parseIgmp(b: Uint8Array, at: number, end: number): Igmp | WireError {
  if (end - at < IGMP_HEADER) return truncated('an IGMP message', at, IGMP_HEADER, end - at);
  if (!checksumValid(b, at, end)) return wireError('the IGMP checksum is wrong', at + 2);
  if (type(b, at) === IGMP_TYPE.ReportV3) {
    const records = parseMulticastRecords(b, at + IGMP_HEADER, end, be16(b, at + 6), 4);
    return isWireError(records) ? records : { kind: 'report-v3', records };
  }
  return { kind: 'group', type: type(b, at), maxResponse: maxResponse(b, at), group: group(b, at), rest: b.slice(at + IGMP_HEADER, end) };
}

/** Writes a whole message and its checksum. */
export function emitIgmp(b: Uint8Array, at: number, message: Igmp): void {
  const end = at + igmpLength(message);
  b.fill(0, at, end);
  if (message.kind === 'report-v3') {
    b[at] = IGMP_TYPE.ReportV3;
    setBe16(b, at + 6, message.records.length);
    emitMulticastRecords(b, at + IGMP_HEADER, message.records);
  } else {
    b[at] = message.type;
    b[at + 1] = message.maxResponse;
    setBe32(b, at + 4, message.group);
    b.set(message.rest, at + IGMP_HEADER);
  }
  fillChecksum(b, at, end);
}

/** Of the whole message, in bytes. */
export function igmpLength(message: Igmp): number {
  return IGMP_HEADER + (message.kind === 'report-v3' ? multicastRecordsLength(message.records) : message.rest.length);
}
