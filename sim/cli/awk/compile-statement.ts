import type { Blocking } from '../../host/wait.ts';
import { allPlain, type Code, evaluate, type Plain } from './code.ts';
import type { Compiler } from './compile-expression.ts';
import { format } from './format.ts';
import { compileLvalue, subscript } from './lvalue.ts';
import type { TextOutput } from '../text-stream.ts';
import { Signal, type StatementCode } from './signal.ts';
import type { Expression, Statement } from './syntax.ts';
import { numberText, toNumber, truth, type Value } from './values.ts';

type Node<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** Turns a statement into code: plain functions where nothing in it can block or loop, generators elsewhere. */
export function compileStatement(compiler: Compiler, node: Statement): StatementCode {
  switch (node.kind) {
    case 'block':
      return sequence(node.body.map((child) => compileStatement(compiler, child)));
    case 'expression':
      return afterwards([compiler.expression(node.value)], () => Signal.Normal);
    case 'print':
    case 'printf':
      return print(compiler, node);
    case 'if':
      return conditional(compiler, node);
    case 'while':
      return loop(compiler, undefined, node.test, undefined, node.body, true);
    case 'do':
      return loop(compiler, undefined, node.test, undefined, node.body, false);
    case 'for':
      return loop(compiler, node.start, node.test, node.step, node.body, true);
    case 'for-in':
      return forIn(compiler, node);
    case 'delete':
      return remove(compiler, node);
    case 'next':
      return { waits: false, run: () => Signal.Next };
    case 'nextfile':
      return { waits: false, run: () => Signal.NextFile };
    case 'break':
      return { waits: false, run: () => Signal.Break };
    case 'continue':
      return { waits: false, run: () => Signal.Continue };
    case 'exit':
      return afterwards(node.value ? [compiler.expression(node.value)] : [], ([status]) => {
        if (status !== undefined) compiler.runtime.exitStatus = Math.trunc(toNumber(status)) & 0xff;
        return Signal.Exit;
      });
    case 'return':
      return afterwards(node.value ? [compiler.expression(node.value)] : [], ([value]) => {
        if (value !== undefined) compiler.runtime.returned = value;
        return Signal.Return;
      });
  }
}

/** Evaluates operands, then does something with their values. */
function afterwards(operands: Code[], finish: (values: Value[]) => Signal): StatementCode {
  if (allPlain(operands)) {
    const plain: readonly Plain[] = operands;
    const [only] = plain;
    if (plain.length === 1 && only) return { waits: false, run: () => finish([only.val()]) };
    return { waits: false, run: () => finish(plain.map((operand) => operand.val())) };
  }
  return {
    waits: true,
    *run() {
      const values: Value[] = [];
      for (const operand of operands) values.push(yield* evaluate(operand));
      return finish(values);
    },
  };
}

export function sequence(parts: StatementCode[]): StatementCode {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  if (parts.every((part) => !part.waits)) {
    const plain = parts as Extract<StatementCode, { waits: false }>[];
    return {
      waits: false,
      run: () => {
        for (const part of plain) {
          const signal = part.run();
          if (signal !== Signal.Normal) return signal;
        }
        return Signal.Normal;
      },
    };
  }
  return {
    waits: true,
    *run() {
      for (const part of parts) {
        const signal = part.waits ? yield* part.run() : part.run();
        if (signal !== Signal.Normal) return signal;
      }
      return Signal.Normal;
    },
  };
}

function conditional(compiler: Compiler, node: Node<'if'>): StatementCode {
  const test = compiler.expression(node.test);
  const yes = compileStatement(compiler, node.yes);
  const no = node.no ? compileStatement(compiler, node.no) : undefined;
  if (!test.waits && !yes.waits && !no?.waits) {
    return { waits: false, run: () => (test.test() ? yes.run() : no ? no.run() : Signal.Normal) };
  }
  return {
    waits: true,
    *run() {
      const taken = truth(yield* evaluate(test)) ? yes : no;
      if (!taken) return Signal.Normal;
      return taken.waits ? yield* taken.run() : taken.run();
    },
  };
}

