import type { IP } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';
import type { Family } from '../hooks.ts';
import type { TcpTracking } from './tcp-window.ts';

/** Bits of a connection's status (enum ip_conntrack_status). */
export const STATUS = {
  EXPECTED: 0x1,
  SEEN_REPLY: 0x2,
  ASSURED: 0x4,
  CONFIRMED: 0x8,
  SRC_NAT: 0x10,
  DST_NAT: 0x20,
  SRC_NAT_DONE: 0x80,
  DST_NAT_DONE: 0x100,
  DYING: 0x200,
  FIXED_TIMEOUT: 0x400,
} as const;

/** The number that `/proc/net/nf_conntrack` and netlink give the family (AF_INET, AF_INET6). */
export const FAMILY_NUMBER = { 4: 2, 6: 10 } as const;

/**
 * One direction of a connection as it is looked up (struct nf_conntrack_tuple_hash). For ICMP the ports are the identifier and
 * `type << 8 | code`; for protocols without ports they are 0.
 */
export class Direction {
  readonly connection: Connection;
  readonly reply: boolean;
  source: IP;
  destination: IP;
  sourcePort: number;
  destinationPort: number;
  /** Connections of different zones may have the same addresses. */
  zone = 0;
  /** While it is in the table: its hash, and the next of the bucket. */
  hash = 0;
  next: Direction | undefined;

  constructor(connection: Connection, reply: boolean, source: IP, destination: IP, sourcePort: number, destinationPort: number) {
    this.connection = connection;
    this.reply = reply;
    this.source = source;
    this.destination = destination;
    this.sourcePort = sourcePort;
    this.destinationPort = destinationPort;
  }
}

/** What a packet is to its connection (enum ip_conntrack_info); the direction comes with it. */
export type PacketState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'UNTRACKED';

/** A bit for each state, for sets of them. */
export const STATE_BIT = { INVALID: 1, NEW: 2, RELATED: 4, ESTABLISHED: 8, UNTRACKED: 16, SNAT: 32, DNAT: 64 } as const;

/** What `Skb.conntrack` holds: a connection and the packet's part in it. One object per connection, state and direction. */
export class Tracked {
  /** `undefined` for packets that are not to be tracked. */
  readonly connection: Connection | undefined;
  readonly state: PacketState;
  readonly reply: boolean;
  /** The state as one of `STATE_BIT`. */
  readonly bit: number;

  constructor(connection: Connection | undefined, state: PacketState, reply: boolean) {
    this.connection = connection;
    this.state = state;
    this.reply = reply;
    this.bit = STATE_BIT[state];
  }
}

/** Events of connections as rules name them, in the order of their bits (enum ip_conntrack_events). */
export const EVENTS = ['new', 'related', 'destroy', 'reply', 'assured', 'protoinfo', 'helper', 'mark', 'natseqinfo', 'secmark'] as const;

/** Which of them each message tells of. */
export const EVENT_BITS = { NEW: 0x3, DESTROY: 0x4, UPDATE: 0x3f8 } as const;

/**
 * What the CT target gives a packet before it is tracked (a template, nf_ct_tmpl_alloc): the zone of each direction, and what its
 * connection begins with.
 */
export class Template {
  /** `mark`: the packet's. */
  readonly original: number | 'mark';
  readonly reply: number | 'mark';
  readonly helper: string | undefined;
  readonly events: number | undefined;

  constructor(original: number | 'mark', reply: number | 'mark', helper?: string, events?: number) {
    this.original = original;
    this.reply = reply;
    this.helper = helper;
    this.events = events;
  }
}

/** What NOTRACK gives packets. */
export const UNTRACKED = new Tracked(undefined, 'UNTRACKED', false);

/** A connection (struct nf_conn). */
export class Connection {
  /** What `conntrack -o id` shows. */
  readonly id: number;
  readonly family: Family;
  readonly protocol: number;
  readonly original: Direction;
  readonly replyDirection: Direction;
  status = 0;
  mark = 0;
  /** A bit for each of 128 labels. */
  labels = 0n;
  /** The helper that a rule gave it; nobody expects other connections because of one. */
  helper: string | undefined;
  /** Of which changes those who watch are told (see `EVENTS`); `undefined` for all. */
  events: number | undefined;
  /** net.netfilter.nf_conntrack_timestamp was on at its start. */
  timed = false;
  /** When it ends unless another packet comes; before it is confirmed, how long it may live. */
  expires: Micros = 0;
  readonly created: Micros;
  /** One of the TCP states, '' for other protocols. */
  tcpState = '';
  /** Absent for other protocols. */
  tcp: TcpTracking | undefined;
  /** SCTP: the tags of both directions. */
  vtags: readonly [number, number] | undefined;
  /** UDP: from when on it counts as a stream. */
  streamFrom: Micros = 0;
  /** ifindex of the device whose address a MASQUERADE used; 0 for none. */
  masqueradeIndex = 0;
  /** Packets and bytes of both directions, when net.netfilter.nf_conntrack_acct is on at its start. */
  accounting: { packets: number; bytes: number; replyPackets: number; replyBytes: number } | undefined;
  /** The rewrites as the trace tells them, by manipulation and direction. */
  readonly rewriteTexts: (string | undefined)[] = [];
  readonly #tracked: (Tracked | undefined)[] = [];

  constructor(
    id: number,
    family: Family,
    protocol: number,
    created: Micros,
    addresses: {
      source: IP;
      destination: IP;
      sourcePort: number;
      destinationPort: number;
      replySourcePort: number;
      replyDestinationPort: number;
    },
  ) {
    this.id = id;
    this.family = family;
    this.protocol = protocol;
    this.created = created;
    const { source, destination } = addresses;
    this.original = new Direction(this, false, source, destination, addresses.sourcePort, addresses.destinationPort);
    this.replyDirection = new Direction(this, true, destination, source, addresses.replySourcePort, addresses.replyDestinationPort);
  }

  has(bit: number): boolean {
    return (this.status & bit) !== 0;
  }

  /** The value for `Skb.conntrack`. */
  tracked(state: 'NEW' | 'ESTABLISHED' | 'RELATED', reply: boolean): Tracked {
    const slot = (state === 'NEW' ? 0 : state === 'ESTABLISHED' ? 2 : 4) + (reply ? 1 : 0);
    let tracked = this.#tracked[slot];
    if (!tracked) {
      tracked = new Tracked(this, state, reply);
      this.#tracked[slot] = tracked;
    }
    return tracked;
  }
}
