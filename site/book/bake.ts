import { type CellListener, CellRun } from '../../sim/worker/cell-run.ts';
import { journeyOf, RUN_LIMITS, scenarios, type Topology, type TraceEvent, World } from '../../sim/complete.ts';
import { parts } from '../../sim/load.ts';
import type { BakedCell, BakedStep } from '../../components/cell/render.ts';
import type { Goal, SolutionCommand } from '../../components/exercise/render.ts';
import { type Followed, followedOf } from '../../components/journey/stops.ts';
import { momentsOf } from '../../components/topology/frames.ts';
import { peerOf } from '../../components/topology/host.ts';
import { MOST_SHOWN, type Scene } from '../../components/topology/scene.ts';
import type { Fence } from './fence.ts';

/** What a page wants computed, in the order of the page. */
export interface PagePlan {
  world: string;
  hosts: readonly string[];
  items: readonly PlanItem[];
}

export type PlanItem =
  | { kind: 'cell'; fence: Fence; line: number }
  /** `follow`: part of the line of the frame whose packet is followed. */
  | { kind: 'topology'; follow: string | undefined; line: number }
  /** Goals, and a solution that must reach them; neither changes the page's world. */
  | { kind: 'exercise'; goals: readonly Goal[]; solution: readonly SolutionCommand[] | undefined; line: number };

/** The same items, computed. */
export type BakedItem =
  | { kind: 'cell'; cell: BakedCell }
  | { kind: 'topology'; scene: Scene }
  | { kind: 'exercise'; goals: readonly Goal[] };

/** An example that doesn't do what the page says. */
export class BakeError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'BakeError';
    this.line = line;
  }
}

const baked = new Map<string, BakedItem[]>();

/**
 * Runs a page's cells from the start of its world, flat out. The same plan gives the same result, so it is computed once.
 *
 * @throws BakeError when a cell fails unexpectedly, lacks the text it is to show, or doesn't end
 */
export function bakePage(plan: PagePlan): BakedItem[] {
  const key = JSON.stringify(plan);
  let items = baked.get(key);
  if (!items) {
    items = new PageBake(plan).run();
    baked.set(key, items);
  }
  return items;
}

/** The hosts of a world, or `undefined` when there is no world of that name. */
export function hostsOf(world: string): string[] | undefined {
  return scenarios().find(({ name }) => name === world)?.hosts;
}

export function worldNames(): string[] {
  return scenarios().map(({ name }) => name);
}

const LIMITS = `after ${RUN_LIMITS.virtual / 1_000_000} seconds of virtual time or ${RUN_LIMITS.events.toLocaleString('en')} events`;

interface RunningCell {
  cell: BakedCell & { steps: BakedStep[] };
  fence: Fence;
  line: number;
}

class PageBake {
  readonly #plan: PagePlan;
  readonly #world: World;
  readonly #cells: RunningCell[] = [];
  #drawn: number;
  /** Where in the trace the cells since the last drawing began. */
  #begun: number[] = [];

  constructor(plan: PagePlan) {
    this.#plan = plan;
    for (const part of parts) part.used = false;
    this.#world = World.create(plan.world);
    this.#drawn = this.#world.trace.next;
  }

