import { formatIPv4, formatIPv6 } from '../base/address.ts';
import { DNS_CLASS, DNS_TYPE, type DnsData, typeName } from './dns.ts';

/** A record's data as master files have it (RFC 1035 §5.1); of types that aren't modelled the bytes (RFC 3597 §5). */
export function dataText(data: DnsData): string {
  switch (data.kind) {
    case 'A':
      return formatIPv4(data.address);
    case 'AAAA':
      return formatIPv6(data.address);
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return data.name;
    case 'MX':
      return `${data.preference} ${data.exchange}`;
    case 'TXT':
      return data.strings.map(quoted).join(' ');
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
    case 'SOA':
      return `${data.primary} ${data.mailbox} ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case 'other':
      return `\\# ${data.bytes.length}${data.bytes.length > 0 ? ' ' : ''}${[...data.bytes].map(hexByte).join('').toUpperCase()}`;
  }
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** A character string in quotes; bytes that aren't printable ASCII as `\195`. */
function quoted(string: Uint8Array): string {
  let text = '"';
  for (const byte of string) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return `${text}"`;
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE'];

/** As dig prints it. */
export function rcodeName(rcode: number): string {
  return rcode === 16 ? 'BADVERS' : (RCODES[rcode] ?? `RESERVED${rcode}`);
}

/** `IN`, `CH` … or `CLASS77`. */
export function className(value: number): string {
  for (const [name, number] of Object.entries(DNS_CLASS)) if (number === value) return name;
  return `CLASS${value}`;
}

/** The class of a name in any case, or of `CLASS77`. */
export function classByName(text: string): number | undefined {
  return byName(DNS_CLASS, text, 'CLASS');
}

/** Types that only have a name here: their records stay bytes. */
const NAMED_ONLY: Readonly<Record<string, number>> = {
  HINFO: 13,
  LOC: 29,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  TLSA: 52,
  IXFR: 251,
  CAA: 257,
};

/** The type of a name in any case, or of `TYPE65`. */
export function typeByName(text: string): number | undefined {
  return byName({ ...DNS_TYPE, ...NAMED_ONLY }, text, 'TYPE');
}

/** `A`, `AAAA` … or `TYPE65280`. */
export function shownType(type: number): string {
  const known = Object.entries(NAMED_ONLY).find(([, value]) => value === type);
  return known ? known[0] : typeName(type);
}

function byName(table: Readonly<Record<string, number>>, text: string, prefix: string): number | undefined {
  const upper = text.toUpperCase();
  if (Object.hasOwn(table, upper)) return table[upper];
  const number = upper.startsWith(prefix) ? upper.slice(prefix.length) : '';
  return /^\d{1,5}$/.test(number) && Number(number) < 65_536 ? Number(number) : undefined;
}
