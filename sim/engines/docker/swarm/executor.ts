import { EPOCH_SECONDS, MILLISECOND, SECOND } from '../../../base/time.ts';
import { decode } from '../../../base/bytes.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Container } from '../container/container.ts';
import { createContainer } from '../container/create.ts';
import { startContainer, stopContainer, waitWhile } from '../container/lifecycle.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { parseReference } from '../images/reference.ts';
import { Refusal } from '../refusal.ts';
import { redirectPorts } from './ingress.ts';
import type { Assignment, TaskStatus } from './manager.ts';
import { rank, type SwarmTask, type TaskState } from './objects.ts';
import type { Overlays } from './overlays.ts';

/** What fetching an image costs, when it has to come from the registry. */
const PULL = 400 * MILLISECOND;
const STEP = 20 * MILLISECOND;
const NANOSECONDS_PER_SECOND = 1_000_000_000;

/** A line of a task's log, for the managers. */
export interface TaskLogLine {
  task: string;
  /** Seconds since 1970. */
  time: number;
  source: 'stdout' | 'stderr';
  text: string;
}

/** A task as it is on this node. */
interface Running {
  task: SwarmTask;
  container?: Container;
  stopping: boolean;
}

/** Runs the tasks that were assigned to this node as containers (daemon/cluster/executor). */
export class Executor {
  readonly #engine: Engine;
  readonly #overlays: Overlays;
  readonly #report: (status: TaskStatus) => void;
  readonly #tasks = new Map<string, Running>();
  #networks: Assignment['networks'] = [];
  #node = '';
  #stopped = false;

  constructor(engine: Engine, overlays: Overlays, report: (status: TaskStatus) => void) {
    this.#engine = engine;
    this.#overlays = overlays;
    this.#report = report;
  }

  take({ tasks, networks, node }: Assignment): void {
    this.#networks = networks;
    this.#node = node.id;
    for (const task of tasks) {
      const running = this.#tasks.get(task.id);
      if (running) running.task = task;
      else if (rank(task.state) <= rank('running') && rank(task.desired) <= rank('running')) this.#begin(task);
      else if (rank(task.state) <= rank('running')) this.#say(task, 'shutdown', 'shutdown');
    }
    const wanted = new Map(tasks.map((task) => [task.id, task]));
    for (const running of this.#tasks.values()) {
      const task = wanted.get(running.task.id);
      if (task && rank(task.desired) <= rank('running')) {
        running.container?.changed.wake();
        continue;
      }
      if (!running.stopping) go(this.#engine.host.events, this.#end(running, task === undefined));
      else if (!task && running.container && !running.container.running) this.#discard(running);
    }
  }

  /** The node leaves the swarm: everything ends at once. */
  *stop(): Blocking<void> {
    this.#stopped = true;
    for (const running of [...this.#tasks.values()]) {
      running.stopping = true;
      if (running.container) yield* this.#engine.containers.remove(running.container, true);
      this.#tasks.delete(running.task.id);
    }
  }

  logs({ tasks }: { tasks: string[] }): TaskLogLine[] {
    return tasks.flatMap((id) => {
      const entries = this.#tasks.get(id)?.container?.log.entries ?? [];
      return entries.map(({ time, source, bytes }) => ({ task: id, time: EPOCH_SECONDS + time / SECOND, source, text: decode(bytes) }));
    });
  }

  #say(task: SwarmTask, state: TaskState, message: string, more: Partial<TaskStatus> = {}): void {
    if (!this.#stopped) this.#report({ task: task.id, state, message, error: '', ...more });
  }

  #begin(task: SwarmTask): void {
    const running: Running = { task, stopping: false };
    this.#tasks.set(task.id, running);
    go(this.#engine.host.events, this.#run(running));
  }

  *#pause(time: number): Blocking<void> {
    yield { on: [], until: this.#engine.host.now + time };
  }

  *#run(running: Running): Blocking<void> {
    const { task } = running;
    this.#say(task, 'accepted', 'accepted');
    yield* this.#pause(STEP);
    this.#say(task, 'preparing', 'preparing');
    const container = yield* this.#prepare(task);
    if (container instanceof Refusal) {
      this.#say(task, 'rejected', 'preparing', { error: container.message });
      return;
    }
    running.container = container;
    this.#overlays.tasks.set(container.id, task);
    this.#say(task, 'ready', 'prepared', { container: container.id });
    while (running.task.desired === 'ready' && !running.stopping) yield { on: [container.changed], until: this.#engine.host.now + SECOND };
    if (running.stopping || this.#stopped) return;
    this.#say(task, 'starting', 'starting', { container: container.id });
    const started = yield* this.#start(task, container);
    if (started instanceof Refusal) {
      this.#say(task, 'failed', 'starting', { error: `starting container failed: ${started.message}`, container: container.id });
      return;
    }
    this.#say(task, 'running', 'started', { container: container.id });
    yield* waitWhile(this.#engine, container, () => container.running && !container.removed);
    this.#overlays.tasks.delete(container.id);
    if (running.stopping) return;
    const { exitCode } = container;
    if (exitCode === 0) this.#say(task, 'complete', 'finished', { exitCode });
    else this.#say(task, 'failed', 'started', { error: `task: non-zero exit (${exitCode})`, exitCode });
  }

  /** Fetches the image and makes the container. */
  *#prepare(task: SwarmTask): Blocking<Container | Refusal> {
    const { spec } = task;
    const { ContainerSpec: wanted } = spec;
    if (!this.#engine.images.find(wanted.Image)) {
      yield* this.#pause(PULL);
      const reference = parseReference(wanted.Image);
      const published =
        reference instanceof Refusal ? undefined : this.#engine.images.published(reference.repository, reference.tag ?? 'latest');
      if (!published) return new Refusal(404, `No such image: ${wanted.Image}`);
      this.#engine.images.add(published, this.#engine.host.now);
    }
    yield* this.#pause(STEP);
    const networks = this.#overlayNetworks(task);
    const name = `${task.slot === 0 ? `${task.serviceName}.${task.node}` : `${task.serviceName}.${task.slot}`}.${task.id}`;
    const hostPorts = task.ports.filter(({ PublishMode }) => PublishMode === 'host');
    const created = createContainer(this.#engine, name, {
      Image: wanted.Image,
      Cmd: wanted.Args ?? null,
      ...(wanted.Command ? { Entrypoint: wanted.Command } : {}),
      Env: wanted.Env ?? [],
      WorkingDir: wanted.Dir ?? '',
      Hostname: wanted.Hostname ?? '',
      Labels: {
        ...wanted.Labels,
        'com.docker.swarm.node.id': this.#node,
        'com.docker.swarm.service.id': task.service,
        'com.docker.swarm.service.name': task.serviceName,
        'com.docker.swarm.task': '',
        'com.docker.swarm.task.id': task.id,
        'com.docker.swarm.task.name': name,
      },
      HostConfig: {
        NetworkMode: 'bridge',
        PortBindings: Object.fromEntries(
          hostPorts.map((port) => [`${port.TargetPort}/${port.Protocol}`, [{ HostIp: '', HostPort: String(port.PublishedPort ?? '') }]]),
        ),
      },
      NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks.map(({ name: network }) => [network, {}])) },
    });
    return created instanceof Refusal ? created : created.container;
  }

