import { decode } from '../base/bytes.ts';
import { type DnsMessage, parseDns, typeName } from '../wire/dns.ts';
import * as tcp from '../wire/tcp.ts';
import * as udp from '../wire/udp.ts';
import { isWireError } from '../wire/wire-error.ts';
import { dataText, rcodeName } from '../wire/dns-text.ts';
import { tcpFlagNames } from './names.ts';

/** The part of a summary that a protocol above IP gives. */
export interface Text {
  protocol: string;
  text: string;
}

const HTTP_START = /^(?:[A-Z]+ \S+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3}[^\r\n]*)/;

/** @param pseudo the pseudo header's sum, or undefined when the checksum can't be verified */
export function summariseTcp(b: Uint8Array, at: number, end: number, pseudo: number | undefined): Text {
  const header = tcp.parseTcp(b, at, end, pseudo);
  if (isWireError(header)) return { protocol: 'TCP', text: `malformed: ${header.malformed}` };
  const payload = at + tcp.headerLength(b, at);
  const ports = `${header.sourcePort} → ${header.destinationPort}`;
  const http = HTTP_START.exec(decode(b.subarray(payload, Math.min(end, payload + 200))));
  if (http) return { protocol: 'HTTP', text: http[0] };
  const length = end - payload;
  return { protocol: 'TCP', text: `${ports} ${tcpFlagNames(header.flags)}${length > 0 ? `, ${bytes(length)}` : ''}` };
}

export function summariseUdp(b: Uint8Array, at: number, end: number, pseudo: number | undefined): Text {
  const header = udp.parseUdp(b, at, end, pseudo);
  if (isWireError(header)) return { protocol: 'UDP', text: `malformed: ${header.malformed}` };
  const payload = at + udp.UDP_HEADER;
  if (header.sourcePort === udp.UDP_PORT.DNS || header.destinationPort === udp.UDP_PORT.DNS) {
    const message = parseDns(b, payload, Math.min(end, at + header.length));
    if (!isWireError(message)) return { protocol: 'DNS', text: dnsText(message) };
  }
  return { protocol: 'UDP', text: `${header.sourcePort} → ${header.destinationPort}, ${bytes(header.length - udp.UDP_HEADER)}` };
}

/** `A web.example.?`, or `A web.example. is 10.0.0.1`. */
function dnsText(message: DnsMessage): string {
  const question = message.questions[0];
  const asked = question ? `${typeName(question.type)} ${question.name}` : 'no question';
  if (!message.response) return `${asked}?`;
  if (message.rcode !== 0) return `${asked}: ${rcodeName(message.rcode)}`;
  if (message.answers.length === 0) return `${asked}: no such record`;
  return `${asked} is ${message.answers.map((record) => dataText(record.data)).join(', ')}`;
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
