import { bindVariable, type Environment, findFunction, functionKey } from './environment.ts';
import { evaluate } from './evaluate.ts';
import type { Machine } from './machine.ts';
import { Wait } from './stream.ts';
import type { Definition, Node } from './syntax.ts';
import type { Value } from './value.ts';

/** Where evaluation goes on. */
export interface State {
  node: Node;
  environment: Environment | undefined;
  input: Value;
}

export function define(outer: Environment | undefined, definition: Definition): Environment {
  return { outer, kind: 'function', name: functionKey(definition.name, definition.parameters.length), definition };
}

/** Into the body of a function whose value parameters are all simple. */
export function stepInto(
  machine: Machine,
  node: Extract<Node, { kind: 'call' }>,
  environment: Environment | undefined,
  input: Value,
): State | undefined {
  const key = functionKey(node.name, node.args.length);
  const found = findFunction(environment, key);
  if (found?.kind === 'closure') return { node: found.closure.body, environment: found.closure.environment, input };
  const definition = found ? found.definition : machine.definition(key);
  if (!definition) return undefined;
  let inner: Environment | undefined = found;
  for (const [i, parameter] of definition.parameters.entries()) {
    const body = node.args[i] as Node;
    if (!parameter.startsWith('$')) inner = bindFilter(inner, parameter, body, environment);
    else {
      const value = machine.simple(body);
      if (!value) return undefined;
      inner = bindParameter(inner, parameter.slice(1), value(environment, input));
    }
  }
  return { node: definition.body, environment: inner, input };
}

/** The environments in which a function's body runs: one for every combination of its value parameters. */
export function* enterFunction(
  machine: Machine,
  definition: Definition,
  own: Environment | undefined,
  args: readonly Node[],
  caller: Environment | undefined,
  input: Value,
  at = 0,
): Generator<Wait | { environment: Environment | undefined }, void, undefined> {
  const parameter = definition.parameters[at];
  const body = args[at];
  if (parameter === undefined || !body) {
    yield { environment: own };
    return;
  }
  if (!parameter.startsWith('$')) {
    yield* enterFunction(machine, definition, bindFilter(own, parameter, body, caller), args, caller, input, at + 1);
    return;
  }
  const name = parameter.slice(1);
  for (const value of evaluate(machine, body, caller, input)) {
    if (value instanceof Wait) {
      yield value;
      continue;
    }
    yield* enterFunction(machine, definition, bindParameter(own, name, value), args, caller, input, at + 1);
  }
}

/** A parameter without `$`: the argument as a filter, in the environment of the caller. */
function bindFilter(outer: Environment | undefined, parameter: string, body: Node, caller: Environment | undefined): Environment {
  return { outer, kind: 'closure', name: functionKey(parameter, 0), closure: { body, environment: caller } };
}

/** A parameter with `$` is a variable and a filter of the same name. */
function bindParameter(outer: Environment | undefined, name: string, value: Value): Environment {
  const closure = { body: { kind: 'literal', value } as const, environment: undefined };
  return bindVariable({ outer, kind: 'closure', name: functionKey(name, 0), closure }, name, value);
}
