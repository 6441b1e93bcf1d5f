import { describe, expect, it } from 'vitest';
import { parseIPv4 } from '../base/address.ts';
import { encode } from '../base/bytes.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace, TraceKind } from '../base/trace.ts';
import { Tun } from '../kernel/dev/tun.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { PingSocket } from '../kernel/socket/ping.ts';
import { RawSocket } from '../kernel/socket/raw.ts';
import { emitIcmp, type Icmp, icmpLength } from '../wire/icmp.ts';
import { TunFile } from './filesystems/tun.ts';
import { iptables } from './iptables/iptables.ts';
import { openRtNetlink } from './netlink/open.ts';

const ip = (text: string) => parseIPv4(text) as number;

/** A host with eth0, on a cable to another. */
function lan() {
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  const [host, other] = [kernel.newNamespace(), kernel.newNamespace()];
  openRtNetlink(host).newLink({ kind: 'veth', name: 'eth0', peer: { name: 'eth0', netns: other } });
  for (const [net, address] of [
    [host, '10.0.0.1'],
    [other, '10.0.0.2'],
  ] as const) {
    net.sysctl.set('net/ipv6/conf/all/disable_ipv6', '1');
    net.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
    give(net, 'lo');
    give(net, 'eth0', address);
  }
  return { kernel, host, other };
}

function give(net: NetNamespace, name: string, address?: string): void {
  const netlink = openRtNetlink(net);
  const ifindex = netlink.link(name)?.ifindex as number;
  if (address) netlink.newAddress({ ifindex, prefix: { address: ip(address), length: 24 } }, 'add');
  expect(netlink.setLink(ifindex, { up: true })).toBeUndefined();
}

/** Makes a device on eth0 and puts it into a namespace of its own. */
function child(host: NetNamespace, kind: string, address: string, data: Record<string, string | number>): NetNamespace {
  const net = host.kernel.newNamespace();
  const link = openRtNetlink(host).link('eth0')?.ifindex as number;
  expect(openRtNetlink(host).newLink({ kind, name: 'in0', link, netns: net, data })).toBeUndefined();
  net.sysctl.set('net/ipv6/conf/in0/disable_ipv6', '1');
  give(net, 'in0', address);
  return net;
}

/** Whether an echo request is answered. */
function reaches(from: NetNamespace, to: string): boolean {
  const socket = new RawSocket(from, 1);
  const message: Icmp = { kind: 'echo-request', identifier: 7, sequence: 1, data: new Uint8Array(8) };
  const bytes = new Uint8Array(icmpLength(message));
  emitIcmp(bytes, 0, message);
  if (socket.send(bytes, ip(to))) return false;
  const { events } = from.kernel;
  events.runUntil(events.now + 4 * SECOND);
  const reply = socket.receive();
  socket.close();
  return typeof reply !== 'string' && reply.data.length > 0 && reply.source === ip(to);
}

describe('macvlan', () => {
  it('reaches its siblings and the LAN, but never its own host', () => {
    const { host } = lan();
    const a = child(host, 'macvlan', '10.0.0.11', { mode: 'bridge' });
    const b = child(host, 'macvlan', '10.0.0.12', { mode: 'bridge' });
    expect(reaches(a, '10.0.0.12')).toBe(true);
    expect(reaches(b, '10.0.0.2')).toBe(true);
    expect(reaches(a, '10.0.0.1')).toBe(false);
    expect(reaches(host, '10.0.0.11')).toBe(false);
  });

  it('in private mode does not even reach its siblings', () => {
    const { host } = lan();
    const a = child(host, 'macvlan', '10.0.0.11', { mode: 'private' });
    child(host, 'macvlan', '10.0.0.12', { mode: 'private' });
    expect(reaches(a, '10.0.0.12')).toBe(false);
    expect(reaches(a, '10.0.0.2')).toBe(true);
  });

  it('goes when the device below it goes', () => {
    const { host } = lan();
    const a = child(host, 'macvlan', '10.0.0.11', { mode: 'bridge' });
    openRtNetlink(host).delLink(openRtNetlink(host).link('eth0')?.ifindex as number);
    expect(openRtNetlink(a).link('in0')).toBeUndefined();
  });
});

