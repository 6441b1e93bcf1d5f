import { durationOf } from './datatype.ts';
import { EXPECTED } from './expected.ts';
import type { Parser } from './parser.ts';
import { checkHeader, parseSelector } from './parse-selector.ts';
import { parseStateful } from './parse-stateful.ts';
import { join, reject } from './source.ts';
import type { ElementNode, Name, Node, VerdictNode } from './syntax.ts';

const VERDICTS: ReadonlySet<string> = new Set(['accept', 'drop', 'continue', 'return', 'jump', 'goto']);

/** `accept`, `jump CHAIN` and so on; `undefined` when there is none. */
export function parseVerdict(parser: Parser): VerdictNode | undefined {
  const { token } = parser;
  if (token.kind !== 'word' || !VERDICTS.has(token.text)) return undefined;
  parser.next();
  const kind = token.text as VerdictNode['kind'];
  if (kind !== 'jump' && kind !== 'goto') return { kind, chain: undefined, at: token.at };
  const chain = parser.is('$') ? variableName(parser) : parser.name(EXPECTED.chain);
  return { kind, chain, at: join(token.at, chain.at) };
}

/** A variable that stands for a name. */
function variableName(parser: Parser): Name {
  const node = parseVariable(parser);
  return node.kind === 'word' ? { text: node.text, at: node.at } : parser.unexpected(EXPECTED.name);
}

export function parseVariable(parser: Parser): Node {
  parser.next();
  const name = parser.name('<string>');
  const value = parser.variables.get(name.text);
  return value ? { ...value, at: name.at } : reject(`unknown identifier '${name.text}'`, name.at);
}

/** One value, without operators. */
function primary(parser: Parser): Node {
  const { token } = parser;
  const found = parseSelector(parser);
  if (found) return found;
  if (parser.is('$')) return parseVariable(parser);
  if (parser.is('@')) {
    parser.next();
    const name = parser.name(EXPECTED.name);
    return { kind: 'named', name, at: join(token.at, name.at) };
  }
  if (parser.is('(')) {
    parser.next();
    const inside = parseList(parser);
    parser.expect(')', "')'");
    return { ...inside, at: parser.since(token.at) };
  }
  if (parser.is('{')) return parseSet(parser);
  if (token.kind === 'number' || token.kind === 'word' || token.kind === 'quoted') {
    parser.next();
    return { kind: 'word', text: token.text, quoted: token.kind === 'quoted', at: token.at };
  }
  if (token.kind === 'wildcard') {
    parser.next();
    return { kind: 'wildcard', text: token.text, at: token.at };
  }
  return parser.unexpected(EXPECTED.payload);
}

/** Words that are keywords and no expressions. */
const NEVER_ALONE: ReadonlySet<string> = new Set(['ecn']);

/** What `describe` asks about: one expression without operators. */
export function parseDescribed(parser: Parser): Node {
  const { token } = parser;
  checkHeader(parser);
  if (parser.atEnd || parser.is('{') || (token.kind === 'word' && NEVER_ALONE.has(token.text))) parser.unexpected(EXPECTED.primary);
  return primary(parser);
}

/** `ADDRESS/LENGTH`, `FROM-TO`. */
function spanned(parser: Parser): Node {
  const base = primary(parser);
  if (parser.is('/') && parser.peek().kind === 'number') {
    parser.next();
    const length = parser.number();
    return { kind: 'prefix', base, length: length.value, at: join(base.at, length.at) };
  }
  if (!parser.is('-')) return base;
  parser.next();
  const to = primary(parser);
  return { kind: 'range', from: base, to, at: join(base.at, to.at) };
}

const OPERATORS: Record<string, '&' | '|' | '^' | '<<' | '>>'> = {
  '&': '&',
  and: '&',
  '|': '|',
  or: '|',
  '^': '^',
  xor: '^',
  '<<': '<<',
  '>>': '>>',
};

/** From the loosest binding to the closest. */
const LEVELS: readonly (readonly string[])[] = [
  ['|', 'or'],
  ['^', 'xor'],
  ['&', 'and'],
  ['<<', '>>'],
];

