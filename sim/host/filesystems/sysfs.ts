import { formatMac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { IFF } from '../../kernel/dev/device.ts';
import { type ComputedDirectory, Directory, type Inode, Symlink } from '../inode.ts';
import type { LinkChanges, LinkInfo, LinkStats, NetlinkError } from '../netlink/messages.ts';
import { openRtNetlink } from '../netlink/open.ts';
import type { RtNetlink } from '../netlink/rtnetlink.ts';
import { directory, value } from './computed.ts';
import { bridgeDirectory, portDirectory } from './sysfs-bridge.ts';

/** ARPHRD_* (include/uapi/linux/if_arp.h). */
const HARDWARE = { ether: 1, loopback: 772, ipip: 768, none: 65_534 } as const;

/** Names of /sys/class/net/DEV/statistics and what counts for them; what the kernel's devices here never count is 0. */
const STATISTICS: Record<string, keyof LinkStats | undefined> = {
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
  const devices = directory((viewer) => {
    const rt = openRtNetlink(viewer.namespaces.net);
    return Object.fromEntries(rt.links().map((link) => [link.name, deviceDirectory(rt, link)]));
  });
  const links = directory((viewer) => {
    const names = openRtNetlink(viewer.namespaces.net)
      .links()
      .map((link) => link.name);
    return Object.fromEntries(names.map((name) => [name, new Symlink(`../../devices/virtual/net/${name}`)]));
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
    addr_assign_type: value(() => (now().kind === undefined ? 3 : 1)),
    addr_len: value(() => (now().type === 'none' ? 0 : now().type === 'ipip' ? 4 : 6)),
    address: value(() => formatMac(now().address), undefined),
    broadcast: value(() => formatMac(now().broadcast)),
    carrier: value(
      () => (isUp() ? ((now().flags & IFF.LOWER_UP) !== 0 ? 1 : 0) : undefined),
      () => 'EOPNOTSUPP',
    ),
    dev_id: value(() => '0x0'),
    dev_port: value(() => 0),
    dormant: value(() => (isUp() ? 0 : undefined)),
    duplex: value(() => (isUp() && now().type === 'ether' ? 'full' : undefined)),
    flags: value(
      () => `0x${deviceFlags(now()).toString(16)}`,
      byNumber((flags) => change({ up: (flags & IFF.UP) !== 0 })),
    ),
    ifalias: value(
      () => now().alias ?? '',
      (_, alias) => change({ alias }),
    ),
    ifindex: value(() => now().ifindex),
    iflink: value(() => now().link ?? now().ifindex),
    link_mode: value(() => 0),
    mtu: value(
      () => now().mtu,
      byNumber((mtu) => change({ mtu })),
    ),
    name_assign_type: value(() => (now().type === 'loopback' ? 2 : 3)),
    netdev_group: value(
      () => now().group,
      byNumber((group) => change({ group })),
    ),
    operstate: value(() => now().operstate.toLowerCase()),
    speed: value(() => (!isUp() || now().type !== 'ether' ? undefined : 10_000)),
    statistics: statistics(now),
    subsystem: new Symlink('../../../../class/net'),
    testing: value(() => (isUp() ? 0 : undefined)),
    tx_queue_len: value(
      () => now().txqlen,
      byNumber((txqlen) => change({ txqlen })),
    ),
    type: value(() => HARDWARE[now().type]),
    uevent: value(() =>
      [...(now().kind === 'bridge' ? ['DEVTYPE=bridge'] : []), `INTERFACE=${now().name}`, `IFINDEX=${now().ifindex}`].join('\n'),
    ),
  };
  return directory(() => {
    const over = master();
    return {
      ...fixed,
      ...(now().kind === 'bridge' ? bridgeEntries(rt, now) : {}),
      ...(over ? { master: new Symlink(`../${over.name}`), [`upper_${over.name}`]: new Symlink(`../${over.name}`) } : {}),
      ...(over && now().slaveKind === 'bridge' ? { brport: portDirectory(rt, now, over.name) } : {}),
    };
  });
}

/** `dev->flags`: without the state bits, with what promiscuity and being a bridge's port (br_add_if) add. */
function deviceFlags(link: LinkInfo): number {
  const own = link.flags & ~(IFF.RUNNING | IFF.LOWER_UP);
  return own | (link.promiscuity > 0 ? IFF.PROMISC : 0) | (link.slaveKind === 'bridge' ? IFF.ALLMULTI : 0);
}

function bridgeEntries(rt: RtNetlink, now: () => LinkInfo): Record<string, Inode> {
  const ports = rt.links().filter((link) => link.master === now().ifindex);
  const brif = directory(() => Object.fromEntries(ports.map(({ name }) => [name, new Symlink(`../../${name}/brport`)])));
  const lower = ports.map(({ name }): [string, Inode] => [`lower_${name}`, new Symlink(`../${name}`)]);
  return { bridge: bridgeDirectory(rt, now), brif, ...Object.fromEntries(lower) };
}

function statistics(now: () => LinkInfo): ComputedDirectory {
  const files = Object.entries(STATISTICS).map(([name, field]): [string, Inode] => [name, value(() => (field ? now().stats[field] : 0))]);
  return directory(() => Object.fromEntries(files));
}

/** Only the number of a refusal goes through a file; netlink's text does not. */
export function errno(failure: NetlinkError | undefined): Errno | undefined {
  return failure?.errno;
}
