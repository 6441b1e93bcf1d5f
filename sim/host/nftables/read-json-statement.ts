import { LOG_FLAG } from '../../kernel/netfilter/packet-log.ts';
import type { Limit, Stateful } from '../../kernel/netfilter/nftables/stateful.ts';
import type { NatKind } from '../../kernel/netfilter/nftables/statement.ts';
import type { Json } from './json.ts';
import { integerOf, isList, isObject, type JsonReader, kindOf, type Members, stringOf } from './json-reader.ts';
import { ALL_LOG_FLAGS, LOG_LEVELS } from './parse-statement.ts';
import { SECONDS, SIZES } from './parse-stateful.ts';
import { milliseconds, readExpression, readImmediate, readMap, readVerdict } from './read-json-expression.ts';
import { unmodelled } from './source.ts';
import type { Node, ObjectType, RuleNode, StatementNode } from './syntax.ts';

const COMPARISONS = ['==', '!=', '<', '>', '<=', '>='] as const;
/** Statements that nft reads and rules here lack. */
const OTHERS: readonly string[] = 'last,flow,fwd,dup,ct helper,ct timeout,ct expectation,tproxy,synproxy,reset,secmark,tunnel'.split(',');

/** The statements of a rule, and its comment. */
export function readRule(reader: JsonReader, expr: Json, comment: string | undefined): RuleNode {
  if (!isList(expr)) return reader.error('Value of property "expr" must be an array.');
  const statements = expr.map((one, i) => {
    if (!isObject(one)) return reader.error(`Unexpected expr array element of type ${kindOf(one)}, expected object.`);
    return reader.inside(`Parsing expr array at index ${i} failed.`, () => readStatement(reader, one));
  });
  return { statements, comment, at: reader.place() };
}

/** One statement (`json_parse_stmt`). */
function readStatement(reader: JsonReader, json: Json): StatementNode {
  const [type, value] = reader.single(json);
  const at = reader.place();
  const verdict = readVerdict(reader, json);
  if (verdict) return { kind: 'verdict', verdict, at };
  switch (type) {
    case 'vmap': {
      const { key, data } = reader.unpack(value, { key: 'any', data: 'any' });
      return { ...reader.inside('Illegal vmap statement.', () => readMap(reader, key, data)), kind: 'vmap' };
    }
    case 'match':
      return match(reader, value);
    case 'counter':
    case 'quota':
    case 'limit':
      return stateful(reader, type, value);
    case 'ct count': {
      const { val } = reader.unpack(value, { val: 'integer' });
      const over = (value as Members).inv === true;
      return { kind: 'stateful', state: { kind: 'connections', limit: val, over, counted: new Set() }, at };
    }
    case 'mangle':
      return mangle(reader, value);
    case 'log':
      return log(reader, value);
    case 'reject':
      return rejection(reader, value);
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return nat(reader, type, value);
    case 'notrack':
      return { kind: 'notrack', at };
    case 'set':
    case 'map':
      return update(reader, type, value);
    case 'meter':
      return meter(reader, value);
    case 'xt':
      return reader.error('unsupported xtables compat expression, use iptables-nft with this ruleset');
    case 'queue':
      // As of a kernel without CONFIG_NFT_QUEUE.
      return reader.error('Could not process rule: No such file or directory');
    default:
      return OTHERS.includes(type) ? unmodelled(`the statement "${type}"`, at) : reader.error(`Unknown statement object '${type}'.`);
  }
}

function match(reader: JsonReader, json: Json): StatementNode {
  const { op, ...sides } = reader.unpack(json, { left: 'any', right: 'any', op: 'string' });
  const comparison = op === '!' ? 'none' : COMPARISONS.find((one) => one === op);
  if (!comparison && op !== 'in') return reader.error(`Invalid relational op '${op}'.`);
  const left = reader.inside('Invalid LHS of relational.', () => readExpression(reader, sides.left));
  const right = reader.inside('Invalid RHS of relational.', () => readExpression(reader, sides.right));
  const at = reader.place();
  return { kind: 'match', left, comparison, operator: comparison ? at : undefined, right, at };
}

/** `null` or numbers make one of the rule's own, anything else names an object. */
function stateful(reader: JsonReader, type: ObjectType, value: Json): StatementNode {
  const at = reader.place();
  const state = readStateful(type, value);
  if (state) return { kind: 'stateful', state, at };
  const node = reader.inside(`Invalid ${type} reference.`, () => readExpression(reader, value));
  if (node.kind === 'map') return { kind: 'object', type, name: undefined, map: { key: node.key, map: node.map }, at };
  const name = node.kind === 'word' ? { text: node.text, at: node.at } : reader.nothing();
  return { kind: 'object', type, name, map: undefined, at };
}

