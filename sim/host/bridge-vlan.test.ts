import { beforeEach, describe, expect, it } from 'vitest';
import { parseIPv4, parsePrefix, type IPv4, type Prefix } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { UdpSocket } from '../kernel/socket/udp.ts';
import { openRtNetlink } from './netlink/open.ts';
import type { RtNetlink } from './netlink/rtnetlink.ts';

const ip = (text: string) => parseIPv4(text) as IPv4;

describe('a bridge that filters VLANs', () => {
  let kernel: Kernel;
  let host: NetNamespace;
  let netlink: RtNetlink;
  let guests: NetNamespace[];
  /** What the guests see on their cables: the guest, the EtherType, and the VLAN of a tagged frame. */
  let seen: string[];

  const index = (name: string) => netlink.link(name)?.ifindex as number;
  const vlan = (name: string, id: number, flags = '') => {
    const has = (flag: string) => flags.includes(flag);
    const spec = { ifindex: index(name), id, pvid: has('pvid'), untagged: has('untagged'), self: has('self'), master: false };
    expect(netlink.newBridgeVlan(spec)).toBeUndefined();
  };
  const run = (seconds: number) => kernel.events.runUntil(kernel.events.now + seconds * SECOND);

  /** Whether a datagram from one guest arrives at another. */
  function reaches(from: NetNamespace, to: NetNamespace, address: string): boolean {
    const listener = new UdpSocket(to, 4);
    listener.bind(0, 5000);
    const sender = new UdpSocket(from, 4);
    sender.send(new Uint8Array(1), ip(address), 5000);
    run(0.1);
    const got = listener.receive();
    listener.close();
    sender.close();
    return typeof got !== 'string';
  }

  /** Three guests, 10.0.0.1 to .3, at the ports v1, v2 and v3 of br0. */
  beforeEach(() => {
    const events = new EventQueue();
    kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
    host = kernel.newNamespace();
    netlink = openRtNetlink(host);
    seen = [];
    netlink.newLink({ kind: 'bridge', name: 'br0', data: { vlan_filtering: 1 } });
    netlink.setLink(index('br0'), { up: true });
    guests = [1, 2, 3].map((number) => {
      const guest = kernel.newNamespace();
      guest.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
      netlink.newLink({ kind: 'veth', name: `v${number}`, peer: { name: 'eth0', netns: guest } });
      netlink.setLink(index(`v${number}`), { master: index('br0'), up: true });
      const inside = openRtNetlink(guest);
      const ifindex = inside.link('eth0')?.ifindex as number;
      inside.newAddress({ ifindex, prefix: parsePrefix(`10.0.0.${number}/24`) as Prefix }, 'add');
      inside.setLink(ifindex, { up: true });
      guest.taps.push((device, skb, outgoing) => {
        if (outgoing || device.name !== 'eth0') return;
        const type = (skb.bytes[skb.mac + 12] as number) * 256 + (skb.bytes[skb.mac + 13] as number);
        seen.push(`${number} ${type.toString(16)}${type === 0x8100 ? ` ${skb.bytes[skb.mac + 15]}` : ''}`);
      });
      return guest;
    });
    run(1);
  });

  it('gives every port the default VLAN, so that nothing changes at first', () => {
    const [one, two] = guests as [NetNamespace, NetNamespace];
    expect(netlink.bridgeVlans().map(({ vlans }) => vlans)).toEqual(
      Array.from({ length: 4 }, () => [{ id: 1, pvid: true, untagged: true }]),
    );
    expect(reaches(one, two, '10.0.0.2')).toBe(true);
    expect(netlink.link('br0')?.data).toMatchObject({ vlan_filtering: 1, vlan_protocol: '802.1Q', vlan_default_pvid: 1 });
  });

  it('keeps VLANs apart, and lets a port with a tag in', () => {
    const [one, two, three] = guests as [NetNamespace, NetNamespace, NetNamespace];
    vlan('v1', 10, 'pvid untagged');
    expect(reaches(one, two, '10.0.0.2')).toBe(false);
    vlan('v2', 10, 'pvid untagged');
    run(5);
    expect(reaches(one, two, '10.0.0.2')).toBe(true);
    vlan('v3', 10);
    seen.length = 0;
    expect(reaches(one, three, '10.0.0.3')).toBe(false);
    // The question reaches the third guest with a tag, which only a VLAN device there takes off.
    expect(seen).toContain('3 8100 10');
    const inside = openRtNetlink(three);
    inside.newLink({ kind: 'vlan', name: 'eth0.10', link: inside.link('eth0')?.ifindex as number, data: { id: 10 } });
    inside.delAddress({ ifindex: inside.link('eth0')?.ifindex as number, prefix: parsePrefix('10.0.0.3/24') as Prefix });
    const ifindex = inside.link('eth0.10')?.ifindex as number;
    inside.newAddress({ ifindex, prefix: parsePrefix('10.0.0.3/24') as Prefix }, 'add');
    inside.setLink(ifindex, { up: true });
    run(5);
    expect(reaches(one, three, '10.0.0.3')).toBe(true);
    expect(reaches(three, two, '10.0.0.2')).toBe(true);
    const learned = netlink.fdb().filter((entry) => entry.state === 'reachable');
    expect(learned.map((entry) => [entry.ifindex, entry.vlan]).sort()).toEqual([
      [index('v1'), 10],
      [index('v2'), 10],
      [index('v3'), 10],
    ]);
  });

  it('drops what comes in on a VLAN that the port is not part of', () => {
    const [one, two] = guests as [NetNamespace, NetNamespace];
    netlink.delBridgeVlan({ ifindex: index('v1'), id: 1, pvid: false, untagged: false, self: false, master: false });
    expect(reaches(one, two, '10.0.0.2')).toBe(false);
    expect(host.dropCounts.get('BRIDGE_VLAN_INGRESS')).toBeGreaterThan(0);
  });

  it('is itself a port: the host hears the VLANs that the bridge device is part of', () => {
    const [one] = guests as [NetNamespace];
    netlink.newAddress({ ifindex: index('br0'), prefix: parsePrefix('10.0.0.254/24') as Prefix }, 'add');
    expect(reaches(one, host, '10.0.0.254')).toBe(true);
    vlan('v1', 10, 'pvid untagged');
    run(60);
    expect(reaches(one, host, '10.0.0.254')).toBe(false);
    vlan('br0', 10, 'self');
    netlink.delAddress({ ifindex: index('br0'), prefix: parsePrefix('10.0.0.254/24') as Prefix });
    netlink.newLink({ kind: 'vlan', name: 'br0.10', link: index('br0'), data: { id: 10 } });
    netlink.newAddress({ ifindex: index('br0.10'), prefix: parsePrefix('10.0.0.254/24') as Prefix }, 'add');
    netlink.setLink(index('br0.10'), { up: true });
    run(60);
    expect(reaches(one, host, '10.0.0.254')).toBe(true);
    expect(reaches(host, one, '10.0.0.1')).toBe(true);
  });

  it('refuses what the kernel refuses', () => {
    const spec = { ifindex: index('v1'), id: 20, pvid: false, untagged: false, self: false, master: false };
    expect(netlink.newBridgeVlan({ ...spec, id: 0 })).toEqual({ errno: 'EINVAL', message: 'bridge: Vlan id is invalid' });
    expect(netlink.newBridgeVlan({ ...spec, self: true })).toEqual({ errno: 'EOPNOTSUPP' });
    expect(netlink.newBridgeVlan({ ...spec, ifindex: 1 })).toEqual({ errno: 'EOPNOTSUPP' });
    expect(netlink.setLink(index('br0'), { data: { vlan_default_pvid: 5 } })).toEqual({ errno: 'EPERM' });
    netlink.setLink(index('br0'), { data: { vlan_filtering: 0 } });
    expect(netlink.setLink(index('br0'), { data: { vlan_default_pvid: 5 } })).toBeUndefined();
    expect(netlink.bridgeVlans().map(({ vlans }) => vlans.map(({ id }) => id))).toEqual([[5], [5], [5], [5]]);
  });
});
