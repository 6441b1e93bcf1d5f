import { truncated, type WireError, wireError } from './wire-error.ts';

/** The classic capture file (pcap-savefile(5)): a 24-byte header, then records of 16 bytes and a packet. */
export const PCAP_HEADER = 24;
export const PCAP_RECORD_HEADER = 16;

/** Link types (tcpdump.org/linktypes.html). */
export const LINKTYPE = { Ethernet: 1, Raw: 101, LinuxSll: 113, Ipv4: 228, Nflog: 239, LinuxSll2: 276 } as const;

/** What libpcap takes as "all of the packet". */
export const SNAPLEN_MAX = 262_144;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;

export interface PcapPacket {
  /** Microseconds since 1970-01-01 UTC. */
  time: number;
  /** Bytes captured, at most the snapshot length. */
  bytes: Uint8Array;
  /** Bytes that were on the wire. */
  length: number;
}

export interface PcapFile {
  /** One of `LINKTYPE`. */
  linkType: number;
  snapLength: number;
  packets: PcapPacket[];
}

/** The file's header, written little-endian with microsecond times as tcpdump on today's machines does. */
export function pcapHeader(linkType: number, snapLength = SNAPLEN_MAX): Uint8Array {
  const header = new Uint8Array(PCAP_HEADER);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC_MICROSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snapLength, true);
  view.setUint32(20, linkType, true);
  return header;
}

/** One record with its header; append it to what `pcapHeader` gave. Bytes beyond the snapshot length are cut. */
export function pcapRecord(packet: PcapPacket, snapLength = SNAPLEN_MAX): Uint8Array {
  const captured = Math.min(packet.bytes.length, snapLength);
  const record = new Uint8Array(PCAP_RECORD_HEADER + captured);
  const view = new DataView(record.buffer);
  view.setUint32(0, Math.floor(packet.time / 1_000_000), true);
  view.setUint32(4, packet.time % 1_000_000, true);
  view.setUint32(8, captured, true);
  view.setUint32(12, packet.length, true);
  record.set(packet.bytes.subarray(0, captured), PCAP_RECORD_HEADER);
  return record;
}

/** A whole file. */
export function writePcap(file: PcapFile): Uint8Array {
  const parts = [pcapHeader(file.linkType, file.snapLength), ...file.packets.map((packet) => pcapRecord(packet, file.snapLength))];
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** What a header's snapshot length means: none, or one too large, is the largest (pcapint_adjust_snapshot in libpcap). */
function snapLengthOf(given: number): number {
  return given === 0 || given > 0x7fff_ffff ? SNAPLEN_MAX : given;
}

/** Reads either byte order, micro- or nanoseconds (rounded down); records are cut to the snapshot length. The newer pcapng is refused by name. */
export function readPcap(bytes: Uint8Array): PcapFile | WireError {
  if (bytes.length < PCAP_HEADER) return truncated('a capture file header', 0, PCAP_HEADER, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  if (magic === 0x0a0d0d0a) return wireError('the capture file is pcapng, which is not modelled', 0);
  const little = magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS;
  const order = view.getUint32(0, little);
  if (order !== MAGIC_MICROSECONDS && order !== MAGIC_NANOSECONDS) return wireError('the file has no capture file magic', 0);
  const divisor = order === MAGIC_NANOSECONDS ? 1000 : 1;
  const file: PcapFile = {
    linkType: view.getUint32(20, little) & 0xffff,
    snapLength: snapLengthOf(view.getUint32(16, little)),
    packets: [],
  };
  for (let at = PCAP_HEADER; at < bytes.length; ) {
    const have = bytes.length - at;
    if (have < PCAP_RECORD_HEADER) return truncated('a capture record header', at, PCAP_RECORD_HEADER, have);
    const captured = view.getUint32(at + 8, little);
    const start = at + PCAP_RECORD_HEADER;
    if (captured > bytes.length - start) return truncated('a capture record', at + 8, captured, bytes.length - start);
    const fraction = Math.floor(view.getUint32(at + 4, little) / divisor);
    file.packets.push({
      time: view.getUint32(at, little) * 1_000_000 + fraction,
      bytes: bytes.slice(start, start + Math.min(captured, file.snapLength)),
      length: view.getUint32(at + 12, little),
    });
    at = start + captured;
  }
  return file;
}
