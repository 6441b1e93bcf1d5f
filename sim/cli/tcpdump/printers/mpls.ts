import { dumpDefault } from './dump.ts';
import type { Printer, Printout } from './printout.ts';

/** MPLS label stacks (print-mpls.c, RFC 3032); nothing but its first byte tells what is beneath them. */

const RESERVED: readonly string[] = ['IPv4 explicit NULL', 'router alert', 'IPv6 explicit NULL', 'implicit NULL'];

export const mpls: Printer = (out, start, total) => {
  out.protocol = 'mpls';
  out.write('MPLS');
  let [at, length] = [start, total];
  for (;;) {
    if (length < 4) {
      out.invalid();
      return out.need(at, length);
    }
    const entry = out.u32(at);
    const label = entry >>> 12;
    const bottom = (entry & 0x100) !== 0;
    out.write(`${at > start && out.options.verbose ? '\n\t' : ' '}(label ${label}`);
    if (out.options.verbose && label < 16) out.write(` (${RESERVED[label] ?? 'rsvd'})`);
    out.write(`, tc ${(entry >>> 9) & 7}${bottom ? ', [S]' : ''}, ttl ${entry & 0xff})`);
    at += 4;
    length -= 4;
    if (bottom) return printInner(out, at, length, label);
  }
};

function printInner(out: Printout, at: number, length: number, label: number): void {
  const type = innerType(out, at, length, label);
  if (type === 'none') return;
  const printer = type === undefined ? undefined : out.printers.etherTypes.get(type);
  if (!printer) return dumpDefault(out, at, length);
  out.write(out.options.verbose ? '\n\t' : ' ');
  printer(out, at, length);
}

/** @returns the EtherType of what is beneath, `undefined` when it can't be known */
function innerType(out: Printout, at: number, length: number, label: number): number | 'none' | undefined {
  if (label === 0 || label === 3) return 0x0800;
  if (label === 2) return 0x86dd;
  if (length < 1) return 'none';
  const first = out.u8(at);
  if (first >= 0x45 && first <= 0x4f) return 0x0800;
  return first >= 0x60 && first <= 0x6f ? 0x86dd : undefined;
}
