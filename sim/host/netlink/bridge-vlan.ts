import { Bridge } from '../../kernel/bridge/bridge.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError } from './messages.ts';

/** VLANs of bridges and their ports (IFLA_BRIDGE_VLAN_INFO; net/bridge/br_netlink.c). */

export interface BridgeVlanInfo {
  ifindex: number;
  vlans: { id: number; pvid: boolean; untagged: boolean }[];
}

/** RTM_SETLINK and RTM_DELLINK of PF_BRIDGE. */
export interface BridgeVlanSpec {
  ifindex: number;
  id: number;
  /** The last of a range; `id` alone if absent. */
  last?: number;
  pvid: boolean;
  untagged: boolean;
  /** The bridge itself, rather than the port's bridge for the port. */
  self: boolean;
  master: boolean;
}

export function list(net: NetNamespace): BridgeVlanInfo[] {
  return net.listDevices().flatMap((device) => {
    const bridge = device instanceof Bridge ? device : device.master;
    if (!(bridge instanceof Bridge) || !bridge.hasVlans) return [];
    const group = device === bridge ? bridge.vlans.own : bridge.ports.get(device)?.vlans;
    const vlans = (group?.ids ?? []).map((id) => ({
      id,
      pvid: group?.pvid === id,
      untagged: group?.members.get(id)?.untagged ?? false,
    }));
    return vlans.length > 0 ? [{ ifindex: device.ifindex, vlans }] : [];
  });
}

/** Whose VLANs a request is about (rtnl_bridge_setlink). */
function target(device: NetDevice | undefined, spec: BridgeVlanSpec): Bridge | NetlinkError {
  if (!device) return { errno: 'ENODEV' };
  const bridge = spec.self && !spec.master ? device : device.master;
  return bridge instanceof Bridge ? bridge : { errno: 'EOPNOTSUPP' };
}

export function add(net: NetNamespace, spec: BridgeVlanSpec): NetlinkError | undefined {
  return change(net, spec, (bridge, device, id) => {
    bridge.vlans.add(device === bridge ? undefined : bridge.ports.get(device), id, spec);
  });
}

/** One that isn't there is no error. */
export function remove(net: NetNamespace, spec: BridgeVlanSpec): NetlinkError | undefined {
  return change(net, spec, (bridge, device, id) => {
    bridge.vlans.remove(device === bridge ? undefined : bridge.ports.get(device), id);
  });
}

function change(
  net: NetNamespace,
  spec: BridgeVlanSpec,
  act: (bridge: Bridge, device: NetDevice, id: number) => void,
): NetlinkError | undefined {
  const device = net.deviceByIndex(spec.ifindex);
  const bridge = target(device, spec);
  if (!device || !(bridge instanceof Bridge)) return bridge as NetlinkError;
  const last = spec.last ?? spec.id;
  if (spec.id === 0 || last > 4094) return { errno: 'EINVAL', message: 'bridge: Vlan id is invalid' };
  if (last !== spec.id && spec.pvid) return { errno: 'EINVAL', message: "bridge: Pvid isn't allowed in a range" };
  for (let id = spec.id; id <= last; id++) act(bridge, device, id);
  return undefined;
}
