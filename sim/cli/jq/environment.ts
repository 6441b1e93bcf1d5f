import type { Definition, Node } from './syntax.ts';
import type { Value } from './value.ts';

/** A filter together with the environment that its names mean something in. */
export interface Closure {
  body: Node;
  environment: Environment | undefined;
}

/** One binding and those around it: a variable, a function, a parameter that is a filter, or a label. */
export type Environment = { outer: Environment | undefined } & (
  | { kind: 'variable'; name: string; value: Value }
  | { kind: 'function'; name: string; definition: Definition }
  | { kind: 'closure'; name: string; closure: Closure }
  | { kind: 'label'; name: string; token: object }
);

/** `name/arity`, under which functions are kept. */
export function functionKey(name: string, arity: number): string {
  return `${name}/${arity}`;
}

export function bindVariable(outer: Environment | undefined, name: string, value: Value): Environment {
  return { outer, kind: 'variable', name, value };
}

export function findVariable(environment: Environment | undefined, name: string): Value | undefined {
  for (let one = environment; one; one = one.outer) if (one.kind === 'variable' && one.name === name) return one.value;
  return undefined;
}

export function findFunction(
  environment: Environment | undefined,
  key: string,
): Extract<Environment, { kind: 'function' | 'closure' }> | undefined {
  for (let one = environment; one; one = one.outer) if ((one.kind === 'function' || one.kind === 'closure') && one.name === key) return one;
  return undefined;
}

export function findLabel(environment: Environment | undefined, name: string): object | undefined {
  for (let one = environment; one; one = one.outer) if (one.kind === 'label' && one.name === name) return one.token;
  return undefined;
}
