import { describe, expect, it } from 'vitest';
import { parseMac } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace, TraceKind } from '../base/trace.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { PacketSocket } from '../kernel/socket/packet.ts';
import { openRtNetlink } from './netlink/open.ts';

/** Two bridges with two cables between them: a circle. */
function circle(stp: number): { kernel: Kernel; net: NetNamespace; state: (port: string) => unknown } {
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  const net = kernel.newNamespace();
  net.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
  const netlink = openRtNetlink(net);
  const index = (name: string) => netlink.link(name)?.ifindex as number;
  for (const [name, mac] of [
    ['br0', '02:00:00:00:00:10'],
    ['br1', '02:00:00:00:00:20'],
  ] as const) {
    netlink.newLink({ kind: 'bridge', name, address: parseMac(mac) as number });
    netlink.setLink(index(name), { data: { stp_state: stp, forward_delay: 200, hello_time: 100 } });
    netlink.setLink(index(name), { up: true });
  }
  for (const cable of ['a', 'b']) {
    netlink.newLink({ kind: 'veth', name: `${cable}0`, peer: { name: `${cable}1` } });
    for (const end of [0, 1]) netlink.setLink(index(`${cable}${end}`), { master: index(`br${end}`), up: true });
  }
  return { kernel, net, state: (port) => netlink.link(port)?.slaveData.state };
}

/** A frame for everybody, sent by br0's host. */
function shout(net: NetNamespace): void {
  const frame = new Uint8Array(60).fill(0xff, 0, 6);
  frame.set([2, 0, 0, 0, 0, 0x10, 0x88, 0xb5], 6);
  const bridge = net.deviceByName('br0');
  if (bridge) new PacketSocket(net).send(bridge, frame);
}

describe('two bridges in a circle', () => {
  it('block one port by spanning tree, so that a broadcast crosses once', () => {
    const { kernel, net, state } = circle(1);
    expect(['a0', 'a1', 'b0', 'b1'].map(state)).toEqual(['listening', 'listening', 'listening', 'listening']);
    kernel.events.runUntil(kernel.events.now + 3 * SECOND);
    expect(state('a1')).toBe('learning');
    kernel.events.runUntil(kernel.events.now + 3 * SECOND);
    expect(['a0', 'a1', 'b0', 'b1'].map(state)).toEqual(['forwarding', 'forwarding', 'forwarding', 'blocking']);
    const from = kernel.trace.next;
    shout(net);
    kernel.events.runUntil(kernel.events.now + SECOND / 2);
    const copies = kernel.trace.events(from).filter((event) => event.kind === TraceKind.Transmit && event.frame[12] === 0x88);
    expect(copies).toHaveLength(3); // into the bridge, and by both cables; the far end of one doesn't listen
    expect(net.dropCounts.get('BRIDGE_INGRESS_STP_STATE')).toBeGreaterThan(0);
  });

  it('open the blocked port when the other cable is pulled', () => {
    const { kernel, net, state } = circle(1);
    kernel.events.runUntil(kernel.events.now + 6 * SECOND);
    const netlink = openRtNetlink(net);
    netlink.setLink(netlink.link('a0')?.ifindex as number, { up: false });
    expect(state('b1')).toBe('listening');
    kernel.events.runUntil(kernel.events.now + 5 * SECOND);
    expect(state('b1')).toBe('forwarding');
  });

  it('without spanning tree never come to rest, and the limit says what kept them busy', () => {
    const { kernel, net } = circle(0);
    shout(net);
    expect(() => kernel.events.settle(20_000)).toThrow(/the busiest timer is 'frame'/);
  });
});
