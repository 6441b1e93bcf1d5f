import { formatIPv4, formatIPv6 } from '../../../base/address.ts';
import { be128 } from '../../../wire/endian.ts';
import { printPadded } from './characters.ts';
import { dumpUnknown } from './dump.ts';
import { printOrganization } from './lldp-organizations.ts';
import { flagNames, hex, named, type Printer, type Printout } from './printout.ts';

/** LLDP (print-lldp.c): the neighbour's name, with -v all it tells. */

const TYPES: Readonly<Record<number, string>> = {
  0: 'End',
  1: 'Chassis ID',
  2: 'Port ID',
  3: 'Time to Live',
  4: 'Port Description',
  5: 'System Name',
  6: 'System Description',
  7: 'System Capabilities',
  8: 'Management Address',
  127: 'Organization specific',
};
const CAPABILITIES = ['Other', 'Repeater', 'Bridge', 'WLAN AP', 'Router', 'Telephone', 'Docsis', 'Station Only'].map(
  (name, i) => [1 << i, name] as const,
);
/** Address families (IANA), as tcpdump names them. */
const AFI = [
  ...[
    'Reserved',
    'IPv4',
    'IPv6',
    'NSAP',
    'HDLC',
    'BBN 1822',
    '802',
    'E.163',
    'E.164',
    'F.69',
    'X.121',
    'Novell IPX',
    'Appletalk',
    'Decnet IV',
  ],
  ...['Banyan Vines', 'E.164 with NSAP subaddress'],
];
const NUMBERINGS: Readonly<Record<number, string>> = { 2: 'Interface Index', 3: 'System Port Number' };

/** An identifier's kinds by number, and which of them are a MAC address and a network address; the others are text. */
interface Kinds {
  names: readonly string[];
  mac: number;
  network: number;
}
const CHASSIS: Kinds = {
  names: ['Chassis component', 'Interface alias', 'Port component', 'MAC address', 'Network address', 'Interface name', 'Local'],
  mac: 4,
  network: 5,
};
const PORT: Kinds = {
  names: ['Interface alias', 'Port component', 'MAC address', 'Network Address', 'Interface Name', 'Agent circuit ID', 'Local'],
  mac: 3,
  network: 4,
};

/** How a value came out: `unknown` ones are dumped, `short` ones end the packet. */
type Outcome = 'known' | 'unknown' | 'short';

export const lldp: Printer = (out, start, total) => {
  out.protocol = 'lldp';
  out.write(`LLDP, length ${total}`);
  const end = start + total;
  const { verbose } = out.options;
  for (let at = start; end - at >= 2; ) {
    out.expect(at, 2);
    const head = out.u16(at);
    const [type, length] = [head >>> 9, head & 0x1ff];
    at += 2;
    if (verbose) out.write(`\n\t${named(TYPES, type, 'Unknown')} TLV (${type}), length ${length}`);
    if (type === 0 || length === 0) return;
    out.expect(at, length);
    if (end - at < length) return out.truncated();
    const outcome = printValue(out, type, at, length);
    if (outcome === 'short') return out.truncated();
    if (verbose > 1 || (verbose && outcome === 'unknown')) dumpUnknown(out, at, '\n\t  ', length);
    at += length;
  }
};

function printValue(out: Printout, type: number, at: number, length: number): Outcome {
  if (type === 5) {
    out.write(': ');
    printPadded(out, at, length);
    return 'known';
  }
  if (TYPES[type] === undefined) return 'unknown';
  if (!out.options.verbose) return 'known';
  switch (type) {
    case 1:
      return printIdentifier(out, CHASSIS, at, length);
    case 2:
      return printIdentifier(out, PORT, at, length);
    case 3:
      if (length < 2) return 'short';
      out.write(`: TTL ${out.u16(at)}s`);
      return 'known';
    case 4:
    case 6:
      out.write(type === 4 ? ': ' : '\n\t  ');
      printPadded(out, at, length);
      return 'known';
    case 7:
      return printCapabilities(out, at, length);
    case 8:
      return printManagement(out, at, length) ? 'known' : 'short';
  }
  if (length < 3) return 'short';
  return printOrganization(out, at, length) ? 'known' : 'unknown';
}

function printIdentifier(out: Printout, { names, mac, network }: Kinds, at: number, length: number): Outcome {
  if (length < 2) return 'short';
  const kind = out.u8(at);
  const name = names[kind - 1];
  out.write(`\n\t  Subtype ${name ?? 'Unknown'} (${kind}): `);
  if (name === undefined) return 'unknown';
  if (kind === mac) {
    if (length < 7) return 'short';
    out.write(out.mac(at + 1));
  } else if (kind === network) {
    const address = networkAddress(out, at + 1, length - 1);
    if (address === undefined) return 'short';
    out.write(address);
  } else printPadded(out, at + 1, length - 1);
  return 'known';
}

function printCapabilities(out: Printout, at: number, length: number): Outcome {
  if (length < 4) return 'short';
  const [has, enabled] = [out.u16(at), out.u16(at + 2)];
  out.write(`\n\t  System  Capabilities [${flagNames(CAPABILITIES, has, 'none')}] (0x${hex(has, 4)})`);
  out.write(`\n\t  Enabled Capabilities [${flagNames(CAPABILITIES, enabled, 'none')}] (0x${hex(enabled, 4)})`);
  return 'known';
}

/** An address family's number and the address, never by name; `undefined` when it is cut short. */
function networkAddress(out: Printout, at: number, length: number): string | undefined {
  if (length < 1) return undefined;
  const family = out.u8(at);
  const size = { 1: 4, 2: 16, 6: 6 }[family] ?? 0;
  if (length - 1 < size) return undefined;
  if (size === 0) return `AFI ${AFI[family] ?? 'Unknown'} (${family}), no AF printer !`;
  out.need(at + 1, size);
  const text = size === 4 ? formatIPv4(out.u32(at + 1)) : size === 16 ? formatIPv6(be128(out.b, at + 1)) : out.mac(at + 1);
  return `AFI ${AFI[family]} (${family}): ${text}`;
}

/** @returns false when something is missing */
function printManagement(out: Printout, at: number, length: number): boolean {
  const size = out.u8(at);
  const address = length - 1 < size ? undefined : networkAddress(out, at + 1, size);
  if (address === undefined) return false;
  out.write(`\n\t  Management Address length ${size}, ${address}`);
  const [next, left] = [at + 1 + size, length - 1 - size];
  if (left < 5) return false;
  const numbering = out.u8(next);
  out.write(`\n\t  ${named(NUMBERINGS, numbering, 'Unknown')} Interface Numbering (${numbering}): ${out.u32(next + 1)}`);
  if (left === 5) return true;
  const oid = out.u8(next + 5);
  if (left - 5 < 1 + oid) return false;
  if (oid === 0) return true;
  out.write(`\n\t  OID length ${oid}`);
  printPadded(out, next + 6, oid);
  return true;
}