function binary(parser: Parser, level = 0): Node {
  const words = LEVELS[level];
  if (!words) return spanned(parser);
  let left = binary(parser, level + 1);
  while (parser.isOneOf(...words)) {
    const operator = OPERATORS[parser.next().text] as '&';
    const right = binary(parser, level + 1);
    left = { kind: 'binary', operator, left, right, at: join(left.at, right.at) };
  }
  return left;
}

/** `A . B . C`, with `map` behind if there is one. */
export function parseConcat(parser: Parser): Node {
  const first = binary(parser);
  const parts = [first];
  while (parser.accept('.')) parts.push(binary(parser));
  const key: Node = parts.length === 1 ? first : { kind: 'concat', parts, at: parser.since(first.at) };
  if (!parser.accept('map')) return key;
  const map = parseSetOrName(parser);
  return { kind: 'map', key, map, at: join(key.at, map.at) };
}

export function parseSetOrName(parser: Parser): Node {
  if (parser.isOneOf('{', '@', '$')) return primary(parser);
  return parser.unexpected("@, '{', '$'");
}

/** `A,B,C`, and `VALUES / MASK` of flags. */
export function parseList(parser: Parser): Node {
  const first = parseConcat(parser);
  const items = [first];
  while (parser.is(',')) {
    parser.next();
    items.push(parseConcat(parser));
  }
  const value: Node = items.length === 1 ? first : { kind: 'list', items, at: parser.since(first.at) };
  if (!parser.accept('/')) return value;
  const mask = parseList(parser);
  return { kind: 'masked', value, mask, at: join(value.at, mask.at) };
}

/** `{ KEY : VERDICT, … }` behind `vmap`: a verdict for every key. */
export function parseVerdictMap(parser: Parser): Node {
  if (!parser.is('{')) return parseSetOrName(parser);
  return parseSet(parser, true);
}

/** `{ KEY, KEY : DATA, … }`; with `verdicts` every element must have one. */
export function parseSet(parser: Parser, verdicts = false): Node & { kind: 'set' } {
  const start = parser.next().at;
  const elements: ElementNode[] = [];
  parser.skipNewlines();
  while (!parser.is('}')) {
    const element = parseElement(parser, verdicts);
    if (verdicts && !element.verdict && !element.data) parser.unexpected(EXPECTED.verdictKey);
    elements.push(element);
    parser.skipNewlines();
    if (!parser.accept(',')) break;
    parser.skipNewlines();
  }
  if (parser.token.kind === 'end') parser.endOfFile("comma, '}'");
  if (!parser.is('}')) parser.unexpected(EXPECTED.element);
  parser.next();
  return { kind: 'set', elements, at: parser.since(start) };
}

function parseElement(parser: Parser, verdicts: boolean): ElementNode {
  const start = parser.token.at;
  const key = parser.accept('*') ? undefined : parseConcat(parser);
  const element: { -readonly [K in keyof ElementNode]: ElementNode[K] } = {
    key,
    verdict: undefined,
    data: undefined,
    timeout: undefined,
    expires: undefined,
    comment: undefined,
    stateful: [],
    at: parser.since(start),
  };
  takeOptions(parser, element);
  parser.skipNewlines();
  if (parser.accept(':')) {
    parser.skipNewlines();
    element.verdict = parseVerdict(parser);
    if (!element.verdict && verdicts) parser.unexpected(EXPECTED.verdict);
    if (!element.verdict) element.data = parseConcat(parser);
    takeOptions(parser, element);
  }
  return element;
}

type Options = Pick<{ -readonly [K in keyof ElementNode]: ElementNode[K] }, 'timeout' | 'expires' | 'comment' | 'stateful'>;

function takeOptions(parser: Parser, options: Options): void {
  for (;;) {
    if (parser.accept('timeout')) options.timeout = parseDuration(parser);
    else if (parser.accept('expires')) options.expires = parseDuration(parser);
    else if (parser.accept('comment')) options.comment = parser.string();
    else {
      const state = parseStateful(parser);
      if (!state) return;
      options.stateful = [...options.stateful, state];
    }
  }
}

/** A duration in milliseconds. */
export function parseDuration(parser: Parser): number {
  const { token } = parser;
  if (token.kind !== 'word' && token.kind !== 'number' && token.kind !== 'quoted') return parser.unexpected('<number>, <string>');
  const value = durationOf(token.text) ?? reject('wrong time format', token.at);
  parser.next();
  return value;
}
