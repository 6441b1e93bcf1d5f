import { TCP_FLAG } from '../../../wire/tcp.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { judge, pseudoHeader } from './checksums.ts';
import { flagNames, hex, type IpContext, type Printout, type UpperPrinter, visible } from './printout.ts';
import { printTcpOptions } from './tcp-options.ts';

/** TCP segments (print-tcp.c): sequence numbers from the connection's start, options, and what some ports carry. */

const HEADER = 20;
const FLAGS = [
  [TCP_FLAG.FIN, 'F'],
  [TCP_FLAG.SYN, 'S'],
  [TCP_FLAG.RST, 'R'],
  [TCP_FLAG.PSH, 'P'],
  [TCP_FLAG.ACK, '.'],
  [TCP_FLAG.URG, 'U'],
  [TCP_FLAG.ECE, 'E'],
  [TCP_FLAG.CWR, 'W'],
  [TCP_FLAG.AE, 'e'],
] as const;

/** The numbers to subtract from a segment's, and those of the other way. */
export interface Origin {
  sequence: number;
  acknowledgement: number;
}

/** `a.port > b.port: `; only the ports when a header between has pushed the addresses out already. */
export function printPorts(out: Printout, at: number, ip: IpContext, protocol: 'tcp' | 'udp'): void {
  const direct = out.u8(ip.header + (ip.version === 6 ? 6 : 9)) === (protocol === 'tcp' ? PROTOCOL.TCP : PROTOCOL.UDP);
  const [from, to] = [out.names.port(out.u16(at), protocol), out.names.port(out.u16(at + 2), protocol)];
  if (direct) {
    printAddress(out, ip, 'source');
    out.write('.');
  }
  out.write(`${from} > `);
  if (direct) {
    printAddress(out, ip, 'destination');
    out.write('.');
  }
  out.write(`${to}: `);
}

export function printAddress(out: Printout, { version, header }: IpContext, end: 'source' | 'destination'): void {
  if (version === 6) out.ipv6(header + (end === 'source' ? 8 : 24));
  else out.ipv4(header + (end === 'source' ? 12 : 16));
}

/** What is left of a line whose ports weren't captured. */
export function printWithoutPorts(out: Printout, ip: IpContext, after: string): void {
  printAddress(out, ip, 'source');
  out.write(' > ');
  printAddress(out, ip, 'destination');
  out.write(after);
}

export const tcp: UpperPrinter = (out, at, length, ip) => {
  out.protocol = 'tcp';
  if (!out.has(at, 4)) {
    printWithoutPorts(out, ip, ':');
    out.expect(at, 4);
  }
  printPorts(out, at, ip, 'tcp');
  out.expect(at + 12, 1);
  const header = (out.u8(at + 12) >>> 4) * 4;
  if (header < HEADER) {
    return out.write(` tcp ${length - header} [bad hdr length ${header} - too short, < ${HEADER}]`);
  }
  out.expect(at, HEADER);
  const tooLong = (): boolean => {
    if (header <= length) return false;
    out.write(` [bad hdr length ${header} - too long, > ${length}]`);
    return true;
  };
  if (out.options.quiet) {
    out.write(`tcp ${length - header}`);
    tooLong();
    return;
  }
  const flags = out.u16(at + 12) & 0x1ff;
  out.write(`Flags [${flagNames(FLAGS, flags, 'none', '')}]`);
  const origin = originOf(out, at, flags, ip);
  if (tooLong()) return;
  if (out.options.verbose && !out.options.noChecksums && !ip.fragmented && out.has(at, length)) printChecksum(out, at, length, ip);
  const payload = length - header;
  printNumbers(out, at, flags, payload, origin);
  if (header > HEADER && !printTcpOptions(out, at + HEADER, at + header, origin)) return;
  out.write(`, length ${payload}`);
  if (payload > 0) printPayload(out, at, header, payload, flags);
};

