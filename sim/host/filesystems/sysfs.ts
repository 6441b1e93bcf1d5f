import { formatMac } from '../../base/address.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import type { Errno } from '../../base/errno.ts';
import { IFF } from '../../kernel/dev/device.ts';
import { type ComputedDirectory, Directory, type Inode } from '../inode.ts';
import type { LinkChanges, LinkInfo, NetlinkError } from '../netlink/messages.ts';
import { openRtNetlink } from '../netlink/open.ts';
import type { RtNetlink } from '../netlink/rtnetlink.ts';
import { attribute, AttributeLink, attributes, text } from './computed.ts';
import { bridgeDirectory, portDirectory } from './sysfs-bridge.ts';

/** ARPHRD_* (include/uapi/linux/if_arp.h). */
const HARDWARE = { ether: 1, loopback: 772, ipip: 768, none: 65_534 } as const;

/** Names of /sys/class/net/DEV/statistics and what counts for them; what the kernel's devices here never count is 0. */
const STATISTICS: Record<string, keyof LinkInfo['stats'] | undefined> = {
  collisions: 'txCollisions',
  multicast: 'rxMulticast',
  rx_bytes: 'rxBytes',
  rx_compressed: undefined,
  rx_crc_errors: undefined,
  rx_dropped: 'rxDropped',
  rx_errors: 'rxErrors',
  rx_fifo_errors: undefined,
  rx_frame_errors: undefined,
  rx_length_errors: undefined,
  rx_missed_errors: undefined,
  rx_nohandler: undefined,
  rx_over_errors: undefined,
  rx_packets: 'rxPackets',
  tx_aborted_errors: undefined,
  tx_bytes: 'txBytes',
  tx_carrier_errors: 'txCarrier',
  tx_compressed: undefined,
  tx_dropped: 'txDropped',
  tx_errors: 'txErrors',
  tx_fifo_errors: undefined,
  tx_heartbeat_errors: undefined,
  tx_packets: 'txPackets',
  tx_window_errors: undefined,
};

/** The sys file system (sysfs(5)) as far as it is about network devices, those of the viewer's network namespace. */
export function sysfs(): Directory {
  const devices = attributes((viewer) => {
    const rt = openRtNetlink(viewer.namespaces.net);
    return Object.fromEntries(rt.links().map((link) => [link.name, deviceDirectory(rt, link)]));
  });
  const links = attributes((viewer) => {
    const names = openRtNetlink(viewer.namespaces.net)
      .links()
      .map((link) => link.name);
    return Object.fromEntries(names.map((name) => [name, new AttributeLink(`../../devices/virtual/net/${name}`)]));
  });
  const root = new Directory(0o555);
  for (const name of ['block', 'bus', 'class', 'devices', 'fs', 'kernel', 'module']) root.add(name, new Directory());
  (root.child('class') as Directory).add('net', links);
  (root.child('fs') as Directory).add('cgroup', new Directory());
  const virtual = new Directory();
  virtual.add('net', devices);
  (root.child('devices') as Directory).add('virtual', virtual);
  return root;
}

