import type { IPv4 } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import { OpenStreamSocket } from '../../../host/inet-socket.ts';
import { type Blocking, WaitQueue } from '../../../host/wait.ts';
import { TcpSocket } from '../../../kernel/socket/tcp/socket.ts';
import { parseIP } from '../../../base/address.ts';
import type { Container } from '../container/container.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { Refusal } from '../refusal.ts';
import { Channel } from './channel.ts';
import { Executor } from './executor.ts';
import { Gossip } from './gossip.ts';
import { type Assignment, CONTROL_PORT, HEARTBEAT, type Manager } from './manager.ts';
import { Fault, type SwarmNetwork, type SwarmNode } from './objects.ts';
import { Overlays } from './overlays.ts';

const CALL_TIMEOUT = 20 * SECOND;
const RECONNECT = 2 * SECOND;

/** A node's part in a swarm: does what the managers assign, and says how it goes. */
export class Agent {
  readonly node: string;
  readonly overlays: Overlays;
  readonly gossip: Gossip;
  /** What the managers said last. */
  assignment: Assignment | undefined;
  readonly #engine: Engine;
  readonly #executor: Executor;
  readonly #assigned = new WaitQueue();
  readonly #stopped = new WaitQueue();
  /** On the leader itself. */
  readonly #manager: Manager | undefined;
  #channel: Channel | undefined;
  #running = true;

  /** @param address of this node, for the others */
  constructor(engine: Engine, node: string, address: IPv4, to: Manager | Channel) {
    this.#engine = engine;
    this.node = node;
    const name = engine.random(`swarm/gossip/${engine.serial('swarm/gossip')}`).hex(12);
    this.gossip = new Gossip(engine, name, address, (fact) => this.overlays.learn(fact));
    this.overlays = new Overlays(
      engine,
      () => this.gossip,
      (network, container) => this.#tell('detach', { network, container }),
    );
    this.#executor = new Executor(engine, this.overlays, (status) => this.#tell('status', status));
    if (to instanceof Channel) this.#channel = to;
    else this.#manager = to;
    go(engine.host.events, this.#keepInTouch());
  }

  /** The address by which the leader is reached; undefined on the leader itself. */
  get leader(): IPv4 | undefined {
    return this.#channel?.peer;
  }

  /** Leaves: tasks end, networks go. */
  *stop(): Blocking<void> {
    this.#running = false;
    this.#stopped.wake();
    yield* this.#executor.stop();
    this.overlays.leaveAll();
    this.gossip.stop();
    this.#channel?.close();
  }

  /** What the managers send. */
  *receive(method: string, body: unknown): Blocking<unknown> {
    if (method === 'assign') this.#take(body as Assignment);
    if (method === 'logs') return this.#executor.logs(body as { tasks: string[] });
    return {};
  }

  #take(assignment: Assignment): void {
    if (!this.#running) return;
    this.assignment = assignment;
    this.gossip.meet(assignment.members);
    for (const { network, balancer } of assignment.networks) if (network.ingress) this.overlays.ensure(network, balancer);
    this.#executor.take(assignment);
    this.#assigned.wake();
  }

  /** Waits until the managers have told what to do. */
  *ready(): Blocking<void> {
    while (!this.assignment && this.#running) yield { on: [this.#assigned, this.#stopped] };
  }

  get role(): SwarmNode['role'] {
    return this.#manager ? 'manager' : (this.assignment?.node.role ?? 'worker');
  }

  /** Asks the leader. */
  *call(method: string, body: unknown): Blocking<unknown> {
    if (this.#manager) return yield* this.#manager.call(this.node, method, body);
    if (!this.#channel?.open) return new Fault('Unavailable', 'no manager is reachable');
    return yield* this.#channel.request(method, body, CALL_TIMEOUT);
  }

  #tell(method: string, body: unknown): void {
    go(this.#engine.host.events, this.call(method, body));
  }

  *#keepInTouch(): Blocking<void> {
    while (this.#running) {
      const until = this.#engine.host.now + HEARTBEAT;
      while (this.#running && this.#engine.host.now < until && (this.#manager || this.#channel?.open)) {
        yield { on: [this.#stopped, ...(this.#channel ? [this.#channel.closed] : [])], until };
      }
      if (!this.#running) return;
      if (this.#manager || this.#channel?.open) this.#tell('heartbeat', {});
      else yield* this.#reconnect();
    }
  }

  *#reconnect(): Blocking<void> {
    const address = this.assignment?.managers[0] ?? this.#channel?.peer;
    if (address !== undefined) {
      const channel = yield* dial(this.#engine, address, CONTROL_PORT, SECOND * 10, (method, body) => this.receive(method, body));
      if (channel instanceof Channel && this.#running) {
        this.#channel = channel;
        if (!((yield* channel.request('session', { node: this.node }, CALL_TIMEOUT)) instanceof Fault)) return;
        channel.close();
      }
    }
    const until = this.#engine.host.now + RECONNECT;
    while (this.#running && this.#engine.host.now < until) yield { on: [this.#stopped], until };
  }

  /** Before a container starts: an address on each of the swarm's networks that it wants. */
  *prepare(container: Container): Blocking<Refusal | undefined> {
    for (const [name, settings] of container.networks) {
      const refused = yield* this.attach(name, container, settings.IPAMConfig?.IPv4Address);
      if (refused) return refused;
    }
    return undefined;
  }

  /** An address for a container on one network; nothing happens where it is a network of this host alone. */
  *attach(name: string, container: Container, wanted: string | undefined): Blocking<Refusal | undefined> {
    const local = this.#engine.networks.find(name);
    if (!(local instanceof Refusal) && !local.overlay) return undefined;
    if (!(local instanceof Refusal) && local.overlay?.reserved.has(container.id)) return undefined;
    const asked = wanted === undefined || wanted === '' ? undefined : parseIP(wanted);
    const id = local instanceof Refusal ? name : local.id;
    const answer = yield* this.call('attach', {
      network: id,
      container: container.id,
      ...(typeof asked === 'number' ? { address: asked } : {}),
    });
    if (answer instanceof Fault) return new Refusal(500, `Could not attach to network ${name}: ${answer.text}`);
    const { network, address, balancer } = answer as { network: SwarmNetwork; address: IPv4; balancer: IPv4 };
    const joined = this.overlays.ensure(network, balancer);
    if (joined instanceof Refusal) return joined;
    this.overlays.reserve(joined, container.id, address);
    return undefined;
  }
}

/** Connects to a manager; why that failed is a sentence as Go's. */
export function* dial(
  engine: Engine,
  address: IPv4,
  port: number,
  timeout: number,
  handler: (method: string, body: unknown) => Blocking<unknown>,
): Blocking<Channel | 'ETIMEDOUT' | 'ECONNREFUSED'> {
  const socket = new OpenStreamSocket(engine.daemon, new TcpSocket(engine.host.kernel.init, 4));
  const failed = yield* socket.connect(address, port, engine.host.now + timeout);
  if (!failed) return new Channel(engine, socket, handler);
  const fd = engine.daemon.install(socket);
  engine.daemon.close(fd);
  return failed === 'ECONNREFUSED' ? 'ECONNREFUSED' : 'ETIMEDOUT';
}
