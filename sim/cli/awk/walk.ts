import type { Expression, Statement } from './syntax.ts';

/** What is called for every node of a tree, parents first. */
export interface Visitor {
  statement(node: Statement): void;
  expression(node: Expression): void;
}

export function walkStatement(node: Statement, visitor: Visitor): void {
  visitor.statement(node);
  const statement = (child: Statement | undefined) => child && walkStatement(child, visitor);
  const expression = (child: Expression | undefined) => child && walkExpression(child, visitor);
  switch (node.kind) {
    case 'block':
      return node.body.forEach(statement);
    case 'expression':
      return expression(node.value);
    case 'print':
    case 'printf':
      node.args.forEach(expression);
      return expression(node.to?.target);
    case 'if':
      expression(node.test);
      statement(node.yes);
      return statement(node.no);
    case 'while':
    case 'do':
      expression(node.test);
      return statement(node.body);
    case 'for':
      statement(node.start);
      expression(node.test);
      statement(node.step);
      return statement(node.body);
    case 'for-in':
      expression(node.variable);
      return statement(node.body);
    case 'delete':
      return node.subscripts?.forEach(expression);
    case 'exit':
    case 'return':
      return expression(node.value);
  }
}

export function walkExpression(node: Expression, visitor: Visitor): void {
  visitor.expression(node);
  for (const child of childrenOf(node)) walkExpression(child, visitor);
}

function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'element':
    case 'in':
      return node.subscripts;
    case 'field':
      return [node.index];
    case 'assign':
      return [node.target, node.value];
    case 'step':
      return [node.target];
    case 'binary':
    case 'compare':
    case 'match':
    case 'and':
    case 'or':
      return [node.left, node.right];
    case 'concat':
      return node.parts;
    case 'not':
    case 'minus':
    case 'plus':
      return [node.operand];
    case 'conditional':
      return [node.test, node.yes, node.no];
    case 'group':
      return node.members;
    case 'builtin':
    case 'call':
      return node.args;
    case 'getline':
      return [node.from, node.target].filter((child) => child !== undefined);
    default:
      return [];
  }
}
