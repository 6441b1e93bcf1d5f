import type { IP } from '../../../base/address.ts';
import type { NetDevice } from '../../dev/device.ts';
import { fragmentsOf } from './defragment.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as udp from '../../../wire/udp.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookState, Verdict } from '../hooks.ts';
import { locate } from '../locate.ts';
import { Connection, type Direction, EVENT_BITS, STATUS, Template, type Tracked, UNTRACKED } from './connection.ts';
import { type ConntrackSettings, defaultSettings } from './settings.ts';
import { ConnectionTable } from './table.ts';
import { beginTcp, type Outcome, tcpWellFormed, trackTcp } from './tcp.ts';
import {
  hasPorts,
  ICMP6_STARTS,
  ICMP6_UNTRACKED,
  ICMP_STARTS,
  invertIcmp,
  isIcmp,
  isIcmpError,
  quotedTuple,
  readTuple,
  type Tuple,
} from './tuple.ts';

const { TCP, UDP, UDPLite, ICMP } = ip.PROTOCOL;

/** What `conntrack -S` counts. */
export interface ConntrackStatistics {
  found: number;
  invalid: number;
  insert: number;
  insert_failed: number;
  drop: number;
  early_drop: number;
  error: number;
}

/** Connection tracking of one namespace (net/netfilter/nf_conntrack_core.c). */
export class Conntrack {
  readonly net: NetNamespace;
  readonly settings: ConntrackSettings;
  readonly table: ConnectionTable;
  readonly statistics: ConntrackStatistics = { found: 0, invalid: 0, insert: 0, insert_failed: 0, drop: 0, early_drop: 0, error: 0 };
  #nextId: number;
  /** Of the packet being tracked. */
  #zone = 0;
  #replyZone = 0;
  #template: Template | undefined;
  readonly #tuple: Tuple = { protocol: 0, source: 0, destination: 0, sourcePort: 0, destinationPort: 0 };
  /** The netlink port of the process that is changing entries by hand; 0 while packets do. */
  portid = 0;
  /** Told of entries as they appear and change, for `conntrack -E`. */
  readonly listeners = new Set<(event: 'NEW' | 'UPDATE' | 'DESTROY', connection: Connection, labelled: boolean) => void>();

  constructor(net: NetNamespace) {
    this.net = net;
    this.settings = defaultSettings();
    this.table = new ConnectionTable(net.kernel.events);
    this.table.onDestroy = (connection) => this.#tell('DESTROY', connection);
    this.#nextId = net.kernel.random(`conntrack/${net.uid}`).uint32();
  }

