import type { IPv4, IPv6 } from '../base/address.ts';
import { type DnsName, parseName } from './dns-name.ts';
import type { DnsWriter } from './dns-writer.ts';
import { be16, be32, be128 } from './endian.ts';
import { isWireError, type WireError, wireError } from './wire-error.ts';

/** Resource record types (IANA). */
export const DNS_TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  OPT: 41,
  SVCB: 64,
  HTTPS: 65,
  AXFR: 252,
  ANY: 255,
} as const;

export const DNS_CLASS = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

/** What a record says, by type; types not listed keep their bytes. */
export type DnsData =
  | { kind: 'A'; address: IPv4 }
  | { kind: 'AAAA'; address: IPv6 }
  | { kind: 'NS' | 'CNAME' | 'PTR'; name: DnsName }
  | { kind: 'MX'; preference: number; exchange: DnsName }
  | { kind: 'TXT'; strings: Uint8Array[] }
  | { kind: 'SRV'; priority: number; weight: number; port: number; target: DnsName }
  | DnsSoa
  | { kind: 'other'; type: number; bytes: Uint8Array };

export interface DnsSoa {
  kind: 'SOA';
  /** The primary name server. */
  primary: DnsName;
  /** Its mailbox, the first dot standing for the at sign. */
  mailbox: DnsName;
  serial: number;
  /** Seconds. */
  refresh: number;
  retry: number;
  expire: number;
  /** How long a negative answer may be kept, in seconds. */
  minimum: number;
}

/** The record type's number. */
export function dataType(data: DnsData): number {
  return data.kind === 'other' ? data.type : DNS_TYPE[data.kind];
}

/** Reads a record's data [at, end). @param limit where the message ends, for names that the data points to */
export function parseData(b: Uint8Array, at: number, end: number, message: number, type: number, dnsClass: number): DnsData | WireError {
  const length = end - at;
  if (type === DNS_TYPE.TXT) return parseText(b, at, end);
  if (type === DNS_TYPE.SOA) return parseSoa(b, at, end, message);
  const named = NAMED[type];
  if (named) {
    const name = wholeName(b, at, end, message);
    return isWireError(name) ? name : { kind: named, name };
  }
  if (type === DNS_TYPE.MX) {
    const exchange = wholeName(b, at + 2, end, message);
    return isWireError(exchange) ? exchange : { kind: 'MX', preference: be16(b, at), exchange };
  }
  if (dnsClass === DNS_CLASS.IN) {
    if (type === DNS_TYPE.A) return length === 4 ? { kind: 'A', address: be32(b, at) } : wireError(`an A record has ${length} bytes`, at);
    if (type === DNS_TYPE.AAAA) {
      return length === 16 ? { kind: 'AAAA', address: be128(b, at) } : wireError(`an AAAA record has ${length} bytes`, at);
    }
    if (type === DNS_TYPE.SRV) {
      const target = wholeName(b, at + 6, end, message);
      if (isWireError(target)) return target;
      return { kind: 'SRV', priority: be16(b, at), weight: be16(b, at + 2), port: be16(b, at + 4), target };
    }
  }
  return { kind: 'other', type, bytes: b.slice(at, end) };
}

const NAMED: Partial<Record<number, 'NS' | 'CNAME' | 'PTR'>> = {
  [DNS_TYPE.NS]: 'NS',
  [DNS_TYPE.CNAME]: 'CNAME',
  [DNS_TYPE.PTR]: 'PTR',
};

/** A name that must fill [at, end). */
function wholeName(b: Uint8Array, at: number, end: number, message: number): DnsName | WireError {
  const parsed = parseName(b, at, end, message);
  if (isWireError(parsed)) return parsed;
  return parsed.next === end ? parsed.name : wireError('a record ends after or before its name does', parsed.next);
}

function parseText(b: Uint8Array, at: number, end: number): DnsData | WireError {
  const strings: Uint8Array[] = [];
  for (let i = at; i < end; ) {
    const next = i + 1 + (b[i] as number);
    if (next > end) return wireError('a character string is longer than its record', i);
    strings.push(b.slice(i + 1, next));
    i = next;
  }
  return strings.length > 0 ? { kind: 'TXT', strings } : wireError('a TXT record is empty', at);
}

function parseSoa(b: Uint8Array, at: number, end: number, message: number): DnsData | WireError {
  const primary = parseName(b, at, end, message);
  if (isWireError(primary)) return primary;
  const mailbox = parseName(b, primary.next, end, message);
  if (isWireError(mailbox)) return mailbox;
  const i = mailbox.next;
  if (end - i !== 20) return wireError(`an SOA record has ${end - i} bytes of numbers, not 20`, i);
  const [serial, refresh, retry, expire, minimum] = [be32(b, i), be32(b, i + 4), be32(b, i + 8), be32(b, i + 12), be32(b, i + 16)];
  return { kind: 'SOA', primary: primary.name, mailbox: mailbox.name, serial, refresh, retry, expire, minimum };
}

/** Writes a record's data. Names are compressed only in the types of RFC 1035 (RFC 3597 §4), so not in SRV. */
export function writeData(writer: DnsWriter, data: DnsData): void {
  switch (data.kind) {
    case 'A':
      return writer.u32(data.address);
    case 'AAAA':
      return writer.u128(data.address);
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return writer.name(data.name, true);
    case 'MX':
      writer.u16(data.preference);
      return writer.name(data.exchange, true);
    case 'SRV':
      writer.u16(data.priority);
      writer.u16(data.weight);
      writer.u16(data.port);
      return writer.name(data.target, false);
    case 'TXT':
      for (const string of data.strings) {
        writer.u8(string.length);
        writer.bytes(string);
      }
      return;
    case 'SOA':
      writer.name(data.primary, true);
      writer.name(data.mailbox, true);
      for (const number of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) writer.u32(number);
      return;
    case 'other':
      writer.bytes(data.bytes);
  }
}
