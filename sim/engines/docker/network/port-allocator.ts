import { formatIP, type IP } from '../../../base/address.ts';

/** The port is taken, by whom it is taken, as the daemon says it. */
export interface PortsTaken {
  refused: string;
}

/**
 * Which ports of the host are published (daemon/libnetwork/portallocator). A range is gone through from where it was left the last
 * time, so a port that was given back is not the next to go.
 */
export class PortAllocator {
  /** By protocol and port: the addresses on which it is taken. */
  readonly #taken = new Map<string, IP[]>();
  /** By address, protocol and range: the last port that was given. */
  readonly #last = new Map<string, number>();

  /** One port of `from` to `to` that is free on every one of these addresses; a wildcard stands for all of its family. */
  request(addresses: readonly IP[], protocol: string, from: number, to: number): number | PortsTaken {
    if (from === to) {
      const holder = this.#holder(addresses, protocol, from);
      if (holder !== undefined) return { refused: `Bind for ${formatIP(holder)}:${from} failed: port is already allocated` };
      return this.#take(addresses, protocol, from);
    }
    const range = `${addresses[0]}/${protocol}/${from}-${to}`;
    let port = this.#last.get(range) ?? to;
    for (let i = from; i <= to; i++) {
      port = port >= to ? from : port + 1;
      if (this.#holder(addresses, protocol, port) !== undefined) continue;
      this.#last.set(range, port);
      return this.#take(addresses, protocol, port);
    }
    return { refused: 'all ports are allocated' };
  }

  release(address: IP, protocol: string, port: number): void {
    const key = `${protocol}/${port}`;
    const holders = this.#taken.get(key) ?? [];
    const at = holders.indexOf(address);
    if (at >= 0) holders.splice(at, 1);
    if (holders.length === 0) this.#taken.delete(key);
  }

  #take(addresses: readonly IP[], protocol: string, port: number): number {
    const key = `${protocol}/${port}`;
    this.#taken.set(key, [...(this.#taken.get(key) ?? []), ...addresses]);
    return port;
  }

  #holder(addresses: readonly IP[], protocol: string, port: number): IP | undefined {
    const holders = this.#taken.get(`${protocol}/${port}`) ?? [];
    return holders.find((holder) => addresses.some((address) => collide(address, holder)));
  }
}

function collide(a: IP, b: IP): boolean {
  return typeof a === typeof b && (a === b || isAny(a) || isAny(b));
}

function isAny(address: IP): boolean {
  return address === 0 || address === 0n;
}
