import type { IPv6 } from '../base/address.ts';
import { be16, be32, be128, setBe16, setBe32, setBe128 } from './endian.ts';
import { truncated, type WireError } from './wire-error.ts';

/**
 * The group records of membership reports: MLDv2's (RFC 3810 §5.2) and, with 4-byte addresses, IGMPv3's (RFC 3376 §4.2).
 * Addresses are bigints in both, an IPv4 group in the low 32 bits.
 */
export const MULTICAST_RECORD = {
  IsInclude: 1,
  IsExclude: 2,
  ToInclude: 3,
  /** What a host sends on joining a group without naming sources. */
  ToExclude: 4,
  AllowSources: 5,
  BlockSources: 6,
} as const;

export interface MulticastRecord {
  /** One of `MULTICAST_RECORD`. */
  type: number;
  group: IPv6;
  sources: IPv6[];
  /** As on the wire: a multiple of 4 bytes, empty in today's versions. */
  auxiliary: Uint8Array;
  /** 16 in MLDv2, 4 in IGMPv3. */
  addressLength: 4 | 16;
}

export function parseMulticastRecords(
  b: Uint8Array,
  at: number,
  end: number,
  count: number,
  addressLength: 4 | 16,
): MulticastRecord[] | WireError {
  const records: MulticastRecord[] = [];
  const read = addressLength === 16 ? be128 : (bytes: Uint8Array, offset: number) => BigInt(be32(bytes, offset));
  let offset = at;
  for (let n = 0; n < count; n++) {
    const head = 4 + addressLength;
    if (end - offset < head) return truncated('a multicast group record', offset, head, end - offset);
    const auxiliary = (b[offset + 1] as number) * 4;
    const sources = be16(b, offset + 2);
    const length = head + sources * addressLength + auxiliary;
    if (end - offset < length) return truncated('a multicast group record', offset, length, end - offset);
    const first = offset + head;
    records.push({
      type: b[offset] as number,
      group: read(b, offset + 4),
      sources: Array.from({ length: sources }, (_, i) => read(b, first + i * addressLength)),
      auxiliary: b.slice(offset + length - auxiliary, offset + length),
      addressLength,
    });
    offset += length;
  }
  return records;
}

export function emitMulticastRecords(b: Uint8Array, at: number, records: readonly MulticastRecord[]): void {
  let offset = at;
  for (const record of records) {
    const size = record.addressLength;
    const write = (where: number, address: IPv6): void => {
      if (size === 16) setBe128(b, where, address);
      else setBe32(b, where, Number(address));
    };
    b[offset] = record.type;
    b[offset + 1] = record.auxiliary.length / 4;
    setBe16(b, offset + 2, record.sources.length);
    write(offset + 4, record.group);
    record.sources.forEach((source, i) => {
      write(offset + 4 + size + i * size, source);
    });
    const length = recordLength(record);
    b.set(record.auxiliary, offset + length - record.auxiliary.length);
    offset += length;
  }
}

function recordLength(record: MulticastRecord): number {
  return 4 + record.addressLength * (1 + record.sources.length) + record.auxiliary.length;
}

export function multicastRecordsLength(records: readonly MulticastRecord[]): number {
  let length = 0;
  for (const record of records) length += recordLength(record);
  return length;
}
