import type { Family } from '../hooks.ts';

/** What the parts of a set's elements are. `net` is an address with a prefix length. */
export type Part = 'ip' | 'net' | 'port' | 'mac' | 'iface' | 'set';

/** A kind of set (struct ip_set_type). */
export interface SetType {
  readonly name: string;
  readonly kind: 'hash' | 'bitmap' | 'list';
  readonly parts: readonly Part[];
  /** The latest revision, which is what `ipset create` asks for. */
  readonly revision: number;
  /** Its elements are of one address family. */
  readonly family: boolean;
  /** Elements may be exceptions: `nomatch`. */
  readonly nomatch: boolean;
  /** `netmask` and `bitmask`. */
  readonly masks: boolean;
  /** Bytes of an element without extensions, for IPv4 and IPv6. */
  readonly size: readonly [number, number];
}

const hash = (name: string, revision: number, size4: number, size6: number, masks = false): SetType => {
  const parts = name.slice('hash:'.length).split(',') as Part[];
  const nomatch = parts.includes('net');
  return { name, kind: 'hash', parts, revision, family: name !== 'hash:mac', nomatch, masks, size: [size4, size6] };
};

const plain = (name: string, kind: 'bitmap' | 'list', ...parts: Part[]): SetType => ({
  name,
  kind,
  parts,
  revision: 3,
  family: name.startsWith('bitmap:ip'),
  nomatch: false,
  masks: false,
  size: [0, 0],
});

/** Every type, in the order in which `ipset help` knows them. */
export const SET_TYPES: readonly SetType[] = [
  plain('list:set', 'list', 'set'),
  hash('hash:mac', 1, 8, 8),
  hash('hash:net,iface', 8, 28, 40),
  hash('hash:net,port', 8, 8, 20),
  hash('hash:net,net', 4, 12, 36, true),
  hash('hash:net', 7, 8, 20),
  hash('hash:ip,port,net', 8, 12, 36),
  hash('hash:ip,port,ip', 6, 12, 36),
  hash('hash:ip,port', 7, 8, 20, true),
  hash('hash:ip', 6, 4, 16, true),
  plain('bitmap:port', 'bitmap', 'port'),
  plain('bitmap:ip,mac', 'bitmap', 'ip', 'mac'),
  plain('bitmap:ip', 'bitmap', 'ip'),
];

export function setType(name: string): SetType | undefined {
  return SET_TYPES.find((type) => type.name === name);
}

/** How a set was made; what is absent has the kernel's default. */
export interface SetOptions {
  family: Family;
  hashsize?: number;
  maxelem?: number;
  /** hash:ip and its kin: only this many leading bits are kept. */
  netmask?: number;
  /** The same as any mask. */
  bitmask?: number | bigint;
  /** Seconds; 0 is for ever, absent is no timeouts at all. */
  timeout?: number;
  counters?: boolean;
  comment?: boolean;
  forceadd?: boolean;
  skbinfo?: boolean;
  bucketsize?: number;
  initval?: number;
  /** bitmap sets: first and last address or port. */
  from?: number;
  to?: number;
  /** list:set */
  size?: number;
}

/** Why the kernel refuses (enum ipset_errno and the errnos that it shares). */
export type SetError =
  | 'ENOENT'
  | 'EEXIST'
  | 'BUSY'
  | 'NO_SECOND'
  | 'REFERENCED'
  | 'TYPE_MISMATCH'
  | 'FIND_TYPE'
  | 'INVALID_CIDR'
  | 'INVALID_NETMASK'
  | 'TIMEOUT'
  | 'COUNTER'
  | 'COMMENT'
  | 'SKBINFO'
  | 'HASH_FULL'
  | 'HASH_ELEM'
  | 'BITMAP_RANGE'
  | 'BITMAP_RANGE_SIZE'
  | 'NAME'
  | 'LOOP'
  | 'NAMEREF'
  | 'REF_EXIST'
  | 'LIST_FULL'
  | 'MAX_SETS';
