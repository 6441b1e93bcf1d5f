import type { Timer } from '../../base/events.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { NetDevice } from '../dev/device.ts';
import { holds } from '../ipv4/fragment.ts';
import { drop } from '../drop.ts';
import { Skb } from '../skb.ts';
import type { Ipv6Stack } from './stack.ts';

/** Cuts a packet of this host's into fragments (ip6_fragment); everything after the IPv6 header is fragmentable here. */
export function fragment6(stack: Ipv6Stack, skb: Skb, mtu: number): Skb[] {
  const { bytes, network } = skb;
  const start = network + ip6.IPV6_HEADER;
  const payload = skb.end - start;
  const step = (mtu - ip6.IPV6_HEADER - ip6.FRAGMENT_HEADER) & ~7;
  const identification = stack.nextFragmentIdentification++ >>> 0;
  const pieces: Skb[] = [];
  for (let offset = 0; offset < payload; offset += step) {
    const length = Math.min(step, payload - offset);
    const piece = Skb.allocate(ip6.IPV6_HEADER + ip6.FRAGMENT_HEADER + length, skb.packet);
    piece.bytes.set(bytes.subarray(network, start), piece.data);
    ip6.setNextHeader(piece.bytes, piece.data, ip6.PROTOCOL.Fragment);
    ip6.setPayloadLength(piece.bytes, piece.data, ip6.FRAGMENT_HEADER + length);
    ip6.emitFragment(piece.bytes, piece.data + ip6.IPV6_HEADER, {
      nextHeader: ip6.nextHeader(bytes, network),
      offset,
      more: offset + length < payload,
      identification,
    });
    piece.bytes.set(bytes.subarray(start + offset, start + offset + length), piece.data + ip6.IPV6_HEADER + ip6.FRAGMENT_HEADER);
    piece.network = piece.data;
    piece.transport = piece.data + ip6.IPV6_HEADER;
    piece.protocol = skb.protocol;
    piece.dev = skb.dev;
    piece.mark = skb.mark;
    piece.route = skb.route;
    pieces.push(piece);
  }
  return pieces;
}

interface Queue {
  pieces: { start: number; end: number; skb: Skb; header: number }[];
  length: number | undefined;
  timer: Timer;
}

/** Reassembly (net/ipv6/reassembly.c). */
export class Fragments6 {
  readonly #stack: Ipv6Stack;
  readonly #queues = new Map<string, Queue>();

  constructor(stack: Ipv6Stack) {
    this.#stack = stack;
  }

  /** Takes a fragment whose fragment header is at `header`; returns the whole packet once all of it is there. */
  add(device: NetDevice, skb: Skb, header: number): Skb | undefined {
    const { ip6: counts } = this.#stack.net.counters;
    counts.ReasmReqds++;
    const fragment = ip6.parseFragment(skb.bytes, header, skb.end);
    if (isWireError(fragment)) {
      drop(this.#stack.net, skb, 'HDR_TRUNC');
      return undefined;
    }
    const key = `${ip6.source(skb.bytes, skb.network)},${ip6.destination(skb.bytes, skb.network)},${fragment.identification}`;
    const start = fragment.offset;
    const end = start + skb.end - header - ip6.FRAGMENT_HEADER;
    const pointer = end > 65_535 ? header + 2 - skb.network : fragment.more && end % 8 !== 0 ? 4 : undefined;
    if (pointer !== undefined) {
      counts.ReasmFails++;
      drop(this.#stack.net, skb, 'IP_INHDR');
      this.#stack.reportError(skb, { kind: 'parameter-problem', code: 0, pointer });
      return undefined;
    }
    const queue = this.#queues.get(key) ?? this.#begin(key);
    if (queue.pieces.some((piece) => start < piece.end && end > piece.start)) {
      drop(this.#stack.net, skb, 'DUP_FRAG');
      counts.ReasmFails++;
      if (!holds(queue.pieces, start, end)) this.#end(key, queue);
      return undefined;
    }
    queue.pieces.push({ start, end, skb, header });
    if (!fragment.more) queue.length = end;
    const have = queue.pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
    if (queue.length === undefined || have < queue.length) return undefined;
    this.#end(key, queue);
    counts.ReasmOKs++;
    return assemble(queue, device, skb.packet, fragment.nextHeader);
  }

  #begin(key: string): Queue {
    const { events } = this.#stack.net.kernel;
    const queue: Queue = {
      pieces: [],
      length: undefined,
      timer: events.after(this.#stack.settings.ip6frag_time, 'reassembly', () => this.#expire(key), true),
    };
    this.#queues.set(key, queue);
    return queue;
  }

  #end(key: string, queue: Queue): void {
    this.#stack.net.kernel.events.cancel(queue.timer);
    this.#queues.delete(key);
  }

  #expire(key: string): void {
    const queue = this.#queues.get(key);
    this.#queues.delete(key);
    const { ip6: counts } = this.#stack.net.counters;
    counts.ReasmFails++;
    counts.ReasmTimeout++;
    for (const piece of queue?.pieces ?? []) drop(this.#stack.net, piece.skb, 'FRAG_REASM_TIMEOUT');
    const first = queue?.pieces.find((piece) => piece.start === 0);
    if (first) this.#stack.reportError(first.skb, { kind: 'time-exceeded', code: 1 });
  }
}

function assemble(queue: Queue, device: NetDevice, packet: number, nextHeader: number): Skb {
  const first = queue.pieces.find((piece) => piece.start === 0) as Queue['pieces'][number];
  const unfragmentable = first.header - first.skb.network;
  const whole = Skb.allocate(14 + unfragmentable + (queue.length as number), packet);
  whole.mac = whole.data;
  whole.bytes.set(first.skb.bytes.subarray(first.skb.mac, first.skb.mac + 14), whole.data);
  whole.network = whole.data + 14;
  whole.bytes.set(first.skb.bytes.subarray(first.skb.network, first.header), whole.network);
  for (const { start, end, skb, header } of queue.pieces) {
    const at = header + ip6.FRAGMENT_HEADER;
    whole.bytes.set(skb.bytes.subarray(at, at + end - start), whole.network + unfragmentable + start);
  }
  ip6.setPayloadLength(whole.bytes, whole.network, unfragmentable - ip6.IPV6_HEADER + (queue.length as number));
  // The header before the fragment header names what follows now; without other extensions that is the IPv6 header itself.
  if (unfragmentable === ip6.IPV6_HEADER) ip6.setNextHeader(whole.bytes, whole.network, nextHeader);
  else whole.bytes[whole.network + ip6.IPV6_HEADER] = nextHeader;
  whole.data = whole.network;
  whole.transport = whole.network + unfragmentable;
  whole.protocol = first.skb.protocol;
  whole.dev = device;
  whole.packetType = first.skb.packetType;
  whole.mark = first.skb.mark;
  whole.conntrack = first.skb.conntrack;
  whole.route = first.skb.route;
  return whole;
}
