import { addressBits, type IPv4, type IPv6, isMulticastIPv4, isMulticastIPv6, samePrefix } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import { type Ipv4Address, SCOPE, type ScopeName } from '../../kernel/ipv4/interface.ts';
import type { Ipv6Address } from '../../kernel/ipv6/interface.ts';
import { refreshPrefixRoute } from '../../kernel/ipv6/address-routes.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { AddressInfo, AddressSpec, NetlinkError, Scope } from './messages.ts';

/** Addresses over rtnetlink (net/ipv4/devinet.c, net/ipv6/addrconf.c). */

export function scopeName(value: number): Scope {
  return (Object.keys(SCOPE) as ScopeName[]).find((name) => SCOPE[name] === value) ?? 'global';
}

export function list(net: NetNamespace, family?: 4 | 6): AddressInfo[] {
  const infos: AddressInfo[] = [];
  for (const device of net.listDevices()) {
    if (family !== 6) for (const address of device.ipv4.addresses) infos.push(describe4(device, address));
    if (family !== 4) for (const address of device.ipv6.addresses) infos.push(describe6(device, address));
  }
  return infos;
}

export function describe4(device: NetDevice, address: Ipv4Address): AddressInfo {
  const info: AddressInfo = {
    ifindex: device.ifindex,
    prefix: { address: address.local, length: address.length },
    scope: scopeName(address.scope),
    secondary: address.secondary,
    permanent: address.validLifetime === undefined,
    tentative: false,
    dadFailed: false,
    noprefixroute: address.noprefixroute,
  };
  if (address.peer !== address.local) info.peer = address.peer;
  if (address.broadcast !== undefined) info.broadcast = address.broadcast;
  if (address.metric) info.metric = address.metric;
  if (address.flags) info.flags = address.flags;
  if (address.label !== undefined) info.label = address.label;
  // The kernel marks 127.0.0.1 itself only since it tells IPv6's ::1 the same; its IPv4 message carries no protocol for it.
  if (address.protocol !== undefined && address.protocol !== 'kernel_lo') info.protocol = address.protocol;
  return Object.assign(info, lifetimes(device, address));
}

export function describe6(device: NetDevice, address: Ipv6Address): AddressInfo {
  const info: AddressInfo = {
    ifindex: device.ifindex,
    prefix: { address: address.address, length: address.length },
    scope: scopeName(address.scope),
    secondary: false,
    permanent: address.permanent,
    tentative: address.tentative,
    dadFailed: address.dadFailed,
    noprefixroute: address.noprefixroute,
  };
  if (address.nodad) info.nodad = true;
  if (address.peer !== undefined) info.peer = address.peer;
  if (address.metric) info.metric = address.metric;
  if (address.flags) info.flags = address.flags;
  if (address.protocol !== undefined) info.protocol = address.protocol;
  return Object.assign(info, lifetimes(device, address));
}

export function add(net: NetNamespace, spec: AddressSpec, mode: 'add' | 'replace' | 'change'): NetlinkError | undefined {
  const device = net.deviceByIndex(spec.ifindex);
  if (!device) return { errno: 'ENODEV' };
  if (spec.prefix.length > addressBits(spec.prefix.address)) return { errno: 'EINVAL' };
  return typeof spec.prefix.address === 'bigint' ? add6(net, device, spec, mode) : add4(net, device, spec, mode);
}

/** IFNAMSIZ less the final zero: what the policy of IFA_LABEL allows. */
const LONGEST_NAME = 15;

function add4(net: NetNamespace, device: NetDevice, spec: AddressSpec, mode: 'add' | 'replace' | 'change'): NetlinkError | undefined {
  if (spec.label !== undefined && spec.label.length > LONGEST_NAME)
    return { errno: 'ERANGE', message: 'Attribute failed policy validation' };
  const local = spec.prefix.address as IPv4;
  const peer = (spec.peer as IPv4 | undefined) ?? local;
  const known = device.ipv4.addresses.find((a) => a.local === local && a.length === spec.prefix.length && a.peer === peer);
  if (known && mode === 'add') return { errno: 'EEXIST', message: 'ipv4: Address already assigned' };
  if (known) {
    setLifetimes(net, device, known, spec);
    known.protocol = spec.protocol;
    if ((known.metric ?? 0) !== (spec.metric ?? 0)) net.ipv4.changeMetric(device, known, spec.metric);
    if (net.notices.heard) net.notices.tell({ kind: 'address', device, address: known, gone: false });
    return undefined;
  }
  const scope = SCOPE[spec.scope ?? 'global'];
  const sibling = device.ipv4.addresses.find((a) => a.length === spec.prefix.length && samePrefix(a.peer, peer, a.length));
  if (sibling?.local === local) return { errno: 'EEXIST', message: 'ipv4: Address already assigned' };
  if (sibling && sibling.scope !== scope) return { errno: 'EINVAL', message: 'ipv4: Invalid scope value' };
  if (joinsItself(spec.flags) && isMulticastIPv4(local)) device.ipv4.joinGroup(local);
  const failed = net.ipv4.addAddress(device, {
    local,
    peer,
    length: spec.prefix.length,
    broadcast: spec.broadcast as IPv4 | undefined,
    scope,
    label: spec.label ?? device.name,
    noprefixroute: spec.noprefixroute ?? false,
    metric: spec.metric,
    flags: spec.flags,
    protocol: spec.protocol,
    validLifetime: spec.validLifetime,
    preferredLifetime: spec.preferredLifetime,
    since: net.kernel.events.now,
  });
  if (failed) return { errno: failed };
  const made = device.ipv4.addresses.find((a) => a.local === local && a.length === spec.prefix.length && a.peer === peer);
  if (made && spec.validLifetime !== undefined) setLifetimes(net, device, made, spec);
  return undefined;
}

