import { type IPv4, ipv4Mask, type Prefix } from '../../../base/address.ts';
import { conflict, invalid, type Refusal } from '../refusal.ts';

/**
 * The subnets that networks without one of their own get, in order: 172.17/16 to 172.31/16, then /20s of 192.168/16
 * (daemon/libnetwork/ipamutils).
 */
export const DEFAULT_POOLS: readonly Prefix<IPv4>[] = [
  ...Array.from({ length: 15 }, (_, i) => ({ address: 0xac110000 + i * 0x10000, length: 16 })),
  ...Array.from({ length: 16 }, (_, i) => ({ address: 0xc0a80000 + i * 0x1000, length: 20 })),
];

/** The addresses of one subnet; the lowest free one goes first and a released one is free at once. */
export class AddressPool {
  readonly subnet: Prefix<IPv4>;
  /** `--ip-range`: where addresses that nobody asked for come from. */
  readonly range: Prefix<IPv4> | undefined;
  readonly #taken = new Set<IPv4>();

  constructor(subnet: Prefix<IPv4>, range?: Prefix<IPv4>) {
    this.subnet = subnet;
    this.range = range;
    const first = subnet.address;
    const last = broadcastOf(subnet);
    if (subnet.length < 31) {
      this.#taken.add(first);
      this.#taken.add(last);
    }
  }

  /** The lowest free address; `undefined` when the pool is empty. */
  take(): IPv4 | undefined {
    const { address, length } = this.range ?? this.subnet;
    const end = broadcastOf({ address, length });
    for (let candidate = address; candidate <= end; candidate++) {
      if (this.#taken.has(candidate)) continue;
      this.#taken.add(candidate);
      return candidate;
    }
    return undefined;
  }

  /** Takes one address; false when somebody has it or it isn't in the subnet. */
  takeThis(address: IPv4): boolean {
    if (this.#taken.has(address) || !contains(this.subnet, address)) return false;
    this.#taken.add(address);
    return true;
  }

  release(address: IPv4): void {
    this.#taken.delete(address);
  }
}

/** Which subnets are in use, by networks of the daemon. */
export class AddressSpace {
  readonly #pools: AddressPool[] = [];

  /** A pool of exactly this subnet; refused when it overlaps with another network's. */
  requestSubnet(subnet: Prefix<IPv4>, range?: Prefix<IPv4>): AddressPool | Refusal {
    const network = { address: (subnet.address & ipv4Mask(subnet.length)) >>> 0, length: subnet.length };
    if (this.#pools.some((pool) => overlap(pool.subnet, network))) {
      // 28.x answers 403 here.
      return Object.assign(invalid('invalid pool request: Pool overlaps with other one on this address space'), { status: 403 });
    }
    return this.#add(new AddressPool(network, range));
  }

  /** The first default pool that overlaps neither with a network nor with `inUse` (the host's routes). */
  requestDefault(inUse: readonly Prefix<IPv4>[]): AddressPool | Refusal {
    const free = DEFAULT_POOLS.find(
      (candidate) => !this.#pools.some((pool) => overlap(pool.subnet, candidate)) && !inUse.some((used) => overlap(used, candidate)),
    );
    if (!free) return conflict('all predefined address pools have been fully subnetted');
    return this.#add(new AddressPool(free));
  }

  release(pool: AddressPool): void {
    this.#pools.splice(this.#pools.indexOf(pool), 1);
  }

  #add(pool: AddressPool): AddressPool {
    this.#pools.push(pool);
    return pool;
  }
}

export function broadcastOf(prefix: Prefix<IPv4>): IPv4 {
  return ((prefix.address & ipv4Mask(prefix.length)) | (~ipv4Mask(prefix.length) >>> 0)) >>> 0;
}

export function contains(prefix: Prefix<IPv4>, address: IPv4): boolean {
  return (address & ipv4Mask(prefix.length)) >>> 0 === (prefix.address & ipv4Mask(prefix.length)) >>> 0;
}

export function overlap(a: Prefix<IPv4>, b: Prefix<IPv4>): boolean {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address);
}
