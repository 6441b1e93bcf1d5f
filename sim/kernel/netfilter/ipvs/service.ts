import type { IPv4 } from '../../../base/address.ts';
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

/** How packets get to a server: by changing the destination, or as they are in a frame for it. */
export type Forwarding = 'masq' | 'route';

/** A real server of a service (struct ip_vs_dest). */
export class Destination {
  readonly address: IPv4;
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

  constructor(address: IPv4, port: number, settings: DestinationSettings) {
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

/** What a service is found by: protocol, address and port, or a mark. */
export type ServiceKey = { protocol: number; address: IPv4; port: number } | { mark: number };

export interface ServiceSettings {
  scheduler: SchedulerName;
  /** Seconds that a client stays with its server; absent for services that aren't persistent. */
  persistence: number | undefined;
  /** Clients under this mask count as one. */
  netmask: IPv4;
  /** UDP: every packet is scheduled by itself. */
  onePacket: boolean;
}

/** A virtual service (struct ip_vs_service). */
export class Service {
  readonly key: ServiceKey;
  settings: ServiceSettings;
  /** The latest comes first. */
  readonly destinations: Destination[] = [];
  readonly statistics = new Statistics();
  /** What the scheduler remembers. */
  memory: { last: Destination | undefined; current: number } = { last: undefined, current: 0 };

  constructor(key: ServiceKey, settings: ServiceSettings) {
    this.key = key;
    this.settings = settings;
  }

  find(address: IPv4, port: number): Destination | undefined {
    return this.destinations.find((one) => one.address === address && one.port === port);
  }
}
