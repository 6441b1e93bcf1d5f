import type { Blocking } from '../../host/wait.ts';
import { allPlain, type Code, evaluate, ofValue, type Plain } from './code.ts';
import type { Compiler } from './compile-expression.ts';
import { invoke } from './drive.ts';
import { Fatal } from './fatal.ts';
import type { Runtime, Slot } from './runtime.ts';
import { Signal, type StatementCode, Unwinding } from './signal.ts';
import { AwkSyntaxError, type Expression } from './syntax.ts';
import { UNSET, type Value } from './values.ts';

/** The compiled bodies of functions; filled once all are compiled, since functions call one another. */
export type Functions = Map<string, StatementCode>;

/** Calls inside calls beyond this end the program with a message. */
export const MAX_CALL_DEPTH = 20_000;

/** Compiles the call of a user's function. Arrays are passed by reference, values by copy; missing arguments start unset. */
export function compileCall(compiler: Compiler, node: Extract<Expression, { kind: 'call' }>): Code {
  const { runtime, functions } = compiler;
  const callee = compiler.scope.functions.get(node.name);
  if (!callee) throw new AwkSyntaxError(`line ${node.line}: function ${node.name} never defined`);
  const { parameters } = callee.definition;
  if (node.args.length > parameters.length) throw new AwkSyntaxError(`line ${node.line}: too many arguments in call to ${node.name}`);
  const args = node.args.map((arg, i) => argument(compiler, arg, callee.arrays[i] === true, node, i));
  const codes = args.map((arg) => arg.code).filter((code) => code !== undefined);
  const { length } = parameters;
  const body = () => functions.get(node.name) as StatementCode;
  if (callee.waits || !allPlain(codes)) {
    return {
      waits: true,
      *run(): Blocking<Value> {
        const frame: Slot[] = new Array(length);
        for (const [i, { array, code }] of args.entries()) frame[i] = array ? array() : code && (yield* evaluate(code));
        if (runtime.tick) yield* runtime.pause();
        const caller = enter(runtime, frame);
        const compiled = body();
        const signal = compiled.waits ? yield* invoke(compiled.run()) : compiled.run();
        return leave(runtime, caller, signal);
      },
    };
  }
  return ofValue(runtime, () => {
    const frame: Slot[] = new Array(length);
    for (let i = 0; i < args.length; i++) {
      const { array, code } = args[i] as Argument;
      frame[i] = array ? array() : (code as Plain).val();
    }
    const caller = enter(runtime, frame);
    const compiled = body();
    return leave(runtime, caller, compiled.waits ? Signal.Normal : compiled.run());
  });
}

interface Argument {
  array: (() => Slot) | undefined;
  code: Code | undefined;
}

function argument(
  compiler: Compiler,
  node: Expression,
  wantsArray: boolean,
  call: Extract<Expression, { kind: 'call' }>,
  index: number,
): Argument {
  const local = node.kind === 'name' ? compiler.local(node.name) : undefined;
  const isArray =
    node.kind === 'name' &&
    (wantsArray || (local === undefined ? compiler.scope.globalArrays.has(node.name) : compiler.inside?.arrays[local] === true));
  if (isArray) return { array: compiler.array(node.name, node.line), code: undefined };
  if (wantsArray) {
    throw new AwkSyntaxError(`line ${call.line}: type error in arg(${index + 1}) in call to ${call.name}`);
  }
  return { array: undefined, code: compiler.expression(node) };
}

function enter(runtime: Runtime, frame: Slot[]): Slot[] {
  if (++runtime.depth > MAX_CALL_DEPTH) throw new Fatal('function call nesting too deep', 'run-time');
  const caller = runtime.frame;
  runtime.frame = frame;
  runtime.returned = UNSET;
  return caller;
}

function leave(runtime: Runtime, caller: Slot[], signal: Signal): Value {
  runtime.depth--;
  runtime.frame = caller;
  if (signal !== Signal.Normal && signal !== Signal.Return) throw new Unwinding(signal);
  const value = runtime.returned;
  runtime.returned = UNSET;
  return value;
}
