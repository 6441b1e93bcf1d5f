import { type IPv6, ipv6Mask } from '../../base/address.ts';
import type { EventQueue, Timer } from '../../base/events.ts';
import type { Micros } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import type { RouteMetrics, RouteType } from '../ipv4/fib.ts';

export interface Ipv6NextHop {
  device: NetDevice;
  gateway: IPv6 | undefined;
  weight: number;
  onlink: boolean;
  dead: boolean;
  linkdown: boolean;
}

/** A route (`struct fib6_info`; multipath siblings are one entry with several hops). */
export interface Ipv6Route {
  network: IPv6;
  length: number;
  /** Only for packets from there (a subtree's route, RTA_SRC). */
  from?: { network: IPv6; length: number };
  type: RouteType;
  protocol: string;
  /** The metric; 0 for local, 256 for the kernel's own, 1024 for everybody else's unless they say. */
  priority: number;
  preferredSource: IPv6 | undefined;
  nexthops: Ipv6NextHop[];
  /** The next hop object that the hops come from. */
  nhid?: number;
  metrics: RouteMetrics;
  preference?: 'low' | 'medium' | 'high';
  /** When it goes, and what takes it away then. */
  expires?: Micros;
  expiry?: Timer;
}

/** One IPv6 routing table: longest prefix first, then metric (net/ipv6/ip6_fib.c). */
export class Fib6Table {
  readonly id: number;
  readonly #byLength = new Map<number, Map<IPv6, Ipv6Route[]>>();
  #lengths: number[] = [];
  /** Told of every route that comes or goes, for the listeners of rtnetlink. */
  onRoute: (route: Ipv6Route, gone: boolean) => void = () => {};

  constructor(id: number) {
    this.id = id;
  }

  /** Has a route go by itself, or stay (fib6_set_expires); the kernel's own sweep is later, but nobody uses it until then. */
  expireAt(events: EventQueue, route: Ipv6Route, due: Micros | undefined): void {
    events.cancel(route.expiry);
    delete route.expires;
    delete route.expiry;
    if (due === undefined) return;
    route.expires = due;
    route.expiry = events.at(Math.max(due, events.now), 'route', () => this.remove(route), true);
  }

  at(network: IPv6, length: number): readonly Ipv6Route[] {
    return this.#byLength.get(length)?.get(network) ?? [];
  }

  /** Behind the routes of the same prefix, source and metric; those for the longer sources come first. */
  insert(route: Ipv6Route): void {
    let level = this.#byLength.get(route.length);
    if (!level) {
      level = new Map();
      this.#byLength.set(route.length, level);
      this.#lengths = [...this.#byLength.keys()].sort((a, b) => b - a);
    }
    const list = level.get(route.network) ?? [];
    const depth = (one: Ipv6Route): number => one.from?.length ?? 0;
    const at = list.findIndex((other) => depth(other) < depth(route) || (depth(other) === depth(route) && other.priority > route.priority));
    if (at < 0) list.push(route);
    else list.splice(at, 0, route);
    level.set(route.network, list);
    this.onRoute(route, false);
  }

  /** @param silent nobody is told: the route is being replaced */
  remove(route: Ipv6Route, silent = false): boolean {
    const level = this.#byLength.get(route.length);
    const list = level?.get(route.network);
    const at = list?.indexOf(route) ?? -1;
    if (!level || !list || at < 0) return false;
    list.splice(at, 1);
    if (list.length === 0) level.delete(route.network);
    if (!silent) this.onRoute(route, true);
    return true;
  }

  lookup(destination: IPv6, usable: (route: Ipv6Route) => boolean): Ipv6Route | undefined {
    for (const length of this.#lengths) {
      const list = this.#byLength.get(length)?.get(destination & ipv6Mask(length));
      const route = list?.find(usable);
      if (route) return route;
    }
    return undefined;
  }

  /** In the order of the kernel's dump: the tree from left to right, a shorter prefix behind what lies below it on the right. */
  list(): Ipv6Route[] {
    const routes = [...this.#byLength.values()].flatMap((level) => [...level.values()].flat());
    const order = new Map(routes.map((route, i) => [route, i]));
    const key = (route: Ipv6Route) => (route.length === 0 ? 1n << 128n : route.network);
    return routes.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x !== y) return x < y ? -1 : 1;
      return a.length - b.length || (order.get(a) as number) - (order.get(b) as number);
    });
  }
}
