import { FIELDS, TCP_OPTIONS } from './fields.ts';
import type { Json } from './json.ts';
import { integerOf, isList, isObject, type JsonReader, kindOf, type Members, stringOf } from './json-reader.ts';
import { Parser } from './parser.ts';
import { parseSelector, UNQUALIFIED } from './parse-selector.ts';
import type { Name, Node, ElementNode, VerdictNode } from './syntax.ts';

const VERDICTS: ReadonlySet<string> = new Set(['accept', 'drop', 'continue', 'return', 'jump', 'goto']);
const OPERATORS: readonly string[] = ['|', '^', '&', '>>', '<<'];
/** Headers that nft knows and rules here don't. */
const OTHER_HEADERS: readonly string[] = ['comp', 'udplite', 'vxlan', 'gre', 'gretap', 'geneve'];
const META_KEYS =
  'length, protocol, priority, mark, iif, oif, iifname, oifname, iiftype, oiftype, skuid, skgid, nftrace, rtclassid, secmark, nfproto, l4proto, ibrname, obrname, pkttype, cpu, iifgroup, oifgroup, cgroup, random, ipsec, iifkind, oifkind, ibrpvid, ibrvproto, time, day, hour, sdif, sdifname, broute, ibrhwaddr';
const CT_KEYS: readonly string[] =
  'state,direction,status,mark,expiration,helper,l3proto,saddr,daddr,protocol,proto-src,proto-dst,label,packets,bytes,avgpkt,zone,event,ip saddr,ip daddr,ip6 saddr,ip6 daddr,secmark,id'.split(
    ',',
  );
const DIRECTED: ReadonlySet<string> = new Set(
  'l3proto,saddr,daddr,protocol,proto-src,proto-dst,packets,bytes,avgpkt,zone,ip saddr,ip daddr,ip6 saddr,ip6 daddr'.split(','),
);
const FIB_RESULTS: readonly string[] = ['oif', 'oifname', 'type', 'check'];
const FIB_FLAGS: readonly string[] = ['saddr', 'daddr', 'mark', 'iif', 'oif'];

/** An expression of any kind (`json_parse_expr`). */
export function readExpression(reader: JsonReader, json: Json): Node {
  if (isList(json)) {
    const items = json.map((one, i) =>
      reader.inside(`Parsing list expression item at index ${i} failed.`, () => readExpression(reader, one)),
    );
    return { kind: 'list', items, at: reader.place() };
  }
  if (!isObject(json)) return readImmediate(reader, json);
  const [type, value] = reader.single(json);
  if (OPERATORS.includes(type)) return binary(reader, type as '&', value);
  const words = selectorText(reader, type, value);
  if (words !== undefined) return selectorOf(reader, words);
  switch (type) {
    case 'concat':
      return concat(reader, value);
    case 'set':
      return readSet(reader, value);
    case 'map': {
      const { key, data } = reader.unpack(value, { key: 'any', data: 'any' });
      return readMap(reader, key, data);
    }
    case 'prefix': {
      const { addr, len } = reader.unpack(value, { addr: 'any', len: 'integer' });
      const base = reader.inside('Invalid address in prefix expr.', () => readExpression(reader, addr));
      return { kind: 'prefix', base, length: len, at: reader.place() };
    }
    case 'range':
      return range(reader, value);
    case 'jhash': {
      const { mod, expr } = reader.unpack(value, { mod: 'integer', expr: 'any' });
      const input = reader.inside('Invalid jhash expression.', () => readExpression(reader, expr));
      const { seed, offset } = value as Members;
      return { kind: 'hash', input, modulus: mod, seed: integerOf(seed), offset: integerOf(offset) ?? 0, at: reader.place() };
    }
    case 'elem':
      return readExpression(reader, reader.unpack(value, { val: 'any' }).val);
    default:
      return reader.error(`Unknown expression type '${type}'.`);
  }
}

export function readImmediate(reader: JsonReader, json: Json): Node {
  const at = reader.place();
  if (typeof json === 'boolean') return { kind: 'word', text: json ? 'exists' : 'missing', quoted: false, at };
  if (typeof json === 'number' && Number.isInteger(json)) return { kind: 'word', text: String(json), quoted: false, at };
  if (typeof json !== 'string') return reader.error(`Unexpected JSON type ${kindOf(json)} for immediate value.`);
  if (json.startsWith('@')) return { kind: 'named', name: { text: json.slice(1), at }, at };
  if (json.length > 1 && json.endsWith('*')) return { kind: 'wildcard', text: json, at };
  return { kind: 'word', text: json, quoted: false, at };
}

