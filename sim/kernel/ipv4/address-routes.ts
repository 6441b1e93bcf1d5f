import { type IPv4, ipv4Mask } from '../../base/address.ts';
import { IFF, type NetDevice } from '../dev/device.ts';
import type { FibTable, Ipv4Route, RouteType } from './fib.ts';
import { type Ipv4Address, SCOPE } from './interface.ts';
import type { Ipv4Stack } from './stack.ts';

/** The routes that addresses bring with them and take away again (fib_add_ifaddr, fib_del_ifaddr, fib_sync_up, fib_sync_down_dev). */

interface Placed {
  table: FibTable;
  route: Ipv4Route;
}

/** @returns the routes an address needs, in the order the kernel makes them: its own /32, its broadcast, its network on the link */
function routesOf(stack: Ipv4Stack, device: NetDevice, address: Ipv4Address): Placed[] {
  const primary = address.secondary ? primaryOf(device, address) : address;
  const placed = (type: RouteType, network: IPv4, length: number): Placed => ({
    table: type === 'unicast' ? stack.main : stack.local,
    route: route(type, network, length, device, primary.local, type === 'unicast' ? (address.metric ?? 0) : 0),
  });
  const routes = [placed('local', address.local, 32)];
  if (!device.up) return routes;
  const network = (address.peer & ipv4Mask(address.length)) >>> 0;
  if (address.broadcast !== undefined && address.broadcast !== 0xffff_ffff) routes.push(placed('broadcast', address.broadcast, 32));
  const worthRoute = network >>> 24 !== 0 && !address.secondary && (network !== address.local || address.length < 32);
  if (!worthRoute) return routes;
  if (!address.noprefixroute) routes.push(placed(device === stack.net.loopback ? 'local' : 'unicast', network, address.length));
  if (address.length < 31) routes.push(placed('broadcast', (network | ~ipv4Mask(address.length)) >>> 0, 32));
  return routes;
}

function primaryOf(device: NetDevice, address: Ipv4Address): Ipv4Address {
  const mask = ipv4Mask(address.length);
  return (
    device.ipv4.addresses.find((a) => !a.secondary && a.length === address.length && ((a.peer ^ address.peer) & mask) === 0) ?? address
  );
}

function route(type: RouteType, network: IPv4, length: number, device: NetDevice, preferredSource: IPv4, priority: number): Ipv4Route {
  return {
    network,
    length,
    tos: 0,
    type,
    scope: type === 'local' ? SCOPE.host : SCOPE.link,
    protocol: 'kernel',
    priority,
    preferredSource,
    nexthops: [
      { device, gateway: undefined, weight: 1, onlink: false, dead: false, linkdown: type !== 'local' && device.up && !device.carrier },
    ],
    metrics: {},
  };
}

function same(a: Ipv4Route, b: Ipv4Route): boolean {
  return (
    a.type === b.type &&
    a.priority === b.priority &&
    a.preferredSource === b.preferredSource &&
    a.nexthops[0]?.device === b.nexthops[0]?.device
  );
}

export function addressAdded(stack: Ipv4Stack, device: NetDevice, address: Ipv4Address): void {
  for (const { table, route: candidate } of routesOf(stack, device, address))
    if (!table.at(candidate.network, candidate.length).some((known) => same(known, candidate))) table.insert(candidate);
}

/** Takes back what no other address still needs, its own /32 last, and every route that prefers it as a source (fib_sync_down_addr). */
export function addressRemoved(stack: Ipv4Stack, device: NetDevice, address: Ipv4Address): void {
  const needed = device.ipv4.addresses.flatMap((other) => routesOf(stack, device, other));
  const [own, ...others] = routesOf(stack, device, address) as [Placed, ...Placed[]];
  const order = (a: Placed, b: Placed) => (a.table === stack.main ? 0 : 1) - (b.table === stack.main ? 0 : 1);
  for (const { table, route: candidate } of [...others.sort(order), own]) {
    const kept = needed.some(
      (other) =>
        other.table === table &&
        other.route.network === candidate.network &&
        other.route.length === candidate.length &&
        same(other.route, candidate),
    );
    const known = kept ? undefined : table.at(candidate.network, candidate.length).find((other) => same(other, candidate));
    if (known) table.remove(known);
  }
  if (stack.locals.has(address.local)) return;
  for (const table of stack.tables.values())
    for (const entry of table.list()) if (entry.preferredSource === address.local) table.remove(entry, true);
}

export function deviceUp(stack: Ipv4Stack, device: NetDevice): void {
  for (const address of device.ipv4.addresses) addressAdded(stack, device, address);
  linkStateChanged(stack, device);
}

/**
 * Routes by a device that is down go, except its local ones; multipath routes lose that hop only (fib_sync_down_dev).
 * @param force the local ones, too
 */
export function deviceDown(stack: Ipv4Stack, device: NetDevice, force = false): void {
  const leaving = force || !stack.net.devices.has(device.ifindex) || device.unregistered;
  for (const table of stack.tables.values()) {
    for (const entry of table.list()) {
      if (entry.type === 'local' && entry.scope === SCOPE.host && !leaving) continue;
      let dead = 0;
      for (const hop of entry.nexthops) {
        if (hop.device === device) hop.dead = true;
        if (hop.dead) dead++;
      }
      if (dead > 0 && dead === entry.nexthops.length) table.remove(entry, true);
    }
  }
}

/** Marks next hops by their device's carrier (RTNH_F_LINKDOWN). */
export function linkStateChanged(stack: Ipv4Stack, device: NetDevice): void {
  const down = device.up && !device.carrier && (device.flags & IFF.LOOPBACK) === 0;
  for (const table of stack.tables.values()) {
    for (const entry of table.list()) {
      // An address stays reachable for its own host, link or no link.
      if (entry.type === 'local') continue;
      for (const hop of entry.nexthops) {
        if (hop.device !== device) continue;
        hop.linkdown = down;
        if (device.up) hop.dead = false;
      }
    }
  }
}
