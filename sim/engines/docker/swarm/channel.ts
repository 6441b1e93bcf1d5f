import { decode, encode } from '../../../base/bytes.ts';
import type { IPv4 } from '../../../base/address.ts';
import type { Micros } from '../../../base/time.ts';
import type { OpenStreamSocket } from '../../../host/inet-socket.ts';
import { type Blocking, WaitQueue } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { Fault } from './objects.ts';

/** Answers a request from the other side; notifications have their answer thrown away. */
export type Handler = (method: string, body: unknown, channel: Channel) => Blocking<unknown>;

interface Message {
  /** Of a request and its answer; absent for notifications. */
  id?: number;
  method?: string;
  body?: unknown;
  fault?: { code: string; message: string };
}

const CHUNK = 65_536;

/**
 * A connection between two daemons on the control port: requests both ways, each a line of JSON. The real one is gRPC over TLS; what
 * matters to the network, who connects to whom, when, and what happens when packets are lost, is the same.
 */
export class Channel {
  /** The other side's address. */
  readonly peer: IPv4;
  readonly closed = new WaitQueue();
  open = true;
  readonly #engine: Engine;
  readonly #socket: OpenStreamSocket;
  readonly #fd: number;
  readonly #handler: Handler;
  readonly #waiting = new Map<number, { answer: Message | undefined; arrived: WaitQueue }>();
  readonly #queue: Uint8Array[] = [];
  readonly #queued = new WaitQueue();
  #next = 1;

  constructor(engine: Engine, socket: OpenStreamSocket, handler: Handler) {
    this.#engine = engine;
    this.#socket = socket;
    this.#fd = engine.daemon.install(socket);
    this.#handler = handler;
    const peer = socket.peer?.address ?? 0;
    this.peer = typeof peer === 'bigint' ? Number(peer & 0xffff_ffffn) : peer;
    go(engine.host.events, this.#read());
    go(engine.host.events, this.#write());
  }

  /** Asks and waits; a closed connection or a deadline that passes is a fault, too. */
  *request(method: string, body: unknown, timeout: Micros): Blocking<unknown> {
    const id = this.#next++;
    const slot = { answer: undefined as Message | undefined, arrived: new WaitQueue() };
    this.#waiting.set(id, slot);
    this.#send({ id, method, body });
    const until = this.#engine.host.now + timeout;
    while (!slot.answer && this.open && this.#engine.host.now < until) yield { on: [slot.arrived, this.closed], until };
    this.#waiting.delete(id);
    const { answer } = slot;
    if (answer) return answer.fault ? new Fault(answer.fault.code, answer.fault.message) : answer.body;
    return this.open ? new Fault('DeadlineExceeded', 'context deadline exceeded') : new Fault('Unavailable', 'transport is closing');
  }

  /** Tells without waiting. */
  notify(method: string, body: unknown): void {
    this.#send({ method, body });
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#engine.daemon.close(this.#fd);
    this.closed.wake();
  }

  #send(message: Message): void {
    if (!this.open) return;
    this.#queue.push(encode(`${JSON.stringify(message)}\n`));
    this.#queued.wake();
  }

  *#write(): Blocking<void> {
    while (this.open) {
      const bytes = this.#queue.shift();
      if (!bytes) {
        yield { on: [this.#queued, this.closed] };
        continue;
      }
      for (let rest = bytes; rest.length > 0 && this.open; ) {
        const count = this.#socket.write(rest);
        if (count === 'EAGAIN') yield { on: [this.#socket.writable, this.closed] };
        else if (typeof count === 'string') return this.close();
        else rest = rest.subarray(count);
      }
    }
  }

  *#read(): Blocking<void> {
    let text = '';
    while (this.open) {
      const bytes = this.#socket.read(CHUNK);
      if (bytes === 'EAGAIN') {
        yield { on: [this.#socket.readable, this.closed] };
        continue;
      }
      if (typeof bytes === 'string' || bytes.length === 0) return this.close();
      text += decode(bytes);
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#receive(parse(line));
    }
  }

  #receive(message: Message | undefined): void {
    // Whoever speaks something else on this port is not one of us.
    if (!message) return this.close();
    const { id, method } = message;
    if (method === undefined) {
      const slot = this.#waiting.get(id ?? 0);
      if (!slot) return;
      slot.answer = message;
      slot.arrived.wake();
      return;
    }
    go(this.#engine.host.events, this.#handler(method, message.body, this), (result) => {
      if (id === undefined) return;
      this.#send(result instanceof Fault ? { id, fault: { code: result.code, message: result.message } } : { id, body: result ?? null });
    });
  }
}

function parse(line: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null ? (message as Message) : undefined;
  } catch {
    return undefined;
  }
}
