import type { IPv4 } from '../../base/address.ts';
import { MILLISECOND } from '../../base/time.ts';
import { be32, setBe32 } from '../../wire/endian.ts';
import { IPV4_OPTION, TIMESTAMP_FLAG } from '../../wire/ipv4-options.ts';
import * as ip from '../../wire/ipv4.ts';
import type { NetDevice } from '../dev/device.ts';
import type { Skb } from '../skb.ts';
import { type Ipv4Destination, routeIncoming, routeOutput, selectSource } from './route.ts';
import { SCOPE } from './interface.ts';
import type { Ipv4Stack } from './stack.ts';

/**
 * The options of an IPv4 header as they were read (struct ip_options): places count from the start of the IPv4 header, 0 is none.
 * `needs…` say what the machine that sends the packet on still writes.
 */
export interface Ipv4Options {
  recordRoute: number;
  needsAddress: boolean;
  timestamp: number;
  stampNeedsAddress: boolean;
  stampNeedsTime: boolean;
  sourceRoute: number;
  strict: boolean;
  /** The source route's next hop, once it is known that this machine was the last one. */
  nextHop: IPv4 | undefined;
}

/** Where in the IPv4 header the option stands that makes no sense, for the parameter problem. */
export interface OptionProblem {
  pointer: number;
}

/** Options of packets that a socket sends (IP_OPTIONS): as on the wire, but for what each packet gets when it leaves. */
export interface SocketIpOptions {
  bytes: Uint8Array;
  parsed: Ipv4Options;
  /** The first hop of a source route: packets go there. */
  firstHop: IPv4 | undefined;
}

function none(): Ipv4Options {
  return {
    recordRoute: 0,
    needsAddress: false,
    timestamp: 0,
    stampNeedsAddress: false,
    stampNeedsTime: false,
    sourceRoute: 0,
    strict: false,
    nextHop: undefined,
  };
}

/** Milliseconds since midnight UTC (inet_current_timestamp). */
function timeOfDay(stack: Ipv4Stack): number {
  return Math.floor(stack.net.kernel.events.now / MILLISECOND) % 86_400_000;
}

/** Who reads: the machine that a packet came to, or one that makes the options of its own packets. */
interface Reader {
  stack: Ipv4Stack;
  /** The address that this machine writes; absent for packets of its own, where it is known only when they leave. */
  address?: () => IPv4;
}

/**
 * Reads the options of a header and writes what this machine has to write into them (__ip_options_compile). Bytes that follow the end
 * of the options become 0.
 *
 * @param at where the header stands
 * @param end of the header
 */
function compile(reader: Reader, b: Uint8Array, at: number, end: number): Ipv4Options | OptionProblem {
  const found = none();
  const problem = (place: number): OptionProblem => ({ pointer: place - at });
  for (let i = at + ip.IPV4_HEADER; i < end; ) {
    if (b[i] === IPV4_OPTION.End) {
      b.fill(0, i, end);
      break;
    }
    if (b[i] === IPV4_OPTION.NoOperation) {
      i++;
      continue;
    }
    const length = b[i + 1] as number;
    if (end - i < 2 || length < 2 || length > end - i) return problem(i);
    const wrong = readOption(reader, b, i, length, found, at);
    if (wrong !== undefined) return problem(wrong);
    i += length;
  }
  return found;
}

