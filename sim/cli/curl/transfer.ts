import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { concat, decode, encode } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS, MILLISECOND, SECOND, type Micros } from '../../base/time.ts';
import { type OpenStreamSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import { type OpenUnixSocket, openUnixSocket } from '../../host/unix-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { headerValue, keepsAlive, parseResponseHead, responseBody } from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { HttpConnection } from '../http/connection.ts';
import { resolveName } from '../name-resolution.ts';
import { type Body, queryOf, readBody } from './body.ts';
import type { Cookies } from './cookies.ts';
import { errorText } from './error-text.ts';
import { barLine, METER_HEAD, meterLine } from './meter.ts';
import { type OutputOption, openOutput, outputPath } from './output-file.ts';
import { connectTarget, type HttpProxy, proxyFor } from './proxy.ts';
import { requestHeaders } from './request.ts';
import type { StandardOutput } from './standard-output.ts';
import { parseUrl, resolveUrl, type Url } from '../http/url.ts';
import { expandWriteOut, type Facts, NO_FACTS } from './write-out.ts';

export const VERSION = '8.22.0';

/** Ends a transfer with curl's exit code and text. */
interface Failure {
  code: number;
  text: string;
}

/** A URL, where its document goes, and which of the operation's URLs it is. */
export interface Place {
  url: string;
  output: OutputOption | undefined;
  number: number;
}

/** One URL, with its redirections. */
export class Transfer {
  readonly #process: Process;
  readonly #parsed: Parsed;
  readonly #out: StandardOutput;
  readonly #given: string;
  /** The size that the server announced; absent before its answer. */
  #expected: number | undefined;
  #toSend = 0;
  #metered = false;
  /** Where the document goes; absent for standard output. */
  readonly #path: string | undefined;
  #proxy: HttpProxy | undefined;
  readonly #began: Micros;
  readonly #deadline: Micros | undefined;
  #fd: number | undefined;
  readonly #facts: Facts = { ...NO_FACTS, method: 'GET', times: {} };
  #connections = 0;
  readonly #cookies: Cookies;
  #dumped = false;

  constructor(process: Process, parsed: Parsed, out: StandardOutput, cookies: Cookies, { url, output, number }: Place) {
    this.#process = process;
    this.#cookies = cookies;
    this.#out = out;
    this.#parsed = parsed;
    this.#given = url;
    this.#path = outputPath(parsed, output, url);
    this.#facts.number = number;
    this.#began = process.host.now;
    const limit = this.#option('max-time');
    this.#deadline = limit === undefined || Number(limit) === 0 ? undefined : this.#began + Number(limit) * SECOND;
  }

  #has(name: string): boolean {
    return hasOption(this.#parsed, name);
  }

  #option(name: string): string | undefined {
    return optionValue(this.#parsed, name);
  }

  get httpStatus(): number {
    return this.#facts.status;
  }

  /** Whether there is a progress meter: not when told to be silent, nor when the answer itself goes to a terminal. */
  get #meters(): boolean {
    return !this.#has('silent') && !this.#has('no-progress-meter') && (this.#path !== undefined || !this.#out.terminal);
  }

  *#meter(): Blocking<void> {
    if (!this.#meters || this.#has('progress-bar')) return;
    const head = this.#metered ? '' : METER_HEAD;
    this.#metered = true;
    const { size, uploaded } = this.#facts;
    const progress = {
      received: size,
      expected: this.#expected,
      sent: uploaded,
      toSend: this.#toSend,
      elapsed: head === '' ? this.#elapsed : 0,
    };
    yield* this.#process.write(2, head + meterLine(progress));
  }

  /** The URL with what the options add: -T's file name below a directory, queries. */
  #givenUrl(): string {
    let url = this.#given;
    const upload = this.#option('upload-file');
    const path = url.replace(/^[a-z]+:\/\//i, '');
    if (upload !== undefined && upload !== '-' && (path.endsWith('/') || !path.includes('/')))
      url += `${path.endsWith('/') ? '' : '/'}${upload.replace(/.*\//, '')}`;
    const query = queryOf(this.#parsed);
    return query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
  }

  get #elapsed(): number {
    return this.#process.host.now - this.#began;
  }

  *#note(text: string): Blocking<void> {
    if (this.#has('verbose')) yield* this.#process.write(2, text);
  }

  *run(): Blocking<number> {
    let url = this.#givenUrl();
    let failure: Failure | undefined;
    const most = Number(this.#option('max-redirs') ?? 50);
    for (;;) {
      const parsed = parseUrl(url);
      if ('error' in parsed) {
        failure = { code: parsed.code, text: parsed.error };
        break;
      }
      const result = yield* this.#fetch(parsed);
      if (result === undefined || 'code' in result) {
        failure = result;
        break;
      }
      if (this.#facts.redirects >= most) {
        failure = { code: 47, text: `Maximum (${most}) redirects followed` };
        break;
      }
      this.#facts.redirects++;
      url = resolveUrl(parsed, result.location);
      yield* this.#note(`* Issue another request to this URL: '${url}'\n`);
    }
    this.#facts.url = url;
    this.#facts.times.total = this.#elapsed;
    if (this.#fd !== undefined) this.#process.close(this.#fd);
    const bar = this.#meters && this.#has('progress-bar') && this.#facts.size > 0;
    if (bar) yield* this.#process.write(2, barLine(this.#facts.size, this.#expected));
    yield* this.#endMeter(failure);
    if (failure && (!this.#has('silent') || this.#has('show-error')))
      yield* this.#process.write(2, `curl: (${failure.code}) ${failure.text}\n`);
    yield* this.#out.flush();
    if (bar) yield* this.#process.write(2, '\n');
    const format = this.#option('write-out');
    if (format !== undefined) yield* this.#writeOut(format, failure);
    return failure?.code ?? 0;
  }

  /** The meter's last state, and the end of its line. */
  *#endMeter(failure: Failure | undefined): Blocking<void> {
    if (!this.#metered) return;
    if (failure?.code !== 22 || this.#has('fail-with-body')) yield* this.#meter();
    this.#metered = false;
    yield* this.#process.write(2, '\n');
  }

  *#writeOut(format: string, failure: Failure | undefined): Blocking<void> {
    for (const { stream, text } of expandWriteOut(format, this.#facts, failure?.code ?? 0, failure?.text ?? '')) {
      if (stream === 2) yield* this.#process.write(2, text);
      else yield* this.#out.write(encode(text));
    }
  }

  /** One request. @returns where it points to when it is a redirection that is followed */
  *#fetch(url: Url): Blocking<Failure | { location: string } | undefined> {
    const opened = yield* this.#connect(url);
    if ('code' in opened) return opened;
    const { socket, fd } = opened;
    const connection = new HttpConnection(socket);
    yield* this.#meter();
    yield* this.#note('* using HTTP/1.x\n');
    const failed = yield* this.#request(url, fd);
    if (failed) return failed;
    const outcome = yield* this.#respond(connection, url);
    const kept = outcome.kept && !connection.ended;
    if (!outcome.result || 'code' in outcome.result) yield* this.#endMeter(outcome.result);
    yield* this.#note(
      kept
        ? `* Connection #${this.#connections} to host ${this.#peer(url)} left intact\n`
        : `* shutting down connection #${this.#connections}\n`,
    );
    this.#connections++;
    this.#process.close(fd);
    return outcome.result;
  }

  /** Who is connected to, for the eye. */
  #peer(url: Url): string {
    const { host, port } = this.#proxy ?? url;
    return `${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** --unix-socket: the name in the URL is only for the server. */
  *#connectUnix(url: Url, path: string): Blocking<Failure | { socket: OpenUnixSocket; fd: number }> {
    yield* this.#note(`*   Trying ${path}:0...\n`);
    const socket = openUnixSocket(this.#process, 'stream');
    const fd = this.#process.install(socket);
    const failed = yield* socket.connect(this.#process, path);
    this.#facts.times.lookup = this.#elapsed;
    if (!failed) {
      this.#facts.times.connect = this.#elapsed;
      yield* this.#note(`* Established connection to ${path} (${path} port 0) from  port 0 \n`);
      return { socket, fd };
    }
    this.#process.close(fd);
    const waited = Math.round(this.#elapsed / MILLISECOND);
    const text = `Failed to connect to ${url.host}:${url.port} over unix://${path} after ${waited} ms: Could not connect to server`;
    const why = strerror(failed);
    yield* this.#note(`* Immediate connect fail for ${path}: ${why}\n* connect to ${path} port 0 from  port 0 failed: ${why}\n`);
    yield* this.#note(`* ${text}\n* closing connection #${this.#connections}\n`);
    return { code: 7, text };
  }

  *#connect(url: Url): Blocking<Failure | { socket: OpenStreamSocket | OpenUnixSocket; fd: number }> {
    const unix = this.#option('unix-socket');
    if (unix !== undefined) return yield* this.#connectUnix(url, unix);
    const proxy = proxyFor(this.#process, this.#parsed, url);
    if (proxy && 'code' in proxy) return proxy;
    this.#proxy = proxy;
    const target = proxy ? { ...url, ...proxy } : connectTarget(this.#parsed, url);
    const addresses = yield* this.#resolve(target);
    if ('code' in addresses) return addresses;
    this.#facts.times.lookup = this.#elapsed;
    const limit = Number(this.#option('connect-timeout') ?? 300) * SECOND;
    const until = Math.min(this.#began + (limit || 300 * SECOND), this.#deadline ?? Number.POSITIVE_INFINITY);
    for (const address of addresses.list) {
      const { port } = target;
      yield* this.#note(`*   Trying ${typeof address === 'bigint' ? `[${formatIP(address)}]` : formatIP(address)}:${port}...\n`);
      const socket = openStreamSocket(this.#process, typeof address === 'bigint' ? 6 : 4);
      socket.options.noDelay = true;
      const bad = this.#bind(socket, address, target);
      if (bad) return bad;
      const fd = this.#process.install(socket);
      if (this.#option('local-port') !== undefined) yield* this.#note(`* Local port: ${socket.name.port}\n`);
      const failed = yield* socket.connect(address, port, until);
      if (!failed) {
        const { name } = socket;
        Object.assign(this.#facts, {
          remoteAddress: formatIP(address),
          remotePort: port,
          localAddress: formatIP(name.address),
          localPort: name.port,
        });
        this.#facts.times.connect = this.#elapsed;
        yield* this.#note(
          `* Established connection to ${target.host} (${formatIP(address)} port ${port}) from ${formatIP(name.address)} port ${name.port} \n`,
        );
        return { socket, fd };
      }
      const { name } = socket;
      this.#process.close(fd);
      if (failed === 'EINPROGRESS') {
        const text = `Connection timed out after ${Math.round(this.#elapsed / MILLISECOND)} milliseconds`;
        yield* this.#note(`* ${text}\n* closing connection #${this.#connections}\n`);
        return { code: 28, text };
      }
      if (failed === 'ENETUNREACH') yield* this.#note(`* Immediate connect fail for ${formatIP(address)}: ${errorText(failed)}\n`);
      yield* this.#note(
        `* connect to ${formatIP(address)} port ${port} from ${formatIP(name.address)} port ${name.port} failed: ${errorText(failed)}\n`,
      );
    }
    const [{ host, port }, over] = proxy ? [proxy, ` over proxy ${proxy.host}`] : [url, ''];
    const text = `Failed to connect to ${host}:${port}${over} after ${Math.round(this.#elapsed / MILLISECOND)} ms: Could not connect to server`;
    yield* this.#note(`* ${text}\n* closing connection #${this.#connections}\n`);
    return { code: 7, text };
  }

  /** --interface, a device's name or an address of this host, and --local-port. */
  #bind(socket: OpenStreamSocket, peer: IP, at: Url): Failure | undefined {
    const name = this.#option('interface');
    const port = Number(this.#option('local-port')?.replace(/-.*/, '') ?? 0);
    if (name === undefined && port === 0) return undefined;
    const device = name === undefined ? undefined : this.#process.namespaces.net.deviceByName(name);
    const any: IP = typeof peer === 'bigint' ? 0n : 0;
    const address = name === undefined || device ? any : parseIP(name);
    if (device) socket.options.boundDevice = device.ifindex;
    if (
      address !== undefined &&
      typeof address === typeof peer &&
      (port === 0 && address === any ? undefined : socket.bind(address, port)) === undefined
    )
      return undefined;
    const waited = Math.round(this.#elapsed / MILLISECOND);
    return { code: 45, text: `Failed to connect to ${at.host}:${at.port} after ${waited} ms: Failed binding local connection end` };
  }

  *#resolve(url: Url): Blocking<Failure | { list: IP[] }> {
    for (const { name, value } of this.#parsed.options) {
      const fixed = name === 'resolve' ? /^\+?(.*?):(\d+):(.*)$/.exec(value) : undefined;
      if (fixed && (fixed[1] === url.host || fixed[1] === '*') && Number(fixed[2]) === url.port) {
        const list = (fixed[3] as string).split(',').map((text) => parseIP(text.replace(/^\[(.*)\]$/, '$1')));
        if (list.every((address) => address !== undefined)) {
          yield* this.#note(`* [DNS] added ${value.replace(/^\+/, '')} to cache\n* Hostname ${url.host} was found in DNS cache\n`);
          yield* this.#tellAddresses(url, list as IP[]);
          return { list: list as IP[] };
        }
      }
    }
    const resolved = yield* resolveName(this.#process, url.host);
    const wanted =
      typeof resolved === 'string'
        ? []
        : resolved.numeric
          ? resolved.addresses
          : resolved.addresses.filter(
              (a) => !(this.#has('ipv4') && typeof a === 'bigint') && !(this.#has('ipv6') && typeof a === 'number'),
            );
    if (wanted.length > 0) {
      if (typeof resolved !== 'string' && !resolved.numeric) yield* this.#tellAddresses(url, wanted);
      return { list: wanted };
    }
    const text = `Could not resolve ${this.#proxy ? 'proxy' : 'host'}: ${url.host}`;
    yield* this.#note(`* ${text}\n* ${text}\n* Could not resolve: ${url.host}:${url.port}\n* closing connection #${this.#connections}\n`);
    return { code: this.#proxy ? 5 : 6, text };
  }

  *#tellAddresses(url: Url, list: readonly IP[]): Blocking<void> {
    const shown = (six: boolean): string =>
      list
        .filter((each) => (typeof each === 'bigint') === six)
        .map(formatIP)
        .join(', ') || '(none)';
    yield* this.#note(`* Host ${url.host}:${url.port} was resolved.\n* IPv6: ${shown(true)}\n* IPv4: ${shown(false)}\n`);
  }

  /** None behind a redirection. */
  *#body(): Blocking<Body | Failure | undefined> {
    if (this.#facts.redirects > 0) return undefined;
    const random = this.#process.host.random(`curl/${this.#process.pid}`);
    return yield* readBody(this.#process, this.#parsed, random.hex(22));
  }

  *#request(url: Url, fd: number): Blocking<Failure | undefined> {
    const made = yield* this.#body();
    if (made && 'code' in made) return made;
    const body = made?.bytes;
    const method = this.#option('request') ?? (this.#has('head') ? 'HEAD' : (made?.method ?? 'GET'));
    this.#facts.method = method;
    const user = this.#option('user') ?? url.user;
    const proxy = this.#proxy;
    const headers = requestHeaders(this.#parsed, url, { version: VERSION, cookie: this.#cookies.headerFor(url), body: made, proxy });
    if (proxy?.user !== undefined) yield* this.#note(`* Proxy auth using Basic with user '${proxy.user.split(':')[0]}'\n`);
    if (user !== undefined) yield* this.#note(`* Server auth using Basic with user '${user.split(':')[0]}'\n`);
    const target = proxy ? `http://${url.authority}${url.target}` : url.target;
    const head = `${method} ${target} HTTP/${this.#has('http1.0') ? '1.0' : '1.1'}\r\n${headers.map(([name, value]) => `${name}: ${value}`.trimEnd()).join('\r\n')}\r\n\r\n`;
    yield* this.#note(
      head
        .split('\r\n')
        .slice(0, -1)
        .map((line) => `> ${line}\n`)
        .join(''),
    );
    this.#facts.requestBytes = encode(head).length + (body?.length ?? 0);
    this.#process.onSignal('SIGPIPE', 'ignore');
    const failed = yield* this.#process.write(fd, body ? concat([encode(head), body]) : head);
    if (failed) return { code: 55, text: `Send failure: ${errorText(failed)}` };
    if (body) {
      this.#facts.uploaded = body.length;
      this.#toSend = body.length;
      yield* this.#note(`} [${body.length} bytes data]\n* upload completely sent off: ${body.length} bytes\n`);
    } else yield* this.#note('* Request completely sent off\n');
    return undefined;
  }

  *#respond(
    connection: HttpConnection<OpenStreamSocket | OpenUnixSocket>,
    url: Url,
  ): Blocking<{ result: Failure | { location: string } | undefined; kept: boolean }> {
    const end = (result: Failure | { location: string } | undefined, kept = false) => ({ result, kept });
    let head: ReturnType<typeof parseResponseHead>;
    let raw: Uint8Array;
    do {
      const bytes = yield* connection.head(this.#deadline);
      if (bytes === undefined) {
        if (connection.held.length === 0) return end({ code: 52, text: 'Empty reply from server' });
        return end(yield* this.#ancient(connection.held));
      }
      if (typeof bytes === 'string') return end(this.#broken(bytes));
      raw = bytes;
      head = parseResponseHead(raw, 0, raw.length);
      if (isWireError(head)) return end(yield* this.#ancient(raw));
    } while (head.status === 100);
    this.#facts.times.start ??= this.#elapsed;
    this.#facts.status = head.status;
    this.#facts.headers = head.headers;
    this.#facts.headerBytes += raw.length;
    for (const [name, value] of head.headers)
      if (name.toLowerCase() === 'set-cookie') this.#cookies.take(value, url, EPOCH_SECONDS + Math.floor(this.#process.host.now / SECOND));
    this.#facts.contentType = headerValue(head.headers, 'Content-Type') ?? '';
    const location = headerValue(head.headers, 'Location');
    const redirects = location !== undefined && head.status >= 300 && head.status < 400;
    const follow = this.#has('location') && redirects;
    this.#facts.redirectUrl = redirects && !follow ? resolveUrl(url, location) : '';
    const lines = decode(raw).split(/\r?\n/).slice(0, -2);
    const length = responseBody(head, this.#has('head') ? 'HEAD' : this.#facts.method);
    if (typeof length === 'number') this.#expected = this.#has('head') ? Number(headerValue(head.headers, 'Content-Length') ?? 0) : length;
    const ignoring = follow && length !== 'close' && length !== 0 ? '* Ignoring the response-body\n* setting size while ignoring\n' : '';
    yield* this.#note(`${lines.map((line) => `< ${line}\n`).join('')}${ignoring}< \n`);
    yield* this.#dumpHead(raw);
    if (this.#has('include') || this.#has('show-headers') || this.#has('head')) {
      const failed = yield* this.#write(raw, true);
      if (failed) return end(failed);
    }
    const refused = head.status >= 400;
    if (this.#has('fail') && refused) return end({ code: 22, text: `The requested URL returned error: ${head.status}` });
    if (isWireError(length)) return end({ code: 8, text: 'Invalid Content-Length: value' });
    let failure: Failure | undefined;
    const self = this;
    const rest = yield* connection.body(
      length,
      function* (data): Blocking<Errno | undefined> {
        if (follow) return undefined;
        yield* self.#note(`{ [${data.length} bytes data]\n`);
        self.#facts.size += data.length;
        failure = yield* self.#write(data, false);
        if (!failure && self.#facts.size === data.length) yield* self.#meter();
        return failure ? 'EIO' : undefined;
      },
      this.#deadline,
    );
    if (failure) return end(failure);
    if (typeof rest === 'string') return end(this.#broken(rest));
    if (rest > 0)
      return end(
        length === 'chunked'
          ? { code: 18, text: 'transfer closed with outstanding read data remaining' }
          : { code: 18, text: `end of response with ${rest} bytes missing` },
      );
    if (this.#has('fail-with-body') && refused) return end({ code: 22, text: `The requested URL returned error: ${head.status}` });
    return end(follow ? { location: location as string } : undefined, keepsAlive(head) && length !== 'close');
  }

  /** An answer without a head: HTTP/0.9, which has to be allowed. */
  *#ancient(bytes: Uint8Array): Blocking<Failure | undefined> {
    if (!this.#has('http0.9')) return { code: 1, text: 'Received HTTP/0.9 when not allowed' };
    this.#facts.size += bytes.length;
    return yield* this.#write(bytes, false);
  }

  /** -D: heads go to a file, all of them to the same. */
  *#dumpHead(raw: Uint8Array): Blocking<void> {
    const path = this.#option('dump-header');
    if (path === undefined) return;
    if (path === '-') {
      yield* this.#out.write(raw);
      return;
    }
    const fd = this.#process.open(path, { write: true, create: true, ...(this.#dumped ? { append: true } : { truncate: true }) });
    if (typeof fd === 'string') return;
    this.#dumped = true;
    yield* this.#process.write(fd, raw);
    this.#process.close(fd);
  }

  #broken(error: Errno): Failure {
    if (error === 'ETIMEDOUT' && this.#deadline !== undefined && this.#process.host.now >= this.#deadline) {
      return {
        code: 28,
        text: `Operation timed out after ${Math.round(this.#elapsed / MILLISECOND)} milliseconds with ${this.#facts.size}${this.#expected ? ` out of ${this.#expected}` : ''} bytes received`,
      };
    }
    return { code: 56, text: `Recv failure: ${errorText(error)}` };
  }

  /** To -o, -O or standard output. */
  *#write(bytes: Uint8Array, _head: boolean): Blocking<Failure | undefined> {
    const path = this.#path;
    const broken = { code: 23, text: `client returned ERROR on write of ${bytes.length} bytes` };
    if (path === undefined) return (yield* this.#out.write(bytes)) ? broken : undefined;
    this.#facts.output = path;
    if (this.#fd === undefined) {
      const fd = openOutput(this.#process, this.#parsed, path);
      if (typeof fd === 'string') return broken;
      this.#fd = fd;
    }
    return (yield* this.#process.write(this.#fd, bytes)) ? broken : undefined;
  }
}
