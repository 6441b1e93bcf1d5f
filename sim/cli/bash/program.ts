import type { Blocking } from '../../host/wait.ts';
import { DiscardControl, ReturnControl } from './control.ts';
import { expandAliases } from './alias.ts';
import { guarded, runNode, runStatement } from './execute.ts';
import { notifyJobs } from './foreground.ts';
import { MAX_SOURCE, parseProgram, type Statement, type SyntaxProblem, type Unit } from './parse.ts';
import { processSubstitution, substitute } from './subshell.ts';
import { type Interpreter, MAX_FUNCTION_DEPTH, MAX_SOURCE_DEPTH, type Shell, type ShellFunction } from './shell.ts';
import { runWords } from './simple.ts';

/** Runs the statements of a unit that was parsed without a problem. What fails drops only the rest of its own line. */
export function* runUnit(shell: Shell, unit: Unit, nested: boolean): Blocking<number> {
  const outer = shell.unit;
  shell.unit = unit;
  let status = shell.status;
  try {
    if (unit.script.commands.length === 0) return status;
    for (const line of lines(unit)) {
      try {
        for (const statement of line) status = yield* guarded(shell, runStatement(shell, statement));
      } catch (control) {
        if (!(control instanceof DiscardControl) || nested) throw control;
        status = control.status;
        shell.status = status;
      }
      if (!shell.interactive) yield* notifyJobs(shell);
    }
    return status;
  } finally {
    shell.unit = outer;
  }
}

/** Statements that stand on the same line: bash reads and runs them together. */
function lines(unit: Unit): Statement[][] {
  const groups: Statement[][] = [];
  let end = -1;
  for (const statement of unit.script.commands) {
    const between = end < 0 ? '\n' : unit.source.slice(end, statement.pos);
    if (between.includes('\n')) groups.push([statement]);
    else groups.at(-1)?.push(statement);
    end = statement.end;
  }
  return groups;
}

/** The same in dash's words, which is what `sh` is on Debian. */
function dashProblem(problem: SyntaxProblem): string {
  const [message = ''] = problem.messages;
  const token = /unexpected token `(.*)'$/s.exec(message)?.[1];
  if (token !== undefined) return `Syntax error: ${token === 'newline' ? token : `"${token}"`} unexpected`;
  const open = /matching `(.)'$/.exec(message)?.[1];
  if (open === "'" || open === '"') return 'Syntax error: Unterminated quoted string';
  if (open !== undefined) return `Syntax error: end of file unexpected (expecting "${open}")`;
  const closers: Record<string, string> = { if: 'fi', while: 'done', until: 'done', for: 'done', case: 'esac', '{': '}', '(': ')' };
  const opener = /from `(.*)' command/.exec(message)?.[1] ?? '';
  return `Syntax error: end of file unexpected${closers[opener] ? ` (expecting "${closers[opener]}")` : ''}`;
}

/** Prints what is wrong with a source, as bash does: the message, then the line. */
export function* reportProblem(shell: Shell, source: string, firstLine: number, problem: SyntaxProblem, label: string): Blocking<void> {
  if (shell.posix) {
    yield* shell.process.write(2, `${shell.name}: ${problem.line}: ${dashProblem(problem)}\n`);
    return;
  }
  const head = shell.interactive && label === '' ? `${shell.displayName(shell.name)}: ` : `${shell.name}: ${label}line ${problem.line}: `;
  for (const message of problem.messages) yield* shell.process.write(2, `${head}${message}\n`);
  if (!problem.showLine) return;
  const line = source.split('\n')[problem.line - firstLine] ?? '';
  yield* shell.process.write(2, `${head}\`${line}'\n`);
}

/**
 * Runs a source that is there as a whole: a file, `-c`, `eval`, a trap. Where it has a mistake, what comes before runs first.
 * A mistake ends it with status 2.
 *
 * @param label what stands before the line number of syntax errors
 * @param nested whether a dropped line drops everything (inside of a running command)
 */
export function* runText(shell: Shell, source: string, line: number, label: string, nested = false): Blocking<number> {
  if (source.length > MAX_SOURCE) {
    yield* shell.complain(`source of ${source.length} characters is too long for this simulation (see sim/FIDELITY.md)`);
    return 2;
  }
  if (!usesAliases(shell) && !source.includes('expand_aliases')) {
    const { unit, problem } = parseProgram(source, line);
    if (!problem || problem.messages.length === 0) return yield* runUnit(shell, unit, nested);
  }
  const reader = new PieceReader(shell, line);
  for (const text of source.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const piece = reader.push(text);
    if (!piece) continue;
    const ended = yield* runPiece(shell, piece, label, nested);
    if (ended !== undefined) return ended;
  }
  const rest = reader.end();
  if (rest) {
    const ended = yield* runPiece(shell, rest, label, nested);
    if (ended !== undefined) return ended;
  }
  return shell.status;
}

