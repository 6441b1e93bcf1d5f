import { formatIP, type IP, parseIP } from '../../base/address.ts';
import { concat, decode, encode } from '../../base/bytes.ts';
import type { Errno } from '../../base/errno.ts';
import { MILLISECOND, SECOND, type Micros } from '../../base/time.ts';
import { type OpenStreamSocket, openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { headerValue, keepsAlive, parseResponseHead, responseBody } from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, optionValue, type Parsed } from '../getopt.ts';
import { HttpConnection } from '../http/connection.ts';
import { resolveName } from '../name-resolution.ts';
import { METER_HEAD, meterLine } from './meter.ts';
import { OPTIONS } from './options.ts';
import { readDataFiles, requestHeaders } from './request.ts';
import { StandardOutput } from './standard-output.ts';
import { parseUrl, resolveUrl, type Url } from '../http/url.ts';
import { expandWriteOut, type Facts, isVariable } from './write-out.ts';

const VERSION = '8.22.0';
const TRY = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/** curl(1): HTTP over TCP. Other protocols, TLS among them, are not modelled. */
export const curl: Command = { name: 'curl', paths: ['/usr/bin/curl'], run: runCurl };

/** Ends a transfer with curl's exit code and text. */
interface Failure {
  code: number;
  text: string;
}

function* runCurl(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, parsed.unmodelled ? notModelled('curl', `option '${parsed.unmodelled}'`) : usageError(parsed.error));
    return 2;
  }
  if (hasOption(parsed, 'version')) {
    yield* process.write(1, `curl ${VERSION} (x86_64-pc-linux-gnu) libcurl/${VERSION}\nProtocols: http\n`);
    return 0;
  }
  for (const name of ['max-time', 'connect-timeout']) {
    const value = optionValue(parsed, name);
    if (value === undefined || /^\d+(\.\d+)?$/.test(value)) continue;
    yield* process.write(2, `curl: option ${name === 'max-time' ? '-m' : `--${name}`}: expected a proper numerical parameter\n${TRY}`);
    return 2;
  }
  const urls = [...parsed.options.filter(({ name }) => name === 'url').map(({ value }) => value), ...parsed.operands];
  if (urls.length === 0) {
    yield* process.write(2, TRY);
    return 2;
  }
  const outputs = parsed.options.filter(({ name }) => name === 'output' || name === 'remote-name');
  const read = yield* readDataFiles(process, parsed, TRY);
  if (read !== undefined) return read;
  const unknown = /%\{(\w+)\}/g;
  const format = optionValue(parsed, 'write-out') ?? '';
  for (const [, name] of format.matchAll(unknown)) {
    if (!isVariable(name as string)) yield* process.write(2, `curl: unknown --write-out variable: '${name}'\n`);
  }
  const out = new StandardOutput(process, hasOption(parsed, 'no-buffer'));
  let status = 0;
  for (const [i, url] of urls.entries()) {
    status = yield* transferWithRetries(process, parsed, out, url, outputs[i]);
  }
  yield* out.flush();
  return status;
}

/** HTTP statuses that may pass. */
const PASSING = [408, 429, 500, 502, 503, 504];

/** `--retry N`: again after one second, then two, four … when it timed out or the server is busy. */
function* transferWithRetries(
  process: Process,
  parsed: Parsed,
  out: StandardOutput,
  url: string,
  output: { name: string; value: string } | undefined,
): Blocking<number> {
  let left = Number(optionValue(parsed, 'retry') ?? 0);
  let pause = Number(optionValue(parsed, 'retry-delay') ?? 0) * SECOND;
  for (let wait = SECOND; ; wait = Math.min(wait * 2, 600 * SECOND)) {
    const transfer = new Transfer(process, parsed, out, url, output);
    const status = yield* transfer.run();
    const refused = status === 7 && hasOption(parsed, 'retry-connrefused');
    const again =
      refused ||
      status === 28 ||
      status === 6 ||
      PASSING.includes(transfer.httpStatus) ||
      (status !== 0 && hasOption(parsed, 'retry-all-errors'));
    if (left <= 0 || !again) return status;
    left--;
    pause = pause || wait;
    yield* process.sleep(pause);
    pause = Number(optionValue(parsed, 'retry-delay') ?? 0) * SECOND;
  }
}

/** getopt's words in curl's order. */
function usageError(error: string): string {
  const name = /'(.*?)'/.exec(error)?.[1] ?? '';
  const option = name.startsWith('-') ? name : `-${name}`;
  return `curl: option ${option}: ${error.includes('requires an argument') ? 'requires parameter' : 'is unknown'}\n${TRY}`;
}

