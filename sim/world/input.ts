import type { Micros } from '../base/time.ts';

/** What comes into a world from outside: all that a replay needs besides the scenario and the seed. */
export type Input =
  | { kind: 'run'; host: string; command: string }
  | { kind: 'interrupt'; host: string }
  | { kind: 'openTerminal'; host: string; columns: number; rows: number; command?: readonly string[] }
  /** `terminal` counts the terminals that were opened, from 0. */
  | { kind: 'type'; terminal: number; bytes: Uint8Array }
  | { kind: 'resize'; terminal: number; columns: number; rows: number }
  | { kind: 'closeTerminal'; terminal: number };

/**
 * A moment of a world: its virtual time, and how many events had run. Several events may be due at one microsecond, so the time
 * alone doesn't tell which of them came before an input.
 */
export interface Moment {
  time: Micros;
  executed: number;
}

/** An input and when it came. */
export type WorldInput = Input & Moment;

/** A world's whole past: replaying it gives the same world again, event by event. */
export interface Recording {
  scenario: string;
  seed: string;
  inputs: readonly WorldInput[];
  /** How far the world had got. */
  end: Moment;
}
