import { printAttribute } from './bgp-attributes.ts';
import { printPrefixes } from './bgp-prefix.ts';
import { printCapabilities } from './bgp-capabilities.ts';
import { AFI, SAFI } from './bgp-names.ts';
import { dumpHex, dumpUnknown } from './dump.ts';
import { named, type Printer, type Printout, Truncated, visible } from './printout.ts';

/** BGP-4 (print-bgp.c): without -v its name, with -v every message in the segment. */

const MESSAGES: Readonly<Record<number, string>> = { 1: 'Open', 2: 'Update', 3: 'Notification', 4: 'Keepalive', 5: 'Route Refresh' };
const ATTRIBUTES: Readonly<Record<number, string>> = {
  1: 'Origin',
  2: 'AS Path',
  3: 'Next Hop',
  4: 'Multi Exit Discriminator',
  5: 'Local Preference',
  6: 'Atomic Aggregate',
  7: 'Aggregator',
  8: 'Community',
  9: 'Originator ID',
  10: 'Cluster List',
  11: 'DPA',
  12: 'Advertisers',
  13: 'RCID Path / Cluster ID',
  14: 'Multi-Protocol Reach NLRI',
  15: 'Multi-Protocol Unreach NLRI',
  16: 'Extended Community',
  17: 'AS4 Path',
  18: 'Aggregator4',
  22: 'PMSI Tunnel',
  23: 'Tunnel Encapsulation',
  26: 'Accumulated IGP Metric',
  32: 'Large Community',
  128: 'Attribute Set',
};
const ERRORS: Readonly<Record<number, string>> = {
  1: 'Message Header Error',
  2: 'OPEN Message Error',
  3: 'UPDATE Message Error',
  4: 'Hold Timer Expired',
  5: 'Finite State Machine Error',
  6: 'Cease',
  7: 'Capability Message Error',
};
const SUBCODES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: { 1: 'Connection Not Synchronized', 2: 'Bad Message Length', 3: 'Bad Message Type' },
  2: {
    1: 'Unsupported Version Number',
    2: 'Bad Peer AS',
    3: 'Bad BGP Identifier',
    4: 'Unsupported Optional Parameter',
    5: 'Authentication Failure',
    6: 'Unacceptable Hold Time',
    7: 'Capability Message Error',
    8: 'Role Mismatch',
  },
  3: {
    1: 'Malformed Attribute List',
    2: 'Unrecognized Well-known Attribute',
    3: 'Missing Well-known Attribute',
    4: 'Attribute Flags Error',
    5: 'Attribute Length Error',
    6: 'Invalid ORIGIN Attribute',
    7: 'AS Routing Loop',
    8: 'Invalid NEXT_HOP Attribute',
    9: 'Optional Attribute Error',
    10: 'Invalid Network Field',
    11: 'Malformed AS_PATH',
  },
  5: {
    0: 'Unspecified Error',
    1: 'In OpenSent State',
    2: 'In OpenConfirm State',
    3: 'In Established State',
  },
  6: {
    1: 'Maximum Number of Prefixes Reached',
    2: 'Administrative Shutdown',
    3: 'Peer Unconfigured',
    4: 'Administrative Reset',
    5: 'Connection Rejected',
    6: 'Other Configuration Change',
    7: 'Connection Collision Resolution',
  },
};
const HEADER = 19;
const OPEN = 29;

export const bgp: Printer = (out, at) => {
  out.protocol = 'bgp';
  out.write(': BGP');
  if (!out.options.verbose) return;
  let here = at;
  let expected = at;
  while (here < out.end) {
    if (out.b[here] !== 0xff) {
      here++;
      continue;
    }
    if (!out.has(here, 16)) break;
    if (out.b.subarray(here, here + 16).some((byte) => byte !== 0xff)) {
      here++;
      continue;
    }
    out.need(here, HEADER);
    if (expected !== here) out.truncated();
    const length = out.u16(here + 16);
    if (length < HEADER) {
      out.write(`\nmessage length ${length} < ${HEADER}`);
      return out.invalid();
    }
    const type = out.u8(here + 18);
    if (!out.has(here, length)) return out.write(`\n[|BGP ${named(MESSAGES, type, 'Unknown Message Type')}]`);
    if (!printMessage(out, here, length, type)) return out.truncated();
    here += length;
    expected = here;
  }
};

/** @returns false when it was cut */
function printMessage(out: Printout, at: number, length: number, type: number): boolean {
  out.write(`\n\t${named(MESSAGES, type, 'Unknown')} Message (${type}), length: ${length}`);
  try {
    if (type === 1) printOpen(out, at, length);
    else if (type === 2) printUpdate(out, at, length);
    else if (type === 3) printNotification(out, at, length);
    else if (type === 5) {
      const [afi, safi] = [out.u16(at + HEADER), out.u8(at + HEADER + 3)];
      out.write(`\n\t  AFI ${named(AFI, afi, 'Unknown')} (${afi}), SAFI ${named(SAFI, safi, 'Unknown')} (${safi})`);
      if (out.options.verbose > 1) dumpUnknown(out, at, '\n\t  ', length);
    } else if (type !== 4) {
      out.write(`\n\t  no Message ${type} decoder`);
      dumpUnknown(out, at, '\n\t  ', length);
    }
  } catch (error) {
    if (error instanceof Truncated) return false;
    throw error;
  }
  return true;
}

