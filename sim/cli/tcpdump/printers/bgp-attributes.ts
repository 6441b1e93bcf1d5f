import { AFI, SAFI } from './bgp-names.ts';
import { printPrefixes } from './bgp-prefix.ts';
import { dumpUnknown } from './dump.ts';
import { named, type Printout, Truncated } from './printout.ts';

const SEGMENT_OPEN: Readonly<Record<number, string>> = { 1: '{', 2: '', 3: '(', 4: '({' };
const SEGMENT_CLOSE: Readonly<Record<number, string>> = { 1: '}', 2: '', 3: ')', 4: '})' };
const COMMUNITIES: Readonly<Record<number, string>> = {
  4294967041: ' NO_EXPORT',
  4294967042: ' NO_ADVERTISE',
  4294967043: ' NO_EXPORT_SUBCONFED',
};

/** A path attribute's value (bgp_attr_print). */
export function printAttribute(out: Printout, type: number, at: number, length: number): void {
  const exactly = (size: number, print: () => void): void => (length === size ? print() : out.write('invalid len'));
  switch (type) {
    case 1:
      exactly(1, () => out.write(['IGP', 'EGP', 'Incomplete'][out.u8(at)] ?? 'Unknown Origin Typecode'));
      break;
    case 2:
    case 17:
      printAsPath(out, at, length, type === 17);
      break;
    case 3:
    case 9:
      exactly(4, () => out.ipv4(at));
      break;
    case 4:
    case 5:
      exactly(4, () => out.write(String(out.u32(at))));
      break;
    case 6:
      exactly(0, () => {});
      break;
    case 7:
    case 18:
      if (length !== 8 && (type === 18 || length !== 6)) out.write('invalid len');
      else {
        out.write(` AS #${length === 6 ? out.u16(at) : out.u32(at)}, origin `);
        out.ipv4(at + length - 4);
      }
      break;
    case 8:
      printCommunities(out, at, length);
      break;
    case 10:
      if (length % 4 !== 0) out.write('invalid len');
      else
        for (let i = 0; i < length; i += 4) {
          out.ipv4(at + i);
          if (i + 4 < length) out.write(', ');
        }
      break;
    case 14:
      printReach(out, at, length);
      break;
    case 15:
      printUnreach(out, at, length);
      break;
    case 32:
      printLargeCommunities(out, at, length);
      break;
    default:
      out.need(at, length);
      out.write(`\n\t    no Attribute ${type} decoder`);
      if (out.options.verbose <= 1) dumpUnknown(out, at, '\n\t    ', length);
  }
  if (out.options.verbose > 1 && length > 0) dumpUnknown(out, at, '\n\t    ', length);
}

/** Nothing says whether AS numbers have two or four bytes: two, unless the segments don't come out even. */
function asSize(out: Printout, at: number, length: number): 2 | 4 {
  let i = 0;
  while (i < length) {
    const kind = out.u8(at + i);
    if (kind < 1 || kind > 4) return 4;
    if (i + 1 >= length) return 4;
    const count = out.u8(at + i + 1);
    if (count === 0) return 4;
    i += 2 + count * 2;
  }
  return i === length ? 2 : 4;
}

function printAsPath(out: Printout, at: number, length: number, four: boolean): void {
  if (length % 2 !== 0) return out.write('invalid len');
  if (length === 0) return out.write('empty');
  out.need(at, length);
  const size = four ? 4 : asSize(out, at, length);
  for (let i = 0; i < length; ) {
    const kind = out.u8(at + i);
    const count = out.u8(at + i + 1);
    out.write(named(SEGMENT_OPEN, kind, '?'));
    for (let n = 0; n < count; n++) {
      const where = at + i + 2 + n * size;
      out.write(`${size === 2 ? out.u16(where) : out.u32(where)} `);
    }
    out.write(named(SEGMENT_CLOSE, kind, '?'));
    i += 2 + count * size;
  }
}

function printCommunities(out: Printout, at: number, length: number): void {
  if (length % 4 !== 0) return out.write('invalid len');
  for (let i = 0; i < length; i += 4) {
    const community = out.u32(at + i);
    const text = `${community >>> 16}:${community & 0xffff}${i + 4 < length ? ', ' : ''}`;
    out.write(COMMUNITIES[community] ?? text);
  }
}

function printLargeCommunities(out: Printout, at: number, length: number): void {
  if (length === 0 || length % 12 !== 0) return out.write('invalid len');
  out.write('\n\t    ');
  for (let i = 0; i < length; i += 12) {
    out.write(`${out.u32(at + i)}:${out.u32(at + i + 4)}:${out.u32(at + i + 8)}${i + 12 < length ? ', ' : ''}`);
  }
}

/** @returns the bytes of an address of that family; undefined for one that isn't understood */
function printFamily(out: Printout, at: number): 4 | 16 | undefined {
  const [afi, safi] = [out.u16(at), out.u8(at + 2)];
  const vpn = safi > 128 ? 'vpn ' : '';
  out.write(`\n\t    AFI: ${named(AFI, afi, 'Unknown AFI')} (${afi}), ${vpn}SAFI: ${named(SAFI, safi, 'Unknown SAFI')} (${safi})`);
  if (safi >= 1 && safi <= 3 && (afi === 1 || afi === 2)) return afi === 1 ? 4 : 16;
  out.write(`\n\t    no AFI ${afi} / SAFI ${safi} decoder`);
  return undefined;
}

function printReach(out: Printout, at: number, length: number): void {
  if (length < 3) throw new Truncated();
  const size = printFamily(out, at);
  if (size === undefined) return dumpUnknown(out, at + 3, '\n\t    ', length - 3);
  const hops = out.u8(at + 3);
  let here = at + 4;
  if (hops > 0) {
    out.write('\n\t    nexthop: ');
    for (let i = 0; i < hops; i += size) {
      if (i > 0) out.write(', ');
      if (hops - i < size) out.write('invalid len');
      else if (size === 4) out.ipv4(here + i);
      else out.ipv6(here + i);
    }
  }
  here += hops;
  out.write(`, nh-length: ${hops}`);
  const points = out.u8(here++);
  if (points === 0) out.write(', no SNPA');
  else {
    out.write(`\n\t    ${points} SNPA`);
    for (let i = 0; i < points; i++) {
      const bytes = out.u8(here++);
      out.write(`\n\t      ${bytes} bytes`);
      here += bytes;
    }
  }
  printPrefixes(out, here, at + length, size, '\n\t      ');
}

function printUnreach(out: Printout, at: number, length: number): void {
  const size = printFamily(out, at);
  if (size === undefined) return dumpUnknown(out, at + 3, '\n\t    ', length - 3);
  if (length === 3) out.write('\n\t      End-of-Rib Marker (empty NLRI)');
  printPrefixes(out, at + 3, at + length, size, '\n\t      ');
}
