import { beforeEach, describe, expect, it } from 'vitest';
import { formatIP, parseIPv4 } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import { socketOptions } from '../kernel/ipv4/options.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { RawSocket } from '../kernel/socket/raw.ts';
import { be32 } from '../wire/endian.ts';
import { emitIcmp } from '../wire/icmp.ts';
import { IPV4_OPTION, TIMESTAMP_FLAG } from '../wire/ipv4-options.ts';
import * as ipv4 from '../wire/ipv4.ts';
import { openRtNetlink } from './netlink/open.ts';

const ip = (text: string): number => parseIPv4(text) as number;
const { RecordRoute, Timestamp, LooseSourceRoute, StrictSourceRoute, NoOperation, End } = IPV4_OPTION;
const bytesOf = (...addresses: string[]): number[] => addresses.flatMap((one) => one.split('.').map(Number));

let kernel: Kernel;
let a: NetNamespace;
let router: NetNamespace;
let b: NetNamespace;

/** a (10.1.1.2) — router (10.1.1.1, 10.1.2.1) — b (10.1.2.2). */
beforeEach(() => {
  const events = new EventQueue();
  kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  [a, router, b] = [kernel.newNamespace(), kernel.newNamespace(), kernel.newNamespace()];
  for (const net of [a, router, b]) openRtNetlink(net).setLink(1, { up: true });
  join(a, 'left', '10.1.1');
  join(b, 'right', '10.1.2');
  router.sysctl.set('net/ipv4/ip_forward', '1');
});

/** A cable from eth0 of a host, with .2, to the router, with .1. */
function join(net: NetNamespace, end: string, network: string): void {
  openRtNetlink(router).newLink({ kind: 'veth', name: end, peer: { name: 'eth0', netns: net } });
  for (const [at, name, host] of [
    [router, end, 1],
    [net, 'eth0', 2],
  ] as const) {
    const netlink = openRtNetlink(at);
    const ifindex = netlink.link(name)?.ifindex as number;
    netlink.newAddress({ ifindex, prefix: { address: ip(`${network}.${host}`), length: 24 } }, 'add');
    netlink.setLink(ifindex, { up: true });
  }
  openRtNetlink(net).newRoute({ family: 4, destination: { address: 0, length: 0 }, nexthops: [{ gateway: ip(`${network}.1`) }] }, 'add');
}

function echoRequest(): Uint8Array {
  const bytes = new Uint8Array(16);
  emitIcmp(bytes, 0, { kind: 'echo-request', identifier: 7, sequence: 1, data: new Uint8Array(8) });
  return bytes;
}

/** Sends an echo request with options to b, and lets a second pass. */
function ping(options: number[]): RawSocket {
  const socket = new RawSocket(a, 1);
  socket.options.receiveErrors = true;
  const made = socketOptions(a.ipv4, Uint8Array.from(options), true);
  if (typeof made === 'string') throw new Error(made);
  socket.options.ipOptions = made;
  expect(socket.send(echoRequest(), ip('10.1.2.2'))).toBeUndefined();
  kernel.events.runUntil(kernel.events.now + SECOND);
  return socket;
}

/** The options of the answer's header. */
function answered(socket: RawSocket): Uint8Array {
  const answer = socket.receive();
  if (typeof answer === 'string') throw new Error(answer);
  return answer.data.subarray(ipv4.IPV4_HEADER, ipv4.headerLength(answer.data, 0));
}

function addressesIn(option: Uint8Array, step = 4): string[] {
  const found: string[] = [];
  for (let at = step === 4 ? 3 : 4; at + 3 < (option[2] as number); at += step) found.push(formatIP(be32(option, at)));
  return found;
}

/** A whole packet of a's own making, whose options no socket has looked at. */
function sendAsItIs(options: number[]): RawSocket {
  const packet = new Uint8Array([
    0x45 + options.length / 4,
    0,
    0,
    0,
    0,
    1,
    0,
    0,
    64,
    1,
    0,
    0,
    ...bytesOf('10.1.1.2', '10.1.2.2'),
    ...options,
    ...echoRequest(),
  ]);
  const socket = new RawSocket(a, 1);
  socket.options.headerIncluded = true;
  expect(socket.send(packet, ip('10.1.2.2'))).toBeUndefined();
  kernel.events.runUntil(kernel.events.now + SECOND);
  return socket;
}

/** Type, code and pointer of an ICMP error that came back, and who sent it. */
function complaint(socket: RawSocket) {
  const answer = socket.receive();
  if (typeof answer === 'string') return answer;
  const icmp = answer.data.subarray(ipv4.headerLength(answer.data, 0));
  return { from: formatIP(answer.source), type: icmp[0], code: icmp[1], pointer: icmp[4] };
}

