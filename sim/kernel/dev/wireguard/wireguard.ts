import { formatIP, type IP } from '../../../base/address.ts';
import { open } from '../../../base/crypto/chacha20-poly1305.ts';
import { clamp } from '../../../base/crypto/x25519.ts';
import type { Errno } from '../../../base/errno.ts';
import type { Random } from '../../../base/random.ts';
import { ETHERTYPE } from '../../../wire/ethernet.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { isWireError } from '../../../wire/wire-error.ts';
import { parseWireguard, TRANSPORT_HEADER, type Transport, type WireguardMessage } from '../../../wire/wireguard.ts';
import { type DropReason, drop } from '../../drop.ts';
import type { Ipv4Destination } from '../../ipv4/route.ts';
import type { NetNamespace } from '../../netns.ts';
import { Skb } from '../../skb.ts';
import { IFF, NetDevice } from '../device.ts';
import { receiveBare } from '../queue.ts';
import { ecnDecapsulate, ecnEncapsulate, innerHeader, traceTunnel } from '../tunnel.ts';
import { AllowedIps } from './allowed-ips.ts';
import { type Identity, identityOf, KEY_LENGTH, macValid } from './handshake.ts';
import type { Keypair } from './keypair.ts';
import { type Endpoint, hear, Peer } from './peer.ts';
import { WireguardSocket } from './socket.ts';
import { REJECT_AFTER } from './timers.ts';

/** IPv6, UDP, the message's header and tag: what the MTU is smaller by, whatever the underlay. */
const OVERHEAD = 80;
/** What the arithmetic of answering a handshake message takes a processor, in microseconds. */
const ANSWER_COST = 280;

/** How a message came. */
export interface Arrival {
  from: Endpoint;
  to: IP;
  tos: number;
}

/**
 * A WireGuard device (drivers/net/wireguard): bare IP packets, sealed for the peer whose allowed addresses the destination is among, and
 * sent in UDP to where that peer was heard last.
 */
export class Wireguard extends NetDevice {
  readonly kind = 'wireguard';
  override readonly type = 'none';
  override readonly linkHeader = 0;
  override flags: number = IFF.POINTOPOINT | IFF.NOARP;
  override minMtu = 0;
  override maxMtu = 2_147_483_552;
  override mtu = 1500 - OVERHEAD;
  /** The private key and what follows from it; `undefined` until one is set. */
  identity: Identity | undefined;
  listenPort = 0;
  fwmark = 0;
  readonly peers = new Map<string, Peer>();
  readonly allowedIps = new AllowedIps<Peer>();
  readonly socket: WireguardSocket;
  readonly #indices = new Map<number, Peer>();
  readonly #random: Random;

  constructor(net: NetNamespace, name: string, ifindex: number, underlay: NetNamespace) {
    super(net, name, ifindex, 0);
    this.broadcast = 0;
    this.socket = new WireguardSocket(this, underlay);
    this.#random = net.kernel.random(`wireguard/${net.uid}/${name}`);
  }

  override get operstate(): 'UNKNOWN' | 'DOWN' {
    return this.up ? 'UNKNOWN' : 'DOWN';
  }

  // ---- life ---------------------------------------------------------------------------------------------------------------

  /** wg_open. */
  override opening(): Errno | undefined {
    this.ipv6.conf.addr_gen_mode = 1;
    this.ipv4.conf.send_redirects = 0;
    const port = this.socket.open(this.listenPort);
    if (typeof port === 'string') return port;
    this.listenPort = port;
    return undefined;
  }

  override opened(): void {
    for (const peer of this.peers.values()) {
      peer.sendStaged();
      if (peer.persistentKeepalive > 0) peer.sendKeepalive();
    }
  }

  override stopped(): void {
    for (const peer of this.peers.values()) peer.stop();
    this.socket.close();
  }

  override unregister(): void {
    for (const peer of this.peers.values()) peer.remove();
    this.peers.clear();
    this.socket.close();
  }

  // ---- settings -----------------------------------------------------------------------------------------------------------

  /** @param privateKey `undefined` takes it away */
  setPrivateKey(privateKey: Uint8Array | undefined): void {
    const identity = privateKey && identityOf(clamp(privateKey));
    if (identity && this.identity && sameKey(identity.privateKey, this.identity.privateKey)) return;
    // Nobody is their own peer.
    if (identity) this.removePeer(identity.publicKey);
    this.identity = identity;
    for (const peer of this.peers.values()) peer.keyChanged();
  }

