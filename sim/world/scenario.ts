import type { Part } from '../base/part.ts';
import type { Host } from '../host/host.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** What a scenario builds with; machines start in the order in which it asks for them. */
export interface Builder {
  /** A Debian machine that readers use. */
  host(name: string): Host;
  /** A machine that readers don't enter, shown as lying outside: a kernel, to be given processes if it needs any. */
  outside(name: string): Kernel;
  /** A machine that only switches frames, shown as a switch. */
  switch(name: string): Kernel;
}

/** A world to start from. Adding one: its file in `scenarios/`, and a line in the registry there. */
export interface Scenario {
  name: string;
  /** One line for lists. */
  title: string;
  hosts: readonly string[];
  /** What `build` needs loaded. */
  parts?: readonly Part[];
  build(builder: Builder): void;
}
