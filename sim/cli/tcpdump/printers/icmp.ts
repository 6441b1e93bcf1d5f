import { checksum } from '../../../wire/checksum.ts';
import { ICMP_TYPE, isError } from '../../../wire/icmp.ts';
import { PROTOCOL } from '../../../wire/protocol.ts';
import { judge } from './checksums.ts';
import { claimedLength, ipv4 } from './ipv4.ts';
import { hex, named, type Printout, type UpperPrinter } from './printout.ts';

/** ICMP (print-icmp.c); with -v errors show the packet they quote on a line of its own. */

const NAMES: Readonly<Record<number, string>> = {
  0: 'echo reply',
  4: 'source quench',
  8: 'echo request',
  10: 'router solicitation',
  13: 'time stamp request',
  14: 'time stamp reply',
  15: 'information request',
  16: 'information reply',
  17: 'address mask request',
};

/** `%` stands for the address that couldn't be reached, by code. */
const UNREACHABLE: Readonly<Record<number, string>> = {
  0: 'net % unreachable',
  1: 'host % unreachable',
  5: '% unreachable - source route failed',
  6: 'net % unreachable - unknown',
  7: 'host % unreachable - unknown',
  8: '% unreachable - source host isolated',
  9: 'net % unreachable - admin prohibited',
  10: 'host % unreachable - admin prohibited',
  11: 'net % unreachable - tos prohibited',
  12: 'host % unreachable - tos prohibited',
  13: 'host % unreachable - admin prohibited filter',
  14: 'host % unreachable - host precedence violation',
  15: 'host % unreachable - precedence cutoff',
};

const REDIRECTS = ['redirect % to net ', 'redirect % to host ', 'redirect-tos % to net ', 'redirect-tos % to host '];

/** Where the quoted packet starts, and its destination and protocol in it. */
const QUOTE = 8;
const QUOTED_PROTOCOL = QUOTE + 9;
const QUOTED_DESTINATION = QUOTE + 16;

export const icmp: UpperPrinter = (out, at, length, { fragmented }) => {
  out.protocol = 'icmp';
  const type = out.u8(at);
  const code = out.u8(at + 1);
  // What the message says may run out of bytes, and then nothing of it is shown.
  checkBytes(out, at, type, code);
  out.write('ICMP ');
  printMessage(out, at, type, code);
  out.write(`, length ${length}`);
  if (!out.options.verbose) return;
  if (!fragmented && out.has(at, length) && checksum(out.b, at, at + length) !== 0) {
    const wrong = judge(out, at, length, at + 2);
    if (wrong) out.write(` (wrong icmp cksum ${hex(wrong.found)} (->${hex(wrong.expected)})!)`);
  }
  if (!isError(type)) return;
  out.write('\n\t');
  const quoted = claimedLength(out, at + QUOTE);
  out.within(at + QUOTE, quoted, () => ipv4(out, at + QUOTE, quoted));
  out.protocol = 'icmp';
};

function checkBytes(out: Printout, at: number, type: number, code: number): void {
  const quotes = type === ICMP_TYPE.Unreachable || type === ICMP_TYPE.Redirect || type === ICMP_TYPE.TimeExceeded;
  if (quotes) out.need(at + QUOTED_DESTINATION, 4);
  if (type === ICMP_TYPE.Unreachable && code === 3) out.need(at + QUOTE + quotedHeader(out, at) + 2, 2);
  if (type === ICMP_TYPE.Echo || type === ICMP_TYPE.EchoReply || type === ICMP_TYPE.Timestamp) out.need(at + 4, 4);
  if (type === ICMP_TYPE.TimestampReply) out.need(at, 20);
}

function quotedHeader(out: Printout, at: number): number {
  return (out.u8(at + QUOTE) & 15) * 4;
}

function printMessage(out: Printout, at: number, type: number, code: number): void {
  switch (type) {
    case ICMP_TYPE.Echo:
    case ICMP_TYPE.EchoReply:
      return out.write(`echo ${type === ICMP_TYPE.Echo ? 'request' : 'reply'}, id ${out.u16(at + 4)}, seq ${out.u16(at + 6)}`);
    case ICMP_TYPE.Unreachable:
      return printUnreachable(out, at, code);
    case ICMP_TYPE.Redirect:
      withAddress(out, REDIRECTS[code] ?? `redirect-#${code} % to `, at + QUOTED_DESTINATION);
      return out.ipv4(at + 4);
    case ICMP_TYPE.TimeExceeded:
      if (code > 1) return out.write(`time exceeded-#${code}`);
      return out.write(code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded');
    case ICMP_TYPE.ParameterProblem:
      return out.write(`parameter problem - ${code === 0 ? `octet ${out.u8(at + 4)}` : `code ${code}`}`);
    case ICMP_TYPE.Timestamp:
      return out.write(`time stamp query id ${out.u16(at + 4)} seq ${out.u16(at + 6)}`);
    case ICMP_TYPE.TimestampReply: {
      const [sent, received, returned] = [8, 12, 16].map((field) => timeText(out.u32(at + field)));
      return out.write(`time stamp reply id ${out.u16(at + 4)} seq ${out.u16(at + 6)}: org ${sent}, recv ${received}, xmit ${returned}`);
    }
    case 18:
      return out.write(`address mask is 0x${hex(out.u32(at + 8), 8)}`);
  }
  out.write(named(NAMES, type, (value) => `type-#${value}`));
}

function printUnreachable(out: Printout, at: number, code: number): void {
  const destination = at + QUOTED_DESTINATION;
  const protocol = out.u8(at + QUOTED_PROTOCOL);
  if (code === 2) return withAddress(out, `% protocol ${protocol} unreachable`, destination);
  if (code === 3) {
    const port = out.u16(at + QUOTE + quotedHeader(out, at) + 2);
    const name = protocol === PROTOCOL.TCP ? 'tcp' : protocol === PROTOCOL.UDP ? 'udp' : undefined;
    const what = name ? `${name} port ${out.names.port(port, name)}` : `protocol ${protocol} port ${port}`;
    return withAddress(out, `% ${what} unreachable`, destination);
  }
  if (code === 4) {
    const mtu = out.u16(at + 6);
    return withAddress(out, `% unreachable - need to frag${mtu > 0 ? ` (mtu ${mtu})` : ''}`, destination);
  }
  withAddress(out, UNREACHABLE[code] ?? `% unreachable - #${code}`, destination);
}

/** A text with an address at its `%`. */
function withAddress(out: Printout, text: string, at: number): void {
  const [before = '', after = ''] = text.split('%');
  out.write(before);
  out.ipv4(at);
  out.write(after);
}

/** Milliseconds since midnight as a time of day. */
function timeText(milliseconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(milliseconds / 1000);
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${time}.${String(milliseconds % 1000).padStart(3, '0')}`;
}
