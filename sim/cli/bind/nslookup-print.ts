import { formatIP } from '../../base/address.ts';
import type { DnsMessage, DnsRecord, DnsSoa } from '../../wire/dns.ts';
import { className, dataText, shownType } from '../../wire/dns-text.ts';

/** Records as nslookup prints them. */

/** Without the final dot. */
export function bareName(name: string): string {
  return name.replace(/(?<=.)\.$/, '');
}

const PHRASES: Readonly<Record<string, string>> = {
  CNAME: 'canonical name',
  MX: 'mail exchanger',
  NS: 'nameserver',
  PTR: 'name',
  SRV: 'service',
  TXT: 'text',
};

/** A record of an answer. */
export function answerText({ name, data }: DnsRecord): string {
  if (data.kind === 'A' || data.kind === 'AAAA') return `Name:\t${bareName(name)}\nAddress: ${formatIP(data.address)}\n`;
  return data.kind === 'SOA' ? `${bareName(name)}\n${soaText(data)}` : `${bareName(name)}\t${phrase(data)}\n`;
}

function phrase(data: DnsRecord['data']): string {
  const kind = data.kind === 'other' ? `rdata_${data.type}` : data.kind;
  return `${PHRASES[kind] ?? kind} = ${dataText(data)}`;
}

function soaText(soa: DnsSoa): string {
  const { primary, mailbox, serial, refresh, retry, expire, minimum } = soa;
  const fields = Object.entries({ serial, refresh, retry, expire, minimum });
  const numbers = fields.map(([field, value]) => `\t${field} = ${value}\n`).join('');
  return `\torigin = ${bareName(primary)}\n\tmail addr = ${bareName(mailbox)}\n${numbers}`;
}

const RULE = '------------\n';

/** Every section of a message (`set debug`). */
export function debugText(message: DnsMessage): string {
  const questions = message.questions
    .map(({ name, type, class: value }) => `\t${bareName(name)}, type = ${shownType(type)}, class = ${className(value)}\n`)
    .join('');
  const sections = [
    ['ANSWERS', message.answers],
    ['AUTHORITY RECORDS', message.authorities],
    ['ADDITIONAL RECORDS', message.additionals],
  ] as const;
  const texts = sections.map(([title, records]) => `    ${title}:\n${records.map(debugRecord).join('')}`);
  return `${RULE}    QUESTIONS:\n${questions}${texts.join('')}${RULE}`;
}

function debugRecord({ name, data, ttl }: DnsRecord): string {
  let text = `\t${phrase(data)}\n`;
  if (data.kind === 'A') text = `\tinternet address = ${formatIP(data.address)}\n`;
  else if (data.kind === 'AAAA') text = `\thas AAAA address ${formatIP(data.address)}\n`;
  else if (data.kind === 'SOA') text = soaText(data);
  return `    ->  ${bareName(name)}\n${text}\tttl = ${ttl}\n`;
}
