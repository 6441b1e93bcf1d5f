import { flagNames, hex, named, type Printout } from './printout.ts';

/** Spanning-tree messages of 802.1D and 802.1w (print-stp.c); those of 802.1s and 802.1aq are named and no more. */

const VERSIONS: Readonly<Record<number, string>> = { 0: '802.1d', 2: '802.1w', 3: '802.1s', 4: '802.1aq' };
const TYPES: Readonly<Record<number, string>> = { 0: 'Config', 2: 'Rapid STP', 128: 'Topology Change' };
const FLAGS = [
  [0x01, 'Topology change'],
  [0x02, 'Proposal'],
  [0x10, 'Learn'],
  [0x20, 'Forward'],
  [0x40, 'Agreement'],
  [0x80, 'Topology change ACK'],
] as const;
const ROLES = ['Unknown', 'Alternate', 'Root', 'Designated'];

/** Of a configuration message, and of a rapid one with its version 1 length. */
const CONFIG_LENGTH = 35;
const RAPID_LENGTH = 36;

export function printStp(out: Printout, at: number, length: number): void {
  out.protocol = 'stp';
  if (length < 4) return out.invalid();
  if (out.u16(at) !== 0) return out.write(`unknown STP version, length ${length}`);
  const version = out.u8(at + 2);
  out.write(`STP ${named(VERSIONS, version, (value) => `Unknown STP protocol (0x${hex(value, 2)})`)}`);
  if (VERSIONS[version] === undefined) return;
  const type = out.u8(at + 3);
  out.write(`, ${named(TYPES, type, (value) => `Unknown BPDU Type (0x${hex(value, 2)})`)}`);
  if (type === 0x00) {
    if (length < CONFIG_LENGTH) return out.invalid();
    printConfig(out, at, length, version);
  } else if (type === 0x02 && version === 2) {
    if (length < RAPID_LENGTH) return out.invalid();
    printConfig(out, at, length, version);
  }
}

function printConfig(out: Printout, at: number, length: number, version: number): void {
  const flags = out.u8(at + 4);
  // Each line is written whole or not at all.
  out.write(`, Flags [${flagNames(FLAGS, flags, 'none')}]`);
  out.write(`, bridge-id ${bridgeId(out, at + 17)}.${hex(out.u16(at + 25), 4)}, length ${length}`);
  if (!out.options.verbose) return;
  out.need(at + 27, 8);
  const seconds = (field: number): string => `${(out.u16(field) / 256).toFixed(2)}s`;
  out.write(`\n\tmessage-age ${seconds(at + 27)}, max-age ${seconds(at + 29)}`);
  out.write(`, hello-time ${seconds(at + 31)}, forwarding-delay ${seconds(at + 33)}`);
  out.write(`\n\troot-id ${bridgeId(out, at + 5)}, root-pathcost ${out.u32(at + 13)}`);
  if (version === 2) out.write(`, port-role ${ROLES[(flags & 0x0c) >>> 2]}`);
}

/** `8000.02:42:ac:11:00:02`: priority and MAC address. */
function bridgeId(out: Printout, at: number): string {
  return `${hex(out.u16(at), 4)}.${out.mac(at + 2)}`;
}
