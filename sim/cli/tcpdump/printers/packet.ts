import { SNAPLEN_MAX } from '../../../wire/pcap.ts';
import { dumpAscii, dumpHex, dumpHexAscii } from './dump.ts';
import { type LocalNames, type Part, Printout, type PrintOptions, type TcpConversations, Truncated } from './printout.ts';
import { printers } from './registry.ts';

/** Which dump follows a packet's line, and how often its letter was given: twice includes the link-layer header. */
export interface DumpOptions {
  kind: 'hex' | 'hex-ascii' | 'ascii';
  level: number;
}

/** A captured packet as the printers take it. */
export interface PacketBytes {
  /** As many as were captured. */
  bytes: Uint8Array;
  /** Bytes on the wire. */
  length: number;
  linkType: number;
}

export interface PrintContext {
  options: PrintOptions;
  dump: DumpOptions | undefined;
  names: LocalNames;
  conversations: TcpConversations;
}

/**
 * The text of a packet after its time, up to and without the newline (pretty_print_packet).
 *
 * @param lead what stands before it, such as the time
 */
export function printPacket(packet: PacketBytes, context: PrintContext, lead: () => string): Part[] {
  const out = new Printout(packet.bytes, { ...context, printers });
  const { bytes, length, linkType } = packet;
  const captured = bytes.length;
  const wrong = headerFault(captured, length);
  if (wrong !== undefined) return [`[Invalid header:${wrong}]`];
  out.write(lead());
  try {
    printers.linkTypes.get(linkType)?.(out, 0, length);
  } catch (error) {
    if (!(error instanceof Truncated)) throw error;
    out.truncated();
    out.write(error.after);
    if (!error.expected) out.linkHeader = 0;
  }
  out.end = captured;
  const { dump } = context;
  if (dump) {
    const start = dump.level > 1 ? 0 : out.linkHeader;
    if (dump.level > 1 || captured > start) {
      if (dump.kind === 'hex') dumpHex(out, '\n\t', start, captured - start);
      else if (dump.kind === 'hex-ascii') dumpHexAscii(out, '\n\t', start, captured - start);
      else dumpAscii(out, start, captured - start);
    }
  }
  return out.parts;
}

/** What can't be in a record's header. */
function headerFault(captured: number, length: number): string | undefined {
  const faults: string[] = [];
  if (captured === 0) faults.push(' caplen==0');
  if (length === 0) faults.push(' len==0');
  else if (length < captured) faults.push(` len(${length}) < caplen(${captured})`);
  if (captured > SNAPLEN_MAX) faults.push(` caplen(${captured}) > ${SNAPLEN_MAX}`);
  if (length > SNAPLEN_MAX) faults.push(` len(${length}) > ${SNAPLEN_MAX}`);
  return faults.length > 0 ? faults.join(',') : undefined;
}
