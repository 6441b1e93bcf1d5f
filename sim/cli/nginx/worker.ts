import { formatIP } from '../../base/address.ts';
import type { Random } from '../../base/random.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import type { OpenStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { type Blocking, WaitQueue } from '../../host/wait.ts';
import { HttpConnection } from '../http/connection.ts';
import { Tasks } from '../http/tasks.ts';
import { answer } from './answer.ts';
import { serversOn } from './choose.ts';
import type { Configuration } from './configuration.ts';
import { parseTime } from './directives.ts';
import type { Level, Logs } from './log.ts';
import { readRequest } from './read.ts';
import type { Request } from './request.ts';
import type { Listen } from './scope.ts';
import { send } from './send.ts';
import type { UpstreamDefinition } from './upstream.ts';

/** What the workers of a master count together (the shared memory of stub_status). */
export interface Shared {
  connections: number;
  accepted: number;
  active: number;
  requests: number;
  writing: number;
}

export function newShared(): Shared {
  return { connections: 0, accepted: 0, active: 0, requests: 0, writing: 0 };
}

/** A socket that the master listens on, by its descriptor. */
export interface Listener {
  fd: number;
  socket: OpenStreamSocket;
  listen: Listen;
}

/** A worker process: every connection is a task of one event loop. */
export class Worker {
  readonly process: Process;
  readonly configuration: Configuration;
  readonly shared: Shared;
  readonly #logs: Logs;
  readonly #listeners: readonly Listener[];
  readonly #tasks: Tasks;
  /** Connections between two requests, and what closes them. */
  readonly #idle = new Set<() => void>();
  readonly #wakeUp = new WaitQueue();
  quitting = false;
  #stopped = false;
  #accepting: (() => void)[] = [];

  constructor(process: Process, configuration: Configuration, listeners: readonly Listener[], logs: Logs, shared: Shared) {
    this.process = process;
    this.configuration = configuration;
    this.#listeners = listeners;
    this.#logs = logs;
    this.shared = shared;
    this.#tasks = new Tasks(process.host);
  }

  get now(): Micros {
    return this.process.host.now;
  }

  random(name: string): Random {
    return this.process.host.random(`nginx/${this.process.pid}/${name}`);
  }

  /** Serves until it is told to stop. */
  *run(): Blocking<number> {
    const { process } = this;
    process.onSignal('SIGPIPE', 'ignore');
    process.onSignal('SIGINT', 'ignore');
    process.onSignal('SIGHUP', 'ignore');
    process.onSignal('SIGUSR1', () => this.#logs.reopen(process));
    process.onSignal('SIGTERM', () => {
      this.#stopped = true;
    });
    process.onSignal('SIGQUIT', () => this.#quit());
    this.#accepting = this.#listeners.map((listener) => this.#tasks.add(this.#accept(listener)));
    yield* this.#tasks.run(() => this.#stopped || (this.quitting && this.#tasks.size === 0));
    return 0;
  }

  /** SIGQUIT: no new connections, idle ones are closed, requests under way are finished. */
  #quit(): void {
    this.quitting = true;
    this.process.argv = ['nginx: worker process is shutting down'];
    for (const stop of this.#accepting) stop();
    for (const { fd } of this.#listeners) this.process.close(fd);
    for (const close of [...this.#idle]) close();
    this.#wakeUp.wake();
  }

  *#accept({ socket, listen }: Listener): Blocking<void> {
    for (;;) {
      const accepted = yield* socket.accept(this.process);
      if (typeof accepted === 'string') {
        if (accepted === 'ECONNABORTED' || accepted === 'EINTR') continue;
        return;
      }
      const fd = this.process.install(accepted);
      this.#serve(accepted, fd, listen);
    }
  }

  #serve(socket: OpenStreamSocket, fd: number, listen: Listen): void {
    const { shared } = this;
    const connection = new HttpConnection(socket);
    const serial = ++shared.connections;
    shared.accepted++;
    shared.active++;
    const idle = { close: () => {} };
    const conversation = this.#conversation(connection, fd, listen, serial, idle);
    const stop = this.#tasks.add(
      (function* (worker: Worker): Blocking<void> {
        try {
          yield* conversation;
        } finally {
          shared.active--;
          worker.#idle.delete(idle.close);
          worker.process.close(fd);
        }
      })(this),
    );
    idle.close = stop;
  }

  /** Requests of one connection, one after another. */
  *#conversation(connection: HttpConnection, fd: number, listen: Listen, serial: number, idle: { close: () => void }): Blocking<void> {
    const { socket } = connection;
    const client = socket.peer;
    if (!client) return;
    const mapped = { ...client, address: unmapped(client.address) };
    const local = { ...socket.name, address: unmapped(socket.name.address) };
    const servers = serversOn(
      this.configuration.servers,
      listen.address.address === 0n || listen.address.address === 0 ? { address: socket.name.address, port: local.port } : listen.address,
    );
    const [initial] = servers;
    if (!initial) return;
    const keepAlive = (parseTime(initial.value('keepalive_timeout') ?? '75') ?? 75) * SECOND;
    const most = Number(initial.value('keepalive_requests') ?? 1000);
    for (let count = 1; ; count++) {
      const wait = count === 1 ? (parseTime(initial.value('client_header_timeout') ?? '60') ?? 60) * SECOND : keepAlive;
      this.#idle.add(idle.close);
      const read = yield* readRequest(this, connection, { client: mapped, local, connection: serial, servers, until: this.now + wait });
      this.#idle.delete(idle.close);
      if (!read) return;
      const { request, refusal } = read;
      if (count >= most) request.close = true;
      this.shared.requests++;
      this.shared.writing++;
      const reply = refusal ?? (yield* answer(request));
      yield* send(request, fd, reply);
      this.shared.writing--;
      yield* this.#logs.access(this.process, request);
      if (request.close) {
        yield* this.#linger(connection, reply.drop === true);
        return;
      }
    }
  }

  /** What the client still sends is read for a while, so that closing doesn't reset the connection (`lingering_close`). */
  *#linger(connection: HttpConnection, drop: boolean): Blocking<void> {
    connection.socket.shutdown('write');
    if (drop) return;
    const until = this.now + 5 * SECOND;
    for (;;) {
      const rest = yield* connection.more(until);
      if (typeof rest === 'string' || rest.length === 0) return;
    }
  }

  /** The group of that name, if the configuration has one. */
  upstream(name: string): UpstreamDefinition | undefined {
    return this.configuration.upstreams.get(name);
  }

  /** A path of the configuration, from the prefix where it is relative. */
  absolute(path: string): string {
    return path.startsWith('/') ? path : `/usr/share/nginx/${path}`;
  }

  /** A line of the error log, with what the request is about. */
  log(level: Level, message: string, request: Request | undefined, connection = request?.connection): void {
    const text = request ? `${message}${this.client(request)}${this.hostText(request)}` : message;
    this.#logs.error(this.process, level, text, connection);
  }

  client(request: Request): string {
    const name = request.server.names[0]?.text ?? '';
    return `, client: ${formatIP(request.client.address)}, server: ${name}, request: "${request.line}"`;
  }

  hostText(request: Request): string {
    const host = request.header('Host');
    const referrer = request.header('Referer');
    return `${host === undefined ? '' : `, host: "${host}"`}${referrer === undefined ? '' : `, referrer: "${referrer}"`}`;
  }
}

/** ::ffff:1.2.3.4 is an IPv4 client on a socket of both families. */
function unmapped(address: number | bigint): number | bigint {
  return typeof address === 'bigint' && address >> 32n === 0xffffn ? Number(address & 0xffff_ffffn) : address;
}
