import { checksum } from '../../../wire/checksum.ts';
import { be16 } from '../../../wire/endian.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { judge } from './checksums.ts';
import { flagNames, hex, named, type Printer, type Printout, type UpperPrinter } from './printout.ts';

/** IPv4 headers (print-ip.c): with -v everything in them, on a line of its own. */

const HEADER = 20;
const FLAGS = [
  [0x2000, '+'],
  [0x4000, 'DF'],
  [0x8000, 'rsvd'],
] as const;
const ECN = ['', ',ECT(1)', ',ECT(0)', ',CE'];
const OPTIONS: Readonly<Record<number, string>> = {
  0: 'EOL',
  1: 'NOP',
  7: 'RR',
  68: 'timestamp',
  82: 'traceroute',
  130: 'security',
  131: 'LSRR',
  137: 'SSRR',
  148: 'RA',
};

/** Protocols as -v names them in headers (ipproto.c). */
export const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  0: 'HBH',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  8: 'EGP',
  9: 'IGRP',
  17: 'UDP',
  33: 'DCCP',
  41: 'IPv6',
  43: 'Routing',
  44: 'Fragment',
  46: 'RSVP',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  55: 'Mobile IP',
  58: 'ICMPv6',
  60: 'DSTOPT',
  62: 'Mobile IP (old)',
  88: 'EIGRP',
  89: 'OSPF',
  103: 'PIM',
  108: 'Compressed IP',
  112: 'VRRP',
  113: 'PGM',
  132: 'SCTP',
  135: 'Mobility',
  143: 'Ethernet',
};

/** Their printers write the addresses with the ports. */
const WITH_PORTS: ReadonlySet<number> = new Set([PROTOCOL.TCP, PROTOCOL.UDP, 132, 33]);

export const ipv4: Printer = (out, at, length) => {
  out.protocol = 'ip';
  if (!out.options.link) out.write('IP ');
  if (length < HEADER) {
    out.write(` [length ${length} < ${HEADER}]`);
    return out.invalid();
  }
  const version = out.u8(at) >>> 4;
  if (version !== 4) {
    out.write(` [version ${version} != 4]`);
    return out.invalid();
  }
  const header = (out.u8(at) & 15) * 4;
  if (header < HEADER) {
    out.write(` [header length ${header} < ${HEADER}]`);
    return out.invalid();
  }
  const total = out.u16(at + 2);
  if (total > length) {
    out.write(`[total length ${total} > length ${length}]`);
    out.invalid();
    out.write(' ');
  }
  if (!out.has(at, HEADER)) return out.truncated();
  const protocol = out.u8(at + 9);
  const offload = total === 0 && (protocol === PROTOCOL.TCP || protocol === PROTOCOL.UDP);
  const claimed = offload ? length : total;
  if (claimed < header) {
    out.write(`[total length ${claimed} < header length ${header}]`);
    return out.invalid();
  }
  out.within(at, Math.min(length, claimed), () => {
    if (out.options.verbose && !printHeader(out, at, header, offload)) return;
    printPayload(out, at, header, claimed - header);
  });
};

/** The line in parentheses. @returns false when the packet ended inside of its options */
function printHeader(out: Printout, at: number, header: number, offload: boolean): boolean {
  const tos = out.u8(at + 1);
  out.write(`(tos 0x${hex(tos)}${ECN[tos & 3]}`);
  const ttl = out.u8(at + 8);
  if (ttl >= 1) out.write(`, ttl ${ttl}`);
  const offset = out.u16(at + 6);
  const protocol = out.u8(at + 9);
  out.write(`, id ${out.u16(at + 4)}, offset ${(offset & 0x1fff) * 8}, flags [${flagNames(FLAGS, offset & 0xe000, 'none')}]`);
  out.write(`, proto ${named(PROTOCOL_NAMES, protocol, 'unknown')} (${protocol})`);
  out.write(`, length ${offload ? `${out.end - at} [was 0, presumed TSO]` : out.u16(at + 2)}`);
  let whole = true;
  if (header > HEADER) {
    out.write(', options (');
    whole = printOptions(out, at + HEADER, at + header);
    if (!whole) out.write(' [truncated-option]');
    out.write(')');
  }
  if (!out.options.noChecksums && out.has(at, header) && checksum(out.b, at, at + header) !== 0) {
    const wrong = judge(out, at, header, at + 10);
    if (wrong) out.write(`, bad cksum ${hex(wrong.found)} (->${hex(wrong.expected)})!`);
  }
  out.write(out.options.oneLine ? ') ' : ')\n    ');
  if (whole) return true;
  printEnds(out, at, ': ');
  out.truncated();
  return false;
}

function printEnds(out: Printout, at: number, after: string): void {
  out.ipv4(at + 12);
  out.write(' > ');
  out.ipv4(at + 16);
  out.write(after);
}

