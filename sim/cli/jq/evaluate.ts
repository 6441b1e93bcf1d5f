import { define, enterFunction, type State, stepInto } from './function.ts';
import { arithmetic, index, slice } from './operations.ts';
import { Break, fail, JqError, shown } from './error.ts';
import { bindVariable, type Environment, findFunction, findLabel, functionKey } from './environment.ts';
import { formatString } from './formats.ts';
import type { Machine } from './machine.ts';
import { modify, assign } from './assign.ts';
import { bindPatterns } from './pattern.ts';
import { FOR_TIME, type Stream, Wait } from './stream.ts';
import type { ComparisonOperator, Node } from './syntax.ts';
import { compareValues, isArray, isNumber, type JsonObject, NumberLiteral, toDouble, truthy, type Value } from './value.ts';

/** The longest array that a generator may fill: one page must not eat the reader's memory. */
const MAX_MEMBERS = 5_000_000;

/** The results of a filter for one input. */
export function evaluate(machine: Machine, node: Node, environment: Environment | undefined, input: Value): Stream {
  const simple = machine.simple(node);
  return simple ? once(simple, environment, input) : follow(machine, node, environment, input);
}

/**
 * Evaluates what stands in tail position in a loop, so that functions that call themselves last run in one generator: a chain
 * of generators as deep as the recursion would exhaust the stack.
 */
function* follow(machine: Machine, start: Node, outer: Environment | undefined, first: Value): Stream {
  let [node, environment, input] = [start, outer, first];
  for (;;) {
    if (node.kind === 'comma') {
      yield* evaluate(machine, node.left, environment, input);
      node = node.right;
      continue;
    }
    const next = step(machine, node, environment, input);
    if (!next) break;
    if (machine.tick()) yield FOR_TIME;
    ({ node, environment, input } = next);
  }
  const simple = machine.simple(node);
  if (simple) yield simple(environment, input);
  else yield* evaluators[node.kind](machine, node as never, environment, input);
}

/** Where evaluation goes on without anything of its own left to do here; `undefined` when the node has to be evaluated itself. */
function step(machine: Machine, node: Node, environment: Environment | undefined, input: Value): State | undefined {
  switch (node.kind) {
    case 'pipe': {
      const left = machine.simple(node.left);
      return left && { node: node.right, environment, input: left(environment, input) };
    }
    case 'if': {
      const test = machine.simple(node.test);
      if (!test) return undefined;
      return { node: truthy(test(environment, input)) ? node.yes : (node.no ?? IDENTITY), environment, input };
    }
    case 'define':
      return { node: node.body, environment: define(environment, node.definition), input };
    case 'as': {
      const [pattern] = node.patterns;
      const source = node.patterns.length === 1 && pattern?.kind === 'variable' ? machine.simple(node.source) : undefined;
      if (!source || pattern?.kind !== 'variable') return undefined;
      return { node: node.body, environment: bindVariable(environment, pattern.name, source(environment, input)), input };
    }
    case 'call':
      return stepInto(machine, node, environment, input);
    default:
      return undefined;
  }
}

const IDENTITY: Node = { kind: 'identity' };

/** One result, computed when it is asked for: errors belong to the stream, not to its making. */
function* once(
  simple: (environment: Environment | undefined, input: Value) => Value,
  environment: Environment | undefined,
  input: Value,
): Stream {
  yield simple(environment, input);
}

type Evaluator<K extends Node['kind']> = (
  machine: Machine,
  node: Extract<Node, { kind: K }>,
  environment: Environment | undefined,
  input: Value,
) => Stream;

