import { dumpDefault } from './dump.ts';
import { ETHERTYPE_NAMES, MAX_LENGTH_FIELD } from './ether-types.ts';
import { tagText } from './ethernet.ts';
import { printLlc } from './llc.ts';
import { hex, named, type Printer, type Printout } from './printout.ts';

/** Captures on `any` (print-sll.c): the device's name and the direction before each packet. */

const HEADER = 20;
const PACKET_TYPES: Readonly<Record<number, string>> = { 0: 'In', 1: 'B', 2: 'M', 3: 'P', 4: 'Out' };
/** `LINUX_SLL_P_802_2`, the "protocol" of frames with a length where the type would be. */
const P_802_2 = 4;

export const sll2: Printer = (out, at, length) => {
  out.protocol = 'sll2';
  out.need(at, HEADER);
  out.write(`${(out.names.device(out.u32(at + 4)) ?? '?').padEnd(5)} `);
  out.write(`${named(PACKET_TYPES, out.u8(at + 10), '?').padEnd(3)} `);
  if (out.options.link) printHeader(out, at, length);
  let header = HEADER;
  let type = out.u16(at);
  while (type === 0x8100) {
    if (!out.has(at + header, 4)) {
      out.protocol = 'vlan';
      out.truncated();
      out.linkHeader += out.end - at;
      return;
    }
    if (out.options.link) out.write(`${tagText(out.u16(at + header))}, `);
    type = out.u16(at + header + 2);
    if (type <= MAX_LENGTH_FIELD) type = P_802_2;
    if (!out.options.quiet) out.write(`ethertype ${named(ETHERTYPE_NAMES, type, 'Unknown')}, `);
    header += 4;
  }
  const printer = out.printers.etherTypes.get(type);
  if (type === P_802_2) {
    const llc = printLlc(out, at + header, length - header, '');
    if (llc < 0) dumpDefault(out, at + header, out.end - at - header);
    else header += llc;
  } else if (printer) printer(out, at + header, length - header);
  else {
    if (!out.options.link && type > MAX_LENGTH_FIELD) printHeader(out, at, length);
    dumpDefault(out, at + header, out.end - at - header);
  }
  out.linkHeader += header;
};

function printHeader(out: Printout, at: number, length: number): void {
  out.write(`ifindex ${out.u32(at + 4)} `);
  if (out.u8(at + 11) === 6) out.write(`${out.linkAddress(at + 12)} `);
  if (out.options.quiet) return;
  const type = out.u16(at);
  if (type === 1) out.write('802.3');
  else if (type === P_802_2) out.write('802.2');
  else out.write(`ethertype ${named(ETHERTYPE_NAMES, type, 'Unknown')} (0x${hex(type, 4)})`);
  out.write(`, length ${length}: `);
}

/** Packets without a link layer (print-raw.c). */
export const raw: Printer = (out, at, length) => {
  out.protocol = 'raw';
  if (out.options.link) out.write('ip: ');
  const version = out.u8(at) >>> 4;
  const printer = out.printers.etherTypes.get(version === 4 ? 0x0800 : version === 6 ? 0x86dd : -1);
  if (printer) printer(out, at, length);
  else out.write('unknown ip 0');
};
