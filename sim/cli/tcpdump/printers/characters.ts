import { type Printout, visible } from './printout.ts';

/** Texts in packets, control characters made visible (nd_printjn, nd_printjnp and nd_printztn). */

/** All of `length` bytes. */
export function printCharacters(out: Printout, at: number, length: number): void {
  for (let i = at; i < at + length; i++) out.write(visible(out.u8(i)));
}

/** Up to `length` bytes, or to the zero that pads them. */
export function printPadded(out: Printout, at: number, length: number): void {
  for (let i = at; i < at + length; i++) {
    const byte = out.u8(i);
    if (byte === 0) return;
    out.write(visible(byte));
  }
}

/** A text that a zero ends. @returns the bytes it takes with the zero; 0 when no zero came within `length` bytes */
export function printTerminated(out: Printout, at: number, length: number): number {
  for (let i = at; i < Math.min(at + length, out.end); i++) {
    const byte = out.u8(i);
    if (byte === 0) return i - at + 1;
    out.write(visible(byte));
  }
  return 0;
}
