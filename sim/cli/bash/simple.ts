import { type Errno, strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import { type Blocking, need } from '../../host/wait.ts';
import { assign, type PreparedAssignment, prepareAssignment, traceText, traceWord } from './assign.ts';
import { BUILTINS, findBuiltin } from './builtins/find.ts';
import { DECLARATIONS } from './builtins/names-list.ts';
import { DiscardControl } from './control.ts';
import { expandText, expandWords } from './expand.ts';
import { forkProgram } from './fork.ts';
import { waitForeground } from './foreground.ts';
import { noticeFailure } from './execute.ts';
import { lookUp } from './lookup.ts';
import type { Assignment, Command } from './parse.ts';
import { lineAt } from './position.ts';
import { commandText } from './print.ts';
import { applyRedirections, type Prepared, prepareRedirections, SavedDescriptors } from './redirect.ts';
import type { ExecOptions, Shell } from './shell.ts';
import { checkSignals, runTrap } from './signals.ts';
import { closeSubstitutions } from './subshell.ts';

/** What starting a command costs the shell, in microseconds: expansions, lookups. */
const COMMAND_COST = 20;

/** A simple command after its expansions. */
interface Ready {
  words: string[];
  /** Arguments of `declare` and its kin that are assignments, by their place in `words`. */
  declared: Map<number, PreparedAssignment>;
  assignments: PreparedAssignment[];
  redirections: Prepared[];
  text: string;
}

/** Runs a simple command: a function, a builtin or a program, or only assignments. */
export function* runSimple(shell: Shell, node: Command, last: boolean): Blocking<number> {
  shell.line = lineAt(shell.unit, node.pos);
  yield* shell.process.spend(COMMAND_COST);
  yield* checkSignals(shell);
  if (shell.traps.get('DEBUG') && shell.functionDepth === 0) yield* runTrap(shell, 'DEBUG');
  shell.substitutionStatus = undefined;
  const substitutions = shell.substitutionDescriptors.length;
  try {
    const ready = yield* prepare(shell, node);
    shell.status = yield* dispatch(shell, ready, last);
  } finally {
    // Only descriptors: nothing in a `finally` may block.
    while (shell.substitutionDescriptors.length > substitutions) shell.process.close(shell.substitutionDescriptors.pop() as number);
  }
  if (shell.substitutionChildren.length > 0) yield* closeSubstitutions(shell, substitutions);
  if (!last) yield* checkSignals(shell);
  yield* noticeFailure(shell, shell.status);
  return shell.status;
}

function* prepare(shell: Shell, node: Command): Blocking<Ready> {
  const words = node.name ? yield* expandWords(shell, [node.name.text]) : [];
  const declaring = words.length === 1 && DECLARATIONS.has(words[0] as string) && !shell.functions.has(words[0] as string);
  const declared = new Map<number, PreparedAssignment>();
  for (const part of node.suffix) {
    if (part.type === 'Word') words.push(...(yield* expandWords(shell, [part.text])));
    else if (part.type === 'Assignment') {
      if (!declaring) words.push(...(yield* expandWords(shell, [part.text])));
      else {
        declared.set(words.length, yield* prepareAssignment(shell, part));
        words.push(part.text);
      }
    }
  }
  const redirections = node.redirects.length > 0 ? yield* prepareRedirections(shell, node.redirects) : [];
  const assignments: PreparedAssignment[] = [];
  if (words.length === 0) yield* assignNow(shell, node, assignments);
  else for (const part of node.prefix) if (part.type === 'Assignment') assignments.push(yield* prepareAssignment(shell, part));
  return { words, declared, assignments, redirections, text: commandText(shell.unit, node) };
}

/** Without a command, each assignment is done before the next is expanded (`a=1 b=$a`). */
function* assignNow(shell: Shell, node: Command, done: PreparedAssignment[]): Blocking<void> {
  for (const part of node.prefix) {
    if (part.type !== 'Assignment') continue;
    const prepared = yield* prepareAssignment(shell, part as Assignment);
    if (shell.option('x')) yield* trace(shell, [traceText(prepared)]);
    yield* assign(shell, prepared);
    done.push(prepared);
  }
}

export function* trace(shell: Shell, words: readonly string[]): Blocking<void> {
  const prompt = shell.variables.get('PS4') ?? '+ ';
  const mark = yield* expandText(shell, prompt, 'double');
  const depth = mark.slice(0, 1).repeat(Math.min(shell.traceDepth + 1, 100)) + mark.slice(1);
  yield* shell.process.write(2, `${depth}${words.join(' ')}\n`);
}

function* dispatch(shell: Shell, ready: Ready, last: boolean): Blocking<number> {
  const [name, ...args] = ready.words;
  if (name === undefined) return yield* onlyAssignments(shell, ready);
  if (shell.option('x')) {
    for (const assignment of ready.assignments) yield* trace(shell, [traceText(assignment)]);
    yield* trace(
      shell,
      ready.words.map((word, i) => (ready.declared.has(i) ? traceText(ready.declared.get(i) as PreparedAssignment) : traceWord(word))),
    );
  }
  if (!ready.words.some((word) => word.includes('\0'))) shell.lastArgument = ready.words.at(-1) as string;
  if (shell.option('n') && !shell.interactive) return 0;
  const called = shell.functions.get(name);
  if (called) return yield* inShell(shell, ready, () => shell.interpreter.callFunction(shell, called, args));
  if (DECLARATIONS.has(name)) {
    const { runDeclaration } = yield* need(BUILTINS);
    return yield* inShell(shell, ready, () => runDeclaration(shell, name, args, ready.declared));
  }
  const builtin = yield* findBuiltin(name);
  if (builtin && !shell.disabledBuiltins.has(name)) {
    if (name === 'exec') return yield* execBuiltin(shell, ready, args);
    return yield* inShell(shell, ready, () => builtin(shell, args, name));
  }
  return yield* runProgram(shell, ready, last);
}

function* onlyAssignments(shell: Shell, ready: Ready): Blocking<number> {
  const saved = new SavedDescriptors(shell.process);
  const failure = applyRedirections(shell, shell.process, ready.redirections, saved);
  saved.restore();
  if (failure !== undefined) {
    yield* shell.complain(failure);
    return 1;
  }
  shell.pipeStatus = [shell.substitutionStatus ?? 0];
  return shell.substitutionStatus ?? 0;
}

/** Runs a function or builtin with redirections and temporary variables that end with it. */
function* inShell(shell: Shell, ready: Ready, run: () => Blocking<number>): Blocking<number> {
  const saved = new SavedDescriptors(shell.process);
  const depth = shell.variables.scopes.length;
  try {
    const failure = applyRedirections(shell, shell.process, ready.redirections, saved);
    if (failure !== undefined) {
      saved.restore();
      yield* shell.complain(failure);
      return 1;
    }
    if (ready.assignments.length > 0) yield* temporaryVariables(shell, ready.assignments);
    const status = yield* run();
    shell.pipeStatus = [status];
    return status;
  } finally {
    shell.variables.scopes.length = depth;
    saved.restore();
  }
}

function* temporaryVariables(shell: Shell, given: readonly PreparedAssignment[]): Blocking<void> {
  const assignments = yield* withoutReadonly(shell, given);
  const before = assignments.map((assignment) => (assignment.append ? (shell.variables.get(assignment.name) ?? '') : ''));
  const scope = shell.variables.push('temporary');
  for (const [i, assignment] of assignments.entries()) {
    const variable = shell.variables.declareGlobal(assignment.name).copy();
    if (shell.variables.scopes[0]?.variables.get(assignment.name)?.value === undefined)
      shell.variables.scopes[0]?.variables.delete(assignment.name);
    variable.exported = true;
    variable.value = undefined;
    scope.variables.set(assignment.name, variable);
    if (typeof assignment.value === 'string') shell.variables.assign(variable, assignment.name, before[i] + assignment.value);
  }
}

/** Assignments to readonly variables are complained about and left out; the command runs all the same. */
function* withoutReadonly(shell: Shell, assignments: readonly PreparedAssignment[]): Blocking<PreparedAssignment[]> {
  const kept: PreparedAssignment[] = [];
  for (const assignment of assignments) {
    if (shell.variables.find(assignment.name)?.readonly) yield* shell.complain(`${assignment.name}: readonly variable`);
    else kept.push(assignment);
  }
  return kept;
}

/** The environment of a program: exported variables and the command's own assignments. */
function environment(shell: Shell, assignments: readonly PreparedAssignment[]): Map<string, string> {
  const result = shell.variables.environment();
  for (const { name, value, append } of assignments) {
    if (typeof value === 'string') result.set(name, append ? (shell.variables.get(name) ?? '') + value : value);
  }
  for (const called of shell.functions.values()) {
    if (called.exported)
      result.set(`BASH_FUNC_${called.name}%%`, functionSource(called.unit.source.slice(called.body.pos, called.body.end)));
  }
  return result;
}

function functionSource(body: string): string {
  return `() ${body}`;
}

function* runProgram(shell: Shell, ready: Ready, last: boolean): Blocking<number> {
  const [name = ''] = ready.words;
  const assignments = yield* withoutReadonly(shell, ready.assignments);
  const ownPath = assignments.findLast((assignment) => assignment.name === 'PATH')?.value;
  const path = lookUp(shell, name, typeof ownPath === 'string' ? { path: ownPath } : { hash: true });
  const notFound = shell.functions.get('command_not_found_handle');
  if (path === undefined && notFound)
    return yield* inShell(shell, ready, () => shell.interpreter.callFunction(shell, notFound, ready.words));
  const env = environment(shell, assignments);
  const program = (process: Process): Blocking<number> => execute(shell, process, path, ready, env);
  if (last && !shell.traps.has('EXIT') && path !== undefined) return yield* program(shell.process);
  const child = yield* forkProgram(shell, program, { pgid: shell.monitor ? 0 : undefined });
  if (!child) throw new DiscardControl(254);
  const group = shell.monitor ? child.pid : shell.process.pgid;
  const [status = 0] = yield* waitForeground(shell, [{ pid: child.pid, shown: child.nspid, text: ready.text }], ready.text, group);
  shell.pipeStatus = [status];
  return status;
}

/** In the child: redirections, then the program takes the process over. */
function* execute(shell: Shell, process: Process, path: string | undefined, ready: Ready, env: Map<string, string>): Blocking<number> {
  const failure = applyRedirections(shell, process, ready.redirections);
  if (failure !== undefined) {
    yield* process.write(2, `${shell.prefix()}${failure}\n`);
    return 1;
  }
  const [name = ''] = ready.words;
  if (path === undefined) {
    const words = name.includes('/') && !shell.ash ? strerror('ENOENT') : shell.posix ? 'not found' : 'command not found';
    yield* process.write(2, `${shell.prefix()}${name}: ${words}\n`);
    return 127;
  }
  env.set('_', path);
  return yield* execPath(shell, process, path, ready.words, env);
}

/** `execve`, with bash's words for what goes wrong, and scripts without `#!` run by the shell itself. */
export function* execPath(shell: Shell, process: Process, path: string, argv: string[], env: Map<string, string>): Blocking<number> {
  const shown = argv[0] ?? path;
  const failed = yield* process.exec(path, [...argv], env);
  if (typeof failed === 'number') return failed;
  const say = function* (text: string): Blocking<void> {
    yield* process.write(2, `${shell.prefix()}${text}\n`);
  };
  const found = process.namespaces.mnt.resolve(process, path);
  const inode = typeof found === 'string' ? undefined : found.inode;
  if (inode instanceof Directory) {
    yield* say(`${shown}: ${shell.ash ? strerror('EACCES') : 'Is a directory'}`);
    return 126;
  }
  if (failed === 'ENOEXEC') return yield* runPlainScript(shell, process, path, argv, say);
  if (failed === 'ENOENT' && inode) {
    yield* say(`${shown}: cannot execute: required file not found`);
    return 127;
  }
  yield* say(`${shown}: ${shell.ash && failed === 'ENOENT' ? 'not found' : strerror(failed as Errno)}`);
  return failed === 'ENOENT' || failed === 'ENOTDIR' ? (failed === 'ENOENT' ? 127 : 126) : 126;
}

function* runPlainScript(
  shell: Shell,
  process: Process,
  path: string,
  argv: string[],
  say: (text: string) => Blocking<void>,
): Blocking<number> {
  const bytes = yield* process.readFile(path);
  const head = typeof bytes === 'string' ? new Uint8Array(0) : bytes.subarray(0, 80);
  const line = head.indexOf(10) < 0 ? head : head.subarray(0, head.indexOf(10));
  if (line.includes(0)) {
    yield* say(`${argv[0]}: cannot execute binary file: Exec format error`);
    return 126;
  }
  process.argv = ['bash', path, ...argv.slice(1)];
  return yield* shell.interpreter.main(process);
}

/** `exec`: keeps its redirections; with a command, the shell becomes it. */
function* execBuiltin(shell: Shell, ready: Ready, args: readonly string[]): Blocking<number> {
  const failure = applyRedirections(shell, shell.process, ready.redirections);
  if (failure !== undefined) {
    yield* shell.complain(failure);
    return 1;
  }
  const builtin = yield* findBuiltin('exec');
  for (const assignment of ready.assignments) yield* assign(shell, { ...assignment });
  for (const { name } of ready.assignments) {
    const variable = shell.variables.find(name);
    if (variable) variable.exported = true;
  }
  return builtin ? yield* builtin(shell, [...args], 'exec') : 127;
}

/** Runs words that are expanded already: `command ls`, `exec`, completion. */
export function* runWords(
  shell: Shell,
  words: string[],
  how: { skipFunctions?: boolean; defaultPath?: boolean; exec?: ExecOptions },
): Blocking<number> {
  const ready: Ready = { words, declared: new Map(), assignments: [], redirections: [], text: words.join(' ') };
  const [name = '', ...args] = words;
  if (how.exec) return yield* replaceShell(shell, words, how.exec);
  const called = how.skipFunctions ? undefined : shell.functions.get(name);
  if (called) return yield* shell.interpreter.callFunction(shell, called, args);
  if (DECLARATIONS.has(name)) return yield* (yield* need(BUILTINS)).runDeclaration(shell, name, args, new Map());
  const builtin = yield* findBuiltin(name);
  if (builtin && !shell.disabledBuiltins.has(name)) return yield* builtin(shell, args, name);
  return yield* runProgram(shell, ready, false);
}

function* replaceShell(shell: Shell, words: string[], options: ExecOptions): Blocking<number> {
  const [name = ''] = words;
  const path = lookUp(shell, name, {});
  if (path === undefined) {
    yield* shell.complain(`exec: ${name}: ${name.includes('/') ? 'cannot execute: No such file or directory' : 'not found'}`);
    return 127;
  }
  const env = options.clearEnvironment ? new Map<string, string>() : shell.variables.environment();
  return yield* execPath(shell, shell.process, path, [options.argv0 ?? name, ...words.slice(1)], env);
}
