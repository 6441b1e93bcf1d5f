import { MILLISECOND, type Micros } from '../../../base/time.ts';
import type { EventQueue, Timer } from '../../../base/events.ts';
import type { Allocator } from './allocator.ts';
import { rank, type Service, type SwarmNode, type SwarmTask, type TaskState } from './objects.ts';
import { chooseNode, isLive, mayRunOn, takesTasks } from './scheduler.ts';
import type { Store } from './store.ts';

/** Nanoseconds of the API → microseconds. */
const NANOSECONDS = 1_000;

/** How long changes gather before they are acted on. */
const DEBOUNCE = 5 * MILLISECOND;

/**
 * Makes the tasks that services want, places them, replaces those that ended, and takes away what is too many (swarmkit's
 * orchestrators, updater, restart supervisor and scheduler).
 */
export class Orchestrator {
  readonly #store: Store;
  readonly #allocator: Allocator;
  readonly #events: EventQueue;
  readonly #settled: () => void;
  /** Replacements that wait before they may run: by task, until when. */
  readonly #waiting = new Map<string, Micros>();
  /** By service: when the next slot may be updated. */
  readonly #nextUpdate = new Map<string, Micros>();
  #timer: Timer | undefined;
  #stopped = false;

  /** @param settled called when the tasks are as they should be for now */
  constructor(store: Store, allocator: Allocator, events: EventQueue, settled: () => void) {
    this.#store = store;
    this.#allocator = allocator;
    this.#events = events;
    this.#settled = settled;
  }

  /** Something has changed. */
  poke(delay: Micros = DEBOUNCE): void {
    if (this.#stopped) return;
    const due = this.#store.now + delay;
    if (this.#timer && this.#timer.due <= due) return;
    this.#events.cancel(this.#timer);
    this.#timer = this.#events.at(due, 'swarm', () => {
      this.#timer = undefined;
      this.#reconcile();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#events.cancel(this.#timer);
  }

  #reconcile(): void {
    for (const service of this.#store.services.values()) {
      this.#replaceEnded(service);
      if (service.spec.Mode.Global) this.#coverNodes(service);
      else this.#fillSlots(service);
      this.#update(service);
    }
    this.#releaseWaiting();
    for (const task of this.#store.tasks.values()) if (isLive(task) && rank(task.state) < rank('assigned')) this.#place(task);
    this.#collect();
    this.#settled();
  }

  #place(task: SwarmTask): void {
    const service = this.#store.services.get(task.service);
    if (!service || !this.#allocator.task(task, this.#allocator.networksOf(service.spec))) return;
    const node = chooseNode(this.#store, task);
    if (typeof node === 'string') return this.#become(task, 'pending', 'pending task scheduling', node);
    task.node = node.id;
    task.name = task.slot === 0 ? `${task.serviceName}.${node.id}` : `${task.serviceName}.${task.slot}`;
    this.#become(task, 'assigned', 'scheduler assigned task to node', '');
  }

  #become(task: SwarmTask, state: TaskState, message: string, error: string): void {
    if (task.state === state && task.error === error) return;
    if (task.state !== state) task.since = this.#store.now;
    task.state = state;
    task.message = message;
    task.error = error;
    this.#store.touch(task);
  }

  #want(task: SwarmTask, desired: TaskState): void {
    if (task.desired === desired || rank(task.desired) > rank(desired)) return;
    task.desired = desired;
    this.#store.touch(task);
    // Nobody runs it: it is over at once.
    if (rank(desired) > rank('running') && task.node === '') this.#become(task, 'shutdown', 'shutdown', '');
  }

  #make(service: Service, slot: number, node: string, desired: TaskState): SwarmTask {
    const { spec } = service;
    const task: SwarmTask = {
      ...this.#store.meta('task'),
      service: service.id,
      serviceName: spec.Name,
      slot,
      node,
      name: slot === 0 ? `${spec.Name}.${node}` : `${spec.Name}.${slot}`,
      spec: structured(spec.TaskTemplate),
      generation: service.generation,
      ports: structured(service.ports),
      endpointMode: spec.EndpointSpec.Mode ?? 'vip',
      vips: structured(service.vips),
      attachments: [],
      desired,
      state: 'new',
      since: this.#store.now,
      message: 'created',
      error: '',
    };
    this.#store.tasks.set(task.id, task);
    return task;
  }

