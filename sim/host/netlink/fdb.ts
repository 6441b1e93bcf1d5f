import { Bridge } from '../../kernel/bridge/bridge.ts';
import type { FdbEntry } from '../../kernel/bridge/fdb.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import { Vxlan } from '../../kernel/dev/vxlan/vxlan.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { FdbInfo, NetlinkError } from './messages.ts';
import * as vxlan from './vxlan-fdb.ts';

/** Forwarding databases over rtnetlink (net/bridge/br_fdb.c, net/core/rtnetlink.c ndo_dflt_fdb_dump). */

export type FdbSpec = Partial<FdbInfo> & Pick<FdbInfo, 'address' | 'ifindex'>;

/**
 * As RTM_GETNEIGH for PF_BRIDGE dumps them, device by device: what a device itself listens to, and its bridge's entries for it; a
 * bridge's own device has the two the other way round (rtnl_fdb_dump, br_fdb_dump).
 */
export function list(net: NetNamespace): FdbInfo[] {
  return net.listDevices().flatMap((device) => {
    const own =
      device instanceof Vxlan ? vxlan.list(device) : [...device.unicast, ...device.multicast.keys()].map((mac) => selfEntry(device, mac));
    if (device instanceof Bridge) return [...own, ...bridgeEntries(device, undefined)];
    return device.master instanceof Bridge ? [...bridgeEntries(device.master, device), ...own] : own;
  });
}

/** A bridge's entries behind one port, or its own. */
function bridgeEntries(bridge: Bridge, behind: NetDevice | undefined): FdbInfo[] {
  return bridge.fdb
    .list()
    .filter((entry) => entry.port?.device === behind)
    .map((entry) => describe(bridge, entry));
}

/** An entry of a bridge. */
export function describe(bridge: Bridge, entry: FdbEntry): FdbInfo {
  const { now } = bridge;
  return {
    address: entry.address,
    ...(entry.vlan > 0 ? { vlan: entry.vlan } : {}),
    ifindex: (entry.port?.device ?? bridge).ifindex,
    master: bridge.ifindex,
    self: false,
    state: entry.local ? 'permanent' : entry.static ? 'static' : 'reachable',
    externLearned: entry.externLearned,
    offload: false,
    used: now - entry.used,
    updated: now - entry.updated,
  };
}

function selfEntry(device: NetDevice, address: number): FdbInfo {
  return { address, ifindex: device.ifindex, self: true, state: 'permanent', externLearned: false, offload: false, used: 0, updated: 0 };
}

export function add(net: NetNamespace, spec: FdbSpec, mode: 'add' | 'append' | 'replace'): NetlinkError | undefined {
  const device = net.deviceByIndex(spec.ifindex);
  if (!device) return { errno: 'ENODEV' };
  if (spec.master === undefined && device instanceof Vxlan) return vxlan.add(device, spec, mode);
  if (spec.master === undefined && !(device instanceof Bridge)) {
    if (device.unicast.has(spec.address) && mode === 'add') return { errno: 'EEXIST' };
    device.unicast.add(spec.address);
    return undefined;
  }
  const bridge = device instanceof Bridge ? device : device.master;
  if (!(bridge instanceof Bridge)) return { errno: 'EOPNOTSUPP' };
  const port = device === bridge ? undefined : bridge.ports.get(device);
  const vlan = spec.vlan ?? 0;
  if (vlan > 0 && !(bridge.hasVlans && bridge.vlans.group(port).members.has(vlan))) return { errno: 'EINVAL' };
  const known = bridge.fdb.get(spec.address, vlan);
  if (known && mode === 'add') return { errno: 'EEXIST' };
  const state = spec.state ?? 'permanent';
  const kind = { local: state === 'permanent', static: state !== 'reachable', externLearned: spec.externLearned ?? false };
  bridge.fdb.add(spec.address, port, kind, vlan);
  return undefined;
}

export function remove(net: NetNamespace, spec: FdbSpec): NetlinkError | undefined {
  const device = net.deviceByIndex(spec.ifindex);
  if (!device) return { errno: 'ENODEV' };
  if (spec.master === undefined && device instanceof Vxlan) return vxlan.remove(device, spec);
  if (spec.master === undefined && !(device instanceof Bridge))
    return device.unicast.delete(spec.address) ? undefined : { errno: 'ENOENT' };
  const bridge = device instanceof Bridge ? device : device.master;
  if (!(bridge instanceof Bridge)) return { errno: 'EOPNOTSUPP' };
  const known = bridge.fdb.get(spec.address, spec.vlan ?? 0);
  if (!known || (known.port?.device ?? bridge) !== device) return { errno: 'ENOENT' };
  bridge.fdb.delete(spec.address, spec.vlan ?? 0);
  return undefined;
}
