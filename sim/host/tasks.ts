import type { Process } from './process.ts';
import { type Block, type Blocking, WaitQueue, type Wake } from './wait.ts';

interface Task {
  body: Blocking<void>;
  /** What it waits for; absent before its first step. */
  block: Block | undefined;
  /** Why it runs at the next turn; absent while it waits. */
  ready: Wake | undefined;
  readonly resume: () => void;
}

/**
 * Several activities of one process that wait independently of each other, as an event loop or goroutines have them: a server that
 * answers one client while it waits for another. Each is a generator; they take turns in the order they were added.
 */
export class Tasks {
  readonly #process: Process;
  readonly #tasks = new Set<Task>();
  readonly #changed = new WaitQueue();

  constructor(process: Process) {
    this.#process = process;
  }

  /** It starts at the next turn of `run`. */
  add(body: Blocking<void>): void {
    const task: Task = { body, block: undefined, ready: 'event', resume: () => this.#wake(task) };
    this.#tasks.add(task);
    this.#changed.wake();
  }

  #wake(task: Task): void {
    task.ready = 'event';
    this.#changed.wake();
  }

  /**
   * Runs until every task has ended. When the process ends before, so do they: what they hold is let go in their `finally`.
   *
   * @param stop asked after every signal whether to leave
   */
  *run(stop: () => boolean = () => false): Blocking<void> {
    try {
      while (this.#tasks.size > 0) {
        if (yield* this.#turn()) continue;
        const until = this.#earliest();
        const woken = yield until === undefined ? { on: [this.#changed] } : { on: [this.#changed], until };
        if (woken === 'signal' && stop()) return;
      }
    } finally {
      for (const task of this.#tasks) {
        this.#unblock(task);
        task.body.return(undefined);
      }
      this.#tasks.clear();
    }
  }

  /** One step of every task that can go on. @returns whether there was one */
  *#turn(): Blocking<boolean> {
    const { now } = this.#process.host;
    let moved = false;
    for (const task of [...this.#tasks]) {
      const expired = task.block?.until !== undefined && task.block.until <= now;
      const wake = task.ready ?? (expired ? (task.block?.computing ? 'event' : 'timeout') : undefined);
      if (wake === undefined) continue;
      moved = true;
      yield* this.#step(task, wake);
    }
    return moved;
  }

  *#step(task: Task, wake: Wake): Blocking<void> {
    this.#unblock(task);
    let step = task.body.next(wake);
    while (!step.done && step.value.part) step = task.body.next(yield step.value);
    if (step.done) {
      this.#tasks.delete(task);
      return;
    }
    task.block = step.value;
    for (const queue of step.value.on) queue.add(task.resume);
  }

  #unblock(task: Task): void {
    for (const queue of task.block?.on ?? []) queue.remove(task.resume);
    task.ready = undefined;
    task.block = undefined;
  }

  #earliest(): number | undefined {
    let earliest: number | undefined;
    for (const { block } of this.#tasks) {
      if (block?.until !== undefined && (earliest === undefined || block.until < earliest)) earliest = block.until;
    }
    return earliest;
  }
}
