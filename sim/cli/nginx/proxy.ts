import { concat } from '../../base/bytes.ts';
import { ERRNO, type Errno, strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import { openStreamSocket } from '../../host/inet-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import {
  type BodyLength,
  encodeRequestHead,
  headerValue,
  type HttpHeader,
  type HttpResponseHead,
  parseResponseHead,
  responseBody,
} from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { HttpConnection } from '../http/connection.ts';
import { resolveName } from '../name-resolution.ts';
import { addressText, splitHostPort } from './address.ts';
import type { Outcome } from './content.ts';
import { parseTime } from './directives.ts';
import type { Reply } from './reply.ts';
import type { Request, Try } from './request.ts';
import type { ProxyPass } from './scope.ts';
import { choosePeer, makePeer, type Peer, settlePeer, type UpstreamDefinition } from './upstream.ts';
import { escapeUri } from './uri.ts';

/** A group of servers for one request. */
interface Destination {
  upstream: UpstreamDefinition;
  host: string;
  /** The request target. */
  target: string;
}

/** Why a try failed, with what `proxy_next_upstream` calls it. */
type Failure = { kind: 'error' | 'timeout' | 'invalid_header'; status: 502 | 504 };

/** Passes a request on (ngx_http_proxy_module.c): to one server after another until one answers. */
export function* proxy(request: Request, pass: ProxyPass): Blocking<Outcome> {
  const destination = yield* destinationOf(request, pass);
  if (!destination) return { page: 502 };
  request.passing = { host: destination.host };
  const tried = new Set<Peer>();
  const words = (request.scope.nearest((scope) => scope.values.get('proxy_next_upstream')) ?? ['error', 'timeout']) as readonly string[];
  const most = Number(request.scope.value('proxy_next_upstream_tries') ?? 0) || Number.POSITIVE_INFINITY;
  for (;;) {
    const peer = choosePeer(destination.upstream, {
      now: request.worker.now,
      client: request.client.address,
      key: destination.upstream.key ? request.expand(destination.upstream.key) : '',
      random: request.worker.random(`upstream/${request.connection}/${request.tries.length}`),
      tried,
    });
    if (!peer) {
      if (request.tries.length === 0 || tried.size === 0) {
        request.worker.log(
          'error',
          `no live upstreams while connecting to upstream${context(request, destination, undefined)}`,
          undefined,
          request.connection,
        );
        request.tries.push({ address: destination.upstream.name, status: 502, connected: undefined, took: 0 });
      }
      return { page: request.tries.at(-1)?.status ?? 502 };
    }
    tried.add(peer);
    peer.connections++;
    const result = yield* attempt(request, destination, peer);
    const failed = 'kind' in result;
    const code = failed ? undefined : result.head.status;
    const retry = failed ? words.includes(result.kind) : words.includes(`http_${code}`);
    const idempotent = !['POST', 'LOCK', 'PATCH'].includes(request.method) || words.includes('non_idempotent');
    const more = tried.size < Math.min(most, destination.upstream.peers.length);
    const next = retry && more && !words.includes('off') && (idempotent || (failed && request.tries.at(-1)?.connected === undefined));
    if (settlePeer(destination.upstream, peer, failed || (retry && code !== 404 && code !== 403), request.worker.now) && failed)
      request.worker.log(
        'warn',
        `upstream server temporarily disabled while connecting to upstream${context(request, destination, peer)}`,
        undefined,
        request.connection,
      );
    if (next) {
      if (!failed) result.close();
      continue;
    }
    if (failed) return { page: result.status };
    if (result.head.status >= 300 && request.scope.on('proxy_intercept_errors', false) && request.scope.nearest((s) => s.errorPages)) {
      result.close();
      return { page: result.head.status };
    }
    return reply(request, pass, destination, result);
  }
}

/** What the log says of a request that is being passed on. */
function context(request: Request, { target, host }: Destination, peer: Peer | undefined): string {
  const where = peer ? addressText(peer) : host;
  return `${request.worker.client(request)}, upstream: "http://${where}${target}"${request.worker.hostText(request)}`;
}

