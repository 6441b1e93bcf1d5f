import { dumpDefault } from './dump.ts';
import { ETHERTYPE_NAMES, MAX_LENGTH_FIELD } from './ether-types.ts';
import { printLlc } from './llc.ts';
import { hex, named, type Printer, type Printout } from './printout.ts';

/** Ethernet frames (print-ether.c); with -e their addresses, tags and type. */

const HEADER = 14;
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);

/** A frame as a capture's link type has it. */
export const ethernet: Printer = (out, at, length) => {
  // Known beforehand, so that a packet that was cut further on is dumped from its network header on.
  out.linkHeader = Math.min(HEADER, out.end - at);
  out.linkHeader = printEthernet(out, at, length);
};

/** A frame, maybe inside of a tunnel. @returns the length of its header */
export function printEthernet(out: Printout, at: number, length: number): number {
  out.protocol = 'ether';
  const captured = out.end - at;
  if (length < captured) {
    out.write(`[length ${length} < caplen ${captured}]`);
    out.invalid();
    return length;
  }
  if (captured < HEADER) {
    out.truncated();
    return captured;
  }
  const addresses = `${out.linkAddress(at + 6)} > ${out.linkAddress(at)}, `;
  if (out.options.link) out.write(addresses);
  let type = out.u16(at + 12);
  let header = HEADER;
  let lengthShown = false;
  while (TAGS.has(type)) {
    if (!out.has(at + header, 4) || length < header + 4) {
      out.protocol = 'vlan';
      out.truncated();
      return captured;
    }
    if (out.options.link) {
      out.write(typeText(out, type));
      out.write(lengthShown ? ', ' : `, length ${length}: `);
      lengthShown = true;
      out.write(`${tagText(out.u16(at + header))}, `);
    }
    type = out.u16(at + header + 2);
    header += 4;
  }
  const rest = length - header;
  if (type <= MAX_LENGTH_FIELD) {
    const inner = Math.min(type, rest);
    out.within(at + header, inner, () => {
      if (out.options.link) out.write(`802.3${lengthShown ? '' : `, length ${inner}: `}`);
      const llc = printLlc(out, at + header, inner, addresses);
      if (llc < 0) dumpDefault(out, at + header, out.end - at - header);
      header += Math.abs(llc);
    });
    return header;
  }
  if (out.options.link) out.write(`${typeText(out, type)}${lengthShown ? ', ' : `, length ${length}: `}`);
  const printer = out.printers.etherTypes.get(type);
  if (printer) printer(out, at + header, rest);
  else {
    if (!out.options.link) out.write(`${addresses}${typeText(out, type)}, length ${length}: `);
    dumpDefault(out, at + header, out.end - at - header);
  }
  return header;
}

function typeText(out: Printout, type: number): string {
  if (out.options.quiet) return named(ETHERTYPE_NAMES, type, (value) => `Unknown Ethertype (0x${hex(value, 4)})`);
  return `ethertype ${named(ETHERTYPE_NAMES, type, 'Unknown')} (0x${hex(type, 4)})`;
}

/** `vlan 10, p 3, DEI`. */
export function tagText(tag: number): string {
  return `vlan ${tag & 0xfff}, p ${tag >>> 13}${tag & 0x1000 ? ', DEI' : ''}`;
}
