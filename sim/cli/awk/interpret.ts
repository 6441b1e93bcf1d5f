import type { Blocking } from '../../host/wait.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import type { Functions } from './call.ts';
import { type Code, evaluate, type Plain } from './code.ts';
import { Compiler } from './compile-expression.ts';
import { compileStatement, sequence } from './compile-statement.ts';
import { drive } from './drive.ts';
import { Fatal } from './fatal.ts';
import { cannotOpen } from './getline.ts';
import { resolveEscapes } from './lexer.ts';
import { RecordReader } from './record-reader.ts';
import type { Runtime } from './runtime.ts';
import { analyse } from './scope.ts';
import { Signal, type StatementCode, Unwinding } from './signal.ts';
import type { Program } from './syntax.ts';
import { fromInput, toNumber, truth } from './values.ts';

interface CompiledRule {
  pattern: Code | undefined;
  until: Code | undefined;
  body: StatementCode;
  /** Inside a range. */
  active: boolean;
}

interface PlainRule extends CompiledRule {
  pattern: Plain | undefined;
  until: Plain | undefined;
  body: Extract<StatementCode, { waits: false }>;
}

function isPlain(rule: CompiledRule): rule is PlainRule {
  return !rule.pattern?.waits && !rule.until?.waits && !rule.body.waits;
}

/** A program made ready to run on a runtime. @throws AwkSyntaxError for mistakes that only the whole program shows */
export class Interpreter {
  readonly #runtime: Runtime;
  readonly #program: Program;
  readonly #begin: StatementCode;
  readonly #rules: CompiledRule[];
  /** The rules again when all are plain. */
  readonly #plain: readonly PlainRule[] | undefined;
  readonly #end: StatementCode;
  /** Index of the next ARGV element to look at. */
  #next = 1;
  #reader: RecordReader | undefined;
  #fd = -1;
  #anyFile = false;