/** How long an address stays, from now on: when its time is up it goes (check_lifetime, addrconf_verify_rtnl). */
function setLifetimes(net: NetNamespace, device: NetDevice, address: Ipv4Address | Ipv6Address, spec: AddressSpec): void {
  address.validLifetime = spec.validLifetime;
  address.preferredLifetime = spec.preferredLifetime;
  address.since = net.kernel.events.now;
  if ('permanent' in address) address.permanent = spec.validLifetime === undefined;
  net.kernel.events.cancel(address.expiry);
  address.expiry = undefined;
  if (spec.validLifetime === undefined) return;
  const expire = (): void => {
    if ('local' in address) {
      if (device.ipv4.addresses.includes(address)) device.net.ipv4.deleteAddress(device, address);
    } else if (device.ipv6.addresses.includes(address)) device.net.ipv6.deleteAddress(device, address);
  };
  address.expiry = net.kernel.events.after(spec.validLifetime * SECOND, 'address', expire, true);
}

/** What is left of the lifetimes, in seconds. */
function lifetimes(
  device: NetDevice,
  address: Ipv4Address | Ipv6Address,
): Pick<AddressInfo, 'validLifetime' | 'preferredLifetime' | 'since'> {
  const passed = Math.floor((device.net.kernel.events.now - (address.since ?? 0)) / SECOND);
  const { validLifetime, preferredLifetime } = address;
  return {
    ...(validLifetime === undefined ? {} : { validLifetime: Math.max(0, validLifetime - passed) }),
    ...(preferredLifetime === undefined ? {} : { preferredLifetime: Math.max(0, preferredLifetime - passed) }),
    ...(address.since === undefined ? {} : { since: address.since }),
  };
}

/** What a request may change of an address that is there (inet6_addr_modify). */
function modify6(net: NetNamespace, device: NetDevice, known: Ipv6Address, spec: AddressSpec): void {
  net.ipv6.changePrefixRoute(device, known, spec.metric, spec.noprefixroute ?? false);
  known.flags = spec.flags?.filter((flag) => flag !== 'optimistic');
  if (spec.protocol !== undefined) known.protocol = spec.protocol;
}

function add6(net: NetNamespace, device: NetDevice, spec: AddressSpec, mode: 'add' | 'replace' | 'change'): NetlinkError | undefined {
  const address = spec.prefix.address as IPv6;
  const known = device.ipv6.addresses.find((a) => a.address === address);
  if (known && mode === 'add') return { errno: 'EEXIST', message: 'ipv6: address already assigned' };
  if (known) {
    setLifetimes(net, device, known, spec);
    modify6(net, device, known, spec);
    if (!known.noprefixroute) refreshPrefixRoute(net.ipv6, device, known);
    net.ipv6.tell(device, known, false);
    return undefined;
  }
  if (isMulticastIPv6(address) && !spec.flags?.includes('autojoin')) return { errno: 'EADDRNOTAVAIL', message: 'ipv6: Invalid address' };
  if (net.ipv6.disabled(device)) return { errno: 'EACCES', message: 'ipv6: IPv6 is disabled on this device' };
  if (joinsItself(spec.flags) && isMulticastIPv6(address)) net.ipv6.joinGroup(device, address);
  const failed = net.ipv6.addAddress(device, {
    address,
    length: spec.prefix.length,
    peer: spec.peer as IPv6 | undefined,
    noprefixroute: spec.noprefixroute ?? false,
    permanent: spec.validLifetime === undefined,
    validLifetime: spec.validLifetime,
    preferredLifetime: spec.preferredLifetime,
    nodad: spec.nodad ?? false,
    metric: spec.metric,
    flags: spec.flags?.filter((flag) => flag !== 'optimistic' || device.ipv6.conf.optimistic_dad || net.ipv6.all.optimistic_dad),
    ...(spec.protocol === undefined ? {} : { protocol: spec.protocol }),
    since: net.kernel.events.now,
  });
  if (failed) return { errno: failed };
  const made = device.ipv6.addresses.find((a) => a.address === address);
  if (made && spec.validLifetime !== undefined) setLifetimes(net, device, made, spec);
  return undefined;
}

export function remove(net: NetNamespace, spec: Pick<AddressSpec, 'ifindex' | 'prefix' | 'peer'>): NetlinkError | undefined {
  const device = net.deviceByIndex(spec.ifindex);
  if (!device) return { errno: 'ENODEV' };
  const { address, length } = spec.prefix;
  if (typeof address === 'bigint') {
    const known = device.ipv6.addresses.find((a) => a.address === address && a.length === length);
    if (!known) return { errno: 'EADDRNOTAVAIL', message: 'ipv6: address not found' };
    net.ipv6.deleteAddress(device, known);
    if (joinsItself(known.flags) && isMulticastIPv6(address)) net.ipv6.leaveGroup(device, address);
    return undefined;
  }
  const known = device.ipv4.addresses.find(
    (a) => a.local === address && a.length === length && (spec.peer === undefined || a.peer === spec.peer),
  );
  if (!known) return { errno: 'EADDRNOTAVAIL', message: 'ipv4: Address not found' };
  net.ipv4.deleteAddress(device, known);
  if (joinsItself(known.flags) && isMulticastIPv4(address)) device.ipv4.leaveGroup(address);
  return undefined;
}

/** The address is a group, which is to be joined (ip_mc_autojoin_config, ipv6_mc_config). */
function joinsItself(flags: readonly string[] | undefined): boolean {
  return flags?.includes('autojoin') ?? false;
}
