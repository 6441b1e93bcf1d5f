import { FUNCTIONS, FunctionError } from './functions.ts';
import { TemplateError } from './lexer.ts';
import { type Command, type Node, type Operand, parseTemplate, type Pipe, type Template } from './parser.ts';
import { GoMap, GoStruct, isArray, isFields, print, truth, typeName, type Value } from './values.ts';

/** A template ready to run. */
export interface Compiled {
  source: string;
  template: Template;
}

/** Compiles a template, or says why it can't: `template: :1: unclosed action`. */
export function compile(source: string): Compiled | { error: string } {
  const template = parseTemplate(source, new Set([...Object.keys(FUNCTIONS), 'and', 'or', 'call']));
  if (!(template instanceof TemplateError)) return { source, template };
  return { error: `template: :${source.slice(0, template.at).split('\n').length}: ${template.message}` };
}

/** Runs it. @param missingKeyIsError whether a map's missing key is an error (`missingkey=error`) rather than no value */
export function execute(compiled: Compiled, data: Value, missingKeyIsError: boolean): { text: string } | { error: string } {
  const run = new Execution(compiled, data, missingKeyIsError);
  try {
    run.walk(data, compiled.template.nodes);
    return { text: run.output };
  } catch (failure) {
    if (failure instanceof Failure) return { error: failure.message };
    throw failure;
  }
}

/** Carries an error out of the recursion; never leaves this file. */
class Failure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

type Flow = 'break' | 'continue' | undefined;

class Execution {
  output = '';
  readonly #compiled: Compiled;
  readonly #strict: boolean;
  readonly #variables: { name: string; value: Value }[];
  /** What a message points to: the node that was evaluated last, as Go's `state.at`. */
  #node: { at: number; text: string } = { at: 0, text: '' };
  #depth = 0;

  constructor(compiled: Compiled, data: Value, strict: boolean) {
    this.#compiled = compiled;
    this.#strict = strict;
    this.#variables = [{ name: '$', value: data }];
  }

