import { formatIP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { strftime, momentOf } from '../../base/calendar.ts';
import { EPOCH_SECONDS, MILLISECOND, type Micros } from '../../base/time.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import { headerValue, type HttpHeader, type HttpRequestHead } from '../../wire/http.ts';

import { serverNameMatch } from './choose.ts';
import { VERSION } from './pages.ts';
import type { Scope } from './scope.ts';
import { expand } from './template.ts';
import type { Worker } from './worker.ts';

/** One try to get an answer from an upstream. */
export interface Try {
  address: string;
  status: number | undefined;
  connected: Micros | undefined;
  took: Micros;
}

/** A request on its way through the phases: what it asks, where it has got to, and what has been sent. */
export class Request {
  readonly worker: Worker;
  readonly head: HttpRequestHead;
  /** As it came: `GET / HTTP/1.1`. */
  readonly line: string;
  readonly client: Endpoint;
  readonly local: Endpoint;
  readonly connection: number;
  readonly started: Micros;
  method: string;
  uri = '/';
  args = '';
  /** `$host`: without port, in small letters. */
  host = '';
  server: Scope;
  /** The location's block, or one of an `if` in it. */
  scope: Scope;
  captures: readonly string[] = [];
  readonly variables = new Map<string, string>();
  readonly tries: Try[] = [];
  /** Nothing is read any more after the answer. */
  close = false;
  /** Came from an `error_page`, `try_files` or `index`. */
  internal = false;
  redirects = 0;
  body: Uint8Array = new Uint8Array(0);
  /** What has been sent: for logs. */
  status = 0;
  bytesSent = 0;
  bodyBytesSent = 0;
  requestLength = 0;
  sentHeaders: readonly HttpHeader[] = [];
  passing: { host: string } | undefined;

  constructor(parts: Pick<Request, 'worker' | 'head' | 'line' | 'client' | 'local' | 'connection' | 'started' | 'server'>) {
    this.worker = parts.worker;
    this.head = parts.head;
    this.line = parts.line;
    this.client = parts.client;
    this.local = parts.local;
    this.connection = parts.connection;
    this.started = parts.started;
    this.server = parts.server;
    this.scope = parts.server;
    this.method = parts.head.method;
  }

  header(name: string): string | undefined {
    return headerValue(this.head.headers, name);
  }

  /** A template's text, for this request. */
  readonly valueOf = (name: string): string => {
    if (/^\d$/.test(name)) return this.captures[Number(name)] ?? '';
    const set = this.variables.get(name);
    if (set !== undefined) return set;
    const map = this.worker.configuration.maps.get(name);
    if (map) return this.#mapped(map);
    return this.#builtIn(name) ?? '';
  };

  expand(template: Parameters<typeof expand>[0]): string {
    return expand(template, this.valueOf);
  }

  #mapped(map: NonNullable<ReturnType<Worker['configuration']['maps']['get']>>): string {
    const source = this.expand(map.source);
    const key = source.toLowerCase();
    const exact = map.entries.find((entry) => !entry.regex && entry.key === key);
    if (exact) return this.expand(exact.value);
    if (map.hostnames) {
      const plain = map.entries.filter((entry) => !entry.regex);
      const best = serverNameMatch(plain, key, (entry) => ({ text: entry.key }));
      if (best) return this.expand(best.value);
    }
    for (const entry of map.entries) {
      const match = entry.regex?.exec(source);
      if (!match) continue;
      this.remember(match);
      return this.expand(entry.value);
    }
    return this.expand(map.initial);
  }

  /** Keeps what a regular expression caught. */
  remember(match: RegExpExecArray): void {
    this.captures = [...match].map((text) => text ?? '');
    for (const [name, text] of Object.entries(match.groups ?? {})) this.variables.set(name, text ?? '');
  }

  /** The path of the file that the URI stands for. */
  get filename(): string {
    const holder = this.scope.nearest((scope) => (scope.alias || scope.root ? scope : undefined));
    if (holder?.alias) {
      const alias = this.expand(holder.alias);
      return this.worker.absolute(holder.kind === 'regex' ? alias : alias + this.uri.slice(holder.path.length));
    }
    return this.documentRoot + this.uri;
  }

  get documentRoot(): string {
    const root = this.scope.nearest((scope) => scope.alias ?? scope.root);
    return this.worker.absolute(root ? this.expand(root) : 'html').replace(/\/+$/, '');
  }

  #builtIn(name: string): string | undefined {
    const family = /^(http|arg|cookie|sent_http)_(.*)$/.exec(name);
    if (family) return this.#fromFamily(family[1] as string, family[2] as string);
    const simple = BUILT_INS[name];
    return simple?.(this);
  }

  #fromFamily(family: string, name: string): string | undefined {
    const all = (headers: readonly HttpHeader[], wanted: string): string =>
      headers
        .filter(([key]) => key.toLowerCase().replaceAll('-', '_') === wanted)
        .map(([, value]) => value)
        .join(wanted === 'cookie' ? '; ' : ', ');
    if (family === 'http') return all(this.head.headers, name);
    if (family === 'sent_http') return all(this.sentHeaders, name);
    if (family === 'arg') {
      const pair = this.args.split('&').find((text) => text.split('=')[0]?.toLowerCase() === name.toLowerCase());
      return pair?.includes('=') ? pair.slice(pair.indexOf('=') + 1) : '';
    }
    const cookies = (this.header('Cookie') ?? '').split(/;\s*/);
    return cookies.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
  }
}

