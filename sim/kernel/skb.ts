import type { NetDevice } from './dev/device.ts';

/** Bytes kept free before a packet's first header, so that tunnels and bridges push headers without copying. */
export const HEADROOM = 96;

/** Whom a received frame is for, as Linux's PACKET_* (include/uapi/linux/if_packet.h). */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing';

/**
 * A packet inside the kernel, as Linux's `sk_buff`: the bytes, where its headers start, and metadata that never crosses a wire.
 *
 * ```
 *   bytes  |<- headroom ->|<- ethernet ->|<- network header ->|<- transport ->|<- payload ->|
 *                         mac            network              transport                     end
 *          data: where the layer that holds the packet now starts reading
 * ```
 */
export class Skb {
  bytes: Uint8Array;
  /** Where in `bytes` this packet's own begin: its headroom. */
  start: number;
  /** Start of what the current layer sees. */
  data: number;
  end: number;
  mac = 0;
  network = 0;
  transport = 0;
  /** The frame's EtherType. */
  protocol = 0;
  /** The device it came in by, or is about to leave by. */
  dev: NetDevice | undefined;
  packetType: PacketType = 'host';
  /** fwmark. */
  mark = 0;
  /** The journey: copies and fragments keep the number of the packet they were made from. */
  packet: number;
  /** Connection tracking's entry and the packet's direction in it; owned by netfilter. */
  conntrack: unknown;
  /** What the route lookup found; owned by the family's routing code. */
  route: unknown;
  /** What its IP options are, where it has any that this host has read; owned by the family. */
  options: unknown;
  /** Bridge: the port it came in by, while it passes the bridge's hooks. */
  bridgePort: NetDevice | undefined;
  /** What bridge netfilter knows: the ports it came in and goes out by. Set once a bridge has taken it through PREROUTING. */
  bridged: { input: NetDevice; output: NetDevice | undefined } | undefined;
  /** The load balancer has handled it (ipvs_property). */
  balanced = false;
  /** A rule wants those who listen to be told of its way (nf_trace). */
  nftrace = false;
  /** The socket that sent it, for `owner` matches and error queues. */
  socket: unknown;

  /** Of a packet put together from fragments: the longest of them, as IP length; it goes on in pieces no longer (frag_max_size). */
  fragmentMax = 0;
  /**
   * Where in the trace the frame stands as it was sent last, -1 if nowhere: it arrives as it was sent, so it needn't be stored twice.
   * Whoever changes bytes on the way sets it to -1.
   */
  traced = -1;
  tracedData = 0;
  tracedEnd = 0;

  /** @param start of the bytes that are this packet's; what lies before belongs to others */
  constructor(bytes: Uint8Array, data: number, end: number, packet: number, start = 0) {
    this.start = start;
    this.bytes = bytes;
    this.data = data;
    this.end = end;
    this.packet = packet;
  }

  /** Gets the bytes and headers of another packet, which is no more: a fragment becomes the whole. */
  take(whole: Skb): void {
    this.bytes = whole.bytes;
    this.start = whole.start;
    this.data = whole.data;
    this.end = whole.end;
    this.mac = whole.mac;
    this.network = whole.network;
    this.transport = whole.transport;
    this.fragmentMax = whole.fragmentMax;
  }

  /** Room for `length` bytes after the headroom; `data` and `end` stand where a payload of that length lies. */
  static allocate(length: number, packet: number): Skb {
    const start = memory.take(HEADROOM + length);
    return new Skb(memory.slab, start + HEADROOM, start + HEADROOM + length, packet, start);
  }

  get length(): number {
    return this.end - this.data;
  }

  /** Makes room for a header before `data` and moves `data` to it. */
  push(length: number): number {
    if (this.data - this.start < length) this.#grow(length);
    this.data -= length;
    return this.data;
  }

  /** Skips a header. */
  pull(length: number): number {
    this.data += length;
    return this.data;
  }

  /** Cuts off the end, as a link's padding is cut off by the length that IP says. */
  trim(length: number): void {
    if (this.length > length) this.end = this.data + length;
  }

  /** A copy with bytes of its own, on the same journey. */
  clone(): Skb {
    const length = this.end - this.start;
    const start = memory.take(length);
    const moved = start - this.start;
    memory.slab.set(this.bytes.subarray(this.start, this.end), start);
    const copy = new Skb(memory.slab, this.data + moved, this.end + moved, this.packet, start);
    copy.mac = shifted(this.mac, moved);
    copy.network = shifted(this.network, moved);
    copy.transport = shifted(this.transport, moved);
    copy.protocol = this.protocol;
    copy.dev = this.dev;
    copy.packetType = this.packetType;
    copy.fragmentMax = this.fragmentMax;
    copy.mark = this.mark;
    copy.conntrack = this.conntrack;
    copy.route = this.route;
    copy.options = this.options;
    copy.bridgePort = this.bridgePort;
    copy.bridged = this.bridged;
    copy.balanced = this.balanced;
    copy.nftrace = this.nftrace;
    copy.socket = this.socket;
    return copy;
  }

  /**
   * What a link takes away (skb_scrub_packet): everything that no wire carries.
   * @param crosses whether it leads into another namespace; within one, the mark stays
   */
  scrub(crosses: boolean): void {
    this.route = undefined;
    this.options = undefined;
    this.conntrack = undefined;
    this.bridgePort = undefined;
    this.bridged = undefined;
    this.balanced = false;
    this.nftrace = false;
    this.packetType = 'host';
    if (!crosses) return;
    this.mark = 0;
    this.socket = undefined;
  }

  #grow(length: number): void {
    const extra = Math.max(HEADROOM, length);
    const grown = new Uint8Array(this.end - this.start + extra);
    grown.set(this.bytes.subarray(this.start, this.end), extra);
    const moved = extra - this.start;
    this.bytes = grown;
    this.start = 0;
    this.data += moved;
    this.end += moved;
    this.mac = shifted(this.mac, moved);
    this.network = shifted(this.network, moved);
    this.transport = shifted(this.transport, moved);
  }
}

/** A header's place after its bytes have moved; 0 stays 0, which says that there is no such header. */
function shifted(header: number, by: number): number {
  return header === 0 ? 0 : header + by;
}

/**
 * Where packets get their bytes from: each takes the next stretch of a slab, and a slab goes when its packets have gone. An array
 * of its own for each packet would cost more than everything else about it.
 */
class Memory {
  slab = new Uint8Array(SLAB);
  #used = 0;

  /** Returns where in `slab` there are `length` bytes, all 0. */
  take(length: number): number {
    if (this.#used + length > this.slab.length) {
      this.slab = new Uint8Array(Math.max(SLAB, length));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return start;
  }
}

const SLAB = 1 << 16;
const memory = new Memory();
