import { encode } from '../base/bytes.ts';
import { setBe16, setBe32 } from './endian.ts';

/**
 * A message of a netfilter log group as savefiles keep it (LINKTYPE_NFLOG): family, version and group, then attributes of nfnetlink, each
 * a length and a type, both little-endian here as on most machines, and a value padded to four bytes.
 */
export const NFLOG_HEADER = 4;

/** Types of attributes (include/uapi/linux/netfilter/nfnetlink_log.h). */
export const NFULA = {
  PacketHeader: 1,
  Mark: 2,
  Timestamp: 3,
  InputDevice: 4,
  OutputDevice: 5,
  HardwareAddress: 8,
  Payload: 9,
  Prefix: 10,
  Uid: 11,
  Gid: 14,
  HardwareType: 15,
  HardwareHeader: 16,
  HardwareLength: 17,
} as const;

/** What a message says of a packet. */
export interface NflogMessage {
  /** AF_INET 2, AF_INET6 10, AF_BRIDGE 7. */
  family: number;
  group: number;
  /** EtherType. */
  protocol: number;
  /** 0 PREROUTING to 4 POSTROUTING. */
  hook: number;
  prefix: string;
  /** ifindex; 0 for none. */
  input: number;
  output: number;
  mark: number;
  /** The header before the IP header of a packet that came in, and the type of its device. */
  link: { header: Uint8Array; type: number; source: Uint8Array } | undefined;
  /** When it came in: seconds since 1970 and microseconds. */
  received: { seconds: number; micros: number } | undefined;
  /** Whose packet it is, if a socket of this machine sent it. */
  owner: { uid: number; gid: number } | undefined;
  payload: Uint8Array;
}

/** In the order of `__build_packet_message` (net/netfilter/nfnetlink_log.c). */
export function emitNflog(message: NflogMessage): Uint8Array {
  const attributes: [type: number, value: Uint8Array][] = [[NFULA.PacketHeader, packetHeader(message)]];
  attributes.push([NFULA.Prefix, encode(`${message.prefix}\0`)]);
  if (message.input !== 0) attributes.push([NFULA.InputDevice, word(message.input)]);
  if (message.output !== 0) attributes.push([NFULA.OutputDevice, word(message.output)]);
  if (message.mark !== 0) attributes.push([NFULA.Mark, word(message.mark)]);
  const { link, received, owner } = message;
  if (link) {
    attributes.push([NFULA.HardwareAddress, hardwareAddress(link.source)]);
    attributes.push([NFULA.HardwareType, half(link.type)], [NFULA.HardwareLength, half(link.header.length)]);
    attributes.push([NFULA.HardwareHeader, link.header]);
  }
  if (received) attributes.push([NFULA.Timestamp, timestamp(received.seconds, received.micros)]);
  if (owner) attributes.push([NFULA.Uid, word(owner.uid)], [NFULA.Gid, word(owner.gid)]);
  attributes.push([NFULA.Payload, message.payload]);
  return assemble(message, attributes);
}

function assemble({ family, group }: NflogMessage, attributes: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const padded = (length: number) => (length + 3) & ~3;
  const size = attributes.reduce((sum, [, value]) => sum + padded(4 + value.length), NFLOG_HEADER);
  const bytes = new Uint8Array(size);
  bytes[0] = family;
  setBe16(bytes, 2, group);
  const view = new DataView(bytes.buffer);
  let at = NFLOG_HEADER;
  for (const [type, value] of attributes) {
    view.setUint16(at, 4 + value.length, true);
    view.setUint16(at + 2, type, true);
    bytes.set(value, at + 4);
    at += padded(4 + value.length);
  }
  return bytes;
}

function packetHeader({ protocol, hook }: NflogMessage): Uint8Array {
  const value = new Uint8Array(4);
  setBe16(value, 0, protocol);
  value[2] = hook;
  return value;
}

function word(number: number): Uint8Array {
  const value = new Uint8Array(4);
  setBe32(value, 0, number);
  return value;
}

function half(number: number): Uint8Array {
  const value = new Uint8Array(2);
  setBe16(value, 0, number);
  return value;
}

function hardwareAddress(source: Uint8Array): Uint8Array {
  const value = new Uint8Array(12);
  setBe16(value, 0, source.length);
  value.set(source, 4);
  return value;
}

function timestamp(seconds: number, micros: number): Uint8Array {
  const value = new Uint8Array(16);
  new DataView(value.buffer).setBigUint64(0, BigInt(seconds));
  new DataView(value.buffer).setBigUint64(8, BigInt(micros));
  return value;
}

/** An attribute of a message. */
export interface NflogAttribute {
  type: number;
  /** Where its value starts, and how long it is. */
  at: number;
  length: number;
}

/** The attributes of a message, up to its end or to one that doesn't fit. */
export function* nflogAttributes(b: Uint8Array, start: number, end: number): Generator<NflogAttribute> {
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  for (let at = start + NFLOG_HEADER; at + 4 <= end; ) {
    const length = view.getUint16(at, true);
    if (length < 4) return;
    yield { type: view.getUint16(at + 2, true), at: at + 4, length: length - 4 };
    at += (length + 3) & ~3;
  }
}
