import { hex, named, type Printout, Truncated } from './printout.ts';
import type { Origin } from './tcp.ts';

const NAMES: Readonly<Record<number, string>> = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'wscale',
  4: 'sackOK',
  5: 'sack',
  6: 'echo',
  7: 'echoreply',
  8: 'TS',
  11: 'cc',
  12: 'ccnew',
  13: 'ccecho',
  19: 'md5',
  20: 'scps',
  28: 'uto',
  29: 'tcp-ao',
  30: 'mptcp',
  34: 'tfo',
  254: 'exp',
};

const EOL = 0;
const NOP = 1;

/**
 * `, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7]` for the options in [start, end).
 *
 * @param origin what SACK edges count from
 * @returns false when they are malformed, which ends the line
 */
export function printTcpOptions(out: Printout, start: number, end: number, origin: Origin): boolean {
  out.write(', options [');
  let separator = '';
  for (let at = start; at < end; ) {
    out.write(separator);
    separator = ',';
    const kind = out.u8(at);
    const single = kind === EOL || kind === NOP;
    const length = single ? 1 : out.u8(at + 1);
    if (!single && (length < 2 || at + length > end)) return bad(out, at > start);
    out.write(named(NAMES, kind, (value) => `unknown-${value}`));
    if (!single) {
      const read = printValue(out, { kind, at: at + 2, length: length - 2, end, origin, listed: at > start });
      if (read === undefined) return bad(out, at > start);
      if (read + 2 !== length) out.write(`[len ${length}]`);
    }
    at += length;
    if (kind === EOL) break;
  }
  out.write(']');
  return true;
}

function bad(out: Printout, listed: boolean): false {
  out.write(`[bad opt]${listed ? ']' : ''}`);
  return false;
}

/** An option's value: where it is, and what is needed to read it. */
interface Value {
  kind: number;
  at: number;
  length: number;
  /** Of the options. */
  end: number;
  origin: Origin;
  /** Whether options stand before it. */
  listed: boolean;
}

/** @returns how many bytes the option's value has, or `undefined` when it doesn't fit */
function printValue(out: Printout, value: Value): number | undefined {
  const { kind, at, length, end, origin, listed } = value;
  const fits = (count: number): boolean => {
    if (at + count > end) return false;
    // Cut inside of an option, the list ends with its own bracket.
    if (!out.has(at, count)) throw new Truncated(true, listed ? '>' : '');
    return true;
  };
  switch (kind) {
    case 2:
      if (!fits(2)) return undefined;
      out.write(` ${out.u16(at)}`);
      return 2;
    case 3:
      if (!fits(1)) return undefined;
      out.write(` ${out.u8(at)}`);
      return 1;
    case 4:
      return 0;
    case 5:
      return printSack(out, at, length, end, origin);
    case 6:
    case 7:
    case 11:
    case 12:
    case 13:
      if (!fits(4)) return undefined;
      out.write(` ${out.u32(at)}`);
      return 4;
    case 8:
      if (!fits(8)) return undefined;
      out.write(` val ${out.u32(at)} ecr ${out.u32(at + 4)}`);
      return 8;
    case 19:
      if (!fits(16)) return undefined;
      out.write(` shared secret not supplied with -M, can't check - ${bytes(out, at, 16)}`);
      return 16;
    case 28: {
      if (!fits(2)) return undefined;
      const value = out.u16(at);
      out.write(` 0x${hex(value)} ${value & 1 ? (value >>> 1) * 60 : value >>> 1}`);
      return 2;
    }
    case 34:
      out.write(' ');
      printFastOpen(out, at, length);
      return length;
    case 254:
      if (length < 2) return undefined;
      out.write('-');
      if (out.u16(at) === 0xf989) printFastOpen(out, at + 2, length - 2);
      else out.write(hex(out.u16(at), 4));
      return length;
  }
  if (length > 0) out.write(` 0x${bytes(out, at, length)}`);
  return length;
}

function printSack(out: Printout, at: number, length: number, end: number, origin: Origin): number | undefined {
  if (length % 8 !== 0) {
    out.write(' invalid sack');
    return length;
  }
  out.write(` ${length / 8} `);
  if (at + length > end) return undefined;
  for (let i = 0; i < length; i += 8) {
    const [left, right] = [out.u32(at + i) - origin.acknowledgement, out.u32(at + i + 4) - origin.acknowledgement];
    out.write(`{${left >>> 0}:${right >>> 0}}`);
  }
  return length;
}

function printFastOpen(out: Printout, at: number, length: number): void {
  if (length === 0) out.write(' cookiereq');
  else if (length % 2 !== 0 || length < 4 || length > 16) out.invalid();
  else out.write(` cookie ${bytes(out, at, length)}`);
}

function bytes(out: Printout, at: number, length: number): string {
  out.need(at, length);
  return Array.from(out.b.subarray(at, at + length), (byte) => hex(byte, 2)).join('');
}