function printOpen(out: Printout, at: number, length: number): void {
  if (length < OPEN) throw new Truncated();
  out.write(`\n\t  Version ${out.u8(at + 19)}, my AS ${out.u16(at + 20)}, Holdtime ${out.u16(at + 22)}s, ID `);
  out.ipv4(at + 24);
  const options = out.u8(at + 28);
  out.write(`\n\t  Optional parameters, length: ${options}`);
  for (let i = 0; i < options; ) {
    if (length - OPEN < i + 2) throw new Truncated();
    const [type, size] = [out.u8(at + OPEN + i), out.u8(at + OPEN + i + 1)];
    if (2 + i + size > options) {
      out.write(`\n\t     Option ${type}, length: ${size}, goes past the end of the options`);
      return;
    }
    const name = type === 2 ? 'Capabilities Advertisement' : type === 1 ? 'Authentication Information' : 'Unknown';
    out.write(`\n\t    Option ${name} (${type}), length: ${size}`);
    if (type === 2) printCapabilities(out, at + OPEN + i + 2, size);
    else out.write(`\n\t      no decoder for option ${type}`);
    i += 2 + size;
  }
}

function printUpdate(out: Printout, start: number, length: number): void {
  const end = start + length;
  let at = start + HEADER;
  const withdrawn = out.u16(at);
  at += 2;
  if (at + withdrawn > end) throw new Truncated();
  if (withdrawn > 1) {
    out.write('\n\t  Withdrawn routes:');
    printPrefixes(out, at, at + withdrawn, 4, '\n\t    ');
  }
  at += withdrawn;
  const attributes = out.u16(at);
  at += 2;
  if (withdrawn === 0 && attributes === 0 && at === end) return out.write('\n\t  End-of-Rib Marker (empty NLRI)');
  if (at + attributes > end) throw new Truncated();
  for (const stop = at + attributes; at < stop; ) {
    const extended = (out.u8(at) & 0x10) !== 0;
    const head = extended ? 4 : 3;
    if (stop - at < head) {
      out.write('\n\t  [path attrs too short]');
      at = stop;
      break;
    }
    const [flags, type] = [out.u8(at), out.u8(at + 1)];
    const size = extended ? out.u16(at + 2) : out.u8(at + 2);
    at += head;
    out.write(`\n\t  ${named(ATTRIBUTES, type, 'Unknown Attribute')} (${type}), length: ${size}`);
    if (flags) out.write(`, Flags [${flagText(flags)}]: `);
    if (stop - at < size) {
      out.write(' [path attrs too short]');
      at = stop;
      break;
    }
    printAttribute(out, type, at, size);
    at += size;
  }
  if (at < end) {
    out.write('\n\t  Updated routes:');
    printPrefixes(out, at, end, 4, '\n\t    ');
  }
}

function flagText(flags: number): string {
  const names = `${flags & 0x80 ? 'O' : ''}${flags & 0x40 ? 'T' : ''}${flags & 0x20 ? 'P' : ''}${flags & 0x10 ? 'E' : ''}`;
  return `${names}${flags & 15 ? `+${(flags & 15).toString(16)}` : ''}`;
}

function printNotification(out: Printout, at: number, length: number): void {
  const [major, minor] = [out.u8(at + 19), out.u8(at + 20)];
  out.write(`, ${named(ERRORS, major, 'Unknown Error')} (${major})`);
  const subcodes = SUBCODES[major];
  if (!subcodes) return;
  out.write(`${major === 5 ? ' ' : ', '}subcode ${named(subcodes, minor, 'Unknown')} (${minor})`);
  if (major !== 6 || (minor !== 2 && minor !== 4) || length < 22) return;
  printShutdown(out, at + 21, length - 21);
}

/** What an administrator had to say (RFC 8203). */
function printShutdown(out: Printout, at: number, length: number): void {
  const size = out.u8(at);
  let shown = 0;
  if (size > length - 1) out.write(', invalid Shutdown Communication length');
  else if (size === 0) {
    out.write(', empty Shutdown Communication');
    shown = 1;
  } else {
    out.need(at + 1, size);
    out.write(`, Shutdown Communication (length: ${size}): "${Array.from(out.b.subarray(at + 1, at + 1 + size), visible).join('')}"`);
    shown = size + 1;
  }
  if (length > shown) {
    out.write(`, Data: (length: ${length - shown})`);
    dumpHex(out, '\n\t\t', at + shown, length - shown);
  }
}
