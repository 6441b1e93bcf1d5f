import { LOG_FLAG } from '../../kernel/netfilter/packet-log.ts';
import { EXPECTED } from './expected.ts';
import type { Parser } from './parser.ts';
import { parseConcat, parseDuration, parseList, parseVariable, parseVerdict, parseVerdictMap } from './parse-expression.ts';
import { checkHeader } from './parse-selector.ts';
import { parseStateful } from './parse-stateful.ts';
import { join, reject, type Span, unmodelled } from './source.ts';
import type { Node, ObjectType, RuleNode, StatementNode } from './syntax.ts';

/** Statements up to the end of the line or block. */
export function parseRule(parser: Parser): RuleNode {
  const start = parser.token.at;
  const statements: StatementNode[] = [];
  let comment: string | undefined;
  if (parser.atEnd) parser.unexpected(EXPECTED.rule);
  while (!parser.atEnd && !parser.is('}')) {
    if (parser.accept('comment')) {
      comment = parser.string();
      break;
    }
    statements.push(parseStatement(parser));
  }
  return { statements, comment, at: parser.since(start) };
}

function parseStatement(parser: Parser): StatementNode {
  const start = parser.token.at;
  const verdict = parseVerdict(parser);
  if (verdict) return { kind: 'verdict', verdict, at: verdict.at };
  const state = parseStateful(parser);
  if (state) return { kind: 'stateful', state, at: parser.since(start) };
  const special = parser.token.kind === 'word' ? SPECIAL[parser.token.text] : undefined;
  if (special) {
    parser.next();
    return special(parser, start);
  }
  if (parser.isOneOf('add', 'update', 'delete')) return update(parser, start);
  if (parser.is('tcp') && parser.peek().text === 'option' && parser.peek(4).text === 'set') return mss(parser, start);
  return match(parser, start);
}

const SPECIAL: Record<string, (parser: Parser, start: Span) => StatementNode> = {
  counter: (parser, start) => object(parser, 'counter', start),
  quota: (parser, start) => object(parser, 'quota', start),
  limit: (parser, start) => object(parser, 'limit', start),
  log,
  reject: rejection,
  notrack: (_parser, start) => ({ kind: 'notrack', at: start }),
  masquerade: (parser, start) => nat(parser, 'masquerade', start),
  redirect: (parser, start) => nat(parser, 'redirect', start),
  snat: (parser, start) => nat(parser, 'snat', start),
  dnat: (parser, start) => nat(parser, 'dnat', start),
  queue,
  dup: (_parser, start) => unmodelled('the statement "dup"', start),
  fwd: (_parser, start) => unmodelled('the statement "fwd"', start),
  flow: (_parser, start) => unmodelled('the statement "flow add"', start),
  tproxy: (_parser, start) => unmodelled('the statement "tproxy"', start),
  synproxy: (_parser, start) => unmodelled('the statement "synproxy"', start),
  meter,
  last: (_parser, start) => unmodelled('the statement "last"', start),
  xt: (_parser, start) => unmodelled('the statement "xt"', start),
};

/** Kernels without CONFIG_NFT_QUEUE don't know it. */
function queue(_parser: Parser, start: Span): never {
  return reject('Could not process rule: No such file or directory', start);
}

/** `counter name X`, `counter name KEY map M`. */
function object(parser: Parser, type: ObjectType, start: Span): StatementNode {
  parser.expect('name', 'name');
  const { token } = parser;
  if (token.kind === 'quoted' || (token.kind === 'word' && !isSelector(parser))) {
    const name = parser.name(EXPECTED.name);
    return { kind: 'object', type, name, map: undefined, at: parser.since(start) };
  }
  const node = parseConcat(parser);
  if (node.kind !== 'map') return parser.unexpected('map');
  return { kind: 'object', type, name: undefined, map: { key: node.key, map: node.map }, at: parser.since(start) };
}

/** Whether a header's or other selector's first word is followed by more of it. */
function isSelector(parser: Parser): boolean {
  const after = parser.peek();
  return after.kind === 'word' && ['ip', 'ip6', 'tcp', 'udp', 'meta', 'ct', 'ether', 'th', 'icmp', 'icmpv6'].includes(parser.token.text);
}

/** By their numbers, as syslog has them. */
export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

