import { Truncated, hex, type Printout } from './printout.ts';

/** Hexadecimal and ASCII dumps (print-ascii.c). All of them end with `[|…]` when not everything was captured. */

const PER_LINE = 16;

function available(out: Printout, at: number, length: number): number {
  return Math.max(0, Math.min(length, out.end - at));
}

function pairs(b: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i += 2) {
    text += ` ${hex(b[i] as number, 2)}`;
    if (i + 1 < end) text += hex(b[i + 1] as number, 2);
  }
  return text;
}

function graphic(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** -x: lines of eight groups of two bytes. */
export function dumpHex(out: Printout, indent: string, at: number, length: number): void {
  const count = available(out, at, length);
  for (let i = 0; i < count; i += PER_LINE) {
    out.write(`${indent}0x${hex(i, 4)}: ${pairs(out.b, at + i, at + Math.min(count, i + PER_LINE))}`);
  }
  if (count < length) throw new Truncated();
}

/** -X: as -x, with the bytes as characters beside them. */
export function dumpHexAscii(out: Printout, indent: string, at: number, length: number): void {
  const count = available(out, at, length);
  for (let i = 0; i < count; i += PER_LINE) {
    const end = at + Math.min(count, i + PER_LINE);
    const characters = Array.from(out.b.subarray(at + i, end), graphic).join('');
    out.write(`${indent}0x${hex(i, 4)}: ${pairs(out.b, at + i, end).padEnd(40)}  ${characters}`);
  }
  if (count < length) throw new Truncated();
}

/** -A: the bytes as characters, carriage returns left out. */
export function dumpAscii(out: Printout, at: number, length: number): void {
  const end = at + available(out, at, length);
  let text = '\n';
  for (let i = at; i < end; i++) {
    const byte = out.b[i] as number;
    if (byte === 13) {
      if (end - i - 1 > 1 && out.b[i + 1] !== 10) text += '.';
    } else text += byte === 9 || byte === 10 || byte === 32 ? String.fromCharCode(byte) : graphic(byte);
  }
  out.write(text);
  if (end < at + length) throw new Truncated();
}

/** A part that no printer understands. */
export function dumpUnknown(out: Printout, at: number, indent: string, length: number): void {
  if (length <= 0) return;
  if (at >= out.end) {
    out.write(`${indent}<length of unknown data is larger than caplen>`);
    return;
  }
  dumpHex(out, indent, at, Math.min(length, out.end - at));
}

/** A payload that no printer understands, unless a dump is coming anyway. */
export function dumpDefault(out: Printout, at: number, length: number): void {
  if (!out.options.noDefaultDump) dumpHexAscii(out, '\n\t', at, length);
}
