import { formatIP, type IP } from '../../base/address.ts';
import { concat, decode, encode } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import { openStreamSocket } from '../../host/inet-socket.ts';
import { RegularFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type BodyLength, headerValue, type HttpResponseHead, parseResponseHead, responseBody } from '../../wire/http.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { base64, parseUrl, resolveUrl, type Url } from '../http/url.ts';
import { FIDELITY } from '../command.ts';
import type { OptionSpec } from '../getopt.ts';
import { HttpConnection } from '../http/connection.ts';
import { resolveName } from '../name-resolution.ts';
import { stat } from '../tool/filesystem.ts';
import { appletProgram, Die, letters, options, ShowUsage } from './failure.ts';

/** busybox's wget over HTTP (networking/wget.c). FTP and TLS are not modelled. */
export const wget = appletProgram('wget', (process, args) => new Wget(process, args).run());

const SPECS: readonly OptionSpec[] = [
  ...letters('cqSO:o:P:U:T:Y:t:'),
  { name: 'n', short: 'n', argument: 'optional' },
  { name: 'spider', long: 'spider' },
  { name: 'q', long: 'quiet' },
  { name: 'S', long: 'server-response' },
  { name: 'c', long: 'continue' },
  { name: 'no-check-certificate', long: 'no-check-certificate' },
  ...(
    [
      ['O', 'output-document'],
      ['o', 'output-file'],
      ['P', 'directory-prefix'],
      ['U', 'user-agent'],
      ['T', 'timeout'],
      ['t', 'tries'],
      ['Y', 'proxy'],
      ['header', 'header'],
      ['post-data', 'post-data'],
      ['post-file', 'post-file'],
    ] as const
  ).map(([name, long]) => ({ name, long, argument: 'required' as const })),
];

/** Seconds without a byte. */
const DEFAULT_TIMEOUT = 900;
const MAX_REDIRECTS = 5;

class Wget {
  readonly #process: Process;
  readonly #given: { name: string; value: string }[];
  readonly #urls: string[];
  readonly #timeout: number;
  readonly #quiet: boolean;

  constructor(process: Process, args: readonly string[]) {
    const { options: given, operands } = options(SPECS, args);
    if (operands.length === 0) throw new ShowUsage();
    this.#process = process;
    this.#given = given;
    this.#urls = operands;
    this.#quiet = this.#has('q');
    const timeout = this.#value('T') ?? String(DEFAULT_TIMEOUT);
    if (!/^\d+$/.test(timeout)) throw new Die(`invalid number '${timeout}'`);
    this.#timeout = Number(timeout) || DEFAULT_TIMEOUT;
  }

