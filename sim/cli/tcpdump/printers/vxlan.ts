import { VXLAN_HEADER } from '../../../wire/vxlan.ts';
import { printEthernet } from './ethernet.ts';
import { hex, type Printer } from './printout.ts';

/** VXLAN (print-vxlan.c): the frame inside stands on the next line. */
export const vxlan: Printer = (out, at, length) => {
  out.protocol = 'vxlan';
  out.write('VXLAN');
  if (length < VXLAN_HEADER) return out.invalid();
  const flags = out.u8(at);
  out.write(`, flags [${flags & 0x08 ? 'I' : 'invalid'}] (0x${hex(flags, 2)}), `);
  out.write(`vni ${out.u24(at + 4)}\n`);
  out.need(at, VXLAN_HEADER);
  printEthernet(out, at + VXLAN_HEADER, length - VXLAN_HEADER);
};