  /** What ended by itself, or with its node, gets a successor, unless its policy says otherwise. */
  #replaceEnded(service: Service): void {
    for (const task of this.#store.tasksOf(service.id)) {
      if (rank(task.desired) > rank('running')) continue;
      const node = this.#store.nodes.get(task.node);
      const homeless = task.node !== '' && (!node || node.state === 'down' || node.availability === 'drain');
      const ended = rank(task.state) > rank('running');
      if (!homeless && !ended) continue;
      this.#want(task, 'shutdown');
      if (homeless && !ended && (!node || node.state === 'down')) task.message = 'node is down';
      if (task.slot === 0 && homeless) continue;
      if (ended && !homeless && !this.#mayRestart(service, task)) continue;
      if (this.#isUpdating(service) && ended && task.generation === service.generation) this.#pauseUpdate(service, task);
      const successor = this.#make(service, task.slot, task.slot === 0 ? task.node : '', 'ready');
      const delay = homeless ? 0 : service.spec.TaskTemplate.RestartPolicy.Delay / NANOSECONDS;
      this.#waiting.set(successor.id, this.#store.now + delay);
    }
  }

  #mayRestart(service: Service, task: SwarmTask): boolean {
    const { Condition, MaxAttempts } = service.spec.TaskTemplate.RestartPolicy;
    if (Condition === 'none' || (Condition === 'on-failure' && task.state === 'complete')) return false;
    if (MaxAttempts === 0) return true;
    const before = this.#store.tasksOf(service.id).filter((other) => other.generation === task.generation && sameSlot(other, task));
    return before.length <= MaxAttempts;
  }

  #fillSlots(service: Service): void {
    const wanted = service.spec.Mode.Replicated?.Replicas ?? 1;
    const live = this.#store.tasksOf(service.id).filter((task) => rank(task.desired) <= rank('running'));
    const slots = [...new Set(live.map(({ slot }) => slot))].sort((a, b) => a - b);
    const done = this.#finishedSlots(service);
    for (let slot = 1; slots.length + done.size < wanted; slot++) {
      if (slots.includes(slot) || done.has(slot)) continue;
      this.#make(service, slot, '', 'running');
      slots.push(slot);
    }
    while (slots.length > wanted) {
      const surplus = this.#leastWanted(slots, live);
      slots.splice(slots.indexOf(surplus), 1);
      for (const task of this.#store.tasksOf(service.id)) if (task.slot === surplus) this.#want(task, 'remove');
    }
  }