  constructor(runtime: Runtime, program: Program) {
    this.#runtime = runtime;
    this.#program = program;
    const scope = analyse(program);
    const functions: Functions = new Map();
    for (const [name, one] of scope.functions) {
      functions.set(name, compileStatement(new Compiler(runtime, scope, functions, one), one.definition.body));
    }
    const compiler = new Compiler(runtime, scope, functions, undefined);
    this.#begin = sequence(program.begin.map((part) => compileStatement(compiler, part)));
    this.#rules = program.rules.map(({ pattern, until, body }) => ({
      pattern: pattern && compiler.expression(pattern),
      until: until && compiler.expression(until),
      body: compileStatement(compiler, body ?? { kind: 'print', args: [], to: undefined }),
      active: false,
    }));
    this.#plain = this.#rules.every(isPlain) ? this.#rules : undefined;
    this.#end = sequence(program.end.map((part) => compileStatement(compiler, part)));
    const self = this;
    runtime.mainInput = {
      *next() {
        return self.#buffered() ?? (yield* self.#nextRecord());
      },
    };
  }

  /** BEGIN, the rules for every record, END. @throws Fatal at run-time errors */
  *run(): Blocking<void> {
    yield* drive(this.#main());
  }

  *#main(): Blocking<void> {
    const begun = yield* this.#guarded(this.#begin);
    const readsInput = this.#rules.length > 0 || this.#program.hasEnd;
    if (begun !== Signal.Exit && readsInput) {
      yield* this.#records();
      yield* this.#guarded(this.#end);
    } else if (begun === Signal.Exit && this.#program.hasEnd) yield* this.#guarded(this.#end);
  }

  *#guarded(code: StatementCode): Blocking<Signal> {
    try {
      return code.waits ? yield* code.run() : code.run();
    } catch (thrown) {
      if (!(thrown instanceof Unwinding)) throw thrown;
      this.#runtime.depth = 0;
      this.#runtime.frame = [];
      return thrown.signal;
    }
  }

  /** Applies the rules to record after record, until the end or `exit`. */
  *#records(): Blocking<void> {
    const runtime = this.#runtime;
    for (;;) {
      const text = this.#buffered() ?? (yield* this.#nextRecord());
      if (text === undefined) return;
      runtime.record.set(text);
      if (runtime.tick || runtime.streams.due) yield* runtime.pause();
      const signal = this.#plain ? this.#applyPlain(this.#plain) : yield* this.#applyRules();
      if (signal === Signal.Exit) return;
      if (signal === Signal.NextFile) this.#closeFile();
    }
  }

  /** The rules when none of them can wait: no generator is needed for a record. */
  #applyPlain(rules: readonly PlainRule[]): Signal {
    try {
      for (const rule of rules) {
        const { pattern, until } = rule;
        if (until) {
          if (!rule.active && pattern && !pattern.test()) continue;
          rule.active = !until.test();
        } else if (pattern && !pattern.test()) continue;
        const signal = rule.body.run();
        if (signal !== Signal.Normal) return signal;
      }
      return Signal.Normal;
    } catch (thrown) {
      if (!(thrown instanceof Unwinding)) throw thrown;
      this.#runtime.depth = 0;
      this.#runtime.frame = [];
      return thrown.signal;
    }
  }

  *#applyRules(): Blocking<Signal> {
    for (const rule of this.#rules) {
      try {
        if (!(rule.until ? yield* this.#inRange(rule) : yield* this.#matches(rule.pattern))) continue;
        const { body } = rule;
        const signal = body.waits ? yield* body.run() : body.run();
        if (signal !== Signal.Normal) return signal;
      } catch (thrown) {
        if (!(thrown instanceof Unwinding)) throw thrown;
        this.#runtime.depth = 0;
        this.#runtime.frame = [];
        return thrown.signal;
      }
    }
    return Signal.Normal;
  }

  *#matches(pattern: Code | undefined): Blocking<boolean> {
    if (!pattern) return true;
    return pattern.waits ? truth(yield* pattern.run()) : pattern.test();
  }

  *#inRange(rule: CompiledRule): Blocking<boolean> {
    if (!rule.active && !(yield* this.#matches(rule.pattern))) return false;
    rule.active = !truth(yield* evaluate(rule.until as Code));
    return true;
  }

  // ---- main input -----------------------------------------------------------------------------------------------------

  /** The next record if it has been read already. */
  #buffered(): string | undefined {
    const text = this.#reader?.buffered(this.#runtime.mode);
    if (text !== undefined) this.#count();
    return text;
  }

  #count(): void {
    this.#runtime.nr++;
    this.#runtime.fnr++;
  }

  *#nextRecord(): Blocking<string | undefined> {
    yield* this.#runtime.streams.flush();
    for (;;) {
      if (!this.#reader && !this.#openNext()) return undefined;
      const reader = this.#reader as RecordReader;
      const text = yield* reader.read(this.#runtime.mode);
      if (text !== undefined) {
        this.#count();
        return text;
      }
      if (reader.error) {
        throw new Fatal(cannotOpen(this.#runtime.text(this.#runtime.variable('FILENAME').value), reader.error), 'plain');
      }
      this.#closeFile();
    }
  }

  #closeFile(): void {
    if (this.#fd > 0) this.#runtime.process.close(this.#fd);
    this.#reader = undefined;
  }

  /** Opens the next file of ARGV, doing assignments on the way; standard input when there was no file at all. */
  #openNext(): boolean {
    const runtime = this.#runtime;
    const argv = runtime.array('ARGV');
    for (; this.#next < toNumber(runtime.variable('ARGC').value); this.#next++) {
      const operand = argv.get(String(this.#next));
      const name = operand === undefined ? '' : runtime.text(operand);
      if (name === '' || assignOperand(runtime, name)) continue;
      this.#next++;
      this.#open(name);
      return true;
    }
    if (this.#anyFile) return false;
    this.#open('-');
    return true;
  }

  #open(name: string): void {
    const runtime = this.#runtime;
    this.#anyFile = true;
    const fd = name === '-' || name === '/dev/stdin' ? 0 : runtime.process.open(textOf(name));
    if (typeof fd === 'string') throw new Fatal(byteString(cannotOpen(textOf(name), fd)), 'plain');
    if (fd > 2) runtime.process.closeOnExec.add(fd);
    this.#fd = fd;
    this.#reader = new RecordReader(runtime.process, fd);
    runtime.variable('FILENAME').value = name;
    runtime.fnr = 0;
  }
}

/** Performs `name=value` from the command line; false when the operand isn't of that form. */
export function assignOperand(runtime: Runtime, operand: string): boolean {
  const match = /^([A-Za-z_][A-Za-z_0-9]*)=([\s\S]*)$/.exec(operand);
  if (!match) return false;
  runtime.variable(match[1] as string).value = fromInput(resolveEscapes(match[2] as string));
  return true;
}