function sizeOf(value: Json | undefined, unit: Json | undefined): number {
  return (integerOf(value) ?? 0) * (SIZES[stringOf(unit) ?? 'bytes'] ?? 1);
}

/** A counter, limit or quota by its numbers, in a rule or as what an object holds. */
export function readStateful(type: ObjectType, value: Json): Stateful | undefined {
  if (type === 'counter' && value === null) return { kind: 'counter', packets: 0, bytes: 0 };
  if (!isObject(value)) return undefined;
  switch (type) {
    case 'counter': {
      const [packets, bytes] = [integerOf(value.packets), integerOf(value.bytes)];
      return packets === undefined || bytes === undefined ? undefined : { kind: 'counter', packets, bytes };
    }
    case 'quota': {
      if (integerOf(value.val) === undefined) return undefined;
      const bytes = sizeOf(value.val, value.val_unit);
      return { kind: 'quota', bytes, used: sizeOf(value.used, value.used_unit), over: value.inv === true };
    }
    case 'limit':
      return integerOf(value.rate) === undefined || typeof value.per !== 'string' ? undefined : readLimit(value);
  }
}

export function readLimit({ rate, per, burst, burst_unit, rate_unit, inv }: Members): Limit {
  const bytes = typeof rate_unit === 'string' && rate_unit !== 'packets';
  return {
    kind: 'limit',
    rate: bytes ? sizeOf(rate, rate_unit) : (integerOf(rate) ?? 0),
    unit: SECONDS[per as string] ?? 1,
    bytes,
    burst: bytes ? sizeOf(burst, burst_unit) : integerOf(burst) || 5,
    over: inv === true,
    tokens: undefined,
    last: 0,
  };
}

function mangle(reader: JsonReader, json: Json): StatementNode {
  const { key, value } = reader.unpack(json, { key: 'any', value: 'any' });
  const target = reader.inside('Invalid mangle statement key', () => readExpression(reader, key));
  const given = reader.inside('Invalid mangle statement value', () => readExpression(reader, value));
  const at = reader.place();
  if (target.kind !== 'selector') return reader.error('Invalid mangle statement key expression type.');
  if (target.expression.kind !== 'tcp-option') return { kind: 'set', target, value: given, at };
  const { option, field } = target.expression;
  if (option !== 'maxseg' || field !== 'size') return unmodelled(`setting "tcp option ${option}"`, at);
  if (given.kind === 'word') return { kind: 'set-mss', value: Number(given.text), at };
  const mtu = given.kind === 'selector' && given.expression.kind === 'rt' && given.expression.key === 'mtu';
  return mtu ? { kind: 'set-mss', value: 'pmtu', at } : unmodelled('setting "tcp option maxseg" to this', at);
}

const LOG_FLAGS: Record<string, number> = {
  'tcp sequence': LOG_FLAG.tcpSequence,
  'tcp options': LOG_FLAG.tcpOptions,
  'ip options': LOG_FLAG.ipOptions,
  skuid: LOG_FLAG.uid,
  ether: LOG_FLAG.macDecode,
  all: ALL_LOG_FLAGS,
};

function log(reader: JsonReader, json: Json): StatementNode {
  const members = isObject(json) ? json : {};
  const { prefix, level, group, snaplen } = members;
  const number = typeof level === 'string' ? LOG_LEVELS.indexOf(level) : undefined;
  if (level === 'audit') return unmodelled('"log level audit"', reader.place());
  if (number === -1) return reader.error(`Invalid log level '${level}'.`);
  let flags = 0;
  for (const flag of reader.flags(members, 'flags', Object.keys(LOG_FLAGS))) flags |= LOG_FLAGS[flag] as number;
  return {
    kind: 'log',
    prefix: stringOf(prefix),
    level: number,
    group: integerOf(group),
    snaplen: integerOf(snaplen),
    threshold: integerOf(members['queue-threshold']),
    flags,
    at: reader.place(),
  };
}

const REJECTS = ['icmp', 'icmpv6', 'icmpx'] as const;

function rejection(reader: JsonReader, json: Json): StatementNode {
  const { type, expr } = isObject(json) ? json : ({} as Members);
  const at = reader.place();
  if (type === 'tcp reset') return { kind: 'reject', type: 'tcp reset', code: undefined, at };
  const code = expr === undefined ? undefined : reader.inside('Illegal reject expr.', () => readImmediate(reader, expr));
  return { kind: 'reject', type: REJECTS.find((one) => one === type), code, at };
}