  #has(name: string): boolean {
    return this.#given.some((option) => option.name === name);
  }

  #value(name: string): string | undefined {
    return this.#given.findLast((option) => option.name === name)?.value;
  }

  *#tell(text: string): Blocking<void> {
    if (!this.#quiet) yield* this.#process.write(2, `${text}\n`);
  }

  *run(): Blocking<number> {
    const log = this.#value('o');
    if (log !== undefined && log !== '-') {
      const fd = this.#process.open(log, { write: true, create: true, truncate: true }, 2);
      if (typeof fd === 'string') throw new Die(`can't open '${log}': ${strerror(fd)}`);
    }
    for (const url of this.#urls) yield* this.#download(url);
    return 0;
  }

  *#download(given: string): Blocking<void> {
    let text = given;
    yield* this.#readBody();
    for (let redirects = 0; ; redirects++) {
      const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? 'http';
      if (scheme === 'https' || scheme === 'ftp') throw new Die(`${scheme} is not modelled (${FIDELITY})`);
      const url = parseUrl(text);
      if (scheme !== 'http' || 'error' in url) throw new Die(`not an http or ftp url: ${text}`);
      if (redirects === 0 && this.#has('c')) this.#openExisting(this.#outputName(url, given));
      const location = yield* this.#fetch(url, given);
      if (location === undefined) return;
      if (redirects >= MAX_REDIRECTS) throw new Die('too many redirections');
      text = resolveUrl(url, location);
    }
  }

  /** @returns where to go on */
  *#fetch(url: Url, given: string): Blocking<string | undefined> {
    const resolved = yield* resolveName(this.#process, url.host);
    if (typeof resolved === 'string') throw new Die(`bad address '${url.host}'`);
    const address = resolved.addresses[0] as IP;
    const shown = typeof address === 'bigint' ? `[${formatIP(address)}]` : formatIP(address);
    yield* this.#tell(`Connecting to ${url.authority} (${shown}:${url.port})`);
    const socket = openStreamSocket(this.#process, typeof address === 'bigint' ? 6 : 4);
    const fd = this.#process.install(socket);
    try {
      const until = this.#process.host.now + this.#timeout * SECOND;
      const failed = yield* socket.connect(address, url.port, until);
      if (failed === 'EINPROGRESS') throw new Die('download timed out');
      if (failed) throw new Die(`can't connect to remote host (${formatIP(address)}): ${strerror(failed)}`);
      this.#process.onSignal('SIGPIPE', 'ignore');
      yield* this.#process.write(fd, this.#request(url));
      return yield* this.#receive(new HttpConnection(socket), url, given);
    } finally {
      this.#process.close(fd);
    }
  }

  /** What --post-data or --post-file sends. */
  #body: Uint8Array | undefined;

  *#readBody(): Blocking<void> {
    const data = this.#value('post-data');
    const file = this.#value('post-file');
    if (data !== undefined) this.#body = encode(data);
    if (file === undefined) return;
    const bytes = yield* this.#process.readFile(file);
    if (typeof bytes === 'string') throw new Die(`can't open '${file}': ${strerror(bytes)}`);
    this.#body = bytes;
  }

  #request(url: Url): Uint8Array {
    const own = this.#given.filter(({ name }) => name === 'header').map(({ value }) => value);
    const has = (name: string) => own.some((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    const body = this.#body;
    const method = body !== undefined ? 'POST' : this.#has('spider') ? 'HEAD' : 'GET';
    const lines = [`${method} ${url.target} HTTP/1.1`];
    if (!has('Host')) lines.push(`Host: ${url.authority}`);
    if (!has('User-Agent')) lines.push(`User-Agent: ${this.#value('U') ?? 'Wget'}`);
    lines.push('Connection: close');
    if (url.user !== undefined && !has('Authorization')) lines.push(`Authorization: Basic ${base64(encode(url.user))}`);
    if (this.#resumed > 0) lines.push(`Range: bytes=${this.#resumed}-`);
    lines.push(...own);
    if (body !== undefined && !has('Content-Type')) lines.push('Content-Type: application/x-www-form-urlencoded');
    if (body !== undefined) lines.push(`Content-Length: ${body.length}`);
    return concat([encode(`${lines.join('\r\n')}\r\n\r\n`), body ?? new Uint8Array(0)]);
  }

  *#receive(connection: HttpConnection, url: Url, given: string): Blocking<string | undefined> {
    const bytes = yield* connection.head(this.#process.host.now + this.#timeout * SECOND);
    if (bytes === 'ETIMEDOUT') throw new Die('download timed out');
    if (bytes === undefined) throw new Die('error getting response');
    if (typeof bytes === 'string') throw new Die(`error getting response: ${strerror(bytes)}`);
    const head = parseResponseHead(bytes, 0, bytes.length);
    if (isWireError(head)) throw new Die('error getting response');
    const line = `${head.version} ${head.status}${head.reason === '' ? '' : ` ${head.reason}`}`;
    const failed = head.status >= 400 || (head.status >= 300 && headerValue(head.headers, 'Location') === undefined);
    if (this.#has('S')) {
      const fields = failed ? [] : decode(bytes).split(/\r?\n/).slice(1, -1);
      yield* this.#process.write(2, [line, ...fields].map((text) => `  ${text}\n`).join(''));
    }
    const location = headerValue(head.headers, 'Location');
    if (head.status >= 300 && head.status < 400 && location !== undefined) return location;
    if (failed) throw new Die(`server returned error: ${line}`);
    if (this.#has('spider')) yield* this.#tell('remote file exists');
    else yield* this.#save(connection, head, url, given);
    return undefined;
  }

  *#save(connection: HttpConnection, head: HttpResponseHead, url: Url, given: string): Blocking<void> {
    const length = responseBody(head, 'GET');
    if (isWireError(length)) throw new Die('error getting response');
    const name = this.#outputName(url, given);
    if (this.#resumed > 0 && head.status !== 206) {
      yield* this.#process.write(2, 'wget: restart failed\n');
      this.#resumed = 0;
    }
    const out = this.#openOutput(name);
    yield* this.#tell(name === '-' ? 'writing to stdout' : `saving to '${name}'`);
    const total = yield* this.#copy(connection, length, out);
    // A log has no bar.
    if (!this.#has('o')) yield* this.#tell(progress(name.slice(name.lastIndexOf('/') + 1), this.#resumed + total));
    yield* this.#tell(name === '-' ? 'written to stdout' : `'${name}' saved`);
    if (out !== 1) this.#process.close(out);
  }

  /** How much of the file was there already (-c). */
  #resumed = 0;
  #existed = false;

  #openExisting(name: string): void {
    const inode = name === '-' ? undefined : stat(this.#process, name);
    this.#existed = inode instanceof RegularFile;
    this.#resumed = inode instanceof RegularFile ? inode.size : 0;
  }

  #outputName(url: Url, given: string): string {
    const named = this.#value('O');
    if (named !== undefined) return named;
    const path = (given.includes('://') ? url.target : given.replace(/^[^/]*/, '')).replace(/[?#].*$/, '');
    const base = path.slice(path.lastIndexOf('/') + 1) || 'index.html';
    const directory = this.#value('P');
    return directory === undefined ? base : `${directory.replace(/\/$/, '')}/${base}`;
  }

  #openOutput(name: string): number {
    if (name === '-') return 1;
    // Without -O nothing is written over.
    const exclusive = this.#value('O') === undefined && !this.#existed;
    const keep = this.#resumed > 0;
    const fd = this.#process.open(name, { write: true, create: true, exclusive, ...(keep ? { append: true } : { truncate: true }) });
    if (typeof fd === 'string') throw new Die(`can't open '${name}': ${strerror(fd)}`);
    return fd;
  }

  *#copy(connection: HttpConnection, length: BodyLength, out: number): Blocking<number> {
    const process = this.#process;
    let total = 0;
    function* write(bytes: Uint8Array): Blocking<Errno | undefined> {
      total += bytes.length;
      return yield* process.write(out, bytes);
    }
    const missing = yield* connection.body(length, write, process.host.now + this.#timeout * SECOND);
    if (missing === 'ETIMEDOUT') throw new Die('download timed out');
    if (typeof missing === 'string') throw new Die(`read error: ${strerror(missing)}`);
    if (missing > 0) throw new Die('connection closed prematurely');
    return total;
  }
}

/** The last line of the bar (libbb/progress.c), for a file that came at once. */
function progress(name: string, total: number): string {
  return `${name.slice(0, 20).padEnd(20)} 100% |${'*'.repeat(32)}| ${shortSize(total)}  0:00:00 ETA`;
}

/** Five characters: all digits up to 99999, else with a unit (smart_ulltoa5). */
function shortSize(bytes: number): string {
  if (bytes <= 99_999) return String(bytes).padStart(5);
  let value = bytes;
  let unit = 0;
  for (; value >= 10_000; unit++) value /= 1024;
  const letter = 'kMGTPEZY'[unit - 1] as string;
  const text = value >= 100 ? String(Math.floor(value)) : (Math.floor(value * 10) / 10).toFixed(1);
  return `${text}${letter}`.padStart(5);
}