/** @returns the place that is wrong */
function readOption(reader: Reader, b: Uint8Array, i: number, length: number, found: Ipv4Options, at: number): number | undefined {
  const pointer = b[i + 2] as number;
  switch (b[i]) {
    case IPV4_OPTION.StrictSourceRoute:
    case IPV4_OPTION.LooseSourceRoute:
      if (length < 3) return i + 1;
      if (pointer < 4) return i + 2;
      if (found.sourceRoute) return i;
      found.sourceRoute = i - at;
      found.strict = b[i] === IPV4_OPTION.StrictSourceRoute;
      return undefined;
    case IPV4_OPTION.RecordRoute:
      if (found.recordRoute) return i;
      if (length < 3) return i + 1;
      if (pointer < 4) return i + 2;
      found.recordRoute = i - at;
      if (pointer > length) return undefined;
      if (pointer + 3 > length) return i + 2;
      if (reader.address) setBe32(b, i + pointer - 1, reader.address());
      b[i + 2] = pointer + 4;
      found.needsAddress = true;
      return undefined;
    case IPV4_OPTION.Timestamp:
      if (found.timestamp) return i;
      if (length < 4) return i + 1;
      if (pointer < 5) return i + 2;
      found.timestamp = i - at;
      return readTimestamp(reader, b, i, length, found);
    default:
      return undefined;
  }
}

function readTimestamp({ stack, address }: Reader, b: Uint8Array, i: number, length: number, found: Ipv4Options): number | undefined {
  const pointer = b[i + 2] as number;
  const flags = b[i + 3] as number;
  const kind = flags & 15;
  if (pointer > length) {
    if (kind === TIMESTAMP_FLAG.Prespecified) return undefined;
    // One more that found no room.
    if (flags >>> 4 === 15) return i + 3;
    if (address) b[i + 3] = flags + 16;
    return undefined;
  }
  const step = kind === TIMESTAMP_FLAG.Only ? 4 : 8;
  if (pointer + step - 1 > length) return i + 2;
  if (kind === TIMESTAMP_FLAG.Prespecified && stack.addressType(be32(b, i + pointer - 1)) === 'unicast') return undefined;
  if (kind === TIMESTAMP_FLAG.WithAddress) {
    if (address) setBe32(b, i + pointer - 1, address());
    found.stampNeedsAddress = true;
  }
  if (address) setBe32(b, i + pointer + step - 5, timeOfDay(stack));
  found.stampNeedsTime = true;
  b[i + 2] = pointer + step;
  return undefined;
}

/**
 * The options of a packet that came in, after routing (ip_rcv_options). `undefined`: it is dropped, and its sender told where that is due.
 */
export function receiveOptions(device: NetDevice, skb: Skb, way: Ipv4Destination): Ipv4Options | undefined {
  const stack = device.net.ipv4;
  const { bytes, network } = skb;
  skb.traced = -1;
  const end = network + ip.headerLength(bytes, network);
  const address = (): IPv4 => ownAddress(stack, skb, way);
  const found = compile({ stack, address }, bytes, network, end);
  if ('pointer' in found) {
    stack.reportError(skb, { kind: 'parameter-problem', code: 0, pointer: found.pointer });
    return undefined;
  }
  const accepted = !found.sourceRoute || (stack.all.accept_source_route && device.ipv4.conf.accept_source_route);
  const followed = accepted && (!found.sourceRoute || followSourceRoute(device, skb, way, found));
  ip.fillChecksum(bytes, network);
  return followed ? found : undefined;
}

/** The address by which this machine would answer (fib_compute_spec_dst). */
function ownAddress(stack: Ipv4Stack, skb: Skb, way: Ipv4Destination): IPv4 {
  const { bytes, network } = skb;
  if (way.local && way.type !== 'broadcast' && way.type !== 'multicast') return ip.destination(bytes, network);
  const back = routeOutput(stack, { destination: ip.source(bytes, network), source: 0, iif: 0, oif: 0, mark: 0, tos: 0 });
  return typeof back === 'string' ? 0 : back.source;
}

