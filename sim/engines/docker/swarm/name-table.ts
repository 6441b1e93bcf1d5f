import { formatIPv4, type IPv4 } from '../../../base/address.ts';
import type { Fact } from './gossip.ts';

/** The names of one overlay network, from what gossip told (libnetwork's service discovery). */
export class NameTable {
  readonly #network: string;
  readonly #facts: () => readonly Fact[];

  constructor(network: string, facts: () => readonly Fact[]) {
    this.#network = network;
    this.#facts = facts;
  }

  /**
   * Of a container its address; of a service its virtual address, or, with `tasks.` in front or where it has none, those of all its
   * tasks.
   *
   * @param name in lower case
   */
  addresses(name: string): IPv4[] {
    const endpoints = this.#facts().flatMap((fact) => (fact.network === this.#network && fact.endpoint ? [fact.endpoint] : []));
    const own = endpoints.filter(({ names }) => names.some((known) => known.toLowerCase() === name));
    if (own.length > 0) return own.map(({ address }) => address);
    const called = (service: NonNullable<Fact['endpoint']>['service'], wanted: string): boolean =>
      [service?.name, ...(service?.aliases ?? [])].some((known) => known?.toLowerCase() === wanted);
    const served = endpoints.filter(({ service }) => called(service, name));
    const virtual = served.find(({ service }) => service?.vip)?.service?.vip;
    if (virtual !== undefined) return [virtual];
    if (served.length > 0) return served.map(({ address }) => address);
    if (!name.startsWith('tasks.')) return [];
    return endpoints.filter(({ service }) => called(service, name.slice('tasks.'.length))).map(({ address }) => address);
  }

  nameOf(address: string): string | undefined {
    const found = this.#facts().find(
      (fact) => fact.network === this.#network && fact.endpoint && formatIPv4(fact.endpoint.address) === address,
    );
    return found?.endpoint?.names[0];
  }
}
