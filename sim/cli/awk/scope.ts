import { AwkSyntaxError, type Expression, type FunctionDefinition, type Program, type Statement } from './syntax.ts';
import { walkStatement } from './walk.ts';

/** What analysis finds out about a function. */
export interface FunctionScope {
  definition: FunctionDefinition;
  /** By parameter: whether the body uses it as an array. */
  arrays: boolean[];
  /** Whether running it may block, or take for ever: it is then a generator. */
  waits: boolean;
}

/** What is known about the names of a program before it is compiled. */
export interface Scope {
  functions: Map<string, FunctionScope>;
  globalArrays: Set<string>;
}

/** Finds which names are arrays and which functions may block. @throws AwkSyntaxError for calls of functions never defined */
export function analyse(program: Program): Scope {
  const scope: Scope = { functions: new Map(), globalArrays: new Set(['ENVIRON', 'ARGV']) };
  for (const definition of program.functions.values()) {
    scope.functions.set(definition.name, { definition, arrays: definition.parameters.map(() => false), waits: false });
  }
  const bodies: { statement: Statement; inside: FunctionScope | undefined }[] = [];
  for (const statement of [...program.begin, ...program.end]) bodies.push({ statement, inside: undefined });
  for (const { pattern, until, body } of program.rules) {
    for (const value of [pattern, until]) if (value) bodies.push({ statement: { kind: 'expression', value }, inside: undefined });
    if (body) bodies.push({ statement: body, inside: undefined });
  }
  for (const inside of scope.functions.values()) bodies.push({ statement: inside.definition.body, inside });
  // Passing a parameter on makes it an array if the callee's is one: repeat until nothing new is found.
  for (let changed = true; changed; ) {
    changed = false;
    const mark = (name: string, inside: FunctionScope | undefined) => {
      if (markArray(scope, name, inside)) changed = true;
    };
    for (const { statement, inside } of bodies) markUses(scope, statement, inside, mark);
  }
  markWaiting(scope);
  return scope;
}

function markArray(scope: Scope, name: string, inside: FunctionScope | undefined): boolean {
  const parameter = inside ? inside.definition.parameters.indexOf(name) : -1;
  if (inside && parameter >= 0) {
    if (inside.arrays[parameter]) return false;
    inside.arrays[parameter] = true;
    return true;
  }
  if (scope.globalArrays.has(name)) return false;
  scope.globalArrays.add(name);
  return true;
}

type Mark = (name: string, inside: FunctionScope | undefined) => void;

function markUses(scope: Scope, statement: Statement, inside: FunctionScope | undefined, mark: Mark): void {
  walkStatement(statement, {
    statement: (node) => {
      if (node.kind === 'for-in' || node.kind === 'delete') mark(node.array, inside);
    },
    expression: (node) => {
      if (node.kind === 'element' || node.kind === 'in') mark(node.array, inside);
      else if (node.kind === 'builtin' && node.name === 'split' && node.args[1]?.kind === 'name') mark(node.args[1].name, inside);
      else if (node.kind === 'call') {
        const callee = scope.functions.get(node.name);
        if (!callee) throw new AwkSyntaxError(`line ${node.line + 1}: function ${node.name} never defined`);
        node.args.forEach((arg, i) => {
          if (arg.kind === 'name' && callee.arrays[i]) mark(arg.name, inside);
        });
      }
    },
  });
}

/** A function waits when it contains a loop or a blocking operation, calls one that does, or may call itself. */
function markWaiting(scope: Scope): void {
  const calls = new Map<FunctionScope, Set<FunctionScope>>();
  for (const one of scope.functions.values()) {
    const callees = new Set<FunctionScope>();
    calls.set(one, callees);
    walkStatement(one.definition.body, {
      statement: (node) => {
        if (node.kind === 'while' || node.kind === 'do' || node.kind === 'for' || node.kind === 'for-in') one.waits = true;
      },
      expression: (node) => {
        if (isBlocking(node)) one.waits = true;
        const callee = node.kind === 'call' ? scope.functions.get(node.name) : undefined;
        if (callee) callees.add(callee);
      },
    });
  }
  for (const one of scope.functions.values()) if (reaches(calls, one, one)) one.waits = true;
  for (let changed = true; changed; ) {
    changed = false;
    for (const [one, callees] of calls) {
      if (one.waits || ![...callees].some((callee) => callee.waits)) continue;
      one.waits = true;
      changed = true;
    }
  }
}

function reaches(calls: Map<FunctionScope, Set<FunctionScope>>, from: FunctionScope, to: FunctionScope): boolean {
  const seen = new Set<FunctionScope>();
  const queue = [...(calls.get(from) ?? [])];
  for (let one = queue.pop(); one; one = queue.pop()) {
    if (one === to) return true;
    if (seen.has(one)) continue;
    seen.add(one);
    queue.push(...(calls.get(one) ?? []));
  }
  return false;
}

/** Operations that may wait: reading, running commands, closing and flushing. */
function isBlocking(node: Expression): boolean {
  return node.kind === 'getline' || (node.kind === 'builtin' && ['system', 'close', 'fflush'].includes(node.name));
}
