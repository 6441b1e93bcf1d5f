import type { IPv4 } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import { OpenStreamSocket } from '../../../host/inet-socket.ts';
import type { Blocking } from '../../../host/wait.ts';
import { TcpSocket } from '../../../kernel/socket/tcp/socket.ts';
import type { ApiResponse } from '../api/message.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { Allocator } from './allocator.ts';
import { Channel } from './channel.ts';
import { newId, parseToken } from './identity.ts';
import {
  type Availability,
  Fault,
  type ManualAttachment,
  rank,
  type SwarmNetwork,
  type SwarmNode,
  type SwarmTask,
  type TaskState,
} from './objects.ts';
import { Orchestrator } from './orchestrator.ts';
import { Store } from './store.ts';

export const CONTROL_PORT = 2_377;

/** How often a node says that it is there, and after how much silence it counts as gone (swarmkit's dispatcher). */
export const HEARTBEAT = 5 * SECOND;
const GRACE = 3;
const CHECK_EVERY = SECOND;

/** What a node is told: everything that concerns it. */
export interface Assignment {
  node: SwarmNode;
  managers: IPv4[];
  members: IPv4[];
  networks: { network: SwarmNetwork; balancer: IPv4 }[];
  tasks: SwarmTask[];
}

/** The way to a node's agent. */
export interface Session {
  notify(method: string, body: unknown): void;
  request(method: string, body: unknown, timeout: number): Blocking<unknown>;
}

/** A request that a node's agent makes of the leader. */
export interface JoinRequest {
  token: string;
  hostname: string;
  availability: Availability;
}

/** The leader of a swarm: keeps its state, listens for nodes, tells them what to do. */
export class Manager {
  readonly store: Store;
  readonly allocator: Allocator;
  readonly orchestrator: Orchestrator;
  readonly #engine: Engine;
  readonly #address: IPv4;
  readonly #listener: OpenStreamSocket;
  readonly #fd: number;
  readonly #sessions = new Map<string, Session>();
  readonly #heard = new Map<string, number>();
  readonly #sent = new Map<string, string>();
  readonly #channels = new Set<Channel>();
  /** Answers API requests that other managers pass on; set by whoever owns the routes. */
  forwarded: (request: { method: string; path: string; query: Record<string, string>; body: unknown }) => Blocking<ApiResponse>;
  #stopped = false;

