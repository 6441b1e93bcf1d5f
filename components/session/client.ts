import type { Args, Chunk, End, FromWorker, Input, OperationName, ToWorker } from '../../sim/worker/protocol.ts';

/** An open request: its end, and what can be done to it meanwhile. */
export interface Stream<O extends OperationName> {
  readonly ended: Promise<End<O>>;
  send(input: Input<O>): void;
  cancel(): void;
}

/** The part of `Worker` used here; tests bring their own. */
export interface Port {
  postMessage(message: ToWorker): void;
  addEventListener(type: 'message', listener: (event: { data: FromWorker }) => void): void;
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void;
  terminate(): void;
}

interface Pending {
  chunk: (chunk: unknown) => void;
  resolve: (end: unknown) => void;
  reject: (error: Error) => void;
}

/** The page's end of `sim/worker/protocol.ts`. */
export class Client {
  readonly #port: Port;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #received = 0;

  constructor(port: Port) {
    this.#port = port;
    port.addEventListener('message', ({ data }) => this.#receive(data));
    port.addEventListener('error', (event) => this.#fail(new Error(event.message ?? 'the simulation could not be loaded')));
  }

  /** Opens a stream; `onChunk` sees its chunks in order. */
  open<O extends OperationName>(op: O, args: Args<O>, onChunk: (chunk: Chunk<O>) => void = () => {}): Stream<O> {
    const id = this.#next++;
    const ended = new Promise<End<O>>((resolve, reject) => {
      this.#pending.set(id, { chunk: onChunk as (chunk: unknown) => void, resolve: resolve as (end: unknown) => void, reject });
    });
    this.#port.postMessage({ id, op, args } as ToWorker);
    return {
      ended,
      send: (input) => this.#port.postMessage({ id, op: 'input', input: input as never }),
      cancel: () => this.#port.postMessage({ id, op: 'cancel' }),
    };
  }

  /** Ends the world; open streams fail. */
  close(): void {
    this.#port.terminate();
    this.#fail(new WorldClosed());
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if ('chunk' in message) {
      try {
        pending?.chunk(message.chunk);
      } finally {
        this.#acknowledge();
      }
      return;
    }
    this.#pending.delete(message.id);
    if ('error' in message) pending?.reject(new Error(message.error));
    else pending?.resolve(message.end);
  }

  /** The first chunk of a burst is acknowledged with those that came with it. */
  #acknowledge(): void {
    if (this.#received++ > 0) return;
    queueMicrotask(() => {
      this.#port.postMessage({ op: 'ack', chunks: this.#received });
      this.#received = 0;
    });
  }

  #fail(error: Error): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const each of pending) each.reject(error);
  }
}

/** What open streams fail with when the page's world is put back to its start. */
export class WorldClosed extends Error {
  constructor() {
    super('the world was reset');
    this.name = 'WorldClosed';
  }
}
