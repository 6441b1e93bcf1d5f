import type { SetFlag } from '../../kernel/netfilter/nftables/set.ts';
import { EXPECTED } from './expected.ts';
import type { Parser } from './parser.ts';
import { parseConcat, parseDuration, parseSet } from './parse-expression.ts';
import { parseStateful } from './parse-stateful.ts';
import { parseVariable } from './parse-expression.ts';
import { join, Rejected, type Span } from './source.ts';
import type { Name, Node, SetNode } from './syntax.ts';

const FLAGS: readonly string[] = ['constant', 'interval', 'dynamic', 'timeout'];

type Mutable = { -readonly [K in keyof SetNode]: SetNode[K] };

/** What stands between the braces of a set or map. */
export function parseSetBlock(parser: Parser, map: boolean): SetNode {
  const start = parser.expect('{', EXPECTED.block).at;
  const set: Mutable = {
    key: undefined,
    data: undefined,
    flags: new Set(),
    timeout: undefined,
    gcInterval: undefined,
    size: undefined,
    policy: undefined,
    autoMerge: false,
    comment: undefined,
    stateful: [],
    elements: undefined,
    at: start,
  };
  for (;;) {
    parser.skipSeparators();
    if (parser.is('}')) break;
    parser.recover(() => {
      takeSetLine(parser, set, map);
      if (!parser.is('}') && !parser.atSeparator) parser.unexpected(EXPECTED.separator);
    });
    if (parser.token.kind === 'end') parser.endOfFile(EXPECTED.setLine);
  }
  set.at = parser.since(start);
  parser.next();
  return set;
}

function takeSetLine(parser: Parser, set: Mutable, map: boolean): void {
  if (parser.accept('type')) {
    set.key = { types: typeNames(parser) };
    if (map) {
      if (!parser.is(':')) noData(parser, set.at);
      parser.next();
      set.data = { types: typeNames(parser) };
    }
  } else if (parser.accept('typeof')) {
    set.key = typeOf(parser);
    if (map) {
      if (!parser.is(':')) noData(parser, set.at);
      parser.next();
      set.data = parser.isOneOf('verdict', 'counter', 'quota', 'limit') ? { types: typeNames(parser) } : typeOf(parser);
    }
  } else if (parser.accept('flags')) {
    const flags = new Set(set.flags);
    do {
      const { token } = parser;
      if (!FLAGS.includes(token.text)) parser.unexpected(FLAGS.join(', '));
      parser.next();
      flags.add(token.text as SetFlag);
    } while (parser.accept(','));
    set.flags = flags;
  } else if (parser.accept('timeout')) set.timeout = parseDuration(parser);
  else if (parser.accept('gc-interval')) set.gcInterval = parseDuration(parser);
  else if (parser.accept('size')) set.size = parser.number().value;
  else if (parser.accept('auto-merge')) set.autoMerge = true;
  else if (parser.accept('comment')) set.comment = parser.string();
  else if (parser.accept('policy')) {
    if (!parser.isOneOf('performance', 'memory')) parser.unexpected('performance, memory');
    set.policy = parser.next().text as 'performance' | 'memory';
  } else if (parser.accept('elements')) {
    parser.expect('=', '=');
    parser.skipNewlines();
    const node = parser.is('$') ? parseVariable(parser) : parseSet(parser);
    if (node.kind !== 'set') parser.unexpected(EXPECTED.block);
    set.elements = node.elements;
  } else {
    const state = parseStateful(parser);
    if (!state) parser.unexpected(EXPECTED.setLine);
    set.stateful = [...set.stateful, state];
  }
}

/** A map must say what its values are. */
function noData(parser: Parser, start: Span): never {
  const { at } = parser.token;
  const message = `syntax error, unexpected ${parser.tokenName}\nexpected any of: ${EXPECTED.mapData}`;
  throw new Rejected([
    { message, at },
    { message: 'set definition does not specify key', at: join(start, at) },
  ]);
}

function typeNames(parser: Parser): Name[] {
  const names: Name[] = [];
  do {
    const { token } = parser;
    if (token.kind !== 'word') parser.unexpected('<string>');
    parser.next();
    names.push({ text: token.text, at: token.at });
  } while (parser.accept('.'));
  return names;
}

function typeOf(parser: Parser): { nodes: readonly Node[]; text: string } {
  const node = parseConcat(parser);
  const { source, start, end } = node.at;
  return { nodes: node.kind === 'concat' ? node.parts : [node], text: source.text.slice(start, end).replace(/\s+/g, ' ') };
}
