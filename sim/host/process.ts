import { encode } from '../base/bytes.ts';
import type { Errno } from '../base/errno.ts';
import type { Micros } from '../base/time.ts';
import { ALL_CAPABILITIES, type Capability } from './capabilities.ts';
import type { OpenFile } from './file.ts';
import type { Host } from './host.ts';
import { Executable, RegularFile, type Inode } from './inode.ts';
import type { Namespaces } from './namespaces.ts';
import { type OpenFlags, openPath } from './open.ts';
import { makePipe } from './pipe.ts';
import { Scheduled } from './schedule.ts';
import { SIGNAL, type Signal } from './signal.ts';
import { terminalOf, type Tty } from './tty.ts';
import { type Blocking, WaitQueue, type Wake } from './wait.ts';

/** A program: runs as a process, yields whenever it blocks, returns the exit status (0 to 255). */
export type Program = (process: Process) => Blocking<number>;

/** How a child ended or changed (wait(2)). `code` is the exit status, or the signal's number. */
export interface WaitStatus {
  pid: number;
  kind: 'exited' | 'signaled' | 'stopped' | 'continued';
  code: number;
}

/** `$?` as a shell shows it: the exit status, or 128 + the signal's number. */
export function exitCode(status: WaitStatus): number {
  return status.kind === 'exited' ? status.code : 128 + status.code;
}

/** What a new process gets; what is absent is inherited from its parent. */
export interface SpawnOptions {
  argv: string[];
  env?: Map<string, string>;
  cwd?: string;
  /** Descriptors of the child, replacing the inherited ones altogether. */
  fds?: Map<number, OpenFile>;
  namespaces?: Namespaces;
  /** 0 makes the child the leader of a new process group. */
  pgid?: number;
  /** Makes the child leader of a new session with this controlling terminal, or none (setsid(2)). */
  session?: { tty: Tty | undefined };
  umask?: number;
  /** What it may do; a container's processes may do less than root. */
  capabilities?: ReadonlySet<Capability>;
}

/** Virtual time that `execve` and loading a program take. */
export const EXEC_COST: Micros = 500;

/**
 * A process: a program's generator plus what Linux keeps for it. Programs call these methods; the ones that may block are
 * generators, to be called with `yield*`. Errors are values: an `Errno` in place of the result.
 */
export class Process extends Scheduled {
  readonly pid: number;
  /** The number inside its own PID namespace; equals `pid` on the host. */
  readonly nspid: number;
  parent: Process | undefined;
  readonly children = new Set<Process>();
  argv: string[];
  /** What /proc/PID/cmdline shows, where the program goes by other words of its own than it was started with. */
  startedWith: readonly string[] | undefined;
  /** The path of the program it runs; a fork keeps its parent's. */
  exe: string;
  /** The name in `ps` (comm): 15 characters at most. */
  name: string;
  env: Map<string, string>;
  cwd: string;
  umask: number;
  readonly fds = new Map<number, OpenFile>();
  /** Descriptors that `exec` closes. */
  readonly closeOnExec = new Set<number>();
  namespaces: Namespaces;
  readonly capabilities: ReadonlySet<Capability>;
  tty: Tty | undefined;
  pgid: number;
  sid: number;
  readonly started: Micros;
  /** Woken when a child ends, stops or continues. */
  readonly childChanged = new WaitQueue();
  /** Set when the process has ended and its parent has not yet asked. */
  status: WaitStatus | undefined;
  /** Stop and continue notices that the parent has not yet seen. */
  notices: WaitStatus[] = [];
  readonly onExit: ((status: WaitStatus) => void)[] = [];

  constructor(host: Host, parent: Process | undefined, options: SpawnOptions & { namespaces: Namespaces }) {
    super(host);
    this.parent = parent;
    this.namespaces = options.namespaces;
    this.pid = host.pids.allocate(this);
    this.nspid = options.namespaces.pid === host.pids ? this.pid : options.namespaces.pid.allocate(this);
    this.argv = options.argv;
    this.exe = parent?.exe ?? options.argv[0] ?? '';
    this.name = commName(options.argv[0] ?? '');
    this.env = new Map(options.env ?? parent?.env);
    this.cwd = options.cwd ?? parent?.cwd ?? '/';
    this.umask = options.umask ?? parent?.umask ?? 0o022;
    this.capabilities = options.capabilities ?? parent?.capabilities ?? ALL_CAPABILITIES;
    this.tty = options.session ? options.session.tty : parent?.tty;
    this.sid = options.session ? this.pid : (parent?.sid ?? this.pid);
    this.pgid = options.session || options.pgid === 0 ? this.pid : (options.pgid ?? parent?.pgid ?? this.pid);
    this.started = host.now;
    for (const [fd, file] of options.fds ?? parent?.fds ?? []) this.fds.set(fd, file.hold());
    if (!options.fds) for (const fd of parent?.closeOnExec ?? []) this.closeOnExec.add(fd);
    parent?.children.add(this);
  }

