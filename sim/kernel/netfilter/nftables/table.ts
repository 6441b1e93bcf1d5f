import type { NftChain } from './chain.ts';
import type { NftSet } from './set.ts';
import type { NftObject } from './statement.ts';

export const NFT_FAMILIES = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'] as const;
export type NftFamily = (typeof NFT_FAMILIES)[number];

/** Which families of packets a table's chains see. */
export const PACKETS_OF: Record<NftFamily, readonly (4 | 6)[]> = { ip: [4], ip6: [6], inet: [4, 6], arp: [], bridge: [], netdev: [] };

export const OBJECT_TYPES = ['counter', 'quota', 'limit'] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];

/** A table: a name for chains, sets and objects (struct nft_table). */
export class NftTable {
  readonly family: NftFamily;
  readonly name: string;
  readonly handle: number;
  comment: string | undefined;
  dormant = false;
  /** Made only because there was none of this name (NLM_F_EXCL), as those who listen are told. */
  exclusive = false;
  readonly chains = new Map<string, NftChain>();
  readonly sets = new Map<string, NftSet>();
  readonly objects: Record<ObjectType, Map<string, NftObject>> = { counter: new Map(), quota: new Map(), limit: new Map() };
  #lastHandle = 0;
  #lastSet = -1;

  constructor(family: NftFamily, name: string, handle: number) {
    this.family = family;
    this.name = name;
    this.handle = handle;
  }

  /** Chains, rules, sets and objects are numbered in one row. */
  nextHandle(): number {
    return ++this.#lastHandle;
  }

  /** A name for a set that only one rule knows. */
  nextSetName(map: boolean): string {
    return `__${map ? 'map' : 'set'}${++this.#lastSet}`;
  }
}
