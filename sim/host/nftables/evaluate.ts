import type { Expression } from '../../kernel/netfilter/nftables/expression.ts';
import type { NftSet } from '../../kernel/netfilter/nftables/set.ts';
import type { NftTable, ObjectType } from '../../kernel/netfilter/nftables/table.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Lookup } from '../iptables/lookup.ts';
import { type DataType, integer, typeNamed } from './datatype.ts';
import { anonymousSet, typesOfSet } from './evaluate-set.ts';
import { Protocols } from './protocols.ts';
import { join, reject, type Span, unmodelled } from './source.ts';
import type { Name, Node } from './syntax.ts';
import { isConstant, readValue } from './values.ts';

/** An expression whose types are known, by field. */
export interface Typed {
  expression: Expression;
  types: readonly DataType[];
}

const ADDRESS = { 4: typeNamed('ipv4_addr'), 6: typeNamed('ipv6_addr') } as const;

/** What is known while the parts of one rule get their meaning (src/evaluate.c). */
export class Evaluator {
  readonly net: NetNamespace;
  readonly lookup: Lookup;
  readonly table: NftTable;
  readonly protocols: Protocols;
  /** The rule has asked for the ICMP type already. */
  icmpTyped = false;
  /** What to say about a set that isn't there: maybe another was meant. */
  readonly missingSet: (name: Name, at: Span) => never;

  constructor(net: NetNamespace, lookup: Lookup, table: NftTable, missingSet: (name: Name, at: Span) => never) {
    this.net = net;
    this.lookup = lookup;
    this.table = table;
    this.missingSet = missingSet;
    this.protocols = new Protocols(table.family);
  }

  namedSet(name: Name, at: Span): NftSet {
    return this.table.sets.get(name.text) ?? this.missingSet(name, at);
  }

  /** What a rule compares, or looks up with. */
  left(node: Node): Typed {
    switch (node.kind) {
      case 'selector':
        this.#check(node);
        return { expression: node.expression, types: [this.#typeOf(node)] };
      case 'binary': {
        const left = this.left(node.left);
        const [type] = left.types as [DataType];
        if (!isConstant(node.right)) return unmodelled('a bitwise operation of two expressions', node.at);
        const value = readValue(node.right, node.operator === '<<' || node.operator === '>>' ? integer(32) : type, this);
        return {
          expression: { kind: 'binary', operator: node.operator, left: left.expression, right: { kind: 'constant', value } },
          types: [type],
        };
      }
      case 'concat': {
        const parts = node.parts.map((part) => this.left(part));
        return { expression: { kind: 'concat', parts: parts.map((part) => part.expression) }, types: parts.flatMap((part) => part.types) };
      }
      case 'hash': {
        const { modulus, seed, offset } = node;
        return { expression: { kind: 'hash', input: this.left(node.input).expression, modulus, seed, offset }, types: [integer(32)] };
      }
      case 'map':
        return this.mapped(node, undefined);
      default:
        return reject('Basetype of this expression is not known', node.at);
    }
  }

  #check(node: Node & { kind: 'selector' }): void {
    const { expression, at } = node;
    if (expression.kind === 'payload') {
      this.protocols.use(expression.field.guard, at);
      if (expression.field.name.endsWith(' type')) this.icmpTyped = true;
    }
    if (expression.kind === 'tcp-option') this.protocols.use({ protocol: 6 }, at);
    if (expression.kind === 'meta' && expression.key === 'nfproto' && this.table.family !== 'inet')
      reject('meta nfproto is only useful in the inet family', at);
    if (expression.kind === 'ct' && (expression.key === 'saddr' || expression.key === 'daddr') && this.protocols.network === undefined)
      reject('cannot determine ip protocol version, use "ip saddr" or "ip6 saddr" instead', at);
  }

  /** Fields without a protocol of their own: addresses of connections. */
  #typeOf(node: Node & { kind: 'selector' }): DataType {
    const { expression, type } = node;
    if (expression.kind !== 'ct' || (expression.key !== 'saddr' && expression.key !== 'daddr')) return type;
    expression.key = `${this.protocols.network === 6 ? 'ip6' : 'ip'} ${expression.key}`;
    return { ...type, ...(this.protocols.network === 6 ? this.addressType(6) : this.addressType(4)) };
  }

  addressType(family: 4 | 6): DataType {
    return ADDRESS[family];
  }

  /** `KEY map { … }`, `KEY map @NAME`; `data` are the types that its values must have, if that is known. */
  mapped(node: Node & { kind: 'map' }, data: readonly DataType[] | undefined): Typed {
    const key = this.left(node.key);
    const map = this.lookedUp(node.map, key.types, data ?? [integer(32)], node.key.at);
    return { expression: { kind: 'map', key: key.expression, map }, types: data ?? [] };
  }

  /** The set or map behind a key. */
  lookedUp(
    node: Node,
    types: readonly DataType[],
    data: readonly DataType[] | 'verdict' | undefined,
    left: Span,
    objects?: ObjectType,
  ): NftSet {
    if (node.kind === 'set') return anonymousSet(this, node, types, data, objects);
    if (node.kind !== 'named') return unmodelled('this kind of set', node.at);
    const set = this.namedSet(node.name, node.at);
    const wanted = types.map((type) => type.description);
    const found = typesOfSet(set);
    const same =
      found.length === types.length &&
      found.every((type, i) => type.name === types[i]?.name || type.name === 'integer' || types[i]?.name === 'integer');
    if (!same) {
      const describe = (names: readonly string[]) => (names.length === 1 ? names[0] : `concatenation of (${names.join(', ')})`);
      const has = found.map((type) => type.description);
      reject(`datatype mismatch, expected ${describe(wanted)}, expression has type ${describe(has)}`, node.at, [left]);
    }
    return set;
  }

  /** A value that a packet, its mark or an address gets. */
  right(node: Node, types: readonly DataType[]): Expression {
    const [type] = types as [DataType];
    if (node.kind === 'map') return this.mapped(node, types).expression;
    if (isConstant(node) && node.kind !== 'concat') return { kind: 'constant', value: readValue(node, type, this) };
    if (node.kind === 'binary') {
      const left = this.right(node.left, types);
      const shift = node.operator === '<<' || node.operator === '>>';
      return folded({ kind: 'binary', operator: node.operator, left, right: this.right(node.right, shift ? [integer(32)] : types) });
    }
    if (node.kind === 'word') return { kind: 'constant', value: readValue(node, type, this) };
    if (node.kind === 'list') return reject('Value expected, not a list', join(node.at, node.at));
    return this.left(node).expression;
  }
}

type Binary = Expression & { kind: 'binary' };

/** What nft makes of one operation behind another: `| 1 | 2` is one, and a mask keeps the bits that are set behind it. */
function folded(binary: Binary): Expression {
  const { left, operator, right } = binary;
  if (operator !== '|' || left.kind !== 'binary' || left.right.kind !== 'constant' || right.kind !== 'constant') return binary;
  const before = left.right.value;
  const { value } = right;
  if (typeof before !== 'number' || typeof value !== 'number') return binary;
  const both = (before | value) >>> 0;
  if (left.operator === '|') return { ...left, right: { kind: 'constant', value: both } };
  return left.operator === '&' ? { ...binary, left: { ...left, right: { kind: 'constant', value: both } } } : binary;
}
