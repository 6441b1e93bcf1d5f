import { printCharacters, printTerminated } from './characters.ts';
import { printSpecial } from './dhcp-special.ts';
import { TAGS, type ValueKind } from './dhcp-tags.ts';
import { hex, named, type Printer, type Printout } from './printout.ts';

/** BOOTP and DHCP (print-bootp.c): with -v every field that isn't zero and every option. */

const SERVER_NAME = 44;
const FILE = 108;
const VENDOR = 236;
const MAGIC = 0x63825363;
const CMU_MAGIC = 0x434d5500;
const PAD = 0;
const END = 255;
const MESSAGE_TYPE = 53;
const PARAMETERS = 55;
const MESSAGES: Readonly<Record<number, string>> = [
  ...['', 'Discover', 'Offer', 'Request', 'Decline', 'ACK', 'NACK', 'Release', 'Inform'],
  ...['', 'LeaseQuery', 'LeaseUnassigned', 'LeaseUnknown', 'LeaseActive'],
];
const NO_MESSAGE: ReadonlySet<number> = new Set([0, 9]);

export const dhcp: Printer = (out, at, length) => {
  out.protocol = 'bootp';
  const operation = out.u8(at);
  out.write(`BOOTP/DHCP, ${named({ 1: 'Request', 2: 'Reply' }, operation, (value) => `unknown (0x${hex(value, 2)})`)}`);
  const [hardware, size] = [out.u8(at + 1), out.u8(at + 2)];
  const ethernet = hardware === 1 && size === 6;
  if (ethernet && operation === 1) out.write(` from ${out.mac(at + 28)}`);
  out.write(`, length ${length}`);
  if (!out.options.verbose) return;
  out.expect(at + 8, 2);
  if (hardware !== 1) out.write(`, htype ${hardware}`);
  if (!ethernet) out.write(`, hlen ${size}`);
  const [hops, transaction, seconds] = [out.u8(at + 3), out.u32(at + 4), out.u16(at + 8)];
  out.write(`${hops ? `, hops ${hops}` : ''}${transaction ? `, xid 0x${hex(transaction)}` : ''}${seconds ? `, secs ${seconds}` : ''}`);
  const flags = out.u16(at + 10);
  out.write(`, Flags [${flags & 0x8000 ? 'Broadcast' : 'none'}]${out.options.verbose > 1 ? ` (0x${hex(flags, 4)})` : ''}`);
  ['Client', 'Your', 'Server', 'Gateway'].forEach((name, i) => {
    const where = at + 12 + i * 4;
    if (out.u32(where) !== 0) out.withAddress(`\n\t  ${name}-IP `, where, 4);
  });
  if (ethernet) out.write(`\n\t  Client-Ethernet-Address ${out.mac(at + 28)}`);
  if (!printName(out, 'sname', at + SERVER_NAME, FILE - SERVER_NAME) || !printName(out, 'file', at + FILE, VENDOR - FILE)) {
    return out.truncated();
  }
  printVendor(out, at + VENDOR);
};

/** @returns false when no zero ends it */
function printName(out: Printout, name: string, at: number, length: number): boolean {
  if (out.u8(at) === 0) return true;
  out.write(`\n\t  ${name} "`);
  const size = printTerminated(out, at, length);
  out.write('"');
  return size > 0;
}

function printVendor(out: Printout, at: number): void {
  const magic = out.u32(at);
  if (magic === MAGIC) printOptions(out, at);
  else if (magic === CMU_MAGIC) printCmu(out, at);
  else if (magic !== 0) out.write(`\n\t  Vendor-#0x${hex(magic)}`);
}

