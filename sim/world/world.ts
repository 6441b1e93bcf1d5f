import { EventQueue } from '../base/events.ts';
import { NotLoaded, type Part } from '../base/part.ts';
import { SECOND, type Micros } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import type { Host } from '../host/host.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import { type CapturePoint, captureOf } from './capture.ts';
import { type Console, type Run, HostConsole } from './console.ts';
import { debianHost } from './debian.ts';
import type { Input, Moment, Recording, WorldInput } from './input.ts';
import type { Builder, Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/registry.ts';
import { openSession, type Terminal, type TerminalOptions } from './terminal.ts';
import { type Topology, type TopologyHost, topologyOf } from './topology.ts';

/** There is no scenario of that name. */
export class UnknownScenario extends Error {
  constructor(name: string) {
    super(`unknown world '${name}'; there are: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`);
    this.name = 'UnknownScenario';
  }
}

/** There is no such host in the world. */
export class UnknownHost extends Error {
  constructor(world: World, name: string) {
    super(`unknown host '${name}' in world '${world.scenario}'; there are: ${[...world.hosts.keys()].join(', ')}`);
    this.name = 'UnknownHost';
  }
}

/** How far a flat-out run may go before it is called endless. */
export interface Limits {
  events?: number;
  virtual?: Micros;
}

/** What a command of a cell or a transcript may use up: longer than a TCP connection takes to give up, about a second of computing. */
export const RUN_LIMITS: Required<Limits> = { events: 1_000_000, virtual: 300 * SECOND };

/** Moving this many bytes into a pipe or a file counts as one event: `yes | cat` is much work in few events. */
const BYTES_PER_EVENT = 256;

/** A process that computes for so long counts as one event: a step of jq's or awk's is much work, too. */
const COMPUTING_PER_EVENT: Micros = 25;

/**
 * Why `runUntil` returned. `idle`: nothing but background timers is left, and they will not make it happen. `wanting`: a part of
 * the code is to be loaded first (`World.wanted`); never where everything is loaded (sim/complete.ts).
 */
export type Outcome = 'done' | 'idle' | 'limit' | 'wanting';

/** Worlds start when machines have been up for so long that IPv6 addresses are settled. */
const BOOT: Micros = 3 * SECOND;

function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (!scenario) throw new UnknownScenario(name);
  return scenario;
}

/** Scenarios by name, for lists. */
export function scenarios(): { name: string; title: string; hosts: string[] }[] {
  return SCENARIOS.map(({ name, title, hosts }) => ({ name, title, hosts: [...hosts] }));
}

/**
 * A world: machines made by a scenario, one clock, one trace, and a way in for every input. What it does follows from its
 * scenario, its seed and its inputs alone.
 */
export class World {
  readonly scenario: string;
  readonly seed: string;
  readonly events = new EventQueue();
  readonly trace = new Trace(this.events);
  /** The machines that readers use. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly #machines: { kernel: Kernel; kind: TopologyHost['kind'] }[] = [];
  readonly #consoles = new Map<string, HostConsole>();
  readonly #terminals: Terminal[] = [];
  readonly #log: WorldInput[] = [];
  #booted = false;

  private constructor(scenario: Scenario, seed: string) {
    this.scenario = scenario.name;
    this.seed = seed;
    const hosts = new Map<string, Host>();
    this.hosts = hosts;
    scenario.build(this.#builder(hosts));
    this.#boot();
  }

  /** What must be loaded before such a world is made. @throws UnknownScenario */
  static parts(name: string): readonly Part[] {
    return scenarioOf(name).parts ?? [];
  }

  /** @throws UnknownScenario, NotLoaded */
  static create(name: string, options: { seed?: string } = {}): World {
    return new World(scenarioOf(name), options.seed ?? name);
  }

  /** Makes the world that a recording tells of, at the moment where the recording ends. */
  static replay(recording: Recording): World {
    const world = World.create(recording.scenario, { seed: recording.seed });
    for (const input of recording.inputs) {
      world.#advanceTo(input);
      world.#apply(input);
    }
    world.#advanceTo(recording.end);
    return world;
  }

  get now(): Micros {
    return this.events.now;
  }

  /** How much has been done so far: events, and bytes moved and time computed as so many events. What `Limits.events` counts. */
  get spent(): number {
    const { events } = this;
    return events.executed + events.bytesMoved / BYTES_PER_EVENT + events.computed / COMPUTING_PER_EVENT;
  }

  /**
   * The part of the code that the world waits for, in the middle of an event: it stands still, and takes no input, until the part
   * is loaded and `resume` was called. When it was loaded makes no difference to what happens.
   */
  get wanted(): Part | undefined {
    return this.events.wanted;
  }

  /** Goes on now that what was wanted is loaded. It may want more. @throws NotLoaded */
  resume(): void {
    this.events.resume();
    if (!this.#booted && !this.wanted) this.#boot();
  }

  #boot(): void {
    this.#booted = this.events.runUntil(BOOT);
  }

  /** Every input so far. */
  get log(): readonly WorldInput[] {
    return this.#log;
  }

