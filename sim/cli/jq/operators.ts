import type { ArithmeticOperator, ComparisonOperator, Node } from './syntax.ts';

/** Binary operators from the loosest to the tightest, below `|` and `,`. */
export const LEVELS: readonly { operators: readonly string[]; grouping: 'left' | 'right' | 'none' }[] = [
  { operators: ['//'], grouping: 'right' },
  { operators: ['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='], grouping: 'none' },
  { operators: ['or'], grouping: 'left' },
  { operators: ['and'], grouping: 'left' },
  { operators: ['==', '!=', '<', '<=', '>', '>='], grouping: 'none' },
  { operators: ['+', '-'], grouping: 'left' },
  { operators: ['*', '/', '%'], grouping: 'left' },
];

/** The node that a binary operator makes. */
export function operation(operator: string, left: Node, right: Node): Node {
  switch (operator) {
    case '//':
      return { kind: 'alternative', left, right };
    case 'or':
    case 'and':
      return { kind: operator, left, right };
    case '=':
    case '|=':
    case '//=':
      return { kind: 'assign', operator, left, right };
    case '+=':
    case '-=':
    case '*=':
    case '/=':
    case '%=':
      return { kind: 'assign', operator: operator[0] as ArithmeticOperator, left, right };
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return { kind: 'arithmetic', operator, left, right };
    default:
      return { kind: 'compare', operator: operator as ComparisonOperator, left, right };
  }
}
