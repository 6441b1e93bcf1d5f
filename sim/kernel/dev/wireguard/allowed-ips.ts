import { addressBits, formatPrefix, type IP, networkOf, type Prefix } from '../../../base/address.ts';

interface Entry<Owner> {
  prefix: Prefix;
  owner: Owner;
}

/**
 * Which peer has which addresses: the longest prefix decides, for where a packet goes as for who may have sent it. A prefix belongs to
 * one peer at a time (drivers/net/wireguard/allowedips.c).
 */
export class AllowedIps<Owner> {
  readonly #entries = new Map<string, Entry<Owner>>();
  /** By family and length, the longest first, so that a look-up ends at the first that fits. */
  readonly #levels = new Map<4 | 6, { length: number; networks: Map<IP, Entry<Owner>> }[]>([
    [4, []],
    [6, []],
  ]);

  /** Gives a prefix to a peer, taking it from whoever had it; host bits are cleared. It stands last among the peer's. */
  insert(prefix: Prefix, owner: Owner): void {
    const { length } = prefix;
    const network = { address: networkOf(prefix.address, length), length };
    this.remove(network);
    const entry = { prefix: network, owner };
    this.#entries.set(formatPrefix(network), entry);
    const levels = this.#levelsOf(network.address);
    let level = levels.find((candidate) => candidate.length === length);
    if (!level) {
      level = { length, networks: new Map() };
      levels.push(level);
      levels.sort((a, b) => b.length - a.length);
    }
    level.networks.set(network.address, entry);
  }

  /** @param owner takes it only from this one */
  remove(prefix: Prefix, owner?: Owner): void {
    const network = { address: networkOf(prefix.address, prefix.length), length: prefix.length };
    const key = formatPrefix(network);
    const known = this.#entries.get(key);
    if (!known || (owner !== undefined && known.owner !== owner)) return;
    this.#entries.delete(key);
    const levels = this.#levelsOf(network.address);
    const at = levels.findIndex((candidate) => candidate.length === network.length);
    levels[at]?.networks.delete(network.address);
    if (levels[at]?.networks.size === 0) levels.splice(at, 1);
  }

  removeAll(owner: Owner): void {
    for (const prefix of this.of(owner)) this.remove(prefix);
  }

  /** A peer's prefixes, in the order in which it got them. */
  of(owner: Owner): Prefix[] {
    return [...this.#entries.values()].filter((entry) => entry.owner === owner).map((entry) => entry.prefix);
  }

  lookup(address: IP): Owner | undefined {
    for (const { length, networks } of this.#levelsOf(address)) {
      const entry = networks.get(networkOf(address, length));
      if (entry) return entry.owner;
    }
    return undefined;
  }

  #levelsOf(address: IP) {
    return this.#levels.get(addressBits(address) === 32 ? 4 : 6) as { length: number; networks: Map<IP, Entry<Owner>> }[];
  }
}
