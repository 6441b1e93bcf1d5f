import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import type { Process, Program } from '../../host/process.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { TextOutput } from '../text-stream.ts';
import { checkNames } from './check.ts';
import { bindVariable, type Environment } from './environment.ts';
import { Break, Halt, JqError } from './error.ts';
import { evaluate } from './evaluate.ts';
import { JqInput } from './input.ts';
import { JsonSyntaxError, parseTexts, withoutStrayBytes } from './json-parser.ts';
import { jsonText, type PrintOptions } from './json-text.ts';
import { Machine } from './machine.ts';
import { type Options, parseOptions } from './options.ts';
import { parseProgram } from './parse.ts';
import { type Stream, Wait } from './stream.ts';
import { CompileError, describe, type Node } from './syntax.ts';
import { HINT, USAGE, VERSION } from './usage.ts';
import { truthy, type Value } from './value.ts';

/** The JSON processor. @see jq(1) 1.8 */
export const run: Program = function* (process) {
  const options = parseOptions(process.argv.slice(1));
  if ('error' in options) {
    const message = options.unmodelled ? notModelled('jq', options.unmodelled) : `jq: ${options.error}\n${options.usage ? HINT : ''}`;
    yield* process.write(2, message);
    return 2;
  }
  // Without a program, and not at a terminal, jq just formats.
  const atTerminal = [0, 1].every((fd) => terminalOf(process.fds.get(fd)));
  if (options.show === 'usage' && !atTerminal) {
    options.program = '.';
    options.show = undefined;
  }
  if (options.show) {
    yield* process.write(options.show === 'usage' ? 2 : 1, options.show === 'version' ? VERSION : USAGE);
    return options.show === 'usage' ? 2 : 0;
  }
  const failed = yield* readFiles(process, options);
  if (failed !== undefined) {
    yield* process.write(2, `jq: ${failed}\n`);
    return 2;
  }
  return yield* new Session(process, options).run();
};

/** Reads the files that options name: the program, --slurpfile and --rawfile. The words after `jq: ` when one can't be. */
function* readFiles(process: Process, options: Options): Blocking<string | undefined> {
  if (options.fromFile !== undefined) {
    const bytes = yield* process.readFile(options.fromFile);
    if (typeof bytes === 'string') return `Could not open ${options.fromFile}: ${strerror(bytes)}`;
    options.program = decode(bytes);
  }
  for (const { name, file, raw } of options.fileVariables) {
    const bytes = yield* process.readFile(file);
    const option = raw ? 'rawfile' : 'slurpfile';
    if (typeof bytes === 'string') return `Bad JSON in --${option} ${name} ${file}: Could not open ${file}: ${strerror(bytes)}`;
    try {
      options.named.set(name, raw ? withoutStrayBytes(decode(bytes)) : parseTexts(decode(bytes)));
    } catch (thrown) {
      if (thrown instanceof JsonSyntaxError) return `Bad JSON in --${option} ${name} ${file}: ${thrown.message}`;
      throw thrown;
    }
  }
  return undefined;
}

/** Virtual time for some tens of thousands of evaluation steps, and for one input. */
const TICK_COST = 5_000;
const INPUT_COST = 20;
const INPUTS_PER_TICK = 50;

/** One run of jq: the program, the inputs, the output. */
class Session {
  readonly #process: Process;
  readonly #options: Options;
  readonly #input: JqInput;
  readonly #stdout: TextOutput;
  readonly #machine: Machine;
  readonly #print: PrintOptions;
  #warnings = '';
  #lastOutput: Value | undefined;
  #failed = false;
  #count = 0;

