/** What leaves a command early; thrown through the interpreter's generators and caught where it ends. */

/** `break N` and `continue N`. */
export class LoopControl {
  readonly kind: 'break' | 'continue';
  levels: number;

  constructor(kind: 'break' | 'continue', levels: number) {
    this.kind = kind;
    this.levels = levels;
  }
}

/** `return`, from a function or a sourced file. */
export class ReturnControl {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

/** The shell process ends: `exit`, `set -e`, `${x:?}`. */
export class ExitControl {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

/** The rest of the line that is being run is dropped (an expansion failed); a script goes on with its next line. */
export class DiscardControl {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

/** Ctrl-C in a shell that survives it: back to the prompt. */
export class InterruptControl {
  readonly status = 130;
}

/** Thrown by expansions: the message is printed and the line dropped, or the shell ends. */
export class ExpansionError extends Error {
  readonly status: number;
  readonly fatal: boolean;

  constructor(message: string, status = 1, fatal = false) {
    super(message);
    this.status = status;
    this.fatal = fatal;
  }
}
