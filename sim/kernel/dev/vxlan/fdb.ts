import type { IP, Mac } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';

/** Where frames to an address go (`struct vxlan_rdst`). 0 stands for the device's own. */
export interface VxlanRemote {
  address: IP;
  /** UDP port; 0 for the device's `dstport`. */
  port: number;
  /** Network identifier; undefined for the device's own. */
  vni: number | undefined;
  /** ifindex that the outer packets leave by; 0 lets the route decide. */
  ifindex: number;
}

/** NUD_PERMANENT, NUD_NOARP, NUD_REACHABLE of an entry, as `bridge fdb` names them. */
export type VxlanFdbState = 'permanent' | 'static' | 'reachable';

/** What a VXLAN device knows about one MAC (`struct vxlan_fdb`). */
export interface VxlanFdbEntry {
  address: Mac;
  remotes: VxlanRemote[];
  state: VxlanFdbState;
  externLearned: boolean;
  /** When a frame to it was last sent, and when it was last seen or set. */
  used: Micros;
  updated: Micros;
}

/** 00:00:00:00:00:00: where frames go whose address is not known, and copies of those for everybody. */
export const ALL_ZERO: Mac = 0;

/** A VXLAN device's forwarding database (drivers/net/vxlan/vxlan_core.c). An address may lie behind several remotes. */
export class VxlanFdb {
  readonly #entries = new Map<Mac, VxlanFdbEntry>();
  readonly #clock: { readonly now: Micros };
  /** After how long a learned address that sends nothing is forgotten; 0 is never. */
  ageing: Micros;
  /** Most entries; 0 is no limit. */
  limit = 0;

  constructor(clock: { readonly now: Micros }, ageing: Micros) {
    this.#clock = clock;
    this.ageing = ageing;
  }

  find(address: Mac): VxlanFdbEntry | undefined {
    const entry = this.#entries.get(address);
    if (!entry || !this.#expired(entry)) return entry;
    this.#entries.delete(address);
    return undefined;
  }

  /** Makes an entry, in front of the others. @returns false when the limit is reached */
  create(entry: Omit<VxlanFdbEntry, 'used' | 'updated'>): boolean {
    if (this.limit > 0 && this.#entries.size >= this.limit) return false;
    const { now } = this.#clock;
    this.#entries.set(entry.address, { ...entry, used: now, updated: now });
    return true;
  }

  delete(address: Mac): boolean {
    return this.#entries.delete(address);
  }

  /** Forgets the entries that `which` chooses. */
  flush(which: (entry: VxlanFdbEntry) => boolean): void {
    for (const [address, entry] of this.#entries) if (which(entry)) this.#entries.delete(address);
  }

  /** All live entries, the latest first. */
  list(): VxlanFdbEntry[] {
    return [...this.#entries.values()].filter((entry) => !this.#expired(entry)).reverse();
  }

  #expired(entry: VxlanFdbEntry): boolean {
    if (entry.state !== 'reachable' || entry.externLearned || this.ageing === 0) return false;
    return this.#clock.now - entry.updated >= this.ageing;
  }
}

/** Whether two remotes are the same destination (vxlan_fdb_find_rdst). */
export function sameRemote(a: VxlanRemote, b: VxlanRemote): boolean {
  return a.address === b.address && a.port === b.port && a.vni === b.vni && a.ifindex === b.ifindex;
}
