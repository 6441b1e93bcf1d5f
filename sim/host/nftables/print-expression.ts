import type { Atom, Expression, Value } from '../../kernel/netfilter/nftables/expression.ts';
import type { NftSet, SetElement, Span } from '../../kernel/netfilter/nftables/set.ts';
import type { Verdict } from '../../kernel/netfilter/nftables/verdict.ts';
import { BOOLEAN, type DataType, durationText, integer, type ShowContext, typeNamed } from './datatype.ts';
import { typesOfSet } from './evaluate-set.ts';
import { typeOfField } from './fields.ts';
import { CT_TYPES, FIB_TYPES, META_TYPES, UNQUALIFIED } from './parse-selector.ts';
import { statefulText } from './print-stateful.ts';

/** How rules are shown. */
export interface Style extends ShowContext {
  /** `-s`: without what counters have counted. */
  stateless: boolean;
}

/** The types of an expression's values, by field. */
export function typesOf(expression: Expression): readonly DataType[] {
  switch (expression.kind) {
    case 'payload':
      return [typeOfField(expression.field)];
    case 'tcp-option':
      return [expression.exists ? BOOLEAN : integer(expression.bits)];
    case 'meta':
      return [META_TYPES[expression.key]];
    case 'ct':
      return [CT_TYPES[expression.key]];
    case 'fib':
      return [FIB_TYPES[expression.result]];
    case 'rt':
      return [typeNamed(expression.key === 'ip nexthop' ? 'ipv4_addr' : expression.key === 'ip6 nexthop' ? 'ipv6_addr' : 'integer')];
    case 'binary':
      return typesOf(expression.left);
    case 'concat':
      return expression.parts.flatMap(typesOf);
    case 'map':
      return expression.map.spec.data?.map(typeNamed) ?? [];
    default:
      return [integer(32)];
  }
}

/** An expression; `types` are those of constants in it. */
export function expressionText(expression: Expression, style: Style, types: readonly DataType[] = typesOf(expression)): string {
  switch (expression.kind) {
    case 'constant':
      return valueText(expression.value, types, style);
    case 'payload':
      return expression.field.name;
    case 'tcp-option':
      return `tcp option ${expression.option}${expression.exists ? '' : ` ${expression.field}`}`;
    case 'meta':
      return UNQUALIFIED.has(expression.key) ? expression.key : `meta ${expression.key}`;
    case 'ct':
      return `ct ${expression.direction ? `${expression.direction} ` : ''}${expression.key}`;
    case 'fib':
      return `fib ${expression.flags.join(' . ')} ${expression.result}`;
    case 'rt':
      return `rt ${expression.key}`;
    case 'numgen':
      return `numgen ${expression.mode} mod ${expression.modulus}${expression.offset === 0 ? '' : ` offset ${expression.offset}`}`;
    case 'hash': {
      const { input, modulus, seed, offset } = expression;
      const head = input ? `jhash ${expressionText(input, style)}` : 'symhash';
      return `${head} mod ${modulus}${seed === undefined ? '' : ` seed 0x${seed.toString(16)}`}${offset === 0 ? '' : ` offset ${offset}`}`;
    }
    case 'binary': {
      const { left, operator, right } = expression;
      const inner = typesOf(left);
      const [type] = inner;
      if ((operator === '<<' || operator === '>>') && right.kind === 'constant')
        return `${expressionText(left, style, types)} ${operator} ${right.value}`;
      // A mask of flags is written as the flags; other masks as numbers.
      const mask = right.kind === 'constant' ? maskText(right.value as Atom, type, style) : expressionText(right, style, types);
      return `${expressionText(left, style, types)} ${operator} ${mask}`;
    }
    case 'concat':
      return expression.parts.map((part) => expressionText(part, style)).join(' . ');
    case 'map':
      return `${expressionText(expression.key, style)} map ${setText(expression.map, style)}`;
  }
}

function maskText(mask: Atom, type: DataType | undefined, style: Style): string {
  if (!type?.flags) return type && type.name !== 'integer' ? type.show(mask, style) : `0x${mask.toString(16)}`;
  const text = type.show(mask, style);
  return text.includes(',') ? `(${text.split(',').join(' | ')})` : text;
}

/** A value; concatenations field by field. */
export function valueText(value: Value, types: readonly DataType[], style: ShowContext): string {
  if (typeof value === 'object') return value.map((part, i) => (types[i] ?? integer(32)).show(part, style)).join(' . ');
  return (types[0] ?? integer(32)).show(value, style);
}

/** A range as it is shown in sets: those of addresses as prefixes where they can be. */
export function spanText({ from, to }: Span, type: DataType, style: ShowContext): string {
  if (from === to || typeof from === 'string') return type.show(from, style);
  const length = type.prefixes ? prefixOf(from, to, type.bits) : undefined;
  return length === undefined ? `${type.show(from, style)}-${type.show(to, style)}` : `${type.show(from, style)}/${length}`;
}

function prefixOf(from: Atom, to: Atom, bits: number): number | undefined {
  const size = BigInt(to) - BigInt(from) + 1n;
  if ((size & (size - 1n)) !== 0n || BigInt(from) % size !== 0n) return undefined;
  return bits - (size.toString(2).length - 1);
}

export function verdictText(verdict: Verdict): string {
  return 'name' in verdict ? `${verdict.kind} ${verdict.chain?.name ?? verdict.name}` : verdict.kind;
}

/** `@NAME`, or the elements of a set that stands in a rule. */
export function setText(set: NftSet, style: Style): string {
  if (!set.anonymous) return `@${set.name}`;
  return `{ ${set
    .elements()
    .map((element) => elementText(element, set, style, 0))
    .join(', ')} }`;
}

/** One element: key, what it says of itself, and its value. */
export function elementText(element: SetElement, set: NftSet, style: Style, now: number): string {
  const types = typesOfSet(set);
  const part = (span: SetElement['key'][number], i: number): string => {
    const type = types[i] ?? integer(32);
    const shown = spanText(span, type, style);
    // A comma stands between elements.
    return type.flags ? shown.replaceAll(',', ' | ') : shown;
  };
  let text = element.catchall ? '*' : element.key.map(part).join(' . ');
  for (const state of element.stateful) text += ` ${statefulText(state, style)}`;
  if (element.timeout !== undefined) text += ` timeout ${durationText(Math.floor(element.timeout / 1000), style)}`;
  if (element.expires !== undefined && !style.stateless)
    text += ` expires ${durationText(Math.max(0, Math.floor((element.expires - now) / 1000)), style)}`;
  if (element.comment !== undefined) text += ` comment "${element.comment}"`;
  const dataTypes = set.spec.data?.map(typeNamed) ?? [];
  if (element.verdict) text += ` : ${verdictText(element.verdict)}`;
  else if (element.data !== undefined) text += ` : ${valueText(element.data, dataTypes, style)}`;
  else if (element.object !== undefined) text += ` : "${element.object}"`;
  return text;
}
