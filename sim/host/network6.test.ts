import { describe, expect, it } from 'vitest';
import { parseIPv6 } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { RawSocket6 } from '../kernel/socket/raw6.ts';
import { emitIcmpv6, type Icmpv6, icmpv6Length } from '../wire/icmpv6.ts';
import { openRtNetlink } from './netlink/open.ts';

const ip = (text: string) => parseIPv6(text) as bigint;

/** a — r — b, each link with a network of its own; IPv6 addresses are past duplicate detection. */
function threeInARow() {
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  const [a, r, b] = [kernel.newNamespace(), kernel.newNamespace(), kernel.newNamespace()];
  const join = (end: NetNamespace, near: string, name: string, far: string) => {
    const [here, there] = [openRtNetlink(end), openRtNetlink(r)];
    here.newLink({ kind: 'veth', name: 'eth0', peer: { name, netns: r } });
    for (const [netlink, device, address] of [
      [here, 'eth0', near],
      [there, name, far],
    ] as const) {
      const ifindex = netlink.link(device)?.ifindex as number;
      netlink.setLink(ifindex, { up: true });
      netlink.newAddress({ ifindex, prefix: { address: ip(address), length: 64 } }, 'add');
    }
  };
  for (const net of [a, r, b]) net.setUp(net.loopback);
  join(a, '2001:db8:1::2', 'eth0', '2001:db8:1::1');
  join(b, '2001:db8:2::2', 'eth1', '2001:db8:2::1');
  const run = (seconds: number) => events.runUntil(events.now + seconds * SECOND);
  run(3);
  const route = (net: NetNamespace, gateway: string) =>
    expect(
      openRtNetlink(net).newRoute({ family: 6, destination: { address: 0n, length: 0 }, nexthops: [{ gateway: ip(gateway) }] }, 'add'),
    ).toBeUndefined();
  return { kernel, a, r, b, run, route };
}

function ping(from: NetNamespace, to: string, size = 56, device = 0): RawSocket6 {
  const socket = new RawSocket6(from, 58);
  socket.options.receiveErrors = true;
  socket.options.boundDevice = device;
  for (const type of [128, 133, 134, 135, 136, 143]) socket.icmpFilter.add(type);
  const message: Icmpv6 = { kind: 'echo-request', identifier: 9, sequence: 1, data: new Uint8Array(size) };
  const bytes = new Uint8Array(icmpv6Length(message));
  emitIcmpv6(bytes, 0, message);
  expect(socket.send(bytes, ip(to))).toBeUndefined();
  return socket;
}

describe('IPv6', () => {
  it('a neighbour is found by a question to its group, and answers', () => {
    const { a, run } = threeInARow();
    const socket = ping(a, '2001:db8:1::1');
    run(1);
    expect(socket.receive()).toMatchObject({ source: ip('2001:db8:1::1'), ttl: 64 });
    expect(openRtNetlink(a).neighbours(6)).toContainEqual(expect.objectContaining({ address: ip('2001:db8:1::1'), state: 'REACHABLE' }));
  });

  it('a router forwards when told to, takes one off the hop limit, and says when there is no route', () => {
    const { a, r, b, run, route } = threeInARow();
    route(a, '2001:db8:1::1');
    route(b, '2001:db8:2::1');
    const lost = ping(a, '2001:db8:2::2');
    run(1);
    expect(lost.receive()).toBe('EAGAIN');
    r.sysctl.set('net/ipv6/conf/all/forwarding', '1');
    const found = ping(a, '2001:db8:2::2');
    run(1);
    expect(found.receive()).toMatchObject({ source: ip('2001:db8:2::2'), ttl: 63 });
    const nowhere = ping(a, '2001:db8:9::1');
    run(1);
    expect(nowhere.receiveError()).toMatchObject({ errno: 'ENETUNREACH', type: 1, code: 0, offender: ip('2001:db8:1::1') });
  });

  it('a router never fragments: the sender learns the path MTU and does it itself', () => {
    const { a, r, b, run, route } = threeInARow();
    route(a, '2001:db8:1::1');
    route(b, '2001:db8:2::1');
    r.sysctl.set('net/ipv6/conf/all/forwarding', '1');
    for (const [net, name] of [
      [r, 'eth1'],
      [b, 'eth0'],
    ] as const)
      net.setMtu(net.deviceByName(name) as never, 1400);
    const first = ping(a, '2001:db8:2::2', 1400);
    run(1);
    expect(first.receiveError()).toMatchObject({ errno: 'EMSGSIZE', info: 1400 });
    const second = ping(a, '2001:db8:2::2', 1400);
    run(1);
    expect(second.receive()).toMatchObject({ source: ip('2001:db8:2::2') });
  });

  it('an address that somebody else has stays tentative', () => {
    const { a, run } = threeInARow();
    const netlink = openRtNetlink(a);
    netlink.newAddress({ ifindex: 2, prefix: { address: ip('2001:db8:1::1'), length: 64 } }, 'add');
    run(3);
    expect(netlink.addresses(6)).toContainEqual(
      expect.objectContaining({ prefix: { address: ip('2001:db8:1::1'), length: 64 }, dadFailed: true, tentative: true }),
    );
  });

  it('switching it off takes addresses and routes away', () => {
    const { a } = threeInARow();
    a.sysctl.set('net/ipv6/conf/eth0/disable_ipv6', '1');
    expect(openRtNetlink(a).addresses(6)).toHaveLength(1);
    expect(
      openRtNetlink(a)
        .routes(6)
        .filter((route) => route.nexthops[0]?.ifindex === 2),
    ).toEqual([]);
  });
});