/** /sys/class/net/DEV (Documentation/ABI/testing/sysfs-class-net). A card on a cable is shown as virtual, too. */
function deviceDirectory(rt: RtNetlink, found: LinkInfo): ComputedDirectory {
  const now = (): LinkInfo => rt.link(found.ifindex) ?? found;
  const isUp = (): boolean => (now().flags & IFF.UP) !== 0;
  const change = (changes: LinkChanges) => errno(rt.setLink(found.ifindex, changes));
  const byNumber = (set: (number: number) => Errno | undefined) => (_: unknown, text: string) => {
    const number = Number(text);
    return text !== '' && Number.isInteger(number) ? set(number) : 'EINVAL';
  };
  const master = () => (now().master === undefined ? undefined : rt.link(now().master as number));
  const fixed: Record<string, Inode> = {
    addr_assign_type: attribute(() => (now().type === 'loopback' ? 0 : now().kind === undefined ? 3 : 1)),
    addr_len: attribute(() => (now().type === 'none' ? 0 : now().type === 'ipip' ? 4 : 6)),
    address: attribute(() => formatMac(now().address), undefined),
    broadcast: attribute(() => formatMac(now().broadcast)),
    carrier: attribute(
      () => (isUp() ? ((now().flags & IFF.LOWER_UP) !== 0 ? 1 : 0) : undefined),
      () => 'EOPNOTSUPP',
    ),
    carrier_changes: attribute(() => now().stats.carrierUps + now().stats.carrierDowns),
    carrier_down_count: attribute(() => now().stats.carrierDowns),
    carrier_up_count: attribute(() => now().stats.carrierUps),
    dev_id: attribute(() => '0x0'),
    dev_port: attribute(() => 0),
    dormant: attribute(() => (isUp() ? 0 : undefined)),
    duplex: attribute(() => (isUp() ? settings(rt, now())?.duplex : undefined)),
    flags: attribute(
      () => `0x${deviceFlags(now()).toString(16)}`,
      byNumber((flags) => change({ up: (flags & IFF.UP) !== 0 })),
    ),
    ifalias: attribute(
      () => now().alias ?? '',
      (_, alias) => change({ alias }),
    ),
    ifindex: attribute(() => now().ifindex),
    iflink: attribute(() => now().link ?? now().ifindex),
    link_mode: attribute(() => 0),
    mtu: attribute(
      () => now().mtu,
      byNumber((mtu) => change({ mtu })),
    ),
    name_assign_type: attribute(() => (now().kind === 'tun' ? undefined : now().type === 'loopback' ? 2 : 3)),
    netdev_group: attribute(
      () => now().group,
      byNumber((group) => change({ group })),
    ),
    ...napiEntries(rt.net.deviceByIndex(found.ifindex)),
    operstate: attribute(() => now().operstate.toLowerCase()),
    power: power(),
    proto_down: attribute(
      () => 0,
      () => 'EOPNOTSUPP',
    ),
    queues: attributes(() => queues(now())),
    speed: attribute(() => (isUp() ? settings(rt, now())?.speed : undefined)),
    statistics: statistics(now),
    subsystem: new AttributeLink('../../../../class/net'),
    testing: attribute(() => (isUp() ? 0 : undefined)),
    tx_queue_len: attribute(
      () => now().txqlen,
      byNumber((txqlen) => change({ txqlen })),
    ),
    type: attribute(() => HARDWARE[now().type]),
    uevent: attribute(() =>
      [...(TYPES_TOLD.has(now().kind) ? [`DEVTYPE=${now().kind}`] : []), `INTERFACE=${now().name}`, `IFINDEX=${now().ifindex}`].join('\n'),
    ),
  };
  return attributes(() => {
    const over = master();
    return {
      ...fixed,
      ...(now().kind === 'bridge' ? bridgeEntries(rt, now) : {}),
      ...(now().kind === 'tun' ? tunEntries(now) : {}),
      ...(over ? { master: new AttributeLink(`../${over.name}`), [`upper_${over.name}`]: new AttributeLink(`../${over.name}`) } : {}),
      ...(over && now().slaveKind === 'bridge' ? { brport: portDirectory(rt, now, over.name) } : {}),
    };
  });
}

/** How a driver polls its queues: numbers that are kept, since no driver here polls; only those that do can have threads for it. */
function napiEntries(device: NetDevice | undefined): Record<string, Inode> {
  const kept = (name: 'gro_flush_timeout' | 'napi_defer_hard_irqs', most: number): Inode => {
    return attribute(
      () => device?.polling?.[name] ?? 0,
      (_, text) => {
        const number = Number(text);
        if (text === '' || !Number.isInteger(number) || number < 0 || number > most) return 'EINVAL';
        if (device) device.polling = { ...device.polling, [name]: number };
        return undefined;
      },
    );
  };
  return {
    gro_flush_timeout: kept('gro_flush_timeout', Number.MAX_SAFE_INTEGER),
    napi_defer_hard_irqs: kept('napi_defer_hard_irqs', 0x7fff_ffff),
    threaded: attribute(
      () => 0,
      () => 'EOPNOTSUPP',
    ),
  };
}

