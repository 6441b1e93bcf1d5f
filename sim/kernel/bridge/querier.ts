import type { IP, IPv4, IPv6 } from '../../base/address.ts';
import type { Micros } from '../../base/time.ts';
import { receive, transmit } from '../dev/queue.ts';
import { Countdown } from '../countdown.ts';
import { SCOPE } from '../ipv4/interface.ts';
import { selectSource } from '../ipv4/route.ts';
import type { Skb } from '../skb.ts';
import type { Bridge } from './bridge.ts';
import { bridgeHook } from './netfilter.ts';
import { query4, query6 } from './membership-query.ts';
import type { MulticastSettings } from './multicast-settings.ts';
import type { BridgePort } from './port.ts';

/** Centiseconds, as settings count. */
const CENTISECOND: Micros = 10_000;

/** Queries that are sent at intervals, the first few at shorter ones (`struct bridge_mcast_own_query`). */
interface OwnQuery {
  readonly timer: Countdown;
  sent: number;
}

interface PortSide {
  readonly own: OwnQuery;
  /** Behind the port is a router, as far as its queries have told. */
  readonly router: Countdown;
}

/** Who asks for memberships on a bridge, and where routers are, for one family (net/bridge/br_multicast.c). */
export class Querier {
  readonly #family: 4 | 6;
  readonly #bridge: Bridge;
  readonly #settings: MulticastSettings;
  readonly #own: OwnQuery;
  /** Somebody else asks. */
  readonly other: Countdown;
  /** Somebody has just begun to ask: not everybody has answered yet. */
  readonly #delay: Countdown;
  /** The bridge's own host has been asked by way of itself, so it is taken for a router. */
  readonly router: Countdown;
  readonly #ports = new Map<BridgePort, PortSide>();
  readonly #routerGone: (port: BridgePort) => void;
  /** The address that queries have come from, or 0; the port is none for the bridge's own. */
  address: IP;
  port: BridgePort | undefined;

  constructor(bridge: Bridge, family: 4 | 6, settings: MulticastSettings, routerGone: (port: BridgePort) => void) {
    this.#bridge = bridge;
    this.#family = family;
    this.#settings = settings;
    this.#routerGone = routerGone;
    this.address = family === 4 ? 0 : 0n;
    const { events } = bridge.net.kernel;
    const timer = (expired: () => void) => new Countdown(events, 'bridge querier', true, expired);
    this.#own = { sent: 0, timer: timer(() => this.#expired(this.#own, undefined)) };
    this.other = timer(() => this.start());
    this.#delay = timer(() => {});
    this.router = timer(() => {});
  }

  /** Somebody asks, so who doesn't answer isn't a member (br_multicast_querier_exists). */
  get known(): boolean {
    return !this.#delay.running && (this.other.running || this.#mayAsk);
  }

