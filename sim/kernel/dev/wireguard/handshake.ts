import { blake2s, deriveKeys } from '../../../base/crypto/blake2s.ts';
import { open, seal } from '../../../base/crypto/chacha20-poly1305.ts';
import { publicKeyOf, x25519 } from '../../../base/crypto/x25519.ts';
import { concat, encode } from '../../../base/bytes.ts';
import { EPOCH_SECONDS, type Micros, SECOND } from '../../../base/time.ts';
import { encodeWireguard, type Initiation, MAC_LENGTH, type Response } from '../../../wire/wireguard.ts';

/** Noise_IKpsk2 as WireGuard uses it (drivers/net/wireguard/noise.c; the protocol's paper §5.4). */

export const KEY_LENGTH = 32;
const NOTHING = new Uint8Array(0);
const NO_MAC = new Uint8Array(MAC_LENGTH);
const CHAINING = blake2s(encode('Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s'));
const PROLOGUE = blake2s(concat([CHAINING, encode('WireGuard v1 zx2c4 Jason@zx2c4.com')]));

/** A device's own key pair. */
export interface Identity {
  privateKey: Uint8Array;
  publicKey: Uint8Array;
}

/** What both sides carry from message to message: the chaining key and the hash of all that was said. */
class Transcript {
  chaining = CHAINING;
  hash: Uint8Array;

  constructor(responder: Uint8Array) {
    this.hash = blake2s(concat([PROLOGUE, responder]));
  }

  mixHash(data: Uint8Array): void {
    this.hash = blake2s(concat([this.hash, data]));
  }

  mixEphemeral(publicKey: Uint8Array): void {
    this.mixHash(publicKey);
    this.#mix(publicKey, 1);
  }

  /** @returns the key for what is sealed next, or undefined if the other's key is of no use */
  mixKey(shared: Uint8Array): Uint8Array | undefined {
    if (shared.every((byte) => byte === 0)) return undefined;
    return this.#mix(shared, 2)[1];
  }

  mixPresharedKey(key: Uint8Array): Uint8Array {
    const [, hashed, sealing] = this.#mix(key, 3);
    this.mixHash(hashed as Uint8Array);
    return sealing as Uint8Array;
  }

  #mix(input: Uint8Array, count: number): Uint8Array[] {
    const keys = deriveKeys(this.chaining, input, count);
    this.chaining = keys[0] as Uint8Array;
    return keys;
  }

  seal(key: Uint8Array, plain: Uint8Array): Uint8Array {
    const sealed = seal(key, 0, plain, this.hash);
    this.mixHash(sealed);
    return sealed;
  }

  open(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const plain = open(key, 0, sealed, this.hash);
    if (plain) this.mixHash(sealed);
    return plain;
  }
}

/** What an initiator keeps until the response comes. */
export interface Begun {
  transcript: Transcript;
  ephemeral: Identity;
  localIndex: number;
}

/** What a responder needs of an initiation that was good. */
export interface Heard {
  transcript: Transcript;
  remoteEphemeral: Uint8Array;
  remoteIndex: number;
  /** Who says that it is the sender. */
  identity: Uint8Array;
  timestamp: Uint8Array;
}

/** The keys of a new session, from this side's point of view. */
export interface SessionKeys {
  sending: Uint8Array;
  receiving: Uint8Array;
}

/** wg_noise_handshake_create_initiation. @returns undefined when the peer's key is of no use */
export function createInitiation(
  own: Identity,
  peer: Uint8Array,
  ephemeral: Identity,
  localIndex: number,
  now: Micros,
): { message: Uint8Array; begun: Begun } | undefined {
  const transcript = new Transcript(peer);
  transcript.mixEphemeral(ephemeral.publicKey);
  const identityKey = transcript.mixKey(x25519(ephemeral.privateKey, peer));
  if (!identityKey) return undefined;
  const identity = transcript.seal(identityKey, own.publicKey);
  const timestampKey = transcript.mixKey(x25519(own.privateKey, peer));
  if (!timestampKey) return undefined;
  const sealedTime = transcript.seal(timestampKey, timestamp(now));
  const { publicKey } = ephemeral;
  const parts = { ephemeral: publicKey, identity, timestamp: sealedTime, mac1: NO_MAC, mac2: NO_MAC };
  const message = withMac(encodeWireguard({ type: 'initiation', sender: localIndex, ...parts }), peer);
  return { message, begun: { transcript, ephemeral, localIndex } };
}

