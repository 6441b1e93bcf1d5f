import { formatIPv4, type IPv4, parseIP } from '../../../base/address.ts';
import { SECOND } from '../../../base/time.ts';
import { loaded, part } from '../../../base/part.ts';
import { type Blocking, need } from '../../../host/wait.ts';
import type { ApiResponse } from '../api/message.ts';
import type { Container } from '../container/container.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';
import type { Agent } from './agent.ts';
import type { JoinRequest, Manager } from './manager.ts';
import { type Availability, Fault, type SwarmNetwork } from './objects.ts';

/** All that only a daemon in a swarm needs: loaded when it is to start or join one. */
export const members = part('docker engine members', () => import('./members.ts'));

/** How long `docker swarm join` waits. */
const JOIN_TIMEOUT = 20 * SECOND;
const RETRY = 2 * SECOND;

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
const ONLY_WORKER =
  "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";
const LAST_MANAGER =
  'You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.';
const ALREADY = 'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.';
const TIMED_OUT =
  'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.';

/** A daemon's membership in a swarm (daemon/cluster). */
export class Swarm {
  /** On the leader. */
  manager: Manager | undefined;
  agent: Agent | undefined;
  /** Its address as others know it. */
  address: IPv4 = 0;
  readonly #engine: Engine;
  /** Answers a request that another manager passed on; set by the router. */
  readonly #answer: (engine: Engine, request: Forwarded) => Blocking<ApiResponse>;
  /** Joining in the background: ends when the daemon leaves. */
  #attempt: { cancelled: boolean } | undefined;

  constructor(engine: Engine, answer: (engine: Engine, request: Forwarded) => Blocking<ApiResponse>) {
    this.#engine = engine;
    this.#answer = answer;
  }

  get state(): 'inactive' | 'pending' | 'active' {
    return this.agent ? 'active' : this.#attempt ? 'pending' : 'inactive';
  }

  get isManager(): boolean {
    return this.agent?.role === 'manager';
  }

  /** Why this node can't answer for the swarm. */
  notManager(): Refusal | undefined {
    if (this.isManager) return undefined;
    return new Refusal(503, this.agent ? ONLY_WORKER : NO_SWARM);
  }

  /** For what only makes sense where a swarm is. */
  static notInSwarm(): Refusal {
    return new Refusal(503, NO_SWARM);
  }

