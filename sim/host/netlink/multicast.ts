import type { Mac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { MulticastInfo } from './messages.ts';

/** Groups that interfaces listen to (net/core/dev_addr_lists.c, net/core/dev_ioctl.c). */

export function list(net: NetNamespace): MulticastInfo[] {
  const newestFirst = <T>(groups: ReadonlyMap<T, number>) => [...groups].reverse().map(([address, users]) => ({ address, users }));
  return net.listDevices().map((device) => ({
    ifindex: device.ifindex,
    name: device.name,
    link: [...device.multicast].map(([address, users]) => ({ address, users, fixed: device.staticMulticast.has(address) })),
    inet: newestFirst(device.ipv4.groups),
    inet6: newestFirst(device.ipv6.groups),
  }));
}

/** Once, however often it is asked for (dev_mc_add_global). */
export function add(net: NetNamespace, name: string, address: Mac): Errno | undefined {
  const device = net.deviceByName(name);
  if (!device) return 'ENODEV';
  if (device.staticMulticast.has(address)) return undefined;
  device.staticMulticast.add(address);
  device.joinMulticast(address);
  return undefined;
}

/** @returns ENOENT for one that no administrator has added */
export function remove(net: NetNamespace, name: string, address: Mac): Errno | undefined {
  const device = net.deviceByName(name);
  if (!device) return 'ENODEV';
  if (!device.staticMulticast.delete(address)) return 'ENOENT';
  device.leaveMulticast(address);
  return undefined;
}
