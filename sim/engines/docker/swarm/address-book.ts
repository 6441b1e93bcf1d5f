import { overlap, lastOf } from '../network/ipam.ts';
import type { IPv4, Prefix } from '../../../base/address.ts';

/** The first VXLAN network identifier of a swarm. */
const FIRST_VNI = 4_096;

/** Subnets and network identifiers of a swarm's networks, and the addresses in them (swarmkit's allocator over libnetwork's IPAM). */
export class AddressBook {
  readonly #networks = new Map<string, SerialPool>();
  #lastVni = FIRST_VNI - 1;

  /** Subnets of the default pool, 10.0.0.0/8 in /24 steps, go lowest first. */
  freeSubnet(): Prefix<IPv4> | undefined {
    for (let i = 0; i < 65_536; i++) {
      const subnet = { address: 0x0a00_0000 + i * 256, length: 24 };
      if (!this.taken(subnet)) return subnet;
    }
    return undefined;
  }

  taken(subnet: Prefix<IPv4>): boolean {
    return [...this.#networks.values()].some((pool) => overlap(pool.subnet, subnet));
  }

  /** Identifiers aren't used again before all have been. */
  nextVni(): number {
    this.#lastVni++;
    return this.#lastVni;
  }

  open(network: string, subnet: Prefix<IPv4>): SerialPool {
    const pool = new SerialPool(subnet);
    this.#networks.set(network, pool);
    return pool;
  }

  close(network: string): void {
    this.#networks.delete(network);
  }

  pool(network: string): SerialPool | undefined {
    return this.#networks.get(network);
  }
}

/** Addresses of a subnet, given one after the other: what was given back isn't used again before the end is reached. */
export class SerialPool {
  readonly subnet: Prefix<IPv4>;
  readonly #taken = new Set<IPv4>();
  #last: IPv4;

  constructor(subnet: Prefix<IPv4>) {
    this.subnet = subnet;
    this.#last = subnet.address;
    this.#taken.add(subnet.address);
    this.#taken.add(lastOf(subnet));
  }

  take(): IPv4 | undefined {
    const { address, length } = this.subnet;
    const size = 2 ** (32 - length);
    for (let i = 1; i <= size; i++) {
      const candidate = address + ((this.#last - address + i) % size);
      if (this.#taken.has(candidate)) continue;
      this.#taken.add(candidate);
      this.#last = candidate;
      return candidate;
    }
    return undefined;
  }

  takeThis(address: IPv4): boolean {
    if (this.#taken.has(address) || address < this.subnet.address || address > lastOf(this.subnet)) return false;
    this.#taken.add(address);
    return true;
  }

  release(address: IPv4): void {
    this.#taken.delete(address);
  }
}