/** A source route that ends here goes on to its next hop (ip_options_rcv_srr). */
function followSourceRoute(device: NetDevice, skb: Skb, way: Ipv4Destination, found: Ipv4Options): boolean {
  const stack = device.net.ipv4;
  const { bytes, network } = skb;
  if (skb.packetType !== 'host') return false;
  if (!way.local) {
    if (!found.strict) return true;
    stack.reportError(skb, { kind: 'parameter-problem', code: 0, pointer: 16 });
    return false;
  }
  const at = network + found.sourceRoute;
  const space = bytes[at + 1] as number;
  for (let pointer = bytes[at + 2] as number; pointer <= space; pointer += 4) {
    if (pointer + 3 > space) {
      stack.reportError(skb, { kind: 'parameter-problem', code: 0, pointer: found.sourceRoute + 2 });
      return false;
    }
    const hop = be32(bytes, at + pointer - 1);
    const on = routeIncoming(stack, device, ip.source(bytes, network), hop, skb.mark, ip.tos(bytes, network) & 0x1c, skb.packet, skb);
    if ('error' in on) return false;
    skb.route = on;
    if (!on.local) {
      found.nextHop = hop;
      return true;
    }
    ip.setDestination(bytes, network, hop);
  }
  return true;
}

/** What a router writes when it sends a packet on (ip_forward_options). */
export function forwardOptions(stack: Ipv4Stack, skb: Skb, found: Ipv4Options, way: Ipv4Destination): void {
  const { bytes, network } = skb;
  const source = selectSource(stack, way.device, way.gateway ?? ip.destination(bytes, network), SCOPE.global);
  if (found.needsAddress) {
    const at = network + found.recordRoute;
    setBe32(bytes, at + (bytes[at + 2] as number) - 5, source);
  }
  if (found.nextHop !== undefined) {
    const at = network + found.sourceRoute;
    const space = bytes[at + 1] as number;
    let pointer = bytes[at + 2] as number;
    while (pointer + 3 <= space && be32(bytes, at + pointer - 1) !== found.nextHop) pointer += 4;
    if (pointer + 3 <= space) {
      ip.setDestination(bytes, network, found.nextHop);
      setBe32(bytes, at + pointer - 1, source);
      bytes[at + 2] = pointer + 4;
    }
    if (found.stampNeedsAddress) {
      const stamp = network + found.timestamp;
      setBe32(bytes, stamp + (bytes[stamp + 2] as number) - 9, source);
    }
  }
  ip.fillChecksum(bytes, network);
}

/** What the sender writes when a packet leaves (ip_options_build). @returns the options as they go into the header */
export function buildOptions(stack: Ipv4Stack, { bytes: template, parsed }: SocketIpOptions, source: IPv4, destination: IPv4): Uint8Array {
  const bytes = template.slice();
  const place = (option: number) => option - ip.IPV4_HEADER;
  if (parsed.sourceRoute) {
    const at = place(parsed.sourceRoute);
    setBe32(bytes, at + (bytes[at + 1] as number) - 4, destination);
  }
  if (parsed.needsAddress) {
    const at = place(parsed.recordRoute);
    setBe32(bytes, at + (bytes[at + 2] as number) - 5, source);
  }
  if (!parsed.timestamp) return bytes;
  const at = place(parsed.timestamp);
  if (parsed.stampNeedsAddress) setBe32(bytes, at + (bytes[at + 2] as number) - 9, source);
  if (parsed.stampNeedsTime) setBe32(bytes, at + (bytes[at + 2] as number) - 5, timeOfDay(stack));
  return bytes;
}

/**
 * Options of a socket, as setsockopt(2) gets them (ip_options_get).
 * @param privileged CAP_NET_RAW, without which there are no source routes
 */
export function socketOptions(stack: Ipv4Stack, given: Uint8Array, privileged: boolean): SocketIpOptions | 'EINVAL' | 'EPERM' {
  if (given.length > 40) return 'EINVAL';
  const bytes = new Uint8Array((given.length + 3) & ~3);
  bytes.set(given);
  const header = new Uint8Array(ip.IPV4_HEADER + bytes.length);
  header.set(bytes, ip.IPV4_HEADER);
  const parsed = compile({ stack }, header, 0, header.length);
  if ('pointer' in parsed) return 'EINVAL';
  let firstHop: IPv4 | undefined;
  if (parsed.sourceRoute) {
    if (!privileged) return 'EPERM';
    const at = parsed.sourceRoute;
    const length = header[at + 1] as number;
    if (header[at + 2] !== 4 || length < 7 || ((length - 3) & 3) !== 0) return 'EINVAL';
    firstHop = be32(header, at + 3);
    header.copyWithin(at + 3, at + 7, at + length);
  }
  return { bytes: header.slice(ip.IPV4_HEADER), parsed, firstHop };
}