/** One URL, with its redirections. */
class Transfer {
  readonly #process: Process;
  readonly #parsed: Parsed;
  readonly #out: StandardOutput;
  readonly #given: string;
  /** The size that the server announced; absent before its answer. */
  #expected: number | undefined;
  #toSend = 0;
  #metered = false;
  readonly #output: { name: string; value: string } | undefined;
  readonly #began: Micros;
  readonly #deadline: Micros | undefined;
  #fd: number | undefined;
  readonly #facts: Facts = {
    status: 0,
    url: '',
    size: 0,
    remoteAddress: '',
    remotePort: 0,
    localAddress: '',
    localPort: 0,
    contentType: '',
    redirects: 0,
    times: {},
    uploaded: 0,
    method: 'GET',
  };
  #connections = 0;

  constructor(process: Process, parsed: Parsed, out: StandardOutput, url: string, output: { name: string; value: string } | undefined) {
    this.#process = process;
    this.#out = out;
    this.#parsed = parsed;
    this.#given = url;
    this.#output = output;
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
    return !this.#has('silent') && !this.#has('no-progress-meter') && (this.#path() !== undefined || !this.#out.terminal);
  }

  *#meter(): Blocking<void> {
    if (!this.#meters) return;
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

  get #elapsed(): number {
    return this.#process.host.now - this.#began;
  }

  *#note(text: string): Blocking<void> {
    if (this.#has('verbose')) yield* this.#process.write(2, text);
  }

  *run(): Blocking<number> {
    let url = this.#given;
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
    if (this.#metered) {
      yield* this.#meter();
      yield* this.#process.write(2, '\n');
    }
    const format = this.#option('write-out');
    if (failure && (!this.#has('silent') || this.#has('show-error')))
      yield* this.#process.write(2, `curl: (${failure.code}) ${failure.text}\n`);
    if (format !== undefined) yield* this.#out.write(encode(expandWriteOut(format, this.#facts, failure?.code ?? 0, failure?.text ?? '')));
    return failure?.code ?? 0;
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
    const outcome = yield* this.#respond(connection);
    const kept = outcome.kept && !connection.ended;
    yield* this.#note(
      kept
        ? `* Connection #${this.#connections} to host ${url.authority} left intact\n`
        : `* shutting down connection #${this.#connections}\n`,
    );
    this.#connections++;
    this.#process.close(fd);
    return outcome.result;
  }

  *#connect(url: Url): Blocking<Failure | { socket: OpenStreamSocket; fd: number }> {
    const target = this.#target(url);
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
    const text = `Failed to connect to ${url.host}:${url.port} after ${Math.round(this.#elapsed / MILLISECOND)} ms: Could not connect to server`;
    yield* this.#note(`* ${text}\n* closing connection #${this.#connections}\n`);
    return { code: 7, text };
  }

  /** Where to connect instead (--connect-to HOST:PORT:HOST:PORT, empty parts standing for any or the same). */
  #target(url: Url): Url {
    for (const { name, value } of this.#parsed.options) {
      const match = name === 'connect-to' ? /^(\[[^\]]*\]|[^:]*):(\d*):(\[[^\]]*\]|[^:]*):(\d*)$/.exec(value) : undefined;
      if (!match) continue;
      const [host = '', port = '', toHost = '', toPort = ''] = match.slice(1).map((part) => part.replace(/^\[(.*)\]$/, '$1'));
      if ((host !== '' && host !== url.host) || (port !== '' && Number(port) !== url.port)) continue;
      return { ...url, host: toHost || url.host, port: Number(toPort || url.port) };
    }
    return url;
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
        : resolved.addresses.filter((a) => !(this.#has('ipv4') && typeof a === 'bigint') && !(this.#has('ipv6') && typeof a === 'number'));
    if (wanted.length > 0) {
      if (typeof resolved !== 'string' && !resolved.numeric) yield* this.#tellAddresses(url, wanted);
      return { list: wanted };
    }
    const text = `Could not resolve host: ${url.host}`;
    yield* this.#note(`* ${text}\n* ${text}\n* Could not resolve: ${url.host}:${url.port}\n* closing connection #${this.#connections}\n`);
    return { code: 6, text };
  }

  *#tellAddresses(url: Url, list: readonly IP[]): Blocking<void> {
    const shown = (six: boolean): string =>
      list
        .filter((each) => (typeof each === 'bigint') === six)
        .map(formatIP)
        .join(', ') || '(none)';
    yield* this.#note(`* Host ${url.host}:${url.port} was resolved.\n* IPv6: ${shown(true)}\n* IPv4: ${shown(false)}\n`);
  }

  #body(): Uint8Array | undefined {
    const parts = this.#parsed.options
      .filter(({ name }) => name === 'data' || name === 'data-raw' || name === 'data-binary' || name === 'json')
      .map(({ value }) => value);
    return parts.length === 0 || this.#facts.redirects > 0 ? undefined : encode(parts.join('&'));
  }

  *#request(url: Url, fd: number): Blocking<Failure | undefined> {
    const body = this.#body();
    const method = this.#option('request') ?? (this.#has('head') ? 'HEAD' : body ? 'POST' : 'GET');
    this.#facts.method = method;
    const user = this.#option('user') ?? url.user;
    const headers = requestHeaders(this.#parsed, url, VERSION, body?.length);
    if (user !== undefined) yield* this.#note(`* Server auth using Basic with user '${user.split(':')[0]}'\n`);
    const head = `${method} ${url.target} HTTP/${this.#has('http1.0') ? '1.0' : '1.1'}\r\n${headers.map(([name, value]) => `${name}: ${value}`.trimEnd()).join('\r\n')}\r\n\r\n`;
    yield* this.#note(
      head
        .split('\r\n')
        .slice(0, -1)
        .map((line) => `> ${line}\n`)
        .join(''),
    );
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

  *#respond(connection: HttpConnection): Blocking<{ result: Failure | { location: string } | undefined; kept: boolean }> {
    const end = (result: Failure | { location: string } | undefined, kept = false) => ({ result, kept });
    let head: ReturnType<typeof parseResponseHead>;
    let raw: Uint8Array;
    do {
      const bytes = yield* connection.head(this.#deadline);
      if (bytes === undefined) return end({ code: 52, text: 'Empty reply from server' });
      if (typeof bytes === 'string') return end(this.#broken(bytes));
      raw = bytes;
      head = parseResponseHead(raw, 0, raw.length);
      if (isWireError(head)) return end({ code: 1, text: 'Received HTTP/0.9 when not allowed' });
    } while (head.status === 100);
    this.#facts.times.start ??= this.#elapsed;
    this.#facts.status = head.status;
    this.#facts.contentType = headerValue(head.headers, 'Content-Type') ?? '';
    const location = headerValue(head.headers, 'Location');
    const follow = this.#has('location') && location !== undefined && head.status >= 300 && head.status < 400;
    const lines = decode(raw).split(/\r?\n/).slice(0, -2);
    const length = responseBody(head, this.#has('head') ? 'HEAD' : this.#facts.method);
    if (typeof length === 'number') this.#expected = this.#has('head') ? Number(headerValue(head.headers, 'Content-Length') ?? 0) : length;
    const ignoring = follow && length !== 'close' && length !== 0 ? '* Ignoring the response-body\n* setting size while ignoring\n' : '';
    yield* this.#note(`${lines.map((line) => `< ${line}\n`).join('')}${ignoring}< \n`);
    if (this.#has('include') || this.#has('show-headers') || this.#has('head')) {
      const failed = yield* this.#write(raw, true);
      if (failed) return end(failed);
    }
    if (this.#has('fail') && head.status >= 400) return end({ code: 22, text: `The requested URL returned error: ${head.status}` });
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
    return end(follow ? { location: location as string } : undefined, keepsAlive(head) && length !== 'close');
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
    const path = this.#path();
    const broken = { code: 23, text: `client returned ERROR on write of ${bytes.length} bytes` };
    if (path === undefined) return (yield* this.#out.write(bytes)) ? broken : undefined;
    if (this.#fd === undefined) {
      const fd = this.#process.open(path, { write: true, create: true, truncate: true });
      if (typeof fd === 'string') return broken;
      this.#fd = fd;
    }
    return (yield* this.#process.write(this.#fd, bytes)) ? broken : undefined;
  }

  #path(): string | undefined {
    if (!this.#output) return undefined;
    if (this.#output.name === 'output') return this.#output.value === '-' ? undefined : this.#output.value;
    return (
      this.#given
        .replace(/[?#].*$/, '')
        .replace(/^[a-z]+:\/\/[^/]*/i, '')
        .split('/')
        .pop() || 'curl_response'
    );
  }
}

const WORDS: Partial<Record<Errno, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
  EPIPE: 'Broken pipe',
};

function errorText(error: Errno): string {
  return WORDS[error] ?? error;
}
