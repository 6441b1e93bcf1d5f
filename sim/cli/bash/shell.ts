import type { Micros } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Signal } from '../../host/signal.ts';
import type { Completer } from '../command.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Tty } from '../../host/tty.ts';
import { ArithmeticError, type ArithmeticNames, evaluateArithmetic } from './arithmetic.ts';
import { ExpansionError } from './control.ts';
import { JobTable } from './jobs.ts';
import type { AndOr, CompoundCommand, CompoundList, PipelineNode, Redirected, Unit } from './parse.ts';
import { initialOptions, type Options } from './options.ts';
import { AssociativeArray, lastIndex, Variables } from './variables.ts';

/** A function: its body, and the source that positions in it refer to. */
export interface ShellFunction {
  name: string;
  body: CompoundCommand | Redirected;
  unit: Unit;
  exported: boolean;
}

/** One call of a function or sourced file, for FUNCNAME, BASH_LINENO and BASH_SOURCE. */
export interface Frame {
  name: string;
  /** The line that called it. */
  line: number;
  source: string;
}

/** What expansions need of the interpreter, and it of them; given at creation so that files don't import in circles. */
export interface Interpreter {
  /** Runs any command; `last` allows a program to replace the process. */
  run(shell: Shell, node: PipelineNode | AndOr | CompoundList, last?: boolean): Blocking<number>;
  /** Runs a whole shell in a process whose `argv` is set, as `execve` of bash does. */
  main(process: Process): Blocking<number>;
  /** Runs a substitution's source in a child and returns what it printed, without trailing newlines. */
  substitute(shell: Shell, source: string, line: number): Blocking<string>;
  /** Starts `<( )` or `>( )` and returns the path that leads to it. */
  processSubstitution(shell: Shell, operator: '<' | '>', source: string, line: number): Blocking<string>;
  /** Parses and runs source in this shell, as `eval` and traps do; `label` goes into syntax errors. */
  runSource(shell: Shell, source: string, line: number, label: string): Blocking<number>;
  /** How a program completes its arguments, if it knows. */
  completer(name: string): Blocking<Completer | undefined>;
  /** Calls a function. */
  callFunction(shell: Shell, called: ShellFunction, args: string[]): Blocking<number>;
  /** Runs already expanded words as a simple command; `skipFunctions` as `command` does. */
  runWords(shell: Shell, words: string[], how: { skipFunctions?: boolean; defaultPath?: boolean; exec?: ExecOptions }): Blocking<number>;
}

export interface ExecOptions {
  argv0: string | undefined;
  clearEnvironment: boolean;
}

/** How deep functions may call each other. Real bash ends with a segmentation fault somewhere beyond. */
export const MAX_FUNCTION_DEPTH = 400;
/** How deep `eval`, `source` and traps may nest. */
export const MAX_SOURCE_DEPTH = 100;

/** The state of one shell process. A subshell has a copy. */
export class Shell {
  readonly process: Process;
  readonly interpreter: Interpreter;
  readonly variables = new Variables();
  functions = new Map<string, ShellFunction>();
  aliases = new Map<string, string>();
  options: Options = initialOptions();
  positional: string[] = [];
  /** `$0`, and what messages begin with. */
  name = 'bash';
  /** `-c: ` in front of the line number of syntax errors. */
  label = '';
  interactive = false;
  login = false;
  /** Called as `sh`. */
  posix = false;
  /** busybox's shell: words and line numbers of its own. */
  ash = false;
  /** Survives what ends other non-interactive shells: the page's console. */
  persistent = false;
  /** Job control: every job is a process group of its own (`set -m`). */
  monitor = false;
  tty: Tty | undefined;

  status = 0;
  /** `$!` */
  lastBackground: number | undefined;
  /** `$_` */
  lastArgument = '';
  pipeStatus: number[] = [0];
  unit: Unit = { source: '', line: 1, script: { type: 'Script', pos: 0, end: 0, shebang: undefined, commands: [] } };
  line = 1;
  /** Where a function's or a file's frames are; the innermost last. */
  frames: Frame[] = [];
  functionDepth = 0;
  sourceDepth = 0;
  loopDepth = 0;
  subshellDepth = 0;
  /** The pid of the first shell: `$$` in subshells too. */
  mainPid: number;
  /** Set while a status is tested (`if`, `&&`, `!`): `set -e` and the ERR trap keep still. */
  testing = 0;
  /** Exit status of the last command substitution of the command being expanded. */
  substitutionStatus: number | undefined;
  jobs = new JobTable();
  traps = new Map<string, string>();
  /** Caught signals whose trap has not run yet. */
  pendingTraps: Signal[] = [];
  /** SIGINT came and nobody has acted on it. */
  interrupted = false;
  runningTrap = false;
  /** Signals that were ignored when the shell began: they stay so, whatever `trap` says (POSIX 2.14). */
  readonly ignoredAtStart = new Set<string>();
  directoryStack: string[] = [];
  /** Where PATH lookups ended (`hash`). */
  hashed = new Map<string, { path: string; hits: number }>();
  history: string[] = [];
  /** Descriptors of running process substitutions, closed when their command ends. */
  substitutionDescriptors: number[] = [];
  /** Processes of `>( )` and `<( )`, to be waited for some time. */
  substitutionChildren: number[] = [];
  getoptsOffset = 0;
  readonly started: Micros;
  secondsBase: number;
  readonly nextRandom: () => number;
  disabledBuiltins = new Set<string>();
  currentCommand = '';
  /** How deep in command substitutions: `set -x` shows one plus sign more for each. */
  traceDepth = 0;

