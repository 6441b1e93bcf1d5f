import { concat, decode, encode } from '../../../base/bytes.ts';
import { momentOf, strftime } from '../../../base/calendar.ts';
import { percentDecode } from '../../../base/percent.ts';
import type { OpenUnixSocket } from '../../../host/unix-socket.ts';
import type { Blocking } from '../../../host/wait.ts';
import * as http from '../../../wire/http.ts';
import { ChunkedReader, encodeChunk, LAST_CHUNK } from '../../../wire/http-chunked.ts';
import { isWireError } from '../../../wire/wire-error.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import type { Connection, Frame } from './connection.ts';
import type { ApiRequest, ApiResponse } from './message.ts';

/** The versions of the Engine API that this engine speaks. */
const LEAST = '1.24';
const MOST = '1.51';

/** Takes HTTP requests at /var/run/docker.sock, as curl and other clients than `docker` send them. */
export function serveHttp(engine: Engine, listener: OpenUnixSocket): void {
  go(engine.host.events, acceptAll(engine, listener));
}

function* acceptAll(engine: Engine, listener: OpenUnixSocket): Blocking<void> {
  for (;;) {
    const socket = yield* listener.accept(engine.daemon);
    if (typeof socket === 'string') return;
    const fd = engine.daemon.install(socket);
    go(engine.host.events, serve(engine, socket), () => engine.daemon.close(fd));
  }
}

/** One connection: requests one after the other. */
function* serve(engine: Engine, socket: OpenUnixSocket): Blocking<void> {
  const input = new Input(socket);
  for (;;) {
    const head = yield* input.head();
    if (!head) return;
    const request = http.parseRequestHead(head, 0, head.length);
    if (isWireError(request)) {
      const bad = 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';
      yield* send(socket, encode(bad));
      return;
    }
    const length = http.requestBody(request);
    const body = isWireError(length) ? undefined : yield* input.body(length);
    if (!body) return;
    const response = yield* answer(engine, request, body);
    if (!(yield* reply(engine, socket, request, response))) return;
    if (!http.keepsAlive(request)) return;
  }
}

/** Reads what a client sends. */
class Input {
  readonly #socket: OpenUnixSocket;
  #held: Uint8Array = new Uint8Array(0);

  constructor(socket: OpenUnixSocket) {
    this.#socket = socket;
  }