const seconds = (duration: Micros): string => (Math.floor(duration / MILLISECOND) / 1000).toFixed(3);

/** The tries' values, one after another as `$upstream_*` show them. */
function ofTries(request: Request, value: (attempt: Try) => string): string {
  return request.tries.map(value).join(', ');
}

const BUILT_INS: Readonly<Record<string, (request: Request) => string>> = {
  args: (r) => r.args,
  query_string: (r) => r.args,
  is_args: (r) => (r.args === '' ? '' : '?'),
  uri: (r) => r.uri,
  document_uri: (r) => r.uri,
  request_uri: (r) => r.head.target,
  request: (r) => r.line,
  request_method: (r) => r.method,
  request_body: (r) => decode(r.body),
  request_filename: (r) => r.filename,
  request_id: (r) => r.worker.process.host.random(`nginx/request/${r.connection}/${r.started}`).hex(32),
  request_length: (r) => String(r.requestLength),
  request_time: (r) => seconds(r.worker.now - r.started),
  request_completion: () => 'OK',
  document_root: (r) => r.documentRoot,
  realpath_root: (r) => r.documentRoot,
  host: (r) => r.host || serverName(r),
  hostname: (r) => r.worker.process.namespaces.uts.hostname,
  server_name: serverName,
  server_addr: (r) => formatIP(r.local.address),
  server_port: (r) => String(r.local.port),
  server_protocol: (r) => r.head.version,
  scheme: () => 'http',
  https: () => '',
  remote_addr: (r) => formatIP(r.client.address),
  remote_port: (r) => String(r.client.port),
  remote_user: remoteUser,
  status: (r) => String(r.status).padStart(3, '0'),
  body_bytes_sent: (r) => String(r.bodyBytesSent),
  bytes_sent: (r) => String(r.bytesSent),
  connection: (r) => String(r.connection),
  connection_requests: () => '1',
  content_length: (r) => r.header('Content-Length') ?? '',
  content_type: (r) => r.header('Content-Type') ?? '',
  msec: (r) => (EPOCH_SECONDS + Math.floor(r.worker.now / MILLISECOND) / 1000).toFixed(3),
  nginx_version: () => VERSION,
  pid: (r) => String(r.worker.process.nspid),
  pipe: () => '.',
  time_local: (r) => strftime('%d/%b/%Y:%H:%M:%S +0000', momentOf(r.worker.now)),
  time_iso8601: (r) => strftime('%Y-%m-%dT%H:%M:%S+00:00', momentOf(r.worker.now)),
  proxy_add_x_forwarded_for: (r) => {
    const before = r.valueOf('http_x_forwarded_for');
    return before === '' ? formatIP(r.client.address) : `${before}, ${formatIP(r.client.address)}`;
  },
  proxy_host: (r) => r.passing?.host ?? r.scope.nearest((scope) => scope.pass)?.host ?? '',
  proxy_port: (r) => /:(\d+)$/.exec(r.passing?.host ?? r.scope.nearest((scope) => scope.pass)?.host ?? '')?.[1] ?? '80',
  upstream_addr: (r) => ofTries(r, (attempt) => attempt.address),
  upstream_status: (r) => ofTries(r, (attempt) => (attempt.status === undefined ? '-' : String(attempt.status))),
  upstream_response_time: (r) => ofTries(r, (attempt) => seconds(attempt.took)),
  upstream_header_time: (r) => ofTries(r, (attempt) => seconds(attempt.took)),
  upstream_connect_time: (r) => ofTries(r, (attempt) => (attempt.connected === undefined ? '-' : seconds(attempt.connected))),
  connections_active: (r) => String(r.worker.shared.active),
  connections_reading: () => '0',
  connections_writing: (r) => String(r.worker.shared.writing),
  connections_waiting: (r) => String(r.worker.shared.active - r.worker.shared.writing),
};

function serverName(request: Request): string {
  const first = request.server.names[0]?.text ?? '';
  return first.replace(/^\.(?=.)/, '').replace(/^"(.*)"$/, '$1');
}

/** The user of a `Basic` authorization, whoever checks the password. */
function remoteUser(request: Request): string {
  const encoded = /^Basic\s+([A-Za-z0-9+/]*)/.exec(request.header('Authorization') ?? '')?.[1];
  if (encoded === undefined) return '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bits = [...encoded].map((c) => alphabet.indexOf(c).toString(2).padStart(6, '0')).join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2))).split(':')[0] ?? '';
}
