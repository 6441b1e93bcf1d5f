import { ARP_OPERATION } from '../../../wire/arp.ts';
import { dumpDefault } from './dump.ts';
import { ETHERTYPE_NAMES } from './ether-types.ts';
import { hex, named, type Printer, type Printout } from './printout.ts';

/** ARP (print-arp.c): requests, replies; announcements and probes are requests like others. */

const OPERATIONS: Readonly<Record<number, string>> = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
};
const HARDWARE: Readonly<Record<number, string>> = { 1: 'Ethernet', 6: 'TokenRing', 7: 'ArcNet', 15: 'FrameRelay', 24: 'FireWire' };
const IPV4 = 0x0800;

export const arp: Printer = (out, at, length) => {
  out.protocol = 'arp';
  out.need(at, 8);
  const [protocolType, hardwareLength, protocolLength] = [out.u16(at + 2), out.u8(at + 4), out.u8(at + 5)];
  const operation = out.u16(at + 6);
  out.need(at + 8, 2 * (hardwareLength + protocolLength));
  if (!out.options.link) out.write('ARP, ');
  const foreign = protocolType !== IPV4 || protocolLength !== 4 || hardwareLength === 0;
  if (foreign || out.options.verbose) {
    const hardware = named(HARDWARE, out.u16(at), (value) => `Unknown Hardware (${value})`);
    const protocol = named(ETHERTYPE_NAMES, protocolType, (value) => `Unknown Protocol (0x${hex(value, 4)})`);
    out.write(`${hardware} (len ${hardwareLength}), ${protocol} (len ${protocolLength})`);
    if (!out.options.verbose) return out.write(`, length ${length}`);
  }
  out.write(`${out.options.verbose ? ', ' : ''}${named(OPERATIONS, operation, (value) => `Unknown (${value})`)} `);
  const senderMac = at + 8;
  const targetMac = senderMac + hardwareLength + protocolLength;
  const address = (where: number): void => {
    if (protocolType !== IPV4) out.write('<wrong proto type>');
    else if (protocolLength !== 4) out.write('<wrong len>');
    else out.ipv4(where + hardwareLength);
  };
  if (operation === ARP_OPERATION.Request) {
    out.write('who-has ');
    address(targetMac);
    if (out.b.subarray(targetMac, targetMac + hardwareLength).some((byte) => byte !== 0)) {
      out.write(` (${hardwareAddress(out, targetMac, hardwareLength)})`);
    }
    out.write(' tell ');
    address(senderMac);
  } else if (operation === ARP_OPERATION.Reply) {
    address(senderMac);
    out.write(` is-at ${hardwareAddress(out, senderMac, hardwareLength)}`);
  } else if (operation === 3 || operation === 8) {
    out.write(`who-is ${hardwareAddress(out, targetMac, hardwareLength)} tell ${hardwareAddress(out, senderMac, hardwareLength)}`);
  } else if (operation === 4) {
    out.write(`${hardwareAddress(out, targetMac, hardwareLength)} at `);
    address(targetMac);
  } else if (operation === 9) {
    out.write(`${hardwareAddress(out, senderMac, hardwareLength)} at `);
    address(senderMac);
  } else return dumpDefault(out, at, out.end - at);
  out.write(`, length ${length}`);
};

/** Bytes with colons; all-ones as a name. */
function hardwareAddress(out: Printout, at: number, length: number): string {
  if (length === 0) return '<empty>';
  if (length === 6) return out.linkAddress(at);
  out.need(at, length);
  return Array.from(out.b.subarray(at, at + length), (byte) => hex(byte, 2)).join(':');
}
