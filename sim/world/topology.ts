import { formatMac, formatPrefix } from '../base/address.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import type { NetDevice } from '../kernel/dev/device.ts';
import { Nic } from '../kernel/dev/nic.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';

/** A world's machines, namespaces and devices at one moment, and what is plugged into what. */
export interface Topology {
  hosts: TopologyHost[];
  links: TopologyLink[];
}

export interface TopologyHost {
  name: string;
  /** Set for a machine that readers can't enter: the network outside, or a switch. */
  kind?: 'outside' | 'switch';
  namespaces: TopologyNamespace[];
}

export interface TopologyNamespace {
  /** World-wide number, as trace events carry it. */
  uid: number;
  kind: 'host' | 'netns' | 'container';
  /** The host's, netns's or container's name; empty for a namespace without one. */
  name: string;
  devices: TopologyDevice[];
}

export interface TopologyDevice {
  /** World-wide number, as trace events carry it. */
  uid: number;
  ifindex: number;
  name: string;
  /** `loopback`, `nic`, or the kind that `ip link add` makes: `bridge`, `veth` … */
  kind: string;
  mac: string;
  mtu: number;
  up: boolean;
  /** Up and with a carrier. */
  running: boolean;
  /** `uid` of the bridge it is a port of. */
  master?: number;
  /** With prefix length, IPv4 before IPv6. */
  addresses: string[];
}

export interface TopologyLink {
  /** `uid`s of the two ends; of a `stacked` device, its own and that of the device it stands on. */
  a: number;
  b: number;
  kind: 'veth' | 'wire' | 'stacked';
}

/** Reads the topology off the kernels. */
export function topologyOf(machines: Iterable<{ kernel: Kernel; kind: TopologyHost['kind'] }>): Topology {
  const hosts: TopologyHost[] = [];
  const links: TopologyLink[] = [];
  for (const { kernel, kind } of machines) {
    const namespaces = [...kernel.namespaces].sort((a, b) => a.uid - b.uid);
    hosts.push({ name: kernel.name, ...(kind ? { kind } : {}), namespaces: namespaces.map(namespaceOf) });
    for (const net of namespaces) for (const device of net.listDevices()) links.push(...linkOf(device));
  }
  return { hosts, links: links.sort((x, y) => x.a - y.a) };
}

function namespaceOf(net: NetNamespace): TopologyNamespace {
  const netlink = openRtNetlink(net);
  const addresses = netlink.addresses();
  const devices = net.listDevices().map((device): TopologyDevice => {
    const own = addresses.filter(({ ifindex }) => ifindex === device.ifindex);
    return {
      uid: device.uid,
      ifindex: device.ifindex,
      name: device.name,
      kind: device.type === 'loopback' ? 'loopback' : device.kind || 'nic',
      mac: formatMac(device.address),
      mtu: device.mtu,
      up: device.up,
      running: device.running,
      ...(device.master ? { master: device.master.uid } : {}),
      addresses: own.map(({ prefix }) => formatPrefix(prefix)),
    };
  });
  return { uid: net.uid, kind: net.label?.kind ?? 'netns', name: net.label?.name ?? '', devices };
}

/** A pair or a cable, told once: by the end with the lower number. A tunnel, a VLAN or a macvlan stands on another device. */
function linkOf(device: NetDevice): TopologyLink[] {
  if (device.lower) return [{ a: device.uid, b: device.lower.uid, kind: 'stacked' }];
  const kind = device instanceof Nic ? 'wire' : device.kind === 'veth' ? 'veth' : undefined;
  const other = kind && device.link?.device;
  return other && device.uid < other.uid ? [{ a: device.uid, b: other.uid, kind: kind as 'veth' | 'wire' }] : [];
}
