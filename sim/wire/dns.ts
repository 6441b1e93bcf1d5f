import { type DnsName, parseName } from './dns-name.ts';
import { DNS_CLASS, DNS_TYPE, type DnsData, dataType, parseData, writeData } from './dns-record.ts';
import { DnsWriter } from './dns-writer.ts';
import { be16, be32 } from './endian.ts';
import { isWireError, truncated, type WireError, wireError } from './wire-error.ts';

export { type DnsName, lowerName, nameLabels, sameName } from './dns-name.ts';
export { DNS_CLASS, DNS_TYPE, type DnsData, type DnsSoa, dataType } from './dns-record.ts';

/** The Domain Name System's messages (RFC 1035 §4), with EDNS0 (RFC 6891). Over TCP a 16-bit length stands before each. */
export const DNS_HEADER = 12;
/** The largest message over UDP without EDNS0. */
export const DNS_UDP_LIMIT = 512;

export const DNS_OPCODE = { Query: 0, Status: 2, Notify: 4, Update: 5 } as const;
export const DNS_RCODE = { NoError: 0, FormErr: 1, ServFail: 2, NXDomain: 3, NotImp: 4, Refused: 5, BadVersion: 16 } as const;

export interface DnsQuestion {
  name: DnsName;
  /** One of `DNS_TYPE`. */
  type: number;
  /** One of `DNS_CLASS`. */
  class: number;
}

export interface DnsRecord {
  name: DnsName;
  class: number;
  /** Seconds. */
  ttl: number;
  data: DnsData;
}

/** The OPT pseudo-record. */
export interface Edns {
  /** The largest UDP payload that the sender takes. */
  udpSize: number;
  version: number;
  dnssecOk: boolean;
  options: { code: number; data: Uint8Array }[];
}

export interface DnsMessage {
  id: number;
  /** False for a query. */
  response: boolean;
  opcode: number;
  authoritative: boolean;
  /** TC: the message was cut, ask again over TCP. */
  truncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  authenticData: boolean;
  checkingDisabled: boolean;
  /** With EDNS0's upper eight bits, when there are any. */
  rcode: number;
  questions: DnsQuestion[];
  answers: DnsRecord[];
  authorities: DnsRecord[];
  /** Without OPT. */
  additionals: DnsRecord[];
  edns?: Edns;
}

/** A plain recursive query for one name. */
export function dnsQuery(id: number, name: DnsName, type: number): DnsMessage {
  return {
    id,
    response: false,
    opcode: DNS_OPCODE.Query,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: DNS_RCODE.NoError,
    questions: [{ name, type, class: DNS_CLASS.IN }],
    answers: [],
    authorities: [],
    additionals: [],
  };
}

/** The answer to `query` before anything is in it: same id, question, opcode and RD. */
export function dnsResponse(query: DnsMessage, rcode: number = DNS_RCODE.NoError): DnsMessage {
  return {
    ...dnsQuery(query.id, '.', 0),
    response: true,
    opcode: query.opcode,
    recursionDesired: query.recursionDesired,
    checkingDisabled: query.checkingDisabled,
    rcode,
    questions: query.questions,
  };
}

const FLAG = { QR: 0x8000, AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, AD: 0x0020, CD: 0x0010 } as const;

/** Bytes after the last record are passed over, as resolvers do. */
export function parseDns(b: Uint8Array, at: number, end: number): DnsMessage | WireError {
  if (end - at < DNS_HEADER) return truncated('a DNS header', at, DNS_HEADER, end - at);
  const bits = be16(b, at + 2);
  const message: DnsMessage = {
    id: be16(b, at),
    response: (bits & FLAG.QR) !== 0,
    opcode: (bits >>> 11) & 15,
    authoritative: (bits & FLAG.AA) !== 0,
    truncated: (bits & FLAG.TC) !== 0,
    recursionDesired: (bits & FLAG.RD) !== 0,
    recursionAvailable: (bits & FLAG.RA) !== 0,
    authenticData: (bits & FLAG.AD) !== 0,
    checkingDisabled: (bits & FLAG.CD) !== 0,
    rcode: bits & 15,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
  };
  let offset = at + DNS_HEADER;
  for (let n = be16(b, at + 4); n > 0; n--) {
    const name = parseName(b, offset, end, at);
    if (isWireError(name)) return name;
    if (end - name.next < 4) return truncated('a question', name.next, 4, end - name.next);
    message.questions.push({ name: name.name, type: be16(b, name.next), class: be16(b, name.next + 2) });
    offset = name.next + 4;
  }
  for (const [section, countAt] of [
    [message.answers, 6],
    [message.authorities, 8],
    [message.additionals, 10],
  ] as const) {
    const next = parseRecords(b, offset, end, at, be16(b, at + countAt), message, section);
    if (isWireError(next)) return next;
    offset = next;
  }
  return message;
}

