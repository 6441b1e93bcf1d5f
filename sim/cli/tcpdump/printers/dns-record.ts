import { formatIPv4, formatIPv6 } from '../../../base/address.ts';
import { be128 } from '../../../wire/endian.ts';
import { DNS_TYPE } from '../../../wire/dns-record.ts';
import { hex, named, type Printout, visible } from './printout.ts';
import { relativeTime } from './relative-time.ts';

/** Names, questions and resource records (print-domain.c). Functions return where what they read ends, `undefined` when it was cut. */

const TYPE_NAMES: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Object.entries(DNS_TYPE).map(([name, number]) => [number, name])),
  11: 'WKS',
  13: 'HINFO',
  39: 'DNAME',
  43: 'DS',
  44: 'SSHFP',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  50: 'NSEC3',
  51: 'NSEC3PARAM',
  52: 'TLSA',
  99: 'SPF',
  249: 'TKEY',
  250: 'TSIG',
  251: 'IXFR',
  256: 'URI',
  257: 'CAA',
};
const CLASS_NAMES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CHAOS', 4: 'HS', 255: 'ANY' };
const EDNS_OPTIONS: Readonly<Record<number, string>> = {
  1: 'LLQ',
  2: 'UL',
  3: 'NSID',
  5: 'DAU',
  6: 'DHU',
  7: 'N3U',
  8: 'ECS',
  9: 'EXPIRE',
  10: 'COOKIE',
  11: 'KEEPALIVE',
  12: 'PADDING',
  13: 'CHAIN',
  14: 'KEY-TAG',
};
const MAX_NAME = 1025;
const IN = 1;

export function typeAt(out: Printout, at: number): number {
  return out.u16(at);
}

/** Where a name ends, without printing it. */
export function nameEnd(out: Printout, start: number): number | undefined {
  let at = start;
  for (;;) {
    if (!out.has(at, 1)) return undefined;
    const length = out.u8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length >= 0x40) return undefined;
    at += 1 + length;
  }
}

/** Prints a name, following pointers backwards in the message. */
export function printDomainName(out: Printout, start: number, message: number): number | undefined {
  let at = start;
  let end: number | undefined;
  let barrier = start - message;
  let characters = 0;
  if (!out.has(at, 1)) return undefined;
  if (out.u8(at) === 0) {
    out.write('.');
    return at + 1;
  }
  for (;;) {
    if (!out.has(at, 1)) return undefined;
    const length = out.u8(at);
    if (length === 0) {
      if (characters > MAX_NAME) out.write('<DOMAIN NAME TOO LONG>');
      return end ?? at + 1;
    }
    if (length >= 0xc0) {
      if (!out.has(at + 1, 1)) return undefined;
      end ??= at + 2;
      const offset = out.u16(at) & 0x3fff;
      if (offset >= barrier) {
        out.write('<BAD PTR>');
        return undefined;
      }
      barrier = offset;
      at = message + offset;
      continue;
    }
    if (length >= 0x40) {
      out.write(length >= 0x80 ? '<BAD LABEL TYPE>' : `<ELT ${length & 0x3f}>`);
      return undefined;
    }
    const stop = at + 1 + Math.min(length, Math.max(0, MAX_NAME - characters));
    for (let i = at + 1; i < stop; i++) {
      if (!out.has(i, 1)) return undefined;
      out.write(visible(out.u8(i)));
    }
    characters += length;
    if (characters <= MAX_NAME) out.write('.');
    characters++;
    at += 1 + length;
  }
}

export function printQuestion(out: Printout, at: number, message: number, multicast: boolean): number | undefined {
  const end = nameEnd(out, at);
  if (end === undefined || !out.has(end, 4)) return undefined;
  out.write(` ${named(TYPE_NAMES, out.u16(end), (value) => `Type${value}`)}`);
  const wireClass = out.u16(end + 2);
  const dnsClass = multicast ? wireClass & 0x7fff : wireClass;
  if (dnsClass !== IN) out.write(` ${named(CLASS_NAMES, dnsClass, (value) => `(Class ${value})`)}`);
  if (multicast) out.write(wireClass & 0x8000 ? ' (QU)' : ' (QM)');
  out.write('? ');
  return printDomainName(out, at, message) === undefined ? undefined : end + 4;
}

