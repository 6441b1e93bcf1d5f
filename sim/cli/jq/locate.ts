import { Break, fail, JqError, shortened } from './error.ts';
import { type Environment, findFunction, functionKey } from './environment.ts';
import { evaluate } from './evaluate.ts';
import { define, enterFunction } from './function.ts';
import { jsonText } from './json-text.ts';
import type { Machine } from './machine.ts';
import { index, slice } from './operations.ts';
import { bindPatterns } from './pattern.ts';
import { FOR_TIME, type Located, type PathStream, Wait } from './stream.ts';
import type { Node } from './syntax.ts';
import { isArray, isNumber, truthy, type Value } from './value.ts';

/**
 * The results of a path expression, each with the path that leads to it. What is no path (a literal, a computed value) may
 * stand in one only as long as nothing is looked up in it.
 */
export function* locate(machine: Machine, node: Node, environment: Environment | undefined, at: Located): PathStream {
  switch (node.kind) {
    case 'identity':
      yield at;
      return;
    case 'index':
      for (const key of evaluate(machine, node.key, environment, at.value)) {
        if (key instanceof Wait) yield key;
        else
          for (const target of locate(machine, node.target, environment, at)) {
            if (target instanceof Wait) yield target;
            else yield* childAt(target, key, () => index(target.value, key), node.optional);
          }
      }
      return;
    case 'slice':
      yield* locateSlice(machine, node, environment, at);
      return;
    case 'iterate':
      for (const target of locate(machine, node.target, environment, at)) {
        if (target instanceof Wait) yield target;
        else if (!node.optional || isArray(target.value) || target.value instanceof Map) yield* children(target);
      }
      return;
    case 'try':
      yield* locateTry(machine, node, environment, at);
      return;
    case 'pipe':
      for (const left of locate(machine, node.left, environment, at)) {
        if (left instanceof Wait) yield left;
        else {
          if (machine.tick()) yield FOR_TIME;
          yield* locate(machine, node.right, environment, left);
        }
      }
      return;
    case 'comma':
      yield* locate(machine, node.left, environment, at);
      yield* locate(machine, node.right, environment, at);
      return;
    case 'alternative':
      yield* locateAlternative(machine, node, environment, at);
      return;
    case 'if':
      for (const test of evaluate(machine, node.test, environment, at.value)) {
        if (test instanceof Wait) yield test;
        else if (truthy(test)) yield* locate(machine, node.yes, environment, at);
        else if (node.no) yield* locate(machine, node.no, environment, at);
        else yield at;
      }
      return;
    case 'reduce':
    case 'foreach':
      yield* locateLoop(machine, node, environment, at);
      return;
    case 'define':
      yield* locate(machine, node.body, define(environment, node.definition), at);
      return;
    case 'as':
      for (const bound of bindPatterns(machine, node.source, node.patterns, environment, at.value)) {
        if (bound instanceof Wait) yield bound;
        else yield* locate(machine, node.body, bound.environment, at);
      }
      return;
    case 'label': {
      const token = {};
      try {
        yield* locate(machine, node.body, { outer: environment, kind: 'label', name: node.name, token }, at);
      } catch (thrown) {
        if (!(thrown instanceof Break) || thrown.token !== token) throw thrown;
      }
      return;
    }
    case 'call':
      yield* locateCall(machine, node, environment, at);
      return;
    default:
      for (const value of evaluate(machine, node, environment, at.value)) {
        if (value instanceof Wait) yield value;
        else if (value === null && node.kind === 'literal') yield { path: [], value: null };
        else notAPath(value);
      }
  }
}

export function notAPath(value: Value): never {
  return fail(`Invalid path expression with result ${shortened(jsonText(value))}`);
}

export function child(of: Located, key: Value, value: Value): Located {
  return { path: [...of.path, key], value };
}

/** What is at a key; an optional lookup that fails gives nothing. */
function* childAt(of: Located, key: Value, lookUp: () => Value, optional: boolean | undefined): PathStream {
  let value: Value;
  try {
    value = lookUp();
  } catch (thrown) {
    if (optional && thrown instanceof JqError) return;
    throw thrown;
  }
  yield child(of, key, value);
}

