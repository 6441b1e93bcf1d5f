import type { Blocking } from '../../host/wait.ts';
import { evaluateConditional } from './conditional.ts';
import { compilePattern, expandText, expandWords } from './expand.ts';
import { DiscardControl, ExitControl, ExpansionError, LoopControl } from './control.ts';
import { startBackground } from './background.ts';
import type {
  AndOr,
  ArithmeticFor,
  Case,
  CompoundList,
  For,
  FunctionDefinition,
  If,
  Pipeline,
  PipelineNode,
  Redirected,
  Select,
  Statement,
  TestCommand,
  While,
} from './parse.ts';
import { lineAt } from './position.ts';
import { runPipeline } from './pipeline.ts';
import { applyRedirections, prepareRedirections, SavedDescriptors } from './redirect.ts';
import type { Shell } from './shell.ts';
import { runSelect } from './select.ts';
import { checkSignals, runTrap } from './signals.ts';
import { runSimple, trace } from './simple.ts';
import { traceWord } from './assign.ts';
import { commandText } from './print.ts';
import { runSubshell } from './subshell.ts';
import { NAME_PATTERN, VariableError } from './variables.ts';
import { parseWord, unquoted } from './word.ts';

/** What a turn of a loop costs, in microseconds. */
const LOOP_COST = 5;

/** Runs the statements of a list one after the other; the status is the last one's. */
export function* runList(shell: Shell, list: { commands: readonly Statement[] }): Blocking<number> {
  let status = 0;
  for (const statement of list.commands) status = yield* runStatement(shell, statement);
  return status;
}

/** Runs one statement: in the background if `&` follows it. */
export function* runStatement(shell: Shell, statement: Statement): Blocking<number> {
  yield* checkSignals(shell);
  if (statement.background) {
    shell.line = lineAt(shell.unit, statement.pos);
    return setStatus(shell, yield* startBackground(shell, statement.command));
  }
  return yield* runNode(shell, statement.command);
}

function setStatus(shell: Shell, status: number): number {
  shell.status = status;
  return status;
}

/** Runs any command. `last` says that the process has nothing else to do, so that a program may replace it. */
export function runNode(shell: Shell, node: PipelineNode | AndOr | CompoundList, last = false): Blocking<number> {
  switch (node.type) {
    case 'Command':
      return runSimple(shell, node, last);
    case 'AndOr':
      return runAndOr(shell, node);
    case 'Pipeline':
      return runPipelineNode(shell, node);
    case 'CompoundList':
      return runList(shell, node);
    case 'BraceGroup':
      return runList(shell, node.body);
    case 'If':
      return runIf(shell, node);
    case 'While':
      return runWhile(shell, node);
    case 'For':
      return runFor(shell, node);
    case 'ArithmeticFor':
      return runArithmeticFor(shell, node);
    case 'Case':
      return runCase(shell, node);
    case 'Select':
      return runSelectNode(shell, node);
    case 'Subshell':
      return failing(shell, runSubshell(shell, node));
    case 'TestCommand':
      return failing(shell, runConditional(shell, node));
    case 'ArithmeticCommand':
      return failing(shell, runArithmetic(shell, node.body, node.pos));
    case 'Redirected':
      return runRedirected(shell, node, last);
    case 'Function':
      return defineFunction(shell, node);
    case 'Coproc':
      return unmodelledCoproc(shell);
  }
}

function* unmodelledCoproc(shell: Shell): Blocking<number> {
  yield* shell.complain('coproc is not modelled (see sim/FIDELITY.md)');
  return setStatus(shell, 2);
}

/** Sets `$?` and lets `set -e` and the ERR trap see a failure. */
function* failing(shell: Shell, command: Blocking<number>): Blocking<number> {
  const status = setStatus(shell, yield* command);
  shell.pipeStatus = [status];
  yield* noticeFailure(shell, status);
  return status;
}

/** `set -e` and the ERR trap, unless the status is being tested. */
export function* noticeFailure(shell: Shell, status: number): Blocking<void> {
  if (status === 0 || shell.testing > 0) return;
  if (shell.traps.get('ERR') && (shell.functionDepth === 0 || shell.option('E'))) yield* runTrap(shell, 'ERR');
  if (shell.option('e')) throw new ExitControl(status);
}

/** Runs something whose status is only looked at. */
function* tested(shell: Shell, node: PipelineNode | AndOr | CompoundList): Blocking<number> {
  shell.testing++;
  try {
    return yield* runNode(shell, node);
  } finally {
    shell.testing--;
  }
}

function* runAndOr(shell: Shell, node: AndOr): Blocking<number> {
  let status = 0;
  for (const [i, command] of node.commands.entries()) {
    if (i > 0) {
      const operator = node.operators[i - 1];
      if ((operator === '&&') !== (status === 0)) continue;
    }
    const isLast = i === node.commands.length - 1;
    status = isLast ? yield* runNode(shell, command) : yield* tested(shell, command);
  }
  return setStatus(shell, status);
}

