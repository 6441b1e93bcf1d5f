import { JqError } from './error.ts';
import { bindVariable, type Environment } from './environment.ts';
import { evaluate } from './evaluate.ts';
import type { Machine } from './machine.ts';
import { index } from './operations.ts';
import { type Stream, Wait } from './stream.ts';
import type { Node, Pattern } from './syntax.ts';
import type { Value } from './value.ts';

/** What binding gives: an environment to go on in, or, where alternatives were tried, a result of the body. */
export type Bound = { environment: Environment | undefined } | { environment: Environment | undefined; result: Value };

/**
 * Binds every result of `source` by the patterns. With several (`?//`), each is tried in turn as long as it, or the body after
 * it, fails; the body must then be given.
 */
export function* bindPatterns(
  machine: Machine,
  source: Node,
  patterns: readonly Pattern[],
  environment: Environment | undefined,
  input: Value,
  body?: (environment: Environment | undefined) => Stream,
): Generator<Bound | Wait, void, undefined> {
  for (const value of evaluate(machine, source, environment, input)) {
    if (value instanceof Wait) yield value;
    else if (patterns.length === 1) yield* bind(machine, patterns[0] as Pattern, environment, value);
    else yield* alternatives(machine, patterns, environment, value, body);
  }
}

function* alternatives(
  machine: Machine,
  patterns: readonly Pattern[],
  environment: Environment | undefined,
  value: Value,
  body: ((environment: Environment | undefined) => Stream) | undefined,
): Generator<Bound | Wait, void, undefined> {
  // Variables of the patterns that don't apply are null.
  let base = environment;
  for (const name of new Set(patterns.flatMap(variablesOf))) base = bindVariable(base, name, null);
  for (const [i, pattern] of patterns.entries()) {
    try {
      for (const bound of bind(machine, pattern, base, value)) {
        if (bound instanceof Wait || !body) yield bound;
        else for (const result of body(bound.environment)) yield result instanceof Wait ? result : { environment: undefined, result };
      }
      return;
    } catch (thrown) {
      if (!(thrown instanceof JqError) || i === patterns.length - 1) throw thrown;
    }
  }
}

function variablesOf(pattern: Pattern): string[] {
  if (pattern.kind === 'variable') return [pattern.name];
  if (pattern.kind === 'array') return pattern.members.flatMap(variablesOf);
  return pattern.members.flatMap(({ name, pattern: inner }) => [...(name ? [name] : []), ...(inner ? variablesOf(inner) : [])]);
}

function* bind(
  machine: Machine,
  pattern: Pattern,
  environment: Environment | undefined,
  value: Value,
): Generator<{ environment: Environment | undefined } | Wait, void, undefined> {
  if (pattern.kind === 'variable') yield { environment: bindVariable(environment, pattern.name, value) };
  else if (pattern.kind === 'array') yield* bindMembers(machine, pattern.members, 0, environment, value);
  else yield* bindObject(machine, pattern, 0, environment, value);
}

function* bindMembers(
  machine: Machine,
  members: readonly Pattern[],
  at: number,
  environment: Environment | undefined,
  value: Value,
): Generator<{ environment: Environment | undefined } | Wait, void, undefined> {
  const member = members[at];
  if (!member) {
    yield { environment };
    return;
  }
  for (const bound of bind(machine, member, environment, index(value, at))) {
    if (bound instanceof Wait) yield bound;
    else yield* bindMembers(machine, members, at + 1, bound.environment, value);
  }
}

function* bindObject(
  machine: Machine,
  pattern: Extract<Pattern, { kind: 'object' }>,
  at: number,
  environment: Environment | undefined,
  value: Value,
): Generator<{ environment: Environment | undefined } | Wait, void, undefined> {
  const member = pattern.members[at];
  if (!member) {
    yield { environment };
    return;
  }
  for (const key of evaluate(machine, member.key, environment, value)) {
    if (key instanceof Wait) {
      yield key;
      continue;
    }
    const part = index(value, key);
    const named = member.name ? bindVariable(environment, member.name, part) : environment;
    const inner = member.pattern ? bind(machine, member.pattern, named, part) : [{ environment: named }];
    for (const bound of inner) {
      if (bound instanceof Wait) yield bound;
      else yield* bindObject(machine, pattern, at + 1, bound.environment, value);
    }
  }
}
