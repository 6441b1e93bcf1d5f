import { parseIP } from '../../base/address.ts';
import { concat, encode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import { listenOn, type OpenStreamSocket } from '../../host/inet-socket.ts';
import { Directory, RegularFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { encodeResponseHead, headerValue, type HttpHeader, type HttpRequestHead, parseRequestHead } from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec, optionValue } from '../getopt.ts';
import type { HttpConnection } from '../http/connection.ts';
import { contentType, httpDate, pathOf } from '../http/files.ts';
import { serveForever } from '../http/server.ts';
import { appletProgram, Die, ShowUsage } from './failure.ts';

const OPTIONS: readonly OptionSpec[] = [
  { name: 'foreground', short: 'f' },
  { name: 'verbose', short: 'v' },
  { name: 'port', short: 'p', argument: 'required' },
  { name: 'home', short: 'h', argument: 'required' },
  { name: 'most', short: 'M', argument: 'required' },
  ...['i', 'c', 'u', 'r', 'K', 'm', 'e', 'd'].map((short) => ({ name: short, short, unmodelled: true })),
];

/** busybox httpd: files below a directory, one process per connection. CGI and configuration files are not modelled. */
export const httpd = appletProgram('httpd', function* (process, args, speech): Blocking<number> {
  const parsed = getopt(OPTIONS, args);
  if (isFailure(parsed)) {
    if (parsed.unmodelled) throw new Die(notModelled('httpd', `option '${parsed.unmodelled}'`).replace(/^httpd: |\n$/g, ''));
    speech.complain(parsed.error);
    throw new ShowUsage();
  }
  const { address, port } = listenAddress(optionValue(parsed, 'port') ?? '80');
  const home = optionValue(parsed, 'home') ?? '.';
  const root = process.namespaces.mnt.resolve(process, home);
  if (typeof root === 'string' || !root.inode)
    throw new Die(`can't change directory to '${home}': ${strerror(typeof root === 'string' ? root : 'ENOENT')}`);
  process.cwd = root.path;
  const listener = listening(process, address, port);
  const fd = process.install(listener);
  // The socket takes the place of standard input.
  function* run(self: Process): Blocking<number> {
    if (fd !== 0) {
      self.dup(fd, 0);
      self.close(fd);
    }
    return yield* serveForever(self, listener, serve);
  }
  if (hasOption(parsed, 'foreground')) return yield* run(process);
  // A daemon of its own session, with nothing open but the socket (bb_daemonize_or_rexec).
  const daemon = process.fork(
    function* (self) {
      for (const each of [1, 2]) self.open('/dev/null', { read: true, write: true }, each);
      return yield* run(self);
    },
    { session: { tty: undefined } },
  );
  if (typeof daemon === 'string') throw new Die(`can't fork: ${strerror(daemon)}`);
  return 0;
});

function listening(process: Process, address: number | bigint, port: number): OpenStreamSocket {
  const listener = listenOn(process, address, port, 9);
  if (typeof listener === 'string') throw new Die(`bind: ${strerror(listener)}`);
  return listener;
}

function listenAddress(text: string): { address: number | bigint; port: number } {
  const colon = text.lastIndexOf(':');
  const port = text.slice(colon + 1);
  const host = colon < 0 ? '' : text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const address = host === '' ? 0n : parseIP(host);
  if (!/^\d+$/.test(port) || Number(port) > 65_535 || address === undefined) throw new Die(`bad address '${text}'`);
  return { address, port: Number(port) };
}

interface Reply {
  status: number;
  reason: string;
  headers?: HttpHeader[];
  type?: string;
  body?: Uint8Array;
}

/** One request, one answer, and the connection is closed. */
function* serve(process: Process, fd: number, connection: HttpConnection): Blocking<void> {
  const bytes = yield* connection.head(process.host.now + 60 * SECOND, 8192);
  if (bytes === undefined || (typeof bytes === 'string' && bytes !== 'ETIMEDOUT')) return;
  const head = typeof bytes === 'string' ? undefined : parseRequestHead(bytes, 0, bytes.length);
  const reply = !head
    ? failure(408, 'Request Timeout', 'No request appeared within 60 seconds')
    : isWireError(head)
      ? failure(400, 'Bad Request', 'Unsupported method')
      : answer(process, head);
  const now = EPOCH_SECONDS + Math.floor(process.host.now / SECOND);
  const headers: HttpHeader[] = [
    ['Date', httpDate(now)],
    ['Connection', 'close'],
    ...(reply.type === '' ? [] : [['Content-type', reply.type ?? 'text/html'] as HttpHeader]),
    ...(reply.headers ?? []),
  ];
  const start = encodeResponseHead({ version: 'HTTP/1.1', status: reply.status, reason: reply.reason, headers });
  const body = reply.body ?? new Uint8Array(0);
  // What a failure says goes out with its head, a file behind it; after a HEAD as well, as the real one has it.
  const failed = yield* process.write(fd, reply.status >= 400 ? concat([start, body]) : start);
  if (!failed && reply.status < 400 && body.length > 0) yield* process.write(fd, body);
  connection.socket.shutdown('write');
  // What the client still sends is read, so that closing doesn't reset the connection under its feet.
  for (const until = process.host.now + 2 * SECOND; ; ) {
    const rest = yield* connection.more(until);
    if (typeof rest === 'string' || rest.length === 0) return;
  }
}

function failure(status: number, reason: string, text: string): Reply {
  const title = `${status} ${reason}`;
  return { status, reason, body: encode(`<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\n<BODY><H1>${title}</H1>\n${text}\n</BODY></HTML>\n`) };
}

function answer(process: Process, head: HttpRequestHead): Reply {
  if (!['GET', 'HEAD', 'POST'].includes(head.method)) return failure(400, 'Bad Request', 'Unsupported method');
  // Nothing but a path: this server is nobody's proxy.
  const path = head.target.startsWith('/') ? pathOf(head.target) : undefined;
  if (path === undefined) return failure(400, 'Bad Request', 'Unsupported method');
  const notFound = failure(404, 'Not Found', 'The requested URL was not found');
  let target = process.namespaces.mnt.resolve(process, `.${path}`);
  if (typeof target === 'string' || !target.inode) return notFound;
  let name = path;
  if (target.inode instanceof Directory) {
    if (!path.endsWith('/')) return { status: 302, reason: 'Found', headers: [['Location', `${path}/`]] };
    name = `${path}index.html`;
    target = process.namespaces.mnt.resolve(process, `.${name}`);
    if (typeof target === 'string' || !target.inode) return notFound;
  }
  if (!(target.inode instanceof RegularFile)) return notFound;
  if (head.method === 'POST') return failure(501, 'Not Implemented', 'The requested method is not recognized');
  return file(target.inode, name, headerValue(head.headers, 'Range'));
}

function file(inode: RegularFile, name: string, range: string | undefined): Reply {
  const { bytes } = inode;
  const modified = EPOCH_SECONDS + Math.floor(inode.modified / SECOND);
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  const from = Number(wanted?.[1] ?? 0);
  const to = wanted?.[2] ? Math.min(Number(wanted[2]), bytes.length - 1) : bytes.length - 1;
  const partial = wanted !== null && from <= to;
  const body = partial ? bytes.slice(from, to + 1) : bytes;
  const headers: HttpHeader[] = [
    ...(partial ? [['Content-Range', `bytes ${from}-${to}/${bytes.length}`] as HttpHeader] : []),
    ['Accept-Ranges', 'bytes'],
    ['Last-Modified', httpDate(modified)],
    ['ETag', `"${modified.toString(16)}-${bytes.length.toString(16)}"`],
    ['Content-Length', String(body.length)],
  ];
  const type = partial ? 'text/html' : contentType(name, '');
  return partial ? { status: 206, reason: 'Partial Content', headers, body, type } : { status: 200, reason: 'OK', headers, body, type };
}
