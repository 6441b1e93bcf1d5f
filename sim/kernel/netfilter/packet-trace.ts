import type { NetDevice } from '../dev/device.ts';
import { isBare } from '../socket/packet.ts';
import type { Skb } from '../skb.ts';
import { Tracked } from './conntrack/connection.ts';
import type { HookState } from './hooks.ts';
import { locate } from './locate.ts';

/** Where a traced packet is: the device, and what lies before the IP header. */
export interface TracedPacket {
  input: NetDevice | undefined;
  output: NetDevice | undefined;
  /** The IP version, or 0 for what a bridge sees besides. */
  nfproto: number;
  link: Uint8Array | undefined;
  network: Uint8Array;
  transport: Uint8Array | undefined;
  /** The protocol above IP. */
  protocol: number;
  tracked: { connection: { id: number; status: number } | undefined; state: string; reply: boolean } | undefined;
}

/** The verdict of a rule: what iptables and nft call alike, with the chain of a jump. */
export interface TracedVerdict {
  kind: 'accept' | 'drop' | 'continue' | 'return' | 'stolen' | 'jump' | 'goto';
  chain?: string;
}

/** A message of NFNLGRP_NFTRACE: what one rule, or the policy, did to a packet (net/netfilter/nf_tables_trace.c). */
export interface TraceMessage {
  /** The packet's, while it stays on one side of a device. */
  id: number;
  family: string;
  table: string;
  chain: string;
  /** The rule that was carried out; absent where the policy decided. */
  rule: object | undefined;
  handle: number;
  verdict: TracedVerdict;
  mark: number;
  /** With the first message of each base chain. */
  packet: TracedPacket | undefined;
}

/** Which chain of which table a packet is in. */
export interface TracedPlace {
  family: string;
  table: string;
  chain: string;
}

/**
 * Tells those who listen what happens to one packet in one base chain. Made when the packet turns out to be traced, so others pay
 * nothing.
 */
export class PacketTracer {
  readonly #skb: Skb;
  readonly #state: HookState;
  #told = false;

  constructor(skb: Skb, state: HookState) {
    this.#skb = skb;
    this.#state = state;
  }

  tell({ family, table, chain }: TracedPlace, rule: { handle: number } | undefined, verdict: TracedVerdict): void {
    const { groups } = this.#state.net.netfilter;
    if (!groups.trace.heard) return;
    const skb = this.#skb;
    // The first message brings the packet; a stolen one is not to be looked at any more.
    const packet = this.#told || verdict.kind === 'stolen' ? undefined : describe(skb, this.#state);
    this.#told = true;
    const id = traceId(skb.packet, this.#state.net.uid, this.#state.input?.ifindex ?? 0);
    groups.trace.tell({ id, family, table, chain, rule, handle: rule?.handle ?? 0, verdict, mark: skb.mark, packet });
  }
}

/** Linux hashes the buffer's address, the flow and the device; here it is the journey, the namespace and the device. */
function traceId(packet: number, net: number, ifindex: number): number {
  let hash = 0x811c9dc5;
  for (const part of [packet, net, ifindex]) {
    hash = Math.imul(hash ^ part, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  }
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Most that is shown of the network and transport headers (NFT_TRACETYPE_NETWORK_HSIZE, _TRANSPORT_HSIZE). */
const NETWORK_SIZE = 40;
const TRANSPORT_SIZE = 20;

function describe(skb: Skb, state: HookState): TracedPacket {
  if (state.family === 4 || state.family === 6) locate(skb, state);
  const { input, output, family, protocol, fragmentOffset } = state;
  const { bytes, mac, network, end } = skb;
  const framed = input !== undefined && input.type !== 'loopback' && !isBare(input) && mac !== 0 && network > mac;
  const upper = fragmentOffset === 0 && (family === 4 || family === 6) ? state.transport : end;
  return {
    input,
    output,
    nfproto: family,
    link: framed ? bytes.slice(mac, network) : undefined,
    network: bytes.slice(network, Math.min(upper, network + NETWORK_SIZE)),
    transport: upper < end ? bytes.slice(upper, Math.min(end, upper + TRANSPORT_SIZE)) : undefined,
    protocol,
    tracked: describeTracked(skb.conntrack),
  };
}

function describeTracked(tracked: unknown): TracedPacket['tracked'] {
  if (!(tracked instanceof Tracked)) return undefined;
  const { connection, state, reply } = tracked;
  return { connection: connection && { id: connection.id, status: connection.status }, state: state.toLowerCase(), reply };
}
