import type { Micros } from '../base/time.ts';
import type { Timer } from '../base/events.ts';
import type { Host } from './host.ts';
import { defaultAction, SIGNAL, type Signal } from './signal.ts';
import { type Block, type Blocking, SWITCH_COST, type Wake } from './wait.ts';

export type Disposition = 'default' | 'ignore' | ((signal: Signal) => void);

/**
 * The scheduling half of a process: runs a generator from block to block, delivers signals at the yields, stops and
 * continues it. A program that throws has met a bug of ours: it ends alone, the world goes on.
 */
export abstract class Scheduled {
  readonly host: Host;
  state: 'running' | 'sleeping' | 'stopped' | 'zombie' = 'running';
  readonly dispositions = new Map<Signal, Disposition>();
  /** Signals that wait until the process is unblocked. */
  readonly blocked = new Set<Signal>();
  #program: Blocking<number> | undefined;
  #block: Block | undefined;
  #deadline: Timer | undefined;
  #resume: Timer | undefined;
  #executing = false;
  #pending: Signal[] = [];
  /** A wake-up that came while stopped. */
  #held: Wake | undefined;
  readonly #onWake = (latency: Micros): void => this.#wake('event', latency);

  constructor(host: Host) {
    this.host = host;
  }

  protected abstract ended(code: number, signal: Signal | undefined): void;
  protected abstract stateChanged(kind: 'stopped' | 'continued', signal: Signal): void;
  protected abstract crashed(error: unknown): void;

  /** Starts running at the next turn. */
  begin(program: Blocking<number>): void {
    this.#program = program;
    this.#scheduleResume('event');
  }

  /** Catches or ignores a signal, or goes back to the default. Handlers run before the interrupted call returns. */
  onSignal(signal: Signal, disposition: Disposition): void {
    if (disposition === 'default') this.dispositions.delete(signal);
    else this.dispositions.set(signal, disposition);
  }

  /** After `exec`: caught signals go back to their default, ignored ones stay ignored (execve(2)). */
  protected resetHandlers(): void {
    for (const [signal, disposition] of [...this.dispositions]) if (disposition !== 'ignore') this.dispositions.delete(signal);
  }

  /** Sends a signal (kill(2)). */
  signal(signal: Signal): void {
    if (this.state === 'zombie') return;
    const disposition = this.dispositions.get(signal) ?? 'default';
    if (signal === 'SIGKILL') return this.#terminate(signal);
    if (signal === 'SIGCONT') this.#continue();
    if (signal === 'SIGSTOP') return this.#stop(signal);
    if (disposition === 'ignore') return;
    if (disposition === 'default') {
      const action = defaultAction(signal);
      if (action === 'terminate') this.#terminate(signal);
      else if (action === 'stop') this.#stop(signal);
      return;
    }
    this.#pending.push(signal);
    if (this.state === 'sleeping' && !this.#block?.computing && !this.#resume) this.#wake('signal');
  }

  #wake(reason: Wake, latency = SWITCH_COST): void {
    if (this.state === 'stopped') {
      this.#held = reason;
      return;
    }
    if (this.#resume || this.state === 'zombie') return;
    this.#unblock();
    this.#scheduleResume(reason, latency);
  }

  #unblock(): void {
    for (const queue of this.#block?.on ?? []) queue.remove(this.#onWake);
    this.host.events.cancel(this.#deadline);
    this.#deadline = undefined;
    this.#block = undefined;
  }

  #scheduleResume(reason: Wake, latency = SWITCH_COST): void {
    this.#resume = this.host.events.after(latency, 'process', () => {
      this.#resume = undefined;
      if (this.state === 'stopped') this.#held = reason;
      else this.#run(reason);
    });
  }

  #run(reason: Wake): void {
    const program = this.#program;
    if (!program || this.state === 'zombie') return;
    this.state = 'running';
    let wake = reason;
    if (this.#pending.length > 0) {
      const signals = this.#pending;
      this.#pending = [];
      for (const signal of signals) {
        const handler = this.dispositions.get(signal);
        if (typeof handler === 'function') handler(signal);
      }
      if (wake !== 'event') wake = 'signal';
    }
    this.#step(program, wake);
  }

  /** The last thing that an event does, so that all the rest can wait when the program needs code that isn't loaded. */
  #step(program: Blocking<number>, wake: Wake): void {
    this.#executing = true;
    let step: IteratorResult<Block, number>;
    try {
      step = program.next(wake);
      if (!step.done && step.value.part) return this.host.events.stall(step.value.part, () => this.#step(program, 'event'));
    } catch (error) {
      this.#executing = false;
      this.crashed(error);
      this.#finish(70, undefined);
      return;
    }
    this.#executing = false;
    if (this.#killedBy) this.#finish(0, this.#killedBy);
    else if (step.done) this.#finish(step.value, undefined);
    else this.#sleep(step.value);
  }

  #killedBy: Signal | undefined;

  #sleep(block: Block): void {
    this.#block = block;
    if (this.state !== 'stopped') this.state = 'sleeping';
    for (const queue of block.on) queue.add(this.#onWake);
    if (block.until !== undefined) {
      const reason: Wake = block.computing ? 'event' : 'timeout';
      this.#deadline = this.host.events.at(block.until, block.computing ? 'process' : 'sleep', () => this.#expired(reason));
    }
    // A signal caught between two blocks interrupts the second, but not time spent computing.
    if (this.#pending.length > 0 && !block.computing) this.#wake('signal');
  }

  /** A deadline needs no further context switch: it is when the process runs again. */
  #expired(reason: Wake): void {
    this.#deadline = undefined;
    if (this.state === 'stopped') {
      this.#held = reason;
      return;
    }
    if (this.#resume) return;
    this.#unblock();
    this.#run(reason);
  }

  #stop(signal: Signal): void {
    if (this.state === 'stopped') return;
    this.state = 'stopped';
    this.stateChanged('stopped', signal);
  }

  #continue(): void {
    if (this.state !== 'stopped') return;
    this.state = 'sleeping';
    this.stateChanged('continued', 'SIGCONT');
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#wake(held);
  }

  #terminate(signal: Signal): void {
    if (this.#executing) {
      this.#killedBy = signal;
      return;
    }
    this.#finish(128 + SIGNAL[signal], signal);
  }

  #finish(code: number, signal: Signal | undefined): void {
    if (this.state === 'zombie') return;
    this.#unblock();
    this.host.events.cancel(this.#resume);
    this.#resume = undefined;
    this.state = 'zombie';
    const program = this.#program;
    this.#program = undefined;
    try {
      program?.return(code);
    } catch (error) {
      this.crashed(error);
    }
    this.ended(code, signal);
  }
}
