import { decode } from '../../base/bytes.ts';
import { part } from '../../base/part.ts';
import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { type Blocking, need } from '../../host/wait.ts';
import type { Command, Completer } from '../command.ts';
import { setOption } from './builtins/set.ts';
import { DiscardControl, InterruptControl } from './control.ts';
import { untilExit } from './fork.ts';
import { notifyJobs } from './foreground.ts';
import { SET_OPTIONS } from './options.ts';
import { makeInterpreter, PieceReader, reportProblem, runText, runUnit } from './program.ts';
import { readLineBytes } from './read-line.ts';
import { lookUp } from './lookup.ts';
import { type Interpreter, Shell } from './shell.ts';
import { installSignals } from './signals.ts';
import { BASH_VERSION, dynamicVariables, initialVariables, terminalFor } from './startup.ts';

/** What the command line asked for. */
interface Invocation {
  command: string | undefined;
  interactive: boolean;
  login: boolean;
  stdin: boolean;
  norc: boolean;
  rcfile: string;
  operands: string[];
  options: [letter: string, on: boolean][];
  shopts: [name: string, on: boolean][];
}

/** What only a shell at a terminal needs: its prompt, its editor, its history. */
const INTERACTIVE = part('bash readline', () => import('./interactive.ts'));

/** Long options that take effect elsewhere or not at all here, and are accepted. */
const IGNORED = new Set(['--noprofile', '--noediting', '--debugger', '--restricted']);

/** Where an interactive shell finds out how a program completes its arguments. */
export type CompleterLookup = (name: string) => Blocking<Completer | undefined>;

const NO_COMPLETERS: CompleterLookup = function* () {
  return undefined;
};

export const interpreter: Interpreter = makeInterpreter((process) => main(process, interpreter), NO_COMPLETERS);

/** Runs bash in a process whose `argv` says how (bash(1), OPTIONS). Called as `sh`, it behaves as sh. */
export function* main(process: Process, interpreter: Interpreter, ash = false): Blocking<number> {
  const [argv0 = 'bash', ...args] = process.argv;
  const shell = new Shell(process, interpreter);
  shell.name = argv0;
  const base = argv0.replace(/^-/, '').replace(/.*\//, '');
  shell.posix = base === 'sh' || base === 'ash' || base === 'dash';
  shell.ash = ash;
  const parsed = parseArguments(args);
  if (typeof parsed === 'string') return yield* badOption(process, base, parsed);
  if (parsed === 0) {
    yield* process.write(1, `GNU bash, version ${BASH_VERSION} (x86_64-pc-linux-gnu), as simulated by Netdive\n`);
    return 0;
  }
  for (const [letter, on] of parsed.options) setOption(shell, letter, on);
  for (const [name, on] of parsed.shopts) {
    if (!shell.options.shopt.has(name)) {
      yield* process.write(2, `${base}: line 0: ${name}: invalid shell option name\n`);
      return 2;
    }
    shell.options.shopt.set(name, on);
  }
  initialVariables(shell);
  installSignals(shell);
  return yield* untilExit(shell, runInvocation(shell, parsed, argv0));
}

function* badOption(process: Process, base: string, option: string): Blocking<number> {
  yield* process.write(
    2,
    `${base}: ${option}\nUsage:\t${base} [GNU long option] [option] ...\n\t${base} [GNU long option] [option] script-file ...\n`,
  );
  return 2;
}

function parseArguments(args: readonly string[]): Invocation | string | 0 {
  const result: Invocation = {
    command: undefined,
    interactive: false,
    login: false,
    stdin: false,
    norc: false,
    rcfile: '~/.bashrc',
    operands: [],
    options: [],
    shopts: [],
  };
  let wantsCommand = false;
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--' || arg === '-') {
      i++;
      break;
    }
    if (!/^[-+]./.test(arg)) break;
    if (arg === '--version') return 0;
    if (arg === '--login') result.login = true;
    else if (arg === '--norc') result.norc = true;
    else if (arg === '--posix') result.options.push(['posix', true]);
    else if (arg === '--verbose') result.options.push(['v', true]);
    else if (arg === '--rcfile' || arg === '--init-file') result.rcfile = args[++i] ?? '';
    else if (arg.startsWith('--')) {
      if (!IGNORED.has(arg)) return `${arg}: invalid option`;
    } else {
      const on = arg[0] === '-';
      for (const letter of arg.slice(1)) {
        if (letter === 'c' && on) wantsCommand = true;
        else if (letter === 'i' && on) result.interactive = true;
        else if (letter === 'l' && on) result.login = true;
        else if (letter === 's' && on) result.stdin = true;
        else if (letter === 'o') {
          const name = args[++i] ?? '';
          if (!(name in SET_OPTIONS)) return `${name}: invalid option name`;
          result.options.push([SET_OPTIONS[name] as string, on]);
        } else if (letter === 'O') result.shopts.push([args[++i] ?? '', on]);
        else if ('abefhkmnptuvxBCEHPT'.includes(letter)) result.options.push([letter, on]);
        else return `${arg[0]}${letter}: invalid option`;
      }
    }
  }
  result.operands = args.slice(i);
  if (wantsCommand) {
    result.command = result.operands.shift();
    if (result.command === undefined) return '-c: option requires an argument';
  }
  return result;
}

