import { truncated, type WireError, wireError } from './wire-error.ts';

/** WireGuard's messages (the protocol's paper §5.4), each the whole of a UDP datagram. Numbers are little-endian. */

export const WIREGUARD_TYPE = { initiation: 1, response: 2, cookie: 3, transport: 4 } as const;
export const INITIATION_LENGTH = 148;
export const RESPONSE_LENGTH = 92;
export const COOKIE_LENGTH = 64;
/** Before the sealed packet of a transport message. */
export const TRANSPORT_HEADER = 16;
/** A transport message without a packet in it, its tag included: a keepalive. */
export const KEEPALIVE_LENGTH = 32;
/** Both handshake messages end with two of them. */
export const MAC_LENGTH = 16;

/** Sessions are named by an index of 32 bits that their receiver has chosen. */
export interface Initiation {
  type: 'initiation';
  sender: number;
  ephemeral: Uint8Array;
  /** The sender's public key, sealed. */
  identity: Uint8Array;
  timestamp: Uint8Array;
  mac1: Uint8Array;
  mac2: Uint8Array;
}

export interface Response {
  type: 'response';
  sender: number;
  receiver: number;
  ephemeral: Uint8Array;
  /** Nothing, sealed: proves that the sender knows the keys. */
  empty: Uint8Array;
  mac1: Uint8Array;
  mac2: Uint8Array;
}

export interface Cookie {
  type: 'cookie';
  receiver: number;
  nonce: Uint8Array;
  sealed: Uint8Array;
}

export interface Transport {
  type: 'transport';
  receiver: number;
  counter: number;
  sealed: Uint8Array;
}

export type WireguardMessage = Initiation | Response | Cookie | Transport;

const LENGTHS = { initiation: INITIATION_LENGTH, response: RESPONSE_LENGTH, cookie: COOKIE_LENGTH };

/** Which message starts at `at`, by type and length, or `undefined` (prepare_skb_header, SKB_TYPE_LE32). */
export function wireguardType(b: Uint8Array, at: number, end: number): WireguardMessage['type'] | undefined {
  if (end - at < 4 || b[at + 1] !== 0 || b[at + 2] !== 0 || b[at + 3] !== 0) return undefined;
  const type = b[at];
  for (const name of ['initiation', 'response', 'cookie'] as const)
    if (type === WIREGUARD_TYPE[name]) return end - at === LENGTHS[name] ? name : undefined;
  return type === WIREGUARD_TYPE.transport && end - at >= KEEPALIVE_LENGTH ? 'transport' : undefined;
}

export function parseWireguard(b: Uint8Array, at: number, end: number): WireguardMessage | WireError {
  if (end - at < KEEPALIVE_LENGTH) return truncated('a WireGuard message', at, KEEPALIVE_LENGTH, end - at);
  const type = wireguardType(b, at, end);
  const view = new DataView(b.buffer, b.byteOffset + at, end - at);
  const index = (offset: number) => view.getUint32(offset, true);
  const part = (from: number, length: number) => b.slice(at + from, at + from + length);
  switch (type) {
    case 'initiation':
      return {
        type,
        sender: index(4),
        ephemeral: part(8, 32),
        identity: part(40, 48),
        timestamp: part(88, 28),
        mac1: part(116, 16),
        mac2: part(132, 16),
      };
    case 'response':
      return {
        type,
        sender: index(4),
        receiver: index(8),
        ephemeral: part(12, 32),
        empty: part(44, 16),
        mac1: part(60, 16),
        mac2: part(76, 16),
      };
    case 'cookie':
      return { type, receiver: index(4), nonce: part(8, 24), sealed: part(32, 32) };
    case 'transport': {
      // No sender ever gets as far as 2^53 packets with one key.
      if (view.getUint32(12, true) >= 2 ** 21) return wireError('the counter is beyond what is used', at + 8);
      const counter = view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32;
      return { type, receiver: index(4), counter, sealed: part(TRANSPORT_HEADER, end - at - TRANSPORT_HEADER) };
    }
    default:
      return wireError('no WireGuard message has that type and length', at);
  }
}

export function wireguardLength(message: WireguardMessage): number {
  return message.type === 'transport' ? TRANSPORT_HEADER + message.sealed.length : LENGTHS[message.type];
}

export function emitWireguard(b: Uint8Array, at: number, message: WireguardMessage): void {
  const view = new DataView(b.buffer, b.byteOffset + at);
  view.setUint32(0, WIREGUARD_TYPE[message.type], true);
  let offset = 4;
  const index = (value: number) => {
    view.setUint32(offset, value, true);
    offset += 4;
  };
  const parts = (...all: Uint8Array[]) => {
    for (const part of all) {
      b.set(part, at + offset);
      offset += part.length;
    }
  };
  switch (message.type) {
    case 'initiation':
      index(message.sender);
      return parts(message.ephemeral, message.identity, message.timestamp, message.mac1, message.mac2);
    case 'response':
      index(message.sender);
      index(message.receiver);
      return parts(message.ephemeral, message.empty, message.mac1, message.mac2);
    case 'cookie':
      index(message.receiver);
      return parts(message.nonce, message.sealed);
    case 'transport':
      index(message.receiver);
      index(message.counter % 2 ** 32);
      index(Math.floor(message.counter / 2 ** 32));
      return parts(message.sealed);
  }
}

/** The bytes of a message. */
export function encodeWireguard(message: WireguardMessage): Uint8Array {
  const bytes = new Uint8Array(wireguardLength(message));
  emitWireguard(bytes, 0, message);
  return bytes;
}
