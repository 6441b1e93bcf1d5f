import { named, type Printout } from './printout.ts';

/** The group records of IGMPv3 and MLDv2 reports, which differ in the size of addresses only. */

const TYPES: Readonly<Record<number, string>> = { 1: 'is_in', 2: 'is_ex', 3: 'to_in', 4: 'to_ex', 5: 'allow', 6: 'block' };

/** @param size bytes of an address: 4 or 16 */
export function printGroupRecords(out: Printout, at: number, length: number, size: 4 | 16): void {
  const count = out.u16(at + 6);
  out.write(`, ${count} group record(s)`);
  if (!out.options.verbose) return;
  const head = 4 + size;
  let group = 8;
  for (let i = 0; i < count; i++) {
    if (length < group + head) return out.write(' [invalid number of groups]');
    out.withAddress(' [gaddr ', at + group + 4, size);
    out.write(` ${named(TYPES, out.u8(at + group), (value) => ` [v${size === 4 ? 3 : 2}-report-#${value}]`)}`);
    const sources = out.u16(at + group + 2);
    if (length < group + head + sources * size) return out.write(` [invalid number of sources ${sources}]`);
    if (out.options.verbose === 1) out.write(`, ${sources} source(s)`);
    else {
      out.write(' {');
      for (let j = 0; j < sources; j++) out.withAddress(' ', at + group + head + j * size, size);
      out.write(' }');
    }
    group += head + sources * size;
    out.write(']');
  }
}