/** Reads `count` records into a section, the OPT record into the message; returns where they end. */
function parseRecords(
  b: Uint8Array,
  from: number,
  end: number,
  start: number,
  count: number,
  message: DnsMessage,
  section: DnsRecord[],
): number | WireError {
  let offset = from;
  for (let n = 0; n < count; n++) {
    const name = parseName(b, offset, end, start);
    if (isWireError(name)) return name;
    const at = name.next;
    if (end - at < 10) return truncated('a resource record', at, 10, end - at);
    const type = be16(b, at);
    const data = at + 10;
    offset = data + be16(b, at + 8);
    if (offset > end) return truncated('the data of a resource record', at + 8, offset - data, end - data);
    if (type === DNS_TYPE.OPT) {
      if (section !== message.additionals || message.edns || name.name !== '.') return wireError('an OPT record is out of place', at);
      const edns = parseEdns(b, at, offset);
      if (isWireError(edns)) return edns;
      message.edns = edns;
      message.rcode |= (b[at + 4] as number) << 4;
      continue;
    }
    const dnsClass = be16(b, at + 2);
    const parsed = parseData(b, data, offset, start, type, dnsClass);
    if (isWireError(parsed)) return parsed;
    section.push({ name: name.name, class: dnsClass, ttl: be32(b, at + 4), data: parsed });
  }
  return offset;
}

/** @param at where the type of the OPT record stands */
function parseEdns(b: Uint8Array, at: number, end: number): Edns | WireError {
  const edns: Edns = { udpSize: be16(b, at + 2), version: b[at + 5] as number, dnssecOk: (be16(b, at + 6) & 0x8000) !== 0, options: [] };
  for (let i = at + 10; i < end; ) {
    const next = i + 4 + be16(b, i + 2);
    if (i + 4 > end || next > end) return truncated('an EDNS option', i, next - i, end - i);
    edns.options.push({ code: be16(b, i), data: b.slice(i + 4, next) });
    i = next;
  }
  return edns;
}

/**
 * The message's bytes, names compressed. Names must be valid (`nameLabels`).
 *
 * @param limit the largest size: records that don't fit are left out, and TC is set when that cut answers or authorities
 */
export function encodeDns(message: DnsMessage, limit = 0xffff): Uint8Array {
  const writer = new DnsWriter();
  writer.u16(message.id);
  writer.u16(flagBits(message));
  writer.u16(message.questions.length);
  for (let i = 0; i < 3; i++) writer.u16(0);
  for (const question of message.questions) {
    writer.name(question.name, true);
    writer.u16(question.type);
    writer.u16(question.class);
  }
  const room = limit - (message.edns ? ednsLength(message.edns) : 0);
  let additionals = 0;
  let cut = false;
  for (const [section, countAt] of [
    [message.answers, 6],
    [message.authorities, 8],
    [message.additionals, 10],
  ] as const) {
    if (cut) break;
    const written = writeSection(writer, section, room);
    cut = written < section.length;
    if (cut && countAt < 10) writer.patch16(2, flagBits(message) | FLAG.TC);
    if (countAt < 10) writer.patch16(countAt, written);
    else additionals = written;
  }
  if (message.edns) writeEdns(writer, message.edns, message.rcode);
  writer.patch16(10, additionals + (message.edns ? 1 : 0));
  return writer.finish();
}

function flagBits(message: DnsMessage): number {
  return (
    (message.response ? FLAG.QR : 0) |
    (message.opcode << 11) |
    (message.authoritative ? FLAG.AA : 0) |
    (message.truncated ? FLAG.TC : 0) |
    (message.recursionDesired ? FLAG.RD : 0) |
    (message.recursionAvailable ? FLAG.RA : 0) |
    (message.authenticData ? FLAG.AD : 0) |
    (message.checkingDisabled ? FLAG.CD : 0) |
    (message.rcode & 15)
  );
}

/** Writes records as long as they fit; returns how many. */
function writeSection(writer: DnsWriter, records: readonly DnsRecord[], room: number): number {
  for (const [n, record] of records.entries()) {
    const before = writer.length;
    writer.name(record.name, true);
    writer.u16(dataType(record.data));
    writer.u16(record.class);
    writer.u32(record.ttl);
    const lengthAt = writer.length;
    writer.u16(0);
    writeData(writer, record.data);
    if (writer.length > room) {
      writer.rollBack(before);
      return n;
    }
    writer.patch16(lengthAt, writer.length - lengthAt - 2);
  }
  return records.length;
}

function ednsLength(edns: Edns): number {
  return edns.options.reduce((length, option) => length + 4 + option.data.length, 11);
}

function writeEdns(writer: DnsWriter, edns: Edns, rcode: number): void {
  writer.u8(0);
  writer.u16(DNS_TYPE.OPT);
  writer.u16(edns.udpSize);
  writer.u8(rcode >>> 4);
  writer.u8(edns.version);
  writer.u16(edns.dnssecOk ? 0x8000 : 0);
  writer.u16(ednsLength(edns) - 11);
  for (const option of edns.options) {
    writer.u16(option.code);
    writer.u16(option.data.length);
    writer.bytes(option.data);
  }
}

/** `A`, `AAAA` … or `TYPE65280` (RFC 3597 §5). */
export function typeName(type: number): string {
  for (const [name, value] of Object.entries(DNS_TYPE)) if (value === type) return name;
  return `TYPE${type}`;
}
