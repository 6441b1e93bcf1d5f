import { functionKey } from './environment.ts';
import { isBuiltin } from './machine.ts';
import { CompileError, type Definition, type Node, type Pattern } from './syntax.ts';

/** The names in scope: variables as `$x`, functions as `f/1`, labels as `*x`. */
type Names = ReadonlySet<string>;

/**
 * Finds names that mean nothing.
 *
 * @param variables those that the command line gives
 * @returns one error for each place, in the order of the program
 */
export function checkNames(program: Node, variables: Iterable<string>): { errors: CompileError[]; defined: Set<string> } {
  const checker = new Checker();
  checker.node(program, new Set([...variables, '$ENV', '$__loc__'].map((name) => (name.startsWith('$') ? name : `$${name}`))));
  checker.errors.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  return checker;
}

class Checker {
  readonly errors: CompileError[] = [];
  /** Functions that the program defines. */
  readonly defined = new Set<string>();

  node(node: Node, names: Names): void {
    switch (node.kind) {
      case 'variable':
        if (!names.has(`$${node.name}`)) this.errors.push(new CompileError(`$${node.name} is not defined`, node.span));
        return;
      case 'break':
        if (!names.has(`*${node.name}`)) this.errors.push(new CompileError(`$*label-${node.name} is not defined`, node.span));
        return;
      case 'call': {
        const key = functionKey(node.name, node.args.length);
        if ((!names.has(key) && !isBuiltin(key)) || (node.name.startsWith('_') && !names.has(key))) {
          const span = { start: node.span.start, end: node.span.start + node.name.length };
          this.errors.push(new CompileError(`${key} is not defined`, span));
        }
        for (const arg of node.args) this.node(arg, names);
        return;
      }
      case 'define':
        this.node(node.body, this.#definition(node.definition, names));
        return;
      case 'label':
        this.node(node.body, new Set([...names, `*${node.name}`]));
        return;
      case 'as':
        this.node(node.source, names);
        this.node(node.body, this.#patterns(node.patterns, names));
        return;
      case 'reduce':
      case 'foreach': {
        this.node(node.source, names);
        this.node(node.start, names);
        const inner = this.#patterns(node.patterns, names);
        this.node(node.update, inner);
        if (node.kind === 'foreach' && node.extract) this.node(node.extract, inner);
        return;
      }
      default:
        for (const child of childrenOf(node)) this.node(child, names);
    }
  }

  #definition(definition: Definition, names: Names): Names {
    const key = functionKey(definition.name, definition.parameters.length);
    this.defined.add(key);
    const outer = new Set([...names, key]);
    const inner = new Set(outer);
    for (const parameter of definition.parameters) {
      inner.add(functionKey(parameter.replace('$', ''), 0));
      this.defined.add(functionKey(parameter.replace('$', ''), 0));
      if (parameter.startsWith('$')) inner.add(parameter);
    }
    this.node(definition.body, inner);
    return outer;
  }

  #patterns(patterns: readonly Pattern[], names: Names): Names {
    const inner = new Set(names);
    for (const pattern of patterns) this.#pattern(pattern, inner);
    return inner;
  }

  #pattern(pattern: Pattern, names: Set<string>): void {
    if (pattern.kind === 'variable') names.add(`$${pattern.name}`);
    else if (pattern.kind === 'array') for (const member of pattern.members) this.#pattern(member, names);
    else
      for (const { key, name, pattern: inner } of pattern.members) {
        this.node(key, names);
        if (name) names.add(`$${name}`);
        if (inner) this.#pattern(inner, names);
      }
  }
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'string':
      return node.parts.filter((part) => typeof part !== 'string');
    case 'index':
      return [node.target, node.key];
    case 'slice':
      return [node.target, ...(node.from ? [node.from] : []), ...(node.to ? [node.to] : [])];
    case 'iterate':
      return [node.target];
    case 'try':
      return node.handler ? [node.body, node.handler] : [node.body];
    case 'pipe':
    case 'comma':
    case 'and':
    case 'or':
    case 'alternative':
    case 'arithmetic':
    case 'compare':
    case 'assign':
      return [node.left, node.right];
    case 'negate':
      return [node.operand];
    case 'if':
      return node.no ? [node.test, node.yes, node.no] : [node.test, node.yes];
    case 'array':
      return node.body ? [node.body] : [];
    case 'object':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    default:
      return [];
  }
}