function* destinationOf(request: Request, pass: ProxyPass): Blocking<Destination | undefined> {
  const args = request.args === '' ? '' : `?${request.args}`;
  if (!pass.template) {
    const location = request.scope.nearest((scope) => (scope.context === 'location' ? scope : undefined));
    const changed = request.internal || request.redirects > 0;
    const plain = changed || request.head.target.startsWith('http') ? `${escapeUri(request.uri)}${args}` : request.head.target;
    const target = pass.path === undefined ? plain : `${pass.path}${escapeUri(request.uri.slice(location?.path.length ?? 0))}${args}`;
    return { upstream: pass.upstream as UpstreamDefinition, host: pass.host, target };
  }
  const url = request.expand(pass.template);
  const match = /^http:\/\/([^/?]+)(\/.*)?$/s.exec(url);
  if (!match) {
    request.worker.log('error', `invalid URL prefix in "${url}"`, request);
    return undefined;
  }
  const authority = match[1] as string;
  const target = match[2] ?? request.head.target;
  const known = request.worker.upstream(authority);
  if (known) return { upstream: known, host: authority, target };
  const { host, port } = splitHostPort(authority);
  const resolved = typeof port === 'string' ? 'EAI_NONAME' : yield* resolveName(request.worker.process, host);
  if (typeof resolved === 'string' || typeof port === 'string') {
    request.worker.log('error', `${host} could not be resolved (3: Host not found)`, request);
    return undefined;
  }
  if (!resolved.numeric && !request.scope.nearest((scope) => scope.values.get('resolver'))) {
    request.worker.log('error', `no resolver defined to resolve ${host}`, request);
    return undefined;
  }
  const peers = resolved.addresses.map((address) => makePeer(address, port ?? 80));
  return { upstream: { name: authority, implicit: true, method: 'round-robin', key: undefined, peers }, host: authority, target };
}

interface Answered {
  head: HttpResponseHead;
  connection: HttpConnection;
  length: BodyLength;
  close: () => void;
}

function* attempt(request: Request, destination: Destination, peer: Peer): Blocking<Answered | Failure> {
  const { worker } = request;
  const began = worker.now;
  const record: Try = { address: addressText(peer), status: undefined, connected: undefined, took: 0 };
  request.tries.push(record);
  worker.shared.connections++;
  const socket = openStreamSocket(worker.process, typeof peer.address === 'bigint' ? 6 : 4);
  const fd = worker.process.install(socket);
  const fail = (kind: Failure['kind'], message: string): Failure => {
    worker.process.close(fd);
    record.took = worker.now - began;
    record.status = kind === 'timeout' ? 504 : 502;
    worker.log('error', `${message}${context(request, destination, peer)}`, undefined, request.connection);
    return { kind, status: record.status as 502 };
  };
  const timeout = (name: string): number => worker.now + (parseTime(request.scope.value(name) ?? '60') ?? 60) * SECOND;
  const timedOut = (doing: string): Failure => fail('timeout', `upstream timed out (110: Connection timed out) while ${doing}`);
  const refused = yield* socket.connect(peer.address, peer.port, timeout('proxy_connect_timeout'));
  if (refused === 'EINPROGRESS') return timedOut('connecting to upstream');
  if (refused) return fail('error', `connect() failed (${ERRNO[refused]}: ${strerror(refused)}) while connecting to upstream`);
  record.connected = worker.now - began;
  const sent = yield* worker.process.write(fd, concat([encodeRequestHead(requestHead(request, destination)), request.body]));
  if (sent) return fail('error', `writev() failed (${ERRNO[sent]}: ${strerror(sent)}) while sending request to upstream`);
  const connection = new HttpConnection(socket);
  const head = yield* responseHead(connection, timeout('proxy_read_timeout'));
  record.took = worker.now - began;
  if (head === 'ETIMEDOUT') return timedOut('reading response header from upstream');
  if (head === undefined) return fail('error', 'upstream prematurely closed connection while reading response header from upstream');
  if (head === 'invalid')
    return fail('invalid_header', 'upstream sent no valid HTTP/1.0 header while reading response header from upstream');
  if (typeof head === 'string')
    return fail('error', `recv() failed (${ERRNO[head]}: ${strerror(head)}) while reading response header from upstream`);
  record.status = head.status;
  const length = responseBody(head, request.method);
  return { head, connection, length: isWireError(length) ? 'close' : length, close: () => void worker.process.close(fd) };
}

