import type { Mac } from '../../base/address.ts';
import type { Micros } from '../../base/time.ts';
import type { BridgePort } from './port.ts';

/** What a bridge knows about one MAC (`struct net_bridge_fdb_entry`). */
export interface FdbEntry {
  address: Mac;
  /** On which VLAN; 0 on a bridge that doesn't tell them apart. */
  vlan: number;
  /** Behind which port; `undefined` for the bridge's own address. */
  port: BridgePort | undefined;
  /** An address of the bridge itself or of one of its ports: frames to it go up the stack. */
  local: boolean;
  /** Never ages. */
  static: boolean;
  externLearned: boolean;
  /** When a frame from it was last seen. */
  updated: Micros;
  /** When a frame to it was last forwarded. */
  used: Micros;
}

/** A bridge's forwarding database (net/bridge/br_fdb.c). */
export class Fdb {
  readonly #entries = new Map<Mac | string, FdbEntry>();
  readonly #clock: { readonly now: Micros };
  /** After how long an unseen address is forgotten; the bridge's `ageing_time`. */
  ageing: Micros;

  /** Told of entries that come, change or go (fdb_notify). */
  onChange: ((entry: FdbEntry, gone: boolean) => void) | undefined;

  constructor(clock: { readonly now: Micros }, ageing: Micros) {
    this.#clock = clock;
    this.ageing = ageing;
  }

  /** The entry for a destination, unless it has aged out. */
  find(address: Mac, vlan = 0): FdbEntry | undefined {
    const entry = this.#entries.get(keyOf(address, vlan));
    return entry && this.#expired(entry) ? undefined : entry;
  }

  /**
   * Learns or refreshes a source address (br_fdb_update).
   * @returns what happened: a new address, a known one that moved to another port, or nothing new
   */
  learn(address: Mac, port: BridgePort, vlan = 0): 'new' | 'moved' | 'known' {
    const now = this.#clock.now;
    const key = keyOf(address, vlan);
    const entry = this.#entries.get(key);
    if (!entry) {
      const made = { address, vlan, port, local: false, static: false, externLearned: false, updated: now, used: now };
      this.#entries.set(key, made);
      this.onChange?.(made, false);
      return 'new';
    }
    if (entry.local) return 'known';
    const expired = this.#expired(entry);
    entry.updated = now;
    if (entry.port === port && expired) this.onChange?.(entry, false);
    if (entry.port === port) return expired ? 'new' : 'known';
    if (entry.static) return 'known';
    entry.port = port;
    this.onChange?.(entry, false);
    return 'moved';
  }

  /** Adds a local or static entry, replacing what was there. */
  add(address: Mac, port: BridgePort | undefined, kind: { local?: boolean; static?: boolean; externLearned?: boolean }, vlan = 0): void {
    const now = this.#clock.now;
    const made = {
      address,
      vlan,
      port,
      local: kind.local ?? false,
      static: kind.static ?? kind.local ?? false,
      externLearned: kind.externLearned ?? false,
      updated: now,
      used: now,
    };
    this.#entries.set(keyOf(address, vlan), made);
    this.onChange?.(made, false);
  }

  get(address: Mac, vlan = 0): FdbEntry | undefined {
    return this.#entries.get(keyOf(address, vlan));
  }

  delete(address: Mac, vlan = 0): boolean {
    const entry = this.#entries.get(keyOf(address, vlan));
    return entry !== undefined && this.#remove(entry);
  }

  /** Forgets what was learned behind a port; with `all`, also static and local entries. */
  flushPort(port: BridgePort, all: boolean): void {
    for (const entry of this.#newestFirst()) if (entry.port === port && (all || !(entry.static || entry.local))) this.#remove(entry);
  }

  /** Forgets everything behind a port, or of the bridge itself, on one VLAN. */
  flushVlan(port: BridgePort | undefined, vlan: number): void {
    for (const entry of this.#newestFirst()) if (entry.port === port && entry.vlan === vlan) this.#remove(entry);
  }

  /** A device's own address has changed, on every VLAN. */
  moveLocal(port: BridgePort | undefined, from: Mac, to: Mac): void {
    const vlans = [...this.#entries.values()].filter((entry) => entry.local && entry.port === port && entry.address === from);
    for (const { vlan } of vlans) {
      this.delete(from, vlan);
      if (!this.get(to, vlan)?.local) this.add(to, port, { local: true }, vlan);
    }
  }

  flushLearned(): void {
    for (const entry of this.#newestFirst()) if (!(entry.static || entry.local)) this.#remove(entry);
  }

  /** All live entries, the latest first, as the kernel's list has them. */
  list(): FdbEntry[] {
    return this.#newestFirst().filter((entry) => !this.#expired(entry));
  }

  #newestFirst(): FdbEntry[] {
    return [...this.#entries.values()].reverse();
  }

  #remove(entry: FdbEntry): boolean {
    const known = this.#entries.delete(keyOf(entry.address, entry.vlan));
    if (known) this.onChange?.(entry, true);
    return known;
  }

  #expired(entry: FdbEntry): boolean {
    return !(entry.local || entry.static || entry.externLearned) && this.#clock.now - entry.updated >= this.ageing;
  }
}

/** A text only where VLANs are told apart, so that others don't pay for it. */
function keyOf(address: Mac, vlan: number): Mac | string {
  return vlan === 0 ? address : `${address}/${vlan}`;
}
