import { MILLISECOND, SECOND } from '../../base/time.ts';
import type { NeighbourParameters, NeighbourTable } from '../neigh/table.ts';
import { duration, integer, integers, type Sysctl, type Sysctls } from '../sysctl.ts';
import type { NetNamespace } from '../netns.ts';
import type { Ipv4Conf } from './interface.ts';
import type { Ipv4Stack } from './stack.ts';

/** Where a setting's range isn't just "not negative". */
const LIMITS: Partial<Record<string, { min: number; max: number }>> = { ip_default_ttl: { min: 1, max: 255 } };

/** Makes /proc/sys/net/ipv4 (net/ipv4/sysctl_net_ipv4.c, devinet.c). */
export function registerSysctls(stack: Ipv4Stack): void {
  const { sysctl } = stack.net;
  const { settings } = stack;
  sysctl.register('net/ipv4/ip_forward', forwarding(stack, stack.all));
  const durations: Partial<Record<keyof typeof settings, number>> = {
    icmp_ratelimit: MILLISECOND,
    ipfrag_time: SECOND,
    mtu_expires: SECOND,
  };
  for (const name of Object.keys(settings) as (keyof typeof settings)[]) {
    const unit = durations[name];
    const path = name === 'min_pmtu' || name === 'mtu_expires' ? `net/ipv4/route/${name}` : `net/ipv4/${name}`;
    sysctl.register(path, unit ? duration(settings, name, unit) : integer(settings, name, LIMITS[name] ?? { min: 0 }));
  }
  sysctl.register('net/ipv4/ip_local_port_range', integers(stack.portRange, { min: 1, max: 65_535 }));
  sysctl.register('net/ipv4/tcp_rmem', integers(stack.receiveBuffers, { min: 1 }));
  sysctl.register('net/ipv4/ping_group_range', integers(stack.pingGroupRange));
  sysctl.registerFamily('net/ipv4/conf', {
    entries: () => ['all', 'default', ...stack.net.listDevices().map((device) => device.name)],
    table: (entry) => confTable(stack, entry),
  });
  registerNeighbourSysctls(sysctl, 'net/ipv4/neigh', stack);
}

function confTable(stack: Ipv4Stack, entry: string): ReadonlyMap<string, Sysctl> | undefined {
  const conf = entry === 'all' ? stack.all : entry === 'default' ? stack.defaults : stack.net.deviceByName(entry)?.ipv4.conf;
  if (!conf) return undefined;
  const table = new Map<string, Sysctl>();
  for (const name of Object.keys(conf) as (keyof Ipv4Conf)[]) {
    const all = name === 'forwarding' && entry === 'all';
    const told = NETCONF[name];
    const changed = told ? () => tellNetconf(stack.net, 4, entry, told, conf[name]) : undefined;
    table.set(name, all ? forwarding(stack, conf) : integer(conf, name, changed ? { changed } : {}));
  }
  return table;
}

/** Settings whose changes rtnetlink tells (NETCONFA_*), under the names it uses. */
const NETCONF: Partial<Record<keyof Ipv4Conf, string>> = {
  forwarding: 'forwarding',
  rp_filter: 'rp_filter',
  proxy_arp: 'proxy_neigh',
  ignore_routes_with_linkdown: 'ignore_routes_with_linkdown',
};

/** Tells those who listen that a setting of an interface has been written (inet_netconf_notify_devconf). */
export function tellNetconf(net: NetNamespace, family: 4 | 6, entry: string, setting: string, value: number): void {
  if (!net.notices.heard) return;
  const device = entry === 'all' || entry === 'default' ? entry : net.deviceByName(entry);
  if (device) net.notices.tell({ kind: 'netconf', family, device, setting, value, gone: false });
}

/** Writing the switch for all changes every interface. */
function forwarding(stack: Ipv4Stack, conf: Ipv4Conf): Sysctl {
  return integer(conf, 'forwarding', { changed: () => stack.setForwarding(conf.forwarding) });
}

/** Makes net/ipvX/neigh: the defaults and each device's own. */
export function registerNeighbourSysctls(
  sysctl: Sysctls,
  prefix: string,
  stack: { net: { listDevices(): { name: string }[]; deviceByName(name: string): unknown }; neighbours: NeighbourTable },
): void {
  sysctl.registerFamily(prefix, {
    entries: () => ['default', ...stack.net.listDevices().map((device) => device.name)],
    table(entry) {
      const device = stack.net.deviceByName(entry);
      if (entry !== 'default' && !device) return undefined;
      if (entry === 'default') return neighbourTable(stack.neighbours.defaults);
      return neighbourTable(stack.neighbours.parametersOf(device as never), () => stack.neighbours.drawReachableTime(device as never));
    },
  });
}

function neighbourTable(p: NeighbourParameters, changed?: () => void): ReadonlyMap<string, Sysctl> {
  return new Map<string, Sysctl>([
    ['base_reachable_time_ms', duration(p, 'base_reachable_time', MILLISECOND, changed)],
    ['retrans_time_ms', duration(p, 'retrans_time', MILLISECOND)],
    ['delay_first_probe_time', duration(p, 'delay_first_probe_time', SECOND)],
    ['gc_stale_time', duration(p, 'gc_stale_time', SECOND)],
    ['ucast_solicit', integer(p, 'ucast_solicit', { min: 0 })],
    ['mcast_solicit', integer(p, 'mcast_solicit', { min: 0 })],
    ['app_solicit', integer(p, 'app_solicit', { min: 0 })],
    ['mcast_resolicit', integer(p, 'mcast_resolicit', { min: 0 })],
    ['unres_qlen_bytes', integer(p, 'unres_qlen_bytes', { min: 0 })],
    ['locktime', duration(p, 'locktime', SECOND / 100)],
  ]);
}
