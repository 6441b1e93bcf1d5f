import type { IP, Prefix } from '../../../base/address.ts';
import { seal } from '../../../base/crypto/chacha20-poly1305.ts';
import type { Micros } from '../../../base/time.ts';
import { TRANSPORT_HEADER, emitWireguard, type Initiation, type Response } from '../../../wire/wireguard.ts';
import { drop } from '../../drop.ts';
import { Skb } from '../../skb.ts';
import { traceTunnel } from '../tunnel.ts';
import {
  type Begun,
  consumeInitiation,
  consumeResponse,
  createInitiation,
  createResponse,
  type Heard,
  identityOf,
  KEY_LENGTH,
  later,
  type SessionKeys,
} from './handshake.ts';
import { type Keypair, Keypairs, ReplayWindow } from './keypair.ts';
import { KEEPALIVE_TIMEOUT, PeerTimers, REJECT_AFTER, REKEY_AFTER, REKEY_TIMEOUT, type TimedPeer } from './timers.ts';
import type { Wireguard } from './wireguard.ts';

/** Where a peer was heard last, or was said to be. */
export interface Endpoint {
  address: IP;
  port: number;
}

/** Packets that wait for a handshake; the oldest goes when another comes (MAX_STAGED_PACKETS). */
const MAX_STAGED = 128;
/** Sealed packets are filled up to whole blocks. */
const PADDING = 16;
/** Handshake messages are marked like network control: CS4 with ECN off (HANDSHAKE_DSCP). */
const HANDSHAKE_TOS = 0x88;
/** Initiations of one peer are answered at most fifty times a second. */
const FLOOD_INTERVAL = 20_000;
/** What the arithmetic of a handshake message takes a processor. */
const HANDSHAKE_COST = 120;

/** A packet that waits, and as large as it may become by padding. */
interface Staged {
  skb: Skb;
  mtu: number;
  tos: number;
}

/** The other end of a tunnel (`struct wg_peer`). */
export class Peer implements TimedPeer {
  readonly device: Wireguard;
  readonly publicKey: Uint8Array;
  presharedKey: Uint8Array = new Uint8Array(KEY_LENGTH);
  persistentKeepalive = 0;
  endpoint: Endpoint | undefined;
  /** The address that the peer knows this host by. */
  source: IP | undefined;
  rxBytes = 0;
  txBytes = 0;
  /** Of the last complete handshake; `undefined` if there was none. */
  lastHandshake: Micros | undefined;
  readonly timers: PeerTimers;
  readonly keypairs: Keypairs;
  #staged: Staged[] = [];
  #begun: Begun | undefined;
  #lastSent: Micros | undefined;
  #latestTimestamp: Uint8Array = new Uint8Array(12);
  #lastConsumed: Micros | undefined;
  #queued = false;
  #removed = false;
  #renewedLate = false;

  constructor(device: Wireguard, publicKey: Uint8Array) {
    this.device = device;
    this.publicKey = publicKey;
    const { kernel } = device.net;
    const name = [...publicKey.subarray(0, 8)].join('.');
    this.timers = new PeerTimers(this, kernel.events, kernel.random(`wireguard/${device.uid}/jitter/${name}`));
    this.keypairs = new Keypairs((index) => device.forgetIndex(index));
  }

  get running(): boolean {
    return !this.#removed && this.device.up;
  }

  get allowedIps(): Prefix[] {
    return this.device.allowedIps.of(this);
  }

