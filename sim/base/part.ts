/**
 * A part of the simulation's code that is loaded when a world first needs it: a family of commands, an applet, an engine. Nothing
 * in the simulation waits for one by a promise: a process that needs it says so (`need`), its world stands still until whoever
 * runs the world has loaded it, and then goes on as if it had always been there.
 */
export class Part<T = unknown> {
  /** For messages, and for a page that says beforehand what it will need. */
  readonly name: string;
  /** Fetches the module; called only by what runs worlds (sim/load.ts). */
  readonly fetch: () => PromiseLike<T>;
  /** The module, once it is there. */
  value: T | undefined;
  /** Whether any world has needed it so far. */
  used = false;

  constructor(name: string, fetch: () => PromiseLike<T>) {
    this.name = name;
    this.fetch = fetch;
  }
}

/** Code was to run that is not loaded. */
export class NotLoaded extends Error {
  readonly part: Part;

  constructor(part: Part) {
    super(`'${part.name}' is not loaded (sim/complete.ts loads everything)`);
    this.name = 'NotLoaded';
    this.part = part;
  }
}

const known: Part[] = [];

/** Every part that the code loaded so far tells of. */
export const parts: readonly Part[] = known;

/** @param fetch `() => import('./file.ts')`: bundlers make a file of its own of it */
export function part<T>(name: string, fetch: () => PromiseLike<T>): Part<T> {
  const made = new Part(name, fetch);
  known.push(made);
  return made;
}

/** The module of a part for code that can't wait. @throws NotLoaded */
export function loaded<T>(wanted: Part<T>): T {
  wanted.used = true;
  if (wanted.value === undefined) throw new NotLoaded(wanted);
  return wanted.value;
}
