import type { Blocking } from '../../host/wait.ts';

/** How a statement ends: normally, or on the way out of a loop, a function, a rule or the program. */
export const Signal = { Normal: 0, Break: 1, Continue: 2, Next: 3, NextFile: 4, Exit: 5, Return: 6 } as const;
export type Signal = (typeof Signal)[keyof typeof Signal];

/** A compiled statement: a plain function when it can neither block nor loop. */
export type StatementCode = { waits: false; run(): Signal } | { waits: true; run(): Blocking<Signal> };

/** `exit` inside a function: it leaves the expression that called. */
export class Unwinding {
  readonly signal: Signal;

  constructor(signal: Signal) {
    this.signal = signal;
  }
}
