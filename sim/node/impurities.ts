import ts from 'typescript';

/** A use of something whose result depends on where or when the program runs. */
export interface Impurity {
  line: number;
  what: string;
  remedy: string;
}

const GLOBALS: Record<string, string> = {
  Date: 'the clock is EventQueue.now; sim/base/time.ts has the date of time zero',
  Intl: 'results depend on the machine’s language data',
  WeakRef: 'when memory is freed differs from run to run',
  FinalizationRegistry: 'when memory is freed differs from run to run',
};

const MEMBERS: Record<string, string> = {
  localeCompare: 'compare with < and >',
  toLocaleString: 'write the format out',
  toLocaleDateString: 'write the format out',
  toLocaleTimeString: 'write the format out',
  toLocaleLowerCase: 'use toLowerCase',
  toLocaleUpperCase: 'use toUpperCase',
};

const NO_PROMISES = 'processes are generators: promise order must not shape a result';

/**
 * Finds what the compiler can't forbid, since it is part of the language's own library: the clock, randomness, results that
 * depend on the locale, promises.
 */
export function impurities(source: ts.SourceFile): Impurity[] {
  const found: Impurity[] = [];
  const report = (node: ts.Node, what: string, remedy: string): void => {
    found.push({ line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, what, remedy });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const member = node.name.text;
      if (Object.hasOwn(MEMBERS, member)) report(node.name, member, MEMBERS[member] as string);
      if (member === 'random' && node.expression.getText(source) === 'Math') report(node, 'Math.random', 'draw from sim/base/random.ts');
    }
    if (ts.isIdentifier(node) && isGlobalUse(node)) {
      if (Object.hasOwn(GLOBALS, node.text)) report(node, node.text, GLOBALS[node.text] as string);
      if (node.text === 'Promise') report(node, 'Promise', NO_PROMISES);
    }
    if (ts.isAwaitExpression(node)) report(node, 'await', NO_PROMISES);
    if (node.kind === ts.SyntaxKind.AsyncKeyword) report(node, 'async', NO_PROMISES);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether an identifier is read as a value: neither the name of a member or declaration, nor a type. */
function isGlobalUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return false;
  return (parent as { name?: ts.Node }).name !== node;
}
