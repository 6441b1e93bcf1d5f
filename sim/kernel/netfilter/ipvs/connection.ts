import type { IP } from '../../../base/address.ts';
import type { EventQueue } from '../../../base/events.ts';
import { type Micros, SECOND } from '../../../base/time.ts';
import { PROTOCOL } from '../../../wire/ipv4.ts';
import type { Destination } from './service.ts';

/** States of TCP as the balancer sees them (enum of ip_vs.h); for UDP and templates there is one each. */
export const STATES = ['NONE', 'ES', 'SS', 'SR', 'FW', 'TW', 'CL', 'CW', 'LA', 'LI', 'SA'] as const;
export type State = (typeof STATES)[number] | 'UDP';

/** How `ipvsadm -lc` calls them. */
export const STATE_NAMES: Readonly<Record<State, string>> = {
  NONE: 'NONE',
  ES: 'ESTABLISHED',
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  FW: 'FIN_WAIT',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  LI: 'LISTEN',
  SA: 'SYNACK',
  UDP: 'UDP',
};

/** Seconds that a state lasts without a packet (tcp_timeouts, udp_timeouts). */
export const defaultTimeouts = (): Record<State, number> => ({
  NONE: 2,
  ES: 900,
  SS: 120,
  SR: 60,
  FW: 120,
  TW: 120,
  CL: 10,
  CW: 60,
  LA: 30,
  LI: 120,
  SA: 120,
  UDP: 300,
});

export type Event = 'syn' | 'fin' | 'ack' | 'rst';

const row = (text: string): State[] => text.split(' ').map((name) => (name === 'NO' ? 'NONE' : (name as State)));

/** What each segment does in each state (tcp_states of ip_vs_proto_tcp.c): from the client, from the server, and where only clients are seen. */
const TABLES: Readonly<Record<'in' | 'out' | 'only', Record<Event, State[]>>> = {
  in: {
    syn: row('SR ES ES SR SR SR SR SR SR SR SR'),
    fin: row('CL CW SS TW TW TW CL CW LA LI TW'),
    ack: row('ES ES SS ES FW TW CL CW CL LI ES'),
    rst: row('CL CL CL SR CL CL CL CL LA LI SR'),
  },
  out: {
    syn: row('SS ES SS SR SS SS SS SS SS LI SR'),
    fin: row('TW FW SS TW FW TW CL TW LA LI TW'),
    ack: row('ES ES SS ES FW TW CL CW LA ES ES'),
    rst: row('CL CL SS CL CL TW CL CL CL CL CL'),
  },
  only: {
    syn: row('SR ES ES SR SR SR SR SR SR SR SR'),
    fin: row('CL FW SS TW FW TW CL CW LA LI TW'),
    ack: row('ES ES SS ES FW TW CL CW CL LI ES'),
    rst: row('CL CL CL SR CL CL CL CL LA LI CL'),
  },
};

/** States in which a connection counts as active. */
const ACTIVE: ReadonlySet<State> = new Set(['ES', 'SS', 'SR', 'SA']);

/** A balanced connection, or a template that binds a client to its server (struct ip_vs_conn). */
export class BalancedConnection {
  readonly protocol: number;
  readonly client: IP;
  readonly clientPort: number;
  readonly virtual: IP;
  readonly virtualPort: number;
  readonly destination: Destination;
  readonly destinationPort: number;
  readonly template: boolean;
  state: State = 'NONE';
  expires: Micros = 0;
  #counted: 'active' | 'inactive' | 'persistent' | undefined;

  constructor(
    ends: Pick<BalancedConnection, 'protocol' | 'client' | 'clientPort' | 'virtual' | 'virtualPort'>,
    destination: Destination,
    destinationPort: number,
    template: boolean,
  ) {
    this.protocol = ends.protocol;
    this.client = ends.client;
    this.clientPort = ends.clientPort;
    this.virtual = ends.virtual;
    this.virtualPort = ends.virtualPort;
    this.destination = destination;
    this.destinationPort = destinationPort;
    this.template = template;
    this.#count(template ? 'persistent' : 'inactive');
  }

  #count(as: 'active' | 'inactive' | 'persistent' | undefined): void {
    if (this.#counted === as) return;
    if (this.#counted) this.destination[this.#counted]--;
    if (as) this.destination[as]++;
    this.#counted = as;
    const { destination } = this;
    const load = destination.active + destination.inactive;
    if (destination.upperThreshold > 0 && load >= destination.upperThreshold) destination.overloaded = true;
    else if (load < (destination.lowerThreshold || (destination.upperThreshold * 3) / 4 || 1)) destination.overloaded = false;
  }

  /** Follows a packet: the state, whether it is active, and how long it may be silent. */
  follow(event: Event | undefined, incoming: boolean, timeouts: Readonly<Record<State, number>>, now: Micros): void {
    if (event) {
      const table = this.destination.forwarding === 'masq' ? (incoming ? 'in' : 'out') : 'only';
      this.state = TABLES[table][event][STATES.indexOf(this.state as (typeof STATES)[number])] as State;
      this.#count(ACTIVE.has(this.state) ? 'active' : 'inactive');
    } else this.state = 'UDP';
    this.expires = now + timeouts[this.state] * SECOND;
  }

  /** It is out of the table. */
  ended(): void {
    this.#count(undefined);
  }
}

const key = (protocol: number, address: IP, port: number, other: IP, otherPort: number) =>
  `${protocol} ${address}:${port} ${other}:${otherPort}`;

/** Connections by what clients send and by what servers answer (ip_vs_conn_tab). */
export class BalancedTable {
  readonly #events: EventQueue;
  readonly #incoming = new Map<string, BalancedConnection>();
  readonly #outgoing = new Map<string, BalancedConnection>();

  constructor(events: EventQueue) {
    this.#events = events;
  }

  #live(connection: BalancedConnection | undefined): BalancedConnection | undefined {
    if (!connection || connection.expires > this.#events.now) return connection;
    this.remove(connection);
    return undefined;
  }

  findIncoming(protocol: number, client: IP, clientPort: number, virtual: IP, virtualPort: number): BalancedConnection | undefined {
    return this.#live(this.#incoming.get(key(protocol, client, clientPort, virtual, virtualPort)));
  }

  findOutgoing(protocol: number, server: IP, serverPort: number, client: IP, clientPort: number): BalancedConnection | undefined {
    return this.#live(this.#outgoing.get(key(protocol, server, serverPort, client, clientPort)));
  }

  add(connection: BalancedConnection): void {
    const { protocol, client, clientPort, virtual, virtualPort, destination, destinationPort } = connection;
    this.#incoming.set(key(protocol, client, clientPort, virtual, virtualPort), connection);
    if (connection.template) return;
    this.#outgoing.set(key(protocol, destination.address, destinationPort, client, clientPort), connection);
  }

  remove(connection: BalancedConnection): void {
    const { protocol, client, clientPort, virtual, virtualPort, destination, destinationPort } = connection;
    if (!this.#incoming.delete(key(protocol, client, clientPort, virtual, virtualPort))) return;
    if (!connection.template) this.#outgoing.delete(key(protocol, destination.address, destinationPort, client, clientPort));
    connection.ended();
  }

  /** Live ones, oldest first. */
  list(): BalancedConnection[] {
    return [...this.#incoming.values()].filter((connection) => this.#live(connection) !== undefined);
  }
}

/** Protocols that are balanced. */
export function isBalanced(protocol: number): boolean {
  return protocol === PROTOCOL.TCP || protocol === PROTOCOL.UDP;
}
