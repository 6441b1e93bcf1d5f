import { type IPv4, ipv4Mask } from '../../base/address.ts';
import { IFF, type NetDevice } from '../dev/device.ts';
import type { Ipv4Route, RouteType } from './fib.ts';
import { type Ipv4Address, SCOPE } from './interface.ts';
import type { Ipv4Stack } from './stack.ts';

/** The routes that addresses bring with them and take away again (fib_add_ifaddr, fib_del_ifaddr, fib_sync_up, fib_sync_down_dev). */

/** @returns the routes an address needs, as the kernel makes them: its own /32, broadcasts, and its network on the link */
function routesOf(stack: Ipv4Stack, device: NetDevice, address: Ipv4Address): { local: Ipv4Route[]; main: Ipv4Route[] } {
  const primary = address.secondary ? primaryOf(device, address) : address;
  const local = [route('local', address.local, 32, device, primary.local)];
  const main: Ipv4Route[] = [];
  if (!device.up) return { local, main };
  const network = (address.peer & ipv4Mask(address.length)) >>> 0;
  if (address.broadcast !== undefined && address.broadcast !== 0xffff_ffff)
    local.push(route('broadcast', address.broadcast, 32, device, primary.local));
  const worthRoute = network >>> 24 !== 0 && !address.secondary && (network !== address.local || address.length < 32);
  if (!worthRoute) return { local, main };
  if (!address.noprefixroute) {
    if (device === stack.net.loopback) local.push(route('local', network, address.length, device, primary.local));
    else main.push(route('unicast', network, address.length, device, primary.local));
  }
  if (address.length < 31) local.push(route('broadcast', (network | ~ipv4Mask(address.length)) >>> 0, 32, device, primary.local));
  return { local, main };
}

function primaryOf(device: NetDevice, address: Ipv4Address): Ipv4Address {
  const mask = ipv4Mask(address.length);
  return (
    device.ipv4.addresses.find((a) => !a.secondary && a.length === address.length && ((a.peer ^ address.peer) & mask) === 0) ?? address
  );
}

function route(type: RouteType, network: IPv4, length: number, device: NetDevice, preferredSource: IPv4): Ipv4Route {
  return {
    network,
    length,
    tos: 0,
    type,
    scope: type === 'local' ? SCOPE.host : SCOPE.link,
    protocol: 'kernel',
    priority: 0,
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
  const wanted = routesOf(stack, device, address);
  for (const [table, routes] of [
    [stack.local, wanted.local],
    [stack.main, wanted.main],
  ] as const) {
    for (const candidate of routes)
      if (!table.at(candidate.network, candidate.length).some((known) => same(known, candidate))) table.insert(candidate);
  }
}

/** Takes back what no other address still needs, and every route that prefers it as a source (fib_sync_down_addr). */
export function addressRemoved(stack: Ipv4Stack, device: NetDevice, address: Ipv4Address): void {
  const needed = device.ipv4.addresses.map((other) => routesOf(stack, device, other));
  const gone = routesOf(stack, device, address);
  for (const [table, routes, keep] of [
    [stack.local, gone.local, needed.flatMap((n) => n.local)],
    [stack.main, gone.main, needed.flatMap((n) => n.main)],
  ] as const) {
    for (const candidate of routes) {
      if (keep.some((other) => other.network === candidate.network && other.length === candidate.length && same(other, candidate)))
        continue;
      const known = table.at(candidate.network, candidate.length).find((other) => same(other, candidate));
      if (known) table.remove(known);
    }
  }
  if (stack.locals.has(address.local)) return;
  for (const table of stack.tables.values())
    for (const entry of table.list()) if (entry.preferredSource === address.local) table.remove(entry);
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
      if (dead > 0 && dead === entry.nexthops.length) table.remove(entry);
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