function printChecksum(out: Printout, at: number, length: number, ip: IpContext): void {
  const wrong = judge(out, at, length, at + 16, pseudoHeader(out, ip, PROTOCOL.TCP, length));
  out.write(`, cksum 0x${hex(out.u16(at + 16), 4)}${wrong ? ` (incorrect -> 0x${hex(wrong.expected, 4)})` : ' (correct)'}`);
}

function printNumbers(out: Printout, at: number, flags: number, payload: number, origin: Origin): void {
  const { verbose } = out.options;
  const acknowledged = (flags & TCP_FLAG.ACK) !== 0;
  const sequence = (out.u32(at + 4) - origin.sequence) >>> 0;
  if (verbose > 1 || payload > 0 || (flags & (TCP_FLAG.SYN | TCP_FLAG.FIN | TCP_FLAG.RST)) !== 0) {
    out.write(`, seq ${sequence}${payload > 0 ? `:${(sequence + payload) >>> 0}` : ''}`);
  }
  const acknowledgement = (out.u32(at + 8) - origin.acknowledgement) >>> 0;
  if (acknowledged) out.write(`, ack ${acknowledgement}`);
  else if (verbose > 1 && out.u32(at + 8) !== 0) out.write(`, [ack ${out.u32(at + 8)} != 0 while ACK flag not set]`);
  out.write(`, win ${out.u16(at + 14)}`);
  const urgent = out.u16(at + 18);
  if ((flags & TCP_FLAG.URG) !== 0) out.write(`, urg ${urgent}`);
  else if (verbose > 1 && urgent !== 0) out.write(`, [urg ${urgent} != 0 while URG flag not set]`);
}

/**
 * Remembers a connection at its first segment with an ACK (which is shown as it is) and again at every SYN; afterwards numbers count from
 * there.
 */
function originOf(out: Printout, at: number, flags: number, ip: IpContext): Origin {
  const absolute = { sequence: 0, acknowledgement: 0 };
  if (out.options.absolute || (flags & TCP_FLAG.ACK) === 0) return absolute;
  const size = ip.version === 6 ? 16 : 4;
  const start = ip.header + (ip.version === 6 ? 8 : 12);
  const address = (from: number): string => Array.from(out.b.subarray(from, from + size), (byte) => hex(byte, 2)).join('');
  const source = `${hex(out.u16(at), 4)} ${address(start)}`;
  const destination = `${hex(out.u16(at + 2), 4)} ${address(start + size)}`;
  const reversed = source > destination;
  const key = reversed ? `${destination} ${source}` : `${source} ${destination}`;
  const known = out.conversations.get(key);
  if (!known || (flags & TCP_FLAG.SYN) !== 0) {
    const [sequence, acknowledgement] = [out.u32(at + 4), (out.u32(at + 8) - 1) >>> 0];
    const first = reversed ? { sequence: acknowledgement, acknowledgement: sequence } : { sequence, acknowledgement };
    out.conversations.set(key, first);
    return absolute;
  }
  return reversed ? { sequence: known.acknowledgement, acknowledgement: known.sequence } : known;
}

function printPayload(out: Printout, at: number, header: number, length: number, flags: number): void {
  if (!out.has(at, header)) {
    out.write(` [remaining caplen(${out.end - at}) < header length(${header})]`);
    out.need(at, header);
  }
  const start = at + header;
  if ((flags & TCP_FLAG.RST) !== 0) {
    if (out.options.verbose) printResetData(out, start, length);
    else out.need(start, length);
    return;
  }
  const [from, to] = [out.u16(at), out.u16(at + 2)];
  const found = out.printers.tcpPorts.find(([port]) => port === from || port === to);
  found?.[1](out, start, length);
}

/** A text in a reset, as RFC 9293 §3.5.3 allows. */
function printResetData(out: Printout, at: number, length: number): void {
  const shown = Math.min(length, 80);
  out.write(length > shown ? ' [RST+ ' : ' [RST ');
  for (let i = 0; i < shown; i++) out.write(visible(out.u8(at + i)));
  out.write(']');
}
