import { type IP, networkOf } from '../../../base/address.ts';
import type { SchedulerName } from './schedulers.ts';

/** What services and servers count (struct ip_vs_kstats). */
export interface Counters {
  connections: number;
  inPackets: number;
  outPackets: number;
  inBytes: number;
  outBytes: number;
}

export type Counted = keyof Counters;

/** Counters, and how fast they grow a second: an average that follows in two-second steps (ip_vs_est.c). */
export class Statistics {
  readonly counts: Counters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
  readonly rates: Counters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
  #last: Counters = { ...this.counts };

  packet(incoming: boolean, bytes: number): void {
    if (incoming) {
      this.counts.inPackets++;
      this.counts.inBytes += bytes;
    } else {
      this.counts.outPackets++;
      this.counts.outBytes += bytes;
    }
  }

  zero(): void {
    for (const name of Object.keys(this.counts) as Counted[]) this.counts[name] = this.rates[name] = 0;
    this.#last = { ...this.counts };
  }

  /** To be called every `ESTIMATE_EVERY`. */
  estimate(): void {
    for (const name of Object.keys(this.counts) as Counted[]) {
      const rate = (this.counts[name] - this.#last[name]) / 2;
      this.rates[name] += (rate - this.rates[name]) / 4;
    }
    this.#last = { ...this.counts };
  }
}

/** How packets get to a server: by changing the destination, as they are in a frame for it, or in a packet for it. */
export type Forwarding = 'masq' | 'route' | 'tunnel';

/** A real server of a service (struct ip_vs_dest). */
export class Destination {
  readonly address: IP;
  readonly port: number;
  weight: number;
  forwarding: Forwarding;
  upperThreshold: number;
  lowerThreshold: number;
  active = 0;
  inactive = 0;
  persistent = 0;
  /** Reached the upper threshold, and has not come down to the lower one. */
  overloaded = false;
  /** Still part of its service. */
  available = true;
  readonly statistics = new Statistics();

  constructor(address: IP, port: number, settings: DestinationSettings) {
    this.address = address;
    this.port = port;
    this.weight = settings.weight;
    this.forwarding = settings.forwarding;
    this.upperThreshold = settings.upperThreshold;
    this.lowerThreshold = settings.lowerThreshold;
  }
}

export interface DestinationSettings {
  weight: number;
  forwarding: Forwarding;
  upperThreshold: number;
  lowerThreshold: number;
}

/** What a service is found by: protocol, address and port, or a mark (of IPv4, where nothing else is said). */
export type ServiceKey = { protocol: number; address: IP; port: number } | { mark: number; family?: 4 | 6 };

export interface ServiceSettings {
  scheduler: SchedulerName;
  /** Seconds that a client stays with its server; absent for services that aren't persistent. */
  persistence: number | undefined;
  /** Clients under this mask count as one; for IPv6 it is the length of a prefix. */
  netmask: number;
  /** UDP: every packet is scheduled by itself. */
  onePacket: boolean;
}

/** What a client counts as in a persistent service. */
export function maskClient(client: IP, netmask: number): IP {
  return typeof client === 'number' ? (client & netmask) >>> 0 : networkOf(client, netmask);
}

export const familyOf = (key: ServiceKey): 4 | 6 => ('mark' in key ? (key.family ?? 4) : typeof key.address === 'number' ? 4 : 6);

/** What a scheduler remembers. */
export interface Memory {
  last: Destination | undefined;
  current: number;
  /** lblc and lblcr: the servers of an address that was asked for, and when it was last and the set last changed. */
  sets?: Map<IP, { servers: Destination[]; used: number; changed: number }>;
}

/** A virtual service (struct ip_vs_service). */
export class Service {
  readonly key: ServiceKey;
  settings: ServiceSettings;
  /** The latest comes first. */
  readonly destinations: Destination[] = [];
  readonly statistics = new Statistics();
  /** What the scheduler remembers. */
  memory: Memory = { last: undefined, current: 0 };

  constructor(key: ServiceKey, settings: ServiceSettings) {
    this.key = key;
    this.settings = settings;
  }

  find(address: IP, port: number): Destination | undefined {
    return this.destinations.find((one) => one.address === address && one.port === port);
  }
}
