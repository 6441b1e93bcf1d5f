import type { Turns } from './pacer.ts';

/** The worker's own clock and loop. A MessageChannel turns over about 70,000 times a second where `setTimeout` manages 230. */
export function workerTurns(): Turns {
  const channel = new MessageChannel();
  let next: (() => void) | undefined;
  channel.port1.onmessage = () => {
    const turn = next;
    next = undefined;
    turn?.();
  };
  return {
    now: () => performance.now(),
    soon(turn) {
      next = turn;
      channel.port2.postMessage(0);
    },
    later(milliseconds, turn) {
      const timer = setTimeout(turn, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}