  #fail(message: string): never {
    const before = this.#compiled.source.slice(0, this.#node.at);
    const line = before.split('\n').length;
    const column = this.#node.at - (before.lastIndexOf('\n') + 1);
    const { text } = this.#node;
    throw new Failure(`template: :${line}:${column}: executing "" at <${text}>: ${message}`);
  }

  walk(dot: Value, nodes: readonly Node[]): Flow {
    for (const node of nodes) {
      const flow = this.#step(dot, node);
      if (flow) return flow;
    }
    return undefined;
  }

  #step(dot: Value, node: Node): Flow {
    switch (node.kind) {
      case 'text':
        this.output += node.text;
        return undefined;
      case 'action': {
        const value = this.#pipe(dot, node.pipe);
        if (node.pipe.variables.length === 0) this.output += value === null ? '<nil>' : print(value);
        return undefined;
      }
      case 'if':
      case 'with': {
        const scope = this.#variables.length;
        const value = this.#pipe(dot, node.pipe);
        const flow = truth(value) ? this.walk(node.kind === 'with' ? value : dot, node.body) : this.walk(dot, node.otherwise);
        this.#variables.length = scope;
        return flow;
      }
      case 'range':
        return this.#range(dot, node);
      case 'template':
        return this.#invoke(dot, node);
      default:
        return node.kind;
    }
  }

  #range(dot: Value, node: Extract<Node, { kind: 'if' | 'with' | 'range' }>): Flow {
    const scope = this.#variables.length;
    const value = this.#pipe(dot, { ...node.pipe, variables: [] });
    const entries = this.#entries(value);
    const names = node.pipe.variables;
    const depth = this.#variables.length;
    for (const [key, element] of entries) {
      if (names.length === 1) this.#set(names[0] as string, element, node.pipe.assigns);
      if (names.length === 2) {
        this.#set(names[0] as string, key, node.pipe.assigns);
        this.#set(names[1] as string, element, node.pipe.assigns);
      }
      const flow = this.walk(element, node.body);
      this.#variables.length = depth;
      if (flow === 'break') break;
    }
    if (entries.length === 0) this.walk(dot, node.otherwise);
    this.#variables.length = scope;
    return undefined;
  }

  #entries(value: Value): [Value, Value][] {
    if (value === null || value === undefined) return [];
    if (isArray(value)) return value.map((element, i): [Value, Value] => [i, element]);
    if (value instanceof GoMap) return value.keys().map((key): [Value, Value] => [key, value.entries.get(key)]);
    if (typeof value === 'number' && Number.isInteger(value))
      return Array.from({ length: Math.min(value, 100_000) }, (_, i): [Value, Value] => [i, i]);
    return this.#fail(`range can't iterate over ${print(value)}`);
  }

  #invoke(dot: Value, node: Extract<Node, { kind: 'template' }>): Flow {
    const nodes = this.#compiled.template.defined.get(node.name);
    this.#node = node;
    if (!nodes) return this.#fail(`template ${JSON.stringify(node.name)} not defined`);
    if (++this.#depth > 1_000) return this.#fail('exceeded maximum template depth (1000)');
    const data = node.pipe ? this.#pipe(dot, node.pipe) : undefined;
    const saved = this.#variables.splice(0, this.#variables.length, { name: '$', value: data });
    this.walk(data, nodes);
    this.#variables.splice(0, this.#variables.length, ...saved);
    this.#depth--;
    return undefined;
  }

  #set(name: string, value: Value, assigns: boolean): void {
    const known = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (known) known.value = value;
    else this.#variables.push({ name, value });
  }

  #pipe(dot: Value, pipe: Pipe): Value {
    this.#node = pipe;
    let value: Value;
    pipe.commands.forEach((command, i) => {
      value = this.#command(dot, command, i > 0 ? [value] : []);
    });
    for (const name of pipe.variables) this.#set(name, value, pipe.assigns);
    return value;
  }

  /** @param final the value of the stage before, as the last argument */
  #command(dot: Value, command: Command, final: Value[]): Value {
    const [first, ...rest] = command.args as [Operand, ...Operand[]];
    if (first.kind === 'identifier') {
      this.#node = first;
      return this.#call(dot, first.name, rest, final, command);
    }
    if (first.kind === 'field') {
      this.#node = first;
      return this.#chain(dot, dot, first.names, rest, final);
    }
    if (first.kind === 'variable' && first.names.length > 0) {
      this.#node = first;
      return this.#chain(dot, this.#variable(first.name), first.names, rest, final);
    }
    if (first.kind === 'chain') {
      this.#node = first;
      const value = this.#operand(dot, first.of);
      return this.#chain(dot, value, first.names, rest, final);
    }
    this.#node = first;
    if (rest.length > 0 || final.length > 0) {
      if (first.kind !== 'pipe' || rest.length > 0) this.#fail(`can't give argument to non-function ${first.text}`);
    }
    if (first.kind === 'nil') this.#fail('nil is not a command');
    return this.#operand(dot, first);
  }

  #operand(dot: Value, operand: Operand): Value {
    this.#node = operand;
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'literal':
        return operand.value;
      case 'field':
        return this.#chain(dot, dot, operand.names, [], []);
      case 'variable':
        return this.#chain(dot, this.#variable(operand.name), operand.names, [], []);
      case 'identifier':
        return this.#call(dot, operand.name, [], [], operand);
      case 'pipe':
        return this.#pipe(dot, operand.pipe);
      case 'chain':
        return this.#chain(dot, this.#operand(dot, operand.of), operand.names, [], []);
    }
  }

  #variable(name: string): Value {
    return this.#variables.findLast((variable) => variable.name === name)?.value;
  }

  #chain(dot: Value, start: Value, names: readonly string[], args: readonly Operand[], final: readonly Value[]): Value {
    let value = start;
    names.forEach((name, i) => {
      const last = i === names.length - 1;
      value = this.#field(dot, value, name, last ? args : [], last ? final : []);
    });
    return value;
  }

  #field(dot: Value, receiver: Value, name: string, args: readonly Operand[], final: readonly Value[]): Value {
    const hasArguments = args.length > 0 || final.length > 0;
    if (isFields(receiver)) {
      const value = receiver.field(name, [...args.map((arg) => this.#operand(dot, arg)), ...final]);
      return value === undefined ? this.#fail(`can't evaluate field ${name} in type ${receiver.typeName}`) : value;
    }
    if (receiver === undefined || receiver === null) {
      if (this.#strict) this.#fail(`nil data; no entry for key ${JSON.stringify(name)}`);
      return undefined;
    }
    if (receiver instanceof GoStruct) {
      if (!receiver.fields.has(name)) this.#fail(`can't evaluate field ${name} in type ${typeName(receiver)}`);
      if (hasArguments) this.#fail(`${name} has arguments but cannot be invoked as function`);
      return receiver.fields.get(name) ?? null;
    }
    if (receiver instanceof GoMap) {
      if (hasArguments) this.#fail(`${name} is not a method but has arguments`);
      if (!receiver.entries.has(name) && this.#strict) this.#fail(`map has no entry for key ${JSON.stringify(name)}`);
      return receiver.entries.get(name);
    }
    return this.#fail(`can't evaluate field ${name} in type ${this.#strict ? 'interface {}' : typeName(receiver)}`);
  }

  #call(dot: Value, name: string, args: readonly Operand[], final: readonly Value[], node: { at: number; text: string }): Value {
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name, args, final);
    const values = args.map((arg) => this.#operand(dot, arg));
    const nodes: { at: number; text: string }[] = [...args, ...final.map(() => node)];
    if (name === 'call') {
      this.#node = node;
      return this.#fail(`error calling call: non-function ${args[0]?.text ?? ''} of type ${typeName(values[0])}`);
    }
    const callee = FUNCTIONS[name];
    if (!callee) return this.#fail(`${JSON.stringify(name)} is not a defined function`);
    const all = [...values, ...final];
    if (all.length < callee.least || (callee.most !== undefined && all.length > callee.most)) {
      const want = callee.most === undefined ? `at least ${callee.least}` : String(callee.least);
      this.#fail(`wrong number of args for ${name}: want ${want} got ${all.length}`);
    }
    const result = callee.run(all, this.#strict);
    if (!(result instanceof FunctionError)) return result;
    if (result.argument === undefined) {
      this.#node = node;
      return this.#fail(`error calling ${name}: ${result.message}`);
    }
    this.#node = nodes[result.argument] ?? node;
    return this.#fail(result.message);
  }

  #shortCircuit(dot: Value, name: 'and' | 'or', args: readonly Operand[], final: readonly Value[]): Value {
    if (args.length + final.length === 0) return this.#fail(`wrong number of args for ${name}: want at least 1 got 0`);
    let value: Value;
    for (const arg of args) {
      value = this.#operand(dot, arg);
      if (truth(value) === (name === 'or')) return value;
    }
    return final.length > 0 ? final[0] : value;
  }
}