function* runPipelineNode(shell: Shell, node: Pipeline): Blocking<number> {
  const negations = node.prefixes.filter((prefix) => prefix.type === 'Negation').length;
  const timed = node.prefixes.find((prefix) => prefix.type === 'Time');
  const began = shell.process.host.now;
  const negated = negations > 0;
  if (negated) shell.testing++;
  let status = 0;
  try {
    const [only] = node.commands;
    if (node.commands.length === 1 && only) status = yield* runNode(shell, only);
    else if (node.commands.length > 1) {
      shell.line = lineAt(shell.unit, node.pos);
      status = yield* runPipeline(shell, node);
    }
  } finally {
    if (negated) shell.testing--;
  }
  if (negated) status = negations % 2 === 0 ? status : status === 0 ? 1 : 0;
  setStatus(shell, status);
  if (!negated && node.commands.length > 1) yield* noticeFailure(shell, status);
  if (timed) yield* printTime(shell, (shell.process.host.now - began) / 1e6, timed.posix !== undefined);
  return status;
}

/** `time`: only the elapsed time is simulated; no processor time is measured. */
function* printTime(shell: Shell, seconds: number, posix: boolean): Blocking<void> {
  if (posix) {
    yield* shell.process.write(2, `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`);
    return;
  }
  const minutes = Math.floor(seconds / 60);
  yield* shell.process.write(2, `\nreal\t${minutes}m${(seconds - minutes * 60).toFixed(3)}s\nuser\t0m0.000s\nsys\t0m0.000s\n`);
}

function* runIf(shell: Shell, node: If): Blocking<number> {
  if ((yield* tested(shell, node.clause)) === 0) return yield* runList(shell, node.then);
  for (const branch of node.elif) {
    if ((yield* tested(shell, branch.clause)) === 0) return yield* runList(shell, branch.then);
  }
  return node.else ? yield* runList(shell, node.else) : setStatus(shell, 0);
}

/** Runs a loop's body once. Returns whether the loop ends. */
function* turn(shell: Shell, body: CompoundList, result: { status: number }): Blocking<boolean> {
  yield* shell.process.spend(LOOP_COST);
  yield* checkSignals(shell);
  try {
    result.status = yield* runList(shell, body);
  } catch (control) {
    if (!(control instanceof LoopControl)) throw control;
    result.status = 0;
    if (control.levels > 1) {
      control.levels--;
      throw control;
    }
    return control.kind === 'break';
  }
  return false;
}

function* looping(shell: Shell, loop: (result: { status: number }) => Blocking<void>): Blocking<number> {
  const result = { status: 0 };
  shell.loopDepth++;
  try {
    yield* loop(result);
  } finally {
    shell.loopDepth--;
  }
  return setStatus(shell, result.status);
}

function runWhile(shell: Shell, node: While): Blocking<number> {
  return looping(shell, function* (result) {
    for (;;) {
      let status: number;
      try {
        status = yield* tested(shell, node.clause);
      } catch (control) {
        if (!(control instanceof LoopControl)) throw control;
        if (control.levels > 1) {
          control.levels--;
          throw control;
        }
        if (control.kind === 'break') return;
        continue;
      }
      if ((status === 0) !== (node.kind === 'while')) return;
      if (yield* turn(shell, node.body, result)) return;
    }
  });
}

function* runFor(shell: Shell, node: For): Blocking<number> {
  const name = unquoted(node.name.text);
  shell.line = lineAt(shell.unit, node.pos);
  if (!NAME_PATTERN.test(name)) {
    yield* shell.complain(`\`${name}': not a valid identifier`);
    return setStatus(shell, 1);
  }
  const words = node.wordlist
    ? yield* expandWords(
        shell,
        node.wordlist.map((word) => word.text),
      )
    : [...shell.positional];
  return yield* looping(shell, function* (result) {
    for (const word of words) {
      if (shell.option('x')) yield* trace(shell, ['for', name, 'in', ...words.map((w) => traceWord(w))]);
      assignLoopVariable(shell, name, word);
      if (yield* turn(shell, node.body, result)) return;
    }
  });
}

function assignLoopVariable(shell: Shell, name: string, word: string): void {
  try {
    shell.variables.set(name, word);
  } catch (error) {
    if (error instanceof VariableError) throw new ExpansionError(error.message);
    throw error;
  }
}

function* runSelectNode(shell: Shell, node: Select): Blocking<number> {
  const words = node.wordlist
    ? yield* expandWords(
        shell,
        node.wordlist.map((word) => word.text),
      )
    : [...shell.positional];
  return yield* looping(shell, function* (result) {
    yield* runSelect(shell, unquoted(node.name.text), words, () => turn(shell, node.body, result));
  });
}