export function printRecord(out: Printout, start: number, message: number, multicast: boolean): number | undefined {
  const { verbose } = out.options;
  if (verbose) out.write(' ');
  const at = verbose ? printDomainName(out, start, message) : nameEnd(out, start);
  if (verbose && at === undefined) return undefined;
  if (at === undefined || !out.has(at, 10)) return out.end;
  const type = out.u16(at);
  const wireClass = out.u16(at + 2);
  const dnsClass = multicast ? wireClass & 0x7fff : wireClass;
  if (dnsClass !== IN && type !== DNS_TYPE.OPT) out.write(` ${named(CLASS_NAMES, dnsClass, (value) => `(Class ${value})`)}`);
  if (multicast && (wireClass & 0x8000) !== 0) out.write(' (Cache flush)');
  if (type !== DNS_TYPE.OPT && verbose > 2) out.write(` [${relativeTime(out.u32(at + 4))}]`);
  out.write(` ${named(TYPE_NAMES, type, (value) => `Type${value}`)}`);
  const data = at + 10;
  const end = data + out.u16(at + 8);
  if (end > out.end) return undefined;
  if (type === DNS_TYPE.OPT) {
    out.write(` UDPsize=${dnsClass}${out.u16(at + 6) & 0x8000 ? ' DO' : ''}`);
    return printEdns(out, data, end);
  }
  return printData(out, type, data, end, message) ? end : undefined;
}

/** @returns false when it was cut */
function printData(out: Printout, type: number, at: number, end: number, message: number): boolean {
  const name = (where: number): boolean => printDomainName(out, where, message) !== undefined;
  switch (type) {
    case DNS_TYPE.A:
      if (!out.has(at, 4)) return false;
      out.write(` ${formatIPv4(out.u32(at))}`);
      return true;
    case DNS_TYPE.AAAA:
      if (!out.has(at, 16)) return false;
      out.write(` ${formatIPv6(be128(out.b, at))}`);
      return true;
    case DNS_TYPE.NS:
    case DNS_TYPE.CNAME:
    case DNS_TYPE.PTR:
    case 39:
      out.write(' ');
      return name(at);
    case DNS_TYPE.SOA:
      return !out.options.verbose || printSoa(out, at, message);
    case DNS_TYPE.MX:
      out.write(' ');
      if (!out.has(at, 2) || !name(at + 2)) return false;
      out.write(` ${out.u16(at)}`);
      return true;
    case DNS_TYPE.TXT:
      return printTexts(out, at, end);
    case DNS_TYPE.SRV:
      out.write(' ');
      if (!out.has(at, 6) || !name(at + 6)) return false;
      out.write(`:${out.u16(at + 4)} ${out.u16(at)} ${out.u16(at + 2)}`);
      return true;
  }
  return true;
}

function printSoa(out: Printout, at: number, message: number): boolean {
  out.write(' ');
  const mailbox = printDomainName(out, at, message);
  if (mailbox === undefined) return false;
  out.write(' ');
  const numbers = printDomainName(out, mailbox, message);
  if (numbers === undefined || !out.has(numbers, 20)) return false;
  for (let i = 0; i < 20; i += 4) out.write(` ${out.u32(numbers + i)}`);
  return true;
}

function printTexts(out: Printout, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    out.write(' "');
    const length = out.u8(at);
    if (!out.has(at + 1, length)) return false;
    for (let i = at + 1; i <= at + length; i++) out.write(visible(out.u8(i)));
    out.write('"');
    at += 1 + length;
  }
  return true;
}

/** The options of an OPT record, in brackets. */
function printEdns(out: Printout, start: number, end: number): number | undefined {
  if (start >= end) return end;
  out.write(' [');
  for (let at = start; at < end; ) {
    if (!out.has(at, 4)) return undefined;
    const code = out.u16(at);
    const length = out.u16(at + 2);
    out.write(named(EDNS_OPTIONS, code, (value) => `Opt${value}`));
    if (!out.has(at + 4, length)) return undefined;
    if (length > 0) out.write(` ${ednsText(out, code, at + 4, length)}`);
    at += 4 + length;
    if (at < end) out.write(',');
  }
  out.write(']');
  return end;
}

function ednsText(out: Printout, code: number, at: number, length: number): string {
  const bytes = Array.from(out.b.subarray(at, at + length), (byte) => hex(byte, 2));
  if (code === 10) {
    if (length < 8 || (length > 8 && length < 16) || length > 40) return ' (invalid)';
    return `${bytes.slice(0, 8).join('')}${length > 8 ? ` ${bytes.slice(8).join('')}` : ''}`;
  }
  if (code === 11) return length === 2 ? `${(out.u16(at) / 10).toFixed(1)} sec` : ' (invalid)';
  if (code === 9) return length === 4 ? `${out.u32(at)} sec` : ' (invalid)';
  if (code === 12) return `(${length})`;
  return bytes.join('');
}