  get #now(): Micros {
    return this.device.net.kernel.events.now;
  }

  // ---- packets --------------------------------------------------------------------------------------------------------------

  /** Takes a packet for the peer; `skb.data` stands at its IP header. */
  stage(skb: Skb, mtu: number, tos: number): void {
    this.#staged.push({ skb, mtu, tos });
    while (this.#staged.length > MAX_STAGED) {
      this.device.stats.txDropped++;
      drop(this.device.net, (this.#staged.shift() as Staged).skb, 'WIREGUARD_QUEUE_FULL');
    }
    this.sendStaged();
  }

  /** Sends what waits, if there are keys for it; asks for some if not (wg_packet_send_staged_packets). */
  sendStaged(): void {
    if (this.#staged.length === 0) return;
    const keypair = this.keypairs.current;
    if (!keypair || keypair.expired || this.#now - keypair.born >= REJECT_AFTER) {
      if (keypair) keypair.expired = true;
      return this.initiate(false);
    }
    let data = false;
    for (const staged of this.#staged.splice(0)) {
      if (staged.skb.length > 0) data = true;
      this.#authenticatedSent();
      this.#seal(keypair, staged);
    }
    if (data) this.timers.dataSent();
    this.#keepFresh(keypair);
  }

  /** A transport message without a packet in it, unless packets wait anyway. */
  sendKeepalive(): void {
    if (this.#staged.length === 0) {
      const skb = Skb.allocate(0, this.device.net.kernel.ids.nextPacket());
      this.#staged.push({ skb, mtu: 0, tos: 0 });
    }
    this.sendStaged();
  }

  /** encrypt_packet. */
  #seal(keypair: Keypair, { skb, mtu, tos }: Staged): void {
    const plain = new Uint8Array(skb.length + paddingOf(skb.length, mtu));
    plain.set(skb.bytes.subarray(skb.data, skb.end));
    const counter = keypair.counter++;
    const sealed = seal(keypair.sending, counter, plain, new Uint8Array(0));
    const outer = Skb.allocate(TRANSPORT_HEADER + sealed.length, skb.packet);
    emitWireguard(outer.bytes, outer.data, { type: 'transport', receiver: keypair.remoteIndex, counter, sealed });
    outer.socket = skb.socket;
    if (skb.length > 0) traceTunnel(this.device, skb, `wireguard: sealed, ${skb.length} bytes as ${outer.length}`);
    this.device.socket.send(this, outer, tos, sealed.length);
  }

  /** What waits goes nowhere. */
  purgeStaged(): void {
    for (const { skb } of this.#staged.splice(0)) if (skb.length > 0) drop(this.device.net, skb, 'WIREGUARD_NO_HANDSHAKE');
  }

  /** Who began the handshake begins the next before the keys are too old (keep_key_fresh of send.c). */
  #keepFresh(keypair: Keypair): void {
    if (keypair.initiator && this.#now - keypair.born >= REKEY_AFTER) this.initiate(false);
  }

  /** Something came shortly before the keys end, and nothing goes out that would renew them (keep_key_fresh of receive.c). */
  #renewLate(): void {
    const keypair = this.keypairs.current;
    if (this.#renewedLate || !keypair?.initiator || keypair.expired) return;
    if (this.#now - keypair.born < REJECT_AFTER - KEEPALIVE_TIMEOUT - REKEY_TIMEOUT) return;
    this.#renewedLate = true;
    this.initiate(false);
  }

  #authenticatedSent(): void {
    this.timers.anyTraversal();
    this.timers.anySent();
  }

  /** Something came that only the peer can have sent, so this is where it is now: peers may roam. */
  heard(from: Endpoint, source: IP): void {
    this.endpoint = from;
    this.source = source;
  }

  /** A transport message whose seal was good (wg_packet_consume_data_done). */
  received(keypair: Keypair): void {
    // Sealing takes the kernel a moment, so timers hear of what came before what goes out.
    this.#authenticatedReceived();
    if (this.keypairs.received(keypair)) {
      this.#complete();
      this.sendStaged();
    }
    this.#renewLate();
  }

  #authenticatedReceived(): void {
    this.timers.anyReceived();
    this.timers.anyTraversal();
  }

  forgetSource(): void {
    this.source = undefined;
  }

  // ---- handshakes -----------------------------------------------------------------------------------------------------------

  /** Begins a handshake, at most one in five seconds (wg_packet_send_queued_handshake_initiation). */
  initiate(retry: boolean): void {
    if (!retry) this.timers.firstAttempt();
    if (!this.running || this.#queued || this.#sentLately()) return;
    this.#queued = true;
    this.device.net.kernel.events.after(HANDSHAKE_COST, 'wireguard initiation', () => {
      this.#queued = false;
      if (this.running && !this.#sentLately()) this.#sendInitiation();
    });
  }

  #sentLately(): boolean {
    return this.#lastSent !== undefined && this.#now - this.#lastSent < REKEY_TIMEOUT;
  }

  #sendInitiation(): void {
    const { device } = this;
    this.#lastSent = this.#now;
    if (!device.identity) return;
    this.#forgetBegun();
    const index = device.newIndex(this);
    const made = createInitiation(device.identity, this.publicKey, this.#ephemeral(), index, this.#now);
    if (!made) return device.forgetIndex(index);
    this.#begun = made.begun;
    this.#authenticatedSent();
    device.socket.sendBytes(this, made.message, HANDSHAKE_TOS);
    this.timers.initiated();
  }

  #ephemeral() {
    return identityOf(this.device.drawKey());
  }

  #forgetBegun(): void {
    if (this.#begun) this.device.forgetIndex(this.#begun.localIndex);
    this.#begun = undefined;
  }

  /** An initiation that names this peer. @returns false for one that is no newer than the last, or comes too soon after it */
  answer(heard: Heard): boolean {
    const { device } = this;
    const soon = this.#lastConsumed !== undefined && this.#now - this.#lastConsumed < FLOOD_INTERVAL;
    if (!later(heard.timestamp, this.#latestTimestamp) || soon) return false;
    this.#latestTimestamp = heard.timestamp;
    this.#lastConsumed = this.#now;
    this.#forgetBegun();
    return device.up;
  }

  /** wg_packet_send_handshake_response. */
  respond(heard: Heard): void {
    const { device } = this;
    this.#lastSent = this.#now;
    const index = device.newIndex(this);
    const made = createResponse(heard, this.#ephemeral(), this.presharedKey, index);
    if (!made) return device.forgetIndex(index);
    this.#begin(made.keys, false, index, heard.remoteIndex);
    this.#authenticatedSent();
    device.socket.sendBytes(this, made.message, HANDSHAKE_TOS);
    this.#authenticatedReceived();
  }

  /** The response to what this side began. @returns false if it isn't */
  finish(response: Response): boolean {
    const { device } = this;
    const begun = this.#begun;
    if (!begun || !device.identity || begun.localIndex !== response.receiver) return false;
    const keys = consumeResponse(device.identity, begun, this.presharedKey, response);
    if (!keys) return false;
    this.#begun = undefined;
    this.#begin(keys, true, begun.localIndex, response.sender);
    return true;
  }

  /** After `finish`: what waits goes out, or a keepalive that tells the other end that the keys may be used. */
  finished(): void {
    this.#complete();
    this.#authenticatedReceived();
    this.sendKeepalive();
  }

  #begin(keys: SessionKeys, initiator: boolean, localIndex: number, remoteIndex: number): void {
    const session = { localIndex, remoteIndex, initiator, born: this.#now, counter: 0, expired: false, window: new ReplayWindow() };
    this.keypairs.add({ ...keys, ...session });
    this.timers.sessionDerived();
  }

  #complete(): void {
    this.timers.handshakeComplete();
    this.#renewedLate = false;
    this.lastHandshake = this.#now;
  }

  // ---- life -----------------------------------------------------------------------------------------------------------------

  zeroKeys(): void {
    this.#forgetBegun();
    this.keypairs.clear();
  }

  /** The device goes down (wg_stop). */
  stop(): void {
    this.purgeStaged();
    this.timers.stop();
    this.zeroKeys();
    this.#lastSent = undefined;
  }

  remove(): void {
    this.stop();
    this.#removed = true;
  }

  /** The device has another private key: handshakes and keys of the old one are worth nothing. */
  keyChanged(): void {
    this.#forgetBegun();
    this.keypairs.expire();
    this.#lastSent = undefined;
  }
}

/** Opens an initiation for a device. */
export function hear(device: Wireguard, message: Initiation): Heard | undefined {
  return device.identity && consumeInitiation(device.identity, message);
}

/** Zeros after a packet, to whole blocks but never beyond the MTU (calculate_skb_padding). */
function paddingOf(length: number, mtu: number): number {
  if (mtu === 0) return roundUp(length) - length;
  const last = length > mtu ? length % mtu : length;
  return Math.min(mtu, roundUp(last)) - last;
}

function roundUp(length: number): number {
  return Math.ceil(length / PADDING) * PADDING;
}
