import type { Errno } from '../../base/errno.ts';
import type { OpenFile } from '../../host/file.ts';
import type { Host } from '../../host/host.ts';
import type { Namespaces } from '../../host/namespaces.ts';
import { openPath } from '../../host/open.ts';
import type { Process } from '../../host/process.ts';
import { type Blocking, WaitQueue } from '../../host/wait.ts';
import { ExitControl } from './control.ts';
import { interpreter, runTyped } from './main.ts';
import { PieceReader, reportProblem, runUnit } from './program.ts';
import { Shell } from './shell.ts';
import { installSignals, runExitTrap } from './signals.ts';
import { initialVariables } from './startup.ts';

export interface ConsoleOptions {
  cwd?: string;
  env?: Map<string, string>;
  namespaces?: Namespaces;
  /** The line number of the first command, as messages (`bash: line 4: …`) show it. */
  firstLine?: number;
  /** Lines that are counted between two commands beyond their own. */
  linesBetween?: number;
}

interface Typed {
  command: string;
  finished: (status: number) => void;
}

/**
 * A shell for the page's cells and for transcripts: one bash that lives on from command to command, without a terminal.
 * Variables, functions, the working directory and background jobs carry over; output goes to the given file as it comes.
 */
export class ShellConsole {
  readonly #host: Host;
  readonly #stdout: OpenFile;
  readonly #stderr: OpenFile;
  readonly #options: ConsoleOptions;
  readonly #queue: Typed[] = [];
  readonly #typed = new WaitQueue();
  #running: Typed | undefined;
  #process: Process | undefined;
  #line: number;

  constructor(host: Host, stdout: OpenFile, stderr: OpenFile = stdout, options: ConsoleOptions = {}) {
    this.#host = host;
    this.#stdout = stdout.hold();
    this.#stderr = stderr.hold();
    this.#options = options;
    this.#line = options.firstLine ?? 1;
    this.#start();
  }

  /** The shell's process; a new one after `exit`. */
  get process(): Process | undefined {
    return this.#process;
  }

  /** Whether a command is running or waiting to. */
  get busy(): boolean {
    return this.#running !== undefined || this.#queue.length > 0;
  }

  /** Queues commands as if they were typed; `finished` gets `$?` when they have run. */
  run(command: string, finished: (status: number) => void = () => {}): void {
    this.#queue.push({ command, finished });
    if (!this.#process) this.#start();
    this.#typed.wake();
  }

  /** Ctrl-C: the programs in the foreground get SIGINT, the rest of the command is dropped, its status is 130. */
  interrupt(): void {
    if (this.#running && this.#process) this.#host.signalGroup(this.#process.pgid, 'SIGINT');
  }

  /** Ends the shell; its background jobs get SIGHUP. */
  close(): void {
    this.#queue.length = 0;
    const shell = this.#process;
    this.#process = undefined;
    if (shell) {
      for (const child of shell.children) child.signal('SIGHUP');
      shell.signal('SIGKILL');
    }
    this.#stdout.release();
    this.#stderr.release();
  }

  #start(): void {
    const { cwd, env, namespaces } = this.#options;
    const fds = new Map<number, OpenFile>([
      [1, this.#stdout],
      [2, this.#stderr],
    ]);
    const init = this.#host.init;
    const empty: OpenFile | Errno = openPath(init, '/dev/null', { read: true });
    if (typeof empty !== 'string') fds.set(0, empty);
    const child = this.#host.start(init, (process) => this.#serve(process), {
      argv: ['bash'],
      fds,
      cwd: cwd ?? '/root',
      ...(env && { env }),
      ...(namespaces && { namespaces }),
      session: { tty: undefined },
    });
    if (typeof child === 'string') {
      for (const typed of this.#queue.splice(0)) typed.finished(254);
      return;
    }
    child.name = 'bash';
    this.#process = child;
    child.onExit.push((status) => this.#ended(child, status.kind === 'exited' ? status.code : 128 + status.code));
  }

  #ended(child: Process, status: number): void {
    if (this.#process === child) this.#process = undefined;
    this.#finish(status);
    if (this.#queue.length > 0 && !this.#process) this.#start();
  }

  #finish(status: number): void {
    const typed = this.#running;
    this.#running = undefined;
    typed?.finished(status);
  }

  *#serve(process: Process): Blocking<number> {
    const shell = new Shell(process, interpreter);
    shell.persistent = true;
    initialVariables(shell);
    installSignals(shell);
    for (;;) {
      while (this.#queue.length === 0) yield { on: [this.#typed] };
      this.#running = this.#queue.shift() as Typed;
      shell.interrupted = false;
      try {
        yield* this.#runTyped(shell, this.#running.command);
      } catch (control) {
        if (!(control instanceof ExitControl)) throw control;
        shell.status = control.status;
        return yield* runExitTrap(shell);
      }
      this.#finish(shell.status);
    }
  }

  /** Runs a command's lines one after the other, as a shell that reads them from its input. */
  *#runTyped(shell: Shell, command: string): Blocking<void> {
    const reader = new PieceReader(shell, this.#line);
    const lines = command.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    this.#line += lines.length + (this.#options.linesBetween ?? 0);
    for (const [i, line] of lines.entries()) {
      const isLast = i === lines.length - 1;
      const piece = reader.push(line.endsWith('\n') ? line : `${line}\n`) ?? (isLast ? reader.end() : undefined);
      if (!piece) continue;
      if (piece.problem && piece.problem.messages.length > 0) {
        yield* reportProblem(shell, piece.unit.source, piece.unit.line, piece.problem, '');
        shell.status = 2;
        continue;
      }
      let interrupted = true;
      yield* runTyped(
        shell,
        track(runUnit(shell, piece.unit, false), () => (interrupted = false)),
      );
      if (interrupted && shell.status === 130) return;
    }
  }
}

function* track(work: Blocking<number>, completed: () => void): Blocking<number> {
  const status = yield* work;
  completed();
  return status;
}
