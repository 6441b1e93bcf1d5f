import { formatIPv4, formatIPv6 } from '../base/address.ts';
import { decode } from '../base/bytes.ts';
import { type DnsData, typeName } from '../wire/dns.ts';

/** A record's data as master files have it. */
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
      return data.strings.map((string) => JSON.stringify(decode(string))).join(' ');
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
    case 'SOA':
      return `${data.primary} ${data.mailbox} ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case 'other':
      return `${typeName(data.type)}, ${data.bytes.length} bytes`;
  }
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** As dig prints it. */
export function rcodeName(rcode: number): string {
  return rcode === 16 ? 'BADVERS' : (RCODES[rcode] ?? `RESERVED${rcode}`);
}
