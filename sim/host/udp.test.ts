import { describe, expect, it } from 'vitest';
import { parseIPv4 } from '../base/address.ts';
import { encode } from '../base/bytes.ts';
import { EventQueue } from '../base/events.ts';
import { Trace } from '../base/trace.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { UdpSocket } from '../kernel/socket/udp.ts';
import { openRtNetlink } from './netlink/open.ts';

const LOCALHOST = parseIPv4('127.0.0.1') as number;

function machine(): NetNamespace {
  const events = new EventQueue();
  const { init } = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  openRtNetlink(init).setLink(1, { up: true });
  return init;
}

function bound(net: NetNamespace, address: number | bigint, port: number): UdpSocket {
  const socket = new UdpSocket(net, typeof address === 'bigint' ? 6 : 4);
  expect(socket.bind(address, port)).toBeUndefined();
  return socket;
}

const settle = (net: NetNamespace): void => net.kernel.events.settle(10_000);

describe('UDP', () => {
  it('a datagram reaches the most specific socket', () => {
    const net = machine();
    const dual = bound(net, 0n, 53);
    const exact = bound(net, LOCALHOST, 54);
    expect(new UdpSocket(net, 4).bind(LOCALHOST, 53)).toBe('EADDRINUSE');
    const client = new UdpSocket(net, 4);
    client.send(encode('a'), LOCALHOST, 53);
    client.send(encode('b'), LOCALHOST, 54);
    settle(net);
    expect(dual.receive()).toMatchObject({ data: encode('a'), source: LOCALHOST, sourcePort: client.localPort });
    expect(exact.receive()).toMatchObject({ data: encode('b') });
  });

  it('a connected socket hears that the port is closed', () => {
    const net = machine();
    const client = new UdpSocket(net, 4);
    expect(client.connect(LOCALHOST, 9)).toBeUndefined();
    expect(client.send(encode('x'))).toBeUndefined();
    settle(net);
    expect(client.receive()).toBe('ECONNREFUSED');
    expect(client.receive()).toBe('EAGAIN');
  });

  it('a reader that is too slow loses datagrams', () => {
    const net = machine();
    const server = bound(net, 0, 514);
    const client = new UdpSocket(net, 4);
    for (let i = 0; i < 400; i++) client.send(new Uint8Array(1000), LOCALHOST, 514);
    settle(net);
    expect(server.drops).toBe(400 - server.waiting);
    expect(net.dropCounts.get('SOCKET_RCVBUFF')).toBe(server.drops);
  });

  it('low ports need a capability, and what is too long is refused', () => {
    const net = machine();
    const socket = new UdpSocket(net, 4);
    expect(socket.bind(0, 80, false)).toBe('EACCES');
    expect(socket.send(new Uint8Array(65_508), LOCALHOST, 9)).toBe('EMSGSIZE');
    expect(socket.send(new Uint8Array(65_507), LOCALHOST, 9)).toBeUndefined();
  });
});