export function readMap(reader: JsonReader, key: Json, data: Json): Node & { kind: 'map' } {
  const left = reader.inside('Illegal map expression key.', () => readExpression(reader, key));
  const map = reader.inside('Illegal map expression data.', () => readExpression(reader, data));
  return { kind: 'map', key: left, map, at: reader.place() };
}

function concat(reader: JsonReader, value: Json): Node {
  if (!isList(value)) return reader.error(`Unexpected concat object type ${kindOf(value)}.`);
  const parts = value.map((one, i) => reader.inside(`Parsing expr at index ${i} failed.`, () => readExpression(reader, one)));
  if (parts.length === 0) return reader.nothing();
  return { kind: 'concat', parts, at: reader.place() };
}

function binary(reader: JsonReader, operator: '&' | '|' | '^' | '<<' | '>>', value: Json): Node {
  if (!isList(value) || value.length < 2) return reader.error(`Expected array, got ${kindOf(value)}`);
  const [first, ...others] = value as [Json, ...Json[]];
  let left = reader.inside('Failed to parse LHS of binop expression.', () => readExpression(reader, first));
  for (const other of others) {
    const right = reader.inside('Failed to parse RHS of binop expression.', () => readExpression(reader, other));
    left = { kind: 'binary', operator, left, right, at: reader.place() };
  }
  return left;
}

function range(reader: JsonReader, value: Json): Node {
  if (!isList(value) || value.length !== 2) return reader.error(`Expected array, got ${kindOf(value)}`);
  const [low, high] = value as [Json, Json];
  const from = reader.inside('Invalid low value in range expression.', () => readExpression(reader, low));
  const to = reader.inside('Invalid high value in range expression.', () => readExpression(reader, high));
  return { kind: 'range', from, to, at: reader.place() };
}

/** Elements, or the name of a set (`json_parse_set_expr`). */
export function readSet(reader: JsonReader, value: Json): Node {
  if (!isList(value)) {
    const one = readImmediate(reader, value);
    if (one.kind === 'named') return one;
    return { kind: 'set', elements: [elementOf(reader, value)], at: reader.place() };
  }
  const elements = value.map((one, i) => reader.inside(`Invalid set elem at index ${i}.`, () => elementOf(reader, one)));
  return { kind: 'set', elements, at: reader.place() };
}

function elementOf(reader: JsonReader, json: Json): ElementNode {
  const [left, right] = isList(json) && json.length === 2 ? (json as readonly [Json, Json]) : [json, undefined];
  const more = isObject(left) && left.elem !== undefined ? left.elem : undefined;
  const { val } = more === undefined ? { val: left } : reader.unpack(more, { val: 'any' });
  const { timeout, expires, comment } = (more ?? {}) as Members;
  const verdict = right === undefined ? undefined : readVerdict(reader, right);
  return {
    key: val === '*' ? undefined : readExpression(reader, val),
    verdict,
    data: right === undefined || verdict ? undefined : readExpression(reader, right),
    timeout: milliseconds(timeout),
    expires: milliseconds(expires),
    comment: stringOf(comment),
    stateful: [],
    at: reader.place(),
  };
}

/** Seconds of JSON. */
export function milliseconds(seconds: Json | undefined): number | undefined {
  const found = integerOf(seconds);
  return found === undefined ? undefined : found * 1000;
}

/** `{ "jump": { "target": "NAME" } }`; `undefined` when it is none. */
export function readVerdict(reader: JsonReader, json: Json): VerdictNode | undefined {
  const [kind] = isObject(json) ? Object.keys(json) : [];
  if (kind === undefined || !VERDICTS.has(kind)) return undefined;
  const at = reader.place();
  let chain: Name | undefined;
  if (kind === 'jump' || kind === 'goto') {
    const { target } = reader.unpack((json as Members)[kind] as Json, { target: 'string' });
    chain = target === '' ? reader.nothing() : { text: target, at: reader.place() };
  }
  return { kind: kind as VerdictNode['kind'], chain, at };
}

