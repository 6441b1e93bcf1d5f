import type { IP } from '../base/address.ts';
import type { NetDevice } from './dev/device.ts';
import type { FibTable, Ipv4NextHop, Ipv4Route } from './ipv4/fib.ts';
import type { Fib6Table, Ipv6NextHop, Ipv6Route } from './ipv6/fib.ts';
import type { NetNamespace } from './netns.ts';

/** A next hop that routes share by its number (`struct nexthop`, ip-nexthop(8)). */
export interface NextHopObject {
  id: number;
  family: 4 | 6;
  /** As ip-route(8) names it; `unspec` unless somebody says. */
  protocol: string;
  blackhole: boolean;
  device: NetDevice | undefined;
  gateway: IP | undefined;
  onlink: boolean;
  /** A group of others, with what each weighs. */
  group: { id: number; weight: number }[] | undefined;
}

/** The next hops of one namespace, and what becomes of routes when they change (net/ipv4/nexthop.c). */
export class NextHops {
  readonly #net: NetNamespace;
  readonly #byId = new Map<number, NextHopObject>();

  constructor(net: NetNamespace) {
    this.#net = net;
  }

  find(id: number): NextHopObject | undefined {
    return this.#byId.get(id);
  }

  /** By number. */
  list(): NextHopObject[] {
    return [...this.#byId.values()].sort((a, b) => a.id - b.id);
  }

  /** The lowest number that nobody has taken (nh_find_unused_id). */
  get unused(): number {
    const highest = this.list().at(-1);
    return (highest?.id ?? 0) + 1;
  }

  /** The single hops behind a number: itself, or the members of a group. */
  members(object: NextHopObject): { hop: NextHopObject; weight: number }[] {
    if (!object.group) return [{ hop: object, weight: 1 }];
    return object.group.map(({ id, weight }) => ({ hop: this.#byId.get(id) as NextHopObject, weight }));
  }

  /** Adds one, or puts it in the place of another: the routes that go by it follow. */
  set(object: NextHopObject): void {
    this.#byId.set(object.id, object);
    this.#tell(object, false);
    this.#refresh(object.id);
    for (const other of this.list()) if (other.group?.some(({ id }) => id === object.id)) this.#refresh(other.id);
  }

  /** Removes one: from its groups, of which empty ones go too, and with the routes that have no hop left (remove_nexthop). */
  remove(object: NextHopObject): void {
    if (!this.#byId.delete(object.id)) return;
    this.#tell(object, true);
    for (const { table, route } of this.#routesBy(object.id)) table.remove(route as never, true);
    for (const other of this.list()) {
      if (!other.group?.some(({ id }) => id === object.id)) continue;
      if (other.group.length === 1) this.remove(other);
      else {
        other.group = other.group.filter(({ id }) => id !== object.id);
        this.#tell(other, false);
        this.#refresh(other.id);
      }
    }
  }

  /** A device is down, or has no carrier any more: what leaves by it goes (nexthop_flush_dev). */
  flushDevice(device: NetDevice): void {
    for (const object of this.list()) if (object.device === device) this.remove(object);
  }

  #tell(nexthop: NextHopObject, gone: boolean): void {
    this.#net.ipv4.routesChanged();
    if (this.#net.notices.heard) this.#net.notices.tell({ kind: 'nexthop', nexthop, gone });
  }

  #routesBy(id: number): { table: FibTable | Fib6Table; route: Ipv4Route | Ipv6Route }[] {
    const { ipv4, ipv6 } = this.#net;
    return [...ipv4.tables.values(), ...ipv6.tables.values()].flatMap((table) =>
      table
        .list()
        .filter((route) => route.nhid === id)
        .map((route) => ({ table, route })),
    );
  }

  #refresh(id: number): void {
    for (const { route } of this.#routesBy(id)) {
      route.nexthops = hopsOf(this.#net, this.#byId.get(id) as NextHopObject, 'scope' in route ? 4 : 6) as never;
      // What the trace called it is no longer true.
      if ('scope' in route) delete route.textIndex;
    }
  }
}

/** The hops of a route of a family by this object; those of IPv4 may name a router by its IPv6 address. */
export function hopsOf(net: NetNamespace, object: NextHopObject, family: 4 | 6): (Ipv4NextHop & Ipv6NextHop)[] {
  return net.nexthops.members(object).map(({ hop, weight }) => {
    const device = hop.device ?? net.loopback;
    const linkdown = device.up && !device.carrier && device !== net.loopback;
    const common = { device, weight, onlink: hop.onlink, dead: false, linkdown };
    if (family === 4 && typeof hop.gateway === 'bigint') return { ...common, gateway: undefined as never, gateway6: hop.gateway };
    return { ...common, gateway: hop.gateway as never };
  });
}
