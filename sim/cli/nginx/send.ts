import { concat, encode } from '../../base/bytes.ts';
import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import type { Blocking } from '../../host/wait.ts';
import { encodeResponseHead, type HttpHeader } from '../../wire/http.ts';
import { httpDate } from '../http/files.ts';
import { conditional, ranged } from './filters.ts';
import { reasonOf, VERSION } from './pages.ts';
import { pageReply, type Reply } from './reply.ts';
import type { Request } from './request.ts';

/** Statuses that `add_header` without `always` is for. */
const ADDED = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308]);

/** Sends an answer: conditions and ranges, the head in the header filter's order, the body as it comes. */
export function* send(request: Request, fd: number, answered: Reply): Blocking<void> {
  const { worker } = request;
  const withPage = answered.location !== undefined && !answered.body ? { ...pageReply(request, answered.status), ...answered } : answered;
  const reply = ranged(request, conditional(request, withPage));
  request.status = reply.status;
  if (reply.drop) {
    request.close = true;
    return;
  }
  const bodiless = reply.status === 204 || reply.status === 304 || reply.status < 200;
  const noBody = request.method === 'HEAD' || bodiless;
  const modern = request.head.version !== 'HTTP/1.0';
  const chunked = !bodiless && reply.length === undefined && reply.body !== undefined && modern;
  if (!bodiless && reply.length === undefined && !modern) request.close = true;
  const headers = headersOf(request, reply, { chunked, bodiless });
  request.sentHeaders = headers;
  const reason = reasonOf(reply.status);
  const head = encodeResponseHead({ version: 'HTTP/1.1', status: reply.status, reason, headers });
  const write = function* (bytes: Uint8Array): Blocking<boolean> {
    const failed = yield* worker.process.write(fd, bytes);
    if (!failed) request.bytesSent += bytes.length;
    else request.close = true;
    return !failed;
  };
  if (noBody || !reply.body) {
    yield* write(head);
    if (noBody && typeof reply.body === 'function' && request.method === 'HEAD') yield* discard(reply);
    return;
  }
  if (typeof reply.body !== 'function') {
    if (yield* write(concat([head, reply.body]))) request.bodyBytesSent = reply.body.length;
    return;
  }
  if (!(yield* write(head))) return yield* discard(reply);
  const before = request.bytesSent;
  let sent = 0;
  yield* reply.body(function* (bytes) {
    sent += bytes.length;
    return yield* write(chunked ? concat([encode(`${bytes.length.toString(16)}\r\n`), bytes, encode('\r\n')]) : bytes);
  });
  if (chunked) yield* write(encode('0\r\n\r\n'));
  if (reply.length !== undefined && sent < reply.length) request.close = true;
  request.bodyBytesSent = request.bytesSent - before;
}

const REFUSE = function* (): Blocking<boolean> {
  return false;
};

/** Ends a body that nobody wants, so that its connection is closed. */
function* discard(reply: Reply): Blocking<void> {
  if (typeof reply.body === 'function') yield* reply.body(REFUSE);
}

function headersOf(request: Request, reply: Reply, { chunked, bodiless }: { chunked: boolean; bodiless: boolean }): HttpHeader[] {
  const { worker } = request;
  const now = EPOCH_SECONDS + Math.floor(worker.now / SECOND);
  const headers: HttpHeader[] = [
    ['Server', request.scope.on('server_tokens', true) ? `nginx/${VERSION}` : 'nginx'],
    ['Date', httpDate(now)],
  ];
  const keep = keepAlive(request);
  if (reply.type !== undefined && reply.status !== 304 && reply.status !== 204) headers.push(['Content-Type', reply.type]);
  if (!bodiless && reply.length !== undefined) headers.push(['Content-Length', String(reply.length)]);
  const modified = reply.lastModified ?? (reply.modified === undefined ? undefined : httpDate(reply.modified));
  if (modified !== undefined && [200, 206, 304].includes(reply.status)) headers.push(['Last-Modified', modified]);
  if (reply.location !== undefined) headers.push(['Location', absolute(request, reply.location)]);
  if (chunked) headers.push(['Transfer-Encoding', 'chunked']);
  headers.push(['Connection', keep ? 'keep-alive' : 'close']);
  const timeout =
    request.scope.values.get('keepalive_timeout')?.[1] ?? request.scope.nearest((scope) => scope.values.get('keepalive_timeout'))?.[1];
  if (keep && timeout) headers.push(['Keep-Alive', `timeout=${timeout.replace(/s$/, '')}`]);
  headers.push(...reply.headers);
  for (const { name, value, always } of request.scope.nearest((scope) => scope.headers) ?? []) {
    const text = always || ADDED.has(reply.status) ? request.expand(value) : '';
    if (text !== '') headers.push([name, text]);
  }
  headers.push(...expires(request, reply, now));
  if (reply.ranges && reply.status === 200) headers.push(['Accept-Ranges', 'bytes']);
  return headers;
}

/** Whether the connection stays open; deciding it for good. */
function keepAlive(request: Request): boolean {
  const timeout = request.scope.value('keepalive_timeout');
  if (timeout !== undefined && /^0\D*$/.test(timeout)) request.close = true;
  if (request.worker.quitting) request.close = true;
  return !request.close;
}

function expires(request: Request, reply: Reply, now: number): HttpHeader[] {
  const value = request.scope.nearest((scope) => scope.values.get('expires'))?.[0];
  if (value === undefined || value === 'off' || !ADDED.has(reply.status)) return [];
  if (value === 'epoch')
    return [
      ['Expires', 'Thu, 01 Jan 1970 00:00:01 GMT'],
      ['Cache-Control', 'no-cache'],
    ];
  if (value === 'max')
    return [
      ['Expires', 'Thu, 31 Dec 2037 23:55:55 GMT'],
      ['Cache-Control', 'max-age=315360000'],
    ];
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, M: 2_592_000, y: 31_536_000 };
  const match = /^(-?)(\d+)([smhdwMy]?)$/.exec(value);
  if (!match) return [];
  const seconds = Number(match[2]) * (units[match[3] || 's'] ?? 1) * (match[1] ? -1 : 1);
  return [
    ['Expires', httpDate(now + seconds)],
    ['Cache-Control', seconds < 0 ? 'no-cache' : `max-age=${seconds}`],
  ];
}

/** A path as a whole URL (`absolute_redirect`): the host as the client named it, the port of the socket. */
function absolute(request: Request, location: string): string {
  if (!location.startsWith('/') || location.startsWith('//') || !request.scope.on('absolute_redirect', true)) return location;
  const byName = request.scope.on('server_name_in_redirect', false) && request.server.names.length > 0;
  const host = byName ? request.valueOf('server_name') : request.host || request.valueOf('server_addr');
  const port = request.scope.on('port_in_redirect', true) && request.local.port !== 80 ? `:${request.local.port}` : '';
  return `http://${host}${port}${location}`;
}
