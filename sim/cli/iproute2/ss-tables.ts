import { SHOWN_STATES } from './ss-states.ts';

/** The kinds of sockets that ss asks the kernel for, in the order of their bits (misc/ss.c, the `_DB`s). */
const TABLES = [
  'tcp',
  'mptcp',
  'dccp',
  'udp',
  'raw',
  'u_dgr',
  'u_str',
  'u_seq',
  'p_dgr',
  'p_raw',
  'nl',
  'sctp',
  'v_str',
  'v_dgr',
  'tipc',
  'xdp',
] as const;
export type Table = (typeof TABLES)[number];
export type Family = 'inet' | 'inet6' | 'unix' | 'link' | 'netlink' | 'vsock' | 'tipc' | 'xdp';

const INET: readonly Table[] = ['udp', 'dccp', 'tcp', 'mptcp', 'sctp', 'raw'];
const UNIX: readonly Table[] = ['u_str', 'u_dgr', 'u_seq'];
const PACKET: readonly Table[] = ['p_raw', 'p_dgr'];
const VSOCK: readonly Table[] = ['v_str', 'v_dgr'];

const CLOSED: readonly string[] = ['UNCONN'];

const FAMILIES: Record<Family, { tables: readonly Table[]; states: readonly string[] }> = {
  inet: { tables: INET, states: SHOWN_STATES },
  inet6: { tables: INET, states: SHOWN_STATES },
  unix: { tables: UNIX, states: SHOWN_STATES },
  link: { tables: PACKET, states: CLOSED },
  netlink: { tables: ['nl'], states: CLOSED },
  vsock: { tables: VSOCK, states: SHOWN_STATES },
  tipc: { tables: ['tipc'], states: SHOWN_STATES },
  xdp: { tables: ['xdp'], states: CLOSED },
};

const familiesOf = (table: Table): readonly Family[] =>
  INET.includes(table)
    ? ['inet', 'inet6']
    : (Object.keys(FAMILIES) as Family[]).filter((family) => FAMILIES[family].tables.includes(table));

const statesOf = (table: Table): readonly string[] =>
  table === 'udp' || table === 'raw' ? ['ESTAB'] : ['u_dgr', 'p_dgr', 'p_raw', 'nl', 'xdp'].includes(table) ? CLOSED : SHOWN_STATES;

const QUERIES: Record<string, readonly Table[]> = {
  all: TABLES.filter((table) => table !== 'tipc'),
  inet: INET,
  unix: UNIX,
  unix_stream: ['u_str'],
  unix_dgram: ['u_dgr'],
  unix_seqpacket: ['u_seq'],
  packet: PACKET,
  packet_raw: ['p_raw'],
  packet_dgram: ['p_dgr'],
  netlink: ['nl'],
  vsock: VSOCK,
  vsock_stream: ['v_str'],
  vsock_dgram: ['v_dgr'],
  ...Object.fromEntries(TABLES.filter((table) => table !== 'nl').map((table) => [table, [table]])),
};

export function isFamily(name: string): name is Family {
  return Object.hasOwn(FAMILIES, name);
}

/** What is asked for: tables, families and states, each narrowing the others (filter_db_set, filter_af_set, filter_merge_defaults). */
export class Selection {
  readonly tables = new Set<Table>();
  readonly families = new Set<Family>();
  states = new Set<string>();
  /** Nothing was asked for. */
  everything = true;
  /** The family that addresses without one belong to: the last that was named. */
  family: Family | undefined;

  addTable(table: Table): void {
    this.tables.add(table);
    for (const state of statesOf(table)) this.states.add(state);
    this.everything = false;
  }

  addFamily(family: Family): void {
    this.families.add(family);
    for (const state of FAMILIES[family].states) this.states.add(state);
    this.family = family;
    this.everything = false;
  }

  /** `-A NAME` or `!NAME`; false for an unknown one. */
  query(word: string): boolean {
    const name = word.replace(/^!/, '');
    if (!Object.hasOwn(QUERIES, name)) return false;
    for (const table of QUERIES[name] ?? []) {
      if (word.startsWith('!')) this.tables.delete(table);
      else this.addTable(table);
    }
    this.everything = false;
    return true;
  }

  /** Nothing was asked for: everything, in the states of connections. */
  queryAll(): void {
    this.query('all');
    this.states = new Set(SHOWN_STATES);
  }

  /** Tables bring their families, families without a table theirs. */
  complete(): void {
    for (const table of this.tables) {
      const own = familiesOf(table);
      if (!own.some((family) => this.families.has(family))) for (const family of own) this.families.add(family);
    }
    for (const family of this.families) {
      const own = FAMILIES[family].tables;
      if (!own.some((table) => this.tables.has(table))) for (const table of own) this.tables.add(table);
    }
  }

  /** An address of a family was named: only that one counts from now on. */
  narrow(family: Family): void {
    this.families.clear();
    this.families.add(family);
    this.family = family;
  }

  /** The states that were asked for in so many words, or those of the tables. */
  chooseStates(states: ReadonlySet<string> | undefined): void {
    if (states && states.size > 0) this.states = new Set(states);
  }
}