/** The family that an object names, of those that have addresses. */
function familyOf(reader: JsonReader, { family }: Members): 4 | 6 | undefined {
  if (typeof family !== 'string') return undefined;
  if (family !== 'ip' && family !== 'ip6') return reader.error(`Invalid family '${family}'.`);
  return family === 'ip' ? 4 : 6;
}

function nat(reader: JsonReader, kind: NatKind, json: Json): StatementNode {
  const members = isObject(json) ? json : {};
  const { addr, port } = members;
  const family = familyOf(reader, members);
  const address = addr === undefined ? undefined : reader.inside('Invalid nat addr.', () => readExpression(reader, addr));
  const to = port === undefined ? undefined : reader.inside('Invalid nat port.', () => readExpression(reader, port));
  const flags = reader.flags(members, 'flags', ['random', 'fully-random', 'persistent', 'netmap']);
  const types = reader.flags(members, 'type_flags', ['interval', 'prefix', 'concat']);
  const at = reader.place();
  if (types.includes('prefix') || flags.includes('netmap')) return unmodelled('"prefix" in NAT statements', at);
  return {
    kind: 'nat',
    nat: kind,
    word: at,
    family,
    pair: types.includes('concat'),
    address,
    port: to,
    flags: {
      ...(flags.includes('random') ? { random: true } : {}),
      ...(flags.includes('fully-random') ? { randomFully: true } : {}),
      ...(flags.includes('persistent') ? { persistent: true } : {}),
    },
    at,
  };
}

const OPERATIONS = ['add', 'update', 'delete'] as const;

/** A statement that changes a set or map: `{ "set": { "op": "add", "elem": KEY, "set": "@NAME" } }`. */
function update(reader: JsonReader, type: 'set' | 'map', json: Json): StatementNode {
  const members: Members =
    type === 'set'
      ? reader.unpack(json, { op: 'string', elem: 'any', set: 'string' })
      : reader.unpack(json, { op: 'string', elem: 'any', data: 'any', map: 'string' });
  const operation = OPERATIONS.find((one) => one === members.op);
  if (!operation) return reader.error(`Unknown ${type} statement op '${members.op}'.`);
  const { key, timeout } = reader.inside(`Illegal ${type} statement element.`, () => keyOf(reader, members.elem as Json));
  const { data } = members;
  const value =
    type === 'set' || data === undefined ? undefined : reader.inside('Illegal map expression data.', () => readExpression(reader, data));
  const name = members[type] as string;
  if (!name.startsWith('@')) return reader.error(`Illegal ${type} reference in ${type} statement.`);
  const at = reader.place();
  const states = readStates(reader, members.stmt);
  const set = { text: name.slice(1), at: reader.place() };
  return { kind: 'update', operation, set, declares: undefined, key, data: value, timeout, stateful: states, at };
}

function keyOf(reader: JsonReader, json: Json): { key: Node; timeout: number | undefined } {
  const { timeout } = isObject(json) && isObject(json.elem) ? json.elem : ({} as Members);
  return { key: readExpression(reader, json), timeout: milliseconds(timeout) };
}

function meter(reader: JsonReader, json: Json): StatementNode {
  const { name, key: written, stmt } = reader.unpack(json, { name: 'string', key: 'any', stmt: 'any' });
  const { key, timeout } = reader.inside('Invalid meter key.', () => keyOf(reader, written));
  const states = reader.inside('Invalid meter statement.', () => readStates(reader, [stmt]));
  const size = integerOf((json as Members).size) ?? 0;
  const set = { text: name, at: reader.place() };
  const operation = timeout === undefined ? 'add' : 'update';
  return { kind: 'update', operation, set, declares: { size }, key, data: undefined, timeout, stateful: states, at: reader.place() };
}

/** The counters, limits and quotas that each element of a set gets. */
export function readStates(reader: JsonReader, json: Json | undefined): Stateful[] {
  if (json === undefined) return [];
  if (!isList(json)) return reader.error('Unexpected object type in stmt');
  return json.map((one, i) => {
    const statement = reader.inside(`Parsing set statements array at index ${i} failed.`, () => readStatement(reader, one));
    return statement.kind === 'stateful' ? statement.state : reader.error(`Unsupported set statements array at index ${i} failed.`);
  });
}
