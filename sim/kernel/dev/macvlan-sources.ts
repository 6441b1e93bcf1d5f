import { formatMac, isMulticastMac, type Mac, parseMac } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';

/** The senders whose frames a macvlan in source mode takes (`macvlan_source_entry`). */
export class MacvlanSources {
  /** The newest first. */
  #addresses: Mac[] = [];

  has(address: Mac): boolean {
    return this.#addresses.includes(address);
  }

  get size(): number {
    return this.#addresses.length;
  }

  /** In the order of the kernel's hash table. */
  get list(): Mac[] {
    return [...this.#addresses].sort((a, b) => bucketOf(a) - bucketOf(b));
  }

  flush(): void {
    this.#addresses = [];
  }

  /**
   * IFLA_MACVLAN_MACADDR_MODE with its addresses, which are separated by spaces (macvlan_changelink_sources).
   * @returns EADDRNOTAVAIL for an address that no sender has
   */
  change(how: string, addresses: string): Errno | undefined {
    if (how === 'flush' || how === 'set') this.flush();
    for (const text of addresses.split(' ').filter((each) => each !== '')) {
      const address = parseMac(text);
      if (address === undefined || address === 0 || isMulticastMac(address)) {
        if (how === 'set') continue;
        return 'EADDRNOTAVAIL';
      }
      if (how === 'del') this.#addresses = this.#addresses.filter((each) => each !== address);
      else if (!this.has(address)) this.#addresses.unshift(address);
    }
    return undefined;
  }

  toString(): string {
    return this.list.map(formatMac).join(' ');
  }
}

const GOLDEN_RATIO = 0x61c8864680b583ebn;

/** eth_hash on a little-endian machine: the address's bytes from the last one down, multiplied, and the uppermost eight bits of that. */
function bucketOf(address: Mac): number {
  let reversed = 0n;
  for (let rest = BigInt(address), i = 0; i < 6; i++, rest >>= 8n) reversed = (reversed << 8n) | (rest & 0xffn);
  return Number((((reversed << 16n) * GOLDEN_RATIO) & 0xffff_ffff_ffff_ffffn) >> 56n);
}