function printPayload(out: Printout, at: number, header: number, length: number): void {
  const offset = out.u16(at + 6);
  const protocol = out.u8(at + 9);
  if ((offset & 0x1fff) !== 0) {
    if (out.options.quiet > 1) return;
    printEnds(out, at, ':');
    out.write(` ${protocolName(out, protocol)}`);
    return;
  }
  if (!WITH_PORTS.has(protocol)) printEnds(out, at, ': ');
  if (!out.has(at, header)) {
    out.write(` [remaining caplen(${out.end - at}) < header length(${header})]`);
    out.need(at, header);
  }
  printUpper(out, at + header, length, protocol, { version: 4, header: at, fragmented: (offset & 0x2000) !== 0 });
}

/** What an IP packet carries (print-ip-demux.c). */
export function printUpper(out: Printout, at: number, length: number, protocol: number, ip: Parameters<UpperPrinter>[3]): void {
  const wrongFamily = (protocol === PROTOCOL.ICMP || protocol === PROTOCOL.IGMP) && ip.version === 6 ? 'IPv4' : undefined;
  const required = wrongFamily ?? (protocol === PROTOCOL.ICMPv6 && ip.version === 4 ? 'IPv6' : undefined);
  const printer = out.printers.protocols.get(protocol);
  if (required !== undefined) {
    out.write(`[${named(PROTOCOL_NAMES, protocol, '')} requires ${required}]`);
    out.invalid();
  } else if (printer) printer(out, at, length, ip);
  else if (protocol === PROTOCOL.NoNext) out.write('no next header');
  else out.write(` ${protocolName(out, protocol)} ${length}`);
}

function protocolName(out: Printout, protocol: number): string {
  return (out.options.numeric ? undefined : out.names.protocol(protocol)) ?? `ip-proto-${protocol}`;
}

/** @returns false when an option reaches past what was captured */
function printOptions(out: Printout, start: number, end: number): boolean {
  let separator = '';
  for (let at = start; at < end; ) {
    const code = out.u8(at);
    out.write(`${separator}${named(OPTIONS, code, (value) => `unknown ${value}`)}`);
    separator = ',';
    const length = code <= 1 ? 1 : out.u8(at + 1);
    if ((code > 1 && length < 2) || at + length > end) {
      out.write(` [bad length ${length}]`);
      return true;
    }
    if (!out.has(at, length)) return false;
    if (code === 0) return true;
    if (code === 7 || code === 131 || code === 137) printRoute(out, at, length);
    else if (code === 68) printTimes(out, at, length);
    else if (code === 148) {
      if (length < 4) out.write(` [bad length ${length}]`);
      else if (out.u16(at + 2) !== 0) out.write(` value ${out.u16(at + 2)}`);
    }
    at += length;
  }
  return true;
}

function printRoute(out: Printout, at: number, length: number): void {
  if (length < 3) return out.write(` [bad length ${length}]`);
  if (((length + 1) & 3) !== 0) out.write(` [bad length ${length}]`);
  const pointer = out.u8(at + 2) - 1;
  if (pointer < 3 || ((pointer + 1) & 3) !== 0 || pointer > length + 1) out.write(` [bad ptr ${out.u8(at + 2)}]`);
  for (let i = 3; i + 4 <= length; i += 4) {
    out.write(' ');
    out.ipv4(at + i);
    if (pointer > i) out.write(',');
  }
}

function printTimes(out: Printout, at: number, length: number): void {
  if (length < 4) return out.write(`[bad length ${length}]`);
  out.write(' TS{');
  const kind = out.u8(at + 3) & 15;
  const step = kind === 0 ? 4 : 8;
  if (((length - 4) & (step - 1)) !== 0) out.write(`[bad length ${length}]`);
  const pointer = out.u8(at + 2) - 1;
  if (pointer < 4 || ((pointer - 4) & (step - 1)) !== 0 || pointer > length + 1) out.write(`[bad ptr ${out.u8(at + 2)}]`);
  out.write(kind === 0 ? 'TSONLY' : kind === 1 ? 'TS+ADDR' : kind === 3 ? 'PRESPEC' : `[bad ts type ${kind}]`);
  let i = 4;
  if (kind === 0 || kind === 1 || kind === 3) {
    let before = ' ';
    for (; i + step <= length; i += step) {
      if (pointer === i) before = ' ^ ';
      out.write(`${before}${out.u32(at + i + step - 4)}@`);
      if (step === 8) out.ipv4(at + i);
      before = ' ';
    }
  }
  if (pointer === i) out.write(' ^ ');
  const missed = out.u8(at + 3) >>> 4;
  out.write(missed > 0 ? ` [${missed} hops not recorded]} ` : '}');
}

/** IP in IP: the inner packet follows on the same line. */
export const ipInIp: UpperPrinter = (out, at, length) => ipv4(out, at, length);

/** The length that a quoted packet's header claims, for ICMP errors. */
export function claimedLength(out: Printout, at: number): number {
  out.need(at + 2, 2);
  return be16(out.b, at + 2);
}
