import { MILLISECOND, SECOND } from '../../base/time.ts';
import { registerNeighbourSysctls } from '../neigh/sysctls.ts';
import { bitmap } from '../kept-parameters.ts';
import { duration, HZ, integer, integers, type Sysctl } from '../sysctl.ts';
import type { NetNamespace } from '../netns.ts';
import type { Ipv4Conf } from './interface.ts';
import type { Ipv4Stack } from './stack.ts';

const octet = { min: 0, max: 255 };
const onOff = { min: 0, max: 1 };
const seconds = { min: 0, max: Math.floor(0x7fff_ffff / HZ) };

/** Where a setting's range isn't just "not negative". */
const LIMITS: Partial<Record<string, { min?: number; max?: number }>> = {
  fib_multipath_hash_policy: { min: 0, max: 3 },
  fwmark_reflect: octet,
  icmp_echo_ignore_all: onOff,
  icmp_echo_ignore_broadcasts: onOff,
  icmp_errors_use_inbound_ifaddr: onOff,
  icmp_ratemask: {},
  igmp_qrv: { min: 1 },
  ip_default_ttl: { min: 1, max: 255 },
  ip_forward_use_pmtu: octet,
  ip_no_pmtu_disc: octet,
  ip_nonlocal_bind: octet,
  ip_unprivileged_port_start: { min: 0, max: 65_535 },
  min_pmtu: { min: 68 },
  tcp_dsack: octet,
  tcp_fin_timeout: seconds,
  tcp_keepalive_intvl: seconds,
  tcp_keepalive_probes: octet,
  tcp_keepalive_time: seconds,
  tcp_mtu_probing: octet,
  tcp_retries2: octet,
  tcp_sack: octet,
  tcp_syn_linear_timeouts: { min: 0, max: 127 },
  tcp_syn_retries: { min: 1, max: 127 },
  tcp_synack_retries: octet,
  tcp_timestamps: octet,
  tcp_window_scaling: octet,
};

/** Settings that aren't in net/ipv4 itself. */
const PLACES: Partial<Record<string, string>> = {
  min_pmtu: 'net/ipv4/route/min_pmtu',
  mtu_expires: 'net/ipv4/route/mtu_expires',
  somaxconn: 'net/core/somaxconn',
};

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
    const path = PLACES[name] ?? `net/ipv4/${name}`;
    sysctl.register(path, unit ? duration(settings, name, unit) : integer(settings, name, LIMITS[name] ?? { min: 0 }));
  }
  registerRanges(stack);
  sysctl.register('net/ipv4/tcp_rmem', integers(stack.receiveBuffers, { min: 1 }));
  sysctl.register('net/ipv4/route/flush', flush(stack));
  sysctl.registerFamily('net/ipv4/conf', {
    entries: () => ['all', 'default', ...stack.net.listDevices().map((device) => device.name)],
    table: (entry) => confTable(stack, entry),
  });
  registerNeighbourSysctls('net/ipv4/neigh', stack);
}

/** Ports that are chosen, ports that aren't, and groups that may open ICMP sockets; a range of groups that ends before it starts is none. */
function registerRanges(stack: Ipv4Stack): void {
  const { sysctl } = stack.net;
  const ports = (range: readonly number[]) => {
    const [low = 0, high = 0] = range;
    return high < low || low < stack.settings.ip_unprivileged_port_start ? 'EINVAL' : undefined;
  };
  sysctl.register('net/ipv4/ip_local_port_range', integers(stack.portRange, { min: 1, max: 65_535, check: ports }));
  const reserved = bitmap('', 65_535, (members) => {
    stack.reservedPorts = members;
  });
  sysctl.register('net/ipv4/ip_local_reserved_ports', reserved);
  const groups = integers(stack.pingGroupRange);
  sysctl.register('net/ipv4/ping_group_range', {
    ...groups,
    set(text) {
      const refused = groups.set?.(text);
      const [low = 1, high = 0] = stack.pingGroupRange;
      if (!refused && high < low) stack.pingGroupRange.splice(0, 2, 1, 0);
      return refused;
    },
  });
}

/** What can only be written: routes are looked up anew, and what was learned of paths is forgotten (fnhe_genid_bump). */
export function flush(stack: { routesChanged?(): void; exceptions: Map<unknown, unknown> }): Sysctl {
  return {
    mode: 0o200,
    get: () => '',
    set() {
      stack.exceptions.clear();
      stack.routesChanged?.();
      return undefined;
    },
  };
}

function confTable(stack: Ipv4Stack, entry: string): ReadonlyMap<string, Sysctl> | undefined {
  const conf = entry === 'all' ? stack.all : entry === 'default' ? stack.defaults : stack.net.deviceByName(entry)?.ipv4.conf;
  if (!conf) return undefined;
  const table = new Map<string, Sysctl>();
  for (const name of Object.keys(conf) as (keyof Ipv4Conf)[]) {
    const all = name === 'forwarding' && entry === 'all';
    if (name === 'mc_forwarding') {
      table.set(name, { get: () => String(conf.mc_forwarding) });
      continue;
    }
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