  constructor(process: Process, interpreter: Interpreter, parent?: Shell) {
    this.process = process;
    this.interpreter = interpreter;
    this.mainPid = parent?.mainPid ?? process.nspid;
    this.started = parent?.started ?? process.host.now;
    this.secondsBase = parent?.secondsBase ?? process.host.now;
    const random = process.host.random(`bash/${process.pid}`);
    this.nextRandom = () => random.below(32_768);
    if (parent) this.#copy(parent);
    this.variables.compute = (text) => String(this.arithmetic(text));
  }

  #copy(parent: Shell): void {
    parent.variables.copyInto(this.variables);
    this.functions = new Map(parent.functions);
    this.aliases = new Map(parent.aliases);
    this.options = { flags: new Set(parent.options.flags), shopt: new Map(parent.options.shopt) };
    this.positional = [...parent.positional];
    this.name = parent.name;
    this.label = parent.label;
    this.posix = parent.posix;
    this.ash = parent.ash;
    this.interactive = false;
    this.tty = parent.tty;
    this.status = parent.status;
    this.lastBackground = parent.lastBackground;
    this.lastArgument = parent.lastArgument;
    this.pipeStatus = [...parent.pipeStatus];
    this.unit = parent.unit;
    this.line = parent.line;
    this.frames = [...parent.frames];
    this.functionDepth = parent.functionDepth;
    this.sourceDepth = parent.sourceDepth;
    this.loopDepth = 0;
    this.subshellDepth = parent.subshellDepth + 1;
    this.traceDepth = parent.traceDepth;
    this.testing = parent.testing;
    this.directoryStack = [...parent.directoryStack];
    this.hashed = new Map(parent.hashed);
    this.history = parent.history;
    // Ignored signals stay ignored; other traps are the parent's own (POSIX 2.12), but `trap` still lists them.
    for (const [signal, action] of parent.traps) if (action === '') this.traps.set(signal, action);
  }

  option(flag: string): boolean {
    return this.options.flags.has(flag);
  }

  shopt(name: string): boolean {
    return this.options.shopt.get(name) ?? false;
  }

  /** The status with which `${x:?}` and `set -u` end a shell. */
  get fatalStatus(): number {
    return this.label !== '' && this.subshellDepth === 0 ? 127 : 1;
  }

  /** `bash: line 3: `, or `bash: ` at a prompt. */
  prefix(): string {
    const source = this.frames.findLast((frame) => frame.source !== '')?.source;
    const name = source ?? this.name;
    // ash counts the lines of `-c` from 0 and has none at a prompt.
    if (this.ash) return this.interactive ? `${name}: ` : `${name}: line ${this.label === '' ? this.line : this.line - 1}: `;
    if (this.posix) return `${name}: ${this.line}: `;
    return this.interactive ? `${this.displayName(name)}: ` : `${name}: line ${this.line}: `;
  }

  displayName(name: string): string {
    return name.replace(/.*\//, '');
  }

  /** Prints a message to standard error, with the shell's name and line in front and a newline behind. */
  *complain(message: string): Blocking<void> {
    yield* this.process.write(2, `${this.prefix()}${message}\n`);
  }

  *print(text: string): Blocking<void> {
    yield* this.process.write(1, text);
  }

  /** Computes arithmetic whose text is expanded already. @throws ExpansionError */
  arithmetic(text: string): bigint {
    try {
      return evaluateArithmetic(text, this.arithmeticNames);
    } catch (error) {
      if (error instanceof ArithmeticError) throw new ExpansionError(error.message);
      if (error instanceof RangeError) throw new ExpansionError(`${text.slice(0, 40)}: expression too deeply nested`);
      throw error;
    }
  }

  readonly arithmeticNames: ArithmeticNames = {
    get: (name, subscript) => {
      if (subscript === undefined) return this.variables.get(name);
      return this.variables.element(name, this.keyOf(name, subscript));
    },
    set: (name, subscript, value) => this.variables.set(name, value, subscript === undefined ? undefined : this.keyOf(name, subscript)),
    unset: (name) => {
      if (this.option('u')) throw new ExpansionError(`${name}: unbound variable`, 127, true);
    },
  };

  /** An array key from an expanded subscript: computed for indexed arrays, as it is for associative ones. */
  keyOf(name: string, subscript: string): string {
    const value = this.variables.value(this.variables.resolveName(name));
    if (value instanceof AssociativeArray) return subscript;
    const index = this.arithmetic(subscript);
    if (index < 0n) {
      const length = value instanceof Map ? lastIndex(value) + 1 : value === undefined ? 0 : 1;
      if (BigInt(length) + index < 0n) throw new ExpansionError(`${name}: bad array subscript`);
      return String(BigInt(length) + index);
    }
    return String(index);
  }

  /** The characters that words are split at. */
  get ifs(): string {
    return this.variables.get('IFS') ?? ' \t\n';
  }
}