/** wg_noise_handshake_consume_initiation, up to finding the peer: who it is stands inside, sealed for this device. */
export function consumeInitiation(own: Identity, message: Initiation): Heard | undefined {
  const transcript = new Transcript(own.publicKey);
  transcript.mixEphemeral(message.ephemeral);
  const identityKey = transcript.mixKey(x25519(own.privateKey, message.ephemeral));
  const identity = identityKey && transcript.open(identityKey, message.identity);
  if (!identity) return undefined;
  const timestampKey = transcript.mixKey(x25519(own.privateKey, identity));
  const time = timestampKey && transcript.open(timestampKey, message.timestamp);
  if (!time) return undefined;
  return { transcript, remoteEphemeral: message.ephemeral, remoteIndex: message.sender, identity, timestamp: time };
}

/** wg_noise_handshake_create_response, and the session that it makes for the responder. */
export function createResponse(
  heard: Heard,
  ephemeral: Identity,
  presharedKey: Uint8Array,
  localIndex: number,
): { message: Uint8Array; keys: SessionKeys } | undefined {
  const { transcript, remoteEphemeral, remoteIndex, identity } = heard;
  transcript.mixEphemeral(ephemeral.publicKey);
  if (!transcript.mixKey(x25519(ephemeral.privateKey, remoteEphemeral))) return undefined;
  if (!transcript.mixKey(x25519(ephemeral.privateKey, identity))) return undefined;
  const empty = transcript.seal(transcript.mixPresharedKey(presharedKey), NOTHING);
  const parts = { ephemeral: ephemeral.publicKey, empty, mac1: NO_MAC, mac2: NO_MAC };
  const message = withMac(encodeWireguard({ type: 'response', sender: localIndex, receiver: remoteIndex, ...parts }), identity);
  const [receiving, sending] = deriveKeys(transcript.chaining, NOTHING, 2) as [Uint8Array, Uint8Array];
  return { message, keys: { sending, receiving } };
}

/** wg_noise_handshake_consume_response. @returns undefined if it isn't the peer's, or the preshared keys differ */
export function consumeResponse(own: Identity, begun: Begun, presharedKey: Uint8Array, message: Response): SessionKeys | undefined {
  const transcript = new Transcript(NOTHING);
  // A response that is no good leaves what was begun as it was.
  transcript.chaining = begun.transcript.chaining;
  transcript.hash = begun.transcript.hash;
  transcript.mixEphemeral(message.ephemeral);
  if (!transcript.mixKey(x25519(begun.ephemeral.privateKey, message.ephemeral))) return undefined;
  if (!transcript.mixKey(x25519(own.privateKey, message.ephemeral))) return undefined;
  if (!transcript.open(transcript.mixPresharedKey(presharedKey), message.empty)) return undefined;
  const [sending, receiving] = deriveKeys(transcript.chaining, NOTHING, 2) as [Uint8Array, Uint8Array];
  return { sending, receiving };
}

/** The key with which messages to a device say that they know its public key. */
function macKey(receiver: Uint8Array): Uint8Array {
  return blake2s(concat([encode('mac1----'), receiver]));
}

function withMac(message: Uint8Array, receiver: Uint8Array): Uint8Array {
  const at = message.length - 2 * MAC_LENGTH;
  message.set(blake2s(message.subarray(0, at), MAC_LENGTH, macKey(receiver)), at);
  return message;
}

/** Whether the sender of a handshake message knows this device's public key; others get no answer (wg_cookie_validate_packet). */
export function macValid(message: Uint8Array, own: Uint8Array): boolean {
  const at = message.length - 2 * MAC_LENGTH;
  const wanted = blake2s(message.subarray(0, at), MAC_LENGTH, macKey(own));
  return wanted.every((byte, i) => byte === message[at + i]);
}

/** TAI64N with its precision reduced to 1/60 s, as initiations may follow one another fifty times a second (tai64n_now). */
function timestamp(now: Micros): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 0x4000_0000_0000_000an + BigInt(EPOCH_SECONDS + Math.floor(now / SECOND)));
  const nanoseconds = (now % SECOND) * 1000;
  view.setUint32(8, nanoseconds - (nanoseconds % 2 ** 24));
  return bytes;
}

/** Whether a timestamp is later than another. */
export function later(a: Uint8Array, b: Uint8Array): boolean {
  for (const [i, byte] of a.entries()) if (byte !== b[i]) return byte > (b[i] as number);
  return false;
}

/** A key pair of bytes that were drawn. */
export function identityOf(privateKey: Uint8Array): Identity {
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}
