import { CellRun } from './cell-run.ts';
import { flatRun } from './flat-run.ts';
import { Pacer } from './pacer.ts';
import { expectParts, prefetch, supply } from './supply.ts';
import {
  type Args,
  CHUNKS_IN_FLIGHT,
  type End,
  type FromWorker,
  type OperationName,
  type TerminalInput,
  type ToWorker,
} from './protocol.ts';
import { type Terminal, type Topology, World } from '../index.ts';
import { load } from '../load.ts';
import { workerTurns } from './turns.ts';

/** A stream that is open: what the page's input and cancel do to it, and what it has to say after each turn. */
interface Open {
  cancel(): void;
  input?(input: TerminalInput): void;
  afterTurn?(): void;
  /** Keeps background timers on time while it is open. */
  attached: boolean;
}

const open = new Map<number, Open>();
let world: World | undefined;
let pacer: Pacer | undefined;
let inFlight = 0;

function send(message: FromWorker, transfer: Transferable[] = []): void {
  if ('chunk' in message) inFlight++;
  (self as unknown as DedicatedWorkerGlobalScope).postMessage(message, transfer);
}

function finish<O extends OperationName>(id: number, end: End<O>): void {
  open.delete(id);
  send({ id, end });
}

const operations: { [O in OperationName]: (id: number, args: Args<O>) => void } = {
  create(id, { scenario }) {
    open.set(id, { cancel: () => {}, attached: false });
    standStill(async () => {
      await Promise.all(World.parts(scenario).map(load));
      const made = World.create(scenario);
      await supply(made);
      world = made;
      pacer = new Pacer(made, workerTurns(), afterTurn, () => [...open.values()].some((stream) => stream.attached));
      finish<'create'>(id, { hosts: [...made.hosts.keys()] });
    });
  },

  run(id, { cell, pace }) {
    const lines = new Coalesced((step, text) => send({ id, chunk: { step, text } }));
    const run = new CellRun(here(), cell, {
      output: (step, text) => lines.add(step, text),
      ended: (step, status) => {
        lines.flush();
        send({ id, chunk: { step, status } });
      },
    });
    let settled = false;
    let reason: End<'run'>['reason'] = 'done';
    let over = false;
    const afterTurn = (): void => {
      run.poll();
      lines.flush();
      if (run.settled && !settled) {
        settled = true;
        send({ id, chunk: { settled: true } });
      }
      if (!run.done && !over) return;
      finish<'run'>(id, { reason });
      prefetch();
    };
    open.set(id, { cancel: () => run.interrupt(), afterTurn, attached: true });
    if (pace === 'flat') {
      pacer?.runFlat(
        flatRun(here(), run, (why, last) => {
          if (reason === 'done') reason = why;
          over = last;
        }),
      );
    }
  },

  terminal(id, { host, columns, rows }) {
    const printed: Uint8Array[] = [];
    const terminal: Terminal = here().openTerminal(host, { columns, rows, onOutput: (bytes) => printed.push(bytes.slice()) });
    open.set(id, {
      attached: true,
      cancel: () => terminal.close(),
      input: (input) => ('bytes' in input ? terminal.write(input.bytes) : terminal.resize(input.columns, input.rows)),
      afterTurn: () => {
        if (printed.length > 0) sendBytes(id, joined(printed.splice(0)));
        if (terminal.closed) finish<'terminal'>(id, undefined);
      },
    });
  },

  capture(id, point) {
    finish<'capture'>(id, { pcap: here().capture(point) });
  },

  watch(id) {
    let shown = '';
    let next = here().trace.next;
    let texts = 0;
    const afterTurn = (): void => {
      const topology: Topology = here().topology();
      const text = JSON.stringify(topology);
      if (text !== shown) {
        shown = text;
        send({ id, chunk: { topology } });
      }
      if (here().trace.next === next) return;
      const trace = here().trace.chunk(next, texts);
      next = here().trace.next;
      texts = trace.textFrom + trace.texts.length;
      send({ id, chunk: { trace, flat: pacer?.ranFlat ?? false } }, [
        trace.times.buffer,
        trace.fields.buffer,
        trace.frames.buffer,
      ] as ArrayBuffer[]);
    };
    open.set(id, { cancel: () => finish<'watch'>(id, undefined), afterTurn, attached: false });
  },
};

function here(): World {
  if (!world) throw new Error('no world: `create` comes first');
  return world;
}

/** Output of one turn, joined: a chunk for each command, not for each write. */
class Coalesced {
  #step = 0;
  #text = '';
  readonly #send: (step: number, text: string) => void;

  constructor(send: (step: number, text: string) => void) {
    this.#send = send;
  }

  add(step: number, text: string): void {
    if (step !== this.#step) this.flush();
    this.#step = step;
    this.#text += text;
  }

  flush(): void {
    if (this.#text !== '') this.#send(this.#step, this.#text);
    this.#text = '';
  }
}

function joined(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function sendBytes(id: number, bytes: Uint8Array): void {
  send({ id, chunk: bytes }, [bytes.buffer as ArrayBuffer]);
}

function afterTurn(): void {
  if (world?.wanted) {
    standStill(() => supply(here()));
    return;
  }
  for (const stream of [...open.values()]) stream.afterTurn?.();
  hold();
}

function hold(): void {
  if (pacer) pacer.held = standing || inFlight > CHUNKS_IN_FLIGHT;
}

/** Code is being loaded: the world stands still, what the page asks meanwhile waits. */
let standing = false;
const waiting: ToWorker[] = [];
/** Why no code comes any more. */
let broken: string | undefined;

function standStill(work: () => Promise<void>): void {
  standing = true;
  hold();
  work().then(goOn, (error: unknown) => {
    broken = messageOf(error);
    for (const id of open.keys()) send({ id, error: broken });
    open.clear();
    standing = false;
    for (const message of waiting.splice(0)) handle(message);
  });
}

function goOn(): void {
  standing = false;
  afterTurn();
  while (!standing && waiting.length > 0) handle(waiting.shift() as ToWorker);
  hold();
}

function receive(message: ToWorker): void {
  if (message.op === 'ack') {
    inFlight -= message.chunks;
    hold();
    return;
  }
  if (message.op === 'expect') return expectParts(message.parts);
  if (broken !== undefined) throw new Error(broken);
  if (!standing) pacer?.catchUp();
  if (world?.wanted && !standing) afterTurn();
  if (standing) {
    waiting.push(message);
    return;
  }
  if (message.op === 'cancel') open.get(message.id)?.cancel();
  else if (message.op === 'input') open.get(message.id)?.input?.(message.input);
  else (operations[message.op] as (id: number, args: unknown) => void)(message.id, message.args);
  pacer?.wake();
}

function handle(message: ToWorker): void {
  try {
    receive(message);
  } catch (error) {
    const id = 'id' in message ? message.id : 0;
    open.delete(id);
    send({ id, error: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

self.addEventListener('message', (event: MessageEvent<ToWorker>) => handle(event.data));
