import type { IP, Mac } from '../../base/address.ts';
import { type Micros, MILLISECOND, SECOND } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import type { Skb } from '../skb.ts';
import { Neighbour } from './neighbour.ts';

/** Timings and limits of neighbour discovery, per device (`/proc/sys/net/ipv4/neigh/IF/*`), in microseconds where they are times. */
export interface NeighbourParameters {
  base_reachable_time: Micros;
  /** Drawn from 0.5 to 1.5 times the base (neigh_rand_reach_time). */
  reachable_time: Micros;
  retrans_time: Micros;
  delay_first_probe_time: Micros;
  gc_stale_time: Micros;
  ucast_solicit: number;
  mcast_solicit: number;
  app_solicit: number;
  mcast_resolicit: number;
  unres_qlen_bytes: number;
  /** How long an entry resists a different answer after it was set. */
  locktime: Micros;
  anycast_delay: Micros;
  interval_probe_time: Micros;
  proxy_delay: Micros;
  proxy_qlen: number;
}

/** What a whole table may hold (`gc_thresh1` … in `neigh/default`); kept, but nothing is collected. */
export interface NeighbourLimits {
  /** Seconds between collections. */
  gc_interval: number;
  gc_thresh1: number;
  gc_thresh2: number;
  gc_thresh3: number;
}

/** Neighbour discovery has no lock time. */
export function defaultParameters(family: 4 | 6): NeighbourParameters {
  return {
    base_reachable_time: 30 * SECOND,
    reachable_time: 30 * SECOND,
    retrans_time: SECOND,
    delay_first_probe_time: 5 * SECOND,
    gc_stale_time: 60 * SECOND,
    ucast_solicit: 3,
    mcast_solicit: 3,
    app_solicit: 0,
    mcast_resolicit: 0,
    unres_qlen_bytes: 212_992,
    locktime: family === 4 ? SECOND : 0,
    anycast_delay: SECOND,
    interval_probe_time: 5 * SECOND,
    proxy_delay: 800 * MILLISECOND,
    proxy_qlen: 64,
  };
}

/** What a protocol adds to the neighbour machine: ARP or neighbour discovery. */
export interface NeighbourProtocol {
  readonly family: 4 | 6;
  /** Asks for the address: broadcast or multicast while it is unknown, unicast to `to` while it is being confirmed. */
  solicit(device: NetDevice, address: IP, to: Mac | undefined, waiting: Skb | undefined): void;
  /** Nobody answered: what becomes of a packet that waited. */
  failed(device: NetDevice, skb: Skb): void;
  /** Addresses that need no asking: multicast, broadcast, the device's own; `undefined` when it must be asked. */
  constructAddress(device: NetDevice, address: IP): Mac | undefined;
}

/** The neighbours that one namespace knows in one address family (`struct neigh_table`). */
export class NeighbourTable {
  readonly protocol: NeighbourProtocol;
  readonly parameters = new Map<NetDevice, NeighbourParameters>();
  /** Its own, in the machine's namespace everybody's (`neigh/default`). */
  readonly defaults: NeighbourParameters;
  readonly limits: NeighbourLimits = { gc_interval: 30, gc_thresh1: 128, gc_thresh2: 512, gc_thresh3: 1024 };
  /** Entries ever made. */
  allocated = 0;
  readonly #entries = new Map<NetDevice, Map<IP, Neighbour>>();
  /** Addresses this host answers for on behalf of others (`ip neigh add proxy`). */
  readonly proxies: { address: IP; device: NetDevice | undefined; protocol?: string; externLearn?: boolean }[] = [];

  constructor(protocol: NeighbourProtocol) {
    this.protocol = protocol;
    this.defaults = defaultParameters(protocol.family);
  }

  parametersOf(device: NetDevice): NeighbourParameters {
    let parameters = this.parameters.get(device);
    if (!parameters) {
      parameters = { ...this.defaults };
      this.parameters.set(device, parameters);
      this.drawReachableTime(device);
    }
    return parameters;
  }

  /** Draws how long a device's neighbours are reachable without being heard of: when it comes, and when the base is another. */
  drawReachableTime(device: NetDevice): void {
    const parameters = this.parametersOf(device);
    const base = Math.max(1, Math.floor(parameters.base_reachable_time / MILLISECOND));
    const random = device.net.kernel.random(`neigh/${this.protocol.family}/${device.uid}`);
    parameters.reachable_time = Math.floor(base / 2 + random.below(base)) * MILLISECOND;
  }

  find(device: NetDevice, address: IP): Neighbour | undefined {
    return this.#entries.get(device)?.get(address);
  }

  /** The entry, made if there is none (__neigh_lookup). */
  lookup(device: NetDevice, address: IP): Neighbour {
    let byAddress = this.#entries.get(device);
    if (!byAddress) {
      byAddress = new Map();
      this.#entries.set(device, byAddress);
    }
    let entry = byAddress.get(address);
    if (!entry) {
      entry = new Neighbour(this, device, address);
      this.allocated++;
      byAddress.set(address, entry);
      const known = this.protocol.constructAddress(device, address);
      if (known !== undefined) entry.setNoArp(known);
    }
    return entry;
  }

  delete(device: NetDevice, address: IP): boolean {
    const entry = this.find(device, address);
    if (!entry) return false;
    entry.destroy();
    return this.#entries.get(device)?.delete(address) ?? false;
  }

  /** Forgets all that was learned on a device: it went down or away, or changed its address (neigh_ifdown, neigh_changeaddr). */
  flush(device: NetDevice, options: { keepPermanent: boolean }): void {
    for (const [address, entry] of this.#entries.get(device) ?? []) {
      if (options.keepPermanent && (entry.state === 'PERMANENT' || entry.externValid)) continue;
      this.delete(device, address);
    }
  }

  removeDevice(device: NetDevice): void {
    this.flush(device, { keepPermanent: false });
    this.#entries.delete(device);
    this.parameters.delete(device);
  }

  /** Every entry, by device and then in the order they were made. */
  *list(): Iterable<Neighbour> {
    for (const byAddress of this.#entries.values()) yield* byAddress.values();
  }
}