const evaluators: { [K in Node['kind']]: Evaluator<K> } = {
  *identity(_machine, _node, _environment, input) {
    yield input;
  },
  *literal(_machine, node) {
    yield node.value;
  },
  *string(machine, node, environment, input) {
    yield* interpolate(machine, node, 0, '', environment, input);
  },
  *format(_machine, node, _environment, input) {
    yield formatString(node.name, input);
  },
  *index(machine, node, environment, input) {
    for (const key of evaluate(machine, node.key, environment, input)) {
      if (key instanceof Wait) yield key;
      else
        for (const target of evaluate(machine, node.target, environment, input)) {
          if (target instanceof Wait) yield target;
          else if (!node.optional) yield index(target, key);
          else yield* attempted(() => index(target, key));
        }
    }
  },
  *slice(machine, node, environment, input) {
    for (const to of optional(machine, node.to, environment, input)) {
      if (to instanceof Wait) yield to;
      else
        for (const from of optional(machine, node.from, environment, input)) {
          if (from instanceof Wait) yield from;
          else
            for (const target of evaluate(machine, node.target, environment, input)) {
              if (target instanceof Wait) yield target;
              else if (!node.optional) yield slice(target, from, to);
              else yield* attempted(() => slice(target, from, to));
            }
        }
    }
  },
  *iterate(machine, node, environment, input) {
    for (const target of evaluate(machine, node.target, environment, input)) {
      if (target instanceof Wait) yield target;
      else if (!node.optional || isArray(target) || target instanceof Map) yield* members(target);
    }
  },
  *try(machine, node, environment, input) {
    const stream = evaluate(machine, node.body, environment, input);
    let caught: Value;
    for (;;) {
      try {
        const step = stream.next();
        if (step.done) return;
        yield step.value;
        continue;
      } catch (thrown) {
        if (!(thrown instanceof JqError)) throw thrown;
        caught = thrown.value;
      }
      break;
    }
    if (node.handler) yield* evaluate(machine, node.handler, environment, caught);
  },
  *pipe(machine, node, environment, input) {
    const right = machine.simple(node.right);
    for (const value of evaluate(machine, node.left, environment, input)) {
      if (value instanceof Wait) yield value;
      else {
        if (machine.tick()) yield FOR_TIME;
        if (right) yield right(environment, value);
        else yield* evaluate(machine, node.right, environment, value);
      }
    }
  },
  *comma(machine, node, environment, input) {
    yield* evaluate(machine, node.left, environment, input);
    yield* evaluate(machine, node.right, environment, input);
  },
  *and(machine, node, environment, input) {
    yield* logical(machine, node, true, environment, input);
  },
  *or(machine, node, environment, input) {
    yield* logical(machine, node, false, environment, input);
  },
  *alternative(machine, node, environment, input) {
    let any = false;
    for (const value of evaluate(machine, node.left, environment, input)) {
      if (value instanceof Wait) yield value;
      else if (truthy(value)) {
        any = true;
        yield value;
      }
    }
    if (!any) yield* evaluate(machine, node.right, environment, input);
  },
  *negate(machine, node, environment, input) {
    for (const value of evaluate(machine, node.operand, environment, input)) yield value instanceof Wait ? value : negative(value);
  },
  *arithmetic(machine, node, environment, input) {
    for (const right of evaluate(machine, node.right, environment, input)) {
      if (right instanceof Wait) yield right;
      else
        for (const left of evaluate(machine, node.left, environment, input)) {
          yield left instanceof Wait ? left : arithmetic(node.operator, left, right);
        }
    }
  },
  *compare(machine, node, environment, input) {
    for (const right of evaluate(machine, node.right, environment, input)) {
      if (right instanceof Wait) yield right;
      else
        for (const left of evaluate(machine, node.left, environment, input)) {
          yield left instanceof Wait ? left : holds(node.operator, left, right);
        }
    }
  },
  assign(machine, node, environment, input) {
    return node.operator === '|=' ? modify(machine, node.left, node.right, environment, input) : assign(machine, node, environment, input);
  },
  *if(machine, node, environment, input) {
    for (const test of evaluate(machine, node.test, environment, input)) {
      if (test instanceof Wait) yield test;
      else if (truthy(test)) yield* evaluate(machine, node.yes, environment, input);
      else if (node.no) yield* evaluate(machine, node.no, environment, input);
      else yield input;
    }
  },
  *reduce(machine, node, environment, input) {
    for (const start of evaluate(machine, node.start, environment, input)) {
      if (start instanceof Wait) {
        yield start;
        continue;
      }
      let state: Value = start;
      for (const bound of bindPatterns(machine, node.source, node.patterns, environment, input)) {
        if (bound instanceof Wait) {
          yield bound;
          continue;
        }
        if (machine.tick()) yield FOR_TIME;
        let last: Value = null;
        for (const value of evaluate(machine, node.update, bound.environment, state)) {
          if (value instanceof Wait) yield value;
          else last = value;
        }
        state = last;
      }
      yield state;
    }
  },
  *foreach(machine, node, environment, input) {
    for (const start of evaluate(machine, node.start, environment, input)) {
      if (start instanceof Wait) {
        yield start;
        continue;
      }
      let state: Value = start;
      for (const bound of bindPatterns(machine, node.source, node.patterns, environment, input)) {
        if (bound instanceof Wait) {
          yield bound;
          continue;
        }
        if (machine.tick()) yield FOR_TIME;
        for (const value of evaluate(machine, node.update, bound.environment, state)) {
          if (value instanceof Wait) {
            yield value;
            continue;
          }
          state = value;
          if (node.extract) yield* evaluate(machine, node.extract, bound.environment, state);
          else yield state;
        }
      }
    }
  },
  *define(machine, node, environment, input) {
    yield* evaluate(machine, node.body, define(environment, node.definition), input);
  },
  *as(machine, node, environment, input) {
    for (const bound of bindPatterns(machine, node.source, node.patterns, environment, input, (inner) =>
      evaluate(machine, node.body, inner, input),
    )) {
      if (bound instanceof Wait) yield bound;
      else if ('result' in bound) yield bound.result as Value;
      else yield* evaluate(machine, node.body, bound.environment, input);
    }
  },
  *label(machine, node, environment, input) {
    const token = {};
    try {
      yield* evaluate(machine, node.body, { outer: environment, kind: 'label', name: node.name, token }, input);
    } catch (thrown) {
      if (!(thrown instanceof Break) || thrown.token !== token) throw thrown;
    }
  },
  *break(_machine, node, environment) {
    throw new Break(findLabel(environment, node.name) as object);
  },
  *variable(machine, node, environment) {
    yield machine.variable(environment, node.name);
  },
  *call(machine, node, environment, input) {
    yield* call(machine, node, environment, input);
  },
  *array(machine, node, environment, input) {
    const values: Value[] = [];
    if (node.body) {
      for (const value of evaluate(machine, node.body, environment, input)) {
        if (value instanceof Wait) yield value;
        else if (values.push(value) > MAX_MEMBERS) fail('array too long');
      }
    }
    yield values;
  },
  *object(machine, node, environment, input) {
    yield* entries(machine, node.entries, 0, new Map(), environment, input);
  },
};

