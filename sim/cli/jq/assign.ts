import type { Environment } from './environment.ts';
import { evaluate } from './evaluate.ts';
import { locate } from './locate.ts';
import type { Machine } from './machine.ts';
import { arithmetic } from './operations.ts';
import { deletePaths, getPath, setPath } from './path-operations.ts';
import { first, FOR_TIME, type Stream, Wait } from './stream.ts';
import type { Node } from './syntax.ts';
import { truthy, type Value } from './value.ts';

/** `paths |= update`: every place gets the first result for what it holds; a place without a result is deleted. */
export function* modify(machine: Machine, paths: Node, update: Node, environment: Environment | undefined, input: Value): Stream {
  let result = input;
  const gone: Value[] = [];
  for (const located of locate(machine, paths, environment, { path: [], value: input })) {
    if (located instanceof Wait) {
      yield located;
      continue;
    }
    if (machine.tick()) yield FOR_TIME;
    const updated = yield* first(evaluate(machine, update, environment, getPath(result, located.path)));
    if (updated === undefined) gone.push(located.path);
    else result = setPath(result, located.path, updated);
  }
  yield gone.length > 0 ? deletePaths(result, gone) : result;
}

/** `paths = value`, `paths += value` …: the right side sees the whole input, and each of its results gives one output. */
export function* assign(
  machine: Machine,
  node: Extract<Node, { kind: 'assign' }>,
  environment: Environment | undefined,
  input: Value,
): Stream {
  const { operator } = node;
  for (const right of evaluate(machine, node.right, environment, input)) {
    if (right instanceof Wait) {
      yield right;
      continue;
    }
    let result = input;
    for (const located of locate(machine, node.left, environment, { path: [], value: input })) {
      if (located instanceof Wait) {
        yield located;
        continue;
      }
      if (machine.tick()) yield FOR_TIME;
      result = setPath(result, located.path, operator === '=' ? right : combined(operator, getPath(result, located.path), right));
    }
    yield result;
  }
}

function combined(operator: Extract<Node, { kind: 'assign' }>['operator'], old: Value, right: Value): Value {
  if (operator === '//=') return truthy(old) ? old : right;
  if (operator === '=' || operator === '|=') return right;
  return arithmetic(operator, old, right);
}