  #overlayNetworks(task: SwarmTask): { name: string; id: string }[] {
    return task.attachments.flatMap(({ network: id }) => {
      const found = this.#networks.find(({ network }) => network.id === id);
      return found ? [{ name: found.network.name, id }] : [];
    });
  }

  *#start(task: SwarmTask, container: Container): Blocking<Refusal | undefined> {
    for (const { network: id, address } of task.attachments) {
      const found = this.#networks.find(({ network }) => network.id === id);
      const joined = found && this.#overlays.ensure(found.network, found.balancer);
      if (joined instanceof Refusal) return joined;
      if (joined) this.#overlays.reserve(joined, container.id, address);
    }
    const started = yield* startContainer(this.#engine, container);
    if (started instanceof Refusal) return started;
    const ingress = container.sandbox?.endpoints.find(({ network }) => network.ingress);
    const ports = task.ports.filter(({ PublishMode }) => PublishMode === 'ingress');
    if (container.sandbox && ingress?.address && ports.length > 0) redirectPorts(container.sandbox.net, ingress.address.address, ports);
    return undefined;
  }

  /** The task is to stop; a service that is gone leaves nothing behind. */
  *#end(running: Running, forget: boolean): Blocking<void> {
    running.stopping = true;
    const { container, task } = running;
    if (container) {
      container.changed.wake();
      const seconds = (task.spec.ContainerSpec.StopGracePeriod ?? 10 * NANOSECONDS_PER_SECOND) / NANOSECONDS_PER_SECOND;
      yield* stopContainer(this.#engine, container, { seconds });
      this.#overlays.release(container.id);
    }
    this.#say(task, 'shutdown', 'shutdown', container ? { container: container.id } : {});
    if (forget || running.task.desired === 'remove') this.#discard(running);
  }

  #discard(running: Running): void {
    const { container, task } = running;
    this.#tasks.delete(task.id);
    if (container && !container.removed && !container.running) this.#engine.containers.discard(container);
  }
}
