import type { EventQueue } from '../base/events.ts';
import { Random } from '../base/random.ts';
import type { Trace } from '../base/trace.ts';
import { NetNamespace } from './netns.ts';

/** Numbers that are unique in a world, whichever machine asks: devices, namespaces, packets. */
export class WorldIds {
  #device = 0;
  #netns = 0;
  #packet = 0;
  nextDevice(): number {
    return ++this.#device;
  }
  nextNetns(): number {
    return ++this.#netns;
  }
  nextPacket(): number {
    return ++this.#packet;
  }
}

/** One machine's Linux kernel: its network namespaces and the clock, trace and seed they share. */
export class Kernel {
  readonly name: string;
  readonly events: EventQueue;
  readonly trace: Trace;
  readonly seed: string;
  readonly ids: WorldIds;
  /** The machine's own network namespace. */
  readonly init: NetNamespace;
  readonly namespaces = new Set<NetNamespace>();

  constructor(name: string, events: EventQueue, trace: Trace, seed: string, ids: WorldIds) {
    this.name = name;
    this.events = events;
    this.trace = trace;
    this.seed = seed;
    this.ids = ids;
    this.init = this.newNamespace();
  }

  newNamespace(): NetNamespace {
    const net = new NetNamespace(this);
    this.namespaces.add(net);
    return net;
  }

  /** A stream of named randomness of this machine. */
  random(name: string): Random {
    return new Random(this.seed, `${this.name}/kernel/${name}`);
  }
}
