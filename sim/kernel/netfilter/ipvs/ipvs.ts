import type { IP } from '../../../base/address.ts';
import type { Errno } from '../../../base/errno.ts';
import { SECOND } from '../../../base/time.ts';
import type { NetNamespace } from '../../netns.ts';
import { type HookFunction, PRIORITY } from '../hooks.ts';
import { Balancer } from './balancer.ts';
import { BalancedTable, defaultTimeouts } from './connection.ts';
import { Destination, type DestinationSettings, familyOf, Service, type ServiceKey, type ServiceSettings, Statistics } from './service.ts';
import { defaultVsSettings } from './settings.ts';

const ESTIMATE_EVERY = 2 * SECOND;

/**
 * The load balancer of one namespace (net/netfilter/ipvs): virtual services and their real servers. Its hooks are there while there
 * are services or connections.
 */
export class Ipvs {
  readonly net: NetNamespace;
  readonly settings = defaultVsSettings();
  readonly timeouts = defaultTimeouts();
  readonly connections: BalancedTable;
  readonly statistics = new Statistics();
  readonly #services: Service[] = [];
  readonly #balancer: Balancer;
  #hooked = false;
  #estimating = false;

  constructor(net: NetNamespace) {
    this.net = net;
    this.connections = new BalancedTable(net.kernel.events);
    this.#balancer = new Balancer(this);
  }

  get services(): readonly Service[] {
    return this.#services;
  }

  find(key: ServiceKey): Service | undefined {
    return this.#services.find((service) => sameKey(service.key, key));
  }

  /** The service for a packet: by its mark, by address and port, or by address with any port where that is persistent. */
  lookup(mark: number, protocol: number, address: IP, port: number): Service | undefined {
    if (this.#services.length === 0) return undefined;
    const family = typeof address === 'number' ? 4 : 6;
    const marked = mark === 0 ? undefined : this.find({ mark, family });
    return marked ?? this.find({ protocol, address, port }) ?? this.find({ protocol, address, port: 0 });
  }

  /** @returns EEXIST */
  addService(key: ServiceKey, settings: ServiceSettings): Errno | undefined {
    if (this.find(key)) return 'EEXIST';
    this.#services.push(new Service(key, settings));
    this.#hook();
    this.#estimate();
    return undefined;
  }

  /** @returns ESRCH */
  editService(key: ServiceKey, settings: ServiceSettings): Errno | undefined {
    const service = this.find(key);
    if (!service) return 'ESRCH';
    if (service.settings.scheduler !== settings.scheduler) service.memory = { last: undefined, current: 0 };
    service.settings = settings;
    return undefined;
  }

  /** @returns ESRCH */
  deleteService(key: ServiceKey): Errno | undefined {
    const service = this.find(key);
    if (!service) return 'ESRCH';
    for (const destination of service.destinations) destination.available = false;
    this.#services.splice(this.#services.indexOf(service), 1);
    return undefined;
  }

  flush(): void {
    for (const { key } of [...this.#services]) this.deleteService(key);
  }

  /** @returns ESRCH without the service, EEXIST, or ERANGE for a lower threshold above the upper one */
  addDestination(key: ServiceKey, address: IP, port: number, settings: DestinationSettings): Errno | undefined {
    const service = this.find(key);
    if (!service) return 'ESRCH';
    if ((typeof address === 'number' ? 4 : 6) !== familyOf(key)) return 'EINVAL';
    if (settings.lowerThreshold > settings.upperThreshold) return 'ERANGE';
    if (service.find(address, port)) return 'EEXIST';
    // The kernel puts the latest first.
    service.destinations.unshift(new Destination(address, port, settings));
    return undefined;
  }

  /** @returns ESRCH without the service, ENOENT without the server, ERANGE */
  editDestination(key: ServiceKey, address: IP, port: number, settings: DestinationSettings): Errno | undefined {
    const service = this.find(key);
    if (!service) return 'ESRCH';
    if (settings.lowerThreshold > settings.upperThreshold) return 'ERANGE';
    const destination = service.find(address, port);
    if (!destination) return 'ENOENT';
    Object.assign(destination, settings);
    if (settings.upperThreshold === 0 || settings.upperThreshold > destination.active + destination.inactive)
      destination.overloaded = false;
    return undefined;
  }

  /** Connections that a server has go on to it. @returns ESRCH without the service, ENOENT without the server */
  deleteDestination(key: ServiceKey, address: IP, port: number): Errno | undefined {
    const service = this.find(key);
    if (!service) return 'ESRCH';
    const destination = service.find(address, port);
    if (!destination) return 'ENOENT';
    const at = service.destinations.indexOf(destination);
    destination.available = false;
    // The scheduler goes on from the one before.
    if (service.memory.last === destination) service.memory.last = service.destinations[at - 1];
    service.destinations.splice(at, 1);
    return undefined;
  }

  zero(service?: Service): void {
    if (!service) this.statistics.zero();
    for (const each of service ? [service] : this.#services) {
      each.statistics.zero();
      for (const destination of each.destinations) destination.statistics.zero();
    }
  }

  #hook(): void {
    if (this.#hooked) return;
    this.#hooked = true;
    const { hooks } = this.net.netfilter;
    const { incoming, outgoing } = this.#balancer;
    const at: [Parameters<typeof hooks.register>[1], number, HookFunction][] = [
      ['INPUT', PRIORITY.sourceNat - 2, outgoing],
      ['INPUT', PRIORITY.sourceNat - 1, incoming],
      ['OUTPUT', PRIORITY.destinationNat + 1, outgoing],
      ['OUTPUT', PRIORITY.destinationNat + 2, incoming],
      ['FORWARD', PRIORITY.sourceNat, outgoing],
    ];
    for (const [hook, priority, run] of at) for (const family of [4, 6] as const) hooks.register(family, hook, priority, run);
  }

  /** Rates are worked out while there are services. */
  #estimate(): void {
    if (this.#estimating || this.#services.length === 0) return;
    this.#estimating = true;
    this.net.kernel.events.after(
      ESTIMATE_EVERY,
      'ipvs rates',
      () => {
        this.#estimating = false;
        this.statistics.estimate();
        for (const service of this.#services) {
          service.statistics.estimate();
          for (const destination of service.destinations) destination.statistics.estimate();
        }
        this.#estimate();
      },
      true,
    );
  }
}

function sameKey(a: ServiceKey, b: ServiceKey): boolean {
  if ('mark' in a || 'mark' in b) return 'mark' in a && 'mark' in b && a.mark === b.mark && familyOf(a) === familyOf(b);
  return a.protocol === b.protocol && a.address === b.address && a.port === b.port;
}