/** The options with which a packet is answered (__ip_options_echo): routes recorded so far, source routes the other way round. */
export function echoOptions(stack: Ipv4Stack, skb: Skb, found: Ipv4Options): SocketIpOptions | undefined {
  const { bytes: b, network } = skb;
  const out: number[] = [];
  const parsed = none();
  const copy = (option: number): number => {
    const at = ip.IPV4_HEADER + out.length;
    out.push(...b.subarray(network + option, network + option + (b[network + option + 1] as number)));
    return at;
  };
  if (found.recordRoute) {
    const pointer = b[network + found.recordRoute + 2] as number;
    const length = b[network + found.recordRoute + 1] as number;
    parsed.recordRoute = copy(found.recordRoute);
    if (found.needsAddress && pointer <= length) {
      if (pointer + 3 > length) return undefined;
      out[parsed.recordRoute - ip.IPV4_HEADER + 2] = pointer + 4;
      parsed.needsAddress = true;
    }
  }
  if (found.timestamp && !echoTimestamp(stack, skb, found, parsed, out, copy)) return undefined;
  const firstHop = found.sourceRoute ? reverseRoute(b, network, found, parsed, out) : undefined;
  while (out.length % 4 !== 0) out.push(IPV4_OPTION.End);
  return { bytes: Uint8Array.from(out), parsed, firstHop };
}

function echoTimestamp(
  stack: Ipv4Stack,
  { bytes: b, network }: Skb,
  found: Ipv4Options,
  parsed: Ipv4Options,
  out: number[],
  copy: (option: number) => number,
): boolean {
  const at = network + found.timestamp;
  const length = b[at + 1] as number;
  let pointer = b[at + 2] as number;
  parsed.timestamp = copy(found.timestamp);
  if (pointer > length) return true;
  if (found.stampNeedsAddress) {
    if (pointer + 3 > length) return false;
    parsed.stampNeedsAddress = true;
    pointer += 4;
  }
  if (found.stampNeedsTime) {
    if (pointer + 3 > length) return false;
    if (((b[at + 3] as number) & 15) !== TIMESTAMP_FLAG.Prespecified) {
      parsed.stampNeedsTime = true;
      pointer += 4;
    } else if (pointer + 7 <= length && stack.addressType(be32(b, at + pointer - 1)) !== 'unicast') {
      parsed.stampNeedsTime = true;
      pointer += 8;
    }
  }
  out[parsed.timestamp - ip.IPV4_HEADER + 2] = pointer;
  return true;
}

/** The hops behind, nearest first; the last of them is where the answer goes first. */
function reverseRoute(b: Uint8Array, network: number, found: Ipv4Options, parsed: Ipv4Options, out: number[]): IPv4 | undefined {
  const at = network + found.sourceRoute;
  const length = b[at + 1] as number;
  const passed = Math.min(b[at + 2] as number, length + 1);
  const hops: IPv4[] = [];
  for (let pointer = passed - 4; pointer > 3; pointer -= 4) hops.push(be32(b, at + pointer - 1));
  const [first, ...rest] = hops;
  // RFC 1812 §4.2.2.6: a route that begins with its sender is put right.
  if (rest.at(-1) === ip.source(b, network)) rest.pop();
  if (first === undefined) return undefined;
  parsed.sourceRoute = ip.IPV4_HEADER + out.length;
  parsed.strict = found.strict;
  const bytes = new Uint8Array(3 + 4 * (rest.length + 1));
  bytes.set([b[at] as number, bytes.length, 4]);
  for (const [i, hop] of rest.entries()) setBe32(bytes, 3 + 4 * i, hop);
  out.push(...bytes);
  return first;
}