function printOptions(out: Printout, start: number): void {
  out.write('\n\t  Vendor-rfc1048 Extensions');
  out.write(`\n\t    Magic Cookie 0x${hex(out.u32(start), 8)}`);
  const all = out.options.verbose > 2;
  for (let at = start + 4; out.has(at, 1); ) {
    const tag = out.u8(at++);
    if (tag === PAD && !all) continue;
    if (tag === END && !all) return;
    const bare = tag === PAD || tag === END;
    const length = bare ? 0 : out.u8(at++);
    out.write(`\n\t    ${TAGS.get(tag)?.name ?? 'Unknown'} (${tag}), length ${length}${length > 0 ? ': ' : ''}`);
    if (tag === PAD) {
      const first = at;
      while (out.has(at, 1) && out.u8(at) === PAD) at++;
      if (at > first) out.write(`, occurs ${at - first + 1}`);
    }
    out.expect(at, length);
    printValue(out, tag, at, length);
    at += length;
  }
}

function printValue(out: Printout, tag: number, at: number, length: number): void {
  if (tag === MESSAGE_TYPE && length === 1) {
    const type = out.u8(at);
    return out.write((NO_MESSAGE.has(type) ? undefined : MESSAGES[type]) ?? `Unknown (${type})`);
  }
  if (tag === PARAMETERS) return printParameters(out, at, length);
  const kind = TAGS.get(tag)?.kind ?? (length & 1 ? 'bytes' : length & 2 ? 'shorts' : 'numbers');
  const left = kind === 'special' ? printSpecial(out, tag, at, length) : VALUES[kind](out, at, length);
  if (left > 0) out.write(`\n\t  trailing data length ${left}`);
}

/** What a client asks for, four to a line. */
function printParameters(out: Printout, at: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const tag = out.u8(at + i);
    out.write(`${i % 4 === 0 ? '\n\t      ' : ', '}${TAGS.get(tag)?.name ?? 'Unknown'} (${tag})`);
  }
}

/** Values of one size with something between them. @returns the bytes that are left over */
function listOf(size: number, print: (out: Printout, at: number) => void, between = ',') {
  return (out: Printout, at: number, length: number): number => {
    for (let i = 0; i + size <= length; i += size) {
      if (i > 0) out.write(between);
      print(out, at + i);
    }
    return length % size;
  };
}

const printPairs = listOf(8, (out, at) => {
  out.withAddress('(', at, 4, ':');
  out.withAddress('', at + 4, 4, ')');
});

/** Print a value of `length` bytes, and return how many of them are left over. */
const VALUES: Readonly<Record<Exclude<ValueKind, 'special'>, (out: Printout, at: number, length: number) => number>> = {
  addresses: listOf(4, (out, at) => out.ipv4(at)),
  numbers: listOf(4, (out, at) => out.write(String(out.u32(at)))),
  signed: listOf(4, (out, at) => out.write(String(out.u32(at) | 0))),
  shorts: listOf(2, (out, at) => out.write(String(out.u16(at)))),
  bytes: listOf(1, (out, at) => out.write(String(out.u8(at))), '.'),
  pairs: (out, at, length) => {
    if (length >= 8 && length % 8 === 0) return printPairs(out, at, length);
    out.write(`${length === 0 ? ' ' : ''}[length != N x 8 bytes]`);
    return 0;
  },
  text: (out, at, length) => {
    out.write('"');
    printCharacters(out, at, length);
    out.write('"');
    return 0;
  },
  switch: (out, at, length) => {
    if (length !== 1) {
      out.write('[length != 1 byte]');
      out.invalid();
      return 0;
    }
    const value = out.u8(at);
    out.write(value === 0 ? 'N' : value === 1 ? 'Y' : `${value}?`);
    return 0;
  },
};

/** What Carnegie Mellon's clients had in the vendor's area. */
function printCmu(out: Printout, at: number): void {
  out.write(' vend-cmu');
  out.expect(at + 4, 4);
  const flags = out.u8(at + 4);
  if ((flags & ~1) !== 0) out.write(` F:0x${hex(flags)}`);
  const fields = [
    ['DG', 12],
    [flags & 1 ? 'SM' : 'SM*', 8],
    ...['NS1', 'NS2', 'IEN1', 'IEN2', 'TS1', 'TS2'].map((name, i) => [name, 16 + i * 4] as const),
  ] as const;
  for (const [name, offset] of fields) if (out.u32(at + offset) !== 0) out.withAddress(` ${name}:`, at + offset, 4);
}
