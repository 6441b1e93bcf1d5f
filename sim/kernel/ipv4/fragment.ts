import type { Timer } from '../../base/events.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import { Skb } from '../skb.ts';
import type { Ipv4Stack } from './stack.ts';

/** Cuts a packet into fragments that fit, and are no longer than those it came in (ip_do_fragment). Options are copied whole, which Linux does for the copied ones only. */
export function fragment(skb: Skb, most: number): Skb[] {
  const mtu = skb.fragmentMax > 0 ? Math.min(most, skb.fragmentMax) : most;
  const { bytes, network } = skb;
  const header = ip.headerLength(bytes, network);
  const payload = skb.end - network - header;
  const step = (mtu - header) & ~7;
  const offset = ip.fragmentOffset(bytes, network);
  const more = ip.moreFragments(bytes, network);
  const pieces: Skb[] = [];
  for (let at = 0; at < payload; at += step) {
    const length = Math.min(step, payload - at);
    const piece = Skb.allocate(header + length, skb.packet);
    piece.bytes.set(bytes.subarray(network, network + header), piece.data);
    piece.bytes.set(bytes.subarray(network + header + at, network + header + at + length), piece.data + header);
    piece.network = piece.data;
    piece.transport = piece.data + header;
    piece.protocol = skb.protocol;
    piece.dev = skb.dev;
    piece.mark = skb.mark;
    piece.conntrack = skb.conntrack;
    piece.route = skb.route;
    ip.setTotalLength(piece.bytes, piece.data, header + length);
    ip.setFlags(piece.bytes, piece.data, at + length < payload || more ? ip.IPV4_FLAG.MF : 0);
    ip.setFragmentOffset(piece.bytes, piece.data, offset + at);
    ip.fillChecksum(piece.bytes, piece.data);
    pieces.push(piece);
  }
  return pieces;
}

interface Piece {
  start: number;
  end: number;
  skb: Skb;
}

interface Queue {
  pieces: Piece[];
  /** Payload length, known once the last fragment is there. */
  length: number | undefined;
  timer: Timer;
  device: NetDevice;
}

/** Reassembly (net/ipv4/ip_fragment.c). */
export class Fragments {
  readonly #stack: Ipv4Stack;
  readonly #queues = new Map<string, Queue>();

  constructor(stack: Ipv4Stack) {
    this.#stack = stack;
  }