/** Runs a piece; a number means that a mistake in it ends the whole source. */
function* runPiece(shell: Shell, piece: Piece, label: string, nested: boolean): Blocking<number | undefined> {
  if (piece.problem && piece.problem.messages.length > 0) {
    yield* reportProblem(shell, piece.unit.source, piece.unit.line, piece.problem, label);
    shell.status = 2;
    return 2;
  }
  yield* runUnit(shell, piece.unit, nested);
  return undefined;
}

function usesAliases(shell: Shell): boolean {
  return shell.aliases.size > 0 && (shell.interactive || shell.shopt('expand_aliases'));
}

export interface Piece {
  unit: Unit;
  problem: SyntaxProblem | undefined;
}

/** Puts lines together until they are complete commands, as a shell that reads line by line has to. */
export class PieceReader {
  readonly #shell: Shell;
  #buffer = '';
  #line: number;
  #next: number;
  #problem: SyntaxProblem | undefined;
  /** What the next lines must contain for the buffer to be worth parsing again; keeps long quotes from costing squared time. */
  #awaited: RegExp | undefined;

  constructor(shell: Shell, line: number) {
    this.#shell = shell;
    this.#line = line;
    this.#next = line;
  }

  /** Whether a command has begun and goes on in the next line. */
  get pending(): boolean {
    return this.#buffer !== '';
  }

  /** The number of the next line. */
  get nextLine(): number {
    return this.#next;
  }

  /** Takes a line (with its newline, if it has one); gives what became complete or turned out wrong. */
  push(text: string): Piece | undefined {
    this.#buffer += text;
    this.#next++;
    if (this.#awaited && !this.#awaited.test(text)) return undefined;
    const source = usesAliases(this.#shell) ? expandAliases(this.#shell, this.#buffer) : this.#buffer;
    const { unit, problem } = parseProgram(source, this.#line);
    if (problem?.kind === 'incomplete') {
      this.#problem = problem;
      const closer = /matching `(.)'$/.exec(problem.messages[0] ?? '')?.[1];
      this.#awaited = closer === "'" || closer === '"' || closer === '`' ? new RegExp(closer) : undefined;
      return undefined;
    }
    this.drop();
    return { unit, problem };
  }

  /** At the end of the input: what is left, with its problem. */
  end(): Piece | undefined {
    if (this.#buffer === '') return undefined;
    const { unit, problem } = parseProgram(this.#buffer, this.#line);
    const joined = problem && problem.messages[0] === 'syntax error: unexpected end of file' && this.#buffer.trimEnd().endsWith('\\');
    this.drop();
    return { unit, problem: joined ? undefined : (problem ?? this.#problem) };
  }

  /** Forgets what was begun (Ctrl-C at a continuation prompt). */
  drop(): void {
    this.#buffer = '';
    this.#line = this.#next;
    this.#awaited = undefined;
    this.#problem = undefined;
  }

  /** Sets the number of the next line. */
  skipLines(count: number): void {
    this.#next += count;
    this.#line = this.#next;
  }
}

function* runSource(shell: Shell, source: string, line: number, label: string): Blocking<number> {
  if (shell.sourceDepth >= MAX_SOURCE_DEPTH) {
    yield* shell.complain(`${label}: maximum nesting level exceeded (${MAX_SOURCE_DEPTH})`);
    throw new DiscardControl(1);
  }
  shell.sourceDepth++;
  try {
    const substitution = label === 'substitution';
    return yield* runText(shell, source, line, substitution ? shell.label : `${label}: `, true);
  } catch (control) {
    if (control instanceof DiscardControl && label === 'eval') return control.status;
    throw control;
  } finally {
    shell.sourceDepth--;
  }
}

function* callFunction(shell: Shell, called: ShellFunction, args: string[]): Blocking<number> {
  const limit = Math.min(Number(shell.variables.get('FUNCNEST') || MAX_FUNCTION_DEPTH) || MAX_FUNCTION_DEPTH, MAX_FUNCTION_DEPTH);
  if (shell.functionDepth >= limit) {
    yield* shell.complain(`${called.name}: maximum function nesting level exceeded (${limit})`);
    throw new DiscardControl(1);
  }
  const { positional, loopDepth, unit, line, getoptsOffset } = shell;
  const depth = shell.variables.scopes.length;
  shell.functionDepth++;
  shell.loopDepth = 0;
  shell.positional = args;
  shell.frames.push({ name: called.name, line, source: '' });
  shell.variables.push('function');
  shell.unit = called.unit;
  try {
    return yield* runNode(shell, called.body);
  } catch (control) {
    if (!(control instanceof ReturnControl)) throw control;
    shell.status = control.status;
    return control.status;
  } finally {
    shell.variables.scopes.length = depth;
    shell.frames.pop();
    shell.functionDepth--;
    shell.loopDepth = loopDepth;
    shell.positional = positional;
    shell.unit = unit;
    shell.line = line;
    shell.getoptsOffset = getoptsOffset;
  }
}

/** The interpreter as one value, for `Shell`. */
export function makeInterpreter(main: Interpreter['main'], completer: Interpreter['completer']): Interpreter {
  return { run: runNode, main, completer, substitute, processSubstitution, runSource, callFunction, runWords };
}