  constructor(process: Process, options: Options) {
    this.#process = process;
    this.#options = options;
    this.#input = new JqInput(process, options.files, options);
    this.#stdout = new TextOutput(process, 1);
    this.#print = { indent: options.indent, sortKeys: options.sortKeys, ascii: options.ascii, colour: options.colour };
    this.#machine = new Machine({
      nextInput: () => this.#input.next(),
      inputName: () => this.#input.name,
      inputLine: () => this.#input.lines,
      now: () => EPOCH_SECONDS + process.host.now / SECOND,
      environment: new Map([...process.env].map(([name, value]) => [name, withoutStrayBytes(value)])),
      warn: (text) => {
        this.#warnings += text;
      },
    });
  }

  *run(): Blocking<number> {
    const program = this.#compile();
    if (typeof program === 'string') {
      yield* this.#process.write(2, program);
      return 3;
    }
    const environment = this.#environment();
    try {
      yield* this.#inputs(program, environment);
    } catch (thrown) {
      if (!(thrown instanceof Halt)) throw thrown;
      yield* this.#flush();
      if (thrown.message) yield* this.#process.write(2, thrown.message);
      return thrown.status;
    }
    yield* this.#flush();
    return this.#status();
  }

  /** The tree, or the whole text of the errors. */
  #compile(): Node | string {
    const text = this.#options.program ?? '';
    try {
      const program = parseProgram(text);
      const { errors, defined } = checkNames(program, [...this.#options.named.keys(), 'ARGS']);
      this.#machine.redefined = defined;
      if (errors.length === 0) return program;
      return errors.map((error) => describe(error, text)).join('') + compileErrors(errors.length);
    } catch (thrown) {
      if (thrown instanceof CompileError) return describe(thrown, text) + compileErrors(1);
      throw thrown;
    }
  }

  #environment(): Environment | undefined {
    const { named, positional } = this.#options;
    const args = new Map<string, Value>([
      ['positional', positional],
      ['named', named],
    ]);
    let environment: Environment | undefined = bindVariable(undefined, 'ARGS', args);
    for (const [name, value] of named) environment = bindVariable(environment, name, value);
    return environment;
  }

  *#inputs(program: Node, environment: Environment | undefined): Blocking<void> {
    if (this.#options.nullInput) {
      yield* this.#outputs(evaluate(this.#machine, program, environment, null));
      if (this.#input.syntaxError) yield* this.#complain();
      return;
    }
    for (;;) {
      const next = this.#input.next();
      if (next === 'end') break;
      if (!next) {
        yield* this.#advance();
        continue;
      }
      if (++this.#count % INPUTS_PER_TICK === 0) yield* this.#process.spend(INPUT_COST * INPUTS_PER_TICK);
      yield* this.#outputs(evaluate(this.#machine, program, environment, next.value));
      if (this.#stdout.full) yield* this.#flush();
    }
    yield* this.#complain();
  }

  /** Waits for more input; what has been printed is seen meanwhile. */
  *#advance(): Blocking<void> {
    yield* this.#flush();
    yield* this.#input.advance();
    if (this.#input.complaints === '') return;
    yield* this.#process.write(2, this.#input.complaints);
    this.#input.complaints = '';
  }

  *#complain(): Blocking<void> {
    const { syntaxError } = this.#input;
    if (!syntaxError) return;
    yield* this.#flush();
    yield* this.#process.write(2, `jq: parse error: ${syntaxError.message}\n`);
  }

  /** Prints the outputs for one input; an error ends them. */
  *#outputs(stream: Stream): Blocking<void> {
    for (;;) {
      let step: IteratorResult<Value | Wait, void>;
      try {
        step = stream.next();
      } catch (thrown) {
        yield* this.#error(thrown);
        return;
      }
      if (this.#warnings !== '') yield* this.#warn();
      if (step.done) return;
      if (!(step.value instanceof Wait)) this.#output(step.value);
      else if (step.value.reason === 'input') yield* this.#advance();
      else yield* this.#process.spend(TICK_COST);
      if (this.#stdout.full) yield* this.#flush();
    }
  }

  #output(value: Value): void {
    const { raw, join, raw0 } = this.#options;
    this.#lastOutput = value;
    this.#stdout.write(raw && typeof value === 'string' ? value : jsonText(value, this.#print));
    if (!join) this.#stdout.write(raw0 ? '\0' : '\n');
  }

  *#warn(): Blocking<void> {
    const text = this.#warnings;
    this.#warnings = '';
    if (this.#stdout.interactive) yield* this.#flush();
    yield* this.#process.write(2, text);
  }

  *#error(thrown: unknown): Blocking<void> {
    if (this.#warnings !== '') yield* this.#warn();
    const message = this.#messageOf(thrown);
    this.#failed = true;
    this.#lastOutput = undefined;
    if (this.#stdout.interactive) yield* this.#flush();
    yield* this.#process.write(2, message);
  }

  #messageOf(thrown: unknown): string {
    if (thrown instanceof JqError) {
      const { value } = thrown;
      if (typeof value === 'string') return `jq: error (at ${this.#place()}): ${value}\n`;
      return `jq: error (at ${this.#place()}) (not a string): ${jsonText(value)}\n`;
    }
    if (thrown instanceof Break) return `jq: error (at ${this.#place()}): break\n`;
    // Generators inside generators without end: the stack of the engine is the limit.
    if (thrown instanceof RangeError) return `jq: error (at ${this.#place()}): recursion too deep\n`;
    throw thrown;
  }

  /** Where the input that is worked on ended: `<stdin>:1`. */
  #place(): string {
    return this.#input.name === null ? '<unknown>' : `${this.#input.name}:${this.#input.lines}`;
  }

  *#flush(): Blocking<void> {
    yield* this.#stdout.flush();
  }

  #status(): number {
    if (this.#failed || this.#input.syntaxError) return 5;
    if (this.#input.failed) return 2;
    if (!this.#options.exitStatus) return 0;
    if (this.#lastOutput === undefined) return 4;
    return truthy(this.#lastOutput) ? 0 : 1;
  }
}

function compileErrors(count: number): string {
  return `jq: ${count} compile error${count === 1 ? '' : 's'}\n`;
}

export const jq: Command = { name: 'jq', paths: ['/usr/bin/jq'], run };