function log(parser: Parser, start: Span): StatementNode {
  const data: {
    -readonly [K in 'prefix' | 'level' | 'group' | 'snaplen' | 'threshold']: K extends 'prefix' ? string | undefined : number | undefined;
  } = {
    prefix: undefined,
    level: undefined,
    group: undefined,
    snaplen: undefined,
    threshold: undefined,
  };
  let flags = 0;
  for (;;) {
    if (parser.accept('prefix')) {
      const node = parser.is('$') ? parseVariable(parser) : undefined;
      data.prefix = node?.kind === 'word' ? node.text : parser.string();
    } else if (parser.accept('level')) {
      const { token } = parser;
      const level = LOG_LEVELS.indexOf(token.text);
      if (token.text === 'audit') unmodelled('"log level audit"', token.at);
      if (level < 0) parser.unexpected([...LOG_LEVELS, 'audit'].join(', '));
      parser.next();
      data.level = level;
    } else if (parser.accept('group')) data.group = parser.number().value;
    else if (parser.accept('snaplen')) data.snaplen = parser.number().value;
    else if (parser.accept('queue-threshold')) data.threshold = parser.number().value;
    else if (parser.accept('flags')) flags |= logFlags(parser);
    else break;
  }
  return { kind: 'log', ...data, flags, at: parser.since(start) };
}

export const ALL_LOG_FLAGS = LOG_FLAG.tcpSequence | LOG_FLAG.tcpOptions | LOG_FLAG.ipOptions | LOG_FLAG.uid | LOG_FLAG.macDecode;

function logFlags(parser: Parser): number {
  if (parser.accept('all')) return ALL_LOG_FLAGS;
  if (parser.accept('skuid')) return LOG_FLAG.uid;
  if (parser.accept('ether')) return LOG_FLAG.macDecode;
  if (parser.accept('ip')) {
    parser.expect('options', 'options');
    return LOG_FLAG.ipOptions;
  }
  if (!parser.accept('tcp')) return parser.unexpected('ether, ip, tcp, skuid, all');
  let flags = 0;
  do {
    if (parser.accept('sequence')) flags |= LOG_FLAG.tcpSequence;
    else if (parser.accept('options')) flags |= LOG_FLAG.tcpOptions;
    else parser.unexpected('seq, options');
  } while (parser.accept(','));
  return flags;
}

function rejection(parser: Parser, start: Span): StatementNode {
  if (!parser.accept('with')) return { kind: 'reject', type: undefined, code: undefined, at: start };
  if (parser.accept('tcp')) {
    parser.expect('reset', 'reset');
    return { kind: 'reject', type: 'tcp reset', code: undefined, at: parser.since(start) };
  }
  if (!parser.isOneOf('icmp', 'icmpv6', 'icmpx')) parser.unexpected(EXPECTED.rejectWith);
  const type = parser.next().text as 'icmp' | 'icmpv6' | 'icmpx';
  parser.accept('type');
  const { token } = parser;
  if (token.kind !== 'word' && token.kind !== 'number' && token.kind !== 'quoted') parser.unexpected('<number>, <string>');
  parser.next();
  return { kind: 'reject', type, code: { kind: 'word', text: token.text, quoted: false, at: token.at }, at: start };
}

/** `dnat [ip] [addr . port] to ADDRESS[:PORT] [FLAGS]`, `masquerade [to :PORTS] [FLAGS]`. */
function nat(parser: Parser, kind: 'snat' | 'dnat' | 'masquerade' | 'redirect', start: Span): StatementNode {
  let family: 4 | 6 | undefined;
  if (parser.isOneOf('ip', 'ip6') && parser.peek().text !== 'saddr' && parser.peek().text !== 'daddr')
    family = parser.next().text === 'ip' ? 4 : 6;
  let pair = false;
  if (parser.is('addr') && parser.peek().text === '.') {
    parser.next();
    parser.next();
    parser.expect('port', 'port');
    pair = true;
  } else if (parser.is('prefix')) unmodelled('"prefix" in NAT statements', parser.token.at);
  let address: Node | undefined;
  let port: Node | undefined;
  const plain = kind === 'masquerade' || kind === 'redirect';
  if (parser.accept('to') || (!plain && !parser.atEnd)) {
    if (parser.accept(':')) port = parseConcat(parser);
    else {
      const first = parser.is('[') ? bracketed(parser) : parseConcat(parser);
      if (plain) port = first;
      else {
        address = first;
        if (parser.accept(':')) port = parseConcat(parser);
      }
    }
  } else if (!plain) parser.unexpected("to, addr, port, ip, ip6, prefix, interval, '$'");
  const flags = natFlags(parser);
  return { kind: 'nat', nat: kind, word: start, family, pair, address, port, flags, at: parser.since(start) };
}

function bracketed(parser: Parser): Node {
  parser.next();
  const first = parseConcat(parser);
  parser.expect(']', "']'");
  if (!parser.is('-')) return first;
  parser.next();
  const opened = parser.accept('[');
  const to = parseConcat(parser);
  if (opened) parser.expect(']', "']'");
  return { kind: 'range', from: first, to, at: join(first.at, to.at) };
}

