import type { Block, Blocking, Wake } from '../../host/wait.ts';

/** What a generator yields to have another one run in its place until that returns: a call that costs no native stack. */
class Invocation {
  readonly callee: Blocking<unknown>;

  constructor(callee: Blocking<unknown>) {
    this.callee = callee;
  }
}

/** Runs `callee` to its end and gives its result. Only inside `drive`, which sees the invocation pass by. */
export function* invoke<T>(callee: Blocking<T>): Blocking<T> {
  return (yield new Invocation(callee) as unknown as Block) as unknown as T;
}

/**
 * Runs a generator that calls others by `invoke`, keeping the callers on a stack of its own: recursion of an awk function is
 * then limited by memory, not by the engine's stack.
 */
export function* drive<T>(main: Blocking<T>): Blocking<T> {
  const callers: Blocking<unknown>[] = [];
  let current: Blocking<unknown> = main;
  let resume = (): IteratorResult<Block, unknown> => current.next('event');
  for (;;) {
    let step: IteratorResult<Block, unknown>;
    try {
      step = resume();
    } catch (thrown) {
      const caller = callers.pop();
      if (!caller) throw thrown;
      current = caller;
      resume = () => current.throw(thrown);
      continue;
    }
    if (step.done) {
      const caller = callers.pop();
      if (!caller) return step.value as T;
      const { value } = step;
      current = caller;
      resume = () => current.next(value as Wake);
    } else if (step.value instanceof Invocation) {
      callers.push(current);
      current = step.value.callee;
      resume = () => current.next('event');
    } else {
      const wake = yield step.value;
      resume = () => current.next(wake);
    }
  }
}
