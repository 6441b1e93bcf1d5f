import { addressBits, type IP, type IPv4, type IPv6, networkOf, type Prefix, samePrefix } from '../../../base/address.ts';
import { conflict, Refusal } from '../refusal.ts';

/**
 * The subnets that networks without one of their own get, in order: 172.17/16 to 172.31/16, then /20s of 192.168/16
 * (daemon/libnetwork/ipamutils).
 */
export const DEFAULT_POOLS: readonly Prefix<IPv4>[] = [
  ...Array.from({ length: 15 }, (_, i) => ({ address: 0xac110000 + i * 0x10000, length: 16 })),
  ...Array.from({ length: 16 }, (_, i) => ({ address: 0xc0a80000 + i * 0x1000, length: 20 })),
];

/** The addresses of one subnet; the lowest free one goes first and a released one is free at once. */
export class AddressPool<A extends IP = IPv4> {
  readonly subnet: Prefix<A>;
  /** `--ip-range`: where addresses that nobody asked for come from. */
  readonly range: Prefix<A> | undefined;
  readonly #taken = new Set<A>();

  constructor(subnet: Prefix<A>, range?: Prefix<A>) {
    this.subnet = subnet;
    this.range = range;
    if (subnet.length >= addressBits(subnet.address) - 1) return;
    this.#taken.add(subnet.address);
    // IPv6 has no broadcast address.
    if (typeof subnet.address === 'number') this.#taken.add(lastOf(subnet));
  }

  /** The lowest free address; `undefined` when the pool is empty. */
  take(): A | undefined {
    const range = this.range ?? this.subnet;
    const end = lastOf(range);
    for (let candidate = range.address; candidate <= end; candidate = next(candidate)) {
      if (this.#taken.has(candidate)) continue;
      this.#taken.add(candidate);
      return candidate;
    }
    return undefined;
  }

  /** Takes one address; false when somebody has it or it isn't in the subnet. */
  takeThis(address: A): boolean {
    if (this.#taken.has(address) || !contains(this.subnet, address)) return false;
    this.#taken.add(address);
    return true;
  }

  release(address: A): void {
    this.#taken.delete(address);
  }
}

/** Which subnets are in use, by networks of the daemon. */
export class AddressSpace {
  readonly #pools: AddressPool<IP>[] = [];
  readonly #uniqueLocal: Prefix<IPv6>;

  /** @param uniqueLocal the daemon's own /48 of fc00::/7 (RFC 4193), from which IPv6 networks get /64s */
  constructor(uniqueLocal: Prefix<IPv6> = { address: 0xfdn << 120n, length: 48 }) {
    this.#uniqueLocal = uniqueLocal;
  }

  /** A pool of exactly this subnet; refused when it overlaps with another network's. */
  requestSubnet<A extends IP>(subnet: Prefix<A>, range?: Prefix<A>, shared = false): AddressPool<A> | Refusal {
    const network = { address: networkOf(subnet.address, subnet.length), length: subnet.length };
    if (!shared && this.#inUse(network))
      return new Refusal(403, 'invalid pool request: Pool overlaps with other one on this address space');
    return this.#add(new AddressPool(network, range));
  }

  /** The first default pool that overlaps neither with a network nor with `inUse` (the host's routes). */
  requestDefault(inUse: readonly Prefix<IPv4>[]): AddressPool | Refusal {
    const free = DEFAULT_POOLS.find((candidate) => !this.#inUse(candidate) && !inUse.some((used) => overlap(used, candidate)));
    if (!free) return conflict('all predefined address pools have been fully subnetted');
    return this.#add(new AddressPool(free));
  }

  /** The first free /64 of the daemon's own range. */
  requestDefault6(): AddressPool<IPv6> | Refusal {
    for (let i = 0n; i < 65_536n; i++) {
      const candidate = { address: this.#uniqueLocal.address + (i << 64n), length: 64 };
      if (!this.#inUse(candidate)) return this.#add(new AddressPool<IPv6>(candidate));
    }
    return conflict('all predefined address pools have been fully subnetted');
  }

  release(pool: AddressPool<IP> | AddressPool | AddressPool<IPv6>): void {
    this.#pools.splice(this.#pools.indexOf(pool as AddressPool<IP>), 1);
  }

  #inUse(subnet: Prefix): boolean {
    return this.#pools.some((pool) => overlap(pool.subnet, subnet));
  }

  #add<A extends IP>(pool: AddressPool<A>): AddressPool<A> {
    this.#pools.push(pool as unknown as AddressPool<IP>);
    return pool;
  }
}

function next<A extends IP>(address: A): A {
  return (typeof address === 'bigint' ? address + 1n : (address as number) + 1) as A;
}

/** A prefix's last address: IPv4's broadcast address. */
export function lastOf<A extends IP>(prefix: Prefix<A>): A {
  const { address, length } = prefix;
  if (typeof address === 'bigint') return (networkOf(address, length) + (1n << BigInt(128 - length)) - 1n) as A;
  return (networkOf(address as number, length) + 2 ** (32 - length) - 1) as A;
}

export function contains(prefix: Prefix, address: IP): boolean {
  return samePrefix(prefix.address, address, prefix.length);
}

export function overlap(a: Prefix, b: Prefix): boolean {
  return samePrefix(a.address, b.address, Math.min(a.length, b.length));
}