/** One result, or none when it fails. */
function* attempted(compute: () => Value): Stream {
  let value: Value;
  try {
    value = compute();
  } catch (thrown) {
    if (thrown instanceof JqError) return;
    throw thrown;
  }
  yield value;
}

/** Absent bounds of a slice are null. */
function* optional(machine: Machine, node: Node | undefined, environment: Environment | undefined, input: Value): Stream {
  if (node) yield* evaluate(machine, node, environment, input);
  else yield null;
}

export function* members(value: Value): Stream {
  if (isArray(value)) yield* value;
  else if (value instanceof Map) yield* value.values();
  else fail(`Cannot iterate over ${value === null ? 'null (null)' : shown(value)}`);
}

export function negative(value: Value): Value {
  if (!isNumber(value)) return fail(`${shown(value)} cannot be negated`);
  // A literal keeps its digits under a change of sign.
  if (value instanceof NumberLiteral)
    return new NumberLiteral(-value.value, value.text.startsWith('-') ? value.text.slice(1) : `-${value.text}`);
  return toDouble(value) === 0 ? 0 : -toDouble(value);
}

export function holds(operator: ComparisonOperator, left: Value, right: Value): boolean {
  const difference = compareValues(left, right);
  switch (operator) {
    case '==':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}

function* logical(
  machine: Machine,
  node: { left: Node; right: Node },
  and: boolean,
  environment: Environment | undefined,
  input: Value,
): Stream {
  for (const left of evaluate(machine, node.left, environment, input)) {
    if (left instanceof Wait) yield left;
    else if (truthy(left) !== and) yield !and;
    else for (const right of evaluate(machine, node.right, environment, input)) yield right instanceof Wait ? right : truthy(right);
  }
}

/** The texts that a string with interpolations gives: one for every combination of results. */
function* interpolate(
  machine: Machine,
  node: Extract<Node, { kind: 'string' }>,
  at: number,
  text: string,
  environment: Environment | undefined,
  input: Value,
): Stream {
  const part = node.parts[at];
  if (part === undefined) yield text;
  else if (typeof part === 'string') yield* interpolate(machine, node, at + 1, text + part, environment, input);
  else
    for (const value of evaluate(machine, part, environment, input)) {
      if (value instanceof Wait) yield value;
      else yield* interpolate(machine, node, at + 1, text + formatString(node.format, value), environment, input);
    }
}

/** The objects that a construction gives: one for every combination of results. */
function* entries(
  machine: Machine,
  list: readonly { key: Node; value: Node }[],
  at: number,
  made: JsonObject,
  environment: Environment | undefined,
  input: Value,
): Stream {
  const entry = list[at];
  if (!entry) {
    yield made;
    return;
  }
  for (const key of evaluate(machine, entry.key, environment, input)) {
    if (key instanceof Wait) {
      yield key;
      continue;
    }
    if (typeof key !== 'string') fail(`Cannot use ${shown(key)} as object key`);
    for (const value of evaluate(machine, entry.value, environment, input)) {
      if (value instanceof Wait) yield value;
      else yield* entries(machine, list, at + 1, new Map(made).set(key as string, value), environment, input);
    }
  }
}

function* call(machine: Machine, node: Extract<Node, { kind: 'call' }>, environment: Environment | undefined, input: Value): Stream {
  if (machine.tick()) yield FOR_TIME;
  const key = functionKey(node.name, node.args.length);
  const found = findFunction(environment, key);
  if (found?.kind === 'closure') yield* evaluate(machine, found.closure.body, found.closure.environment, input);
  else if (found) {
    for (const inner of enterFunction(machine, found.definition, found, node.args, environment, input)) {
      if (inner instanceof Wait) yield inner;
      else yield* evaluate(machine, found.definition.body, inner.environment, input);
    }
  } else yield* machine.builtin(key, node.args, environment, input);
}
