import { concat } from '../../base/bytes.ts';
import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import { type OpenStreamSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { encodeResponseHead, type HttpHeader, type HttpRequestHead, keepsAlive, parseRequestHead, requestBody } from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { HttpConnection } from '../http/connection.ts';
import { httpDate } from '../http/files.ts';
import { Tasks } from '../http/tasks.ts';

/** What a handler answers. */
export interface Answer {
  status: number;
  reason: string;
  headers?: HttpHeader[];
  body: Uint8Array;
}

export interface Asked {
  head: HttpRequestHead;
  body: Uint8Array;
  socket: OpenStreamSocket;
}

export type Handle = (asked: Asked) => Answer;

/** A connection without a request is closed after this long. */
const IDLE = 180 * SECOND;

/** An HTTP server in one process, with the headers that Go's has: for as long as the process lives. @returns only where it can't listen */
export function* serveHttp(process: Process, port: number, handle: Handle): Blocking<'EADDRINUSE' | undefined> {
  // One socket takes both families.
  const listener = openStreamSocket(process, 6);
  listener.options.reuseAddress = true;
  if (listener.bind(0n, port) ?? listener.listen(4096)) return 'EADDRINUSE';
  process.install(listener);
  process.onSignal('SIGPIPE', 'ignore');
  const tasks = new Tasks(process.host);
  tasks.add(
    (function* (): Blocking<void> {
      for (;;) {
        const socket = yield* listener.accept(process);
        if (typeof socket !== 'string') tasks.add(converse(process, socket, handle));
      }
    })(),
  );
  yield* tasks.run(() => false);
  return undefined;
}

function* converse(process: Process, socket: OpenStreamSocket, handle: Handle): Blocking<void> {
  const fd = process.install(socket);
  const connection = new HttpConnection(socket);
  try {
    for (;;) {
      const bytes = yield* connection.head(process.host.now + IDLE);
      if (bytes === undefined || typeof bytes === 'string') return;
      const head = parseRequestHead(bytes, 0, bytes.length);
      const length = isWireError(head) ? head : requestBody(head);
      if (isWireError(head) || isWireError(length)) {
        const bad = 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';
        yield* process.write(fd, bad);
        return;
      }
      const pieces: Uint8Array[] = [];
      yield* connection.body(length, function* (piece) {
        pieces.push(piece.slice());
        return undefined;
      });
      const answer = handle({ head, body: concat(pieces), socket });
      if (yield* process.write(fd, responseOf(process, head, answer))) return;
      if (!keepsAlive(head)) return;
    }
  } finally {
    process.close(fd);
  }
}

function responseOf(process: Process, head: HttpRequestHead, { status, reason, headers = [], body }: Answer): Uint8Array {
  const date = httpDate(EPOCH_SECONDS + Math.floor(process.host.now / SECOND));
  const own: HttpHeader[] = [
    ['Date', date],
    ['Content-Length', String(body.length)],
  ];
  if (!headers.some(([name]) => name === 'Content-Type')) own.push(['Content-Type', 'text/plain; charset=utf-8']);
  if (!keepsAlive(head)) own.push(['Connection', 'close']);
  // Go sends them by name, its own after the handler's.
  const sorted = [...headers].sort(([a], [b]) => (a < b ? -1 : 1));
  const encoded = encodeResponseHead({ version: 'HTTP/1.1', status, reason, headers: [...sorted, ...own] });
  return head.method === 'HEAD' ? encoded : concat([encoded, body]);
}

/** `:5678` or `5678`. */
export function portOf(text: string): number | undefined {
  const match = /^(?:[^:]*:)?(\d+)$/.exec(text);
  const port = Number(match?.[1]);
  return match && port <= 65_535 ? port : undefined;
}

/** Flags as Go's package flag reads them: `-name value`, `-name=value`, one dash or two. */
export function goFlags(args: readonly string[], known: readonly string[]): Map<string, string> | { error: string } {
  const values = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(args[i] as string);
    if (!match) return { error: `unexpected argument: ${args[i]}` };
    const name = match[1] as string;
    if (!known.includes(name)) return { error: `flag provided but not defined: -${name}` };
    const value = match[2] ?? args[++i];
    if (value === undefined) return { error: `flag needs an argument: -${name}` };
    values.set(name, value);
  }
  return values;
}