  setPort(port: number): Errno | undefined {
    if (port === this.listenPort) return undefined;
    for (const peer of this.peers.values()) peer.forgetSource();
    if (!this.up) {
      this.listenPort = port;
      return undefined;
    }
    const opened = this.socket.open(port);
    if (typeof opened === 'string') return opened;
    this.listenPort = opened;
    return undefined;
  }

  setMark(mark: number): void {
    this.fwmark = mark;
    this.socket.mark = mark;
    for (const peer of this.peers.values()) peer.forgetSource();
  }

  peer(publicKey: Uint8Array): Peer | undefined {
    return this.peers.get(keyName(publicKey));
  }

  /** @returns undefined for the device's own key */
  addPeer(publicKey: Uint8Array): Peer | undefined {
    if (this.identity && sameKey(publicKey, this.identity.publicKey)) return undefined;
    const peer = new Peer(this, publicKey);
    this.peers.set(keyName(publicKey), peer);
    return peer;
  }

  removePeer(publicKey: Uint8Array): void {
    const peer = this.peer(publicKey);
    if (!peer) return;
    this.allowedIps.removeAll(peer);
    peer.remove();
    this.peers.delete(keyName(publicKey));
  }

  /** An index that names one of the peer's sessions in messages to this device. */
  newIndex(peer: Peer): number {
    let index = this.#random.uint32();
    while (this.#indices.has(index)) index = this.#random.uint32();
    this.#indices.set(index, peer);
    return index;
  }

  forgetIndex(index: number): void {
    this.#indices.delete(index);
  }

  drawKey(): Uint8Array {
    return clamp(Uint8Array.from({ length: KEY_LENGTH }, () => this.#random.below(256)));
  }

  // ---- out ----------------------------------------------------------------------------------------------------------------

  /** wg_xmit: counted as sent is what goes into the underlay, handshakes included. */
  override transmit(skb: Skb): void {
    this.stats.txPackets--;
    this.stats.txBytes -= skb.length;
    const { bytes, network, protocol } = skb;
    if (protocol !== ETHERTYPE.IPv4 && protocol !== ETHERTYPE.IPv6) return this.#fail(skb, 'INVALID_PROTO', 'EPROTONOSUPPORT');
    const peer = this.allowedIps.lookup(protocol === ETHERTYPE.IPv4 ? ip.destination(bytes, network) : ip6.destination(bytes, network));
    if (!peer) return this.#unreachable(skb, 'WIREGUARD_NO_PEER', 'ENOKEY');
    if (!peer.endpoint) return this.#unreachable(skb, 'WIREGUARD_NO_ENDPOINT', 'EDESTADDRREQ');
    const mtu = (skb.route as Ipv4Destination | undefined)?.mtu ?? this.mtu;
    peer.stage(skb, mtu, ecnEncapsulate(0, innerHeader(skb, network).tos));
  }

  /** The sender hears at once, by ICMP and by the error of its system call. */
  #unreachable(skb: Skb, reason: DropReason, errno: Errno): void {
    if (skb.protocol === ETHERTYPE.IPv4) this.net.ipv4.reportError(skb, { kind: 'unreachable', code: 1, mtu: 0 });
    else this.net.ipv6.reportError(skb, { kind: 'unreachable', code: 3 });
    this.#fail(skb, reason, errno);
  }

  #fail(skb: Skb, reason: DropReason, errno: Errno): void {
    this.stats.txErrors++;
    this.refusal = errno;
    drop(this.net, skb, reason);
  }

  // ---- in -----------------------------------------------------------------------------------------------------------------

  /** A datagram for the device's port; the message starts at `at`, `skb.network` stands at the outer header (wg_receive). */
  receive(skb: Skb, at: number, arrival: Arrival): void {
    const message = parseWireguard(skb.bytes, at, skb.end);
    if (isWireError(message)) return drop(this.net, skb, 'WIREGUARD_INVALID');
    if (message.type === 'transport') return this.#open(skb, message, arrival);
    const whole = skb.bytes.slice(at, skb.end);
    this.net.kernel.events.after(ANSWER_COST, 'wireguard handshake', () => {
      if (this.up) this.#handshake(skb, whole, message, arrival);
    });
  }

  /** wg_receive_handshake_packet. */
  #handshake(skb: Skb, whole: Uint8Array, message: WireguardMessage, { from, to }: Arrival): void {
    const refuse = () => drop(this.net, skb, 'WIREGUARD_HANDSHAKE');
    if (message.type === 'cookie' || !this.identity || !macValid(whole, this.identity.publicKey)) return refuse();
    if (message.type === 'initiation') {
      const heard = hear(this, message);
      const peer = heard && this.peer(heard.identity);
      if (!heard || !peer?.answer(heard)) return refuse();
      peer.heard(from, to);
      this.#countReceived(peer, whole.length);
      peer.respond(heard);
    } else if (message.type === 'response') {
      const peer = this.#indices.get(message.receiver);
      if (!peer?.finish(message)) return refuse();
      peer.heard(from, to);
      this.#countReceived(peer, whole.length);
      peer.finished();
    }
  }

