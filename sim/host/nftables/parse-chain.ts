import { EXPECTED } from './expected.ts';
import type { Parser } from './parser.ts';
import { parseVariable } from './parse-expression.ts';
import { join, type Span } from './source.ts';
import type { ChainNode } from './syntax.ts';

export const NO_CHAIN: ChainNode = {
  type: undefined,
  hook: undefined,
  priority: undefined,
  device: undefined,
  policy: undefined,
  comment: undefined,
  at: undefined,
};

type Mutable = { -readonly [K in keyof ChainNode]: ChainNode[K] };

/** One of a chain's own lines: `type … hook … priority …`, `policy …`, `comment …`. Returns false for anything else, which is a rule. */
export function takeChainLine(parser: Parser, chain: Mutable): boolean {
  const start = parser.token.at;
  if (parser.is('type')) {
    takeHook(parser, chain);
    chain.at = parser.since(start);
    return true;
  }
  if (parser.accept('policy')) {
    const node = parser.is('$') ? parseVariable(parser) : undefined;
    const text = node?.kind === 'word' ? node.text : parser.token.text;
    if (text !== 'accept' && text !== 'drop') parser.unexpected(EXPECTED.policy);
    const at = node ? node.at : parser.next().at;
    chain.policy = { text, at: join(start, at) };
    return true;
  }
  if (parser.is('comment')) {
    parser.next();
    chain.comment = parser.string();
    return true;
  }
  return false;
}

function takeHook(parser: Parser, chain: Mutable): void {
  parser.next();
  const { token } = parser;
  if (token.text !== 'filter' && token.text !== 'nat' && token.text !== 'route') parser.unexpected(EXPECTED.chainType);
  parser.next();
  chain.type = { text: token.text, at: token.at };
  parser.expect('hook', 'hook');
  chain.hook = parser.name('<string>');
  if (parser.accept('device')) chain.device = parser.name('<string>');
  if (!parser.is('priority')) parser.unexpected(EXPECTED.priority);
  const start = parser.next().at;
  chain.priority = takePriority(parser, start);
}

/** `N`, `-N`, `NAME`, `NAME + N`. */
function takePriority(parser: Parser, start: Span): ChainNode['priority'] {
  if (parser.is('$')) {
    const node = parseVariable(parser);
    if (node.kind === 'word')
      return /^-?\d+$/.test(node.text)
        ? { name: undefined, value: Number(node.text), at: node.at }
        : { name: node.text, value: 0, at: node.at };
  }
  if (parser.is('-') || parser.token.kind === 'number') {
    const sign = parser.accept('-') ? -1 : 1;
    const { value } = parser.number();
    return { name: undefined, value: value === 0 ? 0 : sign * value, at: parser.since(start) };
  }
  const { token } = parser;
  if (token.kind !== 'word') parser.unexpected("<number>, <string>, <quoted string>, -, '$'");
  parser.next();
  // `dstnat-10` is one word to the scanner.
  const glued = /^(\w+)-(\d+)$/.exec(token.text);
  if (glued) return { name: glued[1] as string, value: -Number(glued[2]), at: parser.since(start) };
  if (!parser.isOneOf('+', '-')) return { name: token.text, value: 0, at: parser.since(start) };
  const sign = parser.next().text === '+' ? 1 : -1;
  const { value } = parser.number();
  return { name: token.text, value: sign * value, at: parser.since(start) };
}
