import { LOG_FLAG } from '../../kernel/netfilter/packet-log.ts';
import type { Expression } from '../../kernel/netfilter/nftables/expression.ts';
import type { NatStatement, Statement } from '../../kernel/netfilter/nftables/statement.ts';
import { integer, typeNamed } from './datatype.ts';
import { atomJson, expressionJson, type Json, setJson, spanJson, valueJson, verdictJson } from './json.ts';
import { statefulJson } from './json-stateful.ts';
import { ALL_LOG_FLAGS, LOG_LEVELS } from './parse-statement.ts';
import { type Style, typesOf } from './print-expression.ts';
import { ICMP_CODES, ICMPV6_CODES, ICMPX_CODES } from './symbols.ts';

/** A statement (src/json.c `*_stmt_json`). */
export function statementJson(statement: Statement, style: Style): Json {
  switch (statement.kind) {
    case 'match':
      return { match: matchJson(statement, style) };
    case 'verdict':
      return verdictJson(statement.verdict);
    case 'vmap':
      return { vmap: { key: expressionJson(statement.key, style), data: setJson(statement.map, style) } };
    case 'stateful':
      return statefulJson(statement.state, style);
    case 'object': {
      const { type, name, map } = statement;
      return { [type]: map ? { map: { key: expressionJson(map.key, style), data: setJson(map.map, style) } } : (name ?? '') };
    }
    case 'log':
      return { log: logJson(statement) };
    case 'reject':
      return { reject: rejectJson(statement) };
    case 'nat':
      return { [statement.nat]: natJson(statement, style) };
    case 'notrack':
      return { notrack: null };
    case 'set-meta':
      return mangle({ kind: 'meta', key: statement.key }, statement.value, style);
    case 'set-ct':
      return mangle({ kind: 'ct', key: statement.key, direction: statement.direction }, statement.value, style);
    case 'set-payload':
      return mangle({ kind: 'payload', field: statement.field }, statement.value, style);
    case 'set-mss': {
      const value: Json = statement.value === 'pmtu' ? { rt: { key: 'mtu' } } : statement.value;
      return { mangle: { key: { 'tcp option': { name: 'maxseg', field: 'size' } }, value } };
    }
    case 'update': {
      const { operation, set, key, data, timeout, stateful } = statement;
      const inner = expressionJson(key, style);
      const elem: Json = timeout === undefined ? inner : { elem: { val: inner, timeout: Math.floor(timeout / 1_000_000) } };
      const stmt = stateful.map((state) => statefulJson(state, style));
      const more: Record<string, Json> = stmt.length > 0 ? { stmt } : {};
      if (!data) return { set: { op: operation, elem, set: `@${set.name}`, ...more } };
      return {
        map: { op: operation, elem, data: expressionJson(data, style, set.spec.data?.map(typeNamed)), map: `@${set.name}`, ...more },
      };
    }
  }
}

function mangle(key: Expression, value: Expression, style: Style): Json {
  return { mangle: { key: expressionJson(key, style), value: expressionJson(value, style, typesOf(key)) } };
}

function matchJson({ left, comparison, right }: Statement & { kind: 'match' }, style: Style): Json {
  const types = typesOf(left);
  const type = types[0] ?? integer(32);
  const op = comparison === 'any' ? 'in' : comparison === 'none' ? '!' : comparison;
  const head = { op, left: expressionJson(left, style) };
  if (right.kind === 'set') return { ...head, right: setJson(right.set, style) };
  if (right.kind === 'value') {
    const value = valueJson(right.value, types, style);
    return { ...head, right: left.kind === 'binary' && Array.isArray(value) ? { '|': value as readonly Json[] } : value };
  }
  const { span, prefix } = right;
  if (prefix !== undefined) return { ...head, right: { prefix: { addr: atomJson(span.from, type, style), len: prefix } } };
  if (typeof span.from === 'string') return { ...head, right: spanJson(span, type, style) };
  return { ...head, right: { range: [atomJson(span.from, type, style), atomJson(span.to, type, style)] } };
}

function logJson({ prefix, level, group, snaplen, threshold, flags }: Statement & { kind: 'log' }): Json {
  const members: Record<string, Json> = {};
  if (prefix !== undefined) members.prefix = prefix;
  if (group !== undefined) members.group = group;
  if (snaplen !== undefined) members.snaplen = snaplen;
  if (threshold !== undefined) members['queue-threshold'] = threshold;
  if (level !== undefined && level !== 4) members.level = LOG_LEVELS[level] as string;
  const words =
    flags === ALL_LOG_FLAGS
      ? ['all']
      : (
          [
            ['tcp sequence', LOG_FLAG.tcpSequence],
            ['tcp options', LOG_FLAG.tcpOptions],
            ['ip options', LOG_FLAG.ipOptions],
            ['skuid', LOG_FLAG.uid],
            ['ether', LOG_FLAG.macDecode],
          ] as const
        ).flatMap(([word, flag]) => (flags & flag ? [word] : []));
  if (words.length > 0) members.flags = words;
  return Object.keys(members).length > 0 ? members : null;
}

const CODES = { icmp: ICMP_CODES, icmpv6: ICMPV6_CODES, icmpx: ICMPX_CODES } as const;

function rejectJson({ reject }: Statement & { kind: 'reject' }): Json {
  if (reject.type === 'tcp reset') return { type: 'tcp reset' };
  const name = CODES[reject.type].find(([, code]) => code === reject.code)?.[0];
  return { type: reject.type, expr: name ?? reject.code };
}

function natJson({ family, address, port, pair, flags }: NatStatement, style: Style): Json {
  const members: Record<string, Json> = {};
  if (family !== undefined) members.family = family === 4 ? 'ip' : 'ip6';
  const rangeOf = (from: Expression, to: Expression | undefined, types: Parameters<typeof expressionJson>[2]): Json =>
    to ? { range: [expressionJson(from, style, types), expressionJson(to, style, types)] } : expressionJson(from, style, types);
  if (address) {
    const six = family === 6 || (address.from.kind === 'constant' && typeof address.from.value === 'bigint');
    const types = [typeNamed(six ? 'ipv6_addr' : 'ipv4_addr'), ...(pair ? [typeNamed('inet_service')] : [])];
    members.addr = rangeOf(address.from, address.to, types);
  }
  if (port) members.port = rangeOf(port.from, port.to, [typeNamed('inet_service')]);
  const words = [flags.random ? 'random' : '', flags.randomFully ? 'fully-random' : '', flags.persistent ? 'persistent' : ''].filter(
    (word) => word !== '',
  );
  if (words.length > 0) members.flags = words;
  return Object.keys(members).length > 0 ? members : null;
}