/** `while`, `do` and `for`. Every turn counts, so that a loop without end can be interrupted. */
function loop(
  compiler: Compiler,
  startNode: Statement | undefined,
  testNode: Expression | undefined,
  stepNode: Statement | undefined,
  bodyNode: Statement,
  testFirst: boolean,
): StatementCode {
  const { runtime } = compiler;
  const start = startNode && compileStatement(compiler, startNode);
  const test = testNode && compiler.expression(testNode);
  const step = stepNode && compileStatement(compiler, stepNode);
  const body = compileStatement(compiler, bodyNode);
  return {
    waits: true,
    *run(): Blocking<Signal> {
      if (start) start.waits ? yield* start.run() : start.run();
      for (let tested = testFirst; ; tested = true) {
        if (tested && test && !(test.waits ? truth(yield* test.run()) : test.test())) return Signal.Normal;
        if (runtime.tick) yield* runtime.pause();
        const signal = body.waits ? yield* body.run() : body.run();
        if (signal === Signal.Break) return Signal.Normal;
        if (signal !== Signal.Normal && signal !== Signal.Continue) return signal;
        if (step) step.waits ? yield* step.run() : step.run();
      }
    },
  };
}

/** Goes over the subscripts that are there when it starts. */
function forIn(compiler: Compiler, node: Node<'for-in'>): StatementCode {
  const { runtime } = compiler;
  const array = compiler.array(node.array, node.line);
  const place = compileLvalue(compiler, node.variable);
  const body = compileStatement(compiler, node.body);
  return {
    waits: true,
    *run(): Blocking<Signal> {
      for (const key of [...array().keys()]) {
        if (runtime.tick) yield* runtime.pause();
        place.store(key, key);
        const signal = body.waits ? yield* body.run() : body.run();
        if (signal === Signal.Break) return Signal.Normal;
        if (signal !== Signal.Normal && signal !== Signal.Continue) return signal;
      }
      return Signal.Normal;
    },
  };
}

function remove(compiler: Compiler, node: Node<'delete'>): StatementCode {
  const array = compiler.array(node.array, node.line);
  if (!node.subscripts) {
    return {
      waits: false,
      run: () => {
        array().clear();
        return Signal.Normal;
      },
    };
  }
  const key = subscript(
    compiler,
    node.subscripts.map((one) => compiler.expression(one)),
  );
  return afterwards([key], ([value]) => {
    array().delete(value as string);
    return Signal.Normal;
  });
}

function print(compiler: Compiler, node: Node<'print'> | Node<'printf'>): StatementCode {
  const { runtime } = compiler;
  const { streams } = runtime;
  const args = node.args.map((arg) => compiler.expression(arg));
  const target = node.to && compiler.expression(node.to.target);
  const kind = node.to?.kind;
  const render = (values: readonly Value[]): string => {
    if (node.kind === 'printf') return format(runtime.text(values[0] as Value), values.slice(1), (value) => runtime.text(value));
    if (values.length === 0) return runtime.record.text + runtime.ors;
    return values.map((value) => printed(value, runtime.ofmt)).join(runtime.ofs) + runtime.ors;
  };
  if (!target || !kind) return toStandardOutput(compiler, node, args, render);
  const emit = (values: Value[]): TextOutput => {
    const name = runtime.text(values.pop() as Value);
    const text = render(values);
    const stream = streams.output(kind, name);
    stream.write(text);
    return stream;
  };
  // What goes to standard error must not wait; everything else is flushed when it is due.
  return {
    waits: true,
    *run() {
      const values: Value[] = [];
      for (const operand of [...args, target]) values.push(yield* evaluate(operand));
      const stream = emit(values);
      if (streams.isUnbuffered(stream)) {
        if (streams.stdout.interactive) yield* streams.stdout.flush();
        yield* stream.flush();
      }
      return Signal.Normal;
    },
  };
}

function toStandardOutput(
  compiler: Compiler,
  node: Node<'print'> | Node<'printf'>,
  args: Code[],
  render: (values: readonly Value[]) => string,
): StatementCode {
  const { runtime } = compiler;
  const { stdout } = runtime.streams;
  const [only] = args;
  // The commonest statement of all gets a way of its own: text goes straight to the buffer.
  if (node.kind === 'print' && args.length === 1 && only && !only.waits) {
    return {
      waits: false,
      run: () => {
        const value = only.val();
        stdout.write((typeof value === 'string' ? value : printed(value, runtime.ofmt)) + runtime.ors);
        return Signal.Normal;
      },
    };
  }
  return afterwards(args, (values) => {
    stdout.write(render(values));
    return Signal.Normal;
  });
}

/** A value as `print` shows it: numbers that aren't whole by OFMT. */
function printed(value: Value, ofmt: string): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? numberText(value, ofmt) : value.text;
}
