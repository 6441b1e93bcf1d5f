import { parseRelation } from './parse-arithmetic.ts';
import {
  type Direction,
  type Expression,
  type FilterError,
  type Id,
  type IdType,
  PROTOCOL_KEYWORDS,
  type ProtocolKeyword,
  type Qualifiers,
  SYNTAX_ERROR,
} from './syntax.ts';
import { TokenReader } from './token-reader.ts';
import { tokenise } from './lexer.ts';

/**
 * Parses a filter expression as libpcap's grammar does: `and` and `or` bind alike and to the left, `not` binds closest, and an id without
 * qualifiers has those of the primitive before it (`port 80 or 443`). An empty expression is `undefined`: everything.
 */
export function parseFilter(text: string): Expression | undefined | FilterError {
  const tokens = tokenise(text);
  if (tokens.length === 0) return undefined;
  const reader = new TokenReader(tokens);
  const parsed = parseExpression(reader);
  if (parsed && reader.atEnd) return parsed.expression;
  return reader.lexicalError ?? SYNTAX_ERROR;
}

/** An expression, and the qualifiers that an id after it has. */
interface Parsed {
  expression: Expression;
  qualifiers: Qualifiers | undefined;
}

function parseExpression(reader: TokenReader): Parsed | undefined {
  let left = parseOperand(reader, undefined, false);
  while (left) {
    const operator = reader.symbol('&&') ? 'and' : reader.symbol('||') ? 'or' : undefined;
    if (!operator) return left;
    const right = parseOperand(reader, left.qualifiers, true);
    if (!right) return undefined;
    left = { expression: { kind: operator, left: left.expression, right: right.expression }, qualifiers: right.qualifiers };
  }
  return undefined;
}

/** A term, or where one stands before it, an id that borrows its qualifiers. */
function parseOperand(reader: TokenReader, inherited: Qualifiers | undefined, ids: boolean): Parsed | undefined {
  const start = reader.position;
  const term = parseTerm(reader);
  if (term) return term;
  reader.position = start;
  return ids ? parseId(reader, inherited) : undefined;
}

function parseTerm(reader: TokenReader): Parsed | undefined {
  const start = reader.position;
  const relation = parseRelation(reader);
  if (relation) return { expression: relation, qualifiers: undefined };
  reader.position = start;
  if (reader.symbol('!')) {
    const of = parseTerm(reader);
    return of && { expression: { kind: 'not', of: of.expression }, qualifiers: of.qualifiers };
  }
  if (reader.symbol('(')) {
    const inner = parseExpression(reader);
    return inner && reader.symbol(')') ? { expression: inner.expression, qualifiers: undefined } : undefined;
  }
  const other = parseOther(reader);
  if (other) return { expression: other, qualifiers: undefined };
  reader.position = start;
  return parsePrimitive(reader);
}

/** Primitives that are keywords with a number at most. */
function parseOther(reader: TokenReader): Expression | undefined {
  const keyword = reader.keyword();
  switch (keyword) {
    case 'less':
    case 'greater': {
      const length = reader.number();
      return length === undefined ? undefined : { kind: keyword, length };
    }
    case 'byte': {
      const at = reader.number();
      const operator = (['&', '|', '<', '>', '='] as const).find((symbol) => reader.symbol(symbol));
      const value = reader.number();
      return at === undefined || !operator || value === undefined ? undefined : { kind: 'byte', at, operator, value };
    }
    case 'inbound':
    case 'outbound':
      return { kind: keyword };
    case 'ifindex': {
      const value = reader.number();
      return value === undefined ? undefined : { kind: 'ifindex', value };
    }
    case 'vlan': {
      const tag = reader.number();
      return tag === undefined ? { kind: 'vlan' } : { kind: 'vlan', tag };
    }
    case 'mpls':
    case 'pppoes':
    case 'geneve':
    case 'vxlan':
      reader.number();
      return { kind: 'keyword', keyword };
    case 'pppoed':
      return { kind: 'keyword', keyword };
    case 'llc':
    case 'ifname':
    case 'ruleset':
    case 'rulenum':
    case 'subrulenum':
    case 'reason':
    case 'action':
    case 'type':
    case 'subtype':
    case 'direction':
      reader.operand();
      return { kind: 'keyword', keyword };
    case 'broadcast':
    case 'multicast':
      return { kind: keyword };
  }
  if (!isProtocol(keyword)) return undefined;
  const next = reader.keyword();
  return next === 'broadcast' || next === 'multicast' ? { kind: next, protocol: keyword } : undefined;
}

