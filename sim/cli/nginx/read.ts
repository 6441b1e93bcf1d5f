import { concat, decode } from '../../base/bytes.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { encode } from '../../base/bytes.ts';
import { headerHas, headerValue, type HttpRequestHead, keepsAlive, parseRequestHead, requestBody } from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { HttpConnection } from '../http/connection.ts';
import { chooseServer, findLocation } from './choose.ts';
import { parseSize } from './directives.ts';
import { pageReply, type Reply } from './reply.ts';
import { Request } from './request.ts';
import type { Scope } from './scope.ts';
import { parseTarget } from './uri.ts';
import type { Worker } from './worker.ts';

interface Facts {
  client: Endpoint;
  local: Endpoint;
  connection: number;
  /** Of this socket, the default one first. */
  servers: readonly Scope[];
  until: number;
}

/** Reads a request with its body. `undefined` when the client has gone or waits too long; `refusal` answers a bad one. */
export function* readRequest(
  worker: Worker,
  connection: HttpConnection,
  facts: Facts,
): Blocking<{ request: Request; refusal?: Reply } | undefined> {
  const bytes = yield* connection.head(facts.until, 32_768);
  if (bytes === undefined || typeof bytes === 'string') return undefined;
  const text = decode(bytes).replace(/^(\r?\n)+/, '');
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  const head = parseRequestHead(bytes, 0, bytes.length);
  const server = facts.servers[0] as Scope;
  const parts = { worker, line, client: facts.client, local: facts.local, connection: facts.connection, started: worker.now, server };
  const bad = (status: number, known: HttpRequestHead = { method: 'GET', target: '/', version: 'HTTP/1.1', headers: [] }) => {
    const request = new Request({ ...parts, head: known });
    request.requestLength = bytes.length;
    request.close = true;
    return { request, refusal: pageReply(request, status) };
  };
  const newer = /^\S+ \S+ HTTP\/([2-9])\.\d$/.exec(line);
  if (newer) return bad(505);
  if (isWireError(head) || !/^[A-Z_-]+$/.test(head.method)) return bad(400);
  const request = new Request({ ...parts, head });
  request.requestLength = bytes.length;
  const status = prepare(request, facts.servers);
  if (status) {
    request.close = true;
    // A request that is no request has no headers in the log.
    return status === 400 ? bad(400) : { request, refusal: pageReply(request, status) };
  }
  const refused = yield* readBody(worker, connection, request);
  return refused === undefined ? { request } : refused === 'gone' ? undefined : { request, refusal: refused };
}

const HOST = /^([A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9a-fA-F:.]+\])(:\d*)?$/;

/** Checks and takes apart what the head says. @returns the status of a refusal */
function prepare(request: Request, servers: readonly Scope[]): number | undefined {
  const { head } = request;
  const target = parseTarget(head.target, request.server.on('merge_slashes', true));
  if (!target) return 400;
  const hosts = head.headers.filter(([name]) => name.toLowerCase() === 'host');
  const host = target.host ?? hosts[0]?.[1];
  if (hosts.length > 1 || (host === undefined && head.version === 'HTTP/1.1')) return 400;
  if (host !== undefined && host !== '' && !HOST.test(host)) return 400;
  request.uri = target.uri;
  request.args = target.args;
  request.host = (host ?? '').replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
  request.server = chooseServer(request, servers);
  request.scope = request.server;
  if (!keepsAlive(head)) request.close = true;
  const encodings = headerValue(head.headers, 'Transfer-Encoding');
  if (encodings !== undefined && encodings.toLowerCase() !== 'chunked') return 501;
  if (isWireError(requestBody(head))) return 400;
  return head.method === 'TRACE' || head.method === 'CONNECT' ? 405 : undefined;
}

/** Reads the body whole, as far as the location lets it be. */
function* readBody(worker: Worker, connection: HttpConnection, request: Request): Blocking<Reply | 'gone' | undefined> {
  const length = requestBody(request.head);
  if (isWireError(length) || length === 0 || length === 'close') return undefined;
  const location = findLocation(request, request.server);
  const limit = parseSize(location.value('client_max_body_size') ?? '1m') ?? 1_048_576;
  const tooLarge = (bytes: number): Reply => {
    worker.log('error', `client intended to send too large ${length === 'chunked' ? 'chunked ' : ''}body: ${bytes} bytes`, request);
    request.close = true;
    request.scope = location;
    return pageReply(request, 413);
  };
  if (limit > 0 && typeof length === 'number' && length > limit) return tooLarge(length);
  if (headerHas(request.head.headers, 'Expect', '100-continue') && request.head.version === 'HTTP/1.1')
    connection.socket.write(encode('HTTP/1.1 100 Continue\r\n\r\n'));
  const pieces: Uint8Array[] = [];
  let total = 0;
  const missing = yield* connection.body(
    length,
    function* (bytes) {
      pieces.push(bytes.slice());
      total += bytes.length;
      return limit > 0 && total > limit ? 'EMSGSIZE' : undefined;
    },
    worker.now + 60_000_000,
  );
  if (missing === 'EMSGSIZE') return tooLarge(total);
  if (missing !== 0) return 'gone';
  request.body = concat(pieces);
  request.requestLength += total;
  return undefined;
}