function natFlags(parser: Parser): { random?: boolean; randomFully?: boolean; persistent?: boolean } {
  const flags: { random?: boolean; randomFully?: boolean; persistent?: boolean } = {};
  do {
    if (parser.accept('random')) flags.random = true;
    else if (parser.accept('fully-random')) flags.randomFully = true;
    else if (parser.accept('persistent')) flags.persistent = true;
    else break;
  } while (parser.accept(','));
  return flags;
}

/** `add @SET { KEY [timeout T] [counter …] [: DATA] }` */
function update(parser: Parser, start: Span): StatementNode {
  const operation = parser.next().text as 'add' | 'update' | 'delete';
  const at = parser.token.at;
  if (!parser.accept('@')) parser.unexpected("@, '$'");
  const name = parser.name(EXPECTED.name);
  const set = { text: name.text, at: join(at, name.at) };
  parser.expect('{', EXPECTED.block);
  parser.skipNewlines();
  const key = parseConcat(parser);
  let timeout: number | undefined;
  const stateful = [];
  for (;;) {
    if (parser.accept('timeout')) timeout = parseDuration(parser);
    else {
      const state = parseStateful(parser);
      if (!state) break;
      stateful.push(state);
    }
  }
  const data = parser.accept(':') ? parseConcat(parser) : undefined;
  parser.skipNewlines();
  if (!parser.is('}')) parser.unexpected(EXPECTED.dynamic);
  parser.next();
  return { kind: 'update', operation, set, declares: undefined, key, data, timeout, stateful, at: parser.since(start) };
}

const METER_SIZE = 65_535;

/** `meter NAME [size N] { KEY STATE }`: a dynamic set made on the way, and what adds to it. */
function meter(parser: Parser, start: Span): StatementNode {
  const set = parser.name(EXPECTED.name);
  const size = parser.accept('size') ? parser.number().value : METER_SIZE;
  parser.expect('{', "size, '{'");
  const key = parseConcat(parser);
  const timeout = parser.accept('timeout') ? parseDuration(parser) : undefined;
  const stateful = [];
  for (let state = parseStateful(parser); state; state = parseStateful(parser)) stateful.push(state);
  parser.expect('}', EXPECTED.dynamic);
  const at = parser.since(start);
  return {
    kind: 'update',
    operation: timeout === undefined ? 'add' : 'update',
    set,
    declares: { size },
    key,
    data: undefined,
    timeout,
    stateful,
    at,
  };
}

/** `tcp option maxseg size set N`, `… set rt mtu`. */
function mss(parser: Parser, start: Span): StatementNode {
  const option = parser.peek(2);
  if (option.text !== 'maxseg') unmodelled(`setting "tcp option ${option.text}"`, option.at);
  for (let i = 0; i < 5; i++) parser.next();
  if (parser.accept('rt')) {
    parser.expect('mtu', 'mtu');
    return { kind: 'set-mss', value: 'pmtu', at: parser.since(start) };
  }
  return { kind: 'set-mss', value: parser.number().value, at: parser.since(start) };
}

const COMPARISONS: Record<string, '==' | '!=' | '<' | '>' | '<=' | '>='> = {
  '==': '==',
  eq: '==',
  '!=': '!=',
  ne: '!=',
  '<': '<',
  lt: '<',
  '>': '>',
  gt: '>',
  '<=': '<=',
  le: '<=',
  '>=': '>=',
  ge: '>=',
};

function match(parser: Parser, start: Span): StatementNode {
  checkHeader(parser);
  const left = parseConcat(parser);
  if (parser.accept('vmap')) {
    const map = parseVerdictMap(parser);
    return { kind: 'vmap', key: left, map, at: parser.since(start) };
  }
  if (parser.is('set') && left.kind === 'selector') {
    parser.next();
    if (parser.atEnd) parser.unexpected(EXPECTED.assigned);
    const value = parseList(parser);
    return { kind: 'set', target: left, value, at: parser.since(start) };
  }
  const operator = parser.token.kind === 'sign' || parser.token.kind === 'word' ? COMPARISONS[parser.token.text] : undefined;
  const sign = parser.token.at;
  const none = !operator && parser.is('!');
  if (operator || none) parser.next();
  if (parser.atEnd || parser.is('}'))
    parser.unexpected(left.kind === 'selector' && left.expression.kind === 'payload' ? EXPECTED.payload : EXPECTED.symbol);
  const named = parser.is('@');
  const right = parseList(parser);
  if (named && right.kind === 'concat') {
    const sign = parser.pointBehind(right.parts[0]?.at ?? right.at);
    reject(`syntax error, unexpected .\nexpected any of: ${EXPECTED.afterSet}`, sign);
  }
  const comparison = none ? 'none' : operator;
  return { kind: 'match', left, comparison, operator: comparison ? sign : undefined, right, at: join(left.at, right.at) };
}
