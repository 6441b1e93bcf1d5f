import type { Micros } from '../../base/time.ts';
import type { Host } from '../../host/host.ts';
import { type Blocking, WaitQueue, type Wake } from '../../host/wait.ts';

interface Task {
  body: Blocking<void>;
  until: Micros | undefined;
  detach: () => void;
}

/**
 * Many blocking calls in one process, as an event loop over non-blocking sockets has them: each task runs until it blocks, and
 * the process sleeps until one of them can go on. Signals reach the process, never a task.
 */
export class Tasks {
  readonly #host: Host;
  readonly #tasks = new Set<Task>();
  readonly #ready = new Map<Task, Wake>();
  /** Woken when a task can go on, or has come or gone. */
  readonly #changed = new WaitQueue();

  constructor(host: Host) {
    this.#host = host;
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** Starts one. @returns what ends it where it stands */
  add(body: Blocking<void>): () => void {
    const task: Task = { body, until: undefined, detach: () => {} };
    this.#tasks.add(task);
    this.#ready.set(task, 'event');
    this.#changed.wake();
    return () => {
      if (!this.#tasks.has(task)) return;
      this.#forget(task);
      task.body.return();
    };
  }

  /** Runs tasks until `done()`, which is asked after every round and every signal. */
  *run(done: () => boolean): Blocking<void> {
    while (!done()) {
      for (const [task, wake] of [...this.#ready]) {
        this.#ready.delete(task);
        this.#step(task, wake);
      }
      if (this.#ready.size > 0) continue;
      if (done()) return;
      const until = this.#nextDeadline();
      yield { on: [this.#changed], ...(until === undefined ? {} : { until }) };
      for (const task of this.#tasks)
        if (task.until !== undefined && task.until <= this.#host.now && !this.#ready.has(task)) this.#ready.set(task, 'timeout');
    }
  }

  #nextDeadline(): Micros | undefined {
    let next: Micros | undefined;
    for (const { until } of this.#tasks) if (until !== undefined && (next === undefined || until < next)) next = until;
    return next;
  }

  #step(task: Task, wake: Wake): void {
    task.detach();
    task.until = undefined;
    const step = task.body.next(wake);
    if (step.done) {
      this.#forget(task);
      return;
    }
    const { on, until } = step.value;
    const resume = (): void => {
      if (this.#ready.has(task)) return;
      this.#ready.set(task, 'event');
      this.#changed.wake();
    };
    for (const queue of on) queue.add(resume);
    task.until = until;
    task.detach = () => {
      for (const queue of on) queue.remove(resume);
      task.detach = () => {};
    };
  }

  #forget(task: Task): void {
    task.detach();
    this.#ready.delete(task);
    this.#tasks.delete(task);
    this.#changed.wake();
  }
}