function isProtocol(keyword: string | undefined): keyword is ProtocolKeyword {
  return (PROTOCOL_KEYWORDS as readonly (string | undefined)[]).includes(keyword);
}

/** `tcp`, or qualifiers and an id. */
function parsePrimitive(reader: TokenReader): Parsed | undefined {
  const start = reader.position;
  const qualifiers: Qualifiers = {};
  const protocol = reader.keyword();
  if (isProtocol(protocol)) qualifiers.protocol = protocol;
  else reader.position = start;
  const direction = parseDirection(reader);
  if (direction) qualifiers.direction = direction;
  const type = parseType(reader, direction !== undefined);
  if (type) qualifiers.type = type;
  if (direction || type) return parseId(reader, qualifiers);
  if (!qualifiers.protocol) return undefined;
  return { expression: { kind: 'protocol', protocol: qualifiers.protocol }, qualifiers: undefined };
}

function parseDirection(reader: TokenReader): Direction | undefined {
  const start = reader.position;
  const first = reader.keyword();
  if (first !== 'src' && first !== 'dst') {
    reader.position = start;
    return undefined;
  }
  const after = reader.position;
  const joined = reader.symbol('||') ? 'or' : reader.symbol('&&') ? 'and' : undefined;
  if (joined && reader.keyword() === (first === 'src' ? 'dst' : 'src')) return joined;
  reader.position = after;
  return first;
}

/** Not every type goes with a direction. */
function parseType(reader: TokenReader, directed: boolean): IdType | undefined {
  const start = reader.position;
  const keyword = reader.keyword();
  if (keyword === 'host' || keyword === 'net' || keyword === 'port' || keyword === 'portrange') return keyword;
  if (!directed && (keyword === 'proto' || keyword === 'protochain' || keyword === 'gateway')) return keyword;
  reader.position = start;
  return undefined;
}

/** An id, `not` one, or several in parentheses that all have the qualifiers. */
function parseId(reader: TokenReader, qualifiers: Qualifiers | undefined): Parsed | undefined {
  if (reader.symbol('!')) {
    const of = parseId(reader, qualifiers);
    return of && { expression: { kind: 'not', of: of.expression }, qualifiers };
  }
  if (reader.symbol('(')) {
    let left = parseId(reader, qualifiers);
    while (left && !reader.symbol(')')) {
      const operator = reader.symbol('&&') ? 'and' : reader.symbol('||') ? 'or' : undefined;
      const right = operator && parseId(reader, qualifiers);
      if (!operator || !right) return undefined;
      left = { expression: { kind: operator, left: left.expression, right: right.expression }, qualifiers };
    }
    return left;
  }
  const id = parseSingleId(reader);
  if (!id) return undefined;
  return { expression: qualifiers ? { kind: 'id', qualifiers, id } : { kind: 'bare', id }, qualifiers };
}

function parseSingleId(reader: TokenReader): Id | undefined {
  const token = reader.operand();
  switch (token?.kind) {
    case 'number':
      return token;
    case 'name':
    case 'mac':
      return token;
    case 'ipv4': {
      if (reader.symbol('/')) {
        const length = reader.number();
        return length === undefined ? undefined : { kind: 'ipv4-prefix', text: token.text, length };
      }
      const start = reader.position;
      if (reader.keyword() === 'mask') {
        const mask = reader.operand();
        return mask?.kind === 'ipv4' ? { kind: 'ipv4-mask', text: token.text, mask: mask.text } : undefined;
      }
      reader.position = start;
      return { kind: 'ipv4', text: token.text };
    }
    case 'ipv6': {
      if (!reader.symbol('/')) return { kind: 'ipv6', text: token.text };
      const length = reader.number();
      return length === undefined ? undefined : { kind: 'ipv6-prefix', text: token.text, length };
    }
  }
  return undefined;
}
