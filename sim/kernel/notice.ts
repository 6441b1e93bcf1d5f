import type { Bridge } from './bridge/bridge.ts';
import type { FdbEntry } from './bridge/fdb.ts';
import type { MdbEntry, PortGroup } from './bridge/mdb.ts';
import type { BridgePort } from './bridge/port.ts';
import type { NetDevice } from './dev/device.ts';
import type { Ipv4Route } from './ipv4/fib.ts';
import type { Ipv4Address } from './ipv4/interface.ts';
import type { Rule } from './ipv4/rules.ts';
import type { Ipv6Route } from './ipv6/fib.ts';
import type { Ipv6Address } from './ipv6/interface.ts';
import type { Neighbour } from './neigh/neighbour.ts';
import type { NextHopObject } from './nexthop.ts';

/** What has changed in a namespace, as the multicast groups of rtnetlink(7) carry it (RTNLGRP_*). `gone` is RTM_DEL…. */
export type Notice = { gone: boolean } & (
  | { kind: 'link'; device: NetDevice /** Just brought up: the carrier has not been noticed yet. */; starting?: boolean }
  | { kind: 'address'; device: NetDevice; address: Ipv4Address | Ipv6Address }
  | { kind: 'route'; family: 4; table: number; route: Ipv4Route }
  | { kind: 'route'; family: 6; table: number; route: Ipv6Route }
  | { kind: 'neighbour'; neighbour: Neighbour }
  | { kind: 'rule'; family: 4 | 6; rule: Rule }
  | { kind: 'nexthop'; nexthop: NextHopObject }
  | { kind: 'fdb'; bridge: Bridge; entry: FdbEntry }
  | { kind: 'port'; port: BridgePort }
  | { kind: 'mdb'; bridge: Bridge; entry: MdbEntry /** None is the bridge's own host. */; member: PortGroup | undefined }
  | { kind: 'router-port'; bridge: NetDevice; port: NetDevice }
  | { kind: 'netconf'; family: 4 | 6; device: NetDevice | 'all' | 'default'; setting: string; value: number }
);

/** Who wants to hear of changes. Nobody does most of the time, so tellers look at `heard` before they make a notice. */
export class Notices {
  readonly #listeners = new Set<(notice: Notice) => void>();
  heard = false;

  /** @returns what ends it */
  listen(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    this.heard = true;
    return () => {
      this.#listeners.delete(listener);
      this.heard = this.#listeners.size > 0;
    };
  }

  /** Every listener reads what it needs at once: the objects go on changing. */
  tell(notice: Notice): void {
    for (const listener of this.#listeners) listener(notice);
  }
}
