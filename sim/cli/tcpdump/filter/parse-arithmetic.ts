import {
  type Arithmetic,
  type ArithmeticOperator,
  type Expression,
  PROTOCOL_KEYWORDS,
  type ProtocolKeyword,
  type Relation,
} from './syntax.ts';
import type { TokenReader } from './token-reader.ts';

const RELATIONS: readonly Relation[] = ['=', '!=', '<=', '>=', '<', '>'];

/** From the loosest to the closest binding. */
const LEVELS: readonly (readonly ArithmeticOperator[])[] = [['|', '^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];

/** `tcp[13] & 2 != 0`; `undefined` when no comparison stands here. */
export function parseRelation(reader: TokenReader): Expression | undefined {
  const left = parseLevel(reader, 0);
  const operator = left && RELATIONS.find((symbol) => reader.symbol(symbol));
  const right = operator && parseLevel(reader, 0);
  return left && operator && right ? { kind: 'relation', operator, left, right } : undefined;
}

function parseLevel(reader: TokenReader, level: number): Arithmetic | undefined {
  const operators = LEVELS[level];
  if (!operators) return parseFactor(reader);
  let left = parseLevel(reader, level + 1);
  while (left) {
    const operator = operators.find((symbol) => reader.symbol(symbol));
    if (!operator) return left;
    const right = parseLevel(reader, level + 1);
    left = right && { kind: 'binary', operator, left, right };
  }
  return undefined;
}

function parseFactor(reader: TokenReader): Arithmetic | undefined {
  if (reader.symbol('-')) {
    const of = parseFactor(reader);
    return of && { kind: 'negative', of };
  }
  const start = reader.position;
  if (reader.symbol('(')) {
    const inner = parseLevel(reader, 0);
    if (inner && reader.symbol(')')) return inner;
    reader.position = start;
    return undefined;
  }
  const value = reader.number();
  if (value !== undefined) return { kind: 'constant', value };
  const keyword = reader.keyword();
  if (keyword === 'len') return { kind: 'length' };
  const protocol = PROTOCOL_KEYWORDS.find((name) => name === keyword);
  return protocol && parseLoad(reader, protocol);
}

/** `[offset]` or `[offset:size]`. */
function parseLoad(reader: TokenReader, protocol: ProtocolKeyword): Arithmetic | undefined {
  const at = reader.symbol('[') ? parseLevel(reader, 0) : undefined;
  if (!at) return undefined;
  const size = reader.symbol(':') ? reader.number() : 1;
  return size !== undefined && reader.symbol(']') ? { kind: 'load', protocol, at, size } : undefined;
}
