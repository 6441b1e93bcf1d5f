import { describe, expect, it } from 'vitest';
import { parseIPv4 } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace, TraceKind } from '../base/trace.ts';
import { openRtNetlink } from './netlink/open.ts';
import { ETHERTYPE, etherType } from '../wire/ethernet.ts';
import { emitIcmp, type Icmp, icmpLength } from '../wire/icmp.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { RawSocket } from '../kernel/socket/raw.ts';

function kernel(): Kernel {
  const events = new EventQueue();
  return new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
}

const ip = (text: string) => parseIPv4(text) as number;

/** A namespace with lo up, and an interface eth0 whose other end is `end` in `to`. */
function attach(net: NetNamespace, to: NetNamespace, end: string, address: string, length = 24): void {
  const there = openRtNetlink(to);
  expect(there.newLink({ kind: 'veth', name: end, peer: { name: 'eth0', netns: net } })).toBeUndefined();
  const here = openRtNetlink(net);
  const eth0 = here.link('eth0')?.ifindex as number;
  expect(here.setLink(1, { up: true })).toBeUndefined();
  expect(here.newAddress({ ifindex: eth0, prefix: { address: ip(address), length } }, 'add')).toBeUndefined();
  expect(here.setLink(eth0, { up: true })).toBeUndefined();
  expect(there.setLink(there.link(end)?.ifindex as number, { up: true })).toBeUndefined();
}

function ping(from: NetNamespace, to: string, sequence = 1): RawSocket {
  const socket = new RawSocket(from, 1);
  socket.options.receiveErrors = true;
  const message: Icmp = { kind: 'echo-request', identifier: 7, sequence, data: new Uint8Array(56) };
  const bytes = new Uint8Array(icmpLength(message));
  emitIcmp(bytes, 0, message);
  expect(socket.send(bytes, ip(to))).toBeUndefined();
  return socket;
}

describe('two namespaces on a cable', () => {
  function two() {
    const k = kernel();
    const [red, blue] = [k.newNamespace(), k.newNamespace()];
    attach(red, blue, 'eth1', '10.1.0.1');
    const netlink = openRtNetlink(blue);
    netlink.newAddress({ ifindex: netlink.link('eth1')?.ifindex as number, prefix: { address: ip('10.1.0.2'), length: 24 } }, 'add');
    return { k, red, blue };
  }

  it('an echo request is answered after address resolution', () => {
    const { k, red } = two();
    const socket = ping(red, '10.1.0.2');
    k.events.runUntil(k.events.now + SECOND / 10);
    const reply = socket.receive();
    expect(reply).toMatchObject({ source: ip('10.1.0.2'), ttl: 64 });
    expect(openRtNetlink(red).neighbours(4)).toMatchObject([{ address: ip('10.1.0.2'), state: 'REACHABLE' }]);
    const sent = k.trace.events().filter((event) => event.kind === TraceKind.Transmit && etherType(event.frame, 0) !== ETHERTYPE.IPv6);
    expect(sent).toHaveLength(4); // who-has, is-at, request, reply
  });

  it('an address nobody has: three questions, then unreachable, from ourselves', () => {
    const { k, red } = two();
    red.setUp(red.loopback);
    const socket = ping(red, '10.1.0.9');
    k.events.runUntil(k.events.now + 4 * SECOND);
    expect(openRtNetlink(red).neighbours(4)).toMatchObject([{ state: 'FAILED' }]);
    expect(socket.receiveError()).toMatchObject({ errno: 'EHOSTUNREACH', origin: 'icmp', type: 3, code: 1, offender: ip('10.1.0.1') });
  });

  it('no route, no packet', () => {
    const { red } = two();
    const socket = new RawSocket(red, 1);
    expect(socket.connect(ip('8.8.8.8'))).toBe('ENETUNREACH');
  });
});

describe('three namespaces on a bridge', () => {
  function bridged() {
    const k = kernel();
    const host = openRtNetlink(k.init);
    host.newLink({ kind: 'bridge', name: 'br0' });
    const br0 = host.link('br0')?.ifindex as number;
    host.newAddress({ ifindex: br0, prefix: { address: ip('10.10.0.1'), length: 24 } }, 'add');
    host.setLink(br0, { up: true });
    const nets = ['a', 'b', 'c'].map((name, i) => {
      const net = k.newNamespace();
      attach(net, k.init, `v${name}`, `10.10.0.${i + 2}`);
      host.setLink(host.link(`v${name}`)?.ifindex as number, { master: br0 });
      return net;
    });
    return { k, host, nets };
  }

  it('the bridge learns who is where', () => {
    const { k, host, nets } = bridged();
    const socket = ping(nets[0] as NetNamespace, '10.10.0.3');
    k.events.runUntil(k.events.now + SECOND / 10);
    expect(socket.receive()).toMatchObject({ source: ip('10.10.0.3') });
    const learned = host.fdb().filter((entry) => entry.state === 'reachable');
    const behind = (port: string) => learned.find((entry) => entry.ifindex === host.link(port)?.ifindex)?.address;
    expect(behind('va')).toBe(nets[0]?.deviceByName('eth0')?.address);
    expect(behind('vb')).toBe(nets[1]?.deviceByName('eth0')?.address);
    expect(host.link('br0')).toMatchObject({ operstate: 'UP' });
  });

  it('the host takes part through the bridge device', () => {
    const { k, nets } = bridged();
    const socket = ping(nets[2] as NetNamespace, '10.10.0.1');
    k.events.runUntil(k.events.now + SECOND / 10);
    expect(socket.receive()).toMatchObject({ source: ip('10.10.0.1'), ttl: 64 });
  });
});

describe('a router', () => {
  function routed() {
    const k = kernel();
    const [left, router, right] = [k.newNamespace(), k.newNamespace(), k.newNamespace()];
    const add = (net: NetNamespace, end: string, address: string) => {
      const netlink = openRtNetlink(router);
      attach(net, router, end, address.replace(/\.1$/, '.2'));
      netlink.newAddress({ ifindex: netlink.link(end)?.ifindex as number, prefix: { address: ip(address), length: 24 } }, 'add');
      openRtNetlink(net).newRoute({ family: 4, destination: { address: 0, length: 0 }, nexthops: [{ gateway: ip(address) }] }, 'add');
    };
    add(left, 'left', '10.1.1.1');
    add(right, 'right', '10.1.2.1');
    return { k, left, router, right };
  }

  it('forwards only when told to', () => {
    const { k, left, router } = routed();
    const lost = ping(left, '10.1.2.2');
    k.events.runUntil(k.events.now + SECOND);
    expect(lost.receive()).toBe('EAGAIN');
    router.sysctl.set('net/ipv4/ip_forward', '1');
    const found = ping(left, '10.1.2.2');
    k.events.runUntil(k.events.now + SECOND);
    expect(found.receive()).toMatchObject({ source: ip('10.1.2.2'), ttl: 63 });
  });

  it('says so when it has no route, and when the time to live is over', () => {
    const { k, left, router } = routed();
    router.sysctl.set('net/ipv4/ip_forward', '1');
    const nowhere = ping(left, '10.9.9.9');
    k.events.runUntil(k.events.now + SECOND);
    expect(nowhere.receiveError()).toMatchObject({ type: 3, code: 0, offender: ip('10.1.1.1') });
  });
});