  /** Slots whose task ended and, by its policy, is not to be started again. */
  #finishedSlots(service: Service): Set<number> {
    const { Condition, MaxAttempts } = service.spec.TaskTemplate.RestartPolicy;
    if (Condition === 'any' && MaxAttempts === 0) return new Set();
    const tasks = this.#store.tasksOf(service.id);
    const ended = tasks.filter((task) => rank(task.state) > rank('running') && task.generation === service.generation);
    return new Set(ended.filter((task) => !tasks.some((other) => other.slot === task.slot && isLive(other))).map(({ slot }) => slot));
  }

  /** The highest slot on the node that has most of the service. */
  #leastWanted(slots: readonly number[], live: readonly SwarmTask[]): number {
    const nodeOf = (slot: number): string => live.find((task) => task.slot === slot)?.node ?? '';
    const load = (slot: number): number => slots.filter((other) => nodeOf(other) === nodeOf(slot)).length;
    return [...slots].sort((a, b) => load(b) - load(a) || b - a)[0] as number;
  }

  #coverNodes(service: Service): void {
    const tasks = this.#store.tasksOf(service.id);
    const eligible = (node: SwarmNode): boolean =>
      takesTasks(node) && mayRunOn(service.spec.TaskTemplate.Placement.Constraints ?? [], node);
    for (const node of this.#store.nodes.values()) {
      const here = tasks.filter((task) => task.node === node.id && rank(task.desired) <= rank('running'));
      if (!eligible(node)) {
        for (const task of here) this.#want(task, 'shutdown');
        continue;
      }
      const over = tasks.some(
        (task) => task.node === node.id && task.generation === service.generation && rank(task.state) > rank('running'),
      );
      const policy = service.spec.TaskTemplate.RestartPolicy.Condition;
      if (here.length === 0 && (!over || policy === 'any')) this.#make(service, 0, node.id, 'running');
    }
  }

  #isUpdating(service: Service): boolean {
    return service.update?.state === 'updating' || service.update?.state === 'rollback_started';
  }

  #pauseUpdate(service: Service, task: SwarmTask): void {
    if (!service.update || service.spec.UpdateConfig.FailureAction !== 'pause') return;
    service.update = { state: 'paused', message: `update paused due to failure or early termination of task ${task.id}` };
    this.#store.touch(service);
  }

  /** Replaces tasks of older generations, so many at a time. */
  #update(service: Service): void {
    if (!this.#isUpdating(service)) return;
    const { Parallelism, Delay = 0, Order } = service.spec.UpdateConfig;
    const tasks = this.#store.tasksOf(service.id).filter((task) => rank(task.desired) <= rank('running'));
    const old = tasks.filter((task) => task.generation !== service.generation);
    const fresh = tasks.filter((task) => task.generation === service.generation && rank(task.state) < rank('running'));
    if (old.length === 0 && fresh.length === 0) {
      const back = service.update?.state === 'rollback_started';
      service.update = { state: back ? 'rollback_completed' : 'completed', message: back ? 'rollback completed' : 'update completed' };
      this.#store.touch(service);
      return;
    }
    const at = this.#nextUpdate.get(service.id) ?? 0;
    if (at > this.#store.now) return this.poke(at - this.#store.now);
    const room = (Parallelism === 0 ? old.length : Parallelism) - fresh.length;
    for (const task of old.slice(0, Math.max(0, room))) {
      const successor = this.#make(service, task.slot, task.slot === 0 ? task.node : '', Order === 'start-first' ? 'running' : 'ready');
      if (Order !== 'start-first') this.#waiting.set(successor.id, this.#store.now);
      this.#want(task, 'shutdown');
      this.#nextUpdate.set(service.id, this.#store.now + Delay / NANOSECONDS);
    }
  }

  /** A replacement runs when its time has come and the one before it has stopped. */
  #releaseWaiting(): void {
    for (const [id, at] of this.#waiting) {
      const task = this.#store.tasks.get(id);
      if (!task || rank(task.desired) > rank('running')) {
        this.#waiting.delete(id);
        continue;
      }
      if (at > this.#store.now) {
        this.poke(at - this.#store.now);
        continue;
      }
      const before = this.#store.tasksOf(task.service).filter((other) => other !== task && sameSlot(other, task) && !this.#isOver(other));
      if (before.length > 0) continue;
      this.#want(task, 'running');
      this.#waiting.delete(id);
    }
  }

  /** Ended, or on a node that isn't there to say so. */
  #isOver(task: SwarmTask): boolean {
    const node = this.#store.nodes.get(task.node);
    return rank(task.state) > rank('running') || !node || node.state === 'down';
  }

  /** Forgets tasks that are to be removed or that nobody wants to read about any more (swarmkit's task reaper). */
  #collect(): void {
    const slots = new Map<string, SwarmTask[]>();
    for (const task of [...this.#store.tasks.values()]) {
      const gone = !this.#store.services.has(task.service) || task.desired === 'remove';
      if (gone && this.#isOver(task)) {
        this.#forget(task);
        continue;
      }
      if (gone || !this.#isOver(task) || isLive(task)) continue;
      // An address is free as soon as nobody has it.
      this.#allocator.releaseTask(task);
      const key = task.slot === 0 ? `${task.service}/${task.node}` : `${task.service}/${task.slot}`;
      slots.set(key, [...(slots.get(key) ?? []), task]);
    }
    const keep = this.#store.cluster.taskHistoryLimit - 1;
    for (const ended of slots.values()) {
      ended.sort((a, b) => a.created - b.created || a.version - b.version);
      for (const task of ended.slice(0, Math.max(0, ended.length - Math.max(keep, 0)))) this.#forget(task);
    }
  }

  #forget(task: SwarmTask): void {
    this.#allocator.releaseTask(task);
    this.#store.tasks.delete(task.id);
    this.#waiting.delete(task.id);
  }
}

function sameSlot(a: SwarmTask, b: SwarmTask): boolean {
  return a.slot === b.slot && (a.slot !== 0 || a.node === b.node);
}

function structured<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