  #countReceived(peer: Peer, bytes: number): void {
    peer.rxBytes += bytes;
    this.stats.rxPackets++;
    this.stats.rxBytes += bytes;
  }

  /** Opens a transport message with the keys that its index names (decrypt_packet, wg_packet_rx_poll). */
  #open(skb: Skb, message: Transport, { from, to, tos }: Arrival): void {
    const peer = this.#indices.get(message.receiver);
    const keypair = peer?.keypairs.find(message.receiver);
    if (!peer || !keypair || !this.#alive(keypair)) return drop(this.net, skb, 'WIREGUARD_NO_SESSION');
    const plain = open(keypair.receiving, message.counter, message.sealed, new Uint8Array(0));
    if (!plain) return drop(this.net, skb, 'WIREGUARD_SEAL');
    if (!keypair.window.accept(message.counter)) return drop(this.net, skb, 'WIREGUARD_REPLAY');
    peer.heard(from, to);
    peer.received(keypair);
    const size = message.sealed.length + TRANSPORT_HEADER;
    if (plain.length === 0) return this.#countReceived(peer, size);
    peer.timers.dataReceived();
    const inner = Skb.allocate(plain.length, skb.packet);
    inner.bytes.set(plain, inner.data);
    this.#deliver(inner, peer, size, tos, formatIP(from.address));
  }

  #alive(keypair: Keypair): boolean {
    if (this.net.kernel.events.now - keypair.born >= REJECT_AFTER) keypair.expired = true;
    return !keypair.expired;
  }

  /** wg_packet_consume_data_done: a peer may send only from its own addresses. */
  #deliver(skb: Skb, peer: Peer, size: number, tos: number, from: string): void {
    skb.network = skb.data;
    skb.mac = skb.data;
    const length = innerLength(skb);
    if (length === undefined) return this.#dishonest(skb, 'INVALID_PROTO');
    if (length > skb.length) return this.#dishonest(skb, 'PKT_TOO_SMALL');
    if (!ecnDecapsulate(skb, tos)) return this.#dishonest(skb, 'IP_TUNNEL_ECN');
    skb.trim(length);
    const { bytes, network } = skb;
    const source = skb.protocol === ETHERTYPE.IPv4 ? ip.source(bytes, network) : ip6.source(bytes, network);
    if (this.allowedIps.lookup(source) !== peer) return this.#dishonest(skb, 'WIREGUARD_SOURCE');
    traceTunnel(this, skb, `wireguard: out of a packet from ${from}`);
    // Counted is the message, as it came.
    this.stats.rxBytes += size - skb.length;
    peer.rxBytes += size;
    receiveBare(this, skb);
  }

  #dishonest(skb: Skb, reason: DropReason): void {
    this.stats.rxErrors++;
    drop(this.net, skb, reason);
  }
}

/** How long the packet says that it is, and its protocol into `skb`; `undefined` for what isn't IP. */
function innerLength(skb: Skb): number | undefined {
  const version = (skb.bytes[skb.data] as number) >>> 4;
  if (version === 4 && skb.length >= ip.IPV4_HEADER) {
    skb.protocol = ETHERTYPE.IPv4;
    const length = ip.totalLength(skb.bytes, skb.data);
    return length < ip.IPV4_HEADER ? undefined : length;
  }
  if (version === 6 && skb.length >= ip6.IPV6_HEADER) {
    skb.protocol = ETHERTYPE.IPv6;
    return ip6.payloadLength(skb.bytes, skb.data) + ip6.IPV6_HEADER;
  }
  return undefined;
}

function keyName(key: Uint8Array): string {
  return key.join('.');
}

function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
