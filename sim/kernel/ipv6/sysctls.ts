import { MILLISECOND, SECOND } from '../../base/time.ts';
import { type IPv6, parseIPv6 } from '../../base/address.ts';
import { flush, tellNetconf } from '../ipv4/sysctls.ts';
import { bitmap } from '../kept-parameters.ts';
import { registerNeighbourSysctls } from '../neigh/sysctls.ts';
import { duration, integer, JIFFY, leadingNumber, type Sysctl } from '../sysctl.ts';
import type { Ipv6Conf } from './interface.ts';
import type { Ipv6Stack } from './stack.ts';

/** Makes /proc/sys/net/ipv6 (net/ipv6/sysctl_net_ipv6.c, addrconf.c). */
export function registerSysctls(stack: Ipv6Stack): void {
  const { sysctl } = stack.net;
  const { settings } = stack;
  sysctl.register('net/ipv6/bindv6only', integer(settings, 'bindv6only', octet));
  sysctl.register('net/ipv6/fib_multipath_hash_policy', integer(settings, 'fib_multipath_hash_policy', { min: 0, max: 3 }));
  sysctl.register('net/ipv6/ip_nonlocal_bind', integer(settings, 'ip_nonlocal_bind', octet));
  sysctl.register('net/ipv6/ip6frag_time', duration(settings, 'ip6frag_time', SECOND));
  sysctl.register('net/ipv6/icmp/echo_ignore_all', integer(settings, 'icmp_echo_ignore_all', octet));
  sysctl.register('net/ipv6/icmp/ratelimit', duration(settings, 'icmp_ratelimit', MILLISECOND));
  const limited = bitmap('0-1,3-127', 255, (types) => {
    stack.limitedTypes = types;
  });
  sysctl.register('net/ipv6/icmp/ratemask', limited);
  sysctl.register('net/ipv6/route/flush', flush(stack));
  sysctl.register('net/ipv6/route/gc_min_interval_ms', duration({ value: 500 * MILLISECOND }, 'value', MILLISECOND));
  sysctl.register('net/ipv6/route/mtu_expires', duration(settings, 'mtu_expires', SECOND));
  sysctl.registerFamily('net/ipv6/conf', {
    entries: () => ['all', 'default', ...stack.net.listDevices().map((device) => device.name)],
    table: (entry) => confTable(stack, entry),
  });
  registerNeighbourSysctls('net/ipv6/neigh', stack);
}

function confTable(stack: Ipv6Stack, entry: string): ReadonlyMap<string, Sysctl> | undefined {
  const device = stack.net.deviceByName(entry);
  const conf = entry === 'all' ? stack.all : entry === 'default' ? stack.defaults : device?.ipv6.conf;
  if (!conf) return undefined;
  const table = new Map<string, Sysctl>();
  for (const name of Object.keys(conf) as (keyof Ipv6Conf)[]) {
    if (name === 'mc_forwarding') table.set(name, { get: () => String(conf.mc_forwarding) });
    else if (name.startsWith('mldv')) table.set(name, ticks(conf, name));
    else if (name === 'addr_gen_mode') table.set(name, generation(conf, device?.ipv6 ?? conf));
    else
      table.set(name, integer(conf, name, { ...limits(stack, entry, name), changed: (before) => confChanged(stack, entry, name, before) }));
  }
  const holder = device?.ipv6 ?? (entry === 'all' ? stack.all : stack.defaults);
  table.set('stable_secret', stableSecret(holder));
  return table;
}

const octet = { min: 0, max: 255 };
const onOff = { min: 0, max: 1 };

/** Where a setting's range isn't that of all numbers. */
const LIMITS: Partial<Record<keyof Ipv6Conf, { min?: number; max?: number }>> = {
  disable_policy: {},
  force_forwarding: onOff,
  hop_limit: { min: 1, max: 255 },
  ioam6_enabled: onOff,
  ioam6_id: { min: 0, max: 65_535 },
  ioam6_id_wide: { min: 0, max: 0xffff_ffff },
  ndisc_evict_nocarrier: octet,
  ndisc_tclass: octet,
  ra_defrtr_metric: { min: 1, max: 0xffff_ffff },
  router_solicitations: { min: -1 },
  rpl_seg_enabled: onOff,
};

function limits(stack: Ipv6Stack, entry: string, name: keyof Ipv6Conf) {
  if (name === 'mtu') return { min: 1280, max: stack.net.deviceByName(entry)?.mtu ?? 65_536 };
  return LIMITS[name];
}

/** A time in milliseconds, kept in whole ticks. */
function ticks(conf: Ipv6Conf, name: keyof Ipv6Conf): Sysctl {
  return {
    get: () => String(conf[name]),
    set(text) {
      const value = leadingNumber(text);
      if (value === undefined || value < 0 || value > 0x7fff_ffff) return 'EINVAL';
      conf[name] = Math.ceil((value * MILLISECOND) / JIFFY) * (JIFFY / MILLISECOND);
      return undefined;
    },
  };
}

/** How link-local addresses are made: 2 (from a secret) only once there is one (addrconf_sysctl_addr_gen_mode). */
function generation(conf: Ipv6Conf, holder: object): Sysctl {
  const plain = integer(conf, 'addr_gen_mode', { min: 0, max: 3 });
  return { ...plain, set: (text) => (leadingNumber(text) === 2 && !secrets.has(holder) ? 'EINVAL' : plain.set?.(text)) };
}

const secrets = new WeakMap<object, IPv6>();

/** An address in full, which nobody but root reads, and nobody before it is set (addrconf_sysctl_stable_secret). */
function stableSecret(holder: object): Sysctl {
  return {
    mode: 0o600,
    get: () => ((secrets.get(holder) ?? 0n).toString(16).padStart(32, '0').match(/.{4}/g) ?? []).join(':'),
    unreadable: () => (secrets.has(holder) ? undefined : 'EIO'),
    set(text) {
      const secret = parseIPv6(text);
      if (secret === undefined) return 'EIO';
      secrets.set(holder, secret);
      return undefined;
    },
  };
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