  run(): BakedItem[] {
    const items = this.#plan.items.map((item): BakedItem => {
      if (item.kind === 'topology') return { kind: 'topology', scene: this.#scene(item.follow, item.line) };
      if (item.kind === 'exercise') return this.#exercise(item);
      return { kind: 'cell', cell: this.#runCell(item.fence, item.line).cell };
    });
    // A terminal's output grows until the end of the page, so what it must contain is looked for last.
    for (const running of this.#cells) expectTexts(running);
    return items;
  }

  /** Checks an exercise in copies of the world: not solved yet, and solved by its solution. */
  #exercise(item: Extract<PlanItem, { kind: 'exercise' }>): BakedItem {
    const host = this.#plan.hosts[0] ?? '';
    if (failing(this.#world, host, [], item.goals).length === 0)
      throw new BakeError('every goal of the exercise is reached before it begins', item.line);
    if (!item.solution)
      throw new BakeError('the exercise has no `console solution` block, so nobody knows whether it can be done', item.line);
    const [missed] = failing(this.#world, host, item.solution, item.goals);
    if (missed) throw new BakeError(`the solution does not reach the goal “${missed.text}”`, item.line);
    return { kind: 'exercise', goals: item.goals };
  }

  /** The network at this point of the page, and what was sent since the last drawing. */
  #scene(follow: string | undefined, line: number): Scene {
    const topology = this.#world.topology();
    const events = this.#world.trace.events(this.#drawn);
    const moments = momentsOf(events, topology);
    const shown = moments.slice(-MOST_SHOWN);
    const found = follow === undefined ? undefined : this.#findFollowed(follow, topology);
    this.#drawn = this.#world.trace.next;
    this.#begun = [];
    const remarkable = shown.flat().filter((hop) => !hop.housekeeping);
    const packets = new Set(remarkable.map(({ packet }) => packet).slice(-MOST_FOLLOWED));
    if (follow === undefined) return { topology, moments: shown, journeys: followed(events, packets, topology) };
    if (found === undefined)
      throw new BakeError(`no frame since the last drawing has “${follow}” in its line, so it can't be followed`, line);
    return { topology, moments: shown, journeys: followed(events, new Set([found, ...packets]), topology), follow };
  }

  /** The packet of the first frame that fits, of the latest cell that has one. */
  #findFollowed(follow: string, topology: Topology): number | undefined {
    for (const from of [...this.#begun, this.#drawn].sort((a, b) => b - a)) {
      const moments = momentsOf(this.#world.trace.events(from), topology);
      const hop = moments.flat().find(({ text, housekeeping }) => !housekeeping && text.includes(follow));
      if (hop) return hop.packet;
    }
    return undefined;
  }

  #runCell(fence: Fence, line: number): RunningCell {
    const host = fence.host ?? this.#plan.hosts[0] ?? '';
    const steps: BakedStep[] =
      fence.terminal === undefined
        ? fence.commands.map((command) => ({ command, output: '', status: undefined }))
        : [{ command: fence.commands.join('\n'), output: '', status: undefined }];
    const running: RunningCell = { cell: { number: this.#cells.length + 1, host, terminal: fence.terminal, steps }, fence, line };
    this.#cells.push(running);
    this.#begun.push(this.#world.trace.next);
    const run = new CellRun(this.#world, { host, commands: fence.commands, terminal: fence.terminal }, recordInto(steps));
    const outcome = this.#world.runUntil(() => run.poll(), RUN_LIMITS);
    if (outcome === 'idle' && fence.terminal === undefined && !run.poll())
      throw failure(running, run.step, 'waits for input that never comes');
    if (outcome === 'limit') throw failure(running, run.step, `did not end ${LIMITS}`);
    if (fence.terminal === undefined) expectStatus(running);
    if (running.cell.number === 1) running.cell.parts = [...new Set(parts.filter(({ used }) => used).map(({ name }) => name))];
    return running;
  }
}

/** Packets of a drawing that can be followed before the page's world runs. */
const MOST_FOLLOWED = 16;

function followed(events: readonly TraceEvent[], packets: ReadonlySet<number>, topology: Topology): Followed[] {
  const peer = (device: number): number | undefined => peerOf(device, topology.links);
  return [...packets].map((packet) => followedOf(journeyOf(events, packet, peer), topology));
}

/** The goals that are not reached in a copy of the world after some commands. */
function failing(world: World, host: string, commands: readonly SolutionCommand[], goals: readonly Goal[]): Goal[] {
  const copy = World.replay(world.recording());
  const status = ({ command, host: at }: SolutionCommand): number | undefined => {
    const run = copy.console(at ?? host).run(command, () => {});
    copy.runUntil(() => run.done, RUN_LIMITS);
    return run.status;
  };
  for (const command of commands) status(command);
  return goals.filter((goal) => status({ command: `(\n${goal.commands.join('\n')}\n)`, host: goal.host }) !== 0);
}

function recordInto(steps: BakedStep[]): CellListener {
  const at = (step: number): BakedStep => steps[step] as BakedStep;
  return {
    output: (step, text) => {
      at(step).output += text;
    },
    ended: (step, status) => {
      at(step).status = status;
    },
  };
}

/** `fails` wants one failure somewhere in the cell; else the last command ends with the wanted status and the others succeed. */
function expectStatus(running: RunningCell): void {
  const { cell, fence } = running;
  const last = cell.steps.length - 1;
  if (fence.status === 'fails') {
    if (cell.steps.every(({ status }) => status === 0))
      throw failure(running, last, 'everything succeeded, but the cell is marked `fails`');
    return;
  }
  for (const [index, { status }] of cell.steps.entries()) {
    const wanted = index === last ? fence.status : 0;
    const hint = wanted === 0 ? ' (if that is meant, write `fails` or `exit=…` after `console`)' : '';
    if (status !== wanted) throw failure(running, index, `ended with status ${status}, expected ${wanted}${hint}`);
  }
}

function expectTexts(running: RunningCell): void {
  const output = running.cell.steps.map((step) => step.output).join('');
  for (const text of running.fence.expect) {
    if (!output.includes(text)) throw failure(running, running.cell.steps.length - 1, `the output lacks the expected text “${text}”`);
  }
}

function failure({ cell, fence, line }: RunningCell, step: number, problem: string): BakeError {
  const command = cell.steps[step]?.command ?? '';
  const above = fence.commands.slice(0, step).reduce((lines, each) => lines + each.split('\n').length, 1);
  const printed = (cell.steps[step]?.output ?? '').trimEnd().split('\n').slice(-30);
  const output = printed.length === 1 && printed[0] === '' ? '    (no output)' : printed.map((text) => `    ${text}`).join('\n');
  return new BakeError(
    `${problem}\n  ${cell.host}$ ${command.replaceAll('\n', '\n  > ')}\n${output}`,
    line + (cell.terminal === undefined ? above : 1),
  );
}
