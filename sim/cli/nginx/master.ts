import { ERRNO, type Errno, strerror } from '../../base/errno.ts';
import { MILLISECOND } from '../../base/time.ts';
import { type OpenStreamSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { addressText } from './address.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { type Level, Logs } from './log.ts';
import { VERSION } from './pages.ts';
import type { Listen } from './scope.ts';
import { ConfigError } from './tokens.ts';
import { type Listener, newShared, type Shared, Worker } from './worker.ts';

/** How often and how far apart binding to a taken port is tried (ngx_open_listening_sockets). */
const BIND_TRIES = 5;
const BIND_PAUSE = 500 * MILLISECOND;

/** A configuration at work: its sockets, logs and workers. */
interface Cycle {
  configuration: Configuration;
  listeners: Listener[];
  logs: Logs;
  workers: Process[];
}

/** Every address to listen on, once. */
export function listensOf(configuration: Configuration): Listen[] {
  const found = new Map<string, Listen>();
  for (const server of configuration.servers)
    for (const listen of server.listens) if (!found.has(addressText(listen.address))) found.set(addressText(listen.address), listen);
  return [...found.values()];
}

/** Opens sockets, keeping those of `before`. @param report gets each complaint */
export function* openListeners(
  process: Process,
  configuration: Configuration,
  before: readonly Listener[],
  report: (level: Level, message: string) => Blocking<void>,
  testing = false,
): Blocking<Listener[] | undefined> {
  const listeners: Listener[] = [];
  let missing: Listen[] = [];
  for (const listen of listensOf(configuration)) {
    const known = before.find((old) => addressText(old.listen.address) === addressText(listen.address));
    if (known) listeners.push({ ...known, listen });
    else missing.push(listen);
  }
  for (let attempt = 0; attempt < BIND_TRIES; attempt++) {
    const failed: Listen[] = [];
    for (const listen of missing) {
      const socket = openListener(process, listen);
      if (typeof socket !== 'string') listeners.push({ fd: process.install(socket), socket, listen });
      else if (!testing || socket !== 'EADDRINUSE') {
        yield* report('emerg', `bind() to ${addressText(listen.address)} failed (${ERRNO[socket]}: ${strerror(socket)})`);
        if (socket !== 'EADDRINUSE') return undefined;
        failed.push(listen);
      }
    }
    if (failed.length === 0) return listeners;
    missing = failed;
    yield* process.sleep(BIND_PAUSE);
  }
  yield* report('emerg', 'still could not bind()');
  return undefined;
}

/** A listening socket; one of IPv6 takes no IPv4 (`ipv6only=on`). */
function openListener(process: Process, { address: { address, port }, backlog }: Listen): OpenStreamSocket | Errno {
  const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  socket.options.reuseAddress = true;
  socket.options.v6Only = typeof address === 'bigint';
  const failed = socket.bind(address, port) ?? socket.listen(backlog);
  if (!failed) return socket;
  socket.hold().release();
  return failed;
}

/** The master process: starts workers, watches over them, and does what signals ask (ngx_master_process_cycle). */
export class Master {
  readonly #process: Process;
  readonly #path: string;
  readonly #globals: string;
  readonly #shared: Shared = newShared();
  #cycle: Cycle;
  readonly #signals: string[] = [];
  #ending: 'SIGTERM' | 'SIGQUIT' | undefined;

  constructor(process: Process, path: string, globals: string, cycle: Omit<Cycle, 'workers'>) {
    this.#process = process;
    this.#path = path;
    this.#globals = globals;
    this.#cycle = { ...cycle, workers: [] };
  }

  *run(): Blocking<number> {
    const process = this.#process;
    const arguments_ = process.argv.join(' ');
    for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGWINCH', 'SIGCHLD'] as const)
      process.onSignal(signal, () => void this.#signals.push(signal));
    this.#notice('using the "epoll" event method');
    this.#notice(`nginx/${VERSION}`);
    process.argv = [`nginx: master process ${arguments_}`];
    this.#notice('start worker processes');
    this.#startWorkers(this.#cycle);
    for (;;) {
      const signal = this.#signals.shift();
      if (signal === undefined) yield* process.pause();
      else yield* this.#act(signal);
      yield* this.#reap();
      if (this.#ending && process.children.size === 0) break;
    }
    this.#notice('exit');
    const { pid } = this.#cycle.configuration;
    const target = process.namespaces.mnt.resolve(process, pid);
    if (typeof target !== 'string' && target.inode) target.parent.remove(target.name);
    return 0;
  }

  #notice(message: string): void {
    this.#cycle.logs.error(this.#process, 'notice', message);
  }

  *#act(signal: string): Blocking<void> {
    switch (signal) {
      case 'SIGTERM':
      case 'SIGINT':
        this.#end('SIGTERM');
        return;
      case 'SIGQUIT':
        this.#end('SIGQUIT');
        return;
      case 'SIGUSR1':
        this.#cycle.logs.reopen(this.#process);
        for (const worker of this.#process.children) worker.signal('SIGUSR1');
        return;
      case 'SIGHUP':
        if (!this.#ending) yield* this.#reload();
        return;
      case 'SIGWINCH':
        for (const worker of this.#cycle.workers) worker.signal('SIGQUIT');
        this.#cycle.workers = [];
    }
  }

  #end(signal: 'SIGTERM' | 'SIGQUIT'): void {
    this.#ending = signal;
    for (const worker of this.#process.children) worker.signal(signal);
  }

  /** Workers that ended by themselves are replaced. */
  *#reap(): Blocking<void> {
    for (;;) {
      const status = yield* this.#process.wait({}, { nohang: true });
      if (status === undefined || typeof status === 'string') return;
      const lost = this.#cycle.workers.findIndex((worker) => worker.pid === status.pid);
      const how = status.kind === 'signaled' ? `exited on signal ${status.code}` : `exited with code ${status.code}`;
      const level: Level = status.kind === 'signaled' ? 'alert' : 'notice';
      const nspid = lost < 0 ? status.pid : (this.#cycle.workers[lost]?.nspid ?? status.pid);
      this.#cycle.logs.error(this.#process, level, `worker process ${nspid} ${how}`);
      if (lost < 0 || this.#ending) continue;
      this.#cycle.workers.splice(lost, 1);
      this.#startWorker(this.#cycle);
    }
  }

  #startWorkers(cycle: Cycle): void {
    const wanted = cycle.configuration.main.value('worker_processes') ?? '1';
    const count = wanted === 'auto' ? 2 : Number(wanted);
    for (let i = 0; i < count; i++) this.#startWorker(cycle);
  }

  #startWorker(cycle: Cycle): void {
    const { configuration, listeners, logs } = cycle;
    const shared = this.#shared;
    const worker = this.#process.fork((self) => new Worker(self, configuration, listeners, logs, shared).run(), {
      argv: ['nginx: worker process'],
    });
    if (typeof worker === 'string') return;
    worker.name = 'nginx';
    for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGINT', 'SIGWINCH'] as const) worker.onSignal(signal, () => {});
    cycle.workers.push(worker);
    this.#notice(`start worker process ${worker.nspid}`);
  }

  /** SIGHUP: the file is read again; if it is good, new workers take over and the old ones finish what they do. */
  *#reload(): Blocking<void> {
    const process = this.#process;
    const before = this.#cycle;
    const complain = function* (level: Level, message: string): Blocking<void> {
      before.logs.error(process, level, message);
    };
    this.#notice('reconfiguring');
    const configuration = yield* readConfiguration(process, this.#path, this.#globals);
    if (configuration instanceof ConfigError) return yield* complain('emerg', configuration.message);
    const logs = new Logs(configuration, configuration.accessLogs);
    const unopened = logs.open(process);
    if (unopened) return yield* complain('emerg', unopened);
    const listeners = yield* openListeners(process, configuration, before.listeners, complain);
    if (!listeners) return;
    // Before the new workers inherit them.
    for (const old of before.listeners) if (!listeners.some((kept) => kept.fd === old.fd)) process.close(old.fd);
    this.#cycle = { configuration, listeners, logs, workers: [] };
    this.#startWorkers(this.#cycle);
    for (const worker of before.workers) worker.signal('SIGQUIT');
  }
}
