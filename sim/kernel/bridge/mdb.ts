import type { IP, Mac } from '../../base/address.ts';
import { Countdown } from '../countdown.ts';
import type { Bridge } from './bridge.ts';
import type { BridgePort } from './port.ts';

/** A multicast group on a bridge (`struct br_ip`): an IP one, with or without a source, or a link-layer address. */
export interface Group {
  family: 4 | 6 | 'link';
  address: IP | Mac;
  source?: IP | undefined;
  /** 0 on a bridge that doesn't tell VLANs apart. */
  vlan: number;
}

/** A port's membership (`struct net_bridge_port_group`). */
export interface PortGroup {
  readonly port: BridgePort;
  permanent: boolean;
  /** Who has put it there, by the names of routing protocols: `kernel` for what snooping has learned. */
  protocol: string;
  filterMode: 'include' | 'exclude';
  fastLeave: boolean;
  readonly timer: Countdown;
}

/** A group with its members (`struct net_bridge_mdb_entry`). */
export interface MdbEntry {
  readonly group: Group;
  /** The bridge's own host listens. */
  hostJoined: boolean;
  readonly hostTimer: Countdown;
  readonly ports: Map<BridgePort, PortGroup>;
}

/** Told of what comes and goes; `member` is absent for the host's own membership. */
export type MdbListener = (entry: MdbEntry, member: PortGroup | undefined, gone: boolean) => void;

/** The groups that a bridge knows (net/bridge/br_mdb.c). */
export class Mdb {
  readonly #bridge: Bridge;
  readonly #entries = new Map<string, MdbEntry>();
  readonly #tell: MdbListener;

  constructor(bridge: Bridge, tell: MdbListener) {
    this.#bridge = bridge;
    this.#tell = tell;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(group: Group): MdbEntry | undefined {
    return this.#entries.get(keyOf(group));
  }

  /** The newest first, as dumps list them. */
  list(): MdbEntry[] {
    return [...this.#entries.values()].reverse();
  }

  /** The entry of a group, made when there is none (br_multicast_new_group). */
  obtain(group: Group): MdbEntry {
    const known = this.find(group);
    if (known) return known;
    const { events } = this.#bridge.net.kernel;
    const entry: MdbEntry = {
      group,
      hostJoined: false,
      hostTimer: new Countdown(events, 'bridge group', true, () => this.hostLeave(entry)),
      ports: new Map(),
    };
    this.#entries.set(keyOf(group), entry);
    return entry;
  }

  /** @param hold how long the host is a member, unless it says so again; `undefined` for ever */
  hostJoin(entry: MdbEntry, hold: number | undefined): void {
    if (!entry.hostJoined) {
      entry.hostJoined = true;
      this.#tell(entry, undefined, false);
    }
    if (hold !== undefined) entry.hostTimer.start(hold);
  }

  hostLeave(entry: MdbEntry): void {
    entry.hostTimer.stop();
    if (!entry.hostJoined) return;
    entry.hostJoined = false;
    this.#tell(entry, undefined, true);
    this.#dropEmpty(entry);
  }

  /** A port becomes a member, without a timer yet (br_multicast_new_port_group). */
  join(entry: MdbEntry, port: BridgePort, how: Pick<PortGroup, 'permanent' | 'protocol' | 'filterMode'>): PortGroup {
    const { events } = this.#bridge.net.kernel;
    const member: PortGroup = {
      port,
      ...how,
      fastLeave: false,
      timer: new Countdown(events, 'bridge group', true, () => {
        if (!member.permanent) this.leave(entry, port);
      }),
    };
    // Those of newer ports come first.
    const others = [...entry.ports];
    entry.ports.clear();
    entry.ports.set(port, member);
    for (const [other, membership] of others) entry.ports.set(other, membership);
    return member;
  }

  /** To be called when a membership is complete or has changed. */
  changed(entry: MdbEntry, member: PortGroup): void {
    this.#tell(entry, member, false);
  }

  leave(entry: MdbEntry, port: BridgePort): void {
    const member = entry.ports.get(port);
    if (!member) return;
    member.timer.stop();
    entry.ports.delete(port);
    this.#tell(entry, member, true);
    this.#dropEmpty(entry);
  }

  /** Ends what a port is a member of; of what is permanent only with `all`. */
  flushPort(port: BridgePort, all: boolean): void {
    for (const entry of this.list()) {
      const member = entry.ports.get(port);
      if (member && (all || !member.permanent)) this.leave(entry, port);
    }
  }

  /** Nobody is told: the bridge itself is going. */
  clear(): void {
    for (const entry of this.#entries.values()) {
      entry.hostTimer.stop();
      for (const member of entry.ports.values()) member.timer.stop();
    }
    this.#entries.clear();
  }

  #dropEmpty(entry: MdbEntry): void {
    if (!entry.hostJoined && entry.ports.size === 0) this.#entries.delete(keyOf(entry.group));
  }
}

function keyOf({ family, address, source, vlan }: Group): string {
  return source === undefined ? `${family}/${address}/${vlan}` : `${family}/${address}/${vlan}/${source}`;
}