describe('ipvlan', () => {
  it('shares one MAC, and still reaches siblings and the LAN, but not its host', () => {
    const { host } = lan();
    const a = child(host, 'ipvlan', '10.0.0.11', { mode: 'l2' });
    const b = child(host, 'ipvlan', '10.0.0.12', { mode: 'l2' });
    expect(openRtNetlink(a).link('in0')?.address).toBe(openRtNetlink(b).link('in0')?.address);
    expect(reaches(a, '10.0.0.12')).toBe(true);
    expect(reaches(a, '10.0.0.2')).toBe(true);
    expect(reaches(a, '10.0.0.1')).toBe(false);
  });

  it("in layer 3 passes the host's OUTPUT on its way to the LAN", () => {
    const { kernel, host, other } = lan();
    const a = child(host, 'ipvlan', '10.1.0.11', { mode: 'l3' });
    openRtNetlink(other).newRoute(
      { family: 4, destination: { address: ip('10.1.0.0'), length: 24 }, nexthops: [{ gateway: ip('10.0.0.1') }] },
      'add',
    );
    const ifindex = openRtNetlink(a).link('in0')?.ifindex as number;
    openRtNetlink(a).newRoute({ family: 4, destination: { address: 0, length: 0 }, nexthops: [{ ifindex }] }, 'add');
    expect(reaches(a, '10.0.0.2')).toBe(true);
    const routed = kernel.trace.events().filter((event) => event.kind === TraceKind.Route && event.netns === host.uid);
    expect(routed.map((event) => event.text)).toContain('10.0.0.0/24 dev eth0');
  });

  it("in mode l3s passes the host's INPUT on its way in, and not its own", () => {
    const { host, other } = lan();
    const a = child(host, 'ipvlan', '10.1.0.11', { mode: 'l3s' });
    openRtNetlink(other).newRoute(
      { family: 4, destination: { address: ip('10.1.0.0'), length: 24 }, nexthops: [{ gateway: ip('10.0.0.1') }] },
      'add',
    );
    const ifindex = openRtNetlink(a).link('in0')?.ifindex as number;
    openRtNetlink(a).newRoute({ family: 4, destination: { address: 0, length: 0 }, nexthops: [{ ifindex }] }, 'add');
    expect(iptables(a, '-A INPUT -j DROP')).toBeUndefined();
    expect(reaches(a, '10.0.0.2')).toBe(true);
    expect(openRtNetlink(a).link('in0')?.stats.rxPackets).toBe(1);
    expect(iptables(host, '-A INPUT -d 10.1.0.11 -j DROP')).toBeUndefined();
    expect(reaches(a, '10.0.0.2')).toBe(false);
    expect(host.netfilter.table(4, 'filter')?.chain('INPUT')?.rules[0]?.packets).toBe(1);
  });
});

describe('a VLAN device', () => {
  it('speaks only with its own VLAN, in tagged frames', () => {
    const { kernel, host, other } = lan();
    const ten = child(host, 'vlan', '10.10.0.1', { id: 10 });
    const farTen = child(other, 'vlan', '10.10.0.2', { id: 10 });
    child(other, 'vlan', '10.10.0.3', { id: 11 });
    expect(reaches(ten, '10.10.0.2')).toBe(true);
    expect(reaches(ten, '10.10.0.3')).toBe(false);
    const tagged = kernel.trace
      .events()
      .filter((event) => event.kind === TraceKind.Receive && event.device === other.deviceByName('eth0')?.uid);
    expect(tagged.some((event) => event.frame[12] === 0x81 && event.frame[15] === 10)).toBe(true);
    expect(openRtNetlink(farTen).link('in0')?.stats.rxPackets).toBeGreaterThan(0);
  });

  it('goes down and up with the device below, and is refused while that is down', () => {
    const { host } = lan();
    const ten = child(host, 'vlan', '10.10.0.1', { id: 10 });
    const netlink = openRtNetlink(host);
    const eth0 = netlink.link('eth0')?.ifindex as number;
    netlink.setLink(eth0, { up: false });
    const inside = openRtNetlink(ten);
    expect(inside.link('in0')?.operstate).toBe('DOWN');
    expect(inside.setLink(inside.link('in0')?.ifindex as number, { up: true })).toEqual({ errno: 'ENETDOWN' });
    netlink.setLink(eth0, { up: true });
    expect(inside.link('in0')?.operstate).toBe('UP');
  });
});

describe('/dev/net/tun', () => {
  it('gives a program what the host sends, and the host what the program writes', () => {
    const { kernel, host } = lan();
    const file = new TunFile(host).hold();
    const device = file.setInterface({ name: 'tun%d', mode: 'tun', packetInformation: false });
    expect(device).toBeInstanceOf(Tun);
    expect(openRtNetlink(host).link('tun0')).toMatchObject({ type: 'none', operstate: 'DOWN' });
    give(host, 'tun0', '10.9.0.1');
    expect(file.read(2000)).toBe('EAGAIN');
    const socket = new PingSocket(host);
    socket.send(encode('\x08\0\0\0\0\0\0\x01'), ip('10.9.0.2'));
    const packet = file.read(2000) as Uint8Array;
    expect([...packet.slice(0, 1), ...packet.slice(16, 20)]).toEqual([0x45, 10, 9, 0, 2]);
    // Turned round, it is a request to the host, which answers by the same way.
    const turned = packet.slice();
    turned.set(packet.slice(12, 16), 16);
    turned.set(packet.slice(16, 20), 12);
    expect(file.write(turned)).toBe(turned.length);
    kernel.events.runUntil(kernel.events.now + 1000);
    expect((file.read(2000) as Uint8Array)[20]).toBe(0);
    expect(new TunFile(host).setInterface({ name: 'tun0', mode: 'tun', packetInformation: false })).toBe('EBUSY');
    file.release();
    expect(openRtNetlink(host).link('tun0')).toBeUndefined();
  });
});
