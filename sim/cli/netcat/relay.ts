import type { Errno } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import { type OpenDatagramSocket, OpenStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { OpenUnixSocket } from '../../host/unix-socket.ts';
import type { Blocking } from '../../host/wait.ts';

export interface RelayOptions {
  /** Don't read standard input (-d). */
  detached: boolean;
  /** Shut the sending half down after standard input's end (-N). */
  shutdown: boolean;
  /** Leave this long after standard input's end (-q). */
  quit: Micros | undefined;
  /** Leave after this long without anything (-w). */
  idle: Micros | undefined;
  /** Wait this long after each line (-i). */
  interval: Micros | undefined;
  crlf: boolean;
  /** Leave after that many datagrams (-W). */
  limit: number | undefined;
}

/** Carries bytes between standard input and output and a socket, until both directions are done (OpenBSD netcat's readwrite). */
export function* relay(
  process: Process,
  fd: number,
  socket: OpenStreamSocket | OpenDatagramSocket | OpenUnixSocket,
  options: RelayOptions,
): Blocking<Errno | undefined> {
  const input = process.fds.get(0);
  const stream = socket instanceof OpenStreamSocket || (socket instanceof OpenUnixSocket && socket.socket.type === 'stream');
  let reading = !options.detached && input !== undefined;
  let networkOpen = true;
  let deadline: Micros | undefined;
  let received = 0;
  let held: Uint8Array = new Uint8Array(0);
  for (;;) {
    if (!networkOpen && (!reading || stream)) return undefined;
    let moved = false;
    if (networkOpen) {
      const bytes = socket.read(16_384);
      if (bytes === 'ECONNREFUSED' || bytes === 'ECONNRESET') return bytes;
      if (typeof bytes === 'string' && bytes !== 'EAGAIN') return bytes;
      if (typeof bytes !== 'string') {
        moved = true;
        if (bytes.length === 0 && stream) networkOpen = false;
        else {
          const failed = yield* process.write(1, bytes);
          if (failed) return failed;
          if (options.limit !== undefined && ++received >= options.limit) return undefined;
        }
      }
    }
    if (reading && input) {
      const bytes = held.length > 0 ? held : input.read(16_384);
      if (typeof bytes !== 'string' && bytes.length > 0) {
        moved = true;
        const line = options.interval === undefined ? bytes : bytes.subarray(0, bytes.indexOf(10) + 1 || bytes.length);
        held = bytes.subarray(line.length);
        const failed = yield* process.write(fd, options.crlf ? withCrLf(line) : line);
        if (failed) return failed;
        if (options.interval !== undefined) yield* process.sleep(options.interval);
      } else if (bytes !== 'EAGAIN') {
        reading = false;
        moved = true;
        if (options.shutdown && stream && 'shutdown' in socket) socket.shutdown('write');
        if (options.quit !== undefined) deadline = process.host.now + options.quit;
      }
    }
    if (moved) continue;
    const until = earliest(deadline, options.idle === undefined ? undefined : process.host.now + options.idle);
    const on = [...(networkOpen ? [socket.readable] : []), ...(reading && input ? [input.readable] : [])];
    const woken = yield until === undefined ? { on } : { on, until };
    if (woken === 'timeout') return undefined;
  }
}

function earliest(a: Micros | undefined, b: Micros | undefined): Micros | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** -C: a line feed goes out as CR LF. */
function withCrLf(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === 10) out.push(13);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
