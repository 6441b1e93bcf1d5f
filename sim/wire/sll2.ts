import type { Mac } from '../base/address.ts';
import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { readMac, writeMac } from './ethernet.ts';
import { truncated, type WireError } from './wire-error.ts';

/**
 * Linux "cooked" capture, version 2 (LINKTYPE_LINUX_SLL2): what a capture on `any` has in place of a link-layer header. Twenty bytes, then
 * the network-layer packet.
 */
export const SLL2_HEADER = 20;

/** As PACKET_* of include/uapi/linux/if_packet.h. */
export const SLL2_PACKET_TYPE = { Host: 0, Broadcast: 1, Multicast: 2, OtherHost: 3, Outgoing: 4 } as const;

/** Hardware types (include/uapi/linux/if_arp.h). */
export const ARPHRD = { Ether: 1, Tunnel: 768, Loopback: 772, Sit: 776, IpGre: 778, None: 0xfffe } as const;

export interface Sll2Header {
  /** EtherType. */
  protocol: number;
  ifindex: number;
  /** One of `ARPHRD`. */
  hardwareType: number;
  /** One of `SLL2_PACKET_TYPE`. */
  packetType: number;
  /** Bytes of the sender's link-layer address: 6, or 0 when the device has none. */
  addressLength: number;
  address: Mac;
}

export function parseSll2(b: Uint8Array, at: number, end: number): Sll2Header | WireError {
  if (end - at < SLL2_HEADER) return truncated('a cooked capture header', at, SLL2_HEADER, end - at);
  return {
    protocol: be16(b, at),
    ifindex: be32(b, at + 4),
    hardwareType: be16(b, at + 8),
    packetType: b[at + 10] as number,
    addressLength: b[at + 11] as number,
    address: readMac(b, at + 12),
  };
}

export function emitSll2(b: Uint8Array, at: number, header: Sll2Header): void {
  setBe16(b, at, header.protocol);
  setBe16(b, at + 2, 0);
  setBe32(b, at + 4, header.ifindex);
  setBe16(b, at + 8, header.hardwareType);
  b[at + 10] = header.packetType;
  b[at + 11] = header.addressLength;
  writeMac(b, at + 12, header.address);
  setBe16(b, at + 18, 0);
}

export function sll2Length(_header?: Sll2Header): number {
  return SLL2_HEADER;
}
