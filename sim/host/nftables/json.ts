import type { Atom, Expression, Value } from '../../kernel/netfilter/nftables/expression.ts';
import type { NftSet, SetElement, Span } from '../../kernel/netfilter/nftables/set.ts';
import type { Verdict } from '../../kernel/netfilter/nftables/verdict.ts';
import { type DataType, integer, TIME, typeNamed } from './datatype.ts';
import { typesOfSet } from './evaluate-set.ts';
import { spanText, type Style, typesOf } from './print-expression.ts';
import { statefulJson } from './json-stateful.ts';

/** A value of JSON; objects keep the order of their keys. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** As jansson writes it: a space behind each comma and colon. */
export function dump(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(dump).join(', ')}]`;
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${dump(one as Json)}`);
  return `{${entries.join(', ')}}`;
}

/** One value: numbers as numbers, names and addresses as strings. */
export function atomJson(value: Atom, type: DataType, style: Style): Json {
  if (type.name === 'boolean') return value !== 0;
  if (type === TIME) return Math.floor(Number(value) / 1000);
  const text = type.show(value, style);
  if (/^(0x[0-9a-f]+|\d+)$/.test(text)) return Number(text);
  if (/^".*"$/.test(text)) return text.slice(1, -1);
  return type.flags && text.includes(',') ? text.split(',') : text;
}

export function valueJson(value: Value, types: readonly DataType[], style: Style): Json {
  if (typeof value !== 'object') return atomJson(value, types[0] ?? integer(32), style);
  return { concat: value.map((part, i) => atomJson(part, types[i] ?? integer(32), style)) };
}

/** A value, a prefix or a range. */
export function spanJson(span: Span, type: DataType, style: Style): Json {
  if (span.from === span.to || typeof span.from === 'string') return atomJson(span.from, type, style);
  const prefix = /^(.*)\/(\d+)$/.exec(spanText(span, type, style));
  if (prefix) return { prefix: { addr: prefix[1] as string, len: Number(prefix[2]) } };
  return { range: [atomJson(span.from, type, style), atomJson(span.to, type, style)] };
}

export function verdictJson(verdict: Verdict): Json {
  return 'name' in verdict ? { [verdict.kind]: { target: verdict.chain?.name ?? verdict.name } } : { [verdict.kind]: null };
}

/** An expression (src/json.c `*_expr_json`). */
export function expressionJson(expression: Expression, style: Style, types: readonly DataType[] = typesOf(expression)): Json {
  switch (expression.kind) {
    case 'constant':
      return valueJson(expression.value, types, style);
    case 'payload': {
      const { name, base, offset, bits } = expression.field;
      if (name.startsWith('@')) return { payload: { base: BASES[base], offset, len: bits } };
      const space = name.indexOf(' ');
      return { payload: { protocol: name.slice(0, space), field: name.slice(space + 1) } };
    }
    case 'tcp-option': {
      const { option, field, exists } = expression;
      return { 'tcp option': exists ? { name: option } : { name: option, field } };
    }
    case 'meta':
      return { meta: { key: expression.key } };
    case 'ct':
      return { ct: expression.direction ? { key: expression.key, dir: expression.direction } : { key: expression.key } };
    case 'fib':
      return { fib: { result: expression.result, flags: [...expression.flags] } };
    case 'rt': {
      const [key = '', family] = expression.key.split(' ').toReversed();
      return { rt: family === undefined ? { key } : { key, family } };
    }
    case 'numgen':
      return { numgen: { mode: expression.mode, mod: expression.modulus, offset: expression.offset } };
    case 'hash': {
      const { input, modulus, seed, offset } = expression;
      const tail: Record<string, Json> = offset === 0 ? {} : { offset };
      if (!input) return { symhash: { mod: modulus, ...tail } };
      return { jhash: { mod: modulus, ...tail, ...(seed === undefined ? {} : { seed }), expr: expressionJson(input, style) } };
    }
    case 'binary': {
      const { left, operator, right } = expression;
      const [type] = typesOf(left);
      return { [operator]: [expressionJson(left, style), maskJson(right, type, style, types)] };
    }
    case 'concat':
      return { concat: expression.parts.map((part) => expressionJson(part, style)) };
    case 'map':
      return { map: { key: expressionJson(expression.key, style), data: setJson(expression.map, style) } };
  }
}

const BASES = { link: 'll', network: 'nh', transport: 'th' } as const;

/** What stands behind an operator: a number, or the flags of a mask. */
function maskJson(right: Expression, type: DataType | undefined, style: Style, types: readonly DataType[]): Json {
  if (right.kind !== 'constant') return expressionJson(right, style, types);
  const value = right.value as Atom;
  const isAddress = typeof value === 'bigint' || type?.name === 'ipv4_addr';
  if (!type?.flags) return isAddress ? valueJson(value, type ? [type] : [], style) : (value as number);
  const shown = atomJson(value, type, style);
  return Array.isArray(shown) ? { '|': shown as readonly Json[] } : shown;
}

/** `@NAME`, or the elements of a set that stands in a rule. */
export function setJson(set: NftSet, style: Style): Json {
  if (!set.anonymous) return `@${set.name}`;
  return { set: set.elements().map((element) => elementJson(element, set, style, 0)) };
}

/** An element: its key alone, or with what it says of itself, or a pair with its value. */
export function elementJson(element: SetElement, set: NftSet, style: Style, now: number): Json {
  const types = typesOfSet(set);
  const spans = element.key.map((span, i) => spanJson(span, types[i] ?? integer(32), style));
  let key: Json = element.catchall ? '*' : spans.length > 1 ? { concat: spans } : (spans[0] ?? null);
  const { timeout, expires, comment, stateful } = element;
  const more: Record<string, Json> = {};
  if (timeout !== undefined) more.timeout = Math.floor(timeout / 1_000_000);
  if (expires !== undefined && !style.stateless) more.expires = Math.max(0, Math.floor((expires - now) / 1_000_000));
  if (comment !== undefined) more.comment = comment;
  for (const state of stateful) Object.assign(more, statefulJson(state, style));
  if (Object.keys(more).length > 0) key = { elem: { val: key, ...more } };
  if (element.verdict) return [key, verdictJson(element.verdict)];
  if (element.data !== undefined) return [key, valueJson(element.data, set.spec.data?.map(typeNamed) ?? [], style)];
  return element.object === undefined ? key : [key, element.object];
}
