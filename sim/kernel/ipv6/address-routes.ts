import { ipv6Mask } from '../../base/address.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import type { RouteType } from '../ipv4/fib.ts';
import { TABLE } from '../ipv4/rules.ts';
import type { Fib6Table, Ipv6Route } from './fib.ts';
import type { Ipv6Address } from './interface.ts';
import type { Ipv6Stack } from './stack.ts';

/** The routes that links and addresses bring with them (addrconf_prefix_route, addrconf_add_mroute, ip6_ins_rt of the address itself). */

function route(type: RouteType, network: bigint, length: number, device: NetDevice, priority: number): Ipv6Route {
  return {
    network,
    length,
    type,
    protocol: 'kernel',
    priority,
    preferredSource: undefined,
    metrics: {},
    nexthops: [{ device, gateway: undefined, weight: 1, onlink: false, dead: false, linkdown: false }],
  };
}

function same(a: Ipv6Route, b: Ipv6Route): boolean {
  return a.type === b.type && a.priority === b.priority && a.nexthops[0]?.device === b.nexthops[0]?.device && a.protocol === b.protocol;
}

function insertOnce(table: Fib6Table, wanted: Ipv6Route): void {
  if (!table.at(wanted.network, wanted.length).some((known) => same(known, wanted))) table.insert(wanted);
}

/** Every link carries multicast. */
export function addLinkRoutes(stack: Ipv6Stack, device: NetDevice): void {
  insertOnce(stack.table(TABLE.local), route('multicast', 0xffn << 120n, 8, device, 256));
}

/** The network on the link at once; the address itself when it is known to be nobody else's. */
export function addAddressRoutes(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address): void {
  if (!address.noprefixroute && address.length < 128) {
    insertOnce(stack.table(TABLE.main), prefixRoute(device, address));
    refreshPrefixRoute(stack, device, address);
  }
  if (!address.tentative) addLocalRoute(stack, device, address);
}

/** The network's route lasts as long as the address that came last (modify_prefix_route). */
export function refreshPrefixRoute(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address): void {
  const found = findPrefixRoute(stack, device, address);
  if (found) expire(stack, found, endOf(address));
}

function findPrefixRoute(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address): Ipv6Route | undefined {
  const wanted = prefixRoute(device, address);
  return stack
    .table(TABLE.main)
    .at(wanted.network, wanted.length)
    .find((known) => same(known, wanted));
}

const endOf = ({ since = 0, validLifetime }: Ipv6Address): Micros | undefined =>
  validLifetime === undefined ? undefined : since + validLifetime * SECOND;

const expire = (stack: Ipv6Stack, found: Ipv6Route, end: Micros | undefined): void =>
  stack.table(TABLE.main).expireAt(stack.net.kernel.events, found, end);

function prefixRoute(device: NetDevice, address: Ipv6Address): Ipv6Route {
  return route('unicast', address.address & ipv6Mask(address.length), address.length, device, address.metric || 256);
}

export function addLocalRoute(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address): void {
  insertOnce(stack.table(TABLE.local), route('local', address.address, 128, device, 0));
  if (stack.forwards(device)) joinAnycast(stack, device, address);
}

/** A router answers to the first address of every network that it has a leg in (addrconf_join_anycast, RFC 4291 §2.6.1). */
function anycastRoute(device: NetDevice, { address, length }: Ipv6Address): Ipv6Route {
  return route('anycast', address & ipv6Mask(length), 128, device, 0);
}

/** Networks too small to have such an address. */
const SMALLEST = 127;

export function joinAnycast(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address): void {
  if (address.length < SMALLEST && !address.tentative) insertOnce(stack.table(TABLE.local), anycastRoute(device, address));
}

/** Unless another address of the network is left. */
export function leaveAnycast(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address): void {
  removeSame(stack.table(TABLE.local), anycastRoute(device, address));
}

export function removeAddressRoutes(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address): void {
  const mask = ipv6Mask(address.length);
  const others = device.ipv6.addresses.filter(
    (other) => other.length === address.length && ((other.address ^ address.address) & mask) === 0n,
  );
  const shared = others.some((other) => !other.noprefixroute);
  if (!shared) leaveAnycast(stack, device, address);
  removeSame(stack.table(TABLE.local), route('local', address.address, 128, device, 0));
  if (address.permanent && !address.noprefixroute) leaveNetwork(stack, device, address, others);
}

/** An address that was to stay takes its network along, unless others are in it; those with an end leave it until then (check_cleanup_prefix_route). */
function leaveNetwork(stack: Ipv6Stack, device: NetDevice, address: Ipv6Address, others: readonly Ipv6Address[]): void {
  const found = findPrefixRoute(stack, device, address);
  if (!found || others.some((other) => other.permanent || other.noprefixroute)) return;
  if (others.length === 0) stack.table(TABLE.main).remove(found);
  else expire(stack, found, Math.max(...others.map((other) => endOf(other) ?? 0)));
}

function removeSame(table: Fib6Table, unwanted: Ipv6Route): void {
  const known = table.at(unwanted.network, unwanted.length).find((other) => same(other, unwanted));
  if (known) table.remove(known);
}

/** A device that is down or gone takes its routes with it; a multipath route loses that hop (fib6_ifdown). */
export function removeDeviceRoutes(stack: Ipv6Stack, device: NetDevice): void {
  // The tables stand in the kernel's hash in the order of their numbers.
  for (const table of [...stack.tables.values()].sort((a, b) => (a.id & 255) - (b.id & 255))) {
    for (const entry of table.list()) {
      if (!entry.nexthops.some((hop) => hop.device === device)) continue;
      if (device === stack.net.loopback && !['local', 'unicast'].includes(entry.type)) continue;
      const left = entry.nexthops.filter((hop) => hop.device !== device);
      if (left.length === 0) table.remove(entry);
      entry.nexthops = left;
    }
  }
}
