import { ETHERTYPE_NAMES } from './ether-types.ts';
import { hex, named, type Printout } from './printout.ts';
import { printStp } from './stp.ts';

/** IEEE 802.2 headers and what follows them (print-llc.c): spanning-tree messages and SNAP. */

const SAP: Readonly<Record<number, string>> = {
  0: 'Null',
  2: '802.1B I',
  4: 'SNA',
  6: 'IP',
  14: 'ProWay NM',
  66: 'STP',
  78: 'RS511',
  126: 'ISO8208',
  142: 'ProWay',
  170: 'SNAP',
  224: 'IPX',
  240: 'NetBeui',
  254: 'OSI',
};
const COMMANDS: Readonly<Record<number, string>> = {
  3: 'ui',
  15: 'dm',
  67: 'disc',
  99: 'ua',
  111: 'sabme',
  135: 'frmr',
  175: 'xid',
  227: 'test',
};
const SUPERVISORY = ['Receiver Ready', 'Receiver not Ready', 'Reject', '?'];
const UNNUMBERED_INFORMATION = 0x03;

/** @returns the header's length, negative when what follows it is unknown and should be dumped */
export function printLlc(out: Printout, at: number, length: number, addresses: string): number {
  out.protocol = 'llc';
  if (length < 3 || !out.has(at, 3)) {
    out.truncated();
    return Math.min(length, Math.max(0, out.end - at));
  }
  const [dsap, ssap] = [out.u8(at), out.u8(at + 1)];
  const unnumbered = (out.u8(at + 2) & 3) === 3;
  const header = unnumbered ? 3 : 4;
  // Control fields of two bytes are little-endian.
  const control = unnumbered ? out.u8(at + 2) : out.u8(at + 2) | (out.u8(at + 3) << 8);
  const [to, from] = [dsap & 0xfe, ssap & 0xfe];
  if (out.options.link) {
    const ends = `dsap ${named(SAP, to, 'Unknown')} (0x${hex(to, 2)}) ${dsap & 1 ? 'Group' : 'Individual'}`;
    const ssapText = `ssap ${named(SAP, from, 'Unknown')} (0x${hex(from, 2)}) ${ssap & 1 ? 'Response' : 'Command'}`;
    out.write(`LLC, ${ends}, ${ssapText}, ctrl 0x${hex(control, unnumbered ? 2 : 4)}: `);
  }
  const inner = length - header;
  if (control === UNNUMBERED_INFORMATION && to === from) {
    if (to === 0xaa) return printSnap(out, at + header, inner, addresses) ? header + 5 : -(header + 5);
    if (to === 0x42) {
      printStp(out, at + header, inner);
      return header;
    }
    if (to === 0x06) {
      out.printers.etherTypes.get(0x0800)?.(out, at + header, inner);
      return header;
    }
  }
  printOther(out, { to, from, ssap, control, unnumbered, length }, addresses);
  return unnumbered || (control & 3) !== 1 ? -header : header;
}

interface Header {
  to: number;
  from: number;
  ssap: number;
  control: number;
  unnumbered: boolean;
  length: number;
}

function printOther(out: Printout, { to, from, ssap, control, unnumbered, length }: Header, addresses: string): void {
  if (!out.options.link) {
    const dsapName = named(SAP, to, (value) => `Unknown DSAP 0x${hex(value, 2)}`);
    const ends = addresses.replace(/, $/, '').split(' > ');
    if (to === from) out.write(`${ends[0]} > ${ends[1]} ${dsapName} `);
    else out.write(`${ends[0]} ${named(SAP, from, (value) => `Unknown SSAP 0x${hex(value, 2)}`)} > ${ends[1]} ${dsapName} `);
  }
  const response = (ssap & 1) !== 0;
  const flags = (poll: boolean): string => (poll ? (response ? 'Final' : 'Poll') : response ? 'Response' : 'Command');
  if (unnumbered) {
    const command = named(COMMANDS, control & 0xef, (value) => hex(value, 2));
    out.write(`Unnumbered, ${command}, Flags [${flags((control & 0x10) !== 0)}], length ${length}`);
  } else if ((control & 3) === 1) {
    const kind = SUPERVISORY[(control >>> 2) & 3];
    out.write(`Supervisory, ${kind}, rcv seq ${(control >>> 9) & 0x7f}, Flags [${flags((control & 0x100) !== 0)}], length ${length}`);
  } else {
    const numbers = `send seq ${(control >>> 1) & 0x7f}, rcv seq ${(control >>> 9) & 0x7f}`;
    out.write(`Information, ${numbers}, Flags [${flags((control & 0x100) !== 0)}], length ${length}`);
  }
}

/** The SNAP header: an EtherType after an organisation's code. @returns whether its payload is understood */
function printSnap(out: Printout, at: number, length: number, addresses: string): boolean {
  const [organisation, type] = [out.u24(at), out.u16(at + 3)];
  const text = `ethertype ${named(ETHERTYPE_NAMES, type, 'Unknown')} (0x${hex(type, 4)})`;
  const inner = length - 5;
  const plain = `SNAP, ${organisation === 0 ? text : `oui Unknown (0x${hex(organisation, 6)}), pid Unknown (0x${hex(type, 4)})`}, length ${inner}: `;
  if (out.options.link) {
    out.write(organisation === 0 ? `oui Ethernet (0x000000), ${text}, length ${inner}: ` : plain.replace('SNAP, ', ''));
  }
  const printer = organisation === 0 ? out.printers.etherTypes.get(type) : undefined;
  if (printer) printer(out, at + 5, inner);
  else if (!out.options.link) out.write(`${addresses.replace(/, $/, ' ')}${plain}`);
  return printer !== undefined;
}
