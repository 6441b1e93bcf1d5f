import { ETHERTYPE_NAMES } from './ether-types.ts';
import { printEthernet } from './ethernet.ts';
import { flagNames, hex, named, type Printout, type UpperPrinter } from './printout.ts';

/** GRE (print-gre.c), version 0; the routing of RFC 1701 is not taken apart. */

const FLAGS = [
  [0x8000, 'checksum present'],
  [0x4000, 'routing present'],
  [0x2000, 'key present'],
  [0x1000, 'sequence# present'],
  [0x0800, 'source routing present'],
  [0x0080, 'ack present'],
] as const;
const TRANSPARENT_ETHERNET = 0x6558;
/** What it carries besides frames: IPv4, IPv6 and MPLS. */
const CARRIED: ReadonlySet<number> = new Set([0x0800, 0x86dd, 0x8847]);

export const gre: UpperPrinter = (out, at, length) => {
  out.protocol = 'gre';
  out.expect(at, 2);
  const version = out.u16(at) & 7;
  out.write(`GREv${version}`);
  if (version === 0) printVersion0(out, at, length);
  else if (version > 1) out.write(' ERROR: unknown-version');
};

function printVersion0(out: Printout, start: number, length: number): void {
  const flags = out.u16(start);
  const { verbose, link } = out.options;
  if (verbose) out.write(`, Flags [${flagNames(FLAGS, flags, 'none')}]`);
  out.expect(start + 2, 2);
  const protocol = out.u16(start + 2);
  let at = start + 4;
  if ((flags & 0xc000) !== 0) {
    out.expect(at, 2);
    if (verbose) out.write(`, sum 0x${hex(out.u16(at))}`);
    out.expect(at + 2, 2);
    out.write(`, off 0x${hex(out.u16(at + 2))}`);
    at += 4;
  }
  if ((flags & 0x2000) !== 0) {
    out.expect(at, 4);
    out.write(`, key=0x${hex(out.u32(at))}`);
    at += 4;
  }
  if ((flags & 0x1000) !== 0) {
    out.expect(at, 4);
    out.write(`, seq ${out.u32(at)}`);
    at += 4;
  }
  if (link) out.write(`, proto ${named(ETHERTYPE_NAMES, protocol, 'unknown')} (0x${hex(protocol, 4)})`);
  out.write(`, length ${length}${verbose ? '\n\t' : ': '}`);
  const rest = length - (at - start);
  const printer = CARRIED.has(protocol) ? out.printers.etherTypes.get(protocol) : undefined;
  if (printer) printer(out, at, rest);
  else if (protocol === TRANSPARENT_ETHERNET) printEthernet(out, at, rest);
  else out.write(`gre-proto-0x${hex(protocol)}`);
}
