import type { Environment } from './environment.ts';
import { findVariable } from './environment.ts';
import { evaluate, holds, negative } from './evaluate.ts';
import { enterFunction } from './function.ts';
import { locate, notAPath } from './locate.ts';
import { type Native, natives } from './natives.ts';
import { arithmetic, index } from './operations.ts';
import { prelude } from './prelude.ts';
import { locators, specials } from './specials.ts';
import { type Located, type PathStream, type Stream, Wait } from './stream.ts';
import type { Definition, Node } from './syntax.ts';
import { type JsonObject, truthy, type Value } from './value.ts';

/** What a program can ask of the world around it. */
export interface Host {
  /** The next input if it is there, `undefined` when it has to be waited for, `'end'` when there is none left. */
  nextInput(): { value: Value } | undefined | 'end';
  inputName(): Value;
  inputLine(): number;
  /** Seconds since 1970. */
  now(): number;
  environment: JsonObject;
  /** Text for standard error. */
  warn(text: string): void;
}

type Simple = (environment: Environment | undefined, input: Value) => Value;

/** Steps of evaluation between two moments at which virtual time passes. */
const STEPS_PER_TICK = 20_000;

/** Everything that evaluation needs beside the tree. */
export class Machine {
  readonly host: Host;
  #steps = 0;
  readonly #simple = new WeakMap<Node, Simple | false>();

  constructor(host: Host) {
    this.host = host;
  }

  /** Counts work; true when it is time to let virtual time pass. */
  tick(): boolean {
    if (++this.#steps < STEPS_PER_TICK) return false;
    this.#steps = 0;
    return true;
  }

  variable(environment: Environment | undefined, name: string): Value {
    const value = findVariable(environment, name);
    return value === undefined && name === 'ENV' ? this.host.environment : (value ?? null);
  }

  /** The definition of a function of the prelude that nothing faster takes the place of. */
  definition(key: string): Definition | undefined {
    return specials.has(key) || natives.has(key) ? undefined : prelude().get(key);
  }

  /** Calls a function that is built in. The names have been checked: one of the tables has it. */
  *builtin(key: string, args: readonly Node[], environment: Environment | undefined, input: Value): Stream {
    const special = specials.get(key);
    if (special) {
      yield* special(this, args, environment, input);
      return;
    }
    const native = natives.get(key);
    if (native) {
      yield* callNative(this, native, args, [], environment, input);
      return;
    }
    const definition = prelude().get(key);
    if (!definition) throw new Error(`jq: ${key} slipped through the name check`);
    for (const inner of enterFunction(this, definition, undefined, args, environment, input)) {
      if (inner instanceof Wait) yield inner;
      else yield* evaluate(this, definition.body, inner.environment, input);
    }
  }

  /** The same in a path expression. */
  *locateBuiltin(key: string, args: readonly Node[], environment: Environment | undefined, at: Located): PathStream {
    const locator = locators.get(key);
    if (locator) {
      yield* locator(this, args, environment, at);
      return;
    }
    const definition = prelude().get(key);
    if (definition && !specials.has(key) && !natives.has(key)) {
      for (const inner of enterFunction(this, definition, undefined, args, environment, at.value)) {
        if (inner instanceof Wait) yield inner;
        else yield* locate(this, definition.body, inner.environment, at);
      }
      return;
    }
    for (const value of this.builtin(key, args, environment, at.value)) {
      if (value instanceof Wait) yield value;
      else notAPath(value);
    }
  }

  /** A plain function for filters that give exactly one result and need no stream; `undefined` for all others. */
  simple(node: Node): Simple | undefined {
    let known = this.#simple.get(node);
    if (known === undefined) {
      known = this.#simplify(node) ?? false;
      this.#simple.set(node, known);
    }
    return known || undefined;
  }

  #simplify(node: Node): Simple | undefined {
    switch (node.kind) {
      case 'identity':
        return (_, input) => input;
      case 'literal': {
        const { value } = node;
        return () => value;
      }
      case 'variable':
        return (environment) => this.variable(environment, node.name);
      case 'index':
        return node.optional ? undefined : this.#both(node.target, node.key, index);
      case 'negate': {
        const operand = this.simple(node.operand);
        return operand && ((environment, input) => negative(operand(environment, input)));
      }
      case 'arithmetic':
        return this.#both(node.left, node.right, (left, right) => arithmetic(node.operator, left, right));
      case 'compare':
        return this.#both(node.left, node.right, (left, right) => holds(node.operator, left, right));
      case 'and':
      case 'or':
        return this.#logical(node.kind === 'and', node.left, node.right);
      case 'pipe': {
        const [left, right] = [this.simple(node.left), this.simple(node.right)];
        return left && right && ((environment, input) => right(environment, left(environment, input)));
      }
      case 'if':
        return this.#conditional(node);
      case 'object':
        return this.#object(node);
      case 'call': {
        if (node.args.length > 0) return undefined;
        const key = `${node.name}/0`;
        const native = specials.has(key) ? undefined : natives.get(key);
        // A program may define a function of the same name: then the call goes the long way.
        if (!native || this.redefined.has(key)) return undefined;
        return (_, input) => native(this, input);
      }
      default:
        return undefined;
    }
  }

  /** Functions that the program defines itself. */
  redefined: ReadonlySet<string> = new Set();

  #both(left: Node, right: Node, combine: (left: Value, right: Value) => Value): Simple | undefined {
    const [a, b] = [this.simple(left), this.simple(right)];
    if (!a || !b) return undefined;
    return (environment, input) => {
      // The right side comes first, as jq has it; it shows in which of two errors is met.
      const second = b(environment, input);
      return combine(a(environment, input), second);
    };
  }

  #logical(and: boolean, left: Node, right: Node): Simple | undefined {
    const [a, b] = [this.simple(left), this.simple(right)];
    return a && b && ((environment, input) => (truthy(a(environment, input)) === and ? truthy(b(environment, input)) : !and));
  }

  #conditional(node: Extract<Node, { kind: 'if' }>): Simple | undefined {
    const [test, yes] = [this.simple(node.test), this.simple(node.yes)];
    const no = node.no ? this.simple(node.no) : (_: Environment | undefined, input: Value) => input;
    return test && yes && no && ((environment, input) => (truthy(test(environment, input)) ? yes : no)(environment, input));
  }

  #object(node: Extract<Node, { kind: 'object' }>): Simple | undefined {
    const entries: [string, Simple][] = [];
    for (const { key, value } of node.entries) {
      const simple = this.simple(value);
      if (!simple || key.kind !== 'literal' || typeof key.value !== 'string') return undefined;
      entries.push([key.value, simple]);
    }
    return (environment, input) => {
      const object: JsonObject = new Map();
      for (const [key, value] of entries) object.set(key, value(environment, input));
      return object;
    };
  }
}

/** A function of values: called for every combination of its arguments' results, the first varying fastest. */
function* callNative(
  machine: Machine,
  native: Native,
  args: readonly Node[],
  values: readonly Value[],
  environment: Environment | undefined,
  input: Value,
): Stream {
  const next = args[args.length - 1 - values.length];
  if (!next) {
    yield native(machine, input, ...values);
    return;
  }
  for (const value of evaluate(machine, next, environment, input)) {
    if (value instanceof Wait) yield value;
    else yield* callNative(machine, native, args, [value, ...values], environment, input);
  }
}

export function isBuiltin(key: string): boolean {
  return specials.has(key) || natives.has(key) || prelude().has(key);
}
