import type { IP } from '../../../base/address.ts';
import type { EventQueue } from '../../../base/events.ts';
import { SECOND } from '../../../base/time.ts';
import type { Family } from '../hooks.ts';
import { type Connection, type Direction, STATUS } from './connection.ts';

/** How often dead entries are looked for; reading the table doesn't show them in between. */
const COLLECT_EVERY = 60 * SECOND;

/** Both directions of every confirmed connection, hashed (nf_conntrack_hash). */
export class ConnectionTable {
  readonly #events: EventQueue;
  #buckets: (Direction | undefined)[] = new Array(64).fill(undefined);
  #count = 0;
  #collecting = false;
  /** In the order of their confirmation. */
  readonly #all = new Set<Connection>();
  /** Told of every entry that ends. */
  onDestroy: ((connection: Connection) => void) | undefined;

  constructor(events: EventQueue) {
    this.#events = events;
  }

  /** Live entries. */
  get count(): number {
    this.collect();
    return this.#count;
  }

  /** A bound of `count` that costs nothing. */
  get size(): number {
    return this.#count;
  }

  /** Live entries, oldest first. */
  list(): Connection[] {
    this.collect();
    return [...this.#all];
  }

  /**
   * The direction that packets with these addresses belong to.
   *
   * @param zone in which it must be if it is an original direction
   * @param replyZone the same for reply directions
   */
  find(
    family: Family,
    protocol: number,
    source: IP,
    destination: IP,
    sourcePort: number,
    destinationPort: number,
    zone = 0,
    replyZone = 0,
  ): Direction | undefined {
    const hash = hashOf(protocol, source, destination, sourcePort, destinationPort);
    for (let entry = this.#buckets[hash & (this.#buckets.length - 1)]; entry; entry = entry.next) {
      if (
        entry.hash === hash &&
        entry.source === source &&
        entry.destination === destination &&
        entry.sourcePort === sourcePort &&
        entry.destinationPort === destinationPort &&
        entry.zone === (entry.reply ? replyZone : zone) &&
        entry.connection.protocol === protocol &&
        entry.connection.family === family
      ) {
        if (entry.connection.expires > this.#events.now) return entry;
        this.remove(entry.connection);
        return undefined;
      }
    }
    return undefined;
  }

  /** Enters a connection; false when one of its directions is taken. */
  insert(connection: Connection): boolean {
    if (this.#taken(connection.original) || this.#taken(connection.replyDirection)) return false;
    connection.status |= STATUS.CONFIRMED;
    this.#all.add(connection);
    this.#count++;
    if (this.#count * 2 > this.#buckets.length) this.#grow();
    this.#link(connection.original);
    this.#link(connection.replyDirection);
    if (!this.#collecting) this.#collectLater();
    return true;
  }

  /** Takes a connection out for good (nf_ct_delete). */
  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    connection.status |= STATUS.DYING;
    this.#count--;
    this.#unlink(connection.original);
    this.#unlink(connection.replyDirection);
    this.onDestroy?.(connection);
  }

  /** Takes out what has expired (gc_worker). */
  collect(): void {
    const { now } = this.#events;
    for (const connection of this.#all) if (connection.expires <= now) this.remove(connection);
  }

  /** Makes room by giving up a connection that never got anywhere (early_drop). Returns false if there is none. */
  dropEarly(): boolean {
    for (const connection of this.#all) {
      if (connection.has(STATUS.ASSURED)) continue;
      this.remove(connection);
      return true;
    }
    return false;
  }

  #taken(direction: Direction): boolean {
    const { family, protocol, original, replyDirection } = direction.connection;
    const { source, destination, sourcePort, destinationPort } = direction;
    const { zone } = original;
    return this.find(family, protocol, source, destination, sourcePort, destinationPort, zone, replyDirection.zone) !== undefined;
  }

  #link(direction: Direction): void {
    const hash = hashOf(
      direction.connection.protocol,
      direction.source,
      direction.destination,
      direction.sourcePort,
      direction.destinationPort,
    );
    direction.hash = hash;
    const at = hash & (this.#buckets.length - 1);
    direction.next = this.#buckets[at];
    this.#buckets[at] = direction;
  }

  #unlink(direction: Direction): void {
    const at = direction.hash & (this.#buckets.length - 1);
    let entry = this.#buckets[at];
    if (entry === direction) this.#buckets[at] = direction.next;
    while (entry && entry.next !== direction) entry = entry.next;
    if (entry) entry.next = direction.next;
    direction.next = undefined;
  }

  #grow(): void {
    this.#buckets = new Array(this.#buckets.length * 4).fill(undefined);
    for (const connection of this.#all) {
      if (connection.original.hash !== 0) this.#link(connection.original);
      if (connection.replyDirection.hash !== 0) this.#link(connection.replyDirection);
    }
  }

  #collectLater(): void {
    this.#collecting = true;
    this.#events.after(
      COLLECT_EVERY,
      'conntrack',
      () => {
        this.#collecting = false;
        this.collect();
        if (this.#count > 0) this.#collectLater();
      },
      true,
    );
  }
}

/** Never 0, which marks a direction that is in no bucket. */
function hashOf(protocol: number, source: IP, destination: IP, sourcePort: number, destinationPort: number): number {
  let hash = mix(0x9e3779b9 ^ protocol, word(source));
  hash = mix(hash, word(destination));
  hash = mix(hash, (sourcePort << 16) | destinationPort);
  return (hash >>> 1) | 1;
}

function word(address: IP): number {
  if (typeof address === 'number') return address;
  return Number(BigInt.asUintN(32, address ^ (address >> 32n) ^ (address >> 64n) ^ (address >> 96n)));
}

function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
