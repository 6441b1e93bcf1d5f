import type { NatRange } from '../nat/range.ts';
import { type Expression, type MetaKey, type PayloadField, type Value, walk } from './expression.ts';
import type { NftSet, Span } from './set.ts';
import type { ObjectState, Stateful } from './stateful.ts';
import type { Verdict } from './verdict.ts';

/** `any`: one of the bits is set (`ct state new,established`); `none`: none is (`tcp flags ! syn`). */
export type Comparison = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'any' | 'none';

/** What a value is compared with. `length` of a prefix is in bits of a field of `bits`. */
export type Operand =
  | { kind: 'value'; value: Value }
  | { kind: 'span'; span: Span; prefix: number | undefined }
  | { kind: 'set'; set: NftSet };

export type NatKind = 'snat' | 'dnat' | 'masquerade' | 'redirect';

/** A NAT statement: where its addresses and ports come from, and its flags. */
export interface NatStatement {
  kind: 'nat';
  nat: NatKind;
  /** Written in tables of the family inet: `dnat ip to`. */
  family: 4 | 6 | undefined;
  /** The packets it works on, where the table leaves that open. */
  only: 4 | 6 | undefined;
  address: { from: Expression; to: Expression | undefined; prefix: number | undefined } | undefined;
  port: { from: Expression; to: Expression | undefined } | undefined;
  /** The address expression yields address and port together. */
  pair: boolean;
  flags: Pick<NatRange, 'random' | 'randomFully' | 'persistent'>;
}

export type Reject = { type: 'icmp' | 'icmpv6' | 'icmpx'; code: number } | { type: 'tcp reset' };

/** One piece of a rule. */
export type Statement =
  | { kind: 'match'; left: Expression; comparison: Comparison; right: Operand }
  | { kind: 'verdict'; verdict: Verdict }
  | { kind: 'vmap'; key: Expression; map: NftSet }
  | { kind: 'stateful'; state: Stateful }
  | {
      kind: 'object';
      type: 'counter' | 'quota' | 'limit';
      name: string | undefined;
      map: { key: Expression; map: NftSet } | undefined;
      state: Stateful | undefined;
      states: ReadonlyMap<string, NftObject>;
    }
  | {
      kind: 'log';
      prefix: string | undefined;
      level: number | undefined;
      group: number | undefined;
      snaplen: number | undefined;
      threshold: number | undefined;
      flags: number;
    }
  /** `only`: the packets it works on, where the rule says so. */
  | { kind: 'reject'; reject: Reject; usual: boolean }
  | NatStatement
  | { kind: 'notrack' }
  | { kind: 'set-meta'; key: MetaKey; value: Expression }
  | { kind: 'set-ct'; key: 'mark' | 'zone' | 'label'; direction: 'original' | 'reply' | undefined; value: Expression }
  | { kind: 'set-payload'; field: PayloadField; value: Expression }
  | { kind: 'set-mss'; value: number | 'pmtu' }
  | {
      kind: 'update';
      operation: 'add' | 'update' | 'delete';
      set: NftSet;
      key: Expression;
      data: Expression | undefined;
      timeout: number | undefined;
      stateful: readonly Stateful[];
    };

/** A counter, quota or limit with a name (struct nft_object). */
export interface NftObject {
  name: string;
  handle: number;
  references: number;
  comment: string | undefined;
  state: ObjectState;
}

/** The expressions that a statement evaluates. */
export function expressionsOf(statement: Statement): Expression[] {
  switch (statement.kind) {
    case 'match':
      return [statement.left];
    case 'vmap':
      return [statement.key];
    case 'object':
      return statement.map ? [statement.map.key] : [];
    case 'nat':
      return [statement.address?.from, statement.address?.to, statement.port?.from, statement.port?.to].filter((one) => one !== undefined);
    case 'set-meta':
    case 'set-ct':
    case 'set-payload':
      return [statement.value];
    case 'update':
      return statement.data ? [statement.key, statement.data] : [statement.key];
    default:
      return [];
  }
}

/** The sets and maps that a statement uses. */
export function setsOf(statement: Statement): NftSet[] {
  const sets: NftSet[] = [];
  if (statement.kind === 'match' && statement.right.kind === 'set') sets.push(statement.right.set);
  if (statement.kind === 'vmap') sets.push(statement.map);
  if (statement.kind === 'object' && statement.map) sets.push(statement.map.map);
  if (statement.kind === 'update') sets.push(statement.set);
  for (const expression of expressionsOf(statement)) for (const part of walk(expression)) if (part.kind === 'map') sets.push(part.map);
  return sets;
}

/** Whether it needs connection tracking. */
export function usesConntrack(statement: Statement): boolean {
  if (statement.kind === 'nat' || statement.kind === 'notrack' || statement.kind === 'set-ct') return true;
  if (statement.kind === 'stateful' && statement.state.kind === 'connections') return true;
  if (statement.kind === 'update' && statement.stateful.some(({ kind }) => kind === 'connections')) return true;
  for (const expression of expressionsOf(statement)) for (const part of walk(expression)) if (part.kind === 'ct') return true;
  return false;
}
