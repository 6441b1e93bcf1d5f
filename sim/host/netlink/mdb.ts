import { isMulticastIPv4, isMulticastIPv6, type Mac } from '../../base/address.ts';
import { Bridge } from '../../kernel/bridge/bridge.ts';
import type { Group, MdbEntry, PortGroup } from '../../kernel/bridge/mdb.ts';
import type { BridgePort } from '../../kernel/bridge/port.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError } from './messages.ts';

/** The groups of bridges (RTM_NEWMDB and its like; net/bridge/br_mdb.c, net/core/rtnetlink.c). */

/** One membership, as dumps tell it: `port` is the bridge itself where its own host listens. */
export interface MdbInfo extends Group {
  bridge: number;
  port: number;
  permanent: boolean;
  /** Where the bridge speaks IGMPv3 or MLDv2. */
  filterMode?: 'include' | 'exclude';
  /** Not of the host's own. */
  protocol?: string;
  fastLeave: boolean;
  /** Seconds left, 0 for ever. */
  timer: number;
}

/** Ports with routers behind them. */
export interface RouterPortInfo {
  port: number;
  permanent: boolean;
  /** Seconds left, 0 for ever. */
  timer: number;
}

export interface BridgeGroupsInfo {
  bridge: number;
  entries: MdbInfo[];
  routers: RouterPortInfo[];
}

export interface MdbSpec {
  bridge: number;
  port: number;
  group: Group;
  permanent: boolean;
  filterMode?: 'include' | 'exclude';
  protocol?: string;
}

/** What to flush: everything that has all of these. */
export interface MdbFlush {
  port?: number | undefined;
  vlan?: number | undefined;
  protocol?: string | undefined;
  permanent?: boolean | undefined;
}

export function list(net: NetNamespace): BridgeGroupsInfo[] {
  return net.listDevices().flatMap((device) => (device instanceof Bridge ? [describeAll(device)] : []));
}

function describeAll(bridge: Bridge): BridgeGroupsInfo {
  const { snooping } = bridge;
  const routers = [...bridge.ports.values()].reverse().filter((port) => snooping.isRouterPort(port));
  return {
    bridge: bridge.ifindex,
    entries: snooping.mdb.list().flatMap((entry) => membersOf(bridge, entry)),
    routers: routers.map((port) => ({
      port: port.device.ifindex,
      permanent: port.multicastRouter === 2,
      timer: snooping.routerLeft(port),
    })),
  };
}

function membersOf(bridge: Bridge, entry: MdbEntry): MdbInfo[] {
  const host = entry.hostJoined ? [describe(bridge, entry, undefined)] : [];
  return [...host, ...[...entry.ports.values()].map((member) => describe(bridge, entry, member))];
}

/** @param member absent for the bridge's own host */
export function describe(bridge: Bridge, entry: MdbEntry, member: PortGroup | undefined): MdbInfo {
  const { group } = entry;
  const info: MdbInfo = {
    ...group,
    bridge: bridge.ifindex,
    port: member?.port.device.ifindex ?? bridge.ifindex,
    permanent: member ? member.permanent : group.family === 'link',
    fastLeave: member?.fastLeave ?? false,
    timer: (member?.timer ?? entry.hostTimer).left,
  };
  if (!member) return info;
  info.protocol = member.protocol;
  const { mcast_igmp_version: igmp, mcast_mld_version: mld } = bridge.snooping.settings;
  const sources = group.family === 4 ? igmp === 3 : group.family === 6 && mld === 2;
  if (sources && group.source === undefined) info.filterMode = member.filterMode;
  return info;
}

const refuse = (message: string): NetlinkError => ({ errno: 'EINVAL', message });

export function add(net: NetNamespace, spec: MdbSpec, replace: boolean): NetlinkError | undefined {
  const bridge = bridgeOf(net, spec.bridge, spec.group);
  if ('errno' in bridge) return bridge;
  const port = portOf(net, bridge, spec.port);
  if (port && 'errno' in port) return port;
  const wrong = checkAdd(bridge, port, spec);
  if (wrong) return wrong;
  for (const group of onVlans(bridge, port, spec.group)) {
    const failed = addOne(bridge, port, { ...spec, group }, replace);
    if (failed) return failed;
  }
  return undefined;
}

/** validate_mdb_entry, then whether the device can have groups at all. */
function bridgeOf(net: NetNamespace, ifindex: number, group: Group): Bridge | NetlinkError {
  const wrong = checkAddress(group);
  if (wrong) return wrong;
  const bridge = net.deviceByIndex(ifindex);
  if (!bridge) return { errno: 'ENODEV', message: "Device doesn't exist" };
  return bridge instanceof Bridge ? bridge : { errno: 'EOPNOTSUPP', message: 'Device does not support MDB operations' };
}

function checkAddress({ family, address, vlan }: Group): NetlinkError | undefined {
  if (family === 4) {
    if (address !== 0 && !isMulticastIPv4(address as number)) return refuse('IPv4 entry group address is not multicast or 0.0.0.0');
    if ((address as number) >>> 8 === 0xe00000) return refuse('IPv4 entry group address is local multicast');
  } else if (family === 6) {
    if (address === ((0xff02n << 112n) | 1n)) return refuse('IPv6 entry group address is link-local all nodes');
  } else if (!isGroupMac(address as Mac)) return refuse('L2 entry group is not multicast');
  return vlan < 0 || vlan >= 4095 ? refuse('Invalid entry VLAN id') : undefined;
}

/** The first octet's lowest bit. */
function isGroupMac(address: Mac): boolean {
  return Math.floor(address / 2 ** 40) % 2 === 1;
}