  *init(request: {
    AdvertiseAddr?: string;
    ListenAddr?: string;
    Availability?: string;
    TaskHistoryLimit?: number;
  }): Blocking<string | Refusal> {
    if (this.state !== 'inactive') return new Refusal(503, ALREADY);
    const listen = listensElsewhere(request.ListenAddr);
    if (listen) return listen;
    const address = this.#advertised(request.AdvertiseAddr ?? '');
    if (address instanceof Refusal) return address;
    this.address = address;
    const { Agent, Manager } = yield* need(members);
    const { hostname } = this.#engine.host.init.namespaces.uts;
    const manager = new Manager(this.#engine, address, (forwarded) => this.#answer(this.#engine, forwarded));
    this.manager = manager;
    const node = manager.addNode(hostname, address, 'manager', availabilityOf(request.Availability));
    node.leader = true;
    if (request.TaskHistoryLimit !== undefined) manager.store.cluster.taskHistoryLimit = request.TaskHistoryLimit;
    const ingress = ingressNetwork(manager);
    manager.store.networks.set(ingress.id, ingress);
    manager.allocator.network(ingress);
    const agent = new Agent(this.#engine, node.id, address, manager);
    this.agent = agent;
    const { host } = this.#engine;
    manager.connect(node.id, {
      notify: (method, body) => void go(host.events, agent.receive(method, body)),
      request: (method, body) => agent.receive(method, body),
    });
    yield* agent.ready();
    return node.id;
  }

  *join(request: {
    RemoteAddrs?: string[];
    JoinToken?: string;
    AdvertiseAddr?: string;
    ListenAddr?: string;
    Availability?: string;
  }): Blocking<Refusal | undefined> {
    if (this.state !== 'inactive') return new Refusal(503, ALREADY);
    const { CONTROL_PORT, parseToken } = yield* need(members);
    const [remote = ''] = request.RemoteAddrs ?? [];
    const text = request.JoinToken ?? '';
    if (text !== '' && !parseToken(text)) return invalid('invalid join token');
    const listen = listensElsewhere(request.ListenAddr);
    if (listen) return listen;
    const [host = '', portText = String(CONTROL_PORT)] = remote.split(':');
    const manager = parseIP(host);
    if (typeof manager !== 'number') return invalid(`invalid remote address: ${remote}`);
    const own = request.AdvertiseAddr ? this.#advertised(request.AdvertiseAddr) : this.#sourceTowards(manager);
    if (own instanceof Refusal) return own;
    this.address = own;
    const attempt = { cancelled: false };
    this.#attempt = attempt;
    const join = {
      token: text,
      hostname: this.#engine.host.init.namespaces.uts.hostname,
      availability: availabilityOf(request.Availability),
    };
    const deadline = this.#engine.host.now + JOIN_TIMEOUT;
    const result = yield* this.#tryToJoin(manager, Number(portText), join, deadline);
    if (result !== 'ETIMEDOUT') {
      this.#attempt = undefined;
      return result;
    }
    go(this.#engine.host.events, this.#joinLater(manager, Number(portText), join, attempt));
    return new Refusal(503, TIMED_OUT);
  }

  *#joinLater(manager: IPv4, port: number, join: JoinRequest, attempt: { cancelled: boolean }): Blocking<void> {
    while (!attempt.cancelled) {
      const result = yield* this.#tryToJoin(manager, port, join, this.#engine.host.now + JOIN_TIMEOUT);
      if (result === undefined || attempt.cancelled) break;
      yield { on: [], until: this.#engine.host.now + RETRY };
    }
    if (!attempt.cancelled) this.#attempt = undefined;
  }

  *#tryToJoin(manager: IPv4, port: number, join: JoinRequest, deadline: number): Blocking<Refusal | 'ETIMEDOUT' | undefined> {
    const { Agent, dial, hexDigest, parseToken } = yield* need(members);
    const engine = this.#engine;
    const left = (): number => Math.max(1, deadline - engine.host.now);
    const channel = yield* dial(engine, manager, port, left(), (method, body) => this.agent?.receive(method, body) ?? nothing());
    if (channel === 'ETIMEDOUT') {
      // Go's client goes on trying for as long as it may.
      yield { on: [], until: deadline };
      return 'ETIMEDOUT';
    }
    if (channel === 'ECONNREFUSED') {
      const where = `${formatIPv4(manager)}:${port}`;
      const reason = `connection error: desc = "transport: Error while dialing: dial tcp ${where}: connect: connection refused"`;
      return new Refusal(503, `rpc error: code = Unavailable desc = ${reason}`);
    }
    const trust = yield* channel.request('trust', {}, left());
    const token = parseToken(join.token);
    if (!(trust instanceof Fault) && token && (trust as { digest: string }).digest !== token.digest) {
      channel.close();
      return invalid(`remote CA does not match fingerprint. Expected: ${hexDigest(token.digest)}`);
    }
    const answer = yield* channel.request('join', join, left());
    if (answer instanceof Fault) {
      channel.close();
      return answer.code === 'DeadlineExceeded' ? 'ETIMEDOUT' : new Refusal(503, answer.text);
    }
    const { node } = answer as { node: string };
    this.agent = new Agent(engine, node, this.address, channel);
    // What the managers sent meanwhile had nobody to receive it.
    yield* channel.request('session', { node }, left());
    yield* this.agent.ready();
    return undefined;
  }

  *leave(force: boolean): Blocking<Refusal | undefined> {
    const { agent, manager } = this;
    if (this.#attempt) {
      this.#attempt.cancelled = true;
      this.#attempt = undefined;
      return undefined;
    }
    if (!agent) return new Refusal(503, 'This node is not part of a swarm');
    if (this.isManager && !force) return new Refusal(503, this.#warnManager());
    this.agent = undefined;
    this.manager = undefined;
    yield* agent.stop();
    manager?.stop();
    return undefined;
  }

  #warnManager(): string {
    const managers = this.agent?.assignment?.managers.length ?? 1;
    if (managers <= 1) return LAST_MANAGER;
    const left = managers - 1;
    const quorum = Math.floor(managers / 2) + 1;
    const start = 'You are attempting to leave the swarm on a node that is participating as a manager. ';
    if (left >= quorum) return `${start}Use \`--force\` to ignore this message.`;
    return `${start}Removing this node leaves ${left} managers out of ${managers}. Without a Raft quorum your swarm will be inaccessible. The only way to restore a swarm that has lost consensus is to reinitialize it with \`--force-new-cluster\`. Use \`--force\` to suppress this message.`;
  }

  /** Passes a request about the swarm on to its leader. */
  *forward(request: Forwarded): Blocking<ApiResponse | Refusal> {
    const answer = (yield* this.agent?.call('api', request) ?? nothing()) as ApiResponse | Fault | undefined;
    if (answer && !(answer instanceof Fault)) return answer;
    return new Refusal(
      500,
      "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
    );
  }

  tokens(): { Worker: string; Manager: string } | undefined {
    const cluster = this.manager?.store.cluster;
    if (!cluster) return undefined;
    const { formatToken } = loaded(members);
    const token = (secret: string): string => formatToken({ digest: cluster.digest, secret });
    return { Worker: token(cluster.workerSecret), Manager: token(cluster.managerSecret) };
  }

  /** Before a container starts or starts again. */
  *prepare(container: Container): Blocking<Refusal | undefined> {
    if (!this.agent || container.hostConfig.NetworkMode.startsWith('container:')) return undefined;
    const refused = yield* this.agent.prepare(container);
    if (!refused) return undefined;
    this.agent.overlays.release(container.id);
    return new Refusal(refused.status, `failed to set up container networking: ${refused.message}`);
  }

  /** A start failed: what was reserved for it is free again. */
  release(container: Container): void {
    this.agent?.overlays.release(container.id);
  }

  /** An address, or an interface that has one, maybe with a port; without either the one by which the host reaches others. */
  #advertised(text: string): IPv4 | Refusal {
    const [name = ''] = text.split(':');
    const { netlink } = this.#engine;
    if (name === '') return this.#only();
    const link = netlink.link(name);
    const address = link ? netlink.addresses(4).find(({ ifindex }) => ifindex === link.ifindex)?.prefix.address : parseIP(name);
    if (typeof address !== 'number' || address === 0) {
      return invalid('advertise address must be a non-zero IP address or network interface (with optional port number)');
    }
    return address;
  }

  /** The one address of the host; where there are several somebody has to choose. */
  #only(): IPv4 | Refusal {
    const { netlink, networks } = this.#engine;
    const bridges = new Set(networks.list().flatMap(({ bridge }) => (bridge ? [bridge.bridge] : [])));
    const found = netlink.links().flatMap((link) => {
      if (link.type === 'loopback' || bridges.has(link.name) || (link.flags & 1) === 0) return [];
      const own = netlink.addresses(4).filter(({ ifindex, scope }) => ifindex === link.ifindex && scope === 'global');
      return own.flatMap(({ prefix: { address } }) => (typeof address === 'number' ? [{ name: link.name, address }] : []));
    });
    const [first, second] = found;
    if (!first) return invalid("could not find the system's IP address - specify one with --advertise-addr");
    if (!second) return first.address;
    const where = `${formatIPv4(first.address)} on ${first.name === second.name ? `interface ${first.name}` : first.name}`;
    const other = `${formatIPv4(second.address)} on ${second.name}`;
    return invalid(
      first.name === second.name
        ? `could not choose an IP address to advertise since this system has multiple addresses on interface ${first.name} (${formatIPv4(first.address)} and ${formatIPv4(second.address)}) - specify one with --advertise-addr`
        : `could not choose an IP address to advertise since this system has multiple addresses on different interfaces (${where} and ${other}) - specify one with --advertise-addr`,
    );
  }

  #sourceTowards(manager: IPv4): IPv4 {
    const way = this.#engine.netlink.getRoute({ destination: manager });
    return 'errno' in way || typeof way.preferredSource !== 'number' ? 0 : way.preferredSource;
  }
}

/** A request of the Engine API that goes from one manager to another. */
export interface Forwarded {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
}

function* nothing(): Blocking<undefined> {
  return undefined;
}

function availabilityOf(text: string | undefined): Availability {
  return text === 'pause' || text === 'drain' ? text : 'active';
}

function listensElsewhere(text: string | undefined): Refusal | undefined {
  if (text === undefined || text === '' || /^0\.0\.0\.0(:2377)?$/.test(text)) return undefined;
  return notModelled(`a listening address of its own (${text})`);
}

function ingressNetwork(manager: Manager): SwarmNetwork {
  return {
    ...manager.store.meta('network'),
    name: 'ingress',
    driver: 'overlay',
    internal: false,
    attachable: false,
    ingress: true,
    options: {},
    labels: {},
    ipamConfig: [],
  };
}