  *#more(): Blocking<boolean> {
    for (;;) {
      const bytes = this.#socket.read(65_536);
      if (bytes === 'EAGAIN') {
        yield { on: [this.#socket.readable] };
        continue;
      }
      if (typeof bytes === 'string' || bytes.length === 0) return false;
      this.#held = concat([this.#held, bytes]);
      return true;
    }
  }

  /** `undefined` at the end. */
  *head(): Blocking<Uint8Array | undefined> {
    for (;;) {
      const end = http.headEnd(this.#held, 0, this.#held.length);
      if (end >= 0) {
        const head = this.#held.subarray(0, end);
        this.#held = this.#held.slice(end);
        return head;
      }
      if (!(yield* this.#more())) return undefined;
    }
  }

  *body(length: http.BodyLength): Blocking<Uint8Array | undefined> {
    if (length === 'chunked') {
      const reader = new ChunkedReader();
      const parts: Uint8Array[] = [];
      for (;;) {
        const plain = reader.push(this.#held);
        this.#held = new Uint8Array(0);
        if (isWireError(plain)) return undefined;
        parts.push(plain);
        if (reader.done) break;
        if (!(yield* this.#more())) return undefined;
      }
      this.#held = reader.rest;
      return concat(parts);
    }
    const wanted = length === 'close' ? 0 : length;
    while (this.#held.length < wanted) if (!(yield* this.#more())) return undefined;
    const body = this.#held.slice(0, wanted);
    this.#held = this.#held.slice(wanted);
    return body;
  }
}

function* send(socket: OpenUnixSocket, bytes: Uint8Array): Blocking<boolean> {
  let rest = bytes;
  while (rest.length > 0) {
    const count = socket.write(rest);
    if (count === 'EAGAIN') yield { on: [socket.writable] };
    else if (typeof count === 'string') return false;
    else rest = rest.subarray(count);
  }
  return true;
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

function older(a: string, b: string): boolean {
  const [one = 0, two = 0] = a.split('.').map(Number);
  const [three = 0, four = 0] = b.split('.').map(Number);
  return one !== three ? one < three : two < four;
}

/** What is answered before a route is looked for: versions, bodies that aren't JSON. */
function* answer(engine: Engine, { method, target, headers }: http.HttpRequestHead, bytes: Uint8Array): Blocking<ApiResponse> {
  const path = target.replace(/^https?:\/\/[^/]*/, '').replace(/\?.*/s, '');
  const version = /^\/v([0-9.]+)\//.exec(path)?.[1];
  if (version !== undefined && older(version, LEAST)) {
    const text = `client version ${version} is too old. Minimum supported API version is ${LEAST}, please upgrade your client to a newer version`;
    return { status: 400, bytes: encode(`${text}\n`), headers: { 'Content-Type': 'text/plain; charset=utf-8' } };
  }
  if (version !== undefined && older(MOST, version))
    return { status: 400, json: { message: `client version ${version} is too new. Maximum supported API version is ${MOST}` } };
  if (!METHODS.includes(method)) return { status: 405, json: { message: 'method not allowed' } };
  let body: unknown;
  const type = http.headerValue(headers, 'Content-Type') ?? '';
  const archive = /\/(build|archive|images\/load|images\/create)$/.test(path);
  if (bytes.length > 0 && archive) body = bytes;
  else if (bytes.length > 0) {
    if (type.split(';')[0]?.trim() !== 'application/json')
      return { status: 400, json: { message: `unsupported Content-Type header (${type}): must be 'application/json'` } };
    const text = decode(bytes);
    try {
      body = JSON.parse(text);
    } catch {
      return { status: 400, json: { message: `invalid JSON: ${jsonComplaint(text)}` } };
    }
  }
  const query: Record<string, string> = {};
  const question = target.indexOf('?');
  for (const pair of question < 0 ? [] : target.slice(question + 1).split('&')) {
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    if (name !== '') query[form(name)] = form(value);
  }
  const exchange = engine.request({ method: method as ApiRequest['method'], path, query, ...(body === undefined ? {} : { body }) });
  while (!exchange.response) yield { on: [exchange.answered] };
  return exchange.response;
}

function form(text: string): string {
  return percentDecode(text.replaceAll('+', ' '));
}

/** Go's words for the commonest mistakes (encoding/json). */
function jsonComplaint(text: string): string {
  const first = text.trimStart();
  if (!/^[{["0-9tfn-]/.test(first)) return `invalid character '${first[0] ?? ''}' looking for beginning of value`;
  const inside = /^\{\s*([^"}\s])/.exec(first)?.[1];
  if (inside !== undefined) return `invalid character '${inside}' looking for beginning of object key string`;
  return 'unexpected EOF';
}

const REASONS: Readonly<Record<number, string>> = {
  101: 'UPGRADED',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/** Writes the answer; false when the connection ends with it. */
function* reply(engine: Engine, socket: OpenUnixSocket, request: http.HttpRequestHead, response: ApiResponse): Blocking<boolean> {
  const { status, connection } = response;
  const date = strftime('%a, %d %b %Y %H:%M:%S GMT', momentOf(engine.host.now));
  const unknown = status === 404 && (response.json as { message?: string })?.message === 'page not found';
  const own: Record<string, string> = unknown
    ? {}
    : { 'Api-Version': MOST, 'Docker-Experimental': 'false', Ostype: 'linux', Server: 'Docker/28.5.2 (linux)' };
  const ping = request.target.replace(/\?.*/, '').endsWith('/_ping');
  if (ping)
    Object.assign(own, {
      'Builder-Version': '2',
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
      Swarm: engine.swarm.state,
    });
  const empty = request.method === 'HEAD';
  let body = response.bytes ?? (response.json === undefined ? new Uint8Array(0) : encode(`${JSON.stringify(response.json)}\n`));
  if (ping) body = encode('OK');
  const type = ping ? 'text/plain; charset=utf-8' : response.json === undefined ? undefined : 'application/json';
  Object.assign(own, response.headers);
  const late: http.HttpHeader[] = [['Date', date]];
  if (connection) {
    own['Content-Type'] ??= 'application/vnd.docker.multiplexed-stream';
    if (status === 101) late.push(['Connection', 'Upgrade'], ['Upgrade', 'tcp']);
    else late.push(['Transfer-Encoding', 'chunked']);
  } else if (status !== 204 && status !== 304) {
    if (ping && !empty) late.push(['Content-Length', String(body.length)], ['Content-Type', type ?? '']);
    else {
      if (type !== undefined) own['Content-Type'] ??= type;
      if (empty) own['Content-Length'] = '0';
      else late.push(['Content-Length', String(body.length)]);
    }
  }
  const headers = [...Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)), ...late] as http.HttpHeader[];
  const head = http.encodeResponseHead({ version: request.version, status, reason: REASONS[status] ?? '', headers });
  if (!(yield* send(socket, head))) return false;
  if (connection) return yield* stream(engine, socket, connection, status !== 101);
  return empty || status === 204 || status === 304 || (yield* send(socket, body));
}

/** A stream of frames, each behind its header of eight bytes: the source and the length. */
function* stream(engine: Engine, socket: OpenUnixSocket, connection: Connection, chunked: boolean): Blocking<boolean> {
  if (!chunked) go(engine.host.events, pump(socket, connection));
  for (;;) {
    const frame = connection.receive();
    if (frame === undefined) break;
    if (frame === 'EAGAIN') {
      if (socket.poll().hup && chunked) {
        connection.close();
        return false;
      }
      yield { on: [connection.readable, ...(chunked ? [socket.readable] : [])] };
      continue;
    }
    const bytes = framed(frame);
    if (!(yield* send(socket, chunked ? encodeChunk(bytes) : bytes))) {
      connection.close();
      return false;
    }
  }
  return chunked ? yield* send(socket, LAST_CHUNK) : false;
}

function framed({ source, bytes }: Frame): Uint8Array {
  const { length } = bytes;
  const header = Uint8Array.of(
    source === 'stdout' ? 1 : 2,
    0,
    0,
    0,
    length >>> 24,
    (length >>> 16) & 255,
    (length >>> 8) & 255,
    length & 255,
  );
  return concat([header, bytes]);
}

/** What the client of a hijacked connection types. */
function* pump(socket: OpenUnixSocket, connection: Connection): Blocking<void> {
  for (;;) {
    const bytes = socket.read(65_536);
    if (bytes === 'EAGAIN') yield { on: [socket.readable] };
    else if (typeof bytes === 'string' || bytes.length === 0) return connection.closeWrite();
    else connection.send(bytes);
  }
}
