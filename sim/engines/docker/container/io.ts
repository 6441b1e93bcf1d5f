import type { OpenFile } from '../../../host/file.ts';
import { makePipe } from '../../../host/pipe.ts';
import { Tty } from '../../../host/tty.ts';
import { type Blocking, WaitQueue } from '../../../host/wait.ts';
import type { Connection, Frame } from '../api/connection.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import type { Terminals } from './filesystem.ts';
import type { Log } from './log.ts';

/** How a process of a container is wired. */
export interface IoOptions {
  tty: boolean;
  /** Keep standard input open; without it the process reads the end of the file. */
  stdin: boolean;
  /** Close standard input when the first client that feeds it has no more (`StdinOnce`). */
  stdinOnce: boolean;
  log?: Log;
  terminals: Terminals;
}

/** The standard streams of a process in a container: pipes or a terminal on its side, connections of clients on the other. */
export class ProcessIo {
  readonly tty: Tty | undefined;
  /** Descriptors 0 to 2 of the process; the process's copies hold them. */
  readonly fds: Map<number, OpenFile>;
  /** Woken when the last output has been read. */
  readonly finished = new WaitQueue();
  readonly #engine: Engine;
  readonly #options: IoOptions;
  readonly #connections = new Set<Connection>();
  #stdin: OpenFile | undefined;
  #pumps = 0;

  constructor(engine: Engine, options: IoOptions) {
    this.#engine = engine;
    this.#options = options;
    if (options.tty) {
      this.tty = this.#newTerminal();
      this.fds = new Map([0, 1, 2].map((fd) => [fd, (this.tty as Tty).slave]));
    } else this.fds = this.#newPipes();
  }

  #newTerminal(): Tty {
    const { terminals } = this.#options;
    let number = 0;
    while (terminals.has(number)) number++;
    const tty = new Tty(this.#engine.host, number);
    terminals.set(number, tty);
    tty.onOutput = (bytes) => this.#deliver({ source: 'stdout', bytes });
    return tty;
  }

  #newPipes(): Map<number, OpenFile> {
    const { host } = this.#engine;
    const [input, out, err] = [makePipe(host.nextPipeNumber()), makePipe(host.nextPipeNumber()), makePipe(host.nextPipeNumber())];
    for (const end of [input.writer, out.reader, err.reader]) end.hold();
    if (this.#options.stdin) this.#stdin = input.writer;
    this.#pump('stdout', out.reader);
    this.#pump('stderr', err.reader);
    const stdin = this.#options.stdin ? input.reader : this.#engine.nullFile();
    if (!this.#options.stdin) input.writer.release();
    return new Map([
      [0, stdin],
      [1, out.writer],
      [2, err.writer],
    ]);
  }

  get drained(): boolean {
    return this.#pumps === 0;
  }

  /** Sends a client what the process writes from now on, and the process what the client writes. */
  attach(connection: Connection, streams: { stdin: boolean; output: boolean }): void {
    if (streams.output) this.#connections.add(connection);
    if (streams.stdin && (this.tty || this.#stdin)) go(this.#engine.host.events, this.#feed(connection));
  }

  /** The process is gone: its clients read the end. */
  close(time: number): void {
    this.#options.log?.finish(time);
    for (const connection of this.#connections) connection.end();
    this.#connections.clear();
    this.#closeStdin();
    if (!this.tty) return;
    this.tty.hungUp = true;
    this.#options.terminals.delete(this.tty.number);
  }

  #closeStdin(): void {
    this.#stdin?.release();
    this.#stdin = undefined;
  }

  #pump(source: Frame['source'], reader: OpenFile): void {
    this.#pumps++;
    go(this.#engine.host.events, this.#copy(source, reader), () => {
      reader.release();
      this.#pumps--;
      if (this.#pumps === 0) this.finished.wake();
    });
  }

  *#copy(source: Frame['source'], reader: OpenFile): Blocking<void> {
    for (;;) {
      const full = [...this.#connections].filter((connection) => !connection.hasRoom);
      if (full.length > 0) {
        // The process blocks when its client doesn't read, as its pipe fills up behind us.
        yield { on: full.map((connection) => connection.clientActed) };
        continue;
      }
      const bytes = reader.read(32_768);
      if (bytes === 'EAGAIN') yield { on: [reader.readable] };
      else if (typeof bytes === 'string' || bytes.length === 0) return;
      else this.#deliver({ source, bytes: bytes.slice() });
    }
  }

  #deliver(frame: Frame): void {
    this.#options.log?.write(this.#engine.host.now, frame);
    for (const connection of this.#connections) {
      if (connection.closedByClient) this.#connections.delete(connection);
      else connection.push(frame);
    }
  }

  *#feed(connection: Connection): Blocking<void> {
    for (;;) {
      const bytes = connection.takeInput();
      if (bytes === 'EAGAIN') yield { on: [connection.clientActed] };
      else if (bytes === undefined) break;
      else if (this.tty) this.tty.input(bytes);
      else if (!(yield* this.#writeStdin(bytes))) break;
    }
    if (this.#options.stdinOnce) this.#closeStdin();
  }

  *#writeStdin(bytes: Uint8Array): Blocking<boolean> {
    let rest = bytes;
    while (rest.length > 0) {
      const count = this.#stdin?.write(rest) ?? 'EPIPE';
      if (count === 'EAGAIN') yield { on: [(this.#stdin as OpenFile).writable] };
      else if (typeof count === 'string') return false;
      else rest = rest.subarray(count);
    }
    return true;
  }
}
