import type { IPv4, Mac } from '../base/address.ts';
import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { ETHERTYPE, readMac, writeMac } from './ethernet.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

/** ARP for IPv4 over Ethernet (RFC 826): 28 bytes. */
export const ARP_LENGTH = 28;

export const ARP_OPERATION = { Request: 1, Reply: 2 } as const;
const HARDWARE_ETHERNET = 1;

export function hardwareType(b: Uint8Array, at: number): number {
  return be16(b, at);
}
export function protocolType(b: Uint8Array, at: number): number {
  return be16(b, at + 2);
}
export function hardwareLength(b: Uint8Array, at: number): number {
  return b[at + 4] as number;
}
export function protocolLength(b: Uint8Array, at: number): number {
  return b[at + 5] as number;
}
/** One of `ARP_OPERATION`. */
export function operation(b: Uint8Array, at: number): number {
  return be16(b, at + 6);
}
export function senderMac(b: Uint8Array, at: number): Mac {
  return readMac(b, at + 8);
}
export function senderAddress(b: Uint8Array, at: number): IPv4 {
  return be32(b, at + 14);
}
export function targetMac(b: Uint8Array, at: number): Mac {
  return readMac(b, at + 18);
}
export function targetAddress(b: Uint8Array, at: number): IPv4 {
  return be32(b, at + 24);
}

export interface Arp {
  /** 1 asks, 2 answers (`ARP_OPERATION`); others exist and are kept. */
  operation: number;
  senderMac: Mac;
  senderAddress: IPv4;
  targetMac: Mac;
  targetAddress: IPv4;
}

/** Anything but IPv4 over Ethernet is an error, as for Linux's arp_rcv. */
export function parseArp(b: Uint8Array, at: number, end: number): Arp | WireError {
  if (end - at < ARP_LENGTH) return truncated('an ARP packet', at, ARP_LENGTH, end - at);
  if (hardwareType(b, at) !== HARDWARE_ETHERNET) return wireError(`hardware type ${hardwareType(b, at)} is not Ethernet`, at);
  if (protocolType(b, at) !== ETHERTYPE.IPv4) return wireError(`protocol type ${protocolType(b, at)} is not IPv4`, at + 2);
  if (hardwareLength(b, at) !== 6) return wireError(`hardware address length ${hardwareLength(b, at)} is not 6`, at + 4);
  if (protocolLength(b, at) !== 4) return wireError(`protocol address length ${protocolLength(b, at)} is not 4`, at + 5);
  return {
    operation: operation(b, at),
    senderMac: senderMac(b, at),
    senderAddress: senderAddress(b, at),
    targetMac: targetMac(b, at),
    targetAddress: targetAddress(b, at),
  };
}

export function emitArp(b: Uint8Array, at: number, arp: Arp): void {
  setBe16(b, at, HARDWARE_ETHERNET);
  setBe16(b, at + 2, ETHERTYPE.IPv4);
  b[at + 4] = 6;
  b[at + 5] = 4;
  setBe16(b, at + 6, arp.operation);
  writeMac(b, at + 8, arp.senderMac);
  setBe32(b, at + 14, arp.senderAddress);
  writeMac(b, at + 18, arp.targetMac);
  setBe32(b, at + 24, arp.targetAddress);
}

export function arpLength(_arp?: Arp): number {
  return ARP_LENGTH;
}