/** power/: virtual devices are never put to sleep (drivers/base/power/sysfs.c). */
function power(): Inode {
  return attributes(() => ({
    autosuspend_delay_ms: text(() => 'EIO'),
    control: attribute(() => 'auto'),
    runtime_active_time: attribute(() => 0),
    runtime_status: attribute(() => 'unsupported'),
    runtime_suspended_time: attribute(() => 0),
  }));
}

/** Kinds whose events say what they are (SET_NETDEV_DEVTYPE). */
const TYPES_TOLD = new Set<string | undefined>(['bridge', 'vlan', 'vxlan', 'macvlan', 'wireguard', 'geneve', 'bond']);

/** What ethtool would say of a link's speed: that of a bridge is its fastest port's, of what stands on another device that one's. */
function settings(rt: RtNetlink, link: LinkInfo): { speed: number; duplex: string } | undefined {
  if (link.type !== 'ether' || link.kind === 'dummy') return undefined;
  const on = STACKED.has(link.kind) && link.link !== undefined ? rt.link(link.link) : undefined;
  if (on) return settings(rt, on);
  const ports = link.kind === 'bridge' ? rt.links().filter((port) => port.master === link.ifindex && port.operstate === 'UP') : [link];
  return ports.length > 0 ? { speed: 10_000, duplex: link.kind === 'bridge' ? 'unknown' : 'full' } : { speed: -1, duplex: 'unknown' };
}

const STACKED = new Set<string | undefined>(['vlan', 'macvlan', 'ipvlan', 'vxlan']);

/** queues/rx-N and tx-N (net/core/net-sysfs.c); nothing steers packets here, so all of it is 0. */
function queues({ limits }: LinkInfo): Record<string, Inode> {
  const zeros = (names: string) => attributes(() => Object.fromEntries(names.split(' ').map((name) => [name, attribute(() => 0)])));
  const numbered = (name: string, count: number, files: string) =>
    Array.from({ length: count }, (_, number): [string, Inode] => [`${name}-${number}`, zeros(files)]);
  return Object.fromEntries([
    ...numbered('rx', limits.numRxQueues ?? 1, 'rps_cpus rps_flow_cnt'),
    ...numbered('tx', limits.numTxQueues ?? 1, 'traffic_class tx_maxrate tx_timeout xps_cpus xps_rxqs'),
  ]);
}

/** Who may open the device, and its flags (IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_PERSIST). */
function tunEntries(now: () => LinkInfo): Record<string, Inode> {
  const flags = ({ data }: LinkInfo) => (data.type === 'tap' ? 2 : 1) | (data.pi ? 0 : 0x1000) | (data.persist ? 0x800 : 0);
  return {
    group: attribute(() => Number(now().data.group ?? -1)),
    owner: attribute(() => Number(now().data.user ?? -1)),
    tun_flags: attribute(() => `0x${flags(now()).toString(16)}`),
  };
}

/** `dev->flags`: without the state bits, with what promiscuity and being a bridge's port (br_add_if) add. */
function deviceFlags(link: LinkInfo): number {
  const own = link.flags & ~(IFF.RUNNING | IFF.LOWER_UP);
  return own | (link.promiscuity > 0 ? IFF.PROMISC : 0) | (link.slaveKind === 'bridge' ? IFF.ALLMULTI : 0);
}

function bridgeEntries(rt: RtNetlink, now: () => LinkInfo): Record<string, Inode> {
  const ports = rt.links().filter((link) => link.master === now().ifindex);
  const brif = attributes(() => Object.fromEntries(ports.map(({ name }) => [name, new AttributeLink(`../../${name}/brport`)])));
  const lower = ports.map(({ name }): [string, Inode] => [`lower_${name}`, new AttributeLink(`../${name}`)]);
  return { bridge: bridgeDirectory(rt, now), brif, ...Object.fromEntries(lower) };
}

function statistics(now: () => LinkInfo): ComputedDirectory {
  const files = Object.entries(STATISTICS).map(([name, field]): [string, Inode] => [
    name,
    attribute(() => (field ? now().stats[field] : 0)),
  ]);
  return attributes(() => Object.fromEntries(files));
}

/** Only the number of a refusal goes through a file; netlink's text does not. */
export function errno(failure: NetlinkError | undefined): Errno | undefined {
  return failure?.errno;
}
