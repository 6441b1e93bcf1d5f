import type { NetNamespace } from '../../kernel/netns.ts';
import type { NetconfInfo } from './messages.ts';

/** Settings over rtnetlink (inet_netconf_fill_devconf, inet6_netconf_fill_devconf): interfaces first, then `all` and `default`. */
export function list(net: NetNamespace, family: 4 | 6): NetconfInfo[] {
  const devices = net.listDevices();
  const infos: NetconfInfo[] = [];
  const add = (ifindex: NetconfInfo['ifindex'], settings: NetconfInfo['settings']) => infos.push({ ifindex, settings });
  if (family === 4) {
    const of = (conf: typeof net.ipv4.all) => ({
      forwarding: conf.forwarding,
      rp_filter: conf.rp_filter,
      mc_forwarding: 0,
      proxy_neigh: conf.proxy_arp,
      ignore_routes_with_linkdown: conf.ignore_routes_with_linkdown,
    });
    for (const device of devices) add(device.ifindex, of(device.ipv4.conf));
    add('all', of(net.ipv4.all));
    add('default', of(net.ipv4.defaults));
    return infos;
  }
  const of = (conf: typeof net.ipv6.all) => ({
    forwarding: conf.forwarding,
    mc_forwarding: 0,
    proxy_neigh: conf.proxy_ndp,
    ignore_routes_with_linkdown: conf.ignore_routes_with_linkdown,
  });
  for (const device of devices) add(device.ifindex, of(device.ipv6.conf));
  add('all', of(net.ipv6.all));
  add('default', of(net.ipv6.defaults));
  return infos;
}