/** The bridge itself is no port. */
function portOf(net: NetNamespace, bridge: Bridge, ifindex: number): BridgePort | NetlinkError | undefined {
  if (ifindex === bridge.ifindex) return undefined;
  const device = net.deviceByIndex(ifindex);
  if (!device) return { errno: 'ENODEV', message: "bridge: Port net device doesn't exist" };
  if (!(device.master instanceof Bridge)) return refuse('bridge: Net device is not a bridge port');
  return bridge.ports.get(device) ?? refuse('bridge: Port belongs to a different bridge device');
}

/** br_mdb_config_init and br_mdb_add. */
function checkAdd(bridge: Bridge, port: BridgePort | undefined, spec: MdbSpec): NetlinkError | undefined {
  const { family, address, source } = spec.group;
  if (family === 4 && address === 0) return refuse('bridge: IPv4 entry group address 0.0.0.0 is not allowed');
  if (family === 6 && !isMulticastIPv6(address as bigint)) return refuse('bridge: IPv6 entry group address is not multicast');
  if (source !== undefined && (family === 'link' || (typeof source === 'number') !== (family === 4)))
    return refuse('bridge: Source address does not match the group');
  if (spec.filterMode === 'include' && source === undefined) return refuse('bridge: Cannot add (*, G) INCLUDE with an empty source list');
  if (!bridge.snooping.on) return refuse("bridge: Bridge's multicast processing is disabled");
  if (!bridge.up) return refuse('bridge: Bridge device is not running');
  if (family === 'link' && !spec.permanent) return refuse('bridge: Only permanent L2 entries allowed');
  if (port?.state === 'disabled' && !spec.permanent) return refuse('bridge: Port is in disabled state and entry is not permanent');
  if (!port && family !== 'link') {
    if (spec.permanent) return refuse('bridge: Flags are not allowed for host groups');
    if (source !== undefined) return refuse('bridge: Groups with sources cannot be manually host joined');
  }
  return undefined;
}

/** Without a VLAN, a bridge that tells them apart has the entry on each of the port's. */
function onVlans(bridge: Bridge, port: BridgePort | undefined, group: Group): Group[] {
  if (!bridge.vlanFiltering || group.vlan !== 0) return [group];
  return (port?.vlans ?? bridge.vlans.own).ids.map((vlan) => ({ ...group, vlan }));
}

function addOne(bridge: Bridge, port: BridgePort | undefined, spec: MdbSpec, replace: boolean): NetlinkError | undefined {
  const { mdb, settings } = bridge.snooping;
  const entry = mdb.obtain(spec.group);
  const hold = settings.mcast_membership_intvl * 10_000;
  if (!port) {
    if (entry.hostJoined && !replace) return { errno: 'EEXIST', message: 'bridge: Group is already joined by host' };
    mdb.hostJoin(entry, spec.group.family === 'link' ? undefined : hold);
    return undefined;
  }
  const star = spec.group.source === undefined;
  const known = entry.ports.get(port);
  if (known && !replace) return { errno: 'EEXIST', message: `bridge: (${star ? '*' : 'S'}, G) group is already joined by port` };
  const how = {
    permanent: spec.permanent,
    protocol: spec.protocol ?? 'static',
    filterMode: star ? (spec.filterMode ?? 'exclude') : 'include',
  } as const;
  const member = known ?? mdb.join(entry, port, how);
  Object.assign(member, how);
  if (member.permanent) member.timer.stop();
  else member.timer.start(hold);
  mdb.changed(entry, member);
  return undefined;
}

export function remove(net: NetNamespace, spec: MdbSpec): NetlinkError | undefined {
  const bridge = bridgeOf(net, spec.bridge, spec.group);
  if ('errno' in bridge) return bridge;
  const port = portOf(net, bridge, spec.port);
  if (port && 'errno' in port) return port;
  if (!bridge.up || !bridge.snooping.on) return { errno: 'EINVAL' };
  const { mdb } = bridge.snooping;
  let failed: NetlinkError | undefined;
  for (const group of onVlans(bridge, port, spec.group)) {
    const entry = mdb.find(group);
    const there = port ? entry?.ports.has(port) : entry?.hostJoined;
    if (!entry || !there) failed = { errno: 'EINVAL' };
    else if (port) mdb.leave(entry, port);
    else mdb.hostLeave(entry);
  }
  return failed;
}

/** RTM_GETMDB of one group. */
export function get(net: NetNamespace, ifindex: number, group: Group): MdbInfo[] | NetlinkError {
  const bridge = bridgeOf(net, ifindex, group);
  if ('errno' in bridge) return bridge;
  const entry = bridge.snooping.mdb.find(group);
  return entry ? membersOf(bridge, entry) : { errno: 'ENOENT', message: 'bridge: MDB entry not found' };
}

/** RTM_DELMDB with NLM_F_BULK (br_mdb_del_bulk). */
export function flush(net: NetNamespace, ifindex: number, which: MdbFlush): NetlinkError | undefined {
  const bridge = net.deviceByIndex(ifindex);
  if (!(bridge instanceof Bridge)) return { errno: 'EOPNOTSUPP', message: 'Device does not support MDB bulk deletion' };
  const { mdb } = bridge.snooping;
  for (const entry of mdb.list()) {
    for (const info of membersOf(bridge, entry)) {
      if (which.port !== undefined && info.port !== which.port) continue;
      if (which.vlan !== undefined && info.vlan !== which.vlan) continue;
      if (which.permanent !== undefined && info.permanent !== which.permanent) continue;
      if (which.protocol !== undefined && info.protocol !== which.protocol) continue;
      const port = [...bridge.ports.values()].find(({ device }) => device.ifindex === info.port);
      if (port) mdb.leave(entry, port);
      else mdb.hostLeave(entry);
    }
  }
  return undefined;
}
