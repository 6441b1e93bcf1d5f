import type { EventQueue, Timer } from '../../base/events.ts';
import type { Blocking, Wake } from '../../host/wait.ts';

/** From waking to running, as a process switch costs. */
const SWITCH = 2;

/**
 * Runs a blocking call inside the daemon: as a goroutine of dockerd, neither a process of its own nor bound to the client that
 * asked. It sees no signals. `done` gets what it returns; cancelling ends it at its present wait.
 */
export function go<T>(events: EventQueue, body: Blocking<T>, done?: (value: T) => void): () => void {
  let pending: Timer | undefined;
  let detach: () => void = () => {};
  let cancelled = false;

  const schedule = (wake: Wake): void => {
    detach();
    pending = events.after(SWITCH, 'dockerd', () => {
      pending = undefined;
      run(wake);
    });
  };

  const run = (wake: Wake): void => {
    if (cancelled) return;
    const step = body.next(wake);
    if (step.done) {
      done?.(step.value);
      return;
    }
    const { on, until, part } = step.value;
    if (part) return events.stall(part, () => run('event'));
    const resume = (): void => {
      if (!pending) schedule('event');
    };
    let deadline: Timer | undefined;
    detach = () => {
      detach = () => {};
      for (const queue of on) queue.remove(resume);
      events.cancel(deadline);
    };
    for (const queue of on) queue.add(resume);
    if (until !== undefined) {
      deadline = events.at(until, 'dockerd', () => {
        detach();
        if (!pending) run('timeout');
      });
    }
  };

  schedule('event');
  return () => {
    cancelled = true;
    detach();
    events.cancel(pending);
    body.return(undefined as T);
  };
}