  get #mayAsk(): boolean {
    return this.#settings.mcast_querier !== 0 && (this.#family === 4 || this.#bridge.ipv6.linkLocal !== undefined);
  }

  #side(port: BridgePort): PortSide {
    let side = this.#ports.get(port);
    if (!side) {
      const { events } = this.#bridge.net.kernel;
      const own: OwnQuery = { sent: 0, timer: new Countdown(events, 'bridge querier', true, () => this.#expired(own, port)) };
      side = { own, router: new Countdown(events, 'bridge router port', true, () => this.#routerGone(port)) };
      this.#ports.set(port, side);
    }
    return side;
  }

  /** Begins to ask, on the bridge and on every port (br_multicast_start_querier). */
  start(): void {
    if (!this.#bridge.up || !this.#bridge.snooping.on) return;
    this.#begin(this.#own, undefined);
    for (const port of this.#bridge.ports.values()) if (takesPart(port)) this.enablePort(port);
  }

  /** It has been told to be the querier: whoever has members is given time to say so. */
  appointed(): void {
    if (!this.other.running) this.#delay.start(this.#settings.mcast_query_response_intvl * CENTISECOND);
    this.start();
  }

  enablePort(port: BridgePort): void {
    this.#begin(this.#side(port).own, port);
  }

  #begin(query: OwnQuery, port: BridgePort | undefined): void {
    query.sent = 0;
    query.timer.stop();
    if (this.#settings.mcast_querier !== 0) query.timer.start(0);
    else this.#expired(query, port);
  }

  #expired(query: OwnQuery, port: BridgePort | undefined): void {
    const settings = this.#settings;
    if (query.sent < settings.mcast_startup_query_cnt) query.sent++;
    if (settings.mcast_querier === 0 || this.other.running || !this.#bridge.up || !this.#bridge.snooping.on) return;
    if (port && !takesPart(port)) return;
    if (!port && this.port) this.#remember(undefined, this.#family === 4 ? 0 : 0n);
    this.ask(port, undefined);
    const pause = query.sent < settings.mcast_startup_query_cnt ? settings.mcast_startup_query_intvl : settings.mcast_query_intvl;
    query.timer.start(pause * CENTISECOND);
  }

  /** Sends a query out of a port, or to the bridge's own host (__br_multicast_send_query). @param group none for all */
  ask(port: BridgePort | undefined, group: IP | undefined): void {
    const skb = this.#query(group);
    if (!skb) return;
    if (!port) return this.#askHost(skb);
    skb.packetType = 'outgoing';
    bridgeHook('OUTPUT', this.#bridge, skb, undefined, port.device, () => transmit(port.device, skb));
  }

  /** The bridge is the querier now, unless one with a lower address has been heard (br_multicast_select_own_querier). */
  #askHost(skb: Skb): void {
    if (!this.port) this.address = this.#source() ?? this.address;
    receive(this.#bridge, skb);
  }

  #query(group: IP | undefined): Skb | undefined {
    const settings = this.#settings;
    const source = this.#source();
    if (source === undefined) return undefined;
    const delay = (group ? settings.mcast_last_member_intvl : settings.mcast_query_response_intvl) * 10;
    const interval = Math.floor(settings.mcast_query_intvl / 100);
    if (this.#family === 4)
      return query4(this.#bridge, {
        source: source as IPv4,
        group: (group ?? 0) as IPv4,
        version: settings.mcast_igmp_version,
        delay,
        interval,
      });
    return query6(this.#bridge, {
      source: source as IPv6,
      group: (group ?? 0n) as IPv6,
      version: settings.mcast_mld_version,
      delay,
      interval,
    });
  }

  /** IPv4's queries come from nowhere unless they are to have the bridge's address; IPv6's need the link-local one. */
  #source(): IP | undefined {
    const bridge = this.#bridge;
    if (this.#family === 6) return bridge.ipv6.linkLocal;
    return this.#settings.mcast_query_use_ifaddr !== 0 ? selectSource(bridge.net.ipv4, bridge, 0, SCOPE.link) : 0;
  }

  /**
   * A general query has come (br_ip4_multicast_query_received): the lowest address asks from now on.
   * @returns whether it is taken: there is a router where it came from
   */
  heard(port: BridgePort | undefined, source: IP, delay: Micros): boolean {
    const contest = this.#own.timer.running || this.other.running;
    if (contest && this.address && source > this.address) return false;
    this.#remember(port, source);
    if (!this.other.running) this.#delay.start(delay);
    this.other.start(this.#settings.mcast_querier_intvl * CENTISECOND);
    return true;
  }

  #remember(port: BridgePort | undefined, address: IP): void {
    this.port = port;
    this.address = address;
  }

  markRouter(port: BridgePort | undefined): void {
    (port ? this.#side(port).router : this.router).start(this.#settings.mcast_querier_intvl * CENTISECOND);
  }

  /** Seconds for which a port still counts as a router's, 0 if it doesn't. */
  routerLeft(port: BridgePort): number {
    return this.#ports.get(port)?.router.left ?? 0;
  }

  hasRouter(port: BridgePort): boolean {
    return this.#ports.get(port)?.router.running ?? false;
  }

  forgetRouter(port: BridgePort): void {
    this.#ports.get(port)?.router.stop();
  }

  disablePort(port: BridgePort): void {
    const side = this.#ports.get(port);
    side?.own.timer.stop();
    side?.router.stop();
    this.#ports.delete(port);
  }

  /** The last query about a group makes the regular ones wait. */
  postpone(port: BridgePort | undefined, delay: Micros): void {
    (port ? this.#side(port).own : this.#own).timer.start(delay);
  }

  /** The bridge goes down. */
  stop(): void {
    for (const timer of [this.#own.timer, this.other, this.#delay, this.router]) timer.stop();
  }
}

function takesPart(port: BridgePort): boolean {
  return port.state !== 'disabled' && port.state !== 'blocking';
}
