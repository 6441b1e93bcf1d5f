import { checksum } from '../../../wire/checksum.ts';
import { printGroupRecords } from './group-records.ts';
import { hex, type Printout, type UpperPrinter } from './printout.ts';
import { relativeTime } from './relative-time.ts';

/** IGMP in its three versions (print-igmp.c). */
export const igmp: UpperPrinter = (out, at, length) => {
  out.protocol = 'igmp';
  if (out.options.quiet) return out.write('igmp');
  const type = out.u8(at);
  switch (type) {
    case 0x11:
      out.write('igmp query');
      if (length >= 12) printQuery3(out, at, length);
      else printQuery(out, at, length);
      break;
    case 0x12:
      out.withAddress('igmp v1 report ', at + 4, 4);
      if (length !== 8) out.write(` [len ${length}]`);
      break;
    case 0x16:
      out.withAddress('igmp v2 report ', at + 4, 4);
      break;
    case 0x17:
      out.withAddress('igmp leave ', at + 4, 4);
      break;
    case 0x22:
      out.write('igmp v3 report');
      if (length < 16 || (length & 3) !== 0) out.write(` [invalid len ${length}]`);
      else printGroupRecords(out, at, length, 4);
      break;
    default:
      out.write(`igmp-${type}`);
  }
  if (out.options.verbose && length >= 4 && out.has(at, length) && checksum(out.b, at, at + length) !== 0) {
    out.write(` bad igmp cksum ${hex(out.u16(at + 2))}!`);
  }
};

function printQuery(out: Printout, at: number, length: number): void {
  const time = out.u8(at + 1);
  if (time === 0) out.write(' v1');
  else out.write(time === 100 ? ' v2' : ` v2 [max resp time ${time}]`);
  if (out.u32(at + 4) !== 0) out.withAddress(' [gaddr ', at + 4, 4, ']');
  if (length !== 8) out.write(` [len ${length}]`);
}

function printQuery3(out: Printout, at: number, length: number): void {
  out.write(' v3');
  if ((length & 3) !== 0) return out.write(` [invalid len ${length}]`);
  const code = out.u8(at + 1);
  const tenths = code < 128 ? code : ((code & 0x0f) | 0x10) << (((code & 0x70) >>> 4) + 3);
  if (code !== 100) out.write(` [max resp time ${tenths < 600 ? `${(tenths / 10).toFixed(1)}s` : relativeTime(Math.floor(tenths / 10))}]`);
  if (out.u32(at + 4) === 0) return;
  out.withAddress(' [gaddr ', at + 4, 4);
  const sources = out.u16(at + 10);
  if (sources > 0) {
    if (length < 12 + sources * 4) out.write(' [invalid number of sources]');
    else if (out.options.verbose > 1) {
      out.write(' {');
      for (let i = 0; i < sources; i++) out.withAddress(' ', at + 12 + i * 4, 4);
      out.write(' }');
    } else out.write(`, ${sources} source(s)`);
  }
  out.write(']');
}
