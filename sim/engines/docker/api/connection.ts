import { WaitQueue } from '../../../host/wait.ts';

/** A stretch of output; with a terminal everything is `stdout`. The HTTP form puts an 8-byte header before each. */
export interface Frame {
  source: 'stdout' | 'stderr';
  bytes: Uint8Array;
}

/** How much output may wait for a client that doesn't read: a socket's buffer. */
const CAPACITY = 65_536;

/** A hijacked connection: frames from the daemon to the client, bytes from the client to the daemon. */
export class Connection {
  /** For the client: frames arrived, or the end. */
  readonly readable = new WaitQueue();
  /** For the daemon: the client has read, written or gone. */
  readonly clientActed = new WaitQueue();
  closedByClient = false;
  #frames: Frame[] = [];
  #waiting = 0;
  #ended = false;
  #input: Uint8Array[] = [];
  #inputEnded = false;

  // ---- the client's side ----

  /** The next frame, `EAGAIN` when there is none yet, `undefined` at the end. */
  receive(): Frame | 'EAGAIN' | undefined {
    const frame = this.#frames.shift();
    if (!frame) return this.#ended ? undefined : 'EAGAIN';
    this.#waiting -= frame.bytes.length;
    this.clientActed.wake();
    return frame;
  }

  /** Sends standard input. */
  send(bytes: Uint8Array): void {
    this.#input.push(bytes);
    this.clientActed.wake();
  }

  /** The client's standard input has ended (half-close). */
  closeWrite(): void {
    this.#inputEnded = true;
    this.clientActed.wake();
  }

  close(): void {
    this.closedByClient = true;
    this.#inputEnded = true;
    this.#frames = [];
    this.#waiting = 0;
    this.clientActed.wake();
  }

  // ---- the daemon's side ----

  /** Whether there is room for more; a client that has gone swallows everything. */
  get hasRoom(): boolean {
    return this.closedByClient || this.#waiting < CAPACITY;
  }

  push(frame: Frame): void {
    if (this.closedByClient || this.#ended || frame.bytes.length === 0) return;
    this.#frames.push(frame);
    this.#waiting += frame.bytes.length;
    this.readable.wake();
  }

  /** No more output. */
  end(): void {
    this.#ended = true;
    this.readable.wake();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Standard input that arrived, `EAGAIN`, or `undefined` at its end. */
  takeInput(): Uint8Array | 'EAGAIN' | undefined {
    return this.#input.shift() ?? (this.#inputEnded ? undefined : 'EAGAIN');
  }
}
