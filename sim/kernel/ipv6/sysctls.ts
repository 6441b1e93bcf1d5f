import { MILLISECOND, SECOND } from '../../base/time.ts';
import { registerNeighbourSysctls, tellNetconf } from '../ipv4/sysctls.ts';
import { duration, integer, type Sysctl } from '../sysctl.ts';
import type { Ipv6Conf } from './interface.ts';
import type { Ipv6Stack } from './stack.ts';

/** Makes /proc/sys/net/ipv6 (net/ipv6/sysctl_net_ipv6.c, addrconf.c). */
export function registerSysctls(stack: Ipv6Stack): void {
  const { sysctl } = stack.net;
  const { settings } = stack;
  sysctl.register('net/ipv6/bindv6only', integer(settings, 'bindv6only', { min: 0, max: 1 }));
  sysctl.register('net/ipv6/fib_multipath_hash_policy', integer(settings, 'fib_multipath_hash_policy', { min: 0, max: 3 }));
  sysctl.register('net/ipv6/ip_nonlocal_bind', integer(settings, 'ip_nonlocal_bind', { min: 0, max: 1 }));
  sysctl.register('net/ipv6/ip6frag_time', duration(settings, 'ip6frag_time', SECOND));
  sysctl.register('net/ipv6/icmp/echo_ignore_all', integer(settings, 'icmp_echo_ignore_all', { min: 0, max: 1 }));
  sysctl.register('net/ipv6/icmp/ratelimit', duration(settings, 'icmp_ratelimit', MILLISECOND));
  sysctl.register('net/ipv6/route/mtu_expires', duration(settings, 'mtu_expires', SECOND));
  sysctl.registerFamily('net/ipv6/conf', {
    entries: () => ['all', 'default', ...stack.net.listDevices().map((device) => device.name)],
    table: (entry) => confTable(stack, entry),
  });
  registerNeighbourSysctls(sysctl, 'net/ipv6/neigh', stack);
}

function confTable(stack: Ipv6Stack, entry: string): ReadonlyMap<string, Sysctl> | undefined {
  const device = stack.net.deviceByName(entry);
  const conf = entry === 'all' ? stack.all : entry === 'default' ? stack.defaults : device?.ipv6.conf;
  if (!conf) return undefined;
  const table = new Map<string, Sysctl>();
  for (const name of Object.keys(conf) as (keyof Ipv6Conf)[]) {
    table.set(name, integer(conf, name, { changed: (before) => confChanged(stack, entry, name, before) }));
  }
  return table;
}

/** Two of the settings act at once, and `all` sets them on every device. */
function confChanged(stack: Ipv6Stack, entry: string, name: keyof Ipv6Conf, before: number): void {
  const device = stack.net.deviceByName(entry);
  if (name === 'forwarding') {
    if (entry === 'all') stack.setForwarding(stack.all.forwarding);
    else if (device) stack.forwardingChanged(device, before);
  }
  if (name === 'forwarding' || name === 'ignore_routes_with_linkdown') {
    const conf = entry === 'all' ? stack.all : entry === 'default' ? stack.defaults : device?.ipv6.conf;
    if (conf) tellNetconf(stack.net, 6, entry, name, conf[name]);
  }
  if (name !== 'disable_ipv6') return;
  if (device) stack.disableChanged(device);
  if (entry !== 'all') return;
  stack.defaults.disable_ipv6 = stack.all.disable_ipv6;
  for (const each of stack.net.devices.values()) {
    if (each.ipv6.conf.disable_ipv6 === stack.all.disable_ipv6) continue;
    each.ipv6.conf.disable_ipv6 = stack.all.disable_ipv6;
    stack.disableChanged(each);
  }
}
