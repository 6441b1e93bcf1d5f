import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetlinkError } from './messages.ts';

/** Further names of links over rtnetlink (net/core/dev.c `netdev_name_node_alt_create`, `netdev_name_node_alt_destroy`). */

export function add(net: NetNamespace, ifindex: number, name: string): NetlinkError | undefined {
  const device = net.deviceByIndex(ifindex);
  if (!device) return { errno: 'ENODEV' };
  if (net.deviceByName(name)) return { errno: 'EEXIST' };
  device.altNames.push(name);
  if (net.notices.heard) net.notices.tell({ kind: 'link', device, gone: false });
  return undefined;
}

export function remove(net: NetNamespace, ifindex: number, name: string): NetlinkError | undefined {
  const device = net.deviceByIndex(ifindex);
  if (!device) return { errno: 'ENODEV' };
  const named = net.deviceByName(name);
  if (!named) return { errno: 'ENOENT' };
  const at = device.altNames.indexOf(name);
  // A link's own name, or another link's.
  if (at < 0) return { errno: 'EINVAL' };
  device.altNames.splice(at, 1);
  if (net.notices.heard) net.notices.tell({ kind: 'link', device, gone: false });
  return undefined;
}
