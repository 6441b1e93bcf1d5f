import { NFLOG_HEADER, NFULA, nflogAttributes } from '../../../wire/nflog.ts';
import { named, type Printer } from './printout.ts';

/** Packets of netfilter's log groups (print-nflog.c). */

const FAMILIES: Readonly<Record<number, string>> = { 2: 'IPv4', 10: 'IPv6' };
const ETHER_TYPES: Readonly<Record<number, number>> = { 2: 0x0800, 10: 0x86dd };

export const nflog: Printer = (out, at, length) => {
  out.protocol = 'nflog';
  out.need(at, NFLOG_HEADER);
  const family = out.u8(at);
  if (out.u8(at + 1) !== 0) {
    out.write(`version ${out.u8(at + 1)} (unknown)`);
    return;
  }
  if (out.options.link) {
    out.write(`version ${out.u8(at + 1)}, resource ID ${out.u16(at + 2)}`);
    if (!out.options.quiet) out.write(`, family ${named(FAMILIES, family, 'Unknown')} (${family})`);
    out.write(`, length ${length}: `);
  }
  let header = NFLOG_HEADER;
  for (const attribute of nflogAttributes(out.b, at, out.end)) {
    header = attribute.at - at;
    if (attribute.type === NFULA.Payload) break;
    header = (attribute.at + attribute.length + 3) & ~3;
  }
  const printer = out.printers.etherTypes.get(ETHER_TYPES[family] ?? -1);
  if (printer) printer(out, at + header, length - header);
  else if (!out.options.link) out.write(`version 0, resource ID ${out.u16(at + 2)}, family Unknown (${family}), length ${length}: `);
  out.linkHeader += header;
};
