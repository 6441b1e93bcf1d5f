import { LOG_FLAG } from '../../kernel/netfilter/packet-log.ts';
import type { Expression } from '../../kernel/netfilter/nftables/expression.ts';
import type { NftRule } from '../../kernel/netfilter/nftables/rule.ts';
import type { NatStatement, Statement } from '../../kernel/netfilter/nftables/statement.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { NO_NAMES } from '../iptables/lookup.ts';
import { type DataType, durationText, typeNamed } from './datatype.ts';
import { ALL_LOG_FLAGS } from './parse-statement.ts';
import { expressionText, setText, spanText, type Style, typesOf, valueText, verdictText } from './print-expression.ts';
import { ICMP_CODES, ICMPV6_CODES, ICMPX_CODES } from './symbols.ts';
import { statefulText } from './print-stateful.ts';

/** How the trace shows rules: without names of services, and without counts. */
export function plainStyle(net: NetNamespace): Style {
  return { net, lookup: NO_NAMES, numeric: false, numericProtocols: false, services: false, accounts: false, stateless: true };
}

/** A rule as listings have it, without its handle. */
export function ruleText(rule: NftRule, style: Style): string {
  const text = rule.statements.map((statement) => statementText(statement, style)).join(' ');
  return rule.comment === undefined ? text : `${text} comment "${rule.comment}"`;
}

export function statementText(statement: Statement, style: Style): string {
  switch (statement.kind) {
    case 'match':
      return matchText(statement, style);
    case 'verdict':
      return verdictText(statement.verdict);
    case 'vmap':
      return `${expressionText(statement.key, style)} vmap ${setText(statement.map, style)}`;
    case 'stateful':
      return statefulText(statement.state, style);
    case 'object': {
      const { type, name, map } = statement;
      return `${type} name ${map ? `${expressionText(map.key, style)} map ${setText(map.map, style)}` : `"${name}"`}`;
    }
    case 'log':
      return logText(statement);
    case 'reject':
      return rejectText(statement);
    case 'nat':
      return natText(statement, style);
    case 'notrack':
      return 'notrack';
    case 'set-meta':
      return assignment({ kind: 'meta', key: statement.key }, statement.value, style);
    case 'set-ct':
      return assignment({ kind: 'ct', key: statement.key, direction: statement.direction }, statement.value, style);
    case 'set-payload':
      return assignment({ kind: 'payload', field: statement.field }, statement.value, style);
    case 'set-mss':
      return `tcp option maxseg size set ${statement.value === 'pmtu' ? 'rt mtu' : statement.value}`;
    case 'update': {
      const { operation, set, key, data, timeout, stateful } = statement;
      let inside = expressionText(key, style);
      if (timeout !== undefined) inside += ` timeout ${durationText(timeout / 1000, style)}`;
      // What each element begins with has counted nothing.
      for (const state of stateful) inside += ` ${statefulText(state, { stateless: true })}`;
      if (data) inside += ` : ${expressionText(data, style, set.spec.data?.map(typeNamed))}`;
      return `${operation} @${set.name} { ${inside} }`;
    }
  }
}

function assignment(target: Expression, value: Expression, style: Style): string {
  return `${expressionText(target, style)} set ${expressionText(value, style, typesOf(target))}`;
}

