import type { Expression, PayloadField } from '../../kernel/netfilter/nftables/expression.ts';
import type { ObjectState, Stateful } from '../../kernel/netfilter/nftables/stateful.ts';
import type { Comparison, NatKind } from '../../kernel/netfilter/nftables/statement.ts';
import type { SetFlag } from '../../kernel/netfilter/nftables/set.ts';
import type { NftFamily, ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { DataType } from './datatype.ts';
import type { Span } from './source.ts';

/** A name where it stands. */
export interface Name {
  text: string;
  at: Span;
}

/** An expression as it is written; what its words mean depends on what they are compared with. */
export type Node = { at: Span } & (
  | { kind: 'word'; text: string; quoted: boolean }
  | { kind: 'wildcard'; text: string }
  | { kind: 'selector'; expression: Expression; type: DataType }
  | { kind: 'hash'; input: Node; modulus: number; seed: number | undefined; offset: number }
  | { kind: 'prefix'; base: Node; length: number }
  | { kind: 'range'; from: Node; to: Node }
  | { kind: 'list'; items: readonly Node[] }
  | { kind: 'masked'; value: Node; mask: Node }
  | { kind: 'binary'; operator: '&' | '|' | '^' | '<<' | '>>'; left: Node; right: Node }
  | { kind: 'concat'; parts: readonly Node[] }
  | { kind: 'set'; elements: readonly ElementNode[] }
  | { kind: 'named'; name: Name }
  | { kind: 'map'; key: Node; map: Node }
);

export interface VerdictNode {
  kind: 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto';
  chain: Name | undefined;
  at: Span;
}

/** An element between braces; its key `undefined` is `*`. */
export interface ElementNode {
  key: Node | undefined;
  verdict: VerdictNode | undefined;
  data: Node | undefined;
  /** Milliseconds. */
  timeout: number | undefined;
  expires: number | undefined;
  comment: string | undefined;
  stateful: readonly Stateful[];
  at: Span;
}

/** A statement as it is written. */
export type StatementNode = { at: Span } & (
  | { kind: 'match'; left: Node; comparison: Comparison | undefined; operator: Span | undefined; right: Node }
  | { kind: 'verdict'; verdict: VerdictNode }
  | { kind: 'vmap'; key: Node; map: Node }
  | { kind: 'stateful'; state: Stateful }
  | { kind: 'object'; type: ObjectType; name: Name | undefined; map: { key: Node; map: Node } | undefined }
  | {
      kind: 'log';
      prefix: string | undefined;
      level: number | undefined;
      group: number | undefined;
      snaplen: number | undefined;
      threshold: number | undefined;
      flags: number;
    }
  | { kind: 'reject'; type: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp reset' | undefined; code: Node | undefined }
  | {
      kind: 'nat';
      nat: NatKind;
      word: Span;
      family: 4 | 6 | undefined;
      pair: boolean;
      address: Node | undefined;
      port: Node | undefined;
      flags: { random?: boolean; randomFully?: boolean; persistent?: boolean };
    }
  | { kind: 'notrack' }
  | { kind: 'set'; target: Node; value: Node }
  | { kind: 'set-mss'; value: number | 'pmtu' }
  | {
      kind: 'update';
      operation: 'add' | 'update' | 'delete';
      set: Name;
      /** A set that the statement itself declares, as `meter` does, with the size that it gives. */
      declares: { size: number } | undefined;
      key: Node;
      data: Node | undefined;
      timeout: number | undefined;
      stateful: readonly Stateful[];
    }
);

export interface RuleNode {
  statements: readonly StatementNode[];
  comment: string | undefined;
  at: Span;
}

/** `type filter hook input priority 0;` and what else stands in a chain's braces. */
export interface ChainNode {
  type: { text: 'filter' | 'nat' | 'route'; at: Span } | undefined;
  hook: Name | undefined;
  priority: { name: string | undefined; value: number; at: Span } | undefined;
  device: Name | undefined;
  policy: { text: 'accept' | 'drop'; at: Span } | undefined;
  comment: string | undefined;
  /** The whole line with the hook. */
  at: Span | undefined;
}

export interface SetNode {
  key: { types: readonly Name[] } | { nodes: readonly Node[]; text: string } | undefined;
  data: { types: readonly Name[] } | { nodes: readonly Node[]; text: string } | undefined;
  flags: ReadonlySet<SetFlag>;
  timeout: number | undefined;
  gcInterval: number | undefined;
  size: number | undefined;
  policy: 'performance' | 'memory' | undefined;
  autoMerge: boolean;
  comment: string | undefined;
  stateful: readonly Stateful[];
  elements: readonly ElementNode[] | undefined;
  at: Span;
}

export type { ObjectType, PayloadField };

/** What a command is about. */
export interface Target {
  family: NftFamily;
  /** Whether the family was written. */
  familyGiven: boolean;
  table: Name | undefined;
  name: Name | undefined;
  handle: { value: number; at: Span } | undefined;
}

export type Listed =
  | 'ruleset'
  | 'tables'
  | 'chains'
  | 'sets'
  | 'maps'
  | 'counters'
  | 'quotas'
  | 'limits'
  | 'rules'
  | 'hooks'
  | 'flowtables'
  | 'synproxys'
  | 'secmarks'
  | 'tunnels'
  | 'meters'
  | 'meter'
  | 'ct object'
  | 'ct objects'
  | 'table'
  | 'chain'
  | 'set'
  | 'map'
  | ObjectType;

/** What `monitor` tells of; `any` is all of it. */
export type Monitored = 'any' | 'tables' | 'chains' | 'sets' | 'rules' | 'elements' | 'ruleset' | 'trace';

/** A command (struct cmd). */
export type Command = { at: Span; target: Target } & (
  | { op: 'add' | 'create'; what: 'table'; comment: string | undefined; dormant: boolean | undefined }
  | { op: 'add' | 'create'; what: 'chain'; chain: ChainNode | undefined }
  | { op: 'add' | 'create'; what: 'set' | 'map'; set: SetNode }
  | { op: 'add' | 'create' | 'delete' | 'destroy' | 'get' | 'reset'; what: 'element'; elements: readonly ElementNode[]; whole: Span }
  | { op: 'add' | 'create'; what: ObjectType; state: ObjectState; comment: string | undefined }
  | {
      op: 'add' | 'insert' | 'replace' | 'create';
      what: 'rule';
      rule: RuleNode;
      index: { value: number; at: Span } | undefined;
      position: { value: number; at: Span } | undefined;
    }
  | { op: 'delete' | 'destroy'; what: 'table' | 'chain' | 'rule' | 'set' | 'map' | ObjectType }
  | { op: 'flush'; what: 'ruleset' | 'table' | 'chain' | 'set' | 'map' }
  | { op: 'rename'; what: 'chain'; newName: Name }
  | { op: 'describe'; what: 'expression'; node: Node }
  | { op: 'monitor'; what: Monitored; event: 'new' | 'destroy' | undefined; format: 'json' | 'xml' | undefined }
  | { op: 'list' | 'reset'; what: Listed }
);
