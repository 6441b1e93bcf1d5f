import { arithmetic } from '../../kernel/netfilter/nftables/compute.ts';
import type { Atom, Expression } from '../../kernel/netfilter/nftables/expression.ts';
import type { Span } from '../../kernel/netfilter/nftables/set.ts';
import type { DataType, NameContext } from './datatype.ts';
import { reject, unmodelled } from './source.ts';
import type { Node } from './syntax.ts';

/** One value, read as its type says. */
export function readValue(node: Node, type: DataType, context: NameContext): Atom {
  switch (node.kind) {
    case 'word': {
      const parsed = type.parse(node.text, context);
      return typeof parsed === 'object' ? reject(parsed.bad, node.at) : parsed;
    }
    case 'list':
      if (!type.flags) return reject(`Basetype of type ${type.description} is not bitmask`, (node.items[0] ?? node).at);
      return node.items.map((item) => readValue(item, type, context)).reduce((sum, one) => arithmetic('|', sum, one));
    case 'binary':
      return arithmetic(node.operator, readValue(node.left, type, context), readValue(node.right, type, context));
    case 'wildcard':
      return node.text;
    case 'prefix':
    case 'range':
      return reject('Value expected, not a range', node.at);
    case 'set':
      return reject('Value expected, not a set', node.at);
    default:
      return unmodelled('an expression where a value stands', node.at);
  }
}

/** Whether an expression is made of values alone. */
export function isConstant(node: Node): boolean {
  if (node.kind === 'binary') return isConstant(node.left) && isConstant(node.right);
  if (node.kind === 'list') return node.items.every(isConstant);
  if (node.kind === 'concat') return node.parts.every(isConstant);
  return node.kind === 'word' || node.kind === 'wildcard' || node.kind === 'prefix' || node.kind === 'range';
}

/** A value or a range of them; `prefix` is its length if it was written so. */
export function spanOf(node: Node, type: DataType, context: NameContext): { span: Span; prefix: number | undefined } {
  if (node.kind === 'range') {
    const from = readValue(node.from, type, context);
    const to = readValue(node.to, type, context);
    if (from > to) reject('Range negative size', node.at);
    return { span: { from, to }, prefix: undefined };
  }
  if (node.kind !== 'prefix') {
    const value = readValue(node, type, context);
    return { span: { from: value, to: value }, prefix: undefined };
  }
  if (node.length > type.bits) reject(`Prefix length ${node.length} is invalid for type of ${type.bits} bits width`, node.at);
  const value = readValue(node.base, type, context);
  const host = BigInt(type.bits - node.length);
  const low = (BigInt(value) >> host) << host;
  const high = low | ((1n << host) - 1n);
  const back = (number: bigint): Atom => (typeof value === 'bigint' ? number : Number(number));
  return { span: { from: back(low), to: back(high) }, prefix: node.length };
}

/** The mask of an `&` with a constant, and what it is laid on. */
export function maskOf(expression: Expression): { left: Expression; mask: Atom } | undefined {
  if (expression.kind !== 'binary' || expression.operator !== '&' || expression.right.kind !== 'constant') return undefined;
  return { left: expression.left, mask: expression.right.value as Atom };
}