  #tell(event: 'NEW' | 'UPDATE' | 'DESTROY', connection: Connection, labelled = false): void {
    if (connection.events !== undefined && (connection.events & EVENT_BITS[event]) === 0) return;
    for (const listener of this.listeners) listener(event, connection, labelled);
  }

  /** To be called when a packet has set a label of its connection. */
  labelled(connection: Connection): void {
    if (connection.has(STATUS.CONFIRMED)) this.#tell('UPDATE', connection, true);
  }

  /** Enters a connection that somebody made by hand; false when one of its directions is taken. */
  insert(connection: Connection): boolean {
    if (!this.table.insert(connection)) return false;
    this.statistics.insert++;
    this.#tell('NEW', connection);
    return true;
  }

  /** To be called after an entry was changed by hand. */
  changed(connection: Connection): void {
    this.#tell('UPDATE', connection);
  }

  /** Puts fragments together before anybody looks at ports (ipv4_conntrack_defrag). */
  defragment = (skb: Skb, state: HookState): Verdict => fragmentsOf(skb, state);

  /** Finds or begins the packet's connection (nf_conntrack_in). Packets that belong to none stay without: they are INVALID. */
  track = (skb: Skb, state: HookState): Verdict => {
    this.#zone = 0;
    this.#replyZone = 0;
    this.#template = undefined;
    if (skb.conntrack !== undefined) {
      if (!(skb.conntrack instanceof Template)) return 'accept';
      this.#template = skb.conntrack;
      this.#zone = zoneOf(skb.conntrack.original, skb);
      this.#replyZone = zoneOf(skb.conntrack.reply, skb);
      skb.conntrack = undefined;
    }
    locate(skb, state);
    if (state.fragmentOffset > 0) return 'accept';
    const outcome = this.#trackOnce(skb, state);
    return outcome === 'accept' ? 'accept' : this.#judge(outcome === 'again' ? this.#trackOnce(skb, state) : outcome, skb);
  };

  /** What becomes of a packet that is not simply part of its connection. */
  #judge(outcome: Outcome | 'full', skb: Skb): Verdict {
    if (outcome === 'full') {
      this.statistics.drop++;
      this.net.kernel.log.write(4, 'nf_conntrack: nf_conntrack: table full, dropping packet');
      return 'drop';
    }
    if (outcome === 'invalid') {
      this.statistics.invalid++;
      skb.conntrack = undefined;
    }
    return 'accept';
  }

  #trackOnce(skb: Skb, state: HookState): Outcome | 'full' {
    const { bytes, network, end } = skb;
    const { family, protocol, transport } = state;
    if (protocol === UDP) {
      if (end - transport < udp.UDP_HEADER) return 'invalid';
    } else if (protocol === TCP) {
      if (!tcpWellFormed(skb, state, this.settings)) return 'invalid';
    } else if (isIcmp(family, protocol)) {
      if (end - transport < 8) return 'invalid';
      if (isIcmpError(family, bytes[transport] as number)) return this.#related(skb, state);
      // Neighbour discovery and multicast reports stand outside (nf_conntrack_icmpv6_error).
      if (family === 6 && ICMP6_UNTRACKED.has(bytes[transport] as number)) {
        skb.conntrack = UNTRACKED;
        return 'ignore';
      }
    }
    const tuple = this.#tuple;
    if (!readTuple(bytes, network, transport, end, family, protocol, tuple)) return 'invalid';
    const found = this.table.find(
      family,
      protocol,
      tuple.source,
      tuple.destination,
      tuple.sourcePort,
      tuple.destinationPort,
      this.#zone,
      this.#replyZone,
    );
    return found ? this.#follow(found, skb, state) : this.#begin(tuple, skb, state);
  }

  #follow(found: Direction, skb: Skb, state: HookState): Outcome {
    const { connection, reply } = found;
    const established = reply || connection.has(STATUS.SEEN_REPLY);
    skb.conntrack = connection.tracked(established ? 'ESTABLISHED' : 'NEW', reply);
    this.statistics.found++;
    const { tcpState, status } = connection;
    const outcome = this.#protocol(connection, reply, skb, state);
    if (outcome === 'again') {
      this.table.remove(connection);
      skb.conntrack = undefined;
      return outcome;
    }
    if (outcome === 'invalid') return outcome;
    if (outcome === 'refused') this.table.remove(connection);
    if (reply) connection.status |= STATUS.SEEN_REPLY;
    if (this.listeners.size > 0 && outcome === 'accept' && (connection.tcpState !== tcpState || connection.status !== status))
      this.#tell('UPDATE', connection);
    if (outcome !== 'ignore') this.#account(connection, reply, skb);
    return outcome;
  }

  #begin(tuple: Tuple, skb: Skb, state: HookState): Outcome | 'full' {
    const { family, protocol } = state;
    let replySourcePort = tuple.destinationPort;
    let replyDestinationPort = tuple.sourcePort;
    if (isIcmp(family, protocol)) {
      const starts = (protocol === ICMP ? ICMP_STARTS : ICMP6_STARTS).has(tuple.destinationPort >>> 8);
      const inverse = invertIcmp(protocol, tuple.destinationPort);
      if (!starts || inverse === undefined) return 'invalid';
      replySourcePort = tuple.sourcePort;
      replyDestinationPort = inverse;
    }
    if (this.table.size >= this.net.kernel.init.netfilter.conntrack.settings.nf_conntrack_max) {
      this.table.collect();
      if (this.table.size >= this.net.kernel.init.netfilter.conntrack.settings.nf_conntrack_max) {
        if (!this.table.dropEarly()) return 'full';
        this.statistics.early_drop++;
      }
    }
    const connection = this.create(family, protocol, { ...tuple, replySourcePort, replyDestinationPort });
    connection.original.zone = this.#zone;
    connection.replyDirection.zone = this.#replyZone;
    if (this.#template) {
      connection.helper = this.#template.helper;
      connection.events = this.#template.events;
    }
    if (protocol === TCP && !beginTcp(connection, skb, state, this.settings)) return 'invalid';
    skb.conntrack = connection.tracked('NEW', false);
    const outcome = this.#protocol(connection, false, skb, state);
    if (outcome === 'accept') this.#account(connection, false, skb);
    return outcome;
  }

  /** A connection that is not in the table yet. */
  create(
    family: Family,
    protocol: number,
    addresses: {
      source: IP;
      destination: IP;
      sourcePort: number;
      destinationPort: number;
      replySourcePort: number;
      replyDestinationPort: number;
    },
  ): Connection {
    const { now } = this.net.kernel.events;
    this.#nextId = (Math.imul(this.#nextId, 1_664_525) + 1_013_904_223) >>> 0;
    const connection = new Connection(this.#nextId, family, protocol, now, addresses);
    if (this.settings.nf_conntrack_acct) connection.accounting = { packets: 0, bytes: 0, replyPackets: 0, replyBytes: 0 };
    if (this.settings.nf_conntrack_timestamp) connection.timed = true;
    connection.streamFrom = now + 2_000_000;
    return connection;
  }

  /** The protocol's own view of the packet, and how long the connection may now stay silent. */
  #protocol(connection: Connection, reply: boolean, skb: Skb, state: HookState): Outcome {
    const { now } = this.net.kernel.events;
    const { settings } = this;
    switch (connection.protocol) {
      case TCP:
        return trackTcp(connection, reply, skb, state, settings, now);
      case UDP:
      case UDPLite: {
        // Both ways, and for more than two seconds: a stream.
        const stream = connection.has(STATUS.SEEN_REPLY) && now > connection.streamFrom;
        if (stream) connection.status |= STATUS.ASSURED;
        connection.expires = now + (stream ? settings.nf_conntrack_udp_timeout_stream : settings.nf_conntrack_udp_timeout);
        return 'accept';
      }
      default:
        connection.expires = now + this.#timeout(connection);
        return 'accept';
    }
  }

  #timeout(connection: Connection): number {
    if (connection.protocol === ICMP) return this.settings.nf_conntrack_icmp_timeout;
    if (connection.protocol === ip.PROTOCOL.ICMPv6) return this.settings.nf_conntrack_icmpv6_timeout;
    return this.settings.nf_conntrack_generic_timeout;
  }

  #account(connection: Connection, reply: boolean, skb: Skb): void {
    const { accounting } = connection;
    if (!accounting) return;
    if (reply) {
      accounting.replyPackets++;
      accounting.replyBytes += skb.end - skb.network;
    } else {
      accounting.packets++;
      accounting.bytes += skb.end - skb.network;
    }
  }

  /** An ICMP error belongs to the connection of the packet that it quotes (nf_conntrack_inet_error). */
  #related(skb: Skb, state: HookState): Outcome {
    const { family } = state;
    const quoted = quotedTuple(skb.bytes, state.transport, skb.end, family);
    if (!quoted) return 'invalid';
    const { tuple } = quoted;
    // The answer to the quoted packet would have these addresses.
    let sourcePort = tuple.destinationPort;
    let destinationPort = tuple.sourcePort;
    if (isIcmp(family, tuple.protocol)) {
      const inverse = invertIcmp(tuple.protocol, tuple.destinationPort);
      if (inverse === undefined) return 'invalid';
      sourcePort = tuple.sourcePort;
      destinationPort = inverse;
    } else if (!hasPorts(tuple.protocol)) sourcePort = destinationPort = 0;
    const found = this.table.find(
      family,
      tuple.protocol,
      tuple.destination,
      tuple.source,
      sourcePort,
      destinationPort,
      this.#zone,
      this.#replyZone,
    );
    if (!found) return 'invalid';
    skb.conntrack = found.connection.tracked('RELATED', found.reply);
    return 'accept';
  }

  /** The packet gets through: from now on its connection is in the table (nf_conntrack_confirm). */
  confirm = (skb: Skb, _state: HookState): Verdict => {
    const tracked = skb.conntrack as Tracked | undefined;
    const connection = tracked?.connection;
    if (!tracked || !connection || connection.has(STATUS.CONFIRMED) || tracked.reply || tracked.state === 'RELATED') return 'accept';
    if (connection.has(STATUS.DYING)) return 'drop';
    if (connection.expires <= this.net.kernel.events.now) return 'accept';
    if (!this.table.insert(connection)) {
      this.statistics.insert_failed++;
      return 'drop';
    }
    if (this.listeners.size > 0) this.#tell('NEW', connection);
    return 'accept';
  };

  /** Entries whose MASQUERADE took its address from a device that is gone or lost it (masq_device_event, masq_inet_event). */
  forgetMasqueraded(device: NetDevice, address?: IP): void {
    for (const connection of this.table.list()) {
      if (connection.masqueradeIndex !== device.ifindex) continue;
      if (address === undefined || connection.replyDirection.destination === address) this.table.remove(connection);
    }
  }
}

/** A zone is a number of 16 bits, or the lower half of the packet's mark. */
function zoneOf(zone: number | 'mark', skb: Skb): number {
  return zone === 'mark' ? skb.mark & 0xffff : zone;
}
