import { AFI, SAFI } from './bgp-names.ts';
import { dumpUnknown } from './dump.ts';
import { hex, named, type Printout } from './printout.ts';

const NAMES: Readonly<Record<number, string>> = {
  1: 'Multiprotocol Extensions',
  2: 'Route Refresh',
  3: 'Cooperative Route Filtering',
  4: 'Multiple Routes to a Destination',
  5: 'Extended Next Hop Encoding',
  8: 'Multiple Labels',
  64: 'Graceful Restart',
  65: '32-Bit AS Number',
  67: 'Dynamic Capability',
  68: 'Multisession BGP',
  69: 'Multiple Paths',
  70: 'Enhanced Route Refresh',
  71: 'Long-lived Graceful Restart',
  128: 'Route Refresh (Cisco)',
};
const ADD_PATH: Readonly<Record<number, string>> = { 1: 'Receive', 2: 'Send', 3: 'Both' };

/** The capabilities of an OPEN message, a line or two each (bgp_capabilities_print). */
export function printCapabilities(out: Printout, start: number, length: number): void {
  for (let at = start; at < start + length; ) {
    const [code, size] = [out.u8(at), out.u8(at + 1)];
    out.write(`\n\t      ${named(NAMES, code, 'Unknown')} (${code}), length: ${size}`);
    out.need(at + 2, size);
    if (!printValue(out, code, at + 2, size)) return;
    if (out.options.verbose > 1 && size > 0) dumpUnknown(out, at + 2, '\n\t\t', size);
    at += 2 + size;
  }
}

/** @returns false when it is too short */
function printValue(out: Printout, code: number, at: number, size: number): boolean {
  const family = (where: number, safi: number): string => {
    const [afi, sub] = [out.u16(where), out.u8(safi)];
    return `AFI ${named(AFI, afi, 'Unknown')} (${afi}), SAFI ${named(SAFI, sub, 'Unknown')} (${sub})`;
  };
  const short = (least: number): boolean => {
    if (size >= least) return false;
    out.write(` (too short, < ${least})`);
    return true;
  };
  switch (code) {
    case 1:
      if (short(4)) return false;
      out.write(`\n\t\t${family(at, at + 3)}`);
      return true;
    case 2:
    case 71:
    case 128:
      return true;
    case 8:
      for (let i = 0; i + 4 <= size; i += 4) out.write(`\n\t\t${family(at + i, at + i + 2)}, Count: ${out.u8(at + i + 3)}`);
      return true;
    case 64:
      if (short(2)) return false;
      out.write(`\n\t\tRestart Flags: [${out.u8(at) & 0x80 ? 'R' : 'none'}], Restart Time ${out.u16(at) & 0xfff}s`);
      for (let i = 2; i + 4 <= size; i += 4) {
        out.write(`\n\t\t  ${family(at + i, at + i + 2)}, Forwarding state preserved: ${out.u8(at + i + 3) & 0x80 ? 'yes' : 'no'}`);
      }
      return true;
    case 65:
      if (short(4)) return false;
      out.write(`\n\t\t 4 Byte AS ${out.u32(at)}`);
      return true;
    case 69:
      if (size === 0) out.write(' (bogus)');
      for (let i = 0; i + 4 <= size; i += 4) {
        const direction = named(ADD_PATH, out.u8(at + i + 3), (value) => `Bogus (0x${hex(value, 2)})`);
        out.write(`\n\t\t${family(at + i, at + i + 2)}, Send/Receive: ${direction}`);
      }
      return true;
  }
  out.write(`\n\t\tno decoder for Capability ${code}`);
  if (out.options.verbose <= 1) dumpUnknown(out, at, '\n\t\t', size);
  return true;
}