/** What rules write for a field, a property or a number that is made; `undefined` when the expression is none. */
function selectorText(reader: JsonReader, type: string, value: Json): string | undefined {
  switch (type) {
    case 'payload':
      return payloadText(reader, value);
    case 'tcp option':
      return tcpOptionText(reader, value);
    case 'meta': {
      const { key } = reader.unpack(value, { key: 'string' });
      if (!META_KEYS.split(', ').includes(key)) return reader.error(`syntax error, unexpected ${key}, known keys are ${META_KEYS}`);
      return UNQUALIFIED.has(key) ? key : `meta ${key}`;
    }
    case 'ct':
      return ctText(reader, value);
    case 'fib':
      return fibText(reader, value);
    case 'rt': {
      const { key } = reader.unpack(value, { key: 'string' });
      const { family } = value as Members;
      if (!['classid', 'nexthop', 'mtu', 'ipsec'].includes(key)) return reader.error(`Unknown rt key '${key}'.`);
      return `rt ${typeof family === 'string' && key === 'nexthop' ? `${family} ` : ''}${key}`;
    }
    case 'numgen': {
      const { mode, mod } = reader.unpack(value, { mode: 'string', mod: 'integer' });
      if (mode !== 'inc' && mode !== 'random') return reader.error(`Unknown numgen mode '${mode}'.`);
      return `numgen ${mode} mod ${mod}${offsetText(value)}`;
    }
    case 'symhash':
      return `symhash mod ${reader.unpack(value, { mod: 'integer' }).mod}${offsetText(value)}`;
    case 'exthdr':
    case 'ip option':
    case 'sctp chunk':
    case 'dccp option':
    case 'osf':
    case 'ipsec':
    case 'socket':
    case 'tunnel':
      return type === 'ip option' ? 'exthdr' : (type.split(' ')[0] as string);
    default:
      return undefined;
  }
}

function offsetText(value: Json): string {
  const offset = integerOf((value as Members).offset) ?? 0;
  return offset === 0 ? '' : ` offset ${offset}`;
}

function payloadText(reader: JsonReader, value: Json): string {
  const { base, offset, len, protocol, field } = isObject(value) ? value : ({} as Members);
  if (typeof base === 'string' && integerOf(offset) !== undefined && integerOf(len) !== undefined) {
    if (!['ll', 'nh', 'th', 'ih'].includes(base)) return reader.error(`Invalid payload base '${base}'.`);
    return `@${base},${offset},${len}`;
  }
  if (typeof protocol !== 'string' || typeof field !== 'string') return reader.error('Invalid payload expression properties.');
  const fields = FIELDS.get(protocol);
  if (!fields && OTHER_HEADERS.includes(protocol)) return `${protocol} ${field}`;
  if (!fields) return reader.error(`Unknown payload protocol '${protocol}'.`);
  const name = `${protocol} ${field}`;
  return fields.some((one) => one.name === name) ? name : reader.error(`Unknown ${protocol} field '${field}'.`);
}

function tcpOptionText(reader: JsonReader, value: Json): string {
  const { name, field } = isObject(value) ? value : ({} as Members);
  if (typeof name !== 'string') return reader.error('Invalid tcp option expression properties.');
  const known = TCP_OPTIONS[name];
  if (!known) return reader.error(`Unknown tcp option name '${name}'.`);
  if (typeof field !== 'string') return `tcp option ${name}`;
  if (!Object.hasOwn(known.fields, field)) return reader.error(`Unknown tcp option field '${field}'.`);
  return `tcp option ${name} ${field}`;
}

function ctText(reader: JsonReader, value: Json): string {
  const { key } = reader.unpack(value, { key: 'string' });
  const { dir } = value as Members;
  if (!CT_KEYS.includes(key)) return reader.error(`Unknown ct key '${key}'.`);
  if (typeof dir !== 'string') return `ct ${key}`;
  if (dir !== 'original' && dir !== 'reply') return reader.error(`Invalid direction '${dir}'.`);
  if (!DIRECTED.has(key)) return reader.error(`Direction not supported by CT key '${key}'.`);
  return `ct ${dir} ${key}`;
}

function fibText(reader: JsonReader, value: Json): string {
  const { result } = reader.unpack(value, { result: 'string' });
  if (!FIB_RESULTS.includes(result)) return reader.error(`Invalid fib result '${result}'.`);
  const flags = reader.flags(value as Members, 'flags', FIB_FLAGS);
  const has = (flag: string) => flags.includes(flag);
  if (!has('saddr') && !has('daddr')) return reader.error('fib: need either saddr or daddr');
  if (has('saddr') && has('daddr')) return reader.error('fib: saddr and daddr are mutually exclusive');
  if (has('iif') && has('oif')) return reader.error('fib: iif and oif are mutually exclusive');
  return `fib ${flags.join(' . ')} ${result}`;
}

/** What a selector's words mean, without a place in them. */
function selectorOf(reader: JsonReader, text: string): Node {
  const parser = new Parser({ name: undefined, text }, reader.lookup, new Map(), () => undefined);
  const found = parseSelector(parser) ?? reader.nothing();
  return { ...found, at: reader.place() };
}

/** What `typeof` says of a set: its expressions, and the words for them. */
export function readTypeOf(reader: JsonReader, json: Json): { nodes: readonly Node[]; text: string } {
  const parts = isObject(json) && isList(json.concat) ? json.concat : [json];
  const words = parts.map((part) => {
    const [type, value] = reader.single(part);
    return selectorText(reader, type, value) ?? reader.error('Invalid set datatype.');
  });
  return { nodes: words.map((text) => selectorOf(reader, text)), text: words.join(' . ') };
}