  /** Takes a fragment; returns the whole packet once all of it is there. */
  add(device: NetDevice, skb: Skb): Skb | undefined {
    const { bytes, network } = skb;
    const counts = this.#stack.net.counters.ip;
    counts.ReasmReqds++;
    const key = `${ip.source(bytes, network)},${ip.destination(bytes, network)},${ip.identification(bytes, network)},${ip.protocol(bytes, network)}`;
    const header = ip.headerLength(bytes, network);
    const start = ip.fragmentOffset(bytes, network);
    const end = start + skb.end - network - header;
    const last = !ip.moreFragments(bytes, network);
    if (end > 65_535 || (!last && (end - start) % 8 !== 0)) {
      counts.ReasmFails++;
      drop(this.#stack.net, skb, 'IP_INHDR');
      return undefined;
    }
    const queue = this.#queues.get(key) ?? this.#begin(key, device);
    if (queue.pieces.some((piece) => start < piece.end && end > piece.start)) {
      // An overlap throws everything away (RFC 5722); what lies within pieces that follow one another is only a duplicate.
      const duplicate = holds(queue.pieces, start, end);
      drop(this.#stack.net, skb, 'DUP_FRAG');
      if (!duplicate) this.#end(key, queue);
      return undefined;
    }
    queue.pieces.push({ start, end, skb });
    if (last) queue.length = end;
    const have = queue.pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
    if (queue.length === undefined || have < queue.length) return undefined;
    this.#end(key, queue);
    const ecn = mergedEcn(queue.pieces);
    if (ecn === undefined) {
      counts.ReasmFails++;
      for (const piece of queue.pieces) drop(this.#stack.net, piece.skb, 'DUP_FRAG');
      return undefined;
    }
    counts.ReasmOKs++;
    const whole = assemble(queue, skb);
    ip.setTos(whole.bytes, whole.network, (ip.tos(whole.bytes, whole.network) & 0xfc) | ecn);
    ip.fillChecksum(whole.bytes, whole.network);
    return whole;
  }

  #begin(key: string, device: NetDevice): Queue {
    const { events } = this.#stack.net.kernel;
    const queue: Queue = {
      pieces: [],
      length: undefined,
      device,
      timer: events.after(this.#stack.settings.ipfrag_time, 'reassembly', () => this.#expire(key), true),
    };
    this.#queues.set(key, queue);
    return queue;
  }

  #end(key: string, queue: Queue): void {
    this.#stack.net.kernel.events.cancel(queue.timer);
    this.#queues.delete(key);
  }

  /** Thirty seconds are over: the sender is told if the first fragment arrived (ip_expire). */
  #expire(key: string): void {
    const queue = this.#queues.get(key);
    if (!queue) return;
    this.#queues.delete(key);
    this.#stack.net.counters.ip.ReasmTimeout++;
    this.#stack.net.counters.ip.ReasmFails++;
    for (const piece of queue.pieces) drop(this.#stack.net, piece.skb, 'FRAG_REASM_TIMEOUT');
    const first = queue.pieces.find((piece) => piece.start === 0);
    if (first) this.#stack.reportError(first.skb, { kind: 'time-exceeded', code: 1 });
  }
}

/** Whether every byte from `start` to `end` is there (inet_frag_queue_insert's runs). */
export function holds(pieces: readonly { start: number; end: number }[], start: number, end: number): boolean {
  let reached = start;
  for (const piece of [...pieces].sort((a, b) => a.start - b.start)) if (piece.start <= reached && piece.end > reached) reached = piece.end;
  return reached >= end;
}

/** The ECN bits of the whole: congestion anywhere counts, but not beside pieces that can't mark it (ip_frag_ecn_table). `undefined`: none. */
function mergedEcn(pieces: readonly Piece[]): number | undefined {
  const seen = new Set(pieces.map(({ skb }) => ip.tos(skb.bytes, skb.network) & 3));
  const [only] = seen;
  if (seen.size === 1) return only;
  if (seen.has(0)) return seen.has(3) ? undefined : 0;
  return seen.has(3) ? 3 : 2;
}

function assemble(queue: Queue, latest: Skb): Skb {
  const first = (queue.pieces.find((piece) => piece.start === 0) as Piece).skb;
  const header = ip.headerLength(first.bytes, first.network);
  const whole = Skb.allocate(14 + header + (queue.length as number), latest.packet);
  whole.mac = whole.data;
  whole.bytes.set(first.bytes.subarray(first.mac, first.mac + 14), whole.data);
  whole.network = whole.data + 14;
  whole.bytes.set(first.bytes.subarray(first.network, first.network + header), whole.network);
  for (const { start, skb } of queue.pieces) {
    const at = skb.network + ip.headerLength(skb.bytes, skb.network);
    whole.bytes.set(skb.bytes.subarray(at, skb.end), whole.network + header + start);
  }
  ip.setTotalLength(whole.bytes, whole.network, header + (queue.length as number));
  ip.setFlags(whole.bytes, whole.network, 0);
  ip.setFragmentOffset(whole.bytes, whole.network, 0);
  ip.fillChecksum(whole.bytes, whole.network);
  whole.fragmentMax = Math.max(...queue.pieces.map(({ skb }) => skb.end - skb.network));
  whole.data = whole.network;
  whole.transport = whole.network + header;
  whole.protocol = first.protocol;
  whole.dev = queue.device;
  whole.packetType = first.packetType;
  whole.mark = first.mark;
  whole.conntrack = first.conntrack;
  whole.route = first.route;
  return whole;
}
