import { type IPv4, type IPv6, ipv4Mask } from '../../base/address.ts';
import type { NetDevice } from '../dev/device.ts';

export type RouteType = 'unicast' | 'local' | 'broadcast' | 'anycast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

/** More answers about destinations than this are not remembered at a time. */
export const MOST_REMEMBERED = 4_096;

export interface Ipv4NextHop {
  device: NetDevice;
  gateway: IPv4 | undefined;
  /** A router that is reached by IPv6 (RFC 5549); `gateway` is then undefined. */
  gateway6?: IPv6;
  weight: number;
  onlink: boolean;
  /** The device is down: not used. */
  dead: boolean;
  /** The device has no carrier. */
  linkdown: boolean;
  /** RTA_FLOW: for the routing classes of `tc`. */
  realms?: number;
  /** What forwarding by it looks like; kept by the routing code. */
  forwarding?: unknown;
}

/** What a route says of the way (RTAX_*). The MTU, `advmss` and `hoplimit` are heeded; the others are for TCPs that would. */
export interface RouteMetrics {
  mtu?: number;
  mtuLock?: boolean;
  advmss?: number;
  window?: number;
  /** In milliseconds, as are the next two. */
  rtt?: number;
  rttvar?: number;
  rtoMin?: number;
  ssthresh?: number;
  cwnd?: number;
  reordering?: number;
  hoplimit?: number;
  initcwnd?: number;
  initrwnd?: number;
  quickack?: number;
  fastopenNoCookie?: number;
  /** RTAX_FEATURE_*: 1 for ECN, 16 for TCP time stamps in microseconds. */
  features?: number;
  congestion?: string;
  /** Those that nobody may change, by iproute2's names; the MTU has a lock of its own. */
  locked?: readonly string[];
}

/** A route (`struct fib_alias` with its `fib_info`). */
export interface Ipv4Route {
  network: IPv4;
  length: number;
  tos: number;
  type: RouteType;
  scope: number;
  protocol: string;
  priority: number;
  preferredSource: IPv4 | undefined;
  nexthops: Ipv4NextHop[];
  /** The next hop object that the hops come from. */
  nhid?: number;
  metrics: RouteMetrics;
  /** What the trace calls it, by the number of the text. */
  textIndex?: number;
}

/**
 * One routing table: longest prefix first, then TOS, then metric, then age (net/ipv4/fib_trie.c). Prefixes of one length are a
 * hash by network, so a lookup costs one probe per length in use.
 */
export class FibTable {
  readonly id: number;
  readonly #byLength: (Map<IPv4, Ipv4Route[]> | undefined)[] = new Array(33).fill(undefined);
  /** Lengths in use, longest first. */
  #lengths: number[] = [];
  /** The same with their masks and routes by network, for lookups. */
  levels: readonly { readonly mask: number; readonly routes: ReadonlyMap<IPv4, readonly Ipv4Route[]> }[] = [];

  /** Told of every route that comes or goes. */
  onChange: () => void = () => {};
  /** Told which, for the listeners of rtnetlink; not of those that vanish with their device (fib_table_flush). */
  onRoute: (route: Ipv4Route, gone: boolean) => void = () => {};

  constructor(id: number) {
    this.id = id;
  }

  /** The routes of one prefix, best first. */
  at(network: IPv4, length: number): readonly Ipv4Route[] {
    return this.#byLength[length]?.get(network) ?? [];
  }

  /** Inserts behind (or, with `before`, ahead of) the routes of the same prefix, TOS and metric. */
  insert(route: Ipv4Route, before = false): void {
    let level = this.#byLength[route.length];
    if (!level) {
      level = new Map();
      this.#byLength[route.length] = level;
      this.#lengths = [...this.#lengths, route.length].sort((a, b) => b - a);
      this.#rebuild();
    }
    const list = level.get(route.network) ?? [];
    const at = list.findIndex(
      (other) =>
        other.tos < route.tos || (other.tos === route.tos && (before ? other.priority >= route.priority : other.priority > route.priority)),
    );
    if (at < 0) list.push(route);
    else list.splice(at, 0, route);
    level.set(route.network, list);
    this.onChange();
    this.onRoute(route, false);
  }

  /** @param silent nobody is told: the route vanishes with its device, or is being replaced */
  remove(route: Ipv4Route, silent = false): boolean {
    const level = this.#byLength[route.length];
    const list = level?.get(route.network);
    const at = list?.indexOf(route) ?? -1;
    if (!level || !list || at < 0) return false;
    list.splice(at, 1);
    this.onChange();
    if (!silent) this.onRoute(route, true);
    if (list.length === 0) level.delete(route.network);
    if (level.size === 0) {
      this.#byLength[route.length] = undefined;
      this.#lengths = this.#lengths.filter((length) => length !== route.length);
      this.#rebuild();
    }
    return true;
  }

  #rebuild(): void {
    this.levels = this.#lengths.map((length) => ({ mask: ipv4Mask(length), routes: this.#byLength[length] as Map<IPv4, Ipv4Route[]> }));
  }

  /**
   * The best route for a destination that `usable` accepts.
   * @param usable false lets the search go on with the next best
   */
  lookup(destination: IPv4, usable: (route: Ipv4Route) => boolean): Ipv4Route | undefined {
    for (const length of this.#lengths) {
      const level = this.#byLength[length] as Map<IPv4, Ipv4Route[]>;
      const list = level.get((destination & ipv4Mask(length)) >>> 0);
      if (!list) continue;
      for (const route of list) if (usable(route)) return route;
    }
    return undefined;
  }

  /** Every route in the order of the kernel's dump: by network, shorter prefixes first where networks are equal. */
  list(): Ipv4Route[] {
    const routes: Ipv4Route[] = [];
    for (const length of this.#lengths)
      for (const list of (this.#byLength[length] as Map<IPv4, Ipv4Route[]>).values()) routes.push(...list);
    const order = new Map(routes.map((route, i) => [route, i]));
    return routes.sort((a, b) => a.network - b.network || a.length - b.length || (order.get(a) as number) - (order.get(b) as number));
  }

  get empty(): boolean {
    return this.#lengths.length === 0;
  }
}
