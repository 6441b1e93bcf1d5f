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
import { OPTIONS } from './options.ts';
import { base64, parseUrl, resolveUrl, type Url } from './url.ts';
import { expandWriteOut, type Facts } from './write-out.ts';

const VERSION = '8.22.0';
const TRY = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/** curl(1): HTTP over TCP. Other protocols, TLS among them, and the progress meter are not modelled. */
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
  let status = 0;
  for (const [i, url] of urls.entries()) {
    const transfer = new Transfer(process, parsed, url, outputs[i]);
    status = yield* transfer.run();
  }
  return status;
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
  readonly #given: string;
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

  constructor(process: Process, parsed: Parsed, url: string, output: { name: string; value: string } | undefined) {
    this.#process = process;
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
    const format = this.#option('write-out');
    if (failure && (!this.#has('silent') || this.#has('show-error')))
      yield* this.#process.write(2, `curl: (${failure.code}) ${failure.text}\n`);
    if (format !== undefined) yield* this.#process.write(1, expandWriteOut(format, this.#facts, failure?.code ?? 0, failure?.text ?? ''));
    return failure?.code ?? 0;
  }

  /** One request. @returns where it points to when it is a redirection that is followed */
  *#fetch(url: Url): Blocking<Failure | { location: string } | undefined> {
    const opened = yield* this.#connect(url);
    if ('code' in opened) return opened;
    const { socket, fd } = opened;
    const connection = new HttpConnection(socket);
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
    const addresses = yield* this.#resolve(url);
    if ('code' in addresses) return addresses;
    this.#facts.times.lookup = this.#elapsed;
    const limit = Number(this.#option('connect-timeout') ?? 300) * SECOND;
    const until = Math.min(this.#began + (limit || 300 * SECOND), this.#deadline ?? Number.POSITIVE_INFINITY);
    for (const address of addresses.list) {
      const { port } = url;
      yield* this.#note(`*   Trying ${typeof address === 'bigint' ? `[${formatIP(address)}]` : formatIP(address)}:${port}...\n`);
      const socket = openStreamSocket(this.#process, typeof address === 'bigint' ? 6 : 4);
      socket.options.noDelay = true;
      const bad = this.#bind(socket, address);
      if (bad) return bad;
      const fd = this.#process.install(socket);
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
          `* Established connection to ${url.host} (${formatIP(address)} port ${port}) from ${formatIP(name.address)} port ${name.port} \n`,
        );
        return { socket, fd };
      }
      const { name } = socket;
      this.#process.close(fd);
      if (failed === 'EINPROGRESS') {
        const waited = Math.round(this.#elapsed / MILLISECOND);
        return {
          code: 28,
          text:
            this.#deadline === until
              ? `Connection timed out after ${waited} milliseconds`
              : `Connection timed out after ${waited} milliseconds`,
        };
      }
      yield* this.#note(
        `* connect to ${formatIP(address)} port ${port} from ${formatIP(name.address)} port ${name.port} failed: ${errorText(failed)}\n`,
      );
    }
    const text = `Failed to connect to ${url.host}:${url.port} after ${Math.round(this.#elapsed / MILLISECOND)} ms: Could not connect to server`;
    yield* this.#note(`* ${text}\n* closing connection #${this.#connections}\n`);
    return { code: 7, text };
  }

  /** --interface: a device's name, or an address of this host. */
  #bind(socket: OpenStreamSocket, peer: IP): Failure | undefined {
    const name = this.#option('interface');
    if (name === undefined) return undefined;
    const device = this.#process.namespaces.net.deviceByName(name);
    const address = parseIP(name);
    if (device) socket.options.boundDevice = device.ifindex;
    else if (address === undefined || typeof address !== typeof peer || socket.bind(address, 0))
      return { code: 45, text: `bind failed with errno 99: Cannot assign requested address` };
    return undefined;
  }

  *#resolve(url: Url): Blocking<Failure | { list: IP[] }> {
    for (const { name, value } of this.#parsed.options) {
      const fixed = name === 'resolve' ? /^\+?(.*?):(\d+):(.*)$/.exec(value) : undefined;
      if (fixed && (fixed[1] === url.host || fixed[1] === '*') && Number(fixed[2]) === url.port) {
        const list = (fixed[3] as string).split(',').map((text) => parseIP(text.replace(/^\[(.*)\]$/, '$1')));
        if (list.every((address) => address !== undefined)) return { list: list as IP[] };
      }
    }
    const resolved = yield* resolveName(this.#process, url.host);
    const wanted =
      typeof resolved === 'string'
        ? []
        : resolved.addresses.filter((a) => !(this.#has('ipv4') && typeof a === 'bigint') && !(this.#has('ipv6') && typeof a === 'number'));
    if (wanted.length > 0) return { list: wanted };
    const text = `Could not resolve host: ${url.host}`;
    yield* this.#note(`* ${text}\n* closing connection #${this.#connections}\n`);
    return { code: 6, text };
  }

  #body(): Uint8Array | undefined {
    const parts = this.#parsed.options
      .filter(({ name }) => name === 'data' || name === 'data-raw' || name === 'data-binary' || name === 'json')
      .map(({ value }) => value);
    return parts.length === 0 || this.#facts.redirects > 0 ? undefined : encode(parts.join('&'));
  }

  *#request(url: Url, fd: number): Blocking<Failure | undefined> {
    const body = this.#body();
    const json = this.#has('json');
    const method = this.#option('request') ?? (this.#has('head') ? 'HEAD' : body ? 'POST' : 'GET');
    this.#facts.method = method;
    const user = this.#option('user') ?? url.user;
    const headers: [string, string][] = [['Host', url.authority]];
    if (user !== undefined) headers.push(['Authorization', `Basic ${base64(encode(user.includes(':') ? user : `${user}:`))}`]);
    const agent = this.#option('user-agent') ?? `curl/${VERSION}`;
    if (agent !== '') headers.push(['User-Agent', agent]);
    headers.push(['Accept', json ? 'application/json' : '*/*']);
    const referer = this.#option('referer');
    if (referer) headers.push(['Referer', referer]);
    const own = this.#parsed.options.filter(({ name }) => name === 'header').map(({ value }) => value);
    const kept = headers.filter(
      ([name]) =>
        !own.some((line) => line.split(/[:;]/)[0]?.trim().toLowerCase() === name.toLowerCase()) ||
        (name === 'Host' && !own.some((line) => /^host:\s*\S/i.test(line)) && !own.some((line) => /^host:\s*$/i.test(line))),
    );
    const host = own.find((line) => /^host:\s*\S/i.test(line));
    if (host) kept.unshift(['Host', host.slice(5).trim()]);
    for (const line of own) {
      const match = /^([^:;]+)[:](.*)$/.exec(line);
      if (match && (match[2] as string).trim() !== '' && match[1]?.toLowerCase() !== 'host')
        kept.push([match[1] as string, (match[2] as string).trim()]);
      else if (/^[^:;]+;$/.test(line)) kept.push([line.slice(0, -1), '']);
    }
    if (body) {
      kept.push(['Content-Length', String(body.length)]);
      if (!own.some((line) => /^content-type:/i.test(line)))
        kept.push(['Content-Type', json ? 'application/json' : 'application/x-www-form-urlencoded']);
    }
    if (user !== undefined) yield* this.#note(`* Server auth using Basic with user '${user.split(':')[0]}'\n`);
    const head = `${method} ${url.target} HTTP/${this.#has('http1.0') ? '1.0' : '1.1'}\r\n${kept.map(([name, value]) => `${name}: ${value}`.trimEnd()).join('\r\n')}\r\n\r\n`;
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
    yield* this.#note(
      `${lines.map((line) => `< ${line}\n`).join('')}${follow ? '* Ignoring the response-body\n* setting size while ignoring\n' : ''}< \n`,
    );
    if (this.#has('include') || this.#has('show-headers') || this.#has('head')) {
      const failed = yield* this.#write(raw, true);
      if (failed) return end(failed);
    }
    if (this.#has('fail') && head.status >= 400) return end({ code: 22, text: `The requested URL returned error: ${head.status}` });
    const length = responseBody(head, this.#has('head') ? 'HEAD' : this.#facts.method);
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
        text: `Operation timed out after ${Math.round(this.#elapsed / MILLISECOND)} milliseconds with ${this.#facts.size} bytes received`,
      };
    }
    return { code: 56, text: `Recv failure: ${errorText(error)}` };
  }

  /** To -o, -O or standard output. */
  *#write(bytes: Uint8Array, _head: boolean): Blocking<Failure | undefined> {
    const path = this.#path();
    const broken = { code: 23, text: `client returned ERROR on write of ${bytes.length} bytes` };
    if (path === undefined) return (yield* this.#process.write(1, bytes)) ? broken : undefined;
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