function* evaluateText(shell: Shell, source: string): Blocking<bigint> {
  return shell.arithmetic(yield* expandText(shell, source, 'arithmetic'));
}

function* runArithmeticFor(shell: Shell, node: ArithmeticFor): Blocking<number> {
  shell.line = lineAt(shell.unit, node.pos);
  const text = (part: { pos: number; end: number } | undefined): string => (part ? shell.unit.source.slice(part.pos, part.end) : '');
  const [initialize, test, update] = [text(node.initialize), text(node.test), text(node.update)];
  return yield* looping(shell, function* (result) {
    yield* evaluateText(shell, initialize);
    for (;;) {
      if (test.trim() !== '' && (yield* evaluateText(shell, test)) === 0n) return;
      if (yield* turn(shell, node.body, result)) return;
      yield* evaluateText(shell, update);
    }
  });
}

function* runCase(shell: Shell, node: Case): Blocking<number> {
  shell.line = lineAt(shell.unit, node.pos);
  const subject = yield* expandText(shell, node.word.text);
  if (shell.option('x')) yield* trace(shell, ['case', traceWord(subject), 'in']);
  let status = 0;
  let fallThrough = false;
  for (const item of node.items) {
    let matches = fallThrough;
    for (const source of item.pattern) {
      if (matches) break;
      const pattern = yield* compilePattern(shell, parseWord(source.text), shell.shopt('nocasematch'));
      matches = pattern.matches(subject);
    }
    if (!matches) continue;
    status = yield* runList(shell, item.body);
    if (item.terminator === ';&') fallThrough = true;
    else if (item.terminator === ';;&') fallThrough = false;
    else break;
  }
  return setStatus(shell, status);
}

function* runConditional(shell: Shell, node: TestCommand): Blocking<number> {
  shell.line = lineAt(shell.unit, node.pos);
  yield* shell.process.spend(LOOP_COST);
  if (shell.option('x')) yield* trace(shell, [commandText(shell.unit, node)]);
  return yield* evaluateConditional(shell, node.expression);
}

function* runArithmetic(shell: Shell, body: string, position: number): Blocking<number> {
  shell.line = lineAt(shell.unit, position);
  yield* shell.process.spend(LOOP_COST);
  try {
    const text = yield* expandText(shell, body, 'arithmetic');
    if (shell.option('x')) yield* trace(shell, [`(( ${text.trim()} ))`]);
    return shell.arithmetic(text) === 0n ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ExpansionError) || error.fatal) throw error;
    yield* shell.complain(`((: ${error.message}`);
    return 1;
  }
}

function* runRedirected(shell: Shell, node: Redirected, last: boolean): Blocking<number> {
  shell.line = lineAt(shell.unit, node.pos);
  const prepared = yield* prepareRedirections(shell, node.redirects);
  const saved = new SavedDescriptors(shell.process);
  try {
    const failure = applyRedirections(shell, shell.process, prepared, saved);
    if (failure !== undefined) {
      saved.restore();
      yield* shell.complain(failure);
      setStatus(shell, 1);
      yield* noticeFailure(shell, 1);
      return 1;
    }
    return yield* runNode(shell, node.command, last);
  } finally {
    saved.restore();
  }
}

function* defineFunction(shell: Shell, node: FunctionDefinition): Blocking<number> {
  const name = unquoted(node.name.text);
  if (node.body.type === 'CompoundList') return setStatus(shell, 2);
  if (/[$`]/.test(node.name.text)) {
    yield* shell.complain(`\`${node.name.text}': not a valid identifier`);
    return setStatus(shell, 1);
  }
  shell.functions.set(name, { name, body: node.body, unit: shell.unit, exported: false });
  return setStatus(shell, 0);
}

/** Runs something so that a failed expansion ends up as a message and a dropped line. */
export function* guarded(shell: Shell, work: Blocking<number>): Blocking<number> {
  try {
    return yield* work;
  } catch (error) {
    if (error instanceof RangeError) {
      yield* shell.complain(
        error.message === 'Invalid string length'
          ? 'xrealloc: cannot allocate memory'
          : 'commands are nested too deeply for this simulation (see sim/FIDELITY.md)',
      );
      throw new DiscardControl(1);
    }
    const failure = error instanceof VariableError ? new ExpansionError(error.message) : error;
    if (!(failure instanceof ExpansionError)) throw error;
    yield* shell.complain(failure.message);
    shell.status = failure.fatal ? shell.fatalStatus : failure.status;
    if (failure.fatal && !shell.interactive && !shell.persistent) throw new ExitControl(shell.status);
    throw new DiscardControl(failure.fatal ? 1 : failure.status);
  }
}
