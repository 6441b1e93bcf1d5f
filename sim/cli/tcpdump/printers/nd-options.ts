import { formatIPv6 } from '../../../base/address.ts';
import { dumpUnknown } from './dump.ts';
import { flagNames, hex, named, type Printout } from './printout.ts';

/** Options of neighbour discovery, a line each (icmp6_opt_print). */

const NAMES: Readonly<Record<number, string>> = {
  1: 'source link-address',
  2: 'destination link-address',
  3: 'prefix info',
  4: 'redirected header',
  5: 'mtu',
  7: 'advertisement interval',
  8: 'homeagent information',
  24: 'route info',
  25: 'rdnss',
  31: 'dnssl',
};
const PREFIX_FLAGS = [
  [0x80, 'onlink'],
  [0x40, 'auto'],
  [0x20, 'router'],
] as const;

/** @returns false when an option is malformed or was cut */
export function printNdOptions(out: Printout, start: number, length: number): boolean {
  let at = start;
  while (at < out.end) {
    if (!out.has(at + 1, 1)) return false;
    if (at - start >= length) return true;
    const type = out.u8(at);
    const size = out.u8(at + 1) * 8;
    if (size === 0 || at + size > out.end) return false;
    out.write(`\n\t  ${named(NAMES, type, 'unknown')} option (${type}), length ${size} (${size / 8}): `);
    if (!printOption(out, at, type, size, start)) return type === 0 || NAMES[type] === undefined;
    if (out.options.verbose > 1) dumpUnknown(out, at + 2, '\n\t    ', size - 2);
    at += size;
  }
  return true;
}

/** @returns false when nothing more can be shown */
function printOption(out: Printout, at: number, type: number, size: number, start: number): boolean {
  switch (type) {
    case 1:
    case 2:
      out.write(Array.from(out.b.subarray(at + 2, at + size), (byte) => hex(byte, 2)).join(':'));
      return true;
    case 3:
      out.ipv6(at + 16);
      out.write(`/${out.u8(at + 2)}${size === 32 ? '' : 'badlen'}, Flags [${flagNames(PREFIX_FLAGS, out.u8(at + 3), 'none')}]`);
      out.write(`, valid time ${lifetime(out.u32(at + 4))}, pref. time ${lifetime(out.u32(at + 8))}`);
      return true;
    case 4:
      dumpUnknown(out, start, '\n\t    ', size);
      return true;
    case 5:
      out.write(` ${out.u32(at + 4)}${size === 8 ? '' : 'bad option length'}`);
      return true;
    case 7:
      out.write(` ${out.u32(at + 4)}ms`);
      return true;
    case 8:
      out.write(` preference ${out.u16(at + 4)}, lifetime ${out.u16(at + 6)}`);
      return true;
    case 25:
      out.write(` lifetime ${out.u32(at + 4)}s,`);
      for (let i = 8; i + 16 <= size; i += 16) {
        out.write(' addr: ');
        out.ipv6(at + i);
      }
      return true;
    case 31:
      out.write(` lifetime ${out.u32(at + 4)}s, domain(s):`);
      for (let i = at + 8; i < at + size && out.u8(i) !== 0; ) {
        out.write(' ');
        i = printDomain(out, i, at + size);
      }
      return true;
    case 24:
      printRouteInformation(out, at, size);
      return true;
  }
  if (out.options.verbose > 1) return true;
  dumpUnknown(out, at + 2, '\n\t  ', size - 2);
  return false;
}

function lifetime(seconds: number): string {
  return seconds === 0xffffffff ? 'infinity' : `${seconds}s`;
}

/** A name of labels, each with a dot behind it (RFC 8106 §5.2); where the next one begins. */
function printDomain(out: Printout, start: number, end: number): number {
  let at = start;
  while (at < end && out.u8(at) !== 0) {
    const length = out.u8(at);
    out.write(`${String.fromCharCode(...out.b.subarray(at + 1, at + 1 + length))}.`);
    at += 1 + length;
  }
  return at + 1;
}

const PREFERENCES = ['medium', 'high', 'unknown', 'low'];

/** Part of a prefix may be left out where it is zero (RFC 4191 §2.3). */
function printRouteInformation(out: Printout, at: number, size: number): void {
  let prefix = 0n;
  for (let i = 0; i < 16; i++) prefix = (prefix << 8n) | BigInt(i < size - 8 ? out.u8(at + 8 + i) : 0);
  const preference = PREFERENCES[(out.u8(at + 3) >> 3) & 3];
  out.write(` ${formatIPv6(prefix)}/${out.u8(at + 2)}, pref=${preference}, lifetime=${lifetime(out.u32(at + 4))}`);
}
