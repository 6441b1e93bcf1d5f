import type { Micros, Run, Terminal, World } from '../index.ts';

/** What a console block asks for: commands typed one after another at one host's shell. */
export interface CellCommands {
  host: string;
  commands: readonly string[];
  /** Where each command is typed, when not all are typed at `host`. */
  hosts?: readonly string[];
  /** Set for a command that is left running in a terminal of this name while later cells run. */
  terminal?: string | undefined;
}

export interface CellListener {
  output(step: number, text: string): void;
  /** Command number `step` ended; `status` as `$?` shows it, `undefined` when it runs in a terminal. */
  ended(step: number, status: number | undefined): void;
}

/** The size of the terminal that a `terminal="NAME"` cell runs in: wide enough that tcpdump's lines aren't wrapped. */
const CELL_TERMINAL = { columns: 120, rows: 40 };
/** A terminal cell counts as started when it has printed something, or after this much virtual time. */
const START_WITHIN: Micros = 1_000_000;
const CTRL_C = Uint8Array.of(3);

/**
 * One run of a cell. The build and the worker both run cells through this, so that a page computes in the reader's browser
 * what was baked into it. It doesn't move time: call `poll` between stretches of the world's time; it starts the next command
 * when one has ended.
 */
export class CellRun {
  /** True once the cells below may run: every command has ended, or the terminal's command has started. */
  settled = false;
  /** True once nothing of this cell runs any more. */
  done = false;
  readonly #world: World;
  readonly #cell: CellCommands;
  readonly #listener: CellListener;
  #step = -1;
  #run: Run | undefined;
  #terminal: Terminal | undefined;
  #deadline: Micros = 0;
  #printed = false;
  #interrupted = false;

  constructor(world: World, cell: CellCommands, listener: CellListener) {
    this.#world = world;
    this.#cell = cell;
    this.#listener = listener;
    if (cell.terminal !== undefined) this.#openTerminal();
    this.poll();
  }

  /** Number of the command that is running, from 0. */
  get step(): number {
    return this.#step;
  }

  /** Starts what is due. Returns `settled`. */
  poll(): boolean {
    if (this.#terminal) this.#pollTerminal();
    else while (!this.done && (this.#run === undefined || this.#run.done)) this.#next();
    return this.settled;
  }

  /** Nothing can happen any more without further input: what runs in a terminal waits for it, as it should. */
  idle(): void {
    if (this.#terminal) this.settled = true;
  }

  /** Ctrl-C for what runs now; the commands after it don't start. */
  interrupt(): void {
    this.#interrupted = true;
    if (this.#terminal && !this.#terminal.closed) this.#terminal.write(CTRL_C);
    else this.#run?.interrupt();
  }

  #next(): void {
    if (this.#run) this.#listener.ended(this.#step, this.#run.status);
    this.#run = undefined;
    this.#step++;
    const command = this.#cell.commands[this.#step];
    if (command === undefined || this.#interrupted) {
      this.done = true;
      this.settled = true;
      return;
    }
    const step = this.#step;
    this.#run = this.#world.console(this.#cell.hosts?.[step] ?? this.#cell.host).run(command, (text) => this.#listener.output(step, text));
  }

  #openTerminal(): void {
    this.#step = 0;
    this.#deadline = this.#world.now + START_WITHIN;
    const decoder = new LineDecoder();
    this.#terminal = this.#world.openTerminal(this.#cell.host, {
      ...CELL_TERMINAL,
      command: ['bash', '-c', this.#cell.commands.join('\n')],
      onOutput: (bytes) => {
        this.#printed = true;
        this.#listener.output(0, decoder.decode(bytes));
      },
    });
  }

  #pollTerminal(): void {
    if (this.#printed || this.#world.now >= this.#deadline) this.settled = true;
    if (!this.#terminal?.closed || this.done) return;
    this.settled = true;
    this.done = true;
    this.#listener.ended(0, undefined);
  }
}

/** A terminal's bytes as a text block shows them: UTF-8 across chunks, carriage returns before newlines dropped. */
class LineDecoder {
  readonly #utf8 = new TextDecoder();

  decode(bytes: Uint8Array): string {
    return this.#utf8.decode(bytes, { stream: true }).replaceAll('\r\n', '\n');
  }
}
