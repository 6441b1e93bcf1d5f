import { ETHERTYPE_NAMES } from './ether-types.ts';
import { printEthernet } from './ethernet.ts';
import { flagNames, hex, named, type Printer, type Printout } from './printout.ts';

/** Geneve (print-geneve.c, RFC 8926): the flags, the network's number, the options, then the packet inside. */

const HEADER = 8;
const FLAGS = [
  [0x80, 'O'],
  [0x40, 'C'],
  [0x20, 'R1'],
  [0x10, 'R2'],
  [0x08, 'R3'],
  [0x04, 'R4'],
  [0x02, 'R5'],
  [0x01, 'R6'],
] as const;
const CLASSES: Readonly<Record<number, string>> = {
  256: 'Linux',
  257: 'Open vSwitch',
  258: 'Open Virtual Networking (OVN)',
  259: 'In-band Network Telemetry (INT)',
  260: 'VMware',
};
const TRANSPARENT_ETHERNET = 0x6558;

export const geneve: Printer = (out, at, length) => {
  out.protocol = 'geneve';
  out.write('Geneve');
  if (length < HEADER) {
    out.write(` [length ${length} < ${HEADER}]`);
    return out.invalid();
  }
  out.expect(at, HEADER);
  const version = out.u8(at) >>> 6;
  if (version !== 0) return out.write(` ERROR: unknown-version ${version}`);
  const protocol = out.u16(at + 2);
  out.write(`, Flags [${flagNames(FLAGS, out.u8(at + 1), 'none', '')}], vni 0x${hex(out.u24(at + 4))}`);
  const reserved = out.u8(at + 7);
  if (reserved) out.write(`, rsvd 0x${hex(reserved)}`);
  if (out.options.link) out.write(`, proto ${named(ETHERTYPE_NAMES, protocol, 'unknown')} (0x${hex(protocol, 4)})`);
  const options = (out.u8(at) & 0x3f) * 4;
  const left = length - HEADER;
  if (left < options) return out.write(` truncated-geneve - ${options - left} bytes missing`);
  out.expect(at + HEADER, options);
  if (options > 0) printOptions(out, at + HEADER, options);
  out.write(out.options.verbose ? '\n\t' : ': ');
  const inner = at + HEADER + options;
  const printer = out.printers.etherTypes.get(protocol);
  if (printer) printer(out, inner, left - options);
  else if (protocol === TRANSPARENT_ETHERNET) printEthernet(out, inner, left - options);
  else out.write(`geneve-proto-0x${hex(protocol)}`);
};

function printOptions(out: Printout, start: number, length: number): void {
  if (!out.options.verbose) return out.write(`, options [${length} bytes]`);
  out.write(', options [');
  const end = start + length;
  for (let at = start; at < end; ) {
    if (at > start) out.write(', ');
    const [kind, type] = [out.u16(at), out.u8(at + 2)];
    const size = 4 + (out.u8(at + 3) & 0x1f) * 4;
    out.write(`class ${className(kind)} (0x${hex(kind)}) type 0x${hex(type)}${type & 0x80 ? '(C)' : ''} len ${size}`);
    if (size > end - at) {
      out.write(' [bad length]');
      break;
    }
    if (out.options.verbose > 1 && size > 4) {
      out.write(' data');
      for (let i = 4; i < size; i += 4) out.write(` ${hex(out.u32(at + i), 8)}`);
    }
    at += size;
  }
  out.write(']');
}

function className(kind: number): string {
  return CLASSES[kind] ?? (kind <= 0xff ? 'Standard' : kind >= 0xfff0 ? 'Experimental' : 'Unknown');
}