/** All members of an array or object. */
export function* children(of: Located): PathStream {
  const { value } = of;
  if (isArray(value)) for (let i = 0; i < value.length; i++) yield child(of, i, value[i] as Value);
  else if (value instanceof Map) for (const [key, member] of value) yield child(of, key, member);
  else if (value !== null) fail(`Cannot iterate over ${jsonKind(value)}`);
  else fail('Cannot iterate over null (null)');
}

function jsonKind(value: Value): string {
  const kind = typeof value === 'string' ? 'string' : isNumber(value) ? 'number' : 'boolean';
  return `${kind} (${shortened(jsonText(value))})`;
}

function* locateSlice(
  machine: Machine,
  node: Extract<Node, { kind: 'slice' }>,
  environment: Environment | undefined,
  at: Located,
): PathStream {
  const bound = (part: Node | undefined) => evaluate(machine, part ?? { kind: 'literal', value: null }, environment, at.value);
  for (const to of bound(node.to)) {
    if (to instanceof Wait) {
      yield to;
      continue;
    }
    for (const from of bound(node.from)) {
      if (from instanceof Wait) {
        yield from;
        continue;
      }
      const key = new Map<string, Value>([
        ['start', from],
        ['end', to],
      ]);
      for (const target of locate(machine, node.target, environment, at)) {
        if (target instanceof Wait) yield target;
        else yield* childAt(target, key, () => slice(target.value, from, to), node.optional);
      }
    }
  }
}

function* locateTry(machine: Machine, node: Extract<Node, { kind: 'try' }>, environment: Environment | undefined, at: Located): PathStream {
  const stream = locate(machine, node.body, environment, at);
  for (;;) {
    let step: IteratorResult<Located | Wait, void>;
    try {
      step = stream.next();
    } catch (thrown) {
      if (!(thrown instanceof JqError)) throw thrown;
      if (node.handler) yield* locate(machine, node.handler, environment, { path: [], value: thrown.value });
      return;
    }
    if (step.done) return;
    yield step.value;
  }
}

function* locateAlternative(
  machine: Machine,
  node: Extract<Node, { kind: 'alternative' }>,
  environment: Environment | undefined,
  at: Located,
): PathStream {
  let any = false;
  for (const located of locate(machine, node.left, environment, at)) {
    if (located instanceof Wait) yield located;
    else if (truthy(located.value)) {
      any = true;
      yield located;
    }
  }
  if (!any) yield* locate(machine, node.right, environment, at);
}

/** `reduce` and `foreach` whose state is a place. */
function* locateLoop(
  machine: Machine,
  node: Extract<Node, { kind: 'reduce' | 'foreach' }>,
  environment: Environment | undefined,
  at: Located,
): PathStream {
  for (const start of locate(machine, node.start, environment, at)) {
    if (start instanceof Wait) {
      yield start;
      continue;
    }
    let state: Located = start;
    for (const bound of bindPatterns(machine, node.source, node.patterns, environment, at.value)) {
      if (bound instanceof Wait) {
        yield bound;
        continue;
      }
      let next: Located = { path: [], value: null };
      for (const result of locate(machine, node.update, bound.environment, state)) {
        if (result instanceof Wait) {
          yield result;
          continue;
        }
        next = result;
        if (node.kind === 'reduce') continue;
        state = result;
        if (node.extract) yield* locate(machine, node.extract, bound.environment, result);
        else yield result;
      }
      state = node.kind === 'reduce' ? next : state;
    }
    if (node.kind === 'reduce') yield state;
  }
}

function* locateCall(
  machine: Machine,
  node: Extract<Node, { kind: 'call' }>,
  environment: Environment | undefined,
  at: Located,
): PathStream {
  if (machine.tick()) yield FOR_TIME;
  const key = functionKey(node.name, node.args.length);
  const found = findFunction(environment, key);
  if (found?.kind === 'closure') yield* locate(machine, found.closure.body, found.closure.environment, at);
  else if (found) {
    for (const inner of enterFunction(machine, found.definition, found, node.args, environment, at.value)) {
      if (inner instanceof Wait) yield inner;
      else yield* locate(machine, found.definition.body, inner.environment, at);
    }
  } else yield* machine.locateBuiltin(key, node.args, environment, at);
}
