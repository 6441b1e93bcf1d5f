import type { EventQueue } from '../base/events.ts';
import type { Errno } from '../base/errno.ts';
import { Random } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import type { Directory, Inode } from './inode.ts';
import { MountNamespace } from './mount.ts';
import { type Namespaces, PidNamespace } from './namespaces.ts';
import type { UserNamespace } from './user-namespace.ts';
import { Process, type Program, type SpawnOptions } from './process.ts';
import { Tty } from './tty.ts';

/** Linux's default `ulimit -u` is thousands; a fork bomb must end long before the reader's memory does. */
export const MAX_PROCESSES = 1_024;

/** What a host is made of. */
export interface HostOptions {
  name: string;
  kernel: Kernel;
  /** Programs by the name that `Executable` files carry. */
  programs: ReadonlyMap<string, Program>;
  root: Directory;
  /** The environment of its first process. */
  env: Map<string, string>;
}

/** One computer: a kernel, its processes and its files. */
export class Host {
  readonly name: string;
  readonly kernel: Kernel;
  readonly events: EventQueue;
  readonly seed: string;
  readonly programs: ReadonlyMap<string, Program>;
  readonly pids = new PidNamespace();
  /** PID 1; parent of all that lost theirs. */
  readonly init: Process;
  /** The pseudo-terminals in use, by their number in /dev/pts. */
  readonly terminals = new Map<number, Tty>();
  /** What is not a kernel's but a machine's: texts for the `dmesg` of our own bugs. */
  readonly bugs: string[] = [];
  /** The namespaces of which a machine here has one each, whatever its processes ask for. */
  readonly shared = { cgroup: {}, ipc: {}, time: {}, user: {} };
  readonly #pins = new Map<NetNamespace, number>();
  #pipes = 1;
  /** The user namespaces that other namespaces were made in; the machine's own ones stand for themselves. */
  readonly owners = new WeakMap<object, UserNamespace>();
  #alive = 0;
  readonly #inodeNumbers = new WeakMap<object, number>();
  #nextInode = 2;

  constructor(options: HostOptions) {
    this.name = options.name;
    this.kernel = options.kernel;
    this.events = options.kernel.events;
    this.seed = options.kernel.seed;
    this.programs = options.programs;
    const namespaces: Namespaces = {
      net: options.kernel.init,
      mnt: new MountNamespace(options.root),
      uts: { hostname: options.name },
      pid: this.pids,
    };
    this.init = new Process(this, undefined, { argv: ['/sbin/init'], env: options.env, cwd: '/', fds: new Map(), namespaces });
    this.init.onSignal('SIGCHLD', () => this.#reapOrphans());
    this.init.begin(idle(this.init));
  }

  get now(): Micros {
    return this.events.now;
  }

  /** A stream of named randomness of this host. */
  random(name: string): Random {
    return new Random(this.seed, `${this.name}/${name}`);
  }

  /** Starts a process; `EAGAIN` when there are too many. */
  start(parent: Process, run: Program, options: SpawnOptions): Process | Errno {
    if (this.#alive >= MAX_PROCESSES) return 'EAGAIN';
    this.#alive++;
    const child = new Process(this, parent, { ...options, namespaces: { ...(options.namespaces ?? parent.namespaces) } });
    for (const [signal, disposition] of parent.dispositions) if (disposition === 'ignore') child.dispositions.set(signal, 'ignore');
    child.begin(run(child));
    return child;
  }

  /** Every process that has not been waited for, by PID. */
  processes(): Process[] {
    return [...this.pids.processes.values()].sort((a, b) => a.pid - b.pid);
  }

  /** Sends a signal to each process of a group; false when there is none. */
  signalGroup(pgid: number, signal: Parameters<Process['signal']>[0]): boolean {
    const members = this.processes().filter((process) => process.pgid === pgid && process.state !== 'zombie');
    for (const member of members) member.signal(signal);
    return members.length > 0;
  }

  /** Called by a process that has ended: its children go to init; a process without a waiting parent is reaped at once. */
  exited(process: Process): void {
    this.#alive--;
    for (const child of process.children) {
      child.parent = this.init;
      this.init.children.add(child);
      if (child.status) this.init.signal('SIGCHLD');
    }
    process.children.clear();
    // The first process of a PID namespace takes the others with it (pid_namespaces(7)).
    if (process.nspid === 1 && process.namespaces.pid !== this.pids) {
      for (const other of [...process.namespaces.pid.processes.values()]) other.signal('SIGKILL');
    }
    this.#endUnused(process.namespaces.net);
  }

  /** Forgets a zombie. */
  reap(process: Process): void {
    this.pids.processes.delete(process.pid);
    process.namespaces.pid.processes.delete(process.nspid);
  }

  /** A new pseudo-terminal, with the lowest free number; it goes when it is hung up. */
  newTerminal(): Tty {
    let number = 0;
    while (this.terminals.has(number)) number++;
    const tty = new Tty(this, number);
    this.terminals.set(number, tty);
    return tty;
  }

  /** Keeps a network namespace alive without a process in it: a bind mount under /run/netns, an engine's sandbox. */
  pinNamespace(net: NetNamespace): void {
    this.#pins.set(net, (this.#pins.get(net) ?? 0) + 1);
  }

  /** Lets it go; it ends if no process is in it either. */
  unpinNamespace(net: NetNamespace): void {
    const left = (this.#pins.get(net) ?? 1) - 1;
    if (left > 0) this.#pins.set(net, left);
    else this.#pins.delete(net);
    this.#endUnused(net);
  }

  /** A network namespace lives as long as something refers to it (network_namespaces(7)). */
  #endUnused(net: NetNamespace): void {
    if (net.dead || net === this.kernel.init || this.#pins.has(net)) return;
    const inUse = this.processes().some((process) => process.namespaces.net === net && process.state !== 'zombie');
    if (!inUse) this.kernel.destroyNamespace(net);
  }

  /** Number for `pipe:[N]` in /proc. */
  nextPipeNumber(): number {
    return 4_000 + this.#pipes++;
  }

  /** The inode number that `ls -i` and `/proc/PID/ns` show: given out in order of first asking. */
  inodeNumber(inode: Inode | object): number {
    let number = this.#inodeNumbers.get(inode);
    if (number === undefined) {
      number = this.#nextInode++;
      this.#inodeNumbers.set(inode, number);
    }
    return number;
  }

  /** A program threw: kept for tests and for the page's report. */
  reportBug(process: Process, text: string): void {
    this.bugs.push(`${process.argv.join(' ')}: ${text}`);
  }

  #reapOrphans(): void {
    for (const child of [...this.init.children]) {
      if (!child.status) continue;
      this.init.children.delete(child);
      this.reap(child);
    }
  }
}

function* idle(process: Process): ReturnType<Program> {
  for (;;) yield* process.pause();
}