  constructor(engine: Engine, address: IPv4, forwarded: Manager['forwarded']) {
    this.#engine = engine;
    this.#address = address;
    this.forwarded = forwarded;
    this.store = new Store(
      () => engine.host.now,
      (name) => engine.random(`${name}/${engine.serial(name)}`),
    );
    this.allocator = new Allocator(this.store);
    this.orchestrator = new Orchestrator(this.store, this.allocator, engine.host.events, () => this.#dispatch());
    this.#listener = new OpenStreamSocket(engine.daemon, new TcpSocket(engine.host.kernel.init, 6));
    this.#fd = engine.daemon.install(this.#listener);
    this.#listener.options.reuseAddress = true;
    this.#listener.bind(0n, CONTROL_PORT);
    this.#listener.listen(4_096);
    go(engine.host.events, this.#accept());
    go(engine.host.events, this.#watch());
  }

  stop(): void {
    this.#stopped = true;
    this.orchestrator.stop();
    for (const channel of [...this.#channels]) channel.close();
    this.#engine.daemon.close(this.#fd);
  }

  /** Something in the store has changed. */
  changed(): void {
    this.orchestrator.poke();
  }

  addNode(hostname: string, address: IPv4, role: SwarmNode['role'], availability: Availability): SwarmNode {
    const node: SwarmNode = {
      ...this.store.meta('node'),
      hostname,
      role,
      availability,
      labels: {},
      state: 'ready',
      address,
      leader: false,
    };
    this.store.nodes.set(node.id, node);
    this.#heard.set(node.id, this.#engine.host.now);
    return node;
  }

  /** A node's agent is there; it gets its assignment. */
  connect(node: string, session: Session): void {
    this.#sessions.set(node, session);
    this.#sent.delete(node);
    this.#hear(node);
    this.changed();
  }

  session(node: string): Session | undefined {
    return this.#sessions.get(node);
  }

  *#accept(): Blocking<void> {
    while (!this.#stopped) {
      const client = yield* this.#listener.accept(this.#engine.daemon, this.#engine.host.now + 60 * SECOND);
      if (typeof client === 'string') {
        if (client !== 'EINTR' && client !== 'EAGAIN') return;
        continue;
      }
      const channel = new Channel(this.#engine, client, (method, body, from) => this.#handle(method, body, from));
      this.#channels.add(channel);
      go(this.#engine.host.events, this.#forgetWhenClosed(channel));
    }
  }

  *#forgetWhenClosed(channel: Channel): Blocking<void> {
    while (channel.open) yield { on: [channel.closed] };
    this.#channels.delete(channel);
    for (const [node, session] of this.#sessions) if (session === channel) this.#sessions.delete(node);
  }

  *#handle(method: string, body: unknown, channel: Channel): Blocking<unknown> {
    if (method === 'trust') return { digest: this.store.cluster.digest };
    if (method === 'join') return this.#join(body as JoinRequest, channel);
    if (method === 'session') {
      const { node } = body as { node: string };
      if (!this.store.nodes.has(node)) return new Fault('NotFound', `node ${node} not found`);
      this.connect(node, channel);
      return {};
    }
    const node = [...this.#sessions].find(([, session]) => session === channel)?.[0];
    return node === undefined ? new Fault('PermissionDenied', 'node is not authorized') : yield* this.call(node, method, body);
  }

  #join({ token, hostname, availability }: JoinRequest, channel: Channel): unknown {
    const { cluster } = this.store;
    const secret = parseToken(token)?.secret;
    const role = secret === cluster.managerSecret ? 'manager' : secret === cluster.workerSecret ? 'worker' : undefined;
    if (!role) return new Fault('InvalidArgument', 'A valid join token is necessary to join this cluster');
    const node = this.addNode(hostname, channel.peer, role, availability);
    this.connect(node.id, channel);
    return { node: node.id, role };
  }

  /** What agents ask for. */
  *call(node: string, method: string, body: unknown): Blocking<unknown> {
    this.#hear(node);
    switch (method) {
      case 'heartbeat':
        return {};
      case 'attach':
        return this.#attach(node, body as { network: string; container: string; address?: IPv4 });
      case 'detach':
        return this.#detach(node, body as { network: string; container: string });
      case 'status':
        return this.#status(node, body as TaskStatus);
      case 'api':
        return yield* this.forwarded(body as Parameters<Manager['forwarded']>[0]);
      default:
        return new Fault('Unimplemented', `unknown method ${method}`);
    }
  }

  #hear(id: string): void {
    this.#heard.set(id, this.#engine.host.now);
    const node = this.store.nodes.get(id);
    if (node?.state !== 'down') return;
    node.state = 'ready';
    this.store.touch(node);
    this.changed();
  }

  /** Nodes that have been silent for too long are down. */
  *#watch(): Blocking<void> {
    while (!this.#stopped) {
      yield { on: [], until: this.#engine.host.now + CHECK_EVERY };
      for (const node of this.store.nodes.values()) {
        const silent = this.#engine.host.now - (this.#heard.get(node.id) ?? 0);
        if (node.leader || node.state === 'down' || silent <= GRACE * HEARTBEAT) continue;
        node.state = 'down';
        this.store.touch(node);
        this.changed();
      }
    }
  }

  #attach(node: string, request: { network: string; container: string; address?: IPv4 }): unknown {
    const network = this.store.network(request.network);
    if (network instanceof Fault) return new Fault('NotFound', `network ${request.network} not found`);
    if (!network.attachable) return new Fault('PermissionDenied', `network ${network.name} not manually attachable`);
    const pool = this.store.addresses.pool(network.id);
    if (!network.allocated || !pool) return new Fault('', 'context deadline exceeded');
    if (request.address !== undefined && !pool.takeThis(request.address)) return new Fault('', 'Address already in use');
    const address = request.address ?? pool.take();
    if (address === undefined) return new Fault('', 'no available addresses');
    const attachment: ManualAttachment = {
      task: newId(this.#engine.random(`swarm/attachment/${this.#engine.serial('swarm/attachment')}`)),
      node,
      network: network.id,
      container: request.container,
      address,
    };
    this.store.attachments.set(`${network.id}/${request.container}`, attachment);
    const balancer = this.allocator.balancer(node, network.id) ?? 0;
    this.changed();
    return { network, address, balancer };
  }

  #detach(node: string, { network, container }: { network: string; container: string }): unknown {
    const key = `${network}/${container}`;
    const attachment = this.store.attachments.get(key);
    if (attachment?.node !== node) return {};
    this.store.addresses.pool(network)?.release(attachment.address);
    this.store.attachments.delete(key);
    this.changed();
    return {};
  }

  #status(node: string, { task: id, state, message, error, container, exitCode }: TaskStatus): unknown {
    const task = this.store.tasks.get(id);
    if (!task || task.node !== node || rank(state) < rank(task.state)) return {};
    if (state !== task.state) task.since = this.store.now;
    Object.assign(
      task,
      { state, message, error },
      container === undefined ? {} : { container },
      exitCode === undefined ? {} : { exitCode },
    );
    this.store.touch(task);
    this.changed();
    return {};
  }

  /** The networks that a node takes part in. */
  #networksOf(node: string): Set<string> {
    const { ingress, tasks, attachments } = this.store;
    const here = [...tasks.values()].filter((task) => task.node === node && rank(task.state) <= rank('running'));
    return new Set([
      ...(ingress ? [ingress.id] : []),
      ...here.flatMap((task) => task.attachments.map(({ network }) => network)),
      ...[...attachments.values()].filter((attachment) => attachment.node === node).map(({ network }) => network),
    ]);
  }

  /** Tells every node what it should do, if that has changed. */
  #dispatch(): void {
    if (this.#stopped) return;
    const nodes = [...this.store.nodes.values()];
    const managers = nodes.filter(({ role }) => role === 'manager').map((node) => (node.leader ? this.#address : node.address));
    const members = nodes.filter(({ state }) => state === 'ready').map((node) => (node.leader ? this.#address : node.address));
    for (const node of nodes) {
      const needed = this.#networksOf(node.id);
      this.allocator.keepBalancers(node.id, needed);
      const session = this.#sessions.get(node.id);
      if (!session) continue;
      const assignment: Assignment = {
        node,
        managers,
        members,
        networks: [...needed].flatMap((id) => {
          const network = this.store.networks.get(id);
          const balancer = this.allocator.balancer(node.id, id);
          return network?.allocated && balancer !== undefined ? [{ network, balancer }] : [];
        }),
        tasks: [...this.store.tasks.values()].filter((task) => task.node === node.id && rank(task.state) >= rank('assigned')),
      };
      const text = JSON.stringify(assignment);
      if (this.#sent.get(node.id) === text) continue;
      this.#sent.set(node.id, text);
      session.notify('assign', JSON.parse(text));
    }
  }
}

/** What an agent says about a task. */
export interface TaskStatus {
  task: string;
  state: TaskState;
  message: string;
  error: string;
  container?: string;
  exitCode?: number;
}