  recording(): Recording {
    return { scenario: this.scenario, seed: this.seed, inputs: [...this.#log], end: this.#moment() };
  }

  /** The host's one console: a root shell without a terminal that lives as long as the world. @throws UnknownHost */
  console(host: string): Console {
    const console = this.#console(host);
    return {
      run: (command, onOutput) => this.#run(host, command, onOutput),
      get busy() {
        return console.busy;
      },
    };
  }

  /** Opens a terminal with a login shell, or with `command`. @throws UnknownHost */
  openTerminal(host: string, options: TerminalOptions): Terminal {
    const { columns, rows, command } = options;
    const number = this.#terminals.length;
    this.#record({ kind: 'openTerminal', host, columns, rows, ...(command ? { command: [...command] } : {}) });
    const terminal = this.#open(host, options);
    const record = (input: Input): void => {
      if (!terminal.closed) this.#record(input);
    };
    return {
      write: (bytes) => {
        record({ kind: 'type', terminal: number, bytes: bytes.slice() });
        terminal.write(bytes);
      },
      resize: (width, height) => {
        record({ kind: 'resize', terminal: number, columns: width, rows: height });
        terminal.resize(width, height);
      },
      close: () => {
        record({ kind: 'closeTerminal', terminal: number });
        terminal.close();
      },
      get closed() {
        return terminal.closed;
      },
    };
  }

  /** Machines, namespaces and devices at this moment. */
  topology(): Topology {
    return topologyOf(this.#machines);
  }

  /**
   * A capture file of what passed a device so far, as far back as the trace goes: for Wireshark, or any other reader of pcap.
   *
   * @throws UnknownHost, UnknownCapturePoint
   */
  capture(point: CapturePoint): Uint8Array {
    const machine = this.#machines.find(({ kernel }) => kernel.name === point.host);
    if (!machine) throw new UnknownHost(this, point.host);
    return captureOf(machine.kernel, point, this.trace.events());
  }

  /** Runs flat out until `done()`, or until nothing more can come of it. */
  runUntil(done: () => boolean, limits: Limits = RUN_LIMITS): Outcome {
    const { events } = this;
    const deadline = this.now + (limits.virtual ?? Number.POSITIVE_INFINITY);
    const most = this.spent + (limits.events ?? Number.POSITIVE_INFINITY);
    for (;;) {
      if (this.wanted) return 'wanting';
      if (done()) return 'done';
      if (!events.busy) return 'idle';
      if (this.spent >= most || (events.nextDue as Micros) > deadline) return 'limit';
      events.step();
    }
  }

  /** Moves virtual time on by `duration`, or as far as `eventBudget` events get. */
  advance(duration: Micros, eventBudget?: number): void {
    this.events.runUntil(this.now + duration, eventBudget);
  }

  // ---- inputs ---------------------------------------------------------------------------------------------------------

  #run(host: string, command: string, onOutput: (text: string) => void): Run {
    const console = this.#console(host);
    this.#record({ kind: 'run', host, command });
    const run = console.run(command, onOutput);
    return {
      get done() {
        return run.done;
      },
      get status() {
        return run.status;
      },
      interrupt: () => {
        if (run.done) return;
        this.#record({ kind: 'interrupt', host });
        run.interrupt();
      },
    };
  }

  #open(host: string, options: TerminalOptions): Terminal {
    const terminal = openSession(this.#host(host), options);
    this.#terminals.push(terminal);
    return terminal;
  }

  /** Applies a recorded input; nobody listens to what it prints. */
  #apply(input: WorldInput): void {
    this.#record(input);
    const ignore = (): void => {};
    switch (input.kind) {
      case 'run':
        this.#console(input.host).run(input.command, ignore);
        return;
      case 'interrupt':
        this.#console(input.host).interrupt();
        return;
      case 'openTerminal':
        this.#open(input.host, { ...input, onOutput: ignore });
        return;
      case 'type':
        this.#terminals[input.terminal]?.write(input.bytes);
        return;
      case 'resize':
        this.#terminals[input.terminal]?.resize(input.columns, input.rows);
        return;
      case 'closeTerminal':
        this.#terminals[input.terminal]?.close();
        return;
    }
  }

  #record(input: Input): void {
    if (this.wanted) throw new NotLoaded(this.wanted);
    this.#log.push({ ...input, ...this.#moment() });
  }

  #moment(): Moment {
    return { time: this.now, executed: this.events.executed };
  }

  #advanceTo({ time, executed }: Moment): void {
    while (this.events.executed < executed && this.events.step());
    this.events.runUntil(time, 0);
  }

  #console(name: string): HostConsole {
    const known = this.#consoles.get(name);
    if (known) return known;
    const made = new HostConsole(this.#host(name));
    this.#consoles.set(name, made);
    return made;
  }

  #host(name: string): Host {
    const host = this.hosts.get(name);
    if (!host) throw new UnknownHost(this, name);
    return host;
  }

  #builder(hosts: Map<string, Host>): Builder {
    const ids = new WorldIds();
    const kernel = (name: string, kind?: TopologyHost['kind']): Kernel => {
      const made = new Kernel(name, this.events, this.trace, this.seed, ids);
      this.#machines.push({ kernel: made, kind });
      return made;
    };
    return {
      host: (name) => {
        const host = debianHost(kernel(name));
        hosts.set(name, host);
        return host;
      },
      outside: (name) => kernel(name, 'outside'),
      switch: (name) => kernel(name, 'switch'),
    };
  }
}
