import type { Mac } from '../base/address.ts';
import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { truncated, type WireError } from './wire-error.ts';

/** Destination, source, EtherType. */
export const ETHERNET_HEADER = 14;

/** Values below this in the type field are an IEEE 802.3 length, and an LLC header follows. */
export const ETHERTYPE_MIN = 0x600;

/** EtherTypes, as include/uapi/linux/if_ether.h (ETH_P_*). */
export const ETHERTYPE = {
  IPv4: 0x0800,
  ARP: 0x0806,
  RARP: 0x8035,
  VLAN: 0x8100,
  IPv6: 0x86dd,
  MPLS: 0x8847,
  EAPOL: 0x888e,
  QinQ: 0x88a8,
  LLDP: 0x88cc,
  /** ETH_P_TEB: Ethernet inside GRE or Geneve. */
  TransparentBridging: 0x6558,
} as const;

/** Reads six bytes as a MAC. */
export function readMac(bytes: Uint8Array, at: number): Mac {
  return be16(bytes, at) * 2 ** 32 + be32(bytes, at + 2);
}

export function writeMac(bytes: Uint8Array, at: number, mac: Mac): void {
  const high = Math.floor(mac / 2 ** 32);
  setBe16(bytes, at, high);
  setBe32(bytes, at + 2, mac - high * 2 ** 32);
}

export function destination(b: Uint8Array, at: number): Mac {
  return readMac(b, at);
}
export function setDestination(b: Uint8Array, at: number, mac: Mac): void {
  writeMac(b, at, mac);
}
export function source(b: Uint8Array, at: number): Mac {
  return readMac(b, at + 6);
}
export function setSource(b: Uint8Array, at: number, mac: Mac): void {
  writeMac(b, at + 6, mac);
}
export function etherType(b: Uint8Array, at: number): number {
  return be16(b, at + 12);
}
export function setEtherType(b: Uint8Array, at: number, value: number): void {
  setBe16(b, at + 12, value);
}

export interface EthernetHeader {
  destination: Mac;
  source: Mac;
  /** Or, below `ETHERTYPE_MIN`, the length of an 802.3 frame's LLC data. */
  etherType: number;
}

export function parseEthernet(b: Uint8Array, at: number, end: number): EthernetHeader | WireError {
  if (end - at < ETHERNET_HEADER) return truncated('an Ethernet header', at, ETHERNET_HEADER, end - at);
  return { destination: destination(b, at), source: source(b, at), etherType: etherType(b, at) };
}

export function emitEthernet(b: Uint8Array, at: number, header: EthernetHeader): void {
  setDestination(b, at, header.destination);
  setSource(b, at, header.source);
  setEtherType(b, at, header.etherType);
}