function* runInvocation(shell: Shell, invocation: Invocation, argv0: string): Blocking<number> {
  const { command, operands } = invocation;
  shell.login = invocation.login || argv0.startsWith('-');
  if (command !== undefined) {
    const [name, ...rest] = operands;
    if (name !== undefined) shell.name = name;
    shell.positional = rest;
    shell.label = '-c: ';
    if (invocation.login) yield* startupFiles(shell);
    return yield* runText(shell, command, 1, '-c: ');
  }
  const [file, ...rest] = operands;
  if (file !== undefined && !invocation.stdin) {
    shell.name = file;
    shell.positional = rest;
    return yield* runFile(shell, file, argv0);
  }
  shell.positional = operands;
  const tty = terminalFor(shell.process);
  if (tty || invocation.interactive) {
    shell.tty = tty;
    shell.interactive = true;
    installSignals(shell);
    dynamicVariables(shell);
    return yield* (yield* need(INTERACTIVE)).runInteractive(shell, { norc: invocation.norc, rcfile: invocation.rcfile });
  }
  if (shell.login) yield* startupFiles(shell);
  return yield* runStandardInput(shell);
}

function* startupFiles(shell: Shell): Blocking<void> {
  for (const path of ['/etc/profile', `${shell.variables.get('HOME') ?? '/root'}/.profile`]) {
    const bytes = yield* shell.process.readFile(path);
    if (typeof bytes !== 'string') yield* runText(shell, decode(bytes), 1, '');
  }
}

function* runFile(shell: Shell, file: string, argv0: string): Blocking<number> {
  const base = argv0.replace(/^-/, '');
  let path = file;
  let bytes = yield* shell.process.readFile(path);
  if (bytes === 'ENOENT' && !file.includes('/')) {
    path = lookUp(shell, file, {}) ?? file;
    if (path !== file) bytes = yield* shell.process.readFile(path);
  }
  if (typeof bytes === 'string') {
    if (shell.ash) {
      yield* shell.process.write(2, `${base}: line 0: can't open ${file}: ${bytes === 'ENOENT' ? 'no such file' : strerror(bytes)}\n`);
      return 2;
    }
    yield* shell.process.write(2, bytes === 'EISDIR' ? `${file}: ${file}: Is a directory\n` : `${base}: ${file}: ${strerror(bytes)}\n`);
    return bytes === 'ENOENT' ? 127 : 126;
  }
  if (bytes.subarray(0, 80).includes(0)) {
    yield* shell.process.write(2, `${file}: ${file}: cannot execute binary file\n`);
    return 126;
  }
  return yield* runText(shell, decode(bytes), 1, '');
}

/** Commands from standard input, line by line, so that commands can read the lines that follow theirs. */
function* runStandardInput(shell: Shell): Blocking<number> {
  const reader = new PieceReader(shell, 1);
  for (;;) {
    const bytes = yield* readLineBytes(shell.process, 0);
    const piece = bytes === undefined ? reader.end() : reader.push(decode(bytes).replaceAll('\0', ''));
    if (piece?.problem && piece.problem.messages.length > 0) {
      yield* reportProblem(shell, piece.unit.source, piece.unit.line, piece.problem, '');
      shell.status = 2;
    } else if (piece) yield* runUnit(shell, piece.unit, false);
    if (bytes === undefined) return shell.status;
  }
}

/** Runs what was typed, at a prompt or in a cell: failures and Ctrl-C come back here. Returns the status. */
export function* runTyped(shell: Shell, run: Blocking<number>): Blocking<number> {
  try {
    yield* run;
  } catch (control) {
    if (control instanceof InterruptControl || control instanceof DiscardControl) shell.status = control.status;
    else if (control instanceof RangeError) {
      yield* shell.complain('commands are nested too deeply');
      shell.status = 1;
    } else throw control;
  }
  yield* notifyJobs(shell);
  return shell.status;
}

/**
 * The shell's two commands. `sh` is the same shell, with dash's words for the commonest errors and an `echo` that expands
 * backslashes.
 *
 * @param completer where Tab asks how a program completes its arguments
 */
export function shellCommands(completer = NO_COMPLETERS): [bash: Command, sh: Command] {
  const interpreter: Interpreter = makeInterpreter((process) => main(process, interpreter), completer);
  const run = (process: Process): Blocking<number> => main(process, interpreter);
  return [
    { name: 'bash', paths: ['/usr/bin/bash'], run },
    { name: 'sh', paths: ['/usr/bin/sh'], run },
  ];
}

const ashInterpreter: Interpreter = makeInterpreter((process) => main(process, ashInterpreter, true), NO_COMPLETERS);

/** busybox's `sh`: the same shell with ash's words for the commonest errors. */
export const ashProgram = (process: Process): Blocking<number> => main(process, ashInterpreter, true);

export const [bashCommand, shCommand] = shellCommands();
