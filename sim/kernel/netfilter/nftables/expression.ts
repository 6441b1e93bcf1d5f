import type { NftSet } from './set.ts';

/** What expressions yield: numbers up to 48 bits, bigints above, strings for interface names. */
export type Atom = number | bigint | string;
/** A concatenation is a list. */
export type Value = Atom | readonly Atom[];

/** Which packets have a field: those of an IP version, of a transport protocol, of an EtherType. */
export interface Guard {
  family?: 4 | 6;
  protocol?: number;
  etherType?: number;
}

/** A stretch of the packet, in bits from the start of a header (struct nft_payload). */
export interface PayloadField {
  /** As rules are written: `tcp dport`; `@th,16,16` if it has no name. */
  name: string;
  base: 'link' | 'network' | 'transport';
  offset: number;
  bits: number;
  guard: Guard | undefined;
}

export type MetaKey =
  | 'length'
  | 'protocol'
  | 'priority'
  | 'mark'
  | 'iif'
  | 'iifname'
  | 'iiftype'
  | 'oif'
  | 'oifname'
  | 'oiftype'
  | 'skuid'
  | 'skgid'
  | 'nftrace'
  | 'cpu'
  | 'pkttype'
  | 'nfproto'
  | 'l4proto'
  | 'ibrname'
  | 'obrname'
  | 'iifgroup'
  | 'oifgroup'
  | 'random'
  | 'hour'
  | 'day'
  | 'time';

export type CtKey =
  | 'state'
  | 'direction'
  | 'status'
  | 'mark'
  | 'expiration'
  | 'id'
  | 'l3proto'
  | 'protocol'
  | 'saddr'
  | 'daddr'
  | 'ip saddr'
  | 'ip daddr'
  | 'ip6 saddr'
  | 'ip6 daddr'
  | 'proto-src'
  | 'proto-dst'
  | 'packets'
  | 'bytes'
  | 'avgpkt'
  | 'zone'
  | 'label'
  | 'helper';

/** What the routing tables are asked with, in the order in which it is written. */
export type FibFlag = 'saddr' | 'daddr' | 'mark' | 'iif' | 'oif';

export type BinaryOperator = '&' | '|' | '^' | '<<' | '>>';

/** What rules look up about a packet (struct nft_expr and what nft makes of several of them). */
export type Expression =
  | { kind: 'constant'; value: Value }
  | { kind: 'payload'; field: PayloadField }
  | { kind: 'tcp-option'; option: string; number: number; field: string; offset: number; bits: number; exists: boolean }
  | { kind: 'meta'; key: MetaKey }
  | { kind: 'ct'; key: CtKey; direction: 'original' | 'reply' | undefined }
  | { kind: 'fib'; result: 'oif' | 'oifname' | 'type' | 'check'; flags: readonly FibFlag[] }
  | { kind: 'rt'; key: 'nexthop' | 'mtu' | 'classid' | 'ip nexthop' | 'ip6 nexthop' }
  | { kind: 'numgen'; mode: 'random' | 'inc'; modulus: number; offset: number; counter: { value: number } }
  | { kind: 'hash'; input: Expression | undefined; modulus: number; seed: number | undefined; offset: number }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'concat'; parts: readonly Expression[] }
  | { kind: 'map'; key: Expression; map: NftSet };

/** Values as keys of a hash table: concatenations become texts. */
export function keyOf(value: Value): Atom {
  return typeof value === 'object' ? value.map(String).join('|') : value;
}

/** Every expression in an expression, itself first. */
export function* walk(expression: Expression): Generator<Expression> {
  yield expression;
  switch (expression.kind) {
    case 'binary':
      yield* walk(expression.left);
      yield* walk(expression.right);
      return;
    case 'concat':
      for (const part of expression.parts) yield* walk(part);
      return;
    case 'map':
      yield* walk(expression.key);
      return;
    case 'hash':
      if (expression.input) yield* walk(expression.input);
      return;
    default:
  }
}
