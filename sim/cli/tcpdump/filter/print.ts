import { isKeyword } from './lexer.ts';
import type { Arithmetic, Expression, Id, Qualifiers } from './syntax.ts';

/** A name that needs no backslash; others are as the user wrote them behind one. */
const PLAIN = /^[A-Za-z](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?$/;

/** Writes an expression so that parsing it gives the same again: every id with its qualifiers, everything in parentheses. */
export function printFilter(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `(${printFilter(expression.left)}) ${expression.kind} (${printFilter(expression.right)})`;
    case 'not':
      return `not (${printFilter(expression.of)})`;
    case 'id':
      return `${qualifierText(expression.qualifiers)}${idText(expression.id)}`;
    case 'bare':
      return idText(expression.id);
    case 'protocol':
      return expression.protocol;
    case 'relation':
      return `${printArithmetic(expression.left)} ${expression.operator} ${printArithmetic(expression.right)}`;
    case 'broadcast':
    case 'multicast':
      return `${expression.protocol ? `${expression.protocol} ` : ''}${expression.kind}`;
    case 'less':
    case 'greater':
      return `${expression.kind} ${expression.length}`;
    case 'byte':
      return `byte ${expression.at} ${expression.operator} ${expression.value}`;
    case 'inbound':
    case 'outbound':
      return expression.kind;
    case 'ifindex':
      return `ifindex ${expression.value}`;
    case 'vlan':
      return expression.tag === undefined ? 'vlan' : `vlan ${expression.tag}`;
    case 'keyword':
      return expression.keyword;
  }
}

function qualifierText({ protocol, direction, type }: Qualifiers): string {
  const directions = { src: 'src', dst: 'dst', or: 'src or dst', and: 'src and dst' } as const;
  const words = [protocol, direction && directions[direction], type].filter((word) => word !== undefined);
  return words.map((word) => `${word} `).join('');
}

function idText(id: Id): string {
  switch (id.kind) {
    case 'number':
      return String(id.value);
    case 'name':
      return isKeyword(id.text) || !PLAIN.test(id.text) ? `\\${id.text}` : id.text;
    case 'ipv4-prefix':
    case 'ipv6-prefix':
      return `${id.text}/${id.length}`;
    case 'ipv4-mask':
      return `${id.text} mask ${id.mask}`;
    default:
      return id.text;
  }
}

function printArithmetic(arithmetic: Arithmetic): string {
  switch (arithmetic.kind) {
    case 'constant':
      return String(arithmetic.value);
    case 'length':
      return 'len';
    case 'negative':
      return `-(${printArithmetic(arithmetic.of)})`;
    case 'binary':
      return `(${printArithmetic(arithmetic.left)} ${arithmetic.operator} ${printArithmetic(arithmetic.right)})`;
    case 'load':
      return `${arithmetic.protocol}[${printArithmetic(arithmetic.at)}:${arithmetic.size}]`;
  }
}