describe('a recorded route', () => {
  it('names the way there and back: each machine writes the address by which it sends on', () => {
    const option = answered(ping([NoOperation, RecordRoute, 39, 4, ...new Array(36).fill(0)])).subarray(0, 39);
    expect(option[0]).toBe(RecordRoute);
    expect(addressesIn(option)).toEqual(['10.1.1.2', '10.1.2.1', '10.1.2.2', '10.1.2.2', '10.1.1.1', '10.1.1.2']);
  });

  it('stops when it is full', () => {
    const option = answered(ping([RecordRoute, 11, 4, ...new Array(8).fill(0), End]));
    expect(addressesIn(option)).toEqual(['10.1.1.2', '10.1.2.1']);
  });
});

describe('a timestamp', () => {
  it('tells when who had the packet, in milliseconds since midnight; a router names the address by which it would answer', () => {
    const option = answered(ping([Timestamp, 36, 5, TIMESTAMP_FLAG.WithAddress, ...new Array(32).fill(0)]));
    expect(addressesIn(option, 8)).toEqual(['10.1.1.2', '10.1.1.1', '10.1.2.2', '10.1.2.2']);
    const times = [8, 16, 24, 32].map((at) => be32(option, at));
    expect(times).toEqual([...times].sort((one, other) => one - other));
    // Two found no room on the way back: the router and the sender.
    expect((option[3] as number) >>> 4).toBe(2);
  });
});

describe('a source route', () => {
  const viaRouter = (kind: number) => [kind, 11, 4, ...bytesOf('10.1.1.1', '10.1.2.2'), NoOperation];

  it('is refused without a word by a router that does not accept it', () => {
    for (const name of ['all', 'default', 'left']) router.sysctl.set(`net/ipv4/conf/${name}/accept_source_route`, '0');
    const socket = ping(viaRouter(LooseSourceRoute));
    expect(socket.receive()).toBe('EAGAIN');
    expect(socket.receiveError()).toBeUndefined();
  });

  it('is followed by one that does, and the answer goes the same way back', () => {
    for (const net of [a, router, b])
      for (const name of ['all', 'eth0', 'left', 'right']) net.sysctl.set(`net/ipv4/conf/${name}/accept_source_route`, '1');
    const option = answered(ping(viaRouter(LooseSourceRoute)));
    expect(option[0]).toBe(LooseSourceRoute);
    // The router's place in the route holds the address by which it sent the answer on.
    expect(addressesIn(option)).toEqual(['10.1.1.1']);
  });

  it('a strict one is a parameter problem for a router that is not on it', () => {
    router.sysctl.set('net/ipv4/conf/all/accept_source_route', '1');
    router.sysctl.set('net/ipv4/conf/left/accept_source_route', '1');
    const socket = sendAsItIs([StrictSourceRoute, 7, 4, ...bytesOf('10.1.2.2'), End]);
    expect(complaint(socket)).toEqual({ from: '10.1.1.1', type: 12, code: 0, pointer: 16 });
  });

  it('needs CAP_NET_RAW', () => {
    expect(socketOptions(a.ipv4, Uint8Array.from(viaRouter(LooseSourceRoute)), false)).toBe('EPERM');
  });
});

describe('options that make no sense', () => {
  it('are a parameter problem, which points at the byte that is wrong', () => {
    // A pointer before the first place, a length beyond the header, a second record of the route.
    expect(complaint(sendAsItIs([RecordRoute, 7, 3, 0, 0, 0, 0, End]))).toMatchObject({ from: '10.1.1.1', type: 12, pointer: 22 });
    expect(complaint(sendAsItIs([NoOperation, RecordRoute, 9, 4]))).toMatchObject({ type: 12, pointer: 21 });
    expect(complaint(sendAsItIs([RecordRoute, 7, 4, 0, 0, 0, 0, RecordRoute, 3, 4, End, End]))).toMatchObject({ type: 12, pointer: 27 });
  });

  it('are refused where a socket asks for them', () => {
    expect(socketOptions(a.ipv4, Uint8Array.from([RecordRoute, 7, 3, 0, 0, 0, 0]), true)).toBe('EINVAL');
    expect(socketOptions(a.ipv4, new Uint8Array(41), true)).toBe('EINVAL');
    expect(socketOptions(a.ipv4, Uint8Array.from([LooseSourceRoute, 7, 8, ...bytesOf('10.1.1.1')]), true)).toBe('EINVAL');
  });
});
