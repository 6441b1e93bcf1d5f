import type { CellCommands } from '../../sim/worker/cell-run.ts';
import type { CapturePoint } from '../../sim/index.ts';
import type { RunEnd, WatchChunk } from '../../sim/worker/protocol.ts';
import { type Client, type Stream, WorldClosed } from './client.ts';

export type CellState = 'baked' | 'waiting' | 'running' | 'ran';

/** What the session needs of a cell on the page. */
export interface SessionCell {
  /** Runs only when it is asked for itself, never because a cell below is; and then without regard to the wall clock. */
  readonly optional?: boolean;
  /** The cell as it stands, with the reader's edits. */
  commands(): CellCommands;
  /** A run begins: earlier output goes. `above` when it only runs because a cell below needs it. */
  begin(above: boolean): void;
  output(step: number, text: string): void;
  ended(step: number, status: number | undefined): void;
  state(state: CellState, note?: string): void;
  /** Back to the outputs that were baked into the page. */
  restore(): void;
}

export interface SessionListener {
  /** The world was made, or is no more: the reader has put it back, or it broke. */
  world(running: boolean, broke?: boolean): void;
  /** The reader's cell begins to run; not told of cells above it that it needs. */
  run?(): void;
}

interface Job {
  cell: SessionCell;
  above: boolean;
}

/** Turns a number of cells into words for the reader. */
function cells(count: number): string {
  return count === 1 ? 'the cell above' : `the ${count} cells above`;
}

/**
 * The page's world and who uses it: cells in the order of the page, one after another. A cell that is run in a world in which
 * cells above it have not run yet waits until they have, as fast as they go.
 */
export class Session {
  readonly scenario: string;
  readonly #connect: () => Client;
  readonly #cells: SessionCell[] = [];
  readonly #ran = new Set<SessionCell>();
  readonly #running = new Map<SessionCell, Stream<'run'>>();
  readonly #listeners = new Set<SessionListener>();
  readonly #watching = new Set<Stream<'watch'>>();
  #queue: Job[] = [];
  #client: Client | undefined;
  #pumping = false;

  /** @param connect makes a worker; called on first use and after each reset */
  constructor(scenario: string, connect: () => Client) {
    this.scenario = scenario;
    this.#connect = connect;
  }

  /** Adds a cell below those added before. */
  add(cell: SessionCell): void {
    this.#cells.push(cell);
  }

  listen(listener: SessionListener): void {
    this.#listeners.add(listener);
    if (this.#client) listener.world(true);
  }

  get started(): boolean {
    return this.#client !== undefined;
  }

  /** Makes the world now, because the reader is about to use it. */
  start(): Client {
    if (this.#client) return this.#client;
    const client = this.#connect();
    this.#client = client;
    client.open('create', { scenario: this.scenario }).ended.catch((error: Error) => this.#broke(client, error));
    for (const listener of this.#listeners) listener.world(true);
    return client;
  }

  /** Runs a cell after what is already waiting. Running one that waits or runs does nothing. */
  run(cell: SessionCell): void {
    if (this.#queue.some((job) => job.cell === cell && !job.above) || this.#running.has(cell)) return;
    const waiting = new Set(this.#queue.map((job) => job.cell));
    const before = this.#cells
      .slice(0, this.#cells.indexOf(cell))
      .filter((above) => !above.optional && !this.#ran.has(above) && !waiting.has(above));
    for (const above of before) {
      this.#queue.push({ cell: above, above: true });
      above.state('waiting');
    }
    this.#queue.push({ cell, above: false });
    cell.state('waiting', before.length > 0 ? `running ${cells(before.length)} first` : undefined);
    this.start();
    void this.#pump();
  }

  /** Ctrl-C for a cell that runs; one that waits is taken out of the queue. */
  stop(cell: SessionCell): void {
    const stream = this.#running.get(cell);
    if (stream) {
      stream.cancel();
      return;
    }
    if (!this.#queue.some((job) => job.cell === cell)) return;
    this.#queue = this.#queue.filter((job) => job.cell !== cell);
    cell.state(this.#ran.has(cell) ? 'ran' : 'baked');
  }

  /** Puts the world back to its start: every cell shows what was baked, every terminal ends. */
  reset(): void {
    const client = this.#client;
    this.#forget();
    client?.close();
    for (const cell of this.#cells) {
      cell.restore();
      cell.state('baked');
    }
    for (const listener of this.#listeners) listener.world(false);
  }

  /** A login shell at a host. */
  terminal(host: string, columns: number, rows: number, print: (bytes: Uint8Array) => void): Stream<'terminal'> {
    return this.start().open('terminal', { host, columns, rows }, print);
  }

  /** The topology and trace of the world that runs now. */
  watch(see: (chunk: WatchChunk) => void): Stream<'watch'> {
    const stream = this.start().open('watch', {}, see);
    this.#watching.add(stream);
    stream.ended.catch(() => {}).finally(() => this.#watching.delete(stream));
    return stream;
  }

  /** Whether a watch is of the world that runs now. */
  watches(stream: Stream<'watch'>): boolean {
    return this.#watching.has(stream);
  }

  /** What passed a place so far, as a capture file (pcap). */
  async capture(point: CapturePoint): Promise<Uint8Array> {
    return (await this.start().open('capture', point).ended).pcap;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) await this.#runJob(job);
    this.#pumping = false;
  }

  /** Resolves when the cells below may run. */
  async #runJob({ cell, above }: Job): Promise<void> {
    const client = this.start();
    this.#ran.add(cell);
    cell.begin(above);
    cell.state('running');
    if (!above) for (const listener of this.#listeners) listener.run?.();
    await new Promise<void>((settled) => {
      const stream = client.open('run', { cell: cell.commands(), pace: above || cell.optional ? 'flat' : 'wall' }, (chunk) => {
        if (this.#client !== client) return;
        if ('settled' in chunk) settled();
        else if ('text' in chunk) cell.output(chunk.step, chunk.text);
        else cell.ended(chunk.step, chunk.status);
      });
      this.#running.set(cell, stream);
      stream.ended
        .then((end) => this.#finished(client, cell, end))
        .catch((error: Error) => this.#broke(client, error))
        .finally(settled);
    });
  }

  #finished(client: Client, cell: SessionCell, end: RunEnd): void {
    if (this.#client !== client) return;
    this.#running.delete(cell);
    cell.state('ran', end.reason === 'done' ? undefined : NOTES[end.reason]);
  }

  /** A world that broke, or never came to be, is of no more use: whoever runs something next gets another. */
  #broke(client: Client, error: Error): void {
    if (this.#client !== client || error instanceof WorldClosed) return;
    const note = `the simulation stopped: ${error.message}`;
    for (const cell of this.#running.keys()) cell.state('ran', note);
    for (const job of this.#queue) job.cell.state('baked', note);
    this.#forget();
    client.close();
    for (const listener of this.#listeners) listener.world(false, true);
  }

  #forget(): void {
    this.#client = undefined;
    this.#queue = [];
    this.#running.clear();
    this.#ran.clear();
    this.#watching.clear();
  }
}

const NOTES: Record<Exclude<RunEnd['reason'], 'done'>, string> = {
  limit: 'took too long and was interrupted',
  stuck: 'waits for something that never comes',
};