  /**
   * Whether it has a capability over a namespace (ns_capable(9)): its own network for those of networks, its mounts for SYS_ADMIN. Root of
   * a user namespace has it over what was made inside; what concerns files it has, since files here are root's.
   */
  capable(capability: Capability, over: object | undefined = this.#concerned(capability)): boolean {
    const { user } = this.namespaces;
    if (!user) return this.capabilities.has(capability);
    if (user.uid !== 0 || !this.capabilities.has(capability)) return false;
    return over === undefined || user.contains(this.host.owners.get(over));
  }

  #concerned(capability: Capability): object | undefined {
    if (capability.startsWith('NET_')) return this.namespaces.net;
    return capability === 'SYS_ADMIN' ? this.namespaces.mnt : undefined;
  }

  /** Whether it may make namespaces other than a user namespace of its own. */
  get makesNamespaces(): boolean {
    return this.capabilities.has('SYS_ADMIN') && (this.namespaces.user?.uid ?? 0) === 0;
  }

  /** Notes that a namespace was made by it, so that its user namespace owns it. */
  own<T extends object>(made: T): T {
    if (this.namespaces.user) this.host.owners.set(made, this.namespaces.user);
    return made;
  }

  // ---- files ----------------------------------------------------------------------------------------------------------

  /** Opens a path and returns the lowest free descriptor, or the one asked for. */
  open(path: string, flags: OpenFlags = { read: true }, fd?: number): number | Errno {
    const file = openPath(this, path, flags);
    return typeof file === 'string' ? file : this.install(file, fd);
  }

  /** Puts an open file behind a descriptor (the lowest free one, or `fd`, closing what was there). */
  install(file: OpenFile, fd = this.#lowestFree(0)): number {
    file.hold();
    this.fds.get(fd)?.release();
    this.fds.set(fd, file);
    this.closeOnExec.delete(fd);
    return fd;
  }

  close(fd: number): Errno | undefined {
    const file = this.fds.get(fd);
    if (!file) return 'EBADF';
    this.fds.delete(fd);
    this.closeOnExec.delete(fd);
    file.release();
    return undefined;
  }

  /** Makes `to` refer to what `from` refers to (dup2(2)); without `to`, the lowest free descriptor from `least` on. */
  dup(from: number, to?: number, least = 0): number | Errno {
    const file = this.fds.get(from);
    if (!file) return 'EBADF';
    return to === from ? to : this.install(file, to ?? this.#lowestFree(least));
  }

  /** A pipe's two descriptors (pipe(2)). */
  pipe(): { read: number; write: number } {
    const { reader, writer } = makePipe(this.host.nextPipeNumber());
    return { read: this.install(reader), write: this.install(writer) };
  }

  /** Up to `max` bytes; empty at the end of the file; blocks until there is something. */
  *read(fd: number, max = 65_536): Blocking<Uint8Array | Errno> {
    for (;;) {
      const file = this.fds.get(fd);
      if (!file) return 'EBADF';
      if (this.#readsFromBackground(file)) {
        if (this.dispositions.get('SIGTTIN') === 'ignore') return 'EIO';
        this.host.signalGroup(this.pgid, 'SIGTTIN');
        yield* this.spend(0);
        continue;
      }
      const bytes = file.read(max);
      if (bytes !== 'EAGAIN') return bytes;
      if ((yield { on: [file.readable] }) === 'signal') return 'EINTR';
    }
  }

  /**
   * Writes all of `data` (text as UTF-8), blocking as long as the other side doesn't read. A pipe without a reader raises
   * SIGPIPE, which ends most programs right here; those that ignore it get `EPIPE`.
   */
  *write(fd: number, data: string | Uint8Array): Blocking<Errno | undefined> {
    let rest = typeof data === 'string' ? encode(data) : data;
    while (rest.length > 0) {
      const file = this.fds.get(fd);
      if (!file) return 'EBADF';
      const count = file.write(rest);
      if (typeof count === 'number') {
        rest = rest.subarray(count);
        this.host.events.bytesMoved += count;
        if (file.writeCost > 0) yield* this.spend(file.writeCost);
      } else if (count === 'EAGAIN') {
        if ((yield { on: [file.writable] }) === 'signal') return 'EINTR';
      } else {
        if (count === 'EPIPE') {
          this.signal('SIGPIPE');
          yield* this.spend(0);
        }
        return count;
      }
    }
    return undefined;
  }

  /** Reads a whole file; no descriptor stays open. Devices and pipes block until their end. */
  *readFile(path: string): Blocking<Uint8Array | Errno> {
    const fd = this.open(path);
    if (typeof fd === 'string') return fd;
    const chunks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const bytes = yield* this.read(fd);
      if (typeof bytes === 'string' || bytes.length === 0) {
        this.close(fd);
        if (typeof bytes === 'string') return bytes;
        break;
      }
      chunks.push(bytes);
      total += bytes.length;
      if (total > 64 * 1024 * 1024) return 'EFBIG';
    }
    const whole = new Uint8Array(total);
    let offset = 0;
    for (const chunk of chunks) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    return whole;
  }

  // ---- time -----------------------------------------------------------------------------------------------------------

  /** Sleeps until a deadline from now; a caught signal ends it early with 'signal'. */
  *sleep(duration: Micros): Blocking<Wake> {
    return yield { on: [], until: this.host.now + Math.max(0, Math.round(duration)) };
  }

  /** Sleeps until a signal. */
  *pause(): Blocking<Wake> {
    return yield { on: [] };
  }

  /** Computes for a while. Every loop that could go on for ever has one of these in it: time passes, and signals get through. */
  *spend(duration: Micros): Blocking<void> {
    this.host.events.computed += duration;
    yield { on: [], until: this.host.now + duration, computing: true };
  }

  /** The words it was started with. */
  get commandLine(): readonly string[] {
    return this.startedWith ?? this.argv;
  }

  // ---- processes ------------------------------------------------------------------------------------------------------

  /** A child that runs `run` with copies of everything this process has (fork(2)). `EAGAIN` when the process table is full. */
  fork(run: Program, options: Partial<SpawnOptions> = {}): Process | Errno {
    const child = this.host.start(this, run, { argv: [...this.argv], ...options });
    if (typeof child !== 'string' && !options.argv) {
      child.name = this.name;
      child.startedWith = this.startedWith;
    }
    return child;
  }

  /**
   * Fork and exec in one: starts the program at `path` (absolute, or relative to the working directory; no PATH search).
   * Errors of `execve` come back at once.
   */
  spawn(path: string, options: SpawnOptions): Process | Errno {
    const program = this.executable(path, options.argv);
    if (typeof program === 'string') return program;
    return this.host.start(
      this,
      function* (child) {
        child.#closeForExec();
        child.exe = program.path;
        yield* child.spend(EXEC_COST);
        return yield* program.run(child);
      },
      { ...options, argv: program.argv },
    );
  }

  /** Replaces the running program (execve(2)): `return yield* process.exec(path, argv)`. Returns an `Errno` if it can't. */
  *exec(path: string, argv: string[], env?: Map<string, string>): Blocking<number | Errno> {
    const program = this.executable(path, argv);
    if (typeof program === 'string') return program;
    this.argv = program.argv;
    this.startedWith = undefined;
    this.exe = program.path;
    this.name = commName(program.argv[0] ?? '');
    if (env) this.env = new Map(env);
    this.#closeForExec();
    this.resetHandlers();
    yield* this.spend(EXEC_COST);
    return yield* program.run(this);
  }

  /** What `execve` would run: a registered program, or a script's interpreter with the script as an argument. */
  executable(path: string, argv: string[]): { run: Program; argv: string[]; path: string } | Errno {
    const target = this.namespaces.mnt.resolve(this, path);
    if (typeof target === 'string') return target;
    const inode = target.inode;
    if (!inode) return 'ENOENT';
    if (inode instanceof Executable) {
      const run = this.host.programs.get(inode.program);
      return run ? { run, argv, path: target.path } : 'ENOEXEC';
    }
    if (!isExecutable(inode)) return 'EACCES';
    if (!(inode instanceof RegularFile)) return 'ENOEXEC';
    const line = firstLine(inode.bytes);
    const interpreter = /^#!\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(line);
    if (!interpreter) return 'ENOEXEC';
    const [, shell = '', argument] = interpreter;
    if (shell === path) return 'ELOOP';
    return this.executable(shell, [shell, ...(argument ? [argument] : []), path, ...argv.slice(1)]);
  }

  /**
   * Waits for a child's end (or stop, if asked) and forgets it (waitpid(2)).
   * @param which one child, any of a process group, or any
   */
  *wait(
    which: { pid?: number; pgid?: number } = {},
    options: { stopped?: boolean; nohang?: boolean } = {},
  ): Blocking<WaitStatus | Errno | undefined> {
    for (;;) {
      const candidates = [...this.children].filter(
        (c) => (which.pid === undefined || c.pid === which.pid) && (which.pgid === undefined || c.pgid === which.pgid),
      );
      if (candidates.length === 0) return 'ECHILD';
      for (const child of candidates) {
        if (child.status) {
          this.children.delete(child);
          this.host.reap(child);
          return child.status;
        }
        const notice = options.stopped ? child.notices.shift() : undefined;
        if (notice) return notice;
      }
      if (options.nohang) return undefined;
      if ((yield { on: [this.childChanged] }) === 'signal') return 'EINTR';
    }
  }

  /**
   * The first process of a PID namespace gets no signal that it has no handler for, but SIGKILL and SIGSTOP from outside
   * (pid_namespaces(7)).
   *
   * @param sender who calls kill(2); absent for what comes from the kernel or from outside the namespace
   */
  override signal(signal: Signal, sender?: Process): void {
    const forced = (signal === 'SIGKILL' || signal === 'SIGSTOP') && sender?.namespaces.pid !== this.namespaces.pid;
    const shielded = this.nspid === 1 && !this.dispositions.has(signal) && signal !== 'SIGCONT' && !forced;
    if (!shielded) super.signal(signal);
  }

  // ---- called by the scheduler ----------------------------------------------------------------------------------------

  protected override stateChanged(kind: 'stopped' | 'continued', signal: Signal): void {
    this.notices = [{ pid: this.pid, kind, code: SIGNAL[signal] }];
    this.parent?.signal('SIGCHLD');
    this.parent?.childChanged.wake();
  }

  protected override ended(code: number, signal: Signal | undefined): void {
    this.status = signal ? { pid: this.pid, kind: 'signaled', code: SIGNAL[signal] } : { pid: this.pid, kind: 'exited', code: code & 0xff };
    for (const fd of [...this.fds.keys()]) this.close(fd);
    this.host.exited(this);
    for (const callback of this.onExit) callback(this.status);
    const parent = this.parent;
    parent?.signal('SIGCHLD');
    parent?.childChanged.wake();
  }

  protected override crashed(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.host.reportBug(this, text);
    this.fds
      .get(2)
      ?.write(encode(`${this.name}: a bug of the simulation ended this program: ${error instanceof Error ? error.message : text}\n`));
  }

  /** Only the foreground group may read its terminal (credentials(7)). */
  #readsFromBackground(file: OpenFile): boolean {
    const tty = terminalOf(file);
    return tty !== undefined && tty === this.tty && tty.foreground > 0 && tty.foreground !== this.pgid;
  }

  #lowestFree(least: number): number {
    let fd = least;
    while (this.fds.has(fd)) fd++;
    return fd;
  }

  #closeForExec(): void {
    for (const fd of [...this.closeOnExec]) this.close(fd);
  }
}

function commName(argv0: string): string {
  return argv0
    .slice(argv0.lastIndexOf('/') + 1)
    .replace(/^-/, '')
    .slice(0, 15);
}

/** Whether anybody may execute it (root needs at least one x bit). */
function isExecutable(inode: Inode): boolean {
  return inode.kind === 'file' && (inode.mode & 0o111) !== 0;
}

function firstLine(bytes: Uint8Array): string {
  const end = bytes.indexOf(10);
  return String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 256)));
}
