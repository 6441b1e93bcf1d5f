import { PROTOCOL } from '../../../wire/protocol.ts';
import { judge, pseudoHeader } from './checksums.ts';
import { hex, type IpContext, type Printout, type UpperPrinter } from './printout.ts';
import { printPorts, printWithoutPorts } from './tcp.ts';

/** UDP datagrams (print-udp.c): what some ports carry, else the length. */

const HEADER = 8;

export const udp: UpperPrinter = (out, at, length, ip) => {
  out.protocol = 'udp';
  if (!out.has(at, 4)) {
    printWithoutPorts(out, ip, ': ');
    out.expect(at, 4);
  }
  printPorts(out, at, ip, 'udp');
  if (length < HEADER) return out.write(`truncated-udp ${length}`);
  out.expect(at + 4, 2);
  const claimed = out.u16(at + 4);
  if (claimed < HEADER) return out.write(`truncated-udplength ${claimed}`);
  const payload = Math.min(claimed, length) - HEADER;
  out.expect(at, HEADER);
  const { verbose, noChecksums, quiet } = out.options;
  if (verbose > (ip.version === 6 ? 0 : 1) && !noChecksums && !ip.fragmented) printChecksum(out, at, payload, ip);
  const [from, to] = [out.u16(at), out.u16(at + 2)];
  const printer = quiet ? undefined : out.printers.udpPorts.find(([port, , end]) => port === to || (port === from && !end));
  if (printer) printer[1](out, at + HEADER, payload);
  else if (claimed - HEADER > payload && !ip.fragmented) out.write(`UDP, bad length ${claimed - HEADER} > ${payload}`);
  else out.write(`UDP, length ${claimed - HEADER}`);
};

function printChecksum(out: Printout, at: number, payload: number, ip: IpContext): void {
  const length = payload + HEADER;
  if (ip.version === 4 && out.u16(at + 6) === 0) return out.write('[no cksum] ');
  if (!out.has(at, length)) return;
  const wrong = judge(out, at, length, at + 6, pseudoHeader(out, ip, PROTOCOL.UDP, length));
  out.write(wrong ? `[bad udp cksum 0x${hex(wrong.found, 4)} -> 0x${hex(wrong.expected, 4)}!] ` : '[udp sum ok] ');
}