function* responseHead(connection: HttpConnection, until: number): Blocking<HttpResponseHead | Errno | 'invalid' | undefined> {
  for (;;) {
    const bytes = yield* connection.head(until);
    if (bytes === undefined || typeof bytes === 'string') return bytes;
    const head = parseResponseHead(bytes, 0, bytes.length);
    if (isWireError(head)) return 'invalid';
    if (head.status >= 200 || head.status === 101) return head;
  }
}

/** Headers of the client that are never passed on as they are. */
const REPLACED = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'te', 'expect', 'upgrade']);

/** The request as the upstream gets it: `proxy_set_header`'s headers, the length, then the client's own. */
function requestHead(
  request: Request,
  { host, target }: Destination,
): { method: string; target: string; version: string; headers: HttpHeader[] } {
  const set = request.scope.nearest((scope) => scope.passedHeaders) ?? [];
  const headers: HttpHeader[] = [];
  const own = new Set(set.map(({ name }) => name.toLowerCase()));
  const version = request.scope.value('proxy_http_version') ?? '1.1';
  for (const { name, value } of set) {
    const text = request.expand(value);
    if (text !== '') headers.push([name, text]);
  }
  if (!own.has('host')) headers.push(['Host', host]);
  if (version === '1.0' && !own.has('connection')) headers.push(['Connection', 'close']);
  const withBody = request.body.length > 0 || request.header('Content-Length') !== undefined;
  if (withBody && !own.has('content-length')) headers.push(['Content-Length', String(request.body.length)]);
  if (request.scope.on('proxy_pass_request_headers', true))
    for (const [name, value] of request.head.headers)
      if (!REPLACED.has(name.toLowerCase()) && !own.has(name.toLowerCase())) headers.push([name, value]);
  return { method: request.scope.value('proxy_method') ?? request.method, target, version: `HTTP/${version}`, headers };
}

/** Headers of the upstream that the client doesn't get. */
const HIDDEN =
  /^(date|server|x-pad|x-accel-.*|connection|keep-alive|transfer-encoding|content-length|content-type|last-modified|location)$/;

function reply(request: Request, pass: ProxyPass, destination: Destination, answered: Answered): Reply {
  const { head, connection, length, close } = answered;
  const hidden = request.scope.nearest((scope) => scope.hidden) ?? [];
  const headers = head.headers.filter(([name]) => !HIDDEN.test(name.toLowerCase()) && !hidden.includes(name.toLowerCase()));
  const value = (name: string): string | undefined => headerValue(head.headers, name);
  const type = value('Content-Type');
  const lastModified = value('Last-Modified');
  const location = value('Location');
  const until = (): number => request.worker.now + (parseTime(request.scope.value('proxy_read_timeout') ?? '60') ?? 60) * SECOND;
  const made: Reply = { status: head.status, headers };
  if (type !== undefined) made.type = type;
  if (lastModified !== undefined) made.lastModified = lastModified;
  if (location !== undefined) placeLocation(made, rewriteLocation(request, pass, destination, location));
  const declared = value('Content-Length');
  if (declared !== undefined && /^\d+$/.test(declared)) made.length = Number(declared);
  else if (length === 0 && (head.status === 204 || head.status === 304)) made.length = 0;
  made.body = function* (push) {
    try {
      yield* connection.body(
        length,
        function* (bytes) {
          return (yield* push(bytes)) ? undefined : 'EPIPE';
        },
        until(),
      );
    } finally {
      close();
    }
  };
  return made;
}

function placeLocation(made: Reply, location: string): void {
  if (location.startsWith('/')) made.location = location;
  else made.headers.push(['Location', location]);
}

/** `proxy_redirect`: what the upstream calls itself becomes what the client knows. */
function rewriteLocation(request: Request, pass: ProxyPass, { host }: Destination, location: string): string {
  const rules = request.scope.nearest((scope) => scope.redirects) ?? 'default';
  if (rules === 'off') return location;
  if (rules === 'default') {
    if (pass.template) return location;
    const prefix = request.scope.nearest((scope) => (scope.context === 'location' ? scope : undefined))?.path ?? '/';
    const own = `http://${host}${pass.path ?? prefix}`;
    if (location.startsWith(own)) return `${prefix}${location.slice(own.length)}`;
    return location;
  }
  const rule = rules.find(({ from }) => location.startsWith(from));
  return rule ? `${request.expand(rule.to)}${location.slice(rule.from.length)}` : location;
}