function matchText({ left, comparison, right }: Statement & { kind: 'match' }, style: Style): string {
  const text = expressionText(left, style);
  const types = typesOf(left);
  const [type] = types as [DataType];
  if (right.kind === 'set') return `${text} ${comparison === '!=' ? '!= ' : ''}${setText(right.set, style)}`;
  if (right.kind === 'span') {
    const sign = comparison === '!=' ? '!= ' : '';
    if (right.prefix !== undefined) return `${text} ${sign}${type.show(right.span.from, style)}/${right.prefix}`;
    return `${text} ${sign}${typeof right.span.from === 'string' ? spanText(right.span, type, style) : `${type.show(right.span.from, style)}-${type.show(right.span.to, style)}`}`;
  }
  const hex = left.kind === 'binary' && type.name === 'integer' && typeof right.value === 'number';
  let value = hex ? `0x${(right.value as number).toString(16)}` : valueText(right.value, types, style);
  if (left.kind === 'binary' && type.flags) value = value.split(',').join(' | ');
  switch (comparison) {
    case 'any':
      return `${text} ${value}`;
    case 'none':
      return `${text} ! ${value}`;
    case '==':
      return left.kind === 'binary' || type.flags ? `${text} == ${value}` : `${text} ${value}`;
    default:
      return `${text} ${comparison} ${value}`;
  }
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

function logText({ prefix, level, group, snaplen, threshold, flags }: Statement & { kind: 'log' }): string {
  let text = 'log';
  if (prefix !== undefined) text += ` prefix "${prefix}"`;
  if (group !== undefined) text += ` group ${group}`;
  if (snaplen !== undefined) text += ` snaplen ${snaplen}`;
  if (threshold !== undefined) text += ` queue-threshold ${threshold}`;
  if (level !== undefined && level !== 4) text += ` level ${LEVELS[level]}`;
  if (flags === ALL_LOG_FLAGS) return `${text} flags all`;
  const tcp = [flags & LOG_FLAG.tcpSequence ? 'sequence' : '', flags & LOG_FLAG.tcpOptions ? 'options' : ''].filter((word) => word !== '');
  if (tcp.length > 0) text += ` flags tcp ${tcp.join(',')}`;
  if (flags & LOG_FLAG.ipOptions) text += ' flags ip options';
  if (flags & LOG_FLAG.uid) text += ' flags skuid';
  if (flags & LOG_FLAG.macDecode) text += ' flags ether';
  return text;
}

const REJECT_CODES = { icmp: ICMP_CODES, icmpv6: ICMPV6_CODES, icmpx: ICMPX_CODES } as const;

function rejectText({ reject, usual }: Statement & { kind: 'reject' }): string {
  if (usual) return 'reject';
  if (reject.type === 'tcp reset') return 'reject with tcp reset';
  const name = REJECT_CODES[reject.type].find(([, code]) => code === reject.code)?.[0];
  return `reject with ${reject.type} ${name ?? reject.code}`;
}

function natText({ nat, family, address, port, pair, flags }: NatStatement, style: Style): string {
  let text: string = nat;
  if (family !== undefined) text += family === 4 ? ' ip' : ' ip6';
  if (address || port) {
    text += ' to ';
    if (address) {
      const version = family ?? (isIpv6(address.from) ? 6 : 4);
      const types = pair
        ? [typeNamed(version === 6 ? 'ipv6_addr' : 'ipv4_addr'), typeNamed('inet_service')]
        : [typeNamed(version === 6 ? 'ipv6_addr' : 'ipv4_addr')];
      const brackets = version === 6 && port !== undefined && address.from.kind === 'constant';
      const one = (expression: Expression) =>
        brackets ? `[${expressionText(expression, style, types)}]` : expressionText(expression, style, types);
      text += one(address.from) + (address.to ? `-${one(address.to)}` : '');
    }
    if (port) {
      const types = [typeNamed('inet_service')];
      text += `:${expressionText(port.from, style, types)}${port.to ? `-${expressionText(port.to, style, types)}` : ''}`;
    }
  }
  const words = [flags.random ? 'random' : '', flags.randomFully ? 'fully-random' : '', flags.persistent ? 'persistent' : ''].filter(
    (word) => word !== '',
  );
  return words.length > 0 ? `${text} ${words.join(',')}` : text;
}

function isIpv6(expression: Expression): boolean {
  return expression.kind === 'constant' && typeof expression.value === 'bigint';
}

/** What the trace says of a rule, or of the statement that did not match. */
export function describeRule(net: NetNamespace): (rule: NftRule, statement: Statement | undefined) => string {
  const style = plainStyle(net);
  return (rule, statement) => (statement ? statementText(statement, style) : ruleText(rule, style));
}
