import type { Connection, Frame } from '../../engines/docker/api/connection.ts';
import type { OpenFile } from '../../host/file.ts';
import type { Process } from '../../host/process.ts';
import type { Signal } from '../../host/signal.ts';
import { RAW, type Termios, terminalOf, type Tty } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';

/** What a client does with its own terminal while it stands in for another machine's: pass every byte on, change none. */
const PASS_THROUGH: Readonly<Termios> = { ...RAW, onlcr: false };

/** How a stream is joined to the client's standard streams. */
export interface SessionOptions {
  stdin: boolean;
  tty: boolean;
  stdout: boolean;
  stderr: boolean;
  /** Tells the other side the size of the client's terminal. */
  resize?: (size: { columns: number; rows: number }) => Blocking<unknown>;
}

/**
 * Copies standard input to a connection and its frames to standard output and error, until the other side ends. With a terminal
 * the client's own is passed through, and follows its size; there ^P^Q leaves the other side alone and goes.
 *
 * @returns whether it was left so
 */
export function* converse(process: Process, connection: Connection, options: SessionOptions): Blocking<boolean> {
  const keys = new DetachKeys();
  const input = options.stdin ? process.fds.get(0) : undefined;
  const terminal = options.tty && options.stdin ? terminalOf(process.fds.get(0)) : undefined;
  const before = terminal && { ...terminal.termios };
  if (terminal) terminal.termios = { ...PASS_THROUGH };
  let resized = false;
  if (terminal)
    process.onSignal('SIGWINCH', () => {
      resized = true;
    });
  try {
    if (terminal && options.resize) yield* options.resize(sizeOf(terminal));
    let reading = input !== undefined;
    for (;;) {
      if (resized && terminal && options.resize) {
        resized = false;
        yield* options.resize(sizeOf(terminal));
      }
      const frame = connection.receive();
      if (frame === undefined) return false;
      if (frame !== 'EAGAIN') {
        yield* writeFrame(process, frame, options);
        continue;
      }
      if (reading && input) {
        const state = feed(connection, input, terminal ? keys : undefined);
        if (state === 'detached') {
          yield* process.write(2, 'read escape sequence\n');
          return true;
        }
        if (state === 'end') reading = false;
        if (state === 'more') continue;
      }
      yield { on: reading && input ? [connection.readable, input.readable] : [connection.readable] };
    }
  } finally {
    if (terminal && before) terminal.termios = before;
    if (terminal) process.onSignal('SIGWINCH', 'default');
    connection.close();
  }
}

const CTRL_P = 0x10;
const CTRL_Q = 0x11;

/** Watches for ^P^Q: a ^P is held back until the next key tells what it was. */
class DetachKeys {
  complete = false;
  #held = false;

  /** What goes to the other side. */
  filter(bytes: Uint8Array): Uint8Array {
    const passed: number[] = [];
    for (const byte of bytes) {
      if (this.#held && byte === CTRL_Q) {
        this.complete = true;
        break;
      }
      if (this.#held) passed.push(CTRL_P);
      this.#held = byte === CTRL_P && !this.#held;
      if (!this.#held) passed.push(byte);
    }
    return Uint8Array.from(passed);
  }
}

function sizeOf(terminal: Tty): { columns: number; rows: number } {
  return { columns: terminal.columns, rows: terminal.rows };
}

function feed(connection: Connection, input: OpenFile, keys: DetachKeys | undefined): 'more' | 'wait' | 'end' | 'detached' {
  const bytes = input.read(32_768);
  if (bytes === 'EAGAIN') return 'wait';
  if (typeof bytes === 'string' || bytes.length === 0) {
    connection.closeWrite();
    return 'end';
  }
  if (!keys) {
    connection.send(bytes.slice());
    return 'more';
  }
  const passed = keys.filter(bytes);
  if (passed.length > 0) connection.send(passed);
  return keys.complete ? 'detached' : 'more';
}

function* writeFrame(process: Process, frame: Frame, options: SessionOptions): Blocking<void> {
  const wanted = frame.source === 'stdout' ? options.stdout : options.stderr;
  if (wanted) yield* process.write(frame.source === 'stdout' ? 1 : 2, frame.bytes);
}

/** Signals that an attached `docker run` passes on to the container (`--sig-proxy`). */
const PROXIED: readonly Signal[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'];

/** After so many interrupts that the container ignored, the client gives up (docker/cli, cmd/docker). */
const PATIENCE = 3;

/**
 * Passes the client's signals on while it lives. A client that is interrupted three times leaves with status 1.
 *
 * @param send starts a request and doesn't wait for it
 */
export function proxySignals(process: Process, send: (signal: string) => void): void {
  let asked = 0;
  for (const signal of PROXIED) {
    process.onSignal(signal, () => {
      send(signal.slice('SIG'.length));
      if (signal !== 'SIGINT' && signal !== 'SIGTERM') return;
      asked++;
      if (asked < PATIENCE) return;
      process.fds.get(2)?.write(new Uint8Array([...'\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n'].map((c) => c.charCodeAt(0))));
      process.signal('SIGKILL');
    });
  }
}
